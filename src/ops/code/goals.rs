//! What is wanted of each path so that a folder is as it was at a turn: what the turns after it changed is put back, or some paths are made
//! exactly what they were.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::after_turn::{Side, TurnSides, TurnsAfter};
use super::between::between;
use super::restore_error::RestoreError;
use super::span::Span;
use crate::code::{Changed, CodeStore, Kept};
use crate::model::SessionId;
use crate::model::code::{Goal, Left, Spared, TurnKey, Version, lies_in, quoted};
use crate::ops::{Error, Workspace};

/// What is wanted.
#[derive(Default)]
pub(super) struct Goals {
    pub goals: BTreeMap<Vec<u8>, Goal>,
    /// What is left as it is, whatever stands there.
    pub spared: BTreeMap<Vec<u8>, Spared>,
    /// Where something goes if it was hidden from the snapshot in which it is missing: why it is left then.
    pub hidden: BTreeMap<Vec<u8>, Spared>,
    /// The permissions of files that not everybody may read.
    pub closed: BTreeMap<Vec<u8>, u32>,
    /// Files that somebody else changed as well, between two of the turns.
    pub between: BTreeSet<Vec<u8>>,
    /// Files that go back, but not what a turn did that another session, or a person, may have done.
    pub partly: BTreeSet<Vec<u8>>,
    /// What files were since the turns left them, before restores made others of them. One that was stopped did not reach all.
    states: BTreeMap<Vec<u8>, Vec<Left>>,
    /// What restores made of files since the turns, and was not taken back.
    standing: BTreeMap<Vec<u8>, Vec<Standing>>,
    /// Whether what is expected is what a restore itself wrote: that may go again, also where no snapshot takes it up.
    pub is_undo: bool,
}

/// The code stores, and what is in them.
pub(super) struct Kepts<'a> {
    pub stores: &'a [CodeStore],
    pub root: &'a Path,
    /// The folder as it is.
    pub now: &'a Side,
}

impl Kepts<'_> {
    /// What is different between two snapshots.
    fn difference(&self, (one, old): &Side, (other, new): &Side) -> Result<Vec<Changed>, Error> {
        between((&self.stores[*one], old), (&self.stores[*other], new))
    }

    /// What was put back in the root since a time, the oldest first.
    fn restores_since(&self, time: i64) -> Result<Vec<Restored>, Error> {
        let mut restores = Vec::new();
        for (at, store) in self.stores.iter().enumerate() {
            let backs = store.went_back(self.root.as_os_str().as_bytes())?.into_iter();
            let since = backs.filter(|back| back.before.at >= time);
            restores.extend(since.map(|back| Restored { before: (at, back.before), after: (at, back.after) }));
        }
        // They come the newest first, and so stay those of one second.
        restores.sort_by_key(|restore| std::cmp::Reverse(restore.before.1.at));
        restores.reverse();
        Ok(restores)
    }
}

/// What a restore changed.
struct Restored {
    before: Side,
    after: Side,
}

impl Restored {
    /// Whether it was before a turn that took this time.
    fn is_before(&self, (started, ended): (i64, i64)) -> bool {
        let at = self.before.1.at;
        at <= started && at < ended
    }
}

impl Workspace {
    /// What is wanted so that what the turns changed is taken back.
    pub(super) fn goals_of_turns(
        &self,
        session: SessionId,
        after: &TurnsAfter,
        kepts: &Kepts<'_>,
    ) -> Result<Goals, Error> {
        let mut restores = kepts.restores_since(after.since)?.into_iter().peekable();
        let wanted = match (restores.peek(), &after.wanted) {
            (Some(_), Some((at, kept))) => kepts.stores[*at].files(kept.tree)?,
            _ => BTreeMap::new(),
        };
        let is_known = |path: &[u8]| after.wanted.as_ref().is_some_and(|(_, kept)| !kept.snapshot.is_beside(path));
        let is_wanted = |change: &Changed| is_known(&change.path) && wanted.get(&change.path).copied() == change.old;
        let mut own: BTreeSet<Vec<u8>> = match restores.peek() {
            Some(_) => {
                let earlier = self.turns_before(session, after, kepts.stores, kepts.root)?;
                let changes = self.changes_of(session, (&earlier, &after.known), kepts)?;
                changes.into_iter().flat_map(|turn| turn.sure).map(|change| change.path).collect()
            }
            None => BTreeSet::new(),
        };
        let mut goals = Goals::default();
        let changes = self.changes_of(session, (&after.turns, &after.known), kepts)?;
        for (turn, Changes { sure, unsure }) in after.turns.iter().zip(changes) {
            // A session that works in a folder keeps others from putting files back there.
            while let Some(restore) = restores.next_if(|restore| restore.is_before(turn.time)) {
                goals.follow(restore, &|change| own.contains(&change.path) && is_wanted(change), kepts)?;
            }
            goals.spared.extend(unsure.into_iter().map(|path| (path, Spared::Unsure)));
            own.extend(sure.iter().map(|change| change.path.clone()));
            let (before, _) = turn.pair(kepts.now);
            let new = sure.into_iter().filter_map(|change| goals.add(change, &before.1)).collect();
            goals.hide(kepts, before, new);
        }
        let was_wanted = |change: &Changed| own.contains(&change.path) && is_wanted(change);
        restores.try_for_each(|restore| goals.follow(restore, &was_wanted, kepts))?;
        goals.settle(kepts)?;
        // What one turn surely changed is wanted, whoever may have changed it in another: what that did stays.
        goals.partly = goals.spared.keys().filter(|path| goals.goals.contains_key(*path)).cloned().collect();
        goals.spared.retain(|path, _| !goals.goals.contains_key(path));
        Ok(goals)
    }

