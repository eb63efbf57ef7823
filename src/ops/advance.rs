//! Advance: a rollout that is behind the store is replaced by the longer one that begins with its bytes.
//!
//! It is the only replacement of a rollout that there is, and no byte is lost by it: what the old file held is the beginning of the new one,
//! lines that are no turn and stand nowhere else are kept by a ref of their own, and half a line that the store lacks keeps the old file
//! held. Codex is kept out by its own locks, and no process may have the file open. A kill at any moment leaves the old file or the new one.

use std::time::{Duration, SystemTime};

use super::lineage::{Compared, States, StoredFile, Whole, turn_in};
use super::record::{Recorder, lines_after, shorter_by};
use super::retry::retry;
use super::{Effect, Error, News, Workspace};
use crate::codex::{Error as CodexError, Look, NewRollout, WriterLock, open_elsewhere};
use crate::model::SessionId;
use crate::rollout::{Rollout, RolloutFile, SessionMeta};
use crate::store::Note;

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
}

/// A rollout that is behind, and what it is to be.
struct Behind {
    found: RolloutFile,
    rollout: Rollout,
    turns: u32,
    file: StoredFile,
    /// How far the store has the file's turns, if it has something after them that the store lacks.
    idle: Option<Whole>,
    /// Whether it ends in half a line that the store lacks.
    is_torn: bool,
}

impl Workspace {
    /// The sessions whose rollouts are behind the store, and by how many turns. Everything is recorded first.
    pub fn behind(&self) -> Vec<(SessionId, u32)> {
        let report = self.record_all(Effect::Write, &mut |_| {});
        let behind = report.recorded.iter().filter_map(|recorded| match recorded.news {
            Some(News::Behind(turns)) => Some((recorded.session, turns)),
            _ => None,
        });
        behind.collect()
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
                let owner = SessionMeta::of(file)?.base.and_then(|base| look.owner(base.rollout));
                if let Some(owner) = owner.filter(|owner| !chain.contains(owner)) {
                    chain.push(owner);
                    next.push(owner);
                }
            }
        }
        chain.reverse();
        Ok(chain)
    }

    /// The sessions that are to be advanced as soon as Codex has closed them: somebody asked for it.
    pub fn waiting(&self) -> Vec<SessionId> {
        self.store.read_note(Note::Waiting).lines().filter_map(SessionId::parse).collect()
    }

    /// Notes whether a session is to be advanced as soon as Codex has closed it.
    ///
    /// # Errors
    /// When that can't be noted.
    pub fn wait_for(&self, session: SessionId, is_waiting: bool) -> Result<(), Error> {
        let before = self.waiting();
        if before.contains(&session) == is_waiting {
            return Ok(());
        }
        let mut waiting: Vec<SessionId> = before.into_iter().filter(|other| *other != session).collect();
        waiting.extend(is_waiting.then_some(session));
        let lines: String = waiting.iter().map(|session| format!("{session}\n")).collect();
        Ok(self.store.write_note(Note::Waiting, &lines)?)
    }

    /// Advances those that wait, as far as Codex has closed them. Gives those that were replaced.
    pub fn advance_waiting(&self) -> Vec<Advanced> {
        let mut all = Vec::new();
        for session in self.waiting() {
            match self.advance(session, Effect::Write) {
                Ok(advanced) => {
                    all.extend(advanced);
                    if let Err(error) = self.wait_for(session, false) {
                        tracing::info!(%error, "a session that was advanced still waits");
                    }
                }
                Err(error) => tracing::info!(%error, %session, "it waits on"),
            }
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
        let Some(behind) = self.what_is_behind(session, look)? else { return Ok(None) };
        let place = match behind.found.path.extension() {
            Some(end) if end == "zst" => behind.found.path.with_extension(""),
            _ => behind.found.path.clone(),
        };
        let last = &behind.file.last;
        let advanced = Advanced { session, path: place, turns: behind.turns, bytes: last.message.offset };
        if effect == Effect::Pretend {
            WriterLock::probe(&self.home, session)?;
            return Ok(Some(advanced));
        }
        let mut new = NewRollout::create(&advanced.path, Some(&behind.found.path))?;
        self.stream_file(&behind.file, &mut |bytes| Ok(new.write(bytes)?))?;
        let ended = u64::try_from(last.author.ended).unwrap_or(0);
        new.written_at(SystemTime::UNIX_EPOCH + Duration::from_secs(ended))?;
        let lock = WriterLock::take(&self.home, session)?;
        self.refuse_open(&behind)?;
        if let Some(whole) = behind.idle {
            self.keep_idle(&behind, whole)?;
        }
        let held = behind.found.hold_too(behind.found.modified)?;
        let replaced = new.replace(&behind.found);
        if replaced.is_ok() && held.is_open() == Some(true) {
            held.put_over()?;
            return Err(CodexError::Open { path: advanced.path }.into());
        }
        if replaced.is_err() || !behind.is_torn {
            held.let_go()?;
        }
        replaced?;
        drop(lock);
        let found = RolloutFile { earlier: behind.found.earlier, ..RolloutFile::at(&advanced.path)? };
        self.prove_advanced(&found, look)?;
        Ok(Some(advanced))
    }

    /// A session's rollout, if it is behind.
    fn what_is_behind(&self, session: SessionId, look: &Look) -> Result<Option<Behind>, Error> {
        let (Some(found), Some(branch)) = (look.session(session), self.store.branch(session)?) else { return Ok(None) };
        let found = RolloutFile { earlier: found.earlier, ..RolloutFile::at(&found.path)? };
        let mut states = States::of(&self.store, vec![branch.last().id]);
        let commits = states.of_rollout(found.name.rollout_id())?;
        let Some(last) = commits.iter().max_by_key(|commit| commit.message.offset) else { return Ok(None) };
        let rollout = Rollout::open(&found)?;
        let Some(shorter) = shorter_by(&self.store, &rollout, last)? else { return Ok(None) };
        let file = StoredFile::of(&self.store, last)?;
        let (len, whole_len) = (rollout.len()?, rollout.whole_len()?);
        let is_same = |len| file.compare(&rollout, len, |blob| self.store.read_blob(blob));
        let is_torn = len > whole_len && !matches!(is_same(len)?, Compared::Prefix(_));
        Ok(Some(Behind { found, rollout, turns: shorter.turns, file, idle: shorter.idle, is_torn }))
    }

    fn refuse_open(&self, behind: &Behind) -> Result<(), Error> {
        let path = &behind.found.path;
        match open_elsewhere(std::slice::from_ref(path)) {
            Some(open) if open.is_empty() => Ok(()),
            Some(_) => Err(CodexError::Open { path: path.clone() }.into()),
            None => {
                let is_idle = behind.found.modified.elapsed().is_ok_and(|since| since >= IDLE);
                let is_sure = behind.rollout.meta().has_writer_locks() || is_idle;
                if is_sure { Ok(()) } else { Err(Error::MayBeOpen(behind.found.name.id)) }
            }
        }
    }

    /// Keeps lines that make no turn and that the longer file has not.
    fn keep_idle(&self, behind: &Behind, whole: Whole) -> Result<(), Error> {
        let Some(open) = behind.rollout.split(whole.end, None, &mut |_| true)?.open else { return Ok(()) };
        let Some(turn) = turn_in(&self.store, behind.file.last.id, whole.turn)? else { return Ok(()) };
        let kept = lines_after(&self.store, &behind.rollout, &turn, &open)?;
        retry(|| Ok(self.store.keep(&kept)?))
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
