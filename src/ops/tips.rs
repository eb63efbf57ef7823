//! Tips: where every session stands, read on all processors.

use super::threads::threads;
use super::{Error, Workspace};
use crate::model::SessionId;
use crate::store::{Branch, Heads};

/// From how many sessions on a thread is worth it.
const WORTH: usize = 500;

type Tip = (SessionId, Branch);

impl Workspace {
    /// The branches of all sessions.
    pub(super) fn tips(&self) -> Result<Vec<Tip>, Error> {
        let heads: Vec<(SessionId, Heads)> = self.store.all_heads()?.into_iter().collect();
        let threads = threads().min(heads.len() / WORTH);
        if threads < 2 {
            return self.some_tips(&heads);
        }
        let parts = heads.chunks(heads.len().div_ceil(threads));
        let parts = parts.map(|part| Ok((part, self.again()?))).collect::<Result<Vec<_>, Error>>()?;
        std::thread::scope(|scope| {
            let read = |(part, workspace): (_, Self)| scope.spawn(move || workspace.some_tips(part));
            let threads: Vec<_> = parts.into_iter().map(read).collect();
            let mut tips = Vec::with_capacity(heads.len());
            for thread in threads {
                tips.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(tips)
        })
    }

    fn some_tips(&self, heads: &[(SessionId, Heads)]) -> Result<Vec<Tip>, Error> {
        let mut tips = Vec::with_capacity(heads.len());
        for (id, heads) in heads {
            tips.extend(self.store.branch_of(*id, *heads)?.map(|branch| (*id, branch)));
        }
        Ok(tips)
    }
}
