//! What a remote has of the histories that go there, so that git need not look for it among all that is kept there.

use std::collections::{BTreeSet, HashSet};

use super::there::There;
use crate::model::{ObjectId, SessionId};
use crate::ops::{Error, Workspace};
use crate::store::{Shortcut, Store};

impl Workspace {
    /// What this machine keeps at a remote of the histories of commits that are to be kept there. What was put there by a link is left out: nothing
    /// there tells that it came.
    pub(super) fn shortcut(&self, there: &There, kept: &BTreeSet<ObjectId>) -> Result<Option<Shortcut>, Error> {
        let Some(commit) = there.keep else { return Ok(None) };
        let (sessions, new) = self.goes_on_from(there, kept)?;
        let told = sessions.iter().filter_map(|session| there.own.lines.get(session)).flat_map(|line| line.commits());
        let saves = there.own.saves.values().filter_map(|bytes| Store::read_tag(bytes));
        let saved = saves.filter(|save| sessions.contains(&save.session)).map(|save| save.commit);
        let reached = told.chain(saved).filter(|id| self.store.has(*id)).collect();
        Ok(Some(Shortcut { commit, reached, new }))
    }

    /// The sessions that the histories of commits belong to, back to those that are told of there; and how many commits that is.
    fn goes_on_from(&self, there: &There, kept: &BTreeSet<ObjectId>) -> Result<(HashSet<SessionId>, usize), Error> {
        let (mut sessions, mut seen) = (HashSet::new(), HashSet::new());
        let mut left: Vec<(ObjectId, Option<SessionId>)> = kept.iter().map(|id| (*id, None)).collect();
        while let Some((id, after)) = left.pop() {
            if !seen.insert(id) {
                continue;
            }
            let commit = self.store.commit(id)?;
            let session = commit.message.session;
            sessions.insert(session);
            let told = there.own.lines.get(&session);
            let is_told = told.is_some_and(|line| line.commits().any(|told| told == id));
            // What a fork goes on from may be anywhere in what is told of its base.
            let is_base = told.is_some() && after.is_some_and(|after| after != session);
            if !is_told && !is_base {
                left.extend(commit.parents.iter().map(|parent| (*parent, Some(session))));
            }
        }
        Ok((sessions, seen.len()))
    }
}
