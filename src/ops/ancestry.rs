//! Ancestry: a session's files in the store, with those of other sessions that they go on from.

use std::collections::HashSet;

use super::lineage::{StoredFile, files, rollout_id};
use super::{Error, Workspace};
use crate::model::SessionId;
use crate::rollout::SessionMeta;
use crate::store::Commit;

/// A step of gathering what is to be restored: a session is looked at, and its files come after those that they go on from.
enum Visit {
    Session(Box<Commit>),
    Files(Vec<StoredFile>),
}

impl Workspace {
    /// A session's files and those that they go on from, each after what it goes on from.
    pub(super) fn with_bases(&self, state: &Commit) -> Result<Vec<StoredFile>, Error> {
        let (mut seen, mut parts) = (HashSet::new(), Vec::new());
        let mut visits = vec![Visit::Session(Box::new(state.clone()))];
        while let Some(visit) = visits.pop() {
            let state = match visit {
                Visit::Session(state) => state,
                Visit::Files(mut own) => {
                    parts.append(&mut own);
                    continue;
                }
            };
            if !seen.insert(state.message.session) {
                continue;
            }
            let (mut own, mut bases) = (Vec::new(), Vec::new());
            for last in files(&self.store, &[state.id])? {
                let file = StoredFile::of(&self.store, &last)?;
                bases.extend(self.base_session(&file, state.message.session)?);
                own.push(file);
            }
            own.reverse();
            visits.push(Visit::Files(own));
            visits.extend(bases.into_iter().map(|base| Visit::Session(Box::new(base))));
        }
        Ok(parts)
    }

    /// The last commit of the other session that a file goes on from.
    fn base_session(&self, file: &StoredFile, own: SessionId) -> Result<Option<Commit>, Error> {
        let Some(meta) = SessionMeta::read(&self.store.read_blob(file.blobs[0])?) else { return Ok(None) };
        let Some(base) = meta.base else { return Ok(None) };
        for session in meta.origin.forked_from.into_iter().chain([base.rollout]).filter(|session| *session != own) {
            let Some(branch) = self.store.branch(session)? else { continue };
            let last = branch.last().clone();
            if files(&self.store, &[last.id])?.iter().any(|file| rollout_id(file) == Some(base.rollout)) {
                return Ok(Some(last));
            }
        }
        Ok(None)
    }
}
