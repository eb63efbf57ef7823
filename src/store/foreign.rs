//! Commits on a session's branch that codex-git did not make: somebody put them there with git, and nothing of the session can be read through them.
//!
//! The branch goes back to the newest commit of its session, and what it held is kept. A commit in a newer format is a newer codex-git's work: its
//! branch is left as it is.

use std::collections::HashSet;

use super::branches::{HEADS, KEPT, branch_name};
use super::{Commit, Error, Store};
use crate::model::{MessageError, ObjectId, SessionId};

/// A commit that codex-git did not make, taken off a session's branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOff {
    /// The session.
    pub session: SessionId,
    /// The commit.
    pub commit: ObjectId,
    /// The ref that keeps it.
    pub kept: String,
    /// Where the branch is now; `None` where nothing is left of the session.
    pub back_on: Option<ObjectId>,
}

/// What a branch held before a commit that codex-git did not make came onto it.
enum Before {
    /// Its session's newest commit.
    Own(ObjectId),
    /// A newer codex-git's work.
    Newer,
    /// Nothing of its session.
    Nothing,
}

impl Store {
    /// The sessions whose branches end with a commit that codex-git did not make.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn foreign_tips(&self) -> Result<Vec<(SessionId, ObjectId)>, Error> {
        let branches = self.refs.below(HEADS)?.into_iter();
        let tips = branches.filter_map(|(name, tip)| Some((SessionId::parse(name.strip_prefix(HEADS)?)?, tip)));
        Ok(tips.filter(|(_, tip)| self.commit(*tip).is_err_and(|error| error.is_of_no_session())).collect())
    }

    /// Takes such a commit off a session's branch, and keeps it. Nothing, if the branch was moved since, or a newer codex-git wrote on it.
    ///
    /// # Errors
    /// When a ref can't be written.
    pub fn take_off(&self, session: SessionId, commit: ObjectId) -> Result<Option<TakenOff>, Error> {
        let back_on = match self.before_foreign(session, commit)? {
            Before::Own(own) => Some(own),
            Before::Nothing => None,
            Before::Newer => return Ok(None),
        };
        self.keep(session, commit)?;
        match self.move_ref(branch_name(session), Some(commit), back_on, "repair") {
            Err(error) if error.is_lost_race() => Ok(None),
            moved => {
                let kept = format!("{KEPT}{session}/{commit}");
                moved.map(|()| Some(TakenOff { session, commit, kept, back_on }))
            }
        }
    }

    /// What keeps the branches of sessions from being read, each branch that can't be.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn unreadable_branches(&self) -> Result<Vec<Error>, Error> {
        let mut all: Vec<_> = self.all_heads()?.into_iter().collect();
        all.sort_unstable_by_key(|(session, _)| *session);
        Ok(all.into_iter().filter_map(|(session, heads)| self.branch_of(session, heads).err()).collect())
    }

    /// The newest commit of a session's own: by what its branch holds and held, and the first parents of what codex-git did not make of that.
    fn before_foreign(&self, session: SessionId, now: ObjectId) -> Result<Before, Error> {
        let name = branch_name(session);
        let held = std::iter::once(now).chain(self.refs.held(&name)).chain(self.refs.packed(&name)?);
        let (mut seen, mut own) = (HashSet::new(), Vec::<Commit>::new());
        for id in held {
            let mut next = Some(id);
            while let Some(id) = next.take().filter(|id| seen.insert(*id)) {
                match self.commit(id) {
                    Ok(commit) if commit.message.session == session && !commit.message.kind.is_unfinished() => {
                        own.push(commit);
                    }
                    Err(Error::NotATurn { source: MessageError::NewerFormat(_), .. }) => return Ok(Before::Newer),
                    Err(error) if error.is_of_no_session() => next = self.first_parent(id)?,
                    _ => {}
                }
            }
        }
        // Who went back with git before committing left the newest behind.
        let reached = self.reached_from(own.iter().flat_map(|commit| commit.parents.iter().copied()).collect());
        let newest = own.into_iter().find(|commit| !reached.contains(&commit.id));
        Ok(newest.map_or(Before::Nothing, |commit| Before::Own(commit.id)))
    }
}
