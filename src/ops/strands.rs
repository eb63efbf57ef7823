//! Strands: the ends of sessions that went on elsewhere, too.

use std::collections::HashSet;

use super::lineage::own_commits;
use super::{Error, Point, Workspace};
use crate::model::{CommitKind, ObjectId, SessionId};
use crate::store::{Commit, Store, StrandRef};

/// The other end of a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Strand {
    /// Its last commit.
    pub head: Point,
    /// The last turn that it shares with what the session is here.
    pub after: u32,
    /// How many turns it has after that.
    pub turns: u32,
}

impl Workspace {
    /// The strands of a session, or of all, by their sessions. One that what the session is here has by now is none any more.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn strands(&self, session: Option<SessionId>) -> Result<Vec<Strand>, Error> {
        let mut strands = Vec::new();
        for StrandRef { session, last: head, .. } in self.store.strands(session)? {
            let Some(branch) = self.store.branch(session)? else { continue };
            let here = own_commits(&self.store, branch.last().id)?;
            if here.contains(&head) {
                continue;
            }
            let head = self.store.commit(head)?;
            let (turns, after) = new_turns(&self.store, &head, &here)?;
            strands.push(Strand { head, after, turns });
        }
        Ok(strands)
    }
}

/// How many turns a conversation has that are not known, and the last turn before them.
pub(super) fn new_turns(store: &Store, head: &Commit, known: &HashSet<ObjectId>) -> Result<(u32, u32), Error> {
    let mut turns = 0;
    for commit in store.history(head.id) {
        let commit = commit?;
        if known.contains(&commit.id) || commit.message.session != head.message.session {
            return Ok((turns, commit.message.turn));
        }
        turns += u32::from(matches!(commit.message.kind, CommitKind::Turn { .. }));
    }
    Ok((turns, 0))
}
