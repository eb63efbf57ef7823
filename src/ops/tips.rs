//! Tips: where every session stands, read on all processors.

use super::threads::threads;
use super::{Error, Workspace};
use crate::model::SessionId;
use crate::store::{Branch, Heads};

/// From how many sessions on a thread is worth it.
const WORTH: usize = 500;

/// A session and its branch, or why that can't be read: one that is damaged is named, and does not stop the others.
type Tip = (SessionId, Result<Branch, Error>);

impl Workspace {
    /// The branches of all sessions, in the order of their ids.
    pub(super) fn all_tips(&self) -> Result<Vec<Tip>, Error> {
        let mut heads: Vec<(SessionId, Heads)> = self.store.all_heads()?.into_iter().collect();
        heads.sort_unstable_by_key(|(id, _)| *id);
        let threads = threads().min(heads.len() / WORTH);
        if threads < 2 {
            return Ok(self.some_tips(&heads));
        }
        let parts = heads.chunks(heads.len().div_ceil(threads));
        let parts = parts.map(|part| Ok((part, self.again()?))).collect::<Result<Vec<_>, Error>>()?;
        std::thread::scope(|scope| {
            let read = |(part, workspace): (_, Self)| scope.spawn(move || workspace.some_tips(part));
            let threads: Vec<_> = parts.into_iter().map(read).collect();
            let mut tips = Vec::with_capacity(heads.len());
            for thread in threads {
                tips.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            Ok(tips)
        })
    }

    fn some_tips(&self, heads: &[(SessionId, Heads)]) -> Vec<Tip> {
        let tip = |(id, heads): &(SessionId, Heads)| {
            let branch = self.store.branch_of(*id, *heads).map_err(Error::from).transpose()?;
            if let Err(error) = &branch {
                tracing::warn!(%error, session = %id, "a session can't be read");
            }
            Some((*id, branch))
        };
        heads.iter().filter_map(tip).collect()
    }
}
