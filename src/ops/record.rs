//! Record: commit the turns that rollouts gained.
//!
//! Recording reads a rollout from where the last recording ended. That the file still continues what was recorded is proven
//! by two comparisons whose cost does not depend on its length: its first line is the recorded one, and the last bytes before
//! the recorded offset have the recorded hash. The commits depend on the rollout's bytes alone, so it never matters when,
//! how often or by how many processes at once a rollout is recorded.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ahead::Later;
use super::import::{MANY, MUCH};
use super::recorder::Recorder;
use super::seen::{Seen, Sight};
use super::{Error, Workspace};
use crate::codex::Look;
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
            Effect::Write => self.record_home(self.look_anew(), progress),
            Effect::Pretend => self
                .pretend(|workspace, later| workspace.pretend_home(later, progress))
                .unwrap_or_else(|error| Report { failed: vec![error], ..Report::default() }),
        }
    }

    fn record_home(&self, mut look: Arc<Look>, progress: &mut dyn FnMut(Progress)) -> Report {
        let mut report = Report { put_back: self.put_back_touched(&look.held()), ..Report::default() };
        if !report.put_back.is_empty() {
            look = self.look_anew();
        }
        let rollouts = look.all();
        report.failed.extend(rollouts.take_refused().into_iter().map(Error::from));
        let left = self.record_files(rollouts.all(), Seen::load(self), &look, &mut report, progress);
        self.note_known(rollouts.all());
        look.remember(left);
        report
    }

    /// Records the rollouts of the sessions that were last in a directory, and whatever else the home holds that is new: enough for all that
    /// can be told of the directory. A session that went on in another directory since it was recorded last is still taken to be where it
    /// was.
    pub fn record_directory(&self, directory: &Path, progress: &mut dyn FnMut(Progress)) -> Report {
        let mut look = self.look_anew();
        let Some(there) = self.rows_in(directory).ok().filter(|_| !look.is_mostly_new()) else {
            return self.record_home(look, progress);
        };
        let mut report = Report { put_back: self.put_back_touched(&look.held()), ..Report::default() };
        if !report.put_back.is_empty() {
            look = self.look_anew();
        }
        let mut ids: Vec<SessionId> =
            there.rows.into_iter().map(|row| row.id).chain(look.unsettled().to_vec()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut files: Vec<RolloutFile> = ids.into_iter().filter_map(|id| look.session(id)).collect();
        files.sort_by_cached_key(|file| file.name.to_string());
        self.record_files(&files, Seen::load_some(self, &files), &look, &mut report, progress);
        self.note_known(&files);
        report
    }

    /// Records rollouts, as far as that is not known to be done. Tells of which sessions not all is recorded.
    fn record_files(
        &self,
        files: &[RolloutFile],
        seen: Seen<'_>,
        look: &Look,
        report: &mut Report,
        progress: &mut dyn FnMut(Progress),
    ) -> Vec<SessionId> {
        let (mut fresh, total) = (Vec::new(), files.len());
        for rollout in files {
            match seen.unchanged(rollout) {
                Some(unchanged) => report.recorded.push(unchanged),
                None => fresh.push(rollout.clone()),
            }
        }
        let one = |found: &RolloutFile| {
            Recorder { seen: seen.stamps(found.name.id), ..Recorder::knowing(self, look) }.found(found)
        };
        let (suspects, fresh): (Vec<RolloutFile>, Vec<RolloutFile>) =
            fresh.into_iter().partition(|found| seen.is_suspect(found));
        suspects.iter().for_each(|rollout| report.add(one(rollout)));
        let done = report.recorded.len();
        tracing::debug!(sessions = total, unchanged = done, "looked at rollouts");
        let mut progress = |fresh: usize| progress(Progress { done: done + fresh, total });
        let new: Vec<&RolloutFile> = fresh.iter().filter(|rollout| !seen.is_kept(rollout)).collect();
        let parts = || new.iter().flat_map(|rollout| rollout.files());
        let much = parts().count() >= MANY || parts().map(|file| file.len).sum::<u64>() >= MUCH;
        if much {
            self.import(&fresh, look, report, &mut progress);
            tidy(files, report);
            if let Some(last) = report.recorded.iter().rfind(|recorded| recorded.changed) {
                self.point_head(last);
            }
        } else {
            for (done, rollout) in fresh.iter().enumerate() {
                progress(done);
                report.add(one(rollout));
            }
        }
        progress(fresh.len());
        let looked_at: Vec<RolloutFile> = fresh.into_iter().chain(suspects).collect();
        seen.note(self, &looked_at, &report.recorded)
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
        let look = self.look_anew();
        let (mut report, rollouts) = (Report::default(), look.all());
        report.failed.extend(rollouts.take_refused().into_iter().map(Error::from));
        let seen = Seen::load(self);
        for (done, found) in rollouts.all().iter().enumerate() {
            progress(Progress { done, total: rollouts.all().len() });
            let recorder =
                Recorder { seen: seen.stamps(found.name.id), later: Some(later), ..Recorder::knowing(self, &look) };
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
        self.forget_look();
        let found = self.found_at(path)?;
        self.record_found(&found, Sight::load(self, found.name.id), effect)
    }

    /// Records the turns of the rollout at a path that have ended since; of a turn that begins just now, nothing.
    ///
    /// # Errors
    /// As [`Workspace::record_path`].
    pub fn record_ended(&self, path: &Path) -> Result<Recorded, Error> {
        self.forget_look();
        let recorder = Recorder { extent: Extent::Ended, ..Recorder::new(self) };
        recorder.found(&self.found_at(path)?)
    }

    /// The rollout at a path, with those that its session was in before.
    fn found_at(&self, path: &Path) -> Result<RolloutFile, Error> {
        let found = RolloutFile::at(path)?;
        if found.name.segment.is_none() {
            return Ok(found);
        }
        let session = self.look().session(found.name.id);
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
        self.forget_look();
        self.record_looked_at(id, effect)
    }

    /// The same, of a session as the last look at the home found it.
    pub(super) fn record_looked_at(&self, id: SessionId, effect: Effect) -> Result<Option<Recorded>, Error> {
        let is_back = effect == Effect::Write && !self.put_back_touched(&self.look().held_of(id)).is_empty();
        if is_back {
            self.forget_look();
        }
        let Some(found) = self.look().session(id) else { return Ok(None) };
        // What was recorded just as it lies there needs no look, long or packed as it may be.
        let sight = Sight::load(self, id);
        let unchanged = sight.as_ref().and_then(|sight| sight.unchanged(&found, &self.store.heads(id).ok()?));
        let mut recorded = match unchanged {
            Some(unchanged) => unchanged,
            None => self.record_found(&found, sight, effect)?,
        };
        recorded.news = recorded.news.or(is_back.then_some(News::PutBack));
        Ok(Some(recorded))
    }

    fn record_found(&self, found: &RolloutFile, sight: Option<Sight>, effect: Effect) -> Result<Recorded, Error> {
        let seen = sight.map(|sight| sight.stamps);
        if effect == Effect::Pretend {
            let act = |workspace: &Self, later: &Later| {
                Recorder { seen, later: Some(later), ..Recorder::new(workspace) }.found(found)
            };
            return self.pretend(act)?;
        }
        Recorder { seen, ..Recorder::new(self) }.found(found)
    }
}

/// A report in the order of the rollouts, whichever thread was first, and each session once.
fn tidy(files: &[RolloutFile], report: &mut Report) {
    let order: HashMap<SessionId, usize> = files.iter().map(|file| file.name.id).zip(0..).collect();
    report.recorded.sort_by_key(|recorded| (order.get(&recorded.session), !recorded.changed));
    report.recorded.dedup_by_key(|recorded| recorded.session);
}
