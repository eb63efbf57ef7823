//! Record: commit the turns that rollouts gained.
//!
//! Recording reads a rollout from where the last recording ended. That the file still continues what was recorded is proven
//! by two comparisons whose cost does not depend on its length: its first line is the recorded one, and the last bytes before
//! the recorded offset have the recorded hash. The commits depend on the rollout's bytes alone, so it never matters when,
//! how often or by how many processes at once a rollout is recorded.

use std::path::{Path, PathBuf};

use super::ahead::Later;
use super::import::{MANY, MUCH};
use super::recorder::Recorder;
use super::seen::{Seen, Sight};
use super::{Error, Workspace};
use crate::model::SessionId;
use crate::rollout::RolloutFile;
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
    /// A file that it went on from was missing, and is there now.
    Joined,
    /// Its rollout has so many turns less than the store.
    Behind(u32),
    /// It had been evicted, and somebody wrote to its file after that: the file is back.
    PutBack,
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
    /// The rollouts that were to be removed, and were put back because somebody wrote to them.
    pub put_back: Vec<PathBuf>,
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
            Ok(recorded) => {
                tracing::debug!(session = %recorded.session, turns = recorded.turns, changed = recorded.changed, "recorded");
                self.recorded.push(recorded);
            }
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
        match effect {
            Effect::Write => self.record_home(progress),
            Effect::Pretend => self
                .pretend(|workspace, later| workspace.pretend_home(later, progress))
                .unwrap_or_else(|error| Report { failed: vec![error], ..Report::default() }),
        }
    }

    fn record_home(&self, progress: &mut dyn FnMut(Progress)) -> Report {
        let mut report = Report::default();
        let mut rollouts = self.home.rollouts();
        report.failed.extend(rollouts.take_refused().into_iter().map(Error::from));
        report.put_back = self.put_back_touched(&rollouts, None);
        if !report.put_back.is_empty() {
            rollouts = self.home.rollouts();
        }
        let seen = Seen::load(self);
        let (mut fresh, total) = (Vec::new(), rollouts.all().len());
        for rollout in rollouts.all() {
            match seen.unchanged(rollout) {
                Some(unchanged) => report.recorded.push(unchanged),
                None => fresh.push(rollout.clone()),
            }
        }
        let one = |found: &RolloutFile| {
            Recorder { seen: seen.stamp(found.name.id), ..Recorder::knowing(self, &rollouts) }.found(found)
        };
        let (suspects, fresh): (Vec<RolloutFile>, Vec<RolloutFile>) =
            fresh.into_iter().partition(|found| seen.is_suspect(found));
        suspects.iter().for_each(|rollout| report.add(one(rollout)));
        let done = report.recorded.len();
        tracing::info!(sessions = total, unchanged = done, "looked through the codex home");
        let mut progress = |fresh: usize| progress(Progress { done: done + fresh, total });
        let new: Vec<&RolloutFile> = fresh.iter().filter(|rollout| !seen.is_kept(rollout)).collect();
        let files = || new.iter().flat_map(|rollout| rollout.files());
        let much = files().count() >= MANY || files().map(|file| file.len).sum::<u64>() >= MUCH;
        if much {
            self.import(&fresh, &rollouts, &mut report, &mut progress);
        } else {
            for (done, rollout) in fresh.iter().enumerate() {
                progress(done);
                report.add(one(rollout));
            }
        }
        progress(fresh.len());
        let looked_at: Vec<RolloutFile> = fresh.into_iter().chain(suspects).collect();
        seen.note(self, &looked_at, &report.recorded);
        self.note_known(rollouts.all());
        *self.rollouts.borrow_mut() = Some(rollouts);
        report
    }

    /// How many sessions hold turns that are not recorded.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn unrecorded(&self) -> Result<usize, Error> {
        let report = self.pretend(|workspace, later| workspace.pretend_home(later, &mut |_| {}))?;
        Ok(report.recorded.iter().filter(|recorded| recorded.turns > 0).count())
    }

    /// What recording every rollout would do.
    fn pretend_home(&self, later: &Later, progress: &mut dyn FnMut(Progress)) -> Report {
        let mut report = Report::default();
        let mut rollouts = self.home.rollouts();
        report.failed.extend(rollouts.take_refused().into_iter().map(Error::from));
        let seen = Seen::load(self);
        for (done, found) in rollouts.all().iter().enumerate() {
            progress(Progress { done, total: rollouts.all().len() });
            let recorder =
                Recorder { seen: seen.stamp(found.name.id), later: Some(later), ..Recorder::knowing(self, &rollouts) };
            report.add(match (seen.unchanged(found), later.recorded(found.name.id)) {
                (Some(recorded), _) | (None, Some(recorded)) => Ok(recorded),
                (None, None) => recorder.found(found),
            });
        }
        report
    }

    /// Does the work of a recording without leaving anything of it: what is written goes into a file without a name, and no ref moves.
    fn pretend<T>(&self, act: impl FnOnce(&Self, &Later) -> T) -> Result<T, Error> {
        let mut workspace = self.again()?;
        workspace.store.write_aside()?;
        Ok(act(&workspace, &Later::default()))
    }

    /// Records the rollout at a path, wherever it is.
    ///
    /// # Errors
    /// When it can't be read, is none that can be recorded, or was rewritten.
    pub fn record_path(&self, path: &Path, effect: Effect) -> Result<Recorded, Error> {
        let found = self.found_at(path)?;
        self.record_found(&found, Sight::load(self, found.name.id), effect)
    }

    /// Records the turns of the rollout at a path that have ended since; of a turn that begins just now, nothing.
    ///
    /// # Errors
    /// As [`Workspace::record_path`].
    pub fn record_ended(&self, path: &Path) -> Result<Recorded, Error> {
        let recorder = Recorder { extent: Extent::Ended, ..Recorder::new(self) };
        recorder.found(&self.found_at(path)?)
    }

    /// The rollout at a path, with those that its session was in before.
    fn found_at(&self, path: &Path) -> Result<RolloutFile, Error> {
        let found = RolloutFile::at(path)?;
        if found.name.segment.is_none() {
            return Ok(found);
        }
        let session = self.home.rollout_of(found.name.id);
        Ok(session.filter(|session| session.files().any(|file| file.path == path)).unwrap_or(found))
    }

    /// Records the rollout of a fork that was written just now, from what its base's commit holds up to an offset.
    pub(super) fn record_fork(&self, path: &Path, base: Commit, shared: u64) -> Result<Recorded, Error> {
        Recorder::new(self).fork(&RolloutFile::at(path)?, base, shared)
    }

    /// Records a session's rollout; `None` if it has none in the codex home.
    ///
    /// # Errors
    /// As [`Workspace::record_path`].
    pub fn record_session(&self, id: SessionId, effect: Effect) -> Result<Option<Recorded>, Error> {
        let mut rollouts = self.home.rollouts_like(&id.to_string());
        let is_back = effect == Effect::Write && !self.put_back_touched(&rollouts, Some(id)).is_empty();
        if is_back {
            rollouts = self.home.rollouts_like(&id.to_string());
        }
        let Some(found) = rollouts.session(id) else { return Ok(None) };
        // What was recorded just as it lies there needs no look, long or packed as it may be.
        let sight = Sight::load(self, id);
        let unchanged = sight.as_ref().and_then(|sight| sight.unchanged(found, &self.store.heads(id).ok()?));
        let mut recorded = match unchanged {
            Some(unchanged) => unchanged,
            None => self.record_found(found, sight, effect)?,
        };
        recorded.news = recorded.news.or(is_back.then_some(News::PutBack));
        Ok(Some(recorded))
    }

    fn record_found(&self, found: &RolloutFile, sight: Option<Sight>, effect: Effect) -> Result<Recorded, Error> {
        let seen = sight.map(|sight| sight.stamp);
        if effect == Effect::Pretend {
            let act = |workspace: &Self, later: &Later| {
                Recorder { seen, later: Some(later), ..Recorder::new(workspace) }.found(found)
            };
            return self.pretend(act)?;
        }
        Recorder { seen, ..Recorder::new(self) }.found(found)
    }
}
