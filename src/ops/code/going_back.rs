//! Going back in place: a snapshot of the folder as it is, a plan of what is put back, and the carrying out of it. A restore and its undo alike.
//!
//! The snapshot comes first. What it does not have is neither replaced nor removed, whatever the plan says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::after_turn::Side;
use super::bytes::Bytes;
use super::goals::Goals;
use crate::code::{AsItIs, Bounds, CodeStore, Error as CodeError, Root, Taken, Unrestored, taken_out};
use crate::model::ObjectId;
use crate::model::code::{CodeMoment, Goal, LINK, Snapshot, Spared, Standing, Step, Steps, Version};
use crate::ops::{Error, Workspace};

/// What is to be done, and what is left.
#[non_exhaustive]
pub struct GoingBack {
    /// The folder.
    pub root: PathBuf,
    /// What is done, by path.
    pub steps: BTreeMap<Vec<u8>, Step>,
    /// What is left as it is, and why.
    pub spared: BTreeMap<Vec<u8>, Spared>,
    /// Files that get what the turns changed taken back, and keep what somebody changed since.
    pub merged: BTreeSet<Vec<u8>>,
    /// Files that somebody else changed between the turns; that goes, too.
    pub between: BTreeSet<Vec<u8>>,
    /// Files that keep what a turn did in them that another session, or a person, may have done.
    pub partly: BTreeSet<Vec<u8>>,
    /// The turns that worked in another folder, and are passed over.
    pub elsewhere: Vec<u32>,
    /// Whether something may have changed files while the snapshot was taken that paths are to be as in.
    pub torn: bool,
    /// The turns that are taken back; none where paths are made what they were.
    pub turns: Vec<u32>,
    /// When the restore was that is taken back, in seconds since 1970.
    pub undoes: Option<i64>,
    /// The ref of the snapshot of the folder as it is.
    pub undo: String,
    pub(super) stores: Vec<CodeStore>,
    pub(super) start: Start,
    new: BTreeMap<ObjectId, Vec<u8>>,
    closed: BTreeMap<Vec<u8>, u32>,
}

/// What came of it.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct WentBackTo {
    /// What was done, by path.
    pub done: BTreeMap<Vec<u8>, Step>,
    /// What could not be done, and why.
    pub failed: Vec<Unrestored>,
}

/// A folder as it is.
pub(super) struct Start {
    pub root: Root,
    /// The snapshot that was taken of it.
    pub taken: Taken,
    /// The same, and in which store it is.
    pub now: Side,
    pub as_it_is: AsItIs,
}

impl Start {
    /// Takes the name of the snapshot away again: nothing is to be done.
    pub fn forget(&self, stores: &[CodeStore]) {
        if let Err(error) = stores[self.now.0].unname(&self.taken) {
            tracing::info!(%error, "a snapshot keeps its name");
        }
    }
}

impl Workspace {
    /// Takes a snapshot of a folder as it is; where that is too many files, of parts of it. Its code store is among `stores`.
    pub(super) fn start_from(
        &self,
        (root, parts): (Root, &[Vec<u8>]),
        stores: &[CodeStore],
        now: i64,
    ) -> Result<Start, Error> {
        let taken = self.snapshot_of((&root, parts), CodeMoment::Undo, now)?;
        let own = CodeStore::find(self.home(), &root)?;
        let at = stores.iter().position(|store| own.as_ref().is_some_and(|own| own.path() == store.path()));
        let at = at.ok_or_else(|| CodeError::NotACodeStore(self.home().join("code")))?;
        let now = (at, stores[at].snapshot(taken.commit)?);
        let as_it_is = stores[at].as_it_is(root.path(), &taken)?;
        Ok(Start { root, taken, now, as_it_is })
    }

    /// The root of a directory, and all code stores, of which one is the root's.
    pub(super) fn root_and_stores(&self, directory: &Path, bounds: &Bounds) -> Result<(Root, Vec<CodeStore>), Error> {
        let root = Root::of(directory, &self.bounds_of(directory, bounds))?;
        drop(CodeStore::make(self.home(), &root)?);
        Ok((root, self.code_stores()))
    }

    /// Carries out a plan. What fails is told, and the rest goes on. What was left by one who was stopped goes first.
    ///
    /// # Errors
    /// When a session works in the folder, or what is to be done can't be named first: then nothing was changed.
    pub fn go_back(&self, plan: &GoingBack, bounds: &Bounds) -> Result<WentBackTo, Error> {
        let GoingBack { steps, stores, start, new, .. } = plan;
        let (store, root, leftovers) = (&stores[start.now.0], start.root.path(), start.as_it_is.leftovers());
        if steps.is_empty() && leftovers.is_empty() {
            self.drop_plan(plan)?;
            return Ok(WentBackTo::default());
        }
        let ready = store.alone(&start.root).map_err(Error::from);
        let ready = ready.and_then(|alone| self.check_idle(&start.root, bounds).map(|()| alone));
        // Nothing was changed: what was taken for that need not be kept.
        let _alone =
            ready.inspect_err(|_| self.drop_plan(plan).unwrap_or_else(|error| tracing::info!(%error, "kept")))?;
        let bytes = Bytes::of(new, stores, start.now.0);
        let bytes = |path: &[u8], version: Version| bytes.get(path, version.1);
        // The snapshot has them, and keeps its name.
        let stays = plan.stays();
        let left = CodeStore::put_back((root, &stays), &leftovers, &bytes, &|_| None)?;
        left.iter().for_each(|left| tracing::info!(error = %left.why, "a file that was left stays"));
        if steps.is_empty() {
            return Ok(WentBackTo::default());
        }
        store.name_what_is_to_be(&start.taken, steps, new)?;
        let failed = CodeStore::put_back((root, &stays), steps, &bytes, &|path| plan.closed.get(path).copied())?;
        let mut done = steps.clone();
        done.retain(|path, _| !failed.iter().any(|failed| failed.path == *path));
        Ok(WentBackTo { done, failed })
    }

