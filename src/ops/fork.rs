//! Fork: a new session that starts at a point of another.
//!
//! First the new rollout is written, whole, under its own name; then it is recorded like any other. A kill in between leaves a
//! rollout that Codex can resume and that the next recording takes in with the same commits; where recording fails, it goes again.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::{Effect, Error, Point, Saved, Workspace};
use crate::codex::NewRollout;
use crate::model::{CommitKind, ObjectId, SaveName, SessionId, TurnNumber};
use crate::rollout::{
    Elsewhere, Error as RolloutError, ForkOf, RolloutName, SessionMeta, fork_meta, last_settings, settle, upgrade,
    upgrade_meta, without_next_prompt,
};
use crate::store::Commit;

/// A fork that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    /// The save of its first point, if it was given a name.
    pub saved: Option<Saved>,
}

/// What a fork's rollout is made of, after its first line.
pub(super) struct Parts {
    /// The commit that it starts at.
    pub base: Commit,
    /// The chunks that this commit holds.
    ended: Vec<ObjectId>,
    /// What comes after: chunks, or a turn's bytes that are not those of the base's.
    open: Vec<ObjectId>,
    pub changed: Option<Vec<u8>>,
}

impl Workspace {
    /// Makes a fork at a point, and names it if a name is given. `now` is local time: Codex names files by it.
    ///
    /// # Errors
    /// When the session is too old for any Codex to resume, or the rollout can't be written.
    pub fn fork(&self, point: &Point, name: Option<&SaveName>, now: OffsetDateTime) -> Result<Forked, Error> {
        self.fork_elsewhere(point, name, &Elsewhere::default(), now)
    }

    /// As [`Workspace::fork`], for another provider or another directory. The turns keep their bytes; the first line is changed, and where lines
    /// of settings count, one more is added.
    ///
    /// # Errors
    /// As [`Workspace::fork`].
    pub fn fork_elsewhere(
        &self,
        point: &Point,
        name: Option<&SaveName>,
        elsewhere: &Elsewhere,
        now: OffsetDateTime,
    ) -> Result<Forked, Error> {
        let from = point.message.session;
        let source = self.store.read_blob(self.store.meta_blob(point.tree)?)?;
        let too_old = || RolloutError::TooOld(from);
        SessionMeta::read(&source).filter(|meta| !meta.bare).ok_or_else(too_old)?;
        let parts = self.parts(point)?;

        let session = new_session(now);
        let of = ForkOf { session: from, commit: parts.base.id, len: None };
        let line = fork_meta(&source, session, &of, elsewhere, now).ok_or_else(too_old)?;
        let mut new = self.begin(session, from, now)?;
        new.write(&line)?;
        // All that the base's commit holds stands after the new first line.
        let mut shared = line.len() as u64;
        self.stream(&parts.ended, &mut |bytes| {
            shared += bytes.len() as u64;
            Ok(new.write(bytes)?)
        })?;
        self.stream(&parts.open, &mut |bytes| Ok(new.write(bytes)?))?;
        new.write(parts.changed.as_deref().unwrap_or_default())?;
        let stored = parts.ended.iter().chain(&parts.open).rev().map(|blob| Ok(self.store.read_blob(*blob)?));
        let mut chunks = parts.changed.iter().map(|changed| Ok(changed.clone())).chain(stored);
        new.write(&self.settled(point, &mut chunks, (session, elsewhere), now)?.unwrap_or_default())?;
        let path = new.publish()?;
        self.keep_if_recorded((session, &path), || self.record_fork(&path, parts.base, shared))?;
        let saved = self.name_first_point(session, name, now)?;
        Ok(Forked { session, path, from, turn: point.message.turn, open: point.message.kind.is_open(), saved })
    }

    /// As [`Workspace::fork`], of a session of the first era, whose lines are written as a later Codex writes them.
    ///
    /// # Errors
    /// When the rollout can't be written. A session that is of a later era is forked as it is.
    pub fn fork_upgraded(&self, point: &Point, name: Option<&SaveName>, now: OffsetDateTime) -> Result<Forked, Error> {
        let from = point.message.session;
        let tree = self.store.read_tree(point.tree)?;
        let source = self.store.read_blob(tree.meta)?;
        if SessionMeta::read(&source).is_some_and(|meta| !meta.bare) {
            return self.fork(point, name, now);
        }
        let session = new_session(now);
        let cwd = point.message.cwd.as_deref();
        let line = upgrade_meta(&source, session, from, cwd, now).ok_or(RolloutError::TooOld(from))?;
        let mut new = self.begin(session, from, now)?;
        new.write(&line)?;
        for turn in (1..=tree.turns()).filter_map(TurnNumber::new) {
            new.write(&upgrade(&self.turn_bytes(point, turn)?, now))?;
        }
        let path = new.publish()?;
        self.keep_if_recorded((session, &path), || self.record_path(&path, Effect::Write))?;
        let saved = self.name_first_point(session, name, now)?;
        Ok(Forked { session, path, from, turn: point.message.turn, open: point.message.kind.is_open(), saved })
    }

