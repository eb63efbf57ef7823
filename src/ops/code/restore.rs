//! Going back to a turn in place: what the turns after it changed is put back, and what anybody else changed stays.

use std::path::Path;

use super::at::{CodeAt, Wanted};
use super::goals::{Goals, Kepts};
use super::going_back::GoingBack;
use crate::code::{Bounds, CodeStore, Root};
use crate::model::SessionId;
use crate::ops::{Error, Point, Workspace};

/// What is to be restored.
pub struct CodeRestore {
    /// The session.
    pub session: SessionId,
    /// The turn to go back to.
    pub point: Point,
    /// Whether the files are wanted as before the turn, not as after it.
    pub before: bool,
    /// These files and folders exactly as they were, seen from the root.
    pub paths: Vec<Vec<u8>>,
    /// The whole root exactly as it was.
    pub all: bool,
    /// Whether what was changed since is kept, and the turns' changes are taken out of it.
    pub merge: bool,
}

impl Workspace {
    /// Plans going back to a turn. The first act is a snapshot of the folder as it is; nothing is changed yet.
    ///
    /// # Errors
    /// When what the turns changed can't be told, or the folder can't be looked at.
    pub fn plan_restore(
        &self,
        wanted: &CodeRestore,
        directory: &Path,
        bounds: &Bounds,
        now: i64,
    ) -> Result<GoingBack, Error> {
        let (root, stores) = self.root_and_stores(directory, bounds)?;
        if wanted.all || !wanted.paths.is_empty() {
            let side = if wanted.before { Wanted::Before } else { Wanted::After };
            let at = self.code_at(wanted.session, &wanted.point, side)?;
            let paths = if wanted.all { &[][..] } else { &wanted.paths };
            return self.plan_paths((at, paths), (root, stores), now);
        }
        let after = self.turns_in(wanted.session, (&wanted.point, wanted.before), &stores, root.path())?;
        let start = self.start_from((root, &after.parts()), &stores, now)?;
        let kepts = Kepts { stores: &stores, root: start.root.path(), now: &start.now };
        let goals = self.goals_of_turns(wanted.session, &after, &kepts).inspect_err(|_| start.forget(&stores))?;
        let mut plan = GoingBack::of(goals, stores, start, wanted.merge);
        plan.turns = after.turns.iter().map(|turn| turn.turn).collect();
        plan.elsewhere = after.elsewhere;
        Ok(plan)
    }

    /// Plans making files exactly what they are in a snapshot; without paths, all of the root.
    ///
    /// # Errors
    /// When the snapshot is of another root or lacks a path, or the folder can't be looked at.
    pub fn plan_restore_of(
        &self,
        (at, paths): (CodeAt, &[Vec<u8>]),
        directory: &Path,
        bounds: &Bounds,
        now: i64,
    ) -> Result<GoingBack, Error> {
        self.plan_paths((at, paths), self.root_and_stores(directory, bounds)?, now)
    }

    fn plan_paths(
        &self,
        (at, paths): (CodeAt, &[Vec<u8>]),
        (root, stores): (Root, Vec<CodeStore>),
        now: i64,
    ) -> Result<GoingBack, Error> {
        Self::check_root(&at.kept, root.path())?;
        let start = self.start_from((root, &at.kept.snapshot.parts), &stores, now)?;
        let kepts = Kepts { stores: &stores, root: start.root.path(), now: &start.now };
        let torn = at.kept.snapshot.torn;
        let goals = goals_of_paths(at, paths, &kepts).inspect_err(|_| start.forget(&stores))?;
        let mut plan = GoingBack::of(goals, stores, start, false);
        plan.torn = torn;
        Ok(plan)
    }
}

fn goals_of_paths(at: CodeAt, paths: &[Vec<u8>], kepts: &Kepts<'_>) -> Result<Goals, Error> {
    let CodeAt { store, kept, .. } = at.with_files()?;
    let at = kepts.stores.iter().position(|known| known.path() == store.path()).unwrap_or(kepts.now.0);
    Goals::of_paths(kepts, &(at, kept), paths)
}