    /// Forgets a plan that is not carried out.
    ///
    /// # Errors
    /// When the snapshot's name can't be taken away.
    pub fn drop_plan(&self, plan: &GoingBack) -> Result<(), Error> {
        Ok(plan.stores[plan.start.now.0].unname(&plan.start.taken)?)
    }
}

impl GoingBack {
    /// What the snapshot of the folder as it is says of itself.
    pub fn seen(&self) -> &Snapshot {
        &self.start.now.1.snapshot
    }

    /// The folders that stay, also where they become empty: the one that somebody stands in, and what alone is looked at.
    fn stays(&self) -> Vec<Vec<u8>> {
        let parts = &self.start.now.1.snapshot.parts;
        parts.iter().chain(self.start.root.part()).cloned().collect()
    }

    /// Plans how to get to what is wanted.
    pub(super) fn of(goals: Goals, stores: Vec<CodeStore>, start: Start, merge: bool) -> Self {
        let nothing = BTreeMap::new();
        let known = Bytes::of(&nothing, &stores, start.now.0);
        let standing = |path: &[u8]| match start.as_it_is.standing(path) {
            Standing::Unkept(Some(version)) if goals.wrote(path, version) && known.get(path, version.1).is_ok() => {
                Standing::Kept(version)
            }
            standing => standing,
        };
        let mut steps = Steps::of(&goals.goals, &start.as_it_is.files, &standing);
        // What others changed between the turns is in no state that the turns left: it would go with what they changed.
        for path in goals.between.iter().filter(|_| merge) {
            if steps.steps.contains_key(path) || steps.spared.get(path) == Some(&Spared::Changed) {
                steps.spare(path, Spared::Between);
            }
        }
        let (mut new, mut merged) = (BTreeMap::new(), BTreeSet::new());
        let changed = steps.spared.iter().filter(|(_, why)| merge && **why == Spared::Changed);
        for path in changed.map(|(path, _)| path.clone()).collect::<Vec<_>>() {
            let merging = goals.goals.get(&path).and_then(|goal| merge_at(&known, &path, goal, standing(&path)));
            let Some((step, id, bytes)) = merging else { continue };
            steps.spared.remove(&path);
            if step.from != step.to {
                new.insert(id, bytes);
                merged.insert(path.clone());
                steps.steps.insert(path, step);
            }
        }
        for (path, step) in steps.steps.clone() {
            let is_gone = |(_, id)| !new.contains_key(&id) && matches!(known.get(&path, id), Err(CodeError::Gone(_)));
            match (goals.hidden.get(&path), step.to) {
                (Some(why), None) => steps.spare(&path, *why),
                (_, Some(to)) if is_gone(to) => steps.spare(&path, Spared::Gone),
                _ => {}
            }
        }
        steps.settle(&start.as_it_is.files, &standing);
        drop(known);
        steps.spared.extend(goals.spared);
        let [between, partly] = [goals.between, goals.partly]
            .map(|paths| paths.into_iter().filter(|path| steps.steps.contains_key(path)).collect());
        merged.retain(|path| steps.steps.contains_key(path));
        let (root, undo) = (start.root.path().to_owned(), start.taken.name.clone());
        let Steps { steps, spared } = steps;
        Self {
            root,
            steps,
            spared,
            merged,
            between,
            partly,
            elsewhere: Vec::new(),
            torn: false,
            turns: Vec::new(),
            undoes: None,
            undo,
            stores,
            start,
            new,
            closed: goals.closed,
        }
    }
}

/// What takes back what the turns changed in a file, and keeps what somebody changed since; if that is in other places.
fn merge_at(bytes: &Bytes<'_>, path: &[u8], goal: &Goal, standing: Standing) -> Option<(Step, ObjectId, Vec<u8>)> {
    let (Standing::Kept(now), Some(want), Some(Some(left))) = (standing, goal.want, goal.expected) else { return None };
    if [now, want, left].iter().any(|(mode, _)| *mode == LINK) {
        return None;
    }
    let read = |version: Version| bytes.get(path, version.1).ok();
    let (id, bytes) = taken_out(&read(want)?, &read(left)?, &read(now)?)?;
    let mode = if now.0 == left.0 { want.0 } else { now.0 };
    Some((Step { from: Some(now), to: Some((mode, id)) }, id, bytes))
}
