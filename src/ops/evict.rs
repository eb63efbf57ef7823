//! Evict: free the disk space of rollouts that the store can restore.
//!
//! A file goes in two steps. It is moved aside only when all of it was read back from the store just before, each object's bytes hashed again
//! and compared with the file's, while Codex is kept out by its own locks and no other process has the file open. It is removed a day
//! later, if nobody wrote to it since and the store still proves that it holds all of it ([`super::held`]). What goes comes back with restore
//! or resume.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::SystemTime;

use super::record::Recorder;
use super::successors::forks_of;
use super::{Effect, Error, Progress, Workspace};
use crate::codex::{Error as CodexError, HeldFile, Look, WriterLock, open_elsewhere};
use crate::model::SessionId;
use crate::rollout::{RolloutFile, SessionMeta};

/// How many sessions are moved aside before it is looked who has their files open: a look goes through all processes.
const BATCH: usize = 32;

/// Which sessions are to be evicted: those that fit all that is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Those that nobody wrote to since.
    pub before: Option<SystemTime>,
    /// Those of which the files have at least so many bytes.
    pub bytes: Option<u64>,
}

/// How sessions are evicted.
#[derive(Clone, Copy, Debug)]
pub struct Eviction {
    /// Whether anything is moved at all.
    pub effect: Effect,
    /// The time that is noted.
    pub now: SystemTime,
    /// Whether the files are removed at once, and not held for a day.
    pub at_once: bool,
    /// Whether to go on where the system does not say which files are open and the session's Codex had no locks.
    pub unseen: bool,
}

/// A session that was evicted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evicted {
    /// The session.
    pub session: SessionId,
    /// How many files it had.
    pub files: usize,
    /// How many bytes they took.
    pub bytes: u64,
    /// Whether they are held, to be removed later.
    pub held: bool,
}

/// A session whose files are moved aside while Codex is kept out.
struct Aside {
    evicted: Evicted,
    files: Vec<HeldFile>,
    _lock: WriterLock,
}

impl Workspace {
    /// The sessions in the codex home that fit.
    pub fn evictable(&self, wanted: &Wanted) -> Vec<SessionId> {
        let fits = |found: &RolloutFile| {
            wanted.before.is_none_or(|before| found.modified < before)
                && wanted.bytes.is_none_or(|bytes| size(found) >= bytes)
        };
        self.look_anew().all().all().iter().filter(|found| fits(found)).map(|found| found.name.id).collect()
    }

    /// Moves the rollouts of sessions aside, each once it is proven that the store can restore it, and removes them if that is to be done at
    /// once. One that is refused does not stop the others; an outcome for each.
    pub fn evict(
        &self,
        sessions: &[SessionId],
        eviction: &Eviction,
        progress: &mut dyn FnMut(Progress),
    ) -> Vec<Result<Evicted, Error>> {
        let look = self.look_anew();
        let rollouts = look.all();
        if eviction.effect == Effect::Write {
            self.note_known(rollouts.all());
        }
        let forks = forks_of(&look);
        let mut left: HashSet<SessionId> = rollouts.all().iter().map(|found| found.name.id).collect();
        let mut outcomes = Vec::new();
        // What goes on from a session goes before it.
        for batch in forks_first(sessions, &forks).chunks(BATCH) {
            progress(Progress { done: outcomes.len(), total: sessions.len() });
            let evict = Batch { workspace: self, look: &look, forks: &forks, eviction };
            outcomes.extend(evict.run(batch, &mut left));
        }
        outcomes
    }
}

/// Sessions that are evicted together.
struct Batch<'a> {
    workspace: &'a Workspace,
    look: &'a Look,
    forks: &'a HashMap<SessionId, Vec<SessionId>>,
    eviction: &'a Eviction,
}

