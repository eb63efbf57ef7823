//! The histories of many sessions, read by several threads.

use std::collections::HashMap;

use super::{Commit, Store};
use crate::model::{ObjectId, SessionId};

/// From how many sessions on their commits are read by several threads.
const WORTH: usize = 500;

impl Store {
    /// The commits of sessions from the given ones on, as far as they are their own: where one goes on from another's, it ends. What can't be
    /// read is not there.
    pub fn own_histories(&self, heads: &[(SessionId, ObjectId)]) -> HashMap<ObjectId, Commit> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(heads.len() / WORTH).max(1);
        let parts = heads.chunks(heads.len().div_ceil(threads).max(1));
        let read = |store: &Self, part: &[(SessionId, ObjectId)]| -> Vec<Commit> {
            let own = |(session, head): &(SessionId, ObjectId)| {
                let session = *session;
                let history = store.history(*head).map_while(Result::ok);
                history.take_while(move |commit| commit.message.session == session).collect::<Vec<_>>()
            };
            part.iter().flat_map(own).collect()
        };
        if threads < 2 {
            return read(self, heads).into_iter().map(|commit| (commit.id, commit)).collect();
        }
        let parts = parts.filter_map(|part| Some((part, Self::open(self.path()).ok()?)));
        std::thread::scope(|scope| {
            let threads: Vec<_> = parts.map(|(part, store)| scope.spawn(move || read(&store, part))).collect();
            let commits = threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default());
            commits.map(|commit| (commit.id, commit)).collect()
        })
    }
}