    /// What turns changed, each for itself.
    fn changes_of(
        &self,
        session: SessionId,
        (turns, known): (&[TurnSides], &HashSet<TurnKey>),
        kepts: &Kepts<'_>,
    ) -> Result<Vec<Changes>, Error> {
        let span = |turn: &TurnSides| {
            let span = Span::of(turn.time, Some(&turn.before.1), turn.after.as_ref().map(|(_, kept)| kept));
            span.in_session(turn.point.message.session)
        };
        let spans: Vec<Span> = turns.iter().map(span).collect();
        let root = kepts.root.as_os_str().as_bytes();
        let overlapped = self.overlapped(session, (&spans, known), kepts.stores, root)?;
        let changes = turns.iter().enumerate().map(|(at, turn)| {
            let (old, new) = turn.pair(kepts.now);
            let doubtful = Doubtful::of(turn, overlapped.contains(&at), kepts)?;
            let named = match doubtful {
                Doubtful::None => BTreeSet::new(),
                _ => self.named_by_patches(&turn.point, kepts.root)?,
            };
            let is_sure = |change: &Changed| !doubtful.is(&change.path) || named.contains(&change.path);
            let (sure, unsure): (Vec<_>, Vec<_>) = kepts.difference(old, new)?.into_iter().partition(is_sure);
            Ok(Changes { sure, unsure: unsure.into_iter().map(|change| change.path).collect() })
        });
        changes.collect()
    }
}

/// What a restore made of a file.
struct Standing {
    old: Left,
    new: Left,
    /// What was expected before it.
    expected: Option<Left>,
}

/// What a turn changed.
struct Changes {
    /// What it changed itself.
    sure: Vec<Changed>,
    /// The paths of what can be another's doing.
    unsure: Vec<Vec<u8>>,
}

/// Which of a turn's changes can be another's.
enum Doubtful {
    None,
    All,
    These(HashSet<Vec<u8>>),
}

impl Doubtful {
    fn of(turn: &TurnSides, is_overlapped: bool, kepts: &Kepts<'_>) -> Result<Self, Error> {
        if is_overlapped || turn.is_shared {
            return Ok(Self::All);
        }
        let Some(instead) = &turn.instead else { return Ok(Self::None) };
        // What is another already in the torn snapshot was changed by a person before the turn, or by the turn.
        let torn = kepts.difference(instead, &turn.before)?;
        Ok(Self::These(torn.into_iter().map(|changed| changed.path).collect()))
    }

    fn is(&self, path: &[u8]) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::These(paths) => paths.contains(path),
        }
    }
}

impl Goals {
    /// Takes a turn's change into account: the first says what is wanted, the last what is expected. Gives the path if it is new with that turn.
    fn add(&mut self, Changed { path, old, new }: Changed, before: &Kept) -> Option<Vec<u8>> {
        if let Some(goal) = self.goals.get_mut(&path) {
            let states = self.states.remove(&path).unwrap_or_default();
            self.standing.remove(&path);
            if goal.expected != Some(old) && !states.contains(&old) {
                self.between.insert(path);
            }
            goal.expected = Some(new);
            return None;
        }
        self.note_closed(&path, before);
        self.goals.insert(path.clone(), Goal { want: old, expected: Some(new) });
        old.is_none().then_some(path)
    }

    /// Notes of paths that a snapshot lacks which of them may have been there all the same.
    fn hide(&mut self, kepts: &Kepts<'_>, (at, before): &Side, new: Vec<Vec<u8>>) {
        if new.is_empty() {
            return;
        }
        let then = kepts.stores[*at].concealed(kepts.root, before);
        let now = kepts.stores[kepts.now.0].concealed(kepts.root, &kepts.now.1);
        for path in new {
            if then.is_ignored(&path) || now.is_ignored(&path) {
                self.hidden.insert(path, Spared::Ignored);
            } else if then.is_left_out(&path) {
                self.hidden.insert(path, Spared::LeftOut);
            }
        }
    }

