//! Import: a conversation that somebody shared is taken into the store.
//!
//! Nothing that comes from elsewhere is believed. It is taken in beside the store, every object is checked, and every commit is made anew from the
//! bytes that it holds: only what is a rollout's recording becomes a part of the store. Then the session's branch moves to it, if it goes on where
//! the branch ends. If both went on, it is a strand: a ref of its own, from where a fork can start.

use std::collections::HashSet;
use std::io::BufRead;

use super::lineage::own_commits;
use super::record::Again;
use super::retry::retry;
use super::share::session_of;
use super::{Effect, Error, Workspace};
use crate::model::{ObjectId, SessionId};
use crate::store::{Branch, Bundled, Commit, SessionMove, Settled, Store};

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
}

/// What became of a conversation that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The session was not known.
    New,
    /// All of it was known.
    Known,
    /// The session goes on where it ended here.
    Longer {
        /// How many turns it gained.
        turns: u32,
        /// Whether its rollout gained them, too; it does later if Codex has it open.
        is_advanced: bool,
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
        let bundled = Bundled::read(bundle).map_err(Error::NotShared)?;
        let not_ours = || Error::NotShared("it holds no conversation of codex-git".to_owned());
        let session = session_of(&bundled).ok_or_else(not_ours)?;
        if expected.is_some_and(|expected| expected != bundled.id) {
            return Err(Error::NotShared("it holds another conversation than was promised".to_owned()));
        }
        let incoming = self.store.take_in(bundle, MOST_BYTES)?;
        let head = incoming.side().commit(bundled.id)?;
        if head.message.session != session {
            return Err(not_ours());
        }
        let is_known = |id| self.store.has(id);
        Again::new(incoming.side(), &incoming.folder(), &is_known).prove(head.id)?;
        self.record_session(session, Effect::Write)?;
        let outcome = match effect {
            Effect::Pretend => self.arrival(incoming.side(), session, &head)?.0,
            Effect::Write => self.settle(incoming.settle(&self.store)?, session, &head)?,
        };
        Ok(Imported { session, head, outcome })
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
        })?;
        drop(settled);
        Ok(match arrival {
            Arrival::Longer { turns, .. } => Arrival::Longer { turns, is_advanced: self.advance_or_wait(session)? },
            arrival => arrival,
        })
    }

    /// What a conversation is to what is known of its session, and the session's branch. `store` has both.
    fn arrival(&self, store: &Store, session: SessionId, head: &Commit) -> Result<(Arrival, Option<Branch>), Error> {
        let Some(branch) = self.store.branch(session)? else { return Ok((Arrival::New, None)) };
        let here = own_commits(store, branch.last().id)?;
        if here.contains(&head.id) || self.strand_has(head)? {
            return Ok((Arrival::Known, Some(branch)));
        }
        if self.goes_on(store, &branch, head)? {
            let turns = turns(head).saturating_sub(turns(branch.last()));
            return Ok((Arrival::Longer { turns, is_advanced: false }, Some(branch)));
        }
        let mut after = 0;
        for commit in store.history(head.id) {
            let commit = commit?;
            if here.contains(&commit.id) || commit.message.session != session {
                after = commit.message.turn;
                break;
            }
        }
        let (here, there) = (turns(branch.last()).saturating_sub(after), turns(head).saturating_sub(after));
        Ok((Arrival::Strand { after, here, there }, Some(branch)))
    }

    /// Whether a conversation is what the session's branch is, and more. Where the session has a rollout, this must be able to go on to be it: that
    /// is, it must be the same file.
    fn goes_on(&self, store: &Store, branch: &Branch, head: &Commit) -> Result<bool, Error> {
        if self.look().session(head.message.session).is_none() {
            let there = own_commits(store, head.id)?;
            return Ok(there.contains(&branch.last().id)
                || (there.contains(&branch.tip.id) && begins_with_open(store, branch, head)?));
        }
        for commit in store.history(head.id) {
            let commit = commit?;
            if commit.id == branch.tip.id {
                return begins_with_open(store, branch, head);
            }
            let kind = &commit.message.kind;
            if kind.begins_a_file() || kind.is_replacement() {
                break;
            }
        }
        Ok(false)
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

    /// Whether a strand of the session has a commit.
    fn strand_has(&self, head: &Commit) -> Result<bool, Error> {
        for strand in self.store.strands(head.message.session)? {
            if own_commits(&self.store, strand)?.contains(&head.id) {
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
        Ok(())
    }

    /// Has the session's rollout gain what its branch has, now or when Codex has closed it.
    fn advance_or_wait(&self, session: SessionId) -> Result<bool, Error> {
        self.forget_look();
        if self.look().session(session).is_none() {
            return Ok(true);
        }
        match self.advance(session, Effect::Write) {
            Ok(_) => Ok(true),
            Err(error) => {
                tracing::info!(%error, %session, "its rollout gains the new turns later");
                self.wait_for(session, true)?;
                Ok(false)
            }
        }
    }
}

/// How many turns a conversation has, an unfinished one included.
fn turns(head: &Commit) -> u32 {
    head.message.turn
}

/// Whether the lines after the last turn of a branch stand in a conversation after that turn, too.
fn begins_with_open(store: &Store, branch: &Branch, head: &Commit) -> Result<bool, Error> {
    let Some(open) = &branch.open else { return Ok(true) };
    let after = |commit: &Commit| -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        for chunk in store.read_tree(commit.tree)?.chunks {
            if chunk.path.turn.get() > branch.tip.message.turn {
                bytes.extend(store.read_blob(chunk.blob)?);
            }
        }
        Ok(bytes)
    };
    Ok(after(head)?.starts_with(&after(open)?))
}
