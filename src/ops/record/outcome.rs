//! What recording does and did, in the words that verbs and their callers share.

use std::path::PathBuf;

use crate::model::SessionId;
use crate::ops::Error;
use crate::store::Error as StoreError;

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
#[non_exhaustive]
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
#[non_exhaustive]
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

    /// The sessions whose rollouts have fewer turns than the store, and how many fewer.
    pub fn behind(&self) -> impl Iterator<Item = (SessionId, u32)> {
        self.recorded.iter().filter_map(|recorded| match recorded.news {
            Some(News::Behind(turns)) => Some((recorded.session, turns)),
            _ => None,
        })
    }

    /// Takes the outcome of one recording. That a rollout holds no whole line is no failure.
    pub fn add(&mut self, outcome: Result<Recorded, Error>) {
        match outcome {
            Ok(recorded) => {
                tracing::debug!(session = %recorded.session, turns = recorded.turns, changed = recorded.changed, "recorded");
                self.recorded.push(recorded);
            }
            Err(Error::Rollout(error)) if error.is_of_nothing() => tracing::info!(%error, "nothing to record"),
            // That is the store's, and not the rollout's.
            Err(error) if is_lost_refs(&error) && self.failed.iter().any(is_lost_refs) => {}
            Err(error) => self.failed.push(error),
        }
    }
}

/// How far recording many rollouts has come.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// How many rollouts are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// What is not recorded.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Unrecorded {
    /// How many sessions hold turns that are not.
    pub sessions: usize,
    /// How many rollouts hold less than the store does.
    pub behind: usize,
    /// What can't be recorded, and the folders that can't be read.
    pub failed: Vec<Error>,
}

fn is_lost_refs(error: &Error) -> bool {
    matches!(error, Error::Store(StoreError::LostRefs))
}
