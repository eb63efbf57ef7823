//! Taking a snapshot: the look, then trees and a commit of what it found, all in one pack, and last the ref that names it.
//!
//! Order of writes: pack, index, ref, stat cache. A kill in between leaves at worst objects that no ref names, and a next look that reads
//! more files than it would have to.

use std::cell::OnceCell;
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

use super::files::Kept;
use super::ignored::{Rules, hash_of};
use super::keeper::Keeper;
use super::objects::{write_commit, write_trees};
use super::root::Root;
use super::stat_cache::StatCache;
use super::store::CodeStore;
use super::walk::{Seen, Walk};
use super::{Error, names};
use crate::git::project::Project;
use crate::git::refs::transaction::Edit;
use crate::model::ObjectId;
use crate::model::code::{Budget, CodeMoment, Exceeded, Snapshot, TurnKey};

/// What is to be looked at.
pub struct Look<'a> {
    /// The root.
    pub root: &'a Root,
    /// The folders in it that alone are looked at, where all of it is too many files; none, if then nothing is to be.
    pub parts: &'a [Vec<u8>],
    /// The turn that it is of; none, if a person asked.
    pub turn: Option<TurnKey>,
    /// The moment.
    pub moment: CodeMoment,
    /// Whether only HEAD is looked at.
    pub light: bool,
    /// What it may cost.
    pub budget: Budget,
    /// When it begins, in seconds since 1970.
    pub now: i64,
    /// Asked when all files were looked at: whether something may have changed them meanwhile.
    pub is_torn: &'a (dyn Fn() -> bool + Sync),
}

/// A snapshot that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// Its commit.
    pub commit: ObjectId,
    /// The ref that names it.
    pub name: String,
    /// What it says of itself.
    pub snapshot: Snapshot,
    /// How many bytes of files were new.
    pub new: u64,
    /// Whether all was as at the last look, so that nothing was written but the ref.
    pub unchanged: bool,
}

impl CodeStore {
    /// Takes a snapshot. `None` if the moment has one already, and that counts: the first look before a turn.
    ///
    /// # Errors
    /// When a limit was exceeded, or something can't be read or written. No ref names anything new then.
    pub fn take(&self, look: &Look<'_>) -> Result<Option<Taken>, Error> {
        let held = self.hold()?;
        let name = self.name_of(look)?;
        let before = self.refs.read(&name)?;
        if before.is_some() && look.moment == CodeMoment::Before {
            return Ok(None);
        }
        self.remove_leftovers(&held);
        let moved = (name.as_str(), before);
        let mut parts = if !look.light && self.is_wide(look.root) { look.parts } else { &[] };
        let mut taken = self.attempt(look, parts, moved);
        let is_of_all = parts.is_empty() && look.root.is_repository();
        if is_of_all && matches!(taken, Err(Error::Exceeded { exceeded: Exceeded::Files(_), .. })) {
            self.note_wide(look.root);
            if !look.parts.is_empty() {
                parts = look.parts;
                taken = self.attempt(look, parts, moved);
            }
        }
        // Before files go back there is no limit: then nothing is said of one.
        if parts.is_empty() && taken.is_ok() && !look.light && look.moment != CodeMoment::Undo {
            self.note_narrow(look.root);
        }
        self.note_outcome((look.root, parts), taken.as_ref().err());
        taken.map(Some)
    }

    /// Looks at all of a root, or at parts of it, unless that was given up.
    fn attempt(
        &self,
        look: &Look<'_>,
        parts: &[Vec<u8>],
        (name, before): (&str, Option<ObjectId>),
    ) -> Result<Taken, Error> {
        if let Some(why) = self.given_up_in(look.root, parts) {
            return Err(Error::GivenUp { root: look.root.path().to_owned(), why });
        }
        self.check_room(look.root, &look.budget)?;
        self.look((look, parts), name, before)
    }

    /// The name of a look's snapshot. For those that are of no turn it is one that nothing has: two can be asked for in one second.
    fn name_of(&self, look: &Look<'_>) -> Result<String, Error> {
        let numbered = |number| names::of(look.turn.as_ref(), look.moment, look.now, number);
        let mut number = 1;
        while look.turn.is_none() && self.refs.read(&numbered(number))?.is_some() {
            number += 1;
        }
        Ok(numbered(number))
    }

