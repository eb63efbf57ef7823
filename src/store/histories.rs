//! The histories of many sessions, and how they begin, read by several threads.

use std::collections::HashMap;

use super::{Commit, Error, Store};
use crate::git::head::Head;
use crate::git::object::Kind;
use crate::model::{ObjectId, SessionId};

/// How the commits of a session begin.
#[derive(Debug, Default)]
pub struct Beginning {
    /// When its first own turn began.
    pub started: Option<i64>,
    /// The commit of another session that it goes on from.
    pub base: Option<Commit>,
    /// Why no more of it is known.
    pub failed: Option<Error>,
}

impl Store {
    /// How the commits of sessions begin that end with the given ones, for each of them.
    ///
    /// # Errors
    /// When the store can't be opened once more.
    pub fn beginnings(&self, heads: &[(SessionId, ObjectId)]) -> Result<Vec<Beginning>, Error> {
        self.by_parts(heads, |store, part| {
            part.iter().map(|(session, head)| store.beginning(*session, *head)).collect()
        })
    }

    fn beginning(&self, session: SessionId, head: ObjectId) -> Beginning {
        match self.try_beginning(session, head) {
            Ok(beginning) => beginning,
            Err(error) => Beginning { failed: Some(error), ..Beginning::default() },
        }
    }

    /// Of the commits on the way, only the session and what is before them is read: to read all that they say takes as long as to find them.
    fn try_beginning(&self, session: SessionId, head: ObjectId) -> Result<Beginning, Error> {
        let own = format!("\nCodex-Session: {session}\n");
        let (mut beginning, mut next, mut first) = (Beginning::default(), Some(head), None);
        while let Some(id) = next {
            let bytes = self.read(Kind::Commit, id)?;
            if memchr::memmem::find(&bytes, own.as_bytes()).is_none() {
                beginning.base = Some(self.commit(id)?);
                break;
            }
            first = Some(id);
            next = before(&bytes);
        }
        beginning.started = first.map(|first| self.commit(first)).transpose()?.map(|first| first.author.started);
        Ok(beginning)
    }

    /// The commits of sessions from the given ones on, as far as they are their own: where one goes on from another's, it ends. What can't be
    /// read is not there.
    ///
    /// # Errors
    /// When the store can't be opened once more.
    pub fn own_histories(&self, heads: &[(SessionId, ObjectId)]) -> Result<HashMap<ObjectId, Commit>, Error> {
        let commits = self.by_parts(heads, |store, part| {
            let own = |(session, head): &(SessionId, ObjectId)| {
                let session = *session;
                let history = store.history(*head).map_while(Result::ok);
                history.take_while(move |commit| commit.message.session == session).collect::<Vec<_>>()
            };
            part.iter().flat_map(own).collect()
        })?;
        Ok(commits.into_iter().map(|commit| (commit.id, commit)).collect())
    }
}

/// The commit before one in the conversation, as [`Commit::before`] tells it of one that is read.
fn before(commit: &[u8]) -> Option<ObjectId> {
    let replaces = |kind: &[u8]| memchr::memmem::find(commit, kind).is_some();
    let at = usize::from(replaces(b"\nCodex-Kind: rewritten\n") || replaces(b"\nCodex-Kind: joined\n"));
    Head::of(&String::from_utf8_lossy(commit)).ids("parent").nth(at)
}