    /// The line of settings with which a fork goes on, if it needs one. The chunks are the fork's, the last one first.
    pub(super) fn settled(
        &self,
        point: &Point,
        chunks: &mut dyn Iterator<Item = Result<Vec<u8>, Error>>,
        (session, elsewhere): (SessionId, &Elsewhere),
        now: OffsetDateTime,
    ) -> Result<Option<Vec<u8>>, Error> {
        let waiting = self.waiting_settings(point)?;
        if *elsewhere == Elsewhere::default() && waiting.is_none() {
            return Ok(None);
        }
        let mut end: Option<Vec<u8>> = None;
        for bytes in chunks {
            let bytes = bytes?;
            let end = end.get_or_insert_with(|| last_line(&bytes).to_vec());
            let settings = match &waiting {
                Some(waiting) => Some((waiting.as_slice(), false)),
                None => last_settings(&bytes).map(|settings| (settings, true)),
            };
            if let Some(settings) = settings {
                return Ok(settle(settings, end, session, elsewhere, now));
            }
        }
        Ok(None)
    }

    /// Records a fork's rollout. One that can't be recorded goes again: else whoever tries once more has two.
    pub(super) fn keep_if_recorded<T>(
        &self,
        (session, path): (SessionId, &Path),
        record: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        record().inspect_err(|_| {
            // Somebody else may have recorded it.
            let is_recorded = || !matches!(self.store.branch(session), Ok(None));
            if !is_recorded() {
                NewRollout::take_back(path, is_recorded);
                self.forget_look();
            }
        })
    }

    /// Begins a fork's rollout.
    pub(super) fn begin(&self, session: SessionId, from: SessionId, now: OffsetDateTime) -> Result<NewRollout, Error> {
        let place = self.home.place_of(&RolloutName::new(now, session));
        Ok(NewRollout::create(&place, self.neighbour(from).as_deref())?)
    }

    pub(super) fn name_first_point(
        &self,
        session: SessionId,
        name: Option<&SaveName>,
        now: OffsetDateTime,
    ) -> Result<Option<Saved>, Error> {
        let (Some(name), Some(branch)) = (name, self.store.branch(session)?) else { return Ok(None) };
        self.save(name, branch.head(), now.unix_timestamp()).map(Some)
    }

    pub(super) fn parts(&self, point: &Point) -> Result<Parts, Error> {
        let blobs = |commit: &Commit| -> Result<Vec<ObjectId>, Error> {
            Ok(self.store.read_tree(commit.tree)?.chunks.iter().map(|chunk| chunk.blob).collect())
        };
        let base = self.base_of(point)?;
        if let (Some(changed), Some(before)) = (self.without_next_prompt(&base)?, base.before()) {
            let base = self.store.commit(before)?;
            return Ok(Parts { ended: blobs(&base)?, base, open: Vec::new(), changed: Some(changed) });
        }
        let ended = blobs(&base)?;
        let open = blobs(point)?.split_off(ended.len());
        Ok(Parts { base, ended, open, changed: None })
    }

    /// A turn's chunk, if it holds the prompt of the next turn as well: without it.
    fn without_next_prompt(&self, turn: &Commit) -> Result<Option<Vec<u8>>, Error> {
        let CommitKind::Turn { ids, .. } = &turn.message.kind else { return Ok(None) };
        let number = TurnNumber::new(turn.message.turn).filter(|_| ids.iter().any(|id| id.starts_with("rollout-")));
        let Some(number) = number else { return Ok(None) };
        Ok(without_next_prompt(&self.turn_bytes(turn, number)?))
    }

    /// The commit on a branch that a point stands on: open lines are not on one.
    fn base_of(&self, point: &Point) -> Result<Commit, Error> {
        let kind = &point.message.kind;
        match point.parents.first() {
            Some(parent) if kind.is_unfinished() => Ok(self.store.commit(*parent)?),
            _ => Ok(point.clone()),
        }
    }

    /// A rollout whose permissions a new one should have.
    fn neighbour(&self, session: SessionId) -> Option<PathBuf> {
        let look = self.look();
        look.session(session).map(|found| found.path).or_else(|| look.youngest())
    }
}

/// The last line of some, without its line feed.
fn last_line(lines: &[u8]) -> &[u8] {
    let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
    &lines[memchr::memrchr(b'\n', lines).map_or(0, |feed| feed + 1)..]
}

/// An id for a session that begins now.
pub(super) fn new_session(now: OffsetDateTime) -> SessionId {
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
    SessionId::new_at(seconds, now.nanosecond())
}
