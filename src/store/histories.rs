//! The histories of many sessions, and how they begin, read by several threads.

use std::collections::HashMap;

use super::{Commit, Error, Store};
use crate::model::{ObjectId, SessionId};

/// How the commits of a session begin.
#[derive(Debug, Default)]
pub struct Beginning {
    /// When its first own turn began, in seconds since 1970.
    pub started: Option<i64>,
    /// When the turn of another session ended that it goes on from.
    pub base_ended: Option<i64>,
}

impl Store {
    /// How the commits of a session begin that end with the given one.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn beginning(&self, session: SessionId, head: ObjectId) -> Result<Beginning, Error> {
        let mut beginning = Beginning::default();
        for commit in self.history(head) {
            let Commit { message, author, .. } = commit?;
            if message.session != session {
                beginning.base_ended = Some(author.ended);
                break;
            }
            beginning.started = Some(author.started);
        }
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
