//! Forgetting: snapshots that no ref names any more are gone for good, with every byte that only they had.
//!
//! git never drops what stands in the packs of a code store, so the packs are written anew: one with what the refs reach, and then the others
//! are removed. Before that go the stat caches, which would take for kept what no longer is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use super::keeper;
use super::store::{CodeStore, Held};
use super::trees::Kept;
use super::{Error, names};
use crate::disk::durable;
use crate::git::Base;
use crate::git::identity::{TOOL, render};
use crate::git::object::{Deflater, Kind, object_id};
use crate::git::pack::writer::{Compressed, Pack};
use crate::git::refs::transaction::Edit;
use crate::git::tree::{FOLDER_MODE, RawEntry, render_raw};
use crate::model::ObjectId;
use crate::model::code::{LeftOut, Reason, TurnKey};

/// What stands among the notes of roots while something is being forgotten.
const UNFINISHED: &str = "forgetting";

/// With more packs than that, they are merged.
const MANY: usize = 50;
/// So many deltas at most are applied to read an object.
const DEEPEST: u8 = 30;

/// What is to be forgotten.
#[derive(Clone)]
#[non_exhaustive]
pub enum Forgotten<'a> {
    /// The snapshots of some turns.
    Turns(&'a dyn Fn(&TurnKey) -> bool),
    /// A path below the root, and all below it, in every snapshot.
    Path(Vec<u8>),
    /// What was taken before a time, in seconds since 1970. The newest of each root stays, and so do those of the turns that are spared.
    Before {
        /// The time.
        time: i64,
        /// Whether a turn's snapshots stay.
        spared: &'a dyn Fn(&TurnKey) -> bool,
    },
    /// All of it.
    All,
}

/// What forgetting came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Freed {
    /// How many refs of snapshots are gone.
    pub snapshots: usize,
    /// How many snapshots lost a path.
    pub changed: usize,
    /// How many bytes the store has less.
    pub bytes: u64,
    /// Whether a forgetting was finished that had been ended half way.
    pub is_finished: bool,
}

impl std::ops::AddAssign for Freed {
    fn add_assign(&mut self, other: Self) {
        self.snapshots += other.snapshots;
        self.changed += other.changed;
        self.bytes += other.bytes;
        self.is_finished |= other.is_finished;
    }
}

impl CodeStore {
    /// Forgets.
    ///
    /// # Errors
    /// When something can't be read or written. What is named stays whole then, whatever else is gone.
    pub fn forget(&self, what: &Forgotten<'_>) -> Result<Freed, Error> {
        let held = self.hold()?;
        let before = self.size();
        let mut freed = Freed::default();
        let named = self.named()?;
        // One that was killed is finished by the next.
        let (unfinished, begun) = (self.notes().join(UNFINISHED), self.is_unfinished());
        durable::replace(&unfinished, b"").map_err(Error::io("write", &unfinished))?;
        match what {
            Forgotten::Path(path) => freed.changed = self.forget_path(&named, path)?,
            what => freed.snapshots = self.drop_refs(&named, what)?,
        }
        freed.is_finished = begun;
        if begun || freed.snapshots > 0 || freed.changed > 0 {
            self.rewrite(&held)?;
        }
        self.remove_leftovers(&held);
        durable::remove_file(&unfinished).map_err(Error::io("remove", &unfinished))?;
        freed.bytes = before.saturating_sub(self.size());
        Ok(freed)
    }

    /// Merges the packs, and drops what no ref reaches. Gives how many bytes the store has less.
    ///
    /// # Errors
    /// As [`CodeStore::forget`].
    pub fn merge(&self) -> Result<u64, Error> {
        let held = self.hold()?;
        let before = self.size();
        if !self.odb.packs_now()?.all().is_empty() {
            self.rewrite(&held)?;
        }
        self.remove_leftovers(&held);
        Ok(before.saturating_sub(self.size()))
    }

    fn is_unfinished(&self) -> bool {
        self.notes().join(UNFINISHED).exists()
    }

    /// Whether there are so many packs that merging them is worth it.
    pub fn is_scattered(&self) -> bool {
        self.is_unfinished() || self.odb.packs_now().is_ok_and(|packs| packs.all().len() > MANY)
    }

    fn drop_refs(&self, named: &BTreeMap<String, ObjectId>, what: &Forgotten<'_>) -> Result<usize, Error> {
        let newest = self.newest_of_each_root(named);
        let is_meant = |name: &str, commit: ObjectId| match what {
            Forgotten::All => true,
            Forgotten::Turns(is_meant) => names::parse(name).is_some_and(|(key, _)| is_meant(&key)),
            Forgotten::Before { time, spared } => {
                !newest.contains(&commit)
                    && !names::parse(name).is_some_and(|(key, _)| spared(&key))
                    && self.snapshot(commit).is_ok_and(|kept| kept.at < *time)
            }
            Forgotten::Path(_) => false,
        };
        let dropped: Vec<Edit> = named
            .iter()
            .filter(|(name, commit)| is_meant(name, **commit))
            .map(|(name, commit)| Edit { name: name.clone(), from: Some(*commit), to: None, note: None })
            .collect();
        self.move_refs(&dropped)?;
        Ok(dropped.len())
    }

