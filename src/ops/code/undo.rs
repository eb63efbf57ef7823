//! Taking a restore back: what it changed is put back by the same rule, so that this can be taken back, too.

use std::path::Path;

use super::goals::{Goals, Kepts};
use super::going_back::GoingBack;
use super::restore_error::RestoreError;
use crate::code::Bounds;
use crate::ops::{Error, Workspace};

impl Workspace {
    /// Plans taking back the last restore in a folder.
    ///
    /// # Errors
    /// When there was none, or the folder can't be looked at.
    pub fn plan_code_undo(&self, directory: &Path, bounds: &Bounds, now: i64) -> Result<GoingBack, Error> {
        use std::os::unix::ffi::OsStrExt;
        let (root, stores) = self.root_and_stores(directory, bounds)?;
        let named = root.path().as_os_str().as_bytes();
        let mut last = None;
        for (at, store) in stores.iter().enumerate() {
            let found = store.went_back(named)?.into_iter().next().map(|back| (at, back));
            last = found.into_iter().chain(last).max_by_key(|(_, back)| back.before.at);
        }
        let (at, back) = last.ok_or_else(|| RestoreError::NeverRestored(root.path().to_owned()))?;
        let start = self.start_from((root, &back.before.snapshot.parts), &stores, now)?;
        let kepts = Kepts { stores: &stores, root: start.root.path(), now: &start.now };
        let when = back.before.at;
        let goals = Goals::of_undo(&kepts, &(at, back.before), &(at, back.after));
        let goals = goals.inspect_err(|_| start.forget(&stores))?;
        let mut plan = GoingBack::of(goals, stores, start, false);
        plan.undoes = Some(when);
        Ok(plan)
    }
}
