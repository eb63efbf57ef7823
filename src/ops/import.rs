//! Import: record many sessions at once.
//!
//! The objects of many sessions go into one pack instead of a file each; their refs move when the pack is in place. Every 64 MiB
//! a pack is finished, so that an import that is killed has kept what it did, and goes on from there.

use std::cell::RefCell;
use std::collections::HashSet;

use super::recorder::{Ahead, Recorder};
use super::{Effect, Error, Progress, Report, Workspace};
use crate::rollout::Found;
use crate::store::Error as StoreError;

/// From how many new sessions on a pack is worth it.
const MANY: usize = 8;

/// How large a pack gets before it is finished.
const PACK_SIZE: u64 = 64 << 20;

impl Workspace {
    /// Whether so many of the rollouts are new that they should go into a pack.
    pub(super) fn import_pays(&self, found: &[Found]) -> bool {
        let Ok(known) = self.store.session_ids() else { return false };
        let known: HashSet<_> = known.into_iter().collect();
        found.iter().filter(|found| !known.contains(&found.name.id)).count() >= MANY
    }

    /// Records rollouts through packs. What fails is in the report; it does not stop the others.
    pub(super) fn import(&self, found: &[Found], report: &mut Report, progress: &mut dyn FnMut(Progress)) {
        let later = RefCell::new(Vec::new());
        let recorder = Recorder { workspace: self, effect: Effect::Write, found: Some(found), later: Some(&later) };
        let mut import = Import { workspace: self, found, later: &later, report };
        for (done, rollout) in found.iter().enumerate() {
            progress(Progress { done, total: found.len() });
            if later.borrow().iter().any(|ahead| ahead.session == rollout.name.id) {
                continue;
            }
            let recorded = import.begin().and_then(|()| recorder.found(rollout));
            if let Err(error) = recorded {
                import.report.failed.push(error);
            }
            if self.store.pack_len() >= PACK_SIZE {
                import.settle();
            }
        }
        import.settle();
    }
}

struct Import<'a> {
    workspace: &'a Workspace,
    found: &'a [Found],
    later: &'a RefCell<Vec<Ahead>>,
    report: &'a mut Report,
}

impl Import<'_> {
    /// Makes sure that objects go into a pack.
    fn begin(&self) -> Result<(), Error> {
        if self.workspace.store.pack_len() == 0 {
            self.workspace.store.begin_pack()?;
        }
        Ok(())
    }

    /// Puts the pack in place and moves the refs of the sessions that are in it.
    fn settle(&mut self) {
        let written = self.later.take();
        if let Err(error) = self.workspace.store.finish_pack() {
            return self.report.failed.push(error.into());
        }
        for ahead in &written {
            match self.workspace.settle(ahead) {
                Ok(()) => self.report.recorded.push(ahead.recorded()),
                Err(StoreError::LostRace(_)) => self.again(ahead),
                Err(error) => self.report.failed.push(error.into()),
            }
        }
        if let Some(last) = written.last() {
            self.workspace.point_head(last);
        }
    }

    /// Another process recorded the session meanwhile: what it left to do is done one by one.
    fn again(&mut self, ahead: &Ahead) {
        let recorder =
            Recorder { workspace: self.workspace, effect: Effect::Write, found: Some(self.found), later: None };
        if let Some(found) = self.found.iter().find(|found| found.name.id == ahead.session) {
            self.report.add(recorder.found(found));
        }
    }
}
