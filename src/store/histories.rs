//! The histories of many sessions, and how they begin, read by several threads.

use std::collections::HashMap;

use super::{Commit, Error, Store};
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
        let mut beginning = Beginning::default();
        for commit in self.history(head) {
            match commit {
                Ok(commit) if commit.message.session == session => beginning.started = Some(commit.author.started),
                Ok(base) => {
                    beginning.base = Some(base);
                    break;
                }
                Err(error) => beginning.failed = Some(error),
            }
        }
        beginning
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