    fn look(
        &self,
        (look, parts): (&Look<'_>, &[Vec<u8>]),
        name: &str,
        before: Option<ObjectId>,
    ) -> Result<Taken, Error> {
        let began = Instant::now();
        let place = self.note_of(look.root, parts, if look.light { "light" } else { "stat" });
        let mut cache = StatCache::read(&place);
        let project = Project::open(look.root.path());
        let mut keeper = Keeper::new(&project, &self.odb)?;
        let mut snapshot = self.described(look, &keeper);
        snapshot.parts = parts.to_vec();
        let noted = (cache.rules, cache.last);
        if !look.light {
            let seen = self.walk((look, parts), &mut keeper, (&project, began), &mut cache)?;
            if let Some(exceeded) = seen.exceeded {
                return self.broken_off(look, keeper, (cache, &place), exceeded);
            }
            snapshot.files = seen.files;
            snapshot.closed = seen.closed;
            snapshot.note_rules(seen.rules);
            snapshot.leave_out(seen.left_out);
            snapshot.torn = (look.is_torn)();
        }
        snapshot.took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let write = || Error::io("write objects into", self.path());
        let is_same = cache.root.tree.is_some();
        let tree = write_trees(&mut cache.root, &mut keeper).map_err(write())?;
        // What a folder was is kept from the day on that it was asked for, not from the day that it began to be so.
        let last = cache.last.filter(|_| look.moment != CodeMoment::Undo);
        let (commit, said, unchanged) = write_commit(&mut keeper, tree, &snapshot, last, look.now).map_err(write())?;
        keeper.finish().map_err(write())?;
        if before != Some(commit) {
            let edit = Edit { name: name.to_owned(), from: before, to: Some(commit), note: None };
            self.move_refs(&[edit])?;
        }
        cache.last = Some((commit, said));
        // Where all is as the last look noted it, there is nothing to note: not even a later time, as all that it found was settled by its own.
        if !is_same || noted != (cache.rules, cache.last) {
            cache.root.each_file(&mut |file| file.kept = settled(file.kept, Kept::Yes));
            self.note(&cache, &place);
        }
        Ok(Taken { commit, name: name.to_owned(), snapshot, new: keeper.new, unchanged })
    }

    fn described(&self, look: &Look<'_>, keeper: &Keeper<'_>) -> Snapshot {
        let mut snapshot =
            Snapshot::of(look.root.path().as_os_str().as_bytes().to_vec(), look.turn.clone(), look.moment);
        let head = keeper.head.head();
        (snapshot.head, snapshot.branch, snapshot.light) = (head.commit, head.branch.clone(), look.light);
        snapshot
    }

    /// Looks at all files; `cache` holds what it found then.
    fn walk<'p>(
        &self,
        (look, parts): (&Look<'_>, &[Vec<u8>]),
        keeper: &mut Keeper<'p>,
        (project, began): (&'p Project, Instant),
        cache: &mut StatCache,
    ) -> Result<Seen, Error> {
        let rules = self.rules_of(project);
        let hash = hash_of(&rules);
        let mut walk = Walk {
            keeper,
            project,
            root: look.root,
            budget: &look.budget,
            began,
            looked: cache.looked,
            same_rules: cache.rules == hash,
            tracked: OnceCell::new(),
            seen: Seen::default(),
        };
        let old = std::mem::take(&mut cache.root);
        cache.root = walk.all(Rules::outside(&rules, parts), old)?;
        let mut seen = walk.seen;
        seen.rules = rules;
        cache.rules = hash;
        cache.looked = look.now.saturating_mul(1_000_000_000);
        Ok(seen)
    }

    /// A look that went over a limit: what it read in time is there for the next one, nothing else is.
    fn broken_off(
        &self,
        look: &Look<'_>,
        mut keeper: Keeper<'_>,
        (mut cache, place): (StatCache, &std::path::Path),
        exceeded: Exceeded,
    ) -> Result<Taken, Error> {
        let kept = match exceeded {
            Exceeded::Time(_) if keeper.finish().is_ok() => Kept::Yes,
            _ => {
                keeper.discard();
                Kept::No
            }
        };
        cache.root.each_file(&mut |file| file.kept = settled(file.kept, kept));
        self.note(&cache, place);
        Err(Error::Exceeded { root: look.root.path().to_owned(), exceeded })
    }

    fn note(&self, cache: &StatCache, place: &std::path::Path) {
        if let Err(error) = cache.write(place) {
            tracing::info!(%error, "the next look reads every file");
        }
    }

    /// Takes the name of a snapshot away again. What only that had is gone when the packs are written anew.
    ///
    /// # Errors
    /// When the ref can't be removed.
    pub fn unname(&self, taken: &Taken) -> Result<(), Error> {
        let edit = Edit { name: taken.name.clone(), from: Some(taken.commit), to: None, note: None };
        self.move_refs(&[edit])
    }
}

const fn settled(kept: Kept, now: Kept) -> Kept {
    match kept {
        Kept::Now => now,
        kept => kept,
    }
}