    fn newest_of_each_root(&self, named: &BTreeMap<String, ObjectId>) -> HashSet<ObjectId> {
        let mut newest: HashMap<Vec<u8>, Kept> = HashMap::new();
        // What a folder was to be has not all of its bytes here.
        let taken = named.iter().filter(|(name, _)| !name.starts_with(names::UNDO) || names::order(name).is_some());
        let commits: HashSet<ObjectId> = taken.map(|(_, commit)| *commit).collect();
        for kept in commits.into_iter().filter_map(|commit| self.snapshot(commit).ok()) {
            let known = newest.entry(kept.snapshot.root.clone()).or_insert_with(|| kept.clone());
            if kept.at > known.at {
                *known = kept;
            }
        }
        newest.into_values().map(|kept| kept.commit).collect()
    }

    /// Has every snapshot be one without a path. Gives how many had it.
    fn forget_path(&self, named: &BTreeMap<String, ObjectId>, path: &[u8]) -> Result<usize, Error> {
        let mut pack = Pack::create(&self.odb.pack_folder()).map_err(Error::io("write into", self.path()))?;
        let mut without: HashMap<ObjectId, Option<ObjectId>> = HashMap::new();
        for commit in named.values() {
            if !without.contains_key(commit) {
                let new = self.commit_without(*commit, path, &mut pack)?;
                without.insert(*commit, new);
            }
        }
        keeper::finish(pack).map_err(Error::io("write into", self.path()))?;
        let moved = named.iter().filter_map(|(name, commit)| {
            let to = without.get(commit).copied().flatten()?;
            Some(Edit { name: name.clone(), from: Some(*commit), to: Some(to), note: None })
        });
        let moved: Vec<Edit> = moved.collect();
        self.move_refs(&moved)?;
        Ok(without.values().flatten().count())
    }

    fn commit_without(&self, commit: ObjectId, path: &[u8], pack: &mut Pack) -> Result<Option<ObjectId>, Error> {
        let mut kept = self.snapshot(commit)?;
        let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).collect();
        let Some(tree) = self.tree_without(kept.tree, &names, pack)? else { return Ok(None) };
        let tree = match tree {
            Some(tree) => tree,
            None => add(pack, Kind::Tree, &[])?,
        };
        let mut left = std::mem::take(&mut kept.snapshot.left_out);
        left.push(LeftOut { path: path.to_vec(), bytes: 0, reason: Reason::Forgotten });
        kept.snapshot.left_out_counts.clear();
        kept.snapshot.leave_out(left);
        kept.snapshot.closed.retain(|(closed, _)| !is_below(closed, path));
        kept.snapshot.root.clone_from(&kept.written);
        let who = render(TOOL, kept.at);
        let text = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\n{}", kept.snapshot.render());
        add(pack, Kind::Commit, text.as_bytes()).map(Some)
    }

    /// A tree without a path: `None` if it has none such, and no tree where nothing else is in it.
    #[allow(clippy::option_option, reason = "that nothing changed is not that nothing is left")]
    fn tree_without(&self, tree: ObjectId, path: &[&[u8]], pack: &mut Pack) -> Result<Option<Option<ObjectId>>, Error> {
        let Some((name, below)) = path.split_first() else { return Ok(None) };
        let mut entries = self.entries(tree)?;
        let Some(at) = entries.iter().position(|entry| entry.name == *name) else { return Ok(None) };
        let new = match below {
            [] => None,
            _ if entries[at].mode != FOLDER_MODE => return Ok(None),
            below => match self.tree_without(entries[at].id, below, pack)? {
                None => return Ok(None),
                Some(new) => new,
            },
        };
        match new {
            Some(id) => entries[at].id = id,
            None => drop(entries.remove(at)),
        }
        if entries.is_empty() {
            return Ok(Some(None));
        }
        add(pack, Kind::Tree, &render_raw(&mut entries)).map(|id| Some(Some(id)))
    }

    /// Writes one pack with all that the refs reach, and removes the others.
    fn rewrite(&self, _: &Held) -> Result<(), Error> {
        self.check_room_to_rewrite()?;
        let io = |doing| Error::io::<std::io::Error>(doing, self.path());
        let old = self.pack_files();
        let caches = fs::read_dir(self.notes()).into_iter().flatten().flatten().map(|entry| entry.path());
        let caches = caches.filter(|path| path.extension().is_some_and(|is| is == "stat" || is == "light"));
        caches.into_iter().try_for_each(|path| durable::remove_file(&path)).map_err(io("tidy up"))?;
        let pack = Rewriting::new(self).map_err(io("write into"))?.all()?;
        let new = pack.finish_with(|place| {
            durable::replace(&place.with_extension("promisor"), b"")?;
            Ok(place.to_owned())
        });
        let new = new.map_err(io("write into"))?.map(|(place, _)| place);
        let is_old = |path: &&PathBuf| new.as_ref().is_none_or(|new| path.file_stem() != new.file_stem());
        // The index goes first: without it, git does not see the pack.
        let (indexes, others): (Vec<&PathBuf>, Vec<&PathBuf>) =
            old.iter().filter(is_old).partition(|path| path.extension().is_some_and(|extension| extension == "idx"));
        indexes.into_iter().chain(others).try_for_each(|path| durable::remove_file(path)).map_err(io("tidy up"))?;
        self.odb.remove_loose(&self.odb.loose_ids()?)?;
        self.odb.reopen_packs()?;
        self.pack_refs()
    }

    fn pack_files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.odb.pack_folder()).into_iter().flatten().flatten();
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            name.is_some_and(|name| name.starts_with("pack-") || name.starts_with("multi-pack-index"))
        };
        entries.map(|entry| entry.path()).filter(is_ours).collect()
    }
}

