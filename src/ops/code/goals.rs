//! What is wanted of each path so that a folder is as it was at a turn: what the turns after it changed is put back, or some paths are made
//! exactly what they were.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::after_turn::{Side, TurnSides, TurnsAfter};
use super::restore_error::RestoreError;
use crate::code::{Changed, CodeStore, Kept, WentBack};
use crate::model::SessionId;
use crate::model::code::{Goal, Spared, Version, lies_in, quoted};
use crate::ops::{Error, Workspace};

/// What is wanted.
#[derive(Default)]
pub(super) struct Goals {
    pub goals: BTreeMap<Vec<u8>, Goal>,
    /// What is left as it is, whatever stands there.
    pub spared: BTreeMap<Vec<u8>, Spared>,
    /// Where something goes if it was hidden from the snapshot in which it is missing: why it is left then.
    pub hidden: BTreeMap<Vec<u8>, Spared>,
    /// Files that nobody but their owner may read.
    pub private: BTreeSet<Vec<u8>>,
    /// Files that somebody else changed as well, between two of the turns.
    pub between: BTreeSet<Vec<u8>>,
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
    /// What is different between two snapshots; they can be in two stores, as a project gets a repository.
    fn difference(&self, (one, old): &Side, (other, new): &Side) -> Result<Vec<Changed>, Error> {
        if one == other {
            return Ok(self.stores[*one].difference(old.tree, new.tree)?);
        }
        let old = self.stores[*one].files(old.tree)?;
        let new = self.stores[*other].files(new.tree)?;
        let paths: BTreeSet<&Vec<u8>> = old.keys().chain(new.keys()).collect();
        let of = |files: &BTreeMap<Vec<u8>, Version>, path: &Vec<u8>| files.get(path).copied();
        let changed = paths.into_iter().filter(|path| of(&old, path) != of(&new, path));
        Ok(changed.map(|path| Changed { path: path.clone(), old: of(&old, path), new: of(&new, path) }).collect())
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
        let times: Vec<(i64, i64)> = after.turns.iter().map(|turn| turn.time).collect();
        let root = kepts.root.as_os_str().as_bytes();
        let overlapped = self.overlapped(session, (&times, &after.known), kepts.stores, root)?;
        let mut goals = Goals::default();
        for (at, turn) in after.turns.iter().enumerate() {
            let (old, new) = turn.pair(kepts.now);
            let changed = kepts.difference(old, new)?;
            let doubtful = Doubtful::of(turn, overlapped.contains(&at), kepts)?;
            let named = match doubtful {
                Doubtful::None => BTreeSet::new(),
                _ => self.named_by_patches(&turn.point, kepts.root)?,
            };
            let mut new = Vec::new();
            for change in changed {
                if doubtful.is(&change.path) && !named.contains(&change.path) {
                    goals.spared.entry(change.path).or_insert(Spared::Unsure);
                } else {
                    new.extend(goals.add(change, &old.1));
                }
            }
            goals.hide(kepts, old, new);
        }
        // What one turn surely changed is wanted, whoever may have changed it in another.
        goals.spared.retain(|path, _| !goals.goals.contains_key(path));
        Ok(goals)
    }
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
            if goal.expected != Some(old) {
                self.between.insert(path);
            }
            goal.expected = Some(new);
            return None;
        }
        if before.snapshot.private.contains(&path) {
            self.private.insert(path.clone());
        }
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

    /// Takes what earlier restores made of a file for what the turns left, if nobody changed it before, between or after these.
    pub fn follow_restores(&mut self, kepts: &Kepts<'_>) -> Result<(), Error> {
        let root = kepts.root.as_os_str().as_bytes();
        let now = |path: &[u8]| kepts.stores[kepts.now.0].file(kepts.now.1.tree, path);
        let mut states: BTreeMap<Vec<u8>, Option<Version>> = BTreeMap::new();
        for (path, goal) in &self.goals {
            let now = now(path)?;
            if goal.expected.is_some_and(|expected| expected != now) {
                states.insert(path.clone(), now);
            }
        }
        let mut restores: Vec<(usize, WentBack)> = Vec::new();
        for (at, store) in kepts.stores.iter().enumerate().filter(|_| !states.is_empty()) {
            restores.extend(store.went_back(root)?.into_iter().map(|back| (at, back)));
        }
        restores.sort_by_key(|(_, back)| std::cmp::Reverse(back.before.at));
        for (at, WentBack { before, after, .. }) in restores {
            for Changed { path, old, new } in kepts.difference(&(at, before), &(at, after))? {
                let Some(state) = states.get_mut(&path) else { continue };
                if *state != new {
                    // Somebody changed it after that.
                    states.remove(&path);
                    continue;
                }
                *state = old;
                if let Some(goal) = self.goals.get_mut(&path).filter(|goal| goal.expected == Some(old)) {
                    goal.expected = Some(now(&path)?);
                    states.remove(&path);
                }
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
        for path in then.keys().chain(now.keys()) {
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

    fn want(&mut self, path: &[u8], then: &BTreeMap<Vec<u8>, Version>, wanted: &Kept) {
        self.goals.insert(path.to_vec(), Goal { want: then.get(path).copied(), expected: None });
        if wanted.snapshot.private.iter().any(|private| private == path) {
            self.private.insert(path.to_vec());
        }
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
