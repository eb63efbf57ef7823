//! Import: a conversation that somebody shared is taken into the store.
//!
//! Nothing that comes from elsewhere is believed. It is taken in beside the store, every object is checked, and every commit is made anew from the
//! bytes that it holds: only what is a rollout's recording becomes a part of the store. Then it finds its place: see `arrival`.

use std::io::BufRead;

use super::arrival::Arrival;
use super::record::Unproven;
use super::share::session_of;
use super::{Effect, Error, Workspace};
use crate::model::{ObjectId, SessionId};
use crate::store::{Bundled, Commit, Error as StoreError, GitError, Incoming};

/// A larger file is no conversation.
const MOST_BYTES: u64 = 2 << 30;

/// A conversation that came in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// Its session.
    pub session: SessionId,
    /// Its last commit.
    pub head: Commit,
    /// What became of it.
    pub outcome: Arrival,
    /// Whether the session ends there now, so that its id means it.
    pub is_end: bool,
}

impl Workspace {
    /// Takes in a conversation that somebody shared. `expected` is its last commit, if that is known. With [`Effect::Pretend`] nothing stays of it.
    ///
    /// # Errors
    /// [`Error::NotShared`] for anything else, [`Error::NotARecording`] if it holds what no rollout's recording does, and when the store can't be
    /// read or written. The sessions are as they were then.
    pub fn import(
        &self,
        bundle: &mut dyn BufRead,
        expected: Option<ObjectId>,
        effect: Effect,
    ) -> Result<Imported, Error> {
        let bundled = Bundled::read(bundle).map_err(not_shared)?;
        let not_ours = || not_shared("it is a bundle of git, but none that `codex-git share` wrote".to_owned());
        let session = session_of(&bundled).ok_or_else(not_ours)?;
        if expected.is_some_and(|expected| expected != bundled.id) {
            return Err(not_shared("it holds another conversation than was promised".to_owned()));
        }
        let incoming = self.store.take_in(bundle, MOST_BYTES).map_err(damaged)?;
        let head = incoming.side().commit(bundled.id).map_err(damaged)?;
        if head.message.session != session {
            return Err(not_ours());
        }
        self.take_one(incoming, head, effect)
    }

    /// Takes in the conversation that ends with a commit of what came.
    pub(super) fn take_one(&self, incoming: Incoming, head: Commit, effect: Effect) -> Result<Imported, Error> {
        let session = head.message.session;
        let Unproven { mut refused, has_more } = Unproven::of(&incoming, &[head.id], &self.store)?;
        if let Some((_, error)) = refused.pop() {
            return Err(to_blame(error));
        }
        if has_more {
            return Err(not_shared("it holds more than the conversation that it names".to_owned()));
        }
        self.record_session(session, Effect::Write)?;
        let outcome = match (self.arrival(incoming.side(), &head)?.0, effect) {
            (arrival @ Arrival::Known, _) | (arrival, Effect::Pretend) => arrival,
            (_, Effect::Write) => {
                // Until the refs stand, it is kept by hand.
                let settled = incoming.settle(&self.store)?;
                // Its rollout follows: should that be stopped, the next command sees to it.
                self.wait_for(session, self.look().session(session).is_some())?;
                let arrival = self.settle(&head)?;
                drop(settled);
                if !matches!(arrival, Arrival::Longer { .. } | Arrival::Waits { .. }) {
                    self.wait_for(session, false)?;
                }
                arrival
            }
        };
        let is_end = match outcome {
            Arrival::New | Arrival::Longer { .. } => true,
            Arrival::Strand { .. } | Arrival::Waits { .. } => false,
            Arrival::Known => self.store.branch(session)?.is_some_and(|branch| branch.last().id == head.id),
        };
        Ok(Imported { session, head, outcome, is_end })
    }
}

fn not_shared(reason: String) -> Error {
    Error::NotShared { what: "it".to_owned(), reason }
}

/// Of a pack that git does not take, or that lacks what it must have, the file is to blame, and not the store.
pub(super) fn damaged(error: StoreError) -> Error {
    match error {
        StoreError::Git(GitError::Program { said, .. }) => {
            not_shared(format!("it is damaged, or nothing that codex-git wrote (git: {said})"))
        }
        StoreError::Foreign { .. } => not_shared(error.to_string()),
        StoreError::Layout { problem, .. } => not_shared(format!("it holds what codex-git does not write: {problem}")),
        StoreError::NotATurn { .. } => not_shared("it holds commits that codex-git did not make".to_owned()),
        error if error.is_damage() => not_shared("it is damaged: what it names is not in it".to_owned()),
        error => error.into(),
    }
}

/// The same of what is found when it is read.
pub(super) fn to_blame(error: Error) -> Error {
    match error {
        Error::Store(error) => damaged(error),
        error => error,
    }
}