/// A pack that gets what refs reach: each file as a delta of what it was before, where that is shorter.
struct Rewriting<'s> {
    store: &'s CodeStore,
    pack: Pack,
    deflater: Deflater,
    /// The object that was written last for a path.
    last: HashMap<Vec<u8>, ObjectId>,
}

impl<'s> Rewriting<'s> {
    fn new(store: &'s CodeStore) -> std::io::Result<Self> {
        let pack = Pack::create(&store.odb.pack_folder())?;
        Ok(Self { store, pack, deflater: Deflater::default(), last: HashMap::new() })
    }

    fn all(mut self) -> Result<Pack, Error> {
        let mut kept = Vec::new();
        let commits: HashSet<ObjectId> = self.store.named()?.into_values().collect();
        for commit in commits {
            kept.push(self.store.snapshot(commit)?);
        }
        kept.sort_by_key(|kept| (kept.at, kept.commit));
        for kept in &kept {
            let bytes = self.store.odb.read(Kind::Commit, kept.commit)?;
            self.put(Kind::Commit, b"", kept.commit, &bytes)?;
            self.tree(b"/", kept.tree)?;
        }
        Ok(self.pack)
    }

    fn tree(&mut self, path: &[u8], tree: ObjectId) -> Result<(), Error> {
        if self.pack.depth(tree).is_some() {
            return Ok(());
        }
        let bytes = self.store.odb.read(Kind::Tree, tree)?;
        self.put(Kind::Tree, path, tree, &bytes)?;
        for RawEntry { mode, name, id } in self.store.entries(tree)? {
            let path = [path, &name].concat();
            if mode == FOLDER_MODE {
                self.tree(&[&path[..], b"/"].concat(), id)?;
            } else if self.pack.depth(id).is_none() {
                // What is in no pack of the store is borrowed.
                let read = self.store.odb.read(Kind::Blob, id);
                match read {
                    Err(crate::git::Error::Lost(_)) => {}
                    read => self.put(Kind::Blob, &path, id, &read?)?,
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, kind: Kind, path: &[u8], id: ObjectId, bytes: &[u8]) -> Result<(), Error> {
        let failed = || Error::io("write into", self.store.path());
        let base = self.last.insert(path.to_vec(), id).filter(|_| kind != Kind::Commit);
        let base = base.filter(|base| self.pack.depth(*base).is_some_and(|depth| depth < DEEPEST));
        let base = base.map(|base| self.pack.read(base)).transpose().map_err(failed())?.flatten().zip(base);
        let delta = base.filter(|((was, _), _)| *was == kind).and_then(|((_, before), base)| {
            let delta = Base::new(before).delta(bytes)?;
            Some(Compressed::delta(kind, base, &delta, &mut self.deflater))
        });
        let object = delta.unwrap_or_else(|| Compressed::whole(kind, bytes, &mut self.deflater));
        self.pack.add(id, &object).map_err(failed()).map(drop)
    }
}

fn add(pack: &mut Pack, kind: Kind, bytes: &[u8]) -> Result<ObjectId, Error> {
    let id = object_id(kind, bytes);
    if pack.depth(id).is_none() {
        let written = pack.add(id, &Compressed::whole(kind, bytes, &mut Deflater::default()));
        written.map_err(Error::io("write", std::path::Path::new("a pack")))?;
    }
    Ok(id)
}

fn is_below(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}
