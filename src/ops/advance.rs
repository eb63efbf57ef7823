//! Advance: a rollout that is behind the store is replaced by the longer one that begins with its bytes.
//!
//! It is the only replacement of a rollout that there is, and no byte is lost by it: what the old file held is the beginning of the new one,
//! lines that are no turn and stand nowhere else are kept by a ref of their own, and so is half a line that the store lacks. Codex is kept out by
//! its own locks, and no process may have the file open. A kill at any moment leaves the old file or the new one.

use std::time::{Duration, SystemTime};

use super::lineage::{Compared, States, StoredFile, Whole, continues, turn_in};
use super::record::{Recorder, lines_after, open_as_stored, shorter_by};
use super::retry::retry;
use super::successors::is_gone_on_after;
use super::{Effect, Error, News, Workspace};
use crate::codex::{Error as CodexError, Look, NewRollout, WriterLock, open_elsewhere};
use crate::model::{ObjectId, SessionId, Span};
use crate::rollout::{Rollout, RolloutFile, SessionMeta};
use crate::store::Store;

/// How often a file that changes meanwhile is looked at anew.
const ATTEMPTS: usize = 3;

/// Where the system does not say which files are open, a file of a Codex without locks counts as closed after so much time.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// A rollout that was behind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advanced {
    /// The session.
    pub session: SessionId,
    /// Its file.
    pub path: std::path::PathBuf,
    /// How many turns it gained.
    pub turns: u32,
    /// How many bytes it has now.
    pub bytes: u64,
    /// What only the shorter file had: lines that make no turn, as a commit, and half a line, as a blob.
    pub kept: Vec<ObjectId>,
}

/// A rollout, and what the store has more of it.
struct Longer {
    found: RolloutFile,
    rollout: Rollout,
    file: StoredFile,
    /// How many turns more that is.
    turns: u32,
}

/// What a rollout that is behind has, and lacks.
#[derive(Default)]
struct Rest {
    /// How many turns it lacks.
    turns: u32,
    /// How far the store has the file's turns, if it has something after them that the store lacks.
    idle: Option<Whole>,
    /// Whether it ends in half a line that the store lacks.
    is_torn: bool,
}

impl Workspace {
    /// The sessions whose rollouts are behind the store, and by how many turns. Everything is recorded first.
    pub fn behind(&self) -> Vec<(SessionId, u32)> {
        self.record_all(Effect::Write, &mut |_| {}).behind().collect()
    }

    /// Replaces a session's rollout, if it is behind, by what the store has of it; first those that it goes on from. Gives those that were, or
    /// would be, replaced.
    ///
    /// # Errors
    /// When Codex has a session open, or the store or the codex home can't be read or written. What was replaced before stays so.
    pub fn advance(&self, session: SessionId, effect: Effect) -> Result<Vec<Advanced>, Error> {
        let mut advanced = Vec::new();
        for session in self.bases_first(session)? {
            advanced.extend(self.advance_one(session, effect)?);
        }
        Ok(advanced)
    }

    /// A session with those that its files go on from: the furthest first.
    fn bases_first(&self, session: SessionId) -> Result<Vec<SessionId>, Error> {
        let look = self.look();
        let (mut chain, mut next) = (vec![session], vec![session]);
        while let Some(session) = next.pop() {
            let Some(found) = look.session(session) else { continue };
            for file in found.files() {
                let owner = SessionMeta::base_of(file).and_then(|base| look.owner(base.rollout));
                if let Some(owner) = owner.filter(|owner| !chain.contains(owner)) {
                    chain.push(owner);
                    next.push(owner);
                }
            }
        }
        chain.reverse();
        Ok(chain)
    }

