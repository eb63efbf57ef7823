//! Ancestry: a session's files in the store, with those of other sessions that they go on from.

use std::collections::HashSet;

use super::lineage::{StoredFile, files, rollout_id};
use super::{Error, Workspace};
use crate::model::SessionId;
use crate::rollout::SessionMeta;
use crate::store::Commit;

/// A step of gathering what is to be restored: a session is looked at, and its files come after those that they go on from.
enum Visit {
    /// A session as it is at a commit; and where its file ends, if that is after that, in the lines of a fork.
    Session(Box<(Commit, Option<Tail>)>),
    Files(Vec<StoredFile>),
}

/// What a fork has of the lines after the last turn of the file that it goes on from, which only the fork is left to tell.
struct Tail {
    fork: StoredFile,
    /// Where the fork goes on in the file.
    end: u64,
}

impl Workspace {
    /// A session's files and those that they go on from, each after what it goes on from.
    pub(super) fn with_bases(&self, state: &Commit) -> Result<Vec<StoredFile>, Error> {
        let (mut seen, mut parts) = (HashSet::new(), Vec::new());
        let mut visits = vec![Visit::Session(Box::new((state.clone(), None)))];
        while let Some(visit) = visits.pop() {
            let (state, tail) = match visit {
                Visit::Session(session) => *session,
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
            if let Some(tail) = tail
                && let Some(last) = own.pop()
            {
                own.push(last.lengthened(&tail.fork, tail.end));
            }
            visits.push(Visit::Files(own));
            visits.extend(bases.into_iter().map(|base| Visit::Session(Box::new(base))));
        }
        Ok(parts)
    }

    /// The last commit of the other session that a file goes on from. Where that session has no branch, the file's own history tells of it, as far
    /// as the file goes on from it.
    fn base_session(&self, file: &StoredFile, own: SessionId) -> Result<Option<(Commit, Option<Tail>)>, Error> {
        let Some(meta) = SessionMeta::read(&self.store.read_blob(file.blobs[0])?) else { return Ok(None) };
        let Some(base) = meta.base else { return Ok(None) };
        for session in meta.origin.forked_from.into_iter().chain([base.rollout]).filter(|session| *session != own) {
            let Some(branch) = self.store.branch(session)? else { continue };
            let last = branch.last().clone();
            if files(&self.store, &[last.id])?.iter().any(|file| rollout_id(file) == Some(base.rollout)) {
                return Ok(Some((last, None)));
            }
        }
        for commit in self.store.history(file.last.id) {
            let commit = commit?;
            if rollout_id(&commit) == Some(base.rollout) && commit.message.offset <= base.end {
                return Ok(Some((commit, Some(Tail { fork: file.clone(), end: base.end }))));
            }
        }
        Ok(None)
    }
}
