//! Record: commit the turns that rollouts gained.
//!
//! Recording reads a rollout from where the last recording ended. That the file still continues what was recorded is proven
//! by two comparisons whose cost does not depend on its length: its first line is the recorded one, and the last bytes before
//! the recorded offset have the recorded hash. The commits depend on the rollout's bytes alone, so it never matters when,
//! how often or by how many processes at once a rollout is recorded.

use std::path::Path;

use super::import::{MANY, MUCH};
use super::recorder::Recorder;
use super::seen::{self, Seen};
use super::{Error, Workspace};
use crate::model::SessionId;
use crate::rollout::Found;
use crate::store::Commit;

/// Whether a verb writes, or only says what it would write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It writes.
    Write,
    /// It doesn't.
    Pretend,
}

/// How much of a rollout is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    All,
    /// Nothing, unless a turn has ended: what begins just now comes with the next one.
    Ended,
}

/// What recording one rollout did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The session.
    pub session: SessionId,
    /// How many turns were added.
    pub turns: u32,
    /// The number of the last ended turn.
    pub last: u32,
    /// Whether anything was written, or would be.
    pub changed: bool,
    /// What else happened to the session, which a person should be told once.
    pub news: Option<News>,
    /// Whether the rollout that it goes on from is missing.
    pub orphan: bool,
}

/// What happened to a session other than that it gained turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It went back to this turn, and on from there.
    Reverted(u32),
    /// Its rollout does not continue what was recorded. What it was before is kept.
    Rewritten,
    /// The rollout that it goes on from is not there; the session was recorded without.
    MissingBase(SessionId),
    /// The rollout that it goes on from was missing, and is there now.
    Joined,
}

impl Recorded {
    /// Nothing was new in a session.
    pub(super) fn same(session: SessionId, last: u32, orphan: bool) -> Self {
        Self { session, turns: 0, last, changed: false, news: None, orphan }
    }
}

/// What recording many rollouts did.
#[derive(Debug, Default)]
pub struct Report {
    /// The sessions, also those without anything new.
    pub recorded: Vec<Recorded>,
    /// The rollouts that could not be recorded.
    pub failed: Vec<Error>,
}

impl Report {
    /// How many turns were added in all.
    pub fn turns(&self) -> u32 {
        self.recorded.iter().map(|recorded| recorded.turns).sum()
    }

    /// How many sessions gained something.
    pub fn changed(&self) -> usize {
        self.recorded.iter().filter(|recorded| recorded.changed).count()
    }

    /// Takes the outcome of one recording.
    pub fn add(&mut self, outcome: Result<Recorded, Error>) {
        match outcome {
            Ok(recorded) => self.recorded.push(recorded),
            Err(error) => self.failed.push(error),
        }
    }
}

/// How far recording many rollouts has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How many rollouts are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

impl Workspace {
    /// Records every rollout of the codex home, oldest first. One that fails does not stop the others.
    pub fn record_all(&self, effect: Effect, progress: &mut dyn FnMut(Progress)) -> Report {
        let mut report = Report::default();
        let (found, refused) = match self.home.rollouts() {
            Ok(rollouts) => rollouts,
            Err(error) => {
                report.failed.push(error.into());
                return report;
            }
        };
        let seen = Seen::load(self);
        let (mut fresh, total) = (Vec::new(), found.len());
        for rollout in &found {
            match seen.unchanged(rollout) {
                Some(unchanged) => report.recorded.push(unchanged),
                None => fresh.push(rollout.clone()),
            }
        }
        let recorder = Recorder { found: Some(&found), ..Recorder::new(self, effect) };
        let (suspects, fresh): (Vec<Found>, Vec<Found>) = fresh.into_iter().partition(|found| seen.is_suspect(found));
        for rollout in &suspects {
            report.add(Recorder { thorough: true, ..recorder }.found(rollout));
        }
        let done = report.recorded.len();
        let mut progress = |fresh: usize| progress(Progress { done: done + fresh, total });
        let new: Vec<&Found> = fresh.iter().filter(|rollout| !seen.is_kept(rollout)).collect();
        let much = new.len() >= MANY || new.iter().map(|rollout| rollout.len).sum::<u64>() >= MUCH;
        if effect == Effect::Write && much {
            self.import(&fresh, &found, &mut report, &mut progress);
        } else {
            for (done, rollout) in fresh.iter().enumerate() {
                progress(done);
                report.add(recorder.found(rollout));
            }
        }
        progress(fresh.len());
        if effect == Effect::Write {
            let looked_at: Vec<Found> = fresh.into_iter().chain(suspects).collect();
            seen.note(self, &looked_at, &report.recorded);
            self.note_known(&found);
        }
        report.failed.extend(refused.into_iter().map(Error::from));
        *self.found.borrow_mut() = Some(found);
        report
    }

    /// Records the rollout at a path, wherever it is.
    ///
    /// # Errors
    /// When it can't be read, is none that can be recorded, or was rewritten.
    pub fn record_path(&self, path: &Path, effect: Effect) -> Result<Recorded, Error> {
        Recorder::new(self, effect).found(&self.found_at(path)?)
    }

    /// Records the turns of the rollout at a path that have ended since; of a turn that begins just now, nothing.
    ///
    /// # Errors
    /// As [`Workspace::record_path`].
    pub fn record_ended(&self, path: &Path) -> Result<Recorded, Error> {
        let recorder = Recorder { extent: Extent::Ended, ..Recorder::new(self, Effect::Write) };
        recorder.found(&self.found_at(path)?)
    }

    /// The rollout at a path, with those that its session was in before.
    fn found_at(&self, path: &Path) -> Result<Found, Error> {
        let found = Found::at(path)?;
        if found.name.segment.is_none() {
            return Ok(found);
        }
        let session = self.home.rollout_of(found.name.id)?;
        Ok(session.filter(|session| session.files().any(|file| file.path == path)).unwrap_or(found))
    }

    /// Records the rollout of a fork that was written just now, from what its base's commit holds up to an offset.
    pub(super) fn record_fork(&self, path: &Path, base: Commit, shared: u64) -> Result<Recorded, Error> {
        Recorder::new(self, Effect::Write).fork(&Found::at(path)?, base, shared)
    }

    /// Records a session's rollout; `None` if it has none in the codex home.
    ///
    /// # Errors
    /// As [`Workspace::record_path`].
    pub fn record_session(&self, id: SessionId, effect: Effect) -> Result<Option<Recorded>, Error> {
        let Some(found) = self.home.rollout_of(id)? else { return Ok(None) };
        let thorough = seen::is_suspect(self, &found);
        Recorder { thorough, ..Recorder::new(self, effect) }.found(&found).map(Some)
    }
}