    /// Advances those that wait, as far as Codex has closed them. Gives those that were replaced.
    pub fn advance_waiting(&self) -> Vec<Advanced> {
        let (mut all, mut done) = (Vec::new(), Vec::new());
        for session in self.waiting() {
            let advanced = match self.settle_waiting(session) {
                Ok(true) => continue,
                settled => settled.and_then(|_| self.advance(session, Effect::Write)),
            };
            match advanced {
                Ok(advanced) => {
                    all.extend(advanced);
                    done.push(session);
                }
                Err(error) => tracing::info!(%error, %session, "it waits on"),
            }
        }
        if let Err(error) = self.wait_for_all(&done, false) {
            tracing::info!(%error, "sessions that were advanced still wait");
        }
        all
    }

    fn advance_one(&self, session: SessionId, effect: Effect) -> Result<Option<Advanced>, Error> {
        // Many are advanced one after the other: it is looked anew only for one that changed.
        let mut look = self.look();
        for _ in 1..ATTEMPTS {
            match self.try_advance(session, effect, &look) {
                Err(Error::Codex(CodexError::Changed { .. })) => look = self.look_anew(),
                outcome => return outcome,
            }
        }
        self.try_advance(session, effect, &look)
    }

    fn try_advance(&self, session: SessionId, effect: Effect, look: &Look) -> Result<Option<Advanced>, Error> {
        let Some(longer) = self.longer(session, look)? else { return Ok(None) };
        let place = match longer.found.path.extension() {
            Some(end) if end == "zst" => longer.found.path.with_extension(""),
            _ => longer.found.path.clone(),
        };
        let advanced = |turns, kept| Advanced { session, path: place.clone(), turns, bytes: longer.file.len, kept };
        if effect == Effect::Pretend {
            let Some(behind) = self.rest_of(&longer)? else { return Ok(None) };
            WriterLock::probe(&self.home, session)?;
            return Ok(Some(advanced(behind.turns, Vec::new())));
        }
        let mut new = NewRollout::create(&place, Some(&longer.found.path))?;
        let begins_with_it = self.write_longer(&longer, &mut new)?;
        let behind =
            if begins_with_it { Some(Rest { turns: longer.turns, ..Rest::default() }) } else { self.rest_of(&longer)? };
        let Some(behind) = behind else { return Ok(None) };
        if let Some(whole) = &behind.idle
            && is_gone_on_after(look, longer.found.name.rollout_id(), whole.end)
        {
            return Err(Error::ForkedAfter(session));
        }
        let ended = u64::try_from(longer.file.last.author.ended).unwrap_or(0);
        new.written_at(SystemTime::UNIX_EPOCH + Duration::from_secs(ended))?;
        let lock = WriterLock::take(&self.home, session)?;
        self.refuse_open(&longer)?;
        let mut kept = Vec::new();
        if let Some(whole) = behind.idle {
            kept.extend(self.keep_idle(&longer, whole)?);
        }
        if behind.is_torn {
            kept.push(self.keep_half_line(&longer)?);
        }
        let held = longer.found.hold_too(longer.found.modified)?;
        let replaced = new.replace(&longer.found);
        if replaced.is_ok() && held.is_open() == Some(true) {
            held.put_over()?;
            return Err(CodexError::Open { path: place }.into());
        }
        held.let_go()?;
        replaced?;
        drop(lock);
        let found = RolloutFile { earlier: longer.found.earlier.clone(), ..RolloutFile::at(&place)? };
        self.prove_advanced(&found, look)?;
        Ok(Some(advanced(behind.turns, kept)))
    }

    /// What the store has of a session's rollout, if that is more.
    fn longer(&self, session: SessionId, look: &Look) -> Result<Option<Longer>, Error> {
        let (Some(found), Some(branch)) = (look.session(session), self.store.branch(session)?) else { return Ok(None) };
        let found = RolloutFile { earlier: found.earlier, ..RolloutFile::at(&found.path)? };
        let mut states = States::of(&self.store, vec![branch.last().id]);
        let commits = states.of_rollout(found.name.rollout_id())?;
        let Some(last) = commits.iter().max_by_key(|commit| commit.message.offset) else { return Ok(None) };
        let rollout = open_as_stored(&self.store, &found, last)?;
        let len = rollout.whole_len()?;
        let is_same = self.store.meta_blob(last.tree)? == Store::blob_id(&rollout.meta().line);
        if !is_same || continues(&self.store, &rollout, last)? {
            return Ok(None);
        }
        let there =
            commits.iter().filter(|commit| commit.message.offset <= len).map(|commit| commit.message.turn).max();
        let turns = last.message.turn.saturating_sub(there.unwrap_or(0));
        Ok(Some(Longer { file: StoredFile::of(&self.store, last)?, found, rollout, turns }))
    }

