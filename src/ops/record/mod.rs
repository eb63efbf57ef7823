//! Record: commit the turns that rollouts gained.
//!
//! Recording reads a rollout from where the last recording ended. That the file still continues what was recorded is proven
//! by two comparisons whose cost does not depend on its length: its first line is the recorded one, and the last bytes before
//! the recorded offset have the recorded hash. The commits depend on the rollout's bytes alone, so it never matters when,
//! how often or by how many processes at once a rollout is recorded.

mod again;
mod base;
mod commits;
mod compare;
mod import;
mod outcome;
mod publish;
mod rejoin;
mod session;
mod unchanged;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

pub(super) use again::Unproven;
pub(super) use commits::lines_after;
pub(super) use compare::{damaged, open_as_stored, shorter_by};
use import::is_worth_a_pack;
pub use outcome::{Effect, News, Progress, Recorded, Report, Unrecorded};
use publish::PendingSessions;
pub(super) use session::Recorder;
use unchanged::{Seen, Sight};

use super::{Error, Workspace};
use crate::codex::Look;
use crate::model::SessionId;
use crate::rollout::RolloutFile;
use crate::store::{Commit, Heads};

impl Workspace {
    /// Records every rollout of the codex home, oldest first. One that fails does not stop the others.
    pub fn record_all(&self, effect: Effect, progress: &mut dyn FnMut(Progress)) -> Report {
        match effect {
            Effect::Write => self.record_home(self.look_anew(), progress),
            Effect::Pretend => {
                self.forget_look();
                self.pretend(|workspace, pending| workspace.pretend_home(pending, progress))
                    .unwrap_or_else(|error| Report { failed: vec![error], ..Report::default() })
            }
        }
    }

    fn record_home(&self, look: Arc<Look>, progress: &mut dyn FnMut(Progress)) -> Report {
        let (look, mut report) = self.put_back_first(look);
        let (seen, rollouts) = Seen::load(self, || look.all());
        report.failed.extend(rollouts.take_refused().into_iter().map(Error::from));
        let left = self.record_files(rollouts.all(), seen, &look, &mut report, progress);
        look.remember(left);
        report
    }

    /// Records the rollouts of the sessions that were last in a directory, and whatever else the home holds that is new: enough for all that
    /// can be told of the directory. A session that went on in another directory since it was recorded last is still taken to be where it
    /// was.
    pub fn record_directory(&self, directory: &Path, progress: &mut dyn FnMut(Progress)) -> Report {
        let look = self.look_anew();
        let Some(there) = self.rows_in(directory).ok().filter(|_| !look.is_mostly_new()) else {
            return self.record_home(look, progress);
        };
        let (look, mut report) = self.put_back_first(look);
        let mut heads: HashMap<SessionId, Heads> = there.rows.into_iter().map(|row| (row.id, row.heads)).collect();
        for id in look.unsettled() {
            heads.entry(*id).or_insert_with(|| self.store.heads(*id).unwrap_or_default());
        }
        let mut files: Vec<RolloutFile> = heads.keys().filter_map(|id| look.session(*id)).collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        self.record_files(&files, Seen::load_some(self, &heads), &look, &mut report, progress);
        report
    }

    /// Puts back the held files that somebody wrote to. Gives the look that counts then, and a report that names them.
    fn put_back_first(&self, look: Arc<Look>) -> (Arc<Look>, Report) {
        let report = Report { put_back: self.put_back_touched(&look.held()), ..Report::default() };
        (if report.put_back.is_empty() { look } else { self.look_anew() }, report)
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
        let one = |found: &RolloutFile| Recorder::knowing(self, look).seen(seen.stamps(found.name.id)).record(found);
        let (suspects, fresh): (Vec<RolloutFile>, Vec<RolloutFile>) =
            fresh.into_iter().partition(|found| seen.is_suspect(found));
        suspects.iter().for_each(|rollout| report.add(one(rollout)));
        let done = report.recorded.len();
        tracing::debug!(sessions = total, unchanged = done, "looked at rollouts");
        let mut progress = |fresh: usize| progress(Progress { done: done + fresh, total });
        if is_worth_a_pack(seen.unknown(&fresh).into_iter()) {
            self.import_rollouts(&fresh, look, report, &mut progress);
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
        // A folder that is moved leaves its files as they were.
        let in_place = self.home.in_place();
        self.note_known(looked_at.iter().chain(files.iter().filter(|file| !file.files().all(&in_place))));
        seen.note(&looked_at, &report.recorded)
    }

    /// What is not recorded.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn unrecorded(&self) -> Result<Unrecorded, Error> {
        let report = self.record_all(Effect::Pretend, &mut |_| {});
        Ok(Unrecorded {
            sessions: report.recorded.iter().filter(|recorded| recorded.turns > 0).count(),
            behind: report.behind().count(),
            failed: report.failed,
        })
    }

