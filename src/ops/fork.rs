//! Fork: a new session that starts at a point of another.
//!
//! First the new rollout is written, whole, under its own name; then it is recorded like any other. A kill in between leaves a
//! rollout that Codex can resume and that the next recording takes in with the same commits.

use std::path::PathBuf;

use time::OffsetDateTime;

use super::{Error, Point, Workspace};
use crate::model::{ObjectId, SaveName, SessionId};
use crate::rollout::{Error as RolloutError, ForkOf, NewRollout, RolloutName, SessionMeta, fork_meta};
use crate::store::Commit;

/// A fork that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forked {
    /// The new session.
    pub session: SessionId,
    /// Its rollout.
    pub path: PathBuf,
    /// The session it was forked from.
    pub from: SessionId,
    /// The last turn that it took over.
    pub turn: u32,
    /// Whether that turn had not ended.
    pub open: bool,
}

impl Workspace {
    /// Makes a fork at a point, and names it if a name is given. `now` is local time: Codex names files by it.
    ///
    /// # Errors
    /// When the session is too old for any Codex to resume, or the rollout can't be written.
    pub fn fork(&self, point: &Point, name: Option<&SaveName>, now: OffsetDateTime) -> Result<Forked, Error> {
        let from = point.message.session;
        let base = self.base_of(point)?;
        let tree = self.store.read_tree(point.tree)?;
        let source = self.store.read_blob(tree.meta)?;
        let too_old = || RolloutError::TooOld(from);
        SessionMeta::read(&source).filter(|meta| !meta.bare).ok_or_else(too_old)?;

        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
        let session = SessionId::new_at(seconds, now.nanosecond());
        let line = fork_meta(&source, session, &ForkOf { session: from, commit: base.id }, now).ok_or_else(too_old)?;
        let place = self.home.place_of(&RolloutName::new(now, session));
        let mut new = NewRollout::create(&place, self.neighbour(from)?.as_deref())?;
        new.write(&line)?;
        let blobs: Vec<ObjectId> = tree.chunks.iter().map(|chunk| chunk.blob).collect();
        // All that the base's commit holds stands after the new first line.
        let (ended, open) = blobs.split_at(self.store.read_tree(base.tree)?.chunks.len());
        let mut shared = line.len() as u64;
        self.each_byte(ended, &mut |bytes| {
            shared += bytes.len() as u64;
            Ok(new.write(bytes)?)
        })?;
        self.each_byte(open, &mut |bytes| Ok(new.write(bytes)?))?;
        let path = new.publish()?;
        self.record_fork(&path, base, shared)?;
        if let (Some(name), Some(branch)) = (name, self.store.branch(session)?) {
            self.save(name, super::revision::head(&branch), now.unix_timestamp())?;
        }
        Ok(Forked { session, path, from, turn: point.message.turn, open: point.message.step.is_open() })
    }

    /// The commit on a branch that a point stands on: open lines are not on one.
    fn base_of(&self, point: &Point) -> Result<Commit, Error> {
        let step = &point.message.step;
        match point.parents.first() {
            Some(parent) if step.is_open() || step.is_pending() => Ok(self.store.commit(*parent)?),
            _ => Ok(point.clone()),
        }
    }

    /// A rollout whose permissions a new one should have.
    fn neighbour(&self, session: SessionId) -> Result<Option<PathBuf>, Error> {
        let (mut found, _) = self.home.rollouts()?;
        let own = found.iter().position(|found| found.name.id == session);
        Ok(own.map(|own| found.swap_remove(own)).or_else(|| found.pop()).map(|found| found.path))
    }
}
