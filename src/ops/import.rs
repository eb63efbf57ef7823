//! Import: record many sessions at once, on all processors.
//!
//! The objects of many sessions go into one pack instead of a file each; their refs move when the pack is in place. Every 64 MiB
//! a pack is finished, so that an import that is killed has kept what it did, and goes on from there. The threads share the
//! pack and the list of rollouts: should two meet in a session that another is forked from, its commits are the same, and the
//! ref moves once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use super::ahead::{Ahead, Later};
use super::recorder::Recorder;
use super::threads::threads;
use super::{Error, Recorded, Report, Workspace};
use crate::codex::Look;
use crate::rollout::RolloutFile;
use crate::store::{Error as StoreError, SharedPack};

/// From how many new sessions on a pack is worth it, and from how many bytes of them.
pub(super) const MANY: usize = 8;
pub(super) const MUCH: u64 = 8 << 20;

/// How large a pack gets before it is finished.
const PACK_SIZE: u64 = 64 << 20;

/// What a thread tells of its work.
enum Told {
    /// A rollout was read.
    Read,
    /// A session was recorded, or could not be.
    Settled(Result<Recorded, Error>),
}

impl Workspace {
    /// Records rollouts through packs. What fails is in the report; it does not stop the others.
    /// The bases of forks are looked for in `look`.
    pub(super) fn import(
        &self,
        fresh: &[RolloutFile],
        look: &Look,
        report: &mut Report,
        progress: &mut dyn FnMut(usize),
    ) {
        let (next, later) = (AtomicUsize::new(0), Later::default());
        let (pack, workspaces) = match self.threads() {
            Ok(threads) => threads,
            Err(error) => return report.failed.push(error),
        };
        let (tell, told) = channel();
        std::thread::scope(|scope| {
            for workspace in workspaces {
                let (tell, next, later, pack) = (tell.clone(), &next, &later, &pack);
                scope.spawn(move || {
                    let thread = Thread { workspace: &workspace, pack, look, later, tell: &tell };
                    thread.work(fresh, next);
                });
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
    }

    /// The pack that is written into, and this workspace once for each thread.
    fn threads(&self) -> Result<(SharedPack, Vec<Self>), Error> {
        let pack = self.store.begin_pack()?;
        let workspace = |_| {
            let mut workspace = self.again()?;
            workspace.store.write_into(&pack);
            Ok(workspace)
        };
        let workspaces = (0..threads()).map(workspace).collect::<Result<_, Error>>()?;
        Ok((pack, workspaces))
    }
}

struct Thread<'a> {
    workspace: &'a Workspace,
    pack: &'a SharedPack,
    look: &'a Look,
    later: &'a Later,
    tell: &'a Sender<Told>,
}

impl Thread<'_> {
    /// Records one rollout after the other until none is left.
    fn work(&self, fresh: &[RolloutFile], next: &AtomicUsize) {
        while let Some(rollout) = fresh.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = self.record(rollout) {
                self.tell(Told::Settled(Err(error)));
            }
            self.tell(Told::Read);
            if self.pack.len() >= PACK_SIZE {
                self.settle();
            }
        }
        self.settle();
    }

    fn record(&self, rollout: &RolloutFile) -> Result<(), Error> {
        let recorder = Recorder { later: Some(self.later), ..Recorder::knowing(self.workspace, self.look) };
        if recorder.is_ahead(rollout.name.id) {
            return Ok(());
        }
        let recorded = recorder.found(rollout)?;
        if !recorded.changed {
            self.tell(Told::Settled(Ok(recorded)));
        }
        Ok(())
    }

    /// Puts the pack in place and moves the refs of the sessions that were written before: all of their objects are in place then.
    fn settle(&self) {
        let settled = self.pack.finish(
            || self.later.take(),
            |written| {
                let outcomes = self.workspace.settle_all(&written);
                self.later.moved();
                written.into_iter().zip(outcomes).collect::<Vec<_>>()
            },
        );
        match settled {
            Ok(settled) => settled.into_iter().for_each(|(ahead, outcome)| self.tell_settled(&ahead, outcome)),
            Err((lost, error)) => {
                self.later.moved();
                if !lost.is_empty() {
                    self.tell(Told::Settled(Err(error.into())));
                }
            }
        }
    }

    fn tell_settled(&self, ahead: &Ahead, outcome: Result<(), StoreError>) {
        self.tell(Told::Settled(match outcome {
            Ok(()) => Ok(ahead.recorded()),
            Err(error) if error.is_lost_race() => self.one_by_one(ahead),
            Err(error) => Err(error.into()),
        }));
    }

    /// Somebody else recorded the session meanwhile: what that left to do is done by itself.
    fn one_by_one(&self, ahead: &Ahead) -> Result<Recorded, Error> {
        let workspace = self.workspace.again()?;
        match self.look.session(ahead.session) {
            Some(found) => Recorder::knowing(&workspace, self.look).found(&found),
            None => Ok(ahead.recorded()),
        }
    }

    fn tell(&self, told: Told) {
        // The listener is there for as long as there are threads.
        let _ = self.tell.send(told);
    }
}
