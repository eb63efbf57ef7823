//! The histories of many sessions, read by several threads.

use std::collections::HashMap;

use super::{Commit, Error, Store};
use crate::model::{ObjectId, SessionId};

impl Store {
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
