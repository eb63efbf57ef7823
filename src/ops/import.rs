//! Import: a conversation that somebody shared is taken into the store.
//!
//! Nothing that comes from elsewhere is believed. It is taken in beside the store, every object is checked, and every commit is made anew from the
//! bytes that it holds: only what is a rollout's recording becomes a part of the store. Then the session's branch moves to it, if it goes on where
//! the branch ends. If both went on, it is a strand: a ref of its own, from where a fork can start.

use std::collections::HashSet;
use std::io::BufRead;

use super::lineage::{begins_with, own_commits};
use super::record::Again;
use super::retry::retry;
use super::share::session_of;
use super::strands::new_turns;
use super::{Effect, Error, Workspace};
use crate::model::{ObjectId, SessionId};
use crate::store::{Branch, Bundled, Commit, Error as StoreError, GitError, SessionMove, Settled, Store};

/// A larger file is no conversation.
const MOST_BYTES: u64 = 2 << 30;

/// What the log of a branch says that moved to what was imported.
const NOTE: &str = "import turn";

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

/// What became of a conversation that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The session was not known.
    New,
    /// All of it was known.
    Known,
    /// The session goes on where it ended here, or was rewound or rewritten after that.
    Longer {
        /// How many turns it gained.
        turns: u32,
    },
    /// The session went on here and there.
    Strand {
        /// The last turn that both have.
        after: u32,
        /// How many turns it has here after that.
        here: u32,
        /// How many the other one has.
        there: u32,
    },
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
        let is_known = |id| self.store.has(id);
        let folder = incoming.folder();
        let mut again = Again::new(incoming.side(), &folder, incoming.bytes(), &is_known);
        again.prove(head.id).map_err(to_blame)?;
        // What nobody asked about would count as known the next time.
        if incoming.commits().iter().any(|commit| !again.has_proven(*commit) && !is_known(*commit)) {
            return Err(not_shared("it holds more than the conversation that it names".to_owned()));
        }
        self.record_session(session, Effect::Write)?;
        let outcome = match (self.arrival(incoming.side(), session, &head)?.0, effect) {
            (arrival @ Arrival::Known, _) | (arrival, Effect::Pretend) => arrival,
            (_, Effect::Write) => self.settle(incoming.settle(&self.store)?, session, &head)?,
        };
        let is_end = match outcome {
            Arrival::New | Arrival::Longer { .. } => true,
            Arrival::Strand { .. } => false,
            Arrival::Known => self.store.branch(session)?.is_some_and(|branch| branch.last().id == head.id),
        };
        Ok(Imported { session, head, outcome, is_end })
    }

    /// Moves the session's refs. Until they stand, `settled` keeps what they are to name.
    fn settle(&self, settled: Settled, session: SessionId, head: &Commit) -> Result<Arrival, Error> {
        let arrival = retry(|| {
            let (arrival, branch) = self.arrival(&self.store, session, head)?;
            match arrival {
                Arrival::New | Arrival::Longer { .. } => self.move_to(session, branch.as_ref(), head)?,
                Arrival::Strand { .. } => self.put_strand(session, head)?,
                Arrival::Known => {}
            }
            Ok(arrival)
        });
        drop(settled);
        arrival
    }

    /// What a conversation is to what is known of its session, and the session's branch. `store` has both.
    fn arrival(&self, store: &Store, session: SessionId, head: &Commit) -> Result<(Arrival, Option<Branch>), Error> {
        let Some(branch) = self.store.branch(session)? else { return Ok((Arrival::New, None)) };
        let here = own_commits(store, branch.last().id)?;
        if holds(store, (branch.last(), &here), head)? || self.strand_holds(head)? {
            return Ok((Arrival::Known, Some(branch)));
        }
        let (last, there) = (branch.last().message.turn, own_commits(store, head.id)?);
        let is_straight = is_straight(store, &branch, head)?;
        // One that was only rewound there has all that there is here.
        let has_all = there.contains(&branch.last().id);
        // A rollout that is here must be able to go on to be it: that is, it must be the same file.
        let fits = is_straight || self.look().session(session).is_none() && there.contains(&branch.tip.id);
        let goes_on = fits && (has_all || begins_with_open(store, &branch, head)?);
        let (new, after) = new_turns(store, head, &here)?;
        let arrival = match goes_on {
            true if is_straight => Arrival::Longer { turns: head.message.turn.saturating_sub(last) },
            // One that was rewound can have fewer turns than before, and new ones among them.
            true => Arrival::Longer { turns: new },
            false if has_all => Arrival::Strand { after, here: 0, there: new },
            false => Arrival::Strand { after, here: last.saturating_sub(after), there: new },
        };
        Ok((arrival, Some(branch)))
    }

    fn move_to(&self, session: SessionId, branch: Option<&Branch>, head: &Commit) -> Result<(), Error> {
        let (tip, open) = match head.parents.first() {
            Some(tip) if head.message.kind.is_unfinished() => (*tip, Some(head.id)),
            _ => (head.id, None),
        };
        let before = branch.map(|branch| branch.tip.id);
        let open = (branch.and_then(|branch| branch.open_ref), open);
        let note = format!("{NOTE} {}", head.message.turn);
        Ok(self.store.move_session(&SessionMove { session, tip: (before, tip), open, note: &note }, false)?)
    }

    /// Whether a strand of the session has all of it.
    fn strand_holds(&self, head: &Commit) -> Result<bool, Error> {
        for (_, strand) in self.store.strands(Some(head.message.session))? {
            let own = own_commits(&self.store, strand)?;
            if holds(&self.store, (&self.store.commit(strand)?, &own), head)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes a strand that ends there, or has one that it goes on from end there.
    fn put_strand(&self, session: SessionId, head: &Commit) -> Result<(), Error> {
        let branch = self.store.branch(session)?;
        let here = branch.map_or(Ok(HashSet::new()), |branch| own_commits(&self.store, branch.last().id))?;
        let mut lacking: Vec<ObjectId> = Vec::new();
        for commit in self.store.history(head.id) {
            let commit = commit?;
            if here.contains(&commit.id) || commit.message.session != session {
                break;
            }
            lacking.push(commit.id);
        }
        // Two strands may begin with the same commits: the later one is named by the first that the other lacks.
        for first in lacking.iter().rev() {
            let from = self.store.strand(session, *first)?;
            if from.is_none_or(|from| lacking.contains(&from)) {
                return Ok(self.store.move_strand(session, *first, (from, head.id))?);
            }
        }
        Err(Error::Busy(format!("refs/strands/{session}")))
    }
}

fn not_shared(reason: String) -> Error {
    Error::NotShared { what: "it".to_owned(), reason }
}

/// Of a pack that git does not take, or that lacks what it must have, the file is to blame, and not the store.
fn damaged(error: StoreError) -> Error {
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
fn to_blame(error: Error) -> Error {
    match error {
        Error::Store(error) => damaged(error),
        error => error,
    }
}

/// Whether a history ends after all of a conversation, also where that ends in lines that a turn has since.
fn holds(store: &Store, (last, own): (&Commit, &HashSet<ObjectId>), head: &Commit) -> Result<bool, Error> {
    if own.contains(&head.id) {
        return Ok(true);
    }
    let Some(tip) = head.parents.first().filter(|tip| head.message.kind.is_unfinished() && own.contains(tip)) else {
        return Ok(false);
    };
    begins_with(store, last, head, &store.commit(*tip)?)
}

/// Whether a conversation goes on from the last turn of a branch in the same file.
fn is_straight(store: &Store, branch: &Branch, head: &Commit) -> Result<bool, Error> {
    for commit in store.history(head.id) {
        let commit = commit?;
        let kind = &commit.message.kind;
        if commit.id == branch.tip.id {
            return Ok(true);
        }
        if kind.begins_a_file() || kind.is_replacement() {
            break;
        }
    }
    Ok(false)
}

/// Whether the lines after the last turn of a branch stand in a conversation after that turn, too.
fn begins_with_open(store: &Store, branch: &Branch, head: &Commit) -> Result<bool, Error> {
    branch.open.as_ref().map_or(Ok(true), |open| begins_with(store, head, open, &branch.tip))
}
