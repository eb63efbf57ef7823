//! Import: record many sessions at once, on all processors.
//!
//! The objects of many sessions go into one pack instead of a file each; their refs move when the pack is in place. Every 64 MiB
//! a pack is finished, so that an import that is killed has kept what it did, and goes on from there. The threads share the
//! pack and the list of rollouts: should two meet in a session that another is forked from, its commits are the same, and the
//! ref moves once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use super::outcome::{Recorded, Report};
use super::publish::{Pending, PendingSessions};
use super::session::Recorder;
use crate::codex::Look;
use crate::ops::threads::threads;
use crate::ops::{Error, Workspace};
use crate::rollout::RolloutFile;
use crate::store::{Error as StoreError, SharedPack};

/// From how many new sessions on a pack is worth it, and from how many bytes of them.
const MANY: usize = 8;
const MUCH: u64 = 8 << 20;

/// How large a pack gets before it is finished.
const PACK_SIZE: u64 = 64 << 20;

/// Whether new sessions are so many, or so large, that a pack is worth it.
pub(super) fn is_worth_a_pack<'f>(new: impl Iterator<Item = &'f RolloutFile>) -> bool {
    let (mut count, mut bytes) = (0, 0);
    for file in new.flat_map(RolloutFile::files) {
        count += 1;
        bytes += file.len;
    }
    count >= MANY || bytes >= MUCH
}

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
    pub(super) fn import_rollouts(
        &self,
        fresh: &[RolloutFile],
        look: &Look,
        report: &mut Report,
        progress: &mut dyn FnMut(usize),
    ) {
        let (next, pending) = (AtomicUsize::new(0), PendingSessions::default());
        let (pack, workspaces) = match self.threads() {
            Ok(threads) => threads,
            Err(error) => return report.failed.push(error),
        };
        let (tell, told) = channel();
        std::thread::scope(|scope| {
            for workspace in workspaces {
                let (tell, next, pending, pack) = (tell.clone(), &next, &pending, &pack);
                scope.spawn(move || {
                    let thread = Thread { workspace: &workspace, pack, look, pending, tell: &tell };
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
            let mut workspace = self.reopen()?;
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
    pending: &'a PendingSessions,
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
        if self.pending.heads(rollout.name.id).is_some() {
            return Ok(());
        }
        let recorded = Recorder::knowing(self.workspace, self.look).pending(Some(self.pending)).record(rollout)?;
        if !recorded.changed {
            self.tell(Told::Settled(Ok(recorded)));
        }
        Ok(())
    }

    /// Puts the pack in place and moves the refs of the sessions that were written before: all of their objects are in place then.
    fn settle(&self) {
        let settled = self.pack.finish(
            || self.pending.take(),
            |written| {
                let outcomes = self.workspace.publish_all(&written);
                self.pending.moved();
                written.into_iter().zip(outcomes).collect::<Vec<_>>()
            },
        );
        match settled {
            Ok(settled) => settled.into_iter().for_each(|(pending, outcome)| self.tell_settled(&pending, outcome)),
            Err((lost, error)) => {
                self.pending.moved();
                if !lost.is_empty() {
                    self.tell(Told::Settled(Err(error.into())));
                }
            }
        }
    }

    fn tell_settled(&self, pending: &Pending, outcome: Result<(), StoreError>) {
        self.tell(Told::Settled(match outcome {
            Ok(()) => Ok(pending.recorded()),
            Err(error) if error.is_lost_race() => self.one_by_one(pending),
            Err(error) => Err(error.into()),
        }));
    }

    /// Somebody else recorded the session meanwhile: what that left to do is done by itself.
    fn one_by_one(&self, pending: &Pending) -> Result<Recorded, Error> {
        let workspace = self.workspace.reopen()?;
        match self.look.session(pending.session) {
            Some(found) => Recorder::knowing(&workspace, self.look).record(&found),
            None => Ok(pending.recorded()),
        }
    }

    fn tell(&self, told: Told) {
        // The listener is there for as long as there are threads.
        let _ = self.tell.send(told);
    }
}
