//! Evict: remove rollouts that the store gives back.
//!
//! A file goes only when all of it was read back from the store just before, each object's bytes hashed again and compared with the
//! file's, and while Codex can't write to it. What goes comes back with restore or resume.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use super::lineage::{StoredFile, files, segment};
use super::recorder::Recorder;
use super::{Effect, Error, Progress, Workspace};
use crate::model::SessionId;
use crate::rollout::{Found, Rollout, SessionMeta, WriterLock};

/// Which sessions are to be evicted: those that fit all that is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Those that nobody wrote to since.
    pub before: Option<SystemTime>,
    /// Those of which the files have at least so many bytes.
    pub bytes: Option<u64>,
}

/// A session that was evicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evicted {
    /// The session.
    pub session: SessionId,
    /// How many files it had.
    pub files: usize,
    /// How many bytes they took.
    pub bytes: u64,
}

impl Workspace {
    /// The sessions in the codex home that fit.
    ///
    /// # Errors
    /// When the codex home can't be read.
    pub fn evictable(&self, wanted: &Wanted) -> Result<Vec<SessionId>, Error> {
        let fits = |found: &Found| {
            wanted.before.is_none_or(|before| found.modified < before)
                && wanted.bytes.is_none_or(|bytes| size(found) >= bytes)
        };
        Ok(self.home.rollouts()?.0.iter().filter(|found| fits(found)).map(|found| found.name.id).collect())
    }

    /// Removes the rollouts of sessions, each once it is proven that the store gives it back. One that is refused does not stop the
    /// others.
    ///
    /// # Errors
    /// When the codex home can't be read; what stands in the way of a session is its outcome.
    pub fn evict(
        &self,
        sessions: &[SessionId],
        effect: Effect,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<Result<Evicted, Error>>, Error> {
        let (found, _) = self.home.rollouts()?;
        if effect == Effect::Write {
            self.note_known(&found);
        }
        let mut forks = forks_of(&found);
        let mut left: HashSet<SessionId> = found.iter().map(|found| found.name.id).collect();
        let mut outcomes = Vec::new();
        // What goes on from a session goes before it.
        for session in forks_first(sessions, &forks) {
            progress(Progress { done: outcomes.len(), total: sessions.len() });
            let own = forks.remove(&session).unwrap_or_default();
            let forks: Vec<SessionId> = own.into_iter().filter(|fork| left.contains(fork)).collect();
            let outcome = match found.iter().find(|found| found.name.id == session) {
                None => Err(Error::NotFound { text: session.to_string(), near: Vec::new() }),
                Some(_) if !forks.is_empty() => Err(Error::HasForks { session, forks }),
                Some(found) => self.evict_one(found, effect),
            };
            if outcome.is_ok() {
                left.remove(&session);
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    fn evict_one(&self, found: &Found, effect: Effect) -> Result<Evicted, Error> {
        let session = found.name.id;
        let lock = WriterLock::take(&self.home, session)?;
        if effect == Effect::Write {
            Recorder::new(self, effect).found(found)?;
        }
        let branch = self.store.branch(session)?.ok_or_else(|| Error::NotWhole(found.path.clone()))?;
        self.store.prove(branch.last())?;
        let stored = files(&self.store, &[branch.last().id])?;
        for part in found.files() {
            let last = stored.iter().find(|last| segment(last) == Some(part.name.segment));
            let last = last.ok_or_else(|| Error::NotWhole(part.path.clone()))?;
            self.prove_same(part, &StoredFile::of(&self.store, last)?)?;
        }
        let evicted = Evicted { session, files: found.files().count(), bytes: size(found) };
        if effect == Effect::Write {
            // The newest first: Codex takes up no file without those that it goes on from.
            let files: Vec<&Found> = found.files().collect();
            files.into_iter().rev().try_for_each(Found::remove)?;
        }
        drop(lock);
        Ok(evicted)
    }

    /// Proves that the store gives a file back: its bytes are compared, and the objects that they come from hashed again.
    fn prove_same(&self, found: &Found, file: &StoredFile) -> Result<(), Error> {
        let rollout = Rollout::open(found)?;
        let same = file.compare(&rollout, |blob| self.store.prove_object(blob))?;
        let whole = same == Some(rollout.len()?);
        whole.then_some(()).ok_or_else(|| Error::NotWhole(found.path.clone()))
    }
}

/// How many bytes a session's files take.
fn size(found: &Found) -> u64 {
    found.files().map(|file| file.len).sum()
}

/// Which sessions go on from a file of which.
fn forks_of(found: &[Found]) -> HashMap<SessionId, Vec<SessionId>> {
    let ids = |found: &Found| -> Vec<_> { found.files().map(|file| (file.name.rollout_id(), found.name.id)).collect() };
    let owners: HashMap<SessionId, SessionId> = found.iter().flat_map(ids).collect();
    let mut forks: HashMap<SessionId, Vec<SessionId>> = HashMap::new();
    for found in found {
        for file in found.files() {
            let base = SessionMeta::of(file).ok().and_then(|meta| meta.base);
            let owner = base.and_then(|base| owners.get(&base.rollout)).filter(|owner| **owner != found.name.id);
            if let Some(owner) = owner {
                forks.entry(*owner).or_default().push(found.name.id);
            }
        }
    }
    forks
}

/// Sessions in an order in which each comes after those that go on from it.
fn forks_first(sessions: &[SessionId], forks: &HashMap<SessionId, Vec<SessionId>>) -> Vec<SessionId> {
    let (mut ordered, mut left) = (Vec::new(), sessions.to_vec());
    while !left.is_empty() {
        let waits =
            |session: &SessionId| forks.get(session).is_some_and(|forks| forks.iter().any(|fork| left.contains(fork)));
        let (later, now): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
        // Sessions that go on from each other in a circle are none that Codex makes; any order will do.
        let (later, now) = if now.is_empty() { (now, later) } else { (later, now) };
        ordered.extend(now);
        left = later;
    }
    ordered.dedup();
    ordered
}