    /// What recording every rollout would do.
    fn pretend_home(&self, pending: &PendingSessions, progress: &mut dyn FnMut(Progress)) -> Report {
        let look = self.look();
        let (mut report, (seen, rollouts)) = (Report::default(), Seen::load(self, || look.all()));
        report.failed.extend(rollouts.take_refused().into_iter().map(Error::from));
        for (done, found) in rollouts.all().iter().enumerate() {
            progress(Progress { done, total: rollouts.all().len() });
            let recorder = Recorder::knowing(self, &look).seen(seen.stamps(found.name.id)).pending(Some(pending));
            report.add(match (seen.unchanged(found), pending.recorded(found.name.id)) {
                (Some(recorded), _) | (None, Some(recorded)) => Ok(recorded),
                (None, None) => recorder.record(found),
            });
        }
        report
    }

    /// Does the work of a recording without leaving anything of it: what is written goes into a file without a name, and no ref moves. It stands on
    /// the last look at the home.
    fn pretend<T>(&self, act: impl FnOnce(&Self, &PendingSessions) -> T) -> Result<T, Error> {
        let mut workspace = self.reopen_looked_at()?;
        workspace.store.write_aside()?;
        Ok(act(&workspace, &PendingSessions::pretended()))
    }

    /// Records the rollout at a path, wherever it is.
    ///
    /// # Errors
    /// When it can't be read, is none that can be recorded, or was rewritten.
    pub fn record_path(&self, path: &Path, effect: Effect) -> Result<Recorded, Error> {
        self.forget_look();
        let found = self.found_at(path)?;
        self.record_found(&found, Sight::of(self, found.name.id), effect)
    }

    /// Records the rollout at a path that nobody works in: plain `git log` goes on to show what it showed.
    ///
    /// # Errors
    /// As [`Workspace::record_path`].
    pub(super) fn record_aside(&self, path: &Path) -> Result<Recorded, Error> {
        self.forget_look();
        Recorder::new(self).keeping_head().record(&self.found_at(path)?)
    }

    /// Records the turns of the rollout at a path that have ended since; of a turn that begins just now, nothing.
    ///
    /// # Errors
    /// As [`Workspace::record_path`].
    pub fn record_ended(&self, path: &Path) -> Result<Recorded, Error> {
        self.forget_look();
        Recorder::new(self).ended().record(&self.found_at(path)?)
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
        let sight = Sight::of(self, id);
        let mut recorded = match sight.as_ref().and_then(|sight| sight.unchanged(&found)) {
            Some(unchanged) => unchanged,
            None => self.record_found(&found, sight, effect)?,
        };
        recorded.news = recorded.news.or(is_back.then_some(News::PutBack));
        Ok(Some(recorded))
    }

    fn record_found(&self, found: &RolloutFile, sight: Option<Sight>, effect: Effect) -> Result<Recorded, Error> {
        let seen = sight.map(|sight| sight.stamps);
        if effect == Effect::Pretend {
            let act = |workspace: &Self, pending: &PendingSessions| {
                Recorder::new(workspace).seen(seen).pending(Some(pending)).record(found)
            };
            return self.pretend(act)?;
        }
        Recorder::new(self).seen(seen).record(found)
    }
}

/// A report in the order of the rollouts, whichever thread was first, and each session once.
fn tidy(files: &[RolloutFile], report: &mut Report) {
    let order: HashMap<SessionId, usize> = files.iter().map(|file| file.name.id).zip(0..).collect();
    report.recorded.sort_by_key(|recorded| (order.get(&recorded.session), !recorded.changed));
    report.recorded.dedup_by_key(|recorded| recorded.session);
}
