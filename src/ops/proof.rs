//! Proof that the store gives a session's files back: what it holds of them is read, hashed and compared with them.

use std::collections::HashMap;

use super::lineage::{Compared, StoredFile, files, segment};
use super::{Error, Workspace};
use crate::codex::Look;
use crate::model::SessionId;
use crate::rollout::{Rollout, RolloutFile};

impl Workspace {
    /// Proves that the store gives the files of a session back, with all that comes before them.
    pub(super) fn prove_files(&self, session: SessionId, parts: &[RolloutFile], look: &Look) -> Result<(), Error> {
        let not_whole = |part: &RolloutFile| Error::NotWhole(part.path.clone());
        let Some(branch) = self.store.branch(session)? else {
            return parts.first().map_or(Ok(()), |part| Err(not_whole(part)));
        };
        self.store.prove(branch.last())?;
        let stored: HashMap<_, _> =
            files(&self.store, &[branch.last().id])?.into_iter().map(|last| (segment(&last), last)).collect();
        for part in parts {
            let last = stored.get(&Some(part.name.segment)).ok_or_else(|| not_whole(part))?;
            let rollout = Rollout::open(part)?;
            let file = StoredFile::of(&self.store, last)?;
            let len = rollout.len()?;
            let whole = match file.compare(&rollout, len, |blob| self.store.prove_object(blob))? {
                Compared::Whole(bytes) => bytes == len,
                Compared::Prefix(_) => true,
                Compared::Differs(_) => false,
            };
            whole.then_some(()).ok_or_else(|| not_whole(part))?;
        }
        // What it goes on from comes back with it: what only the store has of that must be whole as well.
        let only_kept = |file: &&StoredFile| {
            let owner = file.last.message.session;
            owner != session && look.session(owner).is_none()
        };
        for file in self.with_bases(branch.last())?.iter().filter(only_kept) {
            file.blobs.iter().try_for_each(|blob| self.store.prove_object(*blob).map(drop))?;
        }
        Ok(())
    }
}