impl Batch<'_> {
    fn run(&self, sessions: &[SessionId], left: &mut HashSet<SessionId>) -> Vec<Result<Evicted, Error>> {
        let found = sessions.iter().filter_map(|session| self.look.session(*session)).collect::<Vec<_>>();
        let open = open_elsewhere(
            &found.iter().flat_map(RolloutFile::files).map(|file| file.path.clone()).collect::<Vec<_>>(),
        );
        let mut going: HashSet<SessionId> = HashSet::new();
        let aside: Vec<Result<Aside, Error>> = sessions
            .iter()
            .map(|session| {
                let aside = self.move_aside(*session, left, &going, open.as_deref());
                going.extend(aside.is_ok().then_some(*session));
                aside
            })
            .collect();
        let moved = aside.iter().flatten().flat_map(|aside| aside.files.iter().map(|file| file.path.clone()));
        let open = open_elsewhere(&moved.collect::<Vec<_>>()).unwrap_or_default();
        aside.into_iter().map(|aside| self.settle(aside?, &open, left)).collect()
    }

    /// Moves a session's files aside, if nothing speaks against it. `going` are the sessions that are on their way in this batch.
    fn move_aside(
        &self,
        session: SessionId,
        left: &HashSet<SessionId>,
        going: &HashSet<SessionId>,
        open: Option<&[PathBuf]>,
    ) -> Result<Aside, Error> {
        let workspace = self.workspace;
        let not_there = || match workspace.store.heads(session) {
            Ok((Some(_), _)) => Error::OnlyKept(session),
            _ => Error::NotFound { text: session.to_string(), near: Vec::new() },
        };
        let found = self.look.session(session).ok_or_else(not_there)?;
        self.refuse_base(session, |fork| left.contains(&fork) && !going.contains(&fork))?;
        // Codex's own word is the clearer one.
        WriterLock::probe(&self.workspace.home, session)?;
        self.refuse_open(&found, open)?;
        let parts = || found.files().map(|file| RolloutFile::at(&file.path)).collect::<Result<Vec<_>, _>>();
        let mut evicted = Evicted { session, files: found.files().count(), bytes: size(&found), held: false };
        if self.eviction.effect == Effect::Pretend {
            workspace.prove_files(session, &parts()?, self.look)?;
            // Nothing is locked or moved, so there is nothing to settle.
            let lock = WriterLock::pretended();
            return Ok(Aside { evicted, files: Vec::new(), _lock: lock });
        }
        let lock = WriterLock::take(&workspace.home, session)?;
        Recorder::knowing(workspace, self.look).record(&found)?;
        let parts = parts()?;
        workspace.prove_files(session, &parts, self.look)?;
        let mut files: Vec<HeldFile> = Vec::new();
        // The newest first: Codex takes up no file without those that it goes on from.
        for part in parts.iter().rev() {
            match part.hold(self.eviction.now) {
                Ok(held) => files.push(held),
                Err(error) => {
                    put_back(&files);
                    return Err(error.into());
                }
            }
        }
        evicted.held = true;
        Ok(Aside { evicted, files, _lock: lock })
    }

    /// Leaves a session's files aside, or puts them back if another process turned out to have one open, or a fork of it stays.
    fn settle(&self, aside: Aside, open: &[PathBuf], left: &mut HashSet<SessionId>) -> Result<Evicted, Error> {
        let Aside { mut evicted, files, _lock } = aside;
        let refused = self.refuse_base(evicted.session, |fork| left.contains(&fork)).err().or_else(|| {
            let file = files.iter().find(|file| open.contains(&file.path))?;
            Some(CodexError::Open { path: file.place.clone() }.into())
        });
        if let Some(error) = refused {
            put_back(&files);
            return Err(error);
        }
        left.remove(&evicted.session);
        if self.eviction.at_once && evicted.held {
            for file in &files {
                self.workspace.remove_held(file, self.look)?;
            }
            evicted.held = false;
        }
        Ok(evicted)
    }

    fn refuse_base(&self, session: SessionId, stays: impl Fn(SessionId) -> bool) -> Result<(), Error> {
        let forks: Vec<SessionId> =
            self.forks.get(&session).into_iter().flatten().copied().filter(|fork| stays(*fork)).collect();
        if forks.is_empty() { Ok(()) } else { Err(Error::HasForks { session, forks }) }
    }

    fn refuse_open(&self, found: &RolloutFile, open: Option<&[PathBuf]>) -> Result<(), Error> {
        let Some(open) = open else {
            let locked = SessionMeta::of(found).is_ok_and(|meta| meta.has_writer_locks());
            return if locked || self.eviction.unseen { Ok(()) } else { Err(Error::MayBeOpen(found.name.id)) };
        };
        match found.files().find(|file| open.contains(&file.path)) {
            Some(file) => Err(CodexError::Open { path: file.path.clone() }.into()),
            None => Ok(()),
        }
    }
}

fn put_back(files: &[HeldFile]) {
    for file in files {
        if let Err(error) = file.put_back() {
            // It stays held: the next recording finds it.
            tracing::warn!(%error, path = %file.path.display(), "a file was not put back");
        }
    }
}

/// How many bytes a session's files take.
fn size(found: &RolloutFile) -> u64 {
    found.files().map(|file| file.len).sum()
}

/// Sessions in an order in which each comes after those that go on from it. Those that go on from each other in a circle, which no Codex
/// makes, come in any order.
fn forks_first(sessions: &[SessionId], forks: &HashMap<SessionId, Vec<SessionId>>) -> Vec<SessionId> {
    let wanted: HashSet<SessionId> = sessions.iter().copied().collect();
    let (mut seen, mut ordered) = (HashSet::new(), Vec::new());
    for session in sessions {
        let mut visits = vec![(*session, false)];
        while let Some((session, is_ready)) = visits.pop() {
            if is_ready {
                ordered.push(session);
            } else if seen.insert(session) {
                visits.push((session, true));
                let forks = forks.get(&session).into_iter().flatten().filter(|fork| wanted.contains(fork));
                visits.extend(forks.map(|fork| (*fork, false)));
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forks_go_before_what_they_go_on_from_however_long_the_chain_is() {
        let ids: Vec<SessionId> = (0..20_000).map(|n| SessionId::new_at(n, 0)).collect();
        let forks: HashMap<_, _> = ids.windows(2).map(|pair| (pair[0], vec![pair[1]])).collect();
        let mut expected = ids.clone();
        expected.reverse();
        assert_eq!(forks_first(&ids, &forks), expected);
        let circle = HashMap::from([(ids[0], vec![ids[1]]), (ids[1], vec![ids[0]])]);
        assert_eq!(forks_first(&ids[..2], &circle).len(), 2);
    }
}