    /// Takes what an earlier restore made of a file for what the turns left, if nobody changed it in between. Where no later turn had to do with
    /// the file, it is to be as before the restore if it `was_wanted` then: an earlier turn made it so.
    fn follow(
        &mut self,
        restore: Restored,
        was_wanted: &dyn Fn(&Changed) -> bool,
        kepts: &Kepts<'_>,
    ) -> Result<(), Error> {
        let mut new = Vec::new();
        for change in kepts.difference(&restore.before, &restore.after)? {
            match self.goals.get_mut(&change.path) {
                Some(goal) => {
                    let standing = self.standing.entry(change.path.clone()).or_default();
                    // What was taken back is as if it never was: somebody else's change, too, that it took back.
                    if let Some(undone) = standing.pop_if(|last| (last.old, last.new) == (change.new, change.old)) {
                        goal.expected = undone.expected;
                        continue;
                    }
                    standing.push(Standing { old: change.old, new: change.new, expected: goal.expected });
                    let states = self.states.entry(change.path).or_default();
                    states.extend(goal.expected);
                    // What somebody changed before the restore does not lead back to what the turns left.
                    if states.contains(&change.old) {
                        goal.expected = Some(change.new);
                    }
                }
                None if was_wanted(&change) => new.extend(self.add(change, &restore.before.1)),
                None => {}
            }
        }
        self.hide(kepts, &restore.before, new);
        Ok(())
    }

    /// Takes a file for what the turns left if it was that, and a restore that was to change it did not reach it.
    fn settle(&mut self, kepts: &Kepts<'_>) -> Result<(), Error> {
        for (path, states) in &self.states {
            let now = kepts.stores[kepts.now.0].file(kepts.now.1.tree, path)?;
            if let Some(goal) = self.goals.get_mut(path).filter(|_| states.contains(&now)) {
                goal.expected = Some(now);
            }
        }
        Ok(())
    }

    /// What is wanted so that some paths are exactly as in a snapshot; without paths, all of the root.
    pub fn of_paths(kepts: &Kepts<'_>, wanted: &Side, paths: &[Vec<u8>]) -> Result<Self, Error> {
        let mut goals = Self::default();
        let mut found: HashMap<&[u8], bool> = paths.iter().map(|path| (path.as_slice(), false)).collect();
        let (then, now) =
            (kepts.stores[wanted.0].files(wanted.1.tree)?, kepts.stores[kepts.now.0].files(kepts.now.1.tree)?);
        let is_beside = |path: &[u8]| [wanted, kepts.now].iter().any(|(_, kept)| kept.snapshot.is_beside(path));
        let is_unknown =
            |path: &&Vec<u8>| [wanted, kepts.now].iter().any(|(_, kept)| kept.snapshot.knows_nothing_of(path));
        if let Some(path) = paths.iter().find(is_unknown) {
            return Err(RestoreError::Beside(quoted(path)).into());
        }
        for path in then.keys().chain(now.keys()).filter(|path| !is_beside(path)) {
            let Some(within) = paths.iter().find(|folder| lies_in(path, folder)) else {
                if paths.is_empty() {
                    goals.want(path, &then, &wanted.1);
                }
                continue;
            };
            found.insert(within, true);
            goals.want(path, &then, &wanted.1);
        }
        let missing = found.into_iter().filter(|(path, found)| !found && !path.is_empty()).map(|(path, _)| path).min();
        if let Some(path) = missing {
            return Err(RestoreError::NoPath(quoted(path)).into());
        }
        let new = goals.goals.iter().filter(|(_, goal)| goal.want.is_none()).map(|(path, _)| path.clone()).collect();
        goals.hide(kepts, wanted, new);
        Ok(goals)
    }

    /// Takes note of the permissions that a file had, if not everybody might read it.
    fn note_closed(&mut self, path: &[u8], kept: &Kept) {
        if let Some((path, permissions)) = kept.snapshot.closed.iter().find(|(closed, _)| closed == path) {
            self.closed.insert(path.clone(), *permissions);
        }
    }

    fn want(&mut self, path: &[u8], then: &BTreeMap<Vec<u8>, Version>, wanted: &Kept) {
        self.goals.insert(path.to_vec(), Goal { want: then.get(path).copied(), expected: None });
        self.note_closed(path, wanted);
    }

    /// Whether a restore that is taken back left a file at a path.
    pub fn wrote(&self, path: &[u8], version: Version) -> bool {
        self.is_undo && self.goals.get(path).is_some_and(|goal| goal.expected == Some(Some(version)))
    }

    /// What is wanted so that what somebody went back from is there again.
    pub fn of_undo(kepts: &Kepts<'_>, before: &Side, after: &Side) -> Result<Self, Error> {
        let mut goals = Self { is_undo: true, ..Self::default() };
        for change in kepts.difference(before, after)? {
            goals.add(change, &before.1);
        }
        Ok(goals)
    }
}
