//! Arrival: what a conversation that came from elsewhere is to what is known of its session, and the place that it gets.
//!
//! The session's branch moves to it, if it goes on where the branch ends. If both went on, it is a strand: a ref of its own, from where a fork can
//! start.

use std::collections::HashSet;

use super::lineage::{begins_with, own_commits, rollout_id};
use super::retry::retry;
use super::strands::new_turns;
use super::successors::is_gone_on_after;
use super::{Effect, Error, Workspace};
use crate::model::{ObjectId, SessionId};
use crate::store::{Branch, Commit, SessionMove, Store};

/// What the log of a branch says that moved to what came.
const NOTE: &str = "import turn";

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
    /// The same, but Codex has it open, and goes on from where it ends here: it stays what it is until that is closed.
    Waits {
        /// How many turns it is to gain.
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
    /// Gives a conversation that is in the store its place: the session's refs move.
    pub(super) fn settle(&self, head: &Commit) -> Result<Arrival, Error> {
        retry(|| {
            let (arrival, branch) = self.arrival(&self.store, head)?;
            match arrival {
                Arrival::New | Arrival::Longer { .. } => self.move_to(branch.as_ref(), head)?,
                Arrival::Strand { .. } => self.put_strand(head)?,
                Arrival::Waits { .. } => {
                    self.put_strand(head)?;
                    self.wait_for(head.message.session, true)?;
                }
                Arrival::Known => {}
            }
            Ok(arrival)
        })
    }

    /// Has a session go on that waited until Codex has closed it, if it ends there as it did then. Tells whether it waits on.
    pub(super) fn settle_waiting(&self, session: SessionId) -> Result<bool, Error> {
        self.record_session(session, Effect::Write)?;
        for strand in self.store.strands(Some(session))? {
            let (head, branch) = (self.store.commit(strand.last)?, self.store.branch(session)?);
            let Some(branch) = branch else { return Ok(false) };
            match self.relation(&self.store, &branch, &head)? {
                Arrival::Longer { .. } => self.move_to(Some(&branch), &head)?,
                Arrival::Waits { .. } => return Ok(true),
                Arrival::New | Arrival::Known | Arrival::Strand { .. } => {}
            }
        }
        Ok(false)
    }

    /// What a conversation is to what is known of its session, and the session's branch. `store` has both.
    pub(super) fn arrival(&self, store: &Store, head: &Commit) -> Result<(Arrival, Option<Branch>), Error> {
        let Some(branch) = self.store.branch(head.message.session)? else { return Ok((Arrival::New, None)) };
        let arrival = match self.relation(store, &branch, head)? {
            // One that waits can go on by now.
            Arrival::Strand { .. } if self.strand_holds(head)? => Arrival::Known,
            arrival => arrival,
        };
        Ok((arrival, Some(branch)))
    }

    /// What a conversation is to a session's branch.
    fn relation(&self, store: &Store, branch: &Branch, head: &Commit) -> Result<Arrival, Error> {
        let here = own_commits(store, branch.last().id)?;
        if holds(store, (branch.last(), &here), head)? {
            return Ok(Arrival::Known);
        }
        let (last, there) = (branch.last().message.turn, own_commits(store, head.id)?);
        let is_straight = is_straight(store, branch, head)?;
        // One that was only rewound there has all that there is here. Who only looked at it here has not gone on, unless a native fork did.
        let is_gone_on = || {
            let rollout = rollout_id(&branch.tip);
            rollout.is_some_and(|rollout| is_gone_on_after(&self.look(), rollout, branch.tip.message.offset))
        };
        let has_all = there.contains(&branch.last().id) || (there.contains(&branch.head().id) && !is_gone_on());
        // A rollout that is here must be able to go on to be it: that is, it must be the same file.
        let fits = is_straight || self.look().session(head.message.session).is_none() && there.contains(&branch.tip.id);
        let goes_on = fits && (has_all || begins_with_open(store, branch, head)?);
        let (new, after) = new_turns(store, head, &here)?;
        // One that was rewound can have fewer turns than before, and new ones among them.
        let turns = if is_straight { head.message.turn.saturating_sub(last) } else { new };
        Ok(match goes_on {
            true if self.has_open(head.message.session) => Arrival::Waits { turns },
            true => Arrival::Longer { turns },
            false if has_all => Arrival::Strand { after, here: 0, there: new },
            false => Arrival::Strand { after, here: last.saturating_sub(after), there: new },
        })
    }

    fn move_to(&self, branch: Option<&Branch>, head: &Commit) -> Result<(), Error> {
        let (session, (tip, open)) = (head.message.session, refs_of(head));
        let before = branch.map(|branch| branch.tip.id);
        if let Some((branch, lines)) = branch.and_then(|branch| Some((branch, branch.open.as_ref()?)))
            && !begins_with_open(&self.store, branch, head)?
        {
            self.store.keep(session, lines.id)?;
        }
        let open = (branch.and_then(|branch| branch.open_ref), open);
        let note = format!("{NOTE} {}", head.message.turn);
        Ok(self.store.move_session(&SessionMove { session, tip: (before, tip), open, note: &note }, false)?)
    }

    /// Whether a strand of the session has all of it.
    fn strand_holds(&self, head: &Commit) -> Result<bool, Error> {
        for strand in self.store.strands(Some(head.message.session))? {
            let own = own_commits(&self.store, strand.last)?;
            if holds(&self.store, (&self.store.commit(strand.last)?, &own), head)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes a strand that ends there, or has one that it goes on from end there.
    fn put_strand(&self, head: &Commit) -> Result<(), Error> {
        let session = head.message.session;
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

/// What the refs of a session hold that ends there: its branch, and its open lines.
pub(super) fn refs_of(head: &Commit) -> (ObjectId, Option<ObjectId>) {
    match head.parents.first() {
        Some(tip) if head.message.kind.is_unfinished() => (*tip, Some(head.id)),
        _ => (head.id, None),
    }
}

/// Whether a history ends after all of a conversation, also where that ends in lines that a turn has since, or that change nothing of it.
fn holds(store: &Store, (last, own): (&Commit, &HashSet<ObjectId>), head: &Commit) -> Result<bool, Error> {
    if own.contains(&head.id) {
        return Ok(true);
    }
    let Some(tip) = head.parents.first().filter(|tip| head.message.kind.is_unfinished() && own.contains(tip)) else {
        return Ok(false);
    };
    Ok(head.message.kind.is_idle() || begins_with(store, last, head, &store.commit(*tip)?)?)
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
