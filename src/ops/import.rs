//! Import: record many sessions at once, on all processors.
//!
//! The objects of many sessions go into one pack instead of a file each; their refs move when the pack is in place. Every 64 MiB
//! a pack is finished, so that an import that is killed has kept what it did, and goes on from there. Each thread has a pack of
//! its own. They share nothing but the list of rollouts: should two meet in a session that another is forked from, its commits
//! are the same, and the ref moves once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use super::recorder::{Ahead, Recorder};
use super::{Effect, Error, Recorded, Report, Workspace};
use crate::model::SessionId;
use crate::rollout::Found;
use crate::store::Error as StoreError;

/// From how many new sessions on a pack is worth it.
pub(super) const MANY: usize = 8;

/// How large a pack gets before it is finished.
const PACK_SIZE: u64 = 64 << 20;

/// More threads than that wait for the disk.
const MOST_THREADS: usize = 4;

/// What a thread tells of its work.
enum Told {
    /// A rollout was read.
    Read,
    /// A session was recorded, or could not be.
    Settled(Result<Recorded, Error>),
}

impl Workspace {
    /// Records rollouts through packs. What fails is in the report; it does not stop the others.
    /// `all` are the home's rollouts, in which the bases of forks are looked for.
    pub(super) fn import(&self, fresh: &[Found], all: &[Found], report: &mut Report, progress: &mut dyn FnMut(usize)) {
        let next = AtomicUsize::new(0);
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
        let workspaces: Vec<Self> = match (0..threads).map(|_| self.again()).collect() {
            Ok(workspaces) => workspaces,
            Err(error) => return report.failed.push(error),
        };
        let (tell, told) = channel();
        std::thread::scope(|scope| {
            for workspace in workspaces {
                let (tell, next) = (tell.clone(), &next);
                scope.spawn(move || work(&workspace, fresh, all, next, &tell));
            }
            drop(tell);
            let mut done = 0;
            for told in told {
                match told {
                    Told::Read => done += 1,
                    Told::Settled(outcome) => report.add(outcome),
                }
                progress(done);
            }
        });
        self.tidy(all, report);
    }

    /// The report in the order of the rollouts, whichever thread was first; and HEAD at the last that gained something.
    fn tidy(&self, found: &[Found], report: &mut Report) {
        let order: HashMap<SessionId, usize> = found.iter().map(|found| found.name.id).zip(0..).collect();
        report.recorded.sort_by_key(|recorded| (order.get(&recorded.session), !recorded.changed));
        report.recorded.dedup_by_key(|recorded| recorded.session);
        if let Some(last) = report.recorded.iter().rfind(|recorded| recorded.changed) {
            self.point_head(last);
        }
    }
}

/// Records one rollout after the other until none is left.
fn work(workspace: &Workspace, fresh: &[Found], all: &[Found], next: &AtomicUsize, tell: &Sender<Told>) {
    let later = RefCell::new(Vec::new());
    let thread = Thread { workspace, found: all, later: &later, tell };
    while let Some(rollout) = fresh.get(next.fetch_add(1, Ordering::Relaxed)) {
        if let Err(error) = thread.record(rollout) {
            thread.tell(Told::Settled(Err(error)));
        }
        thread.tell(Told::Read);
        if workspace.store.pack_len() >= PACK_SIZE {
            thread.settle();
        }
    }
    thread.settle();
}

struct Thread<'a> {
    workspace: &'a Workspace,
    found: &'a [Found],
    /// What was written and no ref names yet.
    later: &'a RefCell<Vec<Ahead>>,
    tell: &'a Sender<Told>,
}

impl Thread<'_> {
    fn record(&self, rollout: &Found) -> Result<(), Error> {
        let recorder = self.recorder(Some(self.later));
        if recorder.is_ahead(rollout.name.id) {
            return Ok(());
        }
        if self.workspace.store.pack_len() == 0 {
            self.workspace.store.begin_pack()?;
        }
        let recorded = recorder.found(rollout)?;
        if !recorded.changed {
            self.tell(Told::Settled(Ok(recorded)));
        }
        Ok(())
    }

    /// Puts the pack in place and moves the refs of the sessions that are in it.
    fn settle(&self) {
        let written = self.later.take();
        if let Err(error) = self.workspace.store.finish_pack() {
            return self.tell(Told::Settled(Err(error.into())));
        }
        for ahead in &written {
            let settled = match self.workspace.settle(ahead) {
                Ok(()) => Ok(ahead.recorded()),
                Err(StoreError::LostRace(_)) => self.one_by_one(ahead),
                Err(error) => Err(error.into()),
            };
            self.tell(Told::Settled(settled));
        }
    }

    /// Somebody else recorded the session meanwhile: what that left to do is done without a pack.
    fn one_by_one(&self, ahead: &Ahead) -> Result<Recorded, Error> {
        match self.found.iter().find(|found| found.name.id == ahead.session) {
            Some(found) => self.recorder(None).found(found),
            None => Ok(ahead.recorded()),
        }
    }

    fn recorder<'r>(&'r self, later: Option<&'r RefCell<Vec<Ahead>>>) -> Recorder<'r> {
        Recorder { workspace: self.workspace, effect: Effect::Write, found: Some(self.found), later }
    }

    fn tell(&self, told: Told) {
        // The listener is there for as long as there are threads.
        let _ = self.tell.send(told);
    }
}