    /// Writes what the store has; whether it begins with all that the rollout has.
    fn write_longer(&self, longer: &Longer, new: &mut NewRollout) -> Result<bool, Error> {
        let (mut at, mut is_same, len) = (0, true, longer.rollout.len()?);
        self.stream_file(&longer.file, &mut |bytes| {
            let end = (at + bytes.len() as u64).min(len);
            if is_same && at < end {
                let there = longer.rollout.read(Span { start: at, end })?;
                is_same = bytes.starts_with(&there);
            }
            at += bytes.len() as u64;
            Ok(new.write(bytes)?)
        })?;
        Ok(is_same && len <= at)
    }

    /// What a rollout that is not a beginning of the longer one has otherwise, if that is no turn.
    fn rest_of(&self, longer: &Longer) -> Result<Option<Rest>, Error> {
        let Some(shorter) = shorter_by(&self.store, &longer.rollout, &longer.file.last)? else { return Ok(None) };
        let (len, whole_len) = (longer.rollout.len()?, longer.rollout.whole_len()?);
        let is_same = |len| longer.file.compare(&longer.rollout, len, |blob| self.store.read_blob(blob));
        let is_torn = len > whole_len && !matches!(is_same(len)?, Compared::Prefix(_));
        Ok(Some(Rest { turns: shorter.turns, idle: shorter.idle, is_torn }))
    }

    fn refuse_open(&self, longer: &Longer) -> Result<(), Error> {
        let path = &longer.found.path;
        match open_elsewhere(std::slice::from_ref(path)) {
            Some(open) if open.is_empty() => Ok(()),
            Some(_) => Err(CodexError::Open { path: path.clone() }.into()),
            None => {
                let is_idle = longer.found.modified.elapsed().is_ok_and(|since| since >= IDLE);
                let is_sure = longer.rollout.meta().has_writer_locks() || is_idle;
                if is_sure { Ok(()) } else { Err(Error::MayBeOpen(longer.found.name.id)) }
            }
        }
    }

    /// Keeps lines that make no turn and that the longer file has not.
    fn keep_idle(&self, longer: &Longer, whole: Whole) -> Result<Option<ObjectId>, Error> {
        let Some(open) = longer.rollout.split(whole.end, None, &mut |_| true)?.open else { return Ok(None) };
        let Some(turn) = turn_in(&self.store, longer.file.last.id, whole.turn)? else { return Ok(None) };
        let kept = lines_after(&self.store, &longer.rollout, &turn, &open)?;
        retry(|| Ok(self.store.keep(kept.message.session, kept.id)?))?;
        Ok(Some(kept.id))
    }

    /// Keeps half a line that the longer file has not.
    fn keep_half_line(&self, longer: &Longer) -> Result<ObjectId, Error> {
        let span = Span { start: longer.rollout.whole_len()?, end: longer.rollout.len()? };
        let blob = self.store.write_meta(&longer.rollout.read(span)?)?;
        retry(|| Ok(self.store.keep(longer.found.name.id, blob)?))?;
        Ok(blob)
    }

    /// A rollout that was advanced is what the store has, and nothing else.
    fn prove_advanced(&self, found: &RolloutFile, look: &Look) -> Result<(), Error> {
        let recorded = Recorder::knowing(self, look).record(found)?;
        match recorded.news {
            Some(News::Behind(_) | News::Rewritten) => Err(Error::NotAdvanced(found.name.id)),
            _ => Ok(()),
        }
    }
}
