//! Standing: what a session's branch and its files are to each other.
//!
//! That a file continues what was recorded is proven by its first line and the bytes before the branch's end; all bytes are compared
//! where the system says that more may have changed than the end.

use super::Error;
use super::lineage::{StoredFile, continues, last_of, segment};
use super::record::News;
use super::recorder::Recorder;
use crate::model::SessionId;
use crate::rollout::{Found, Rollout};
use crate::store::{Branch, Commit};

/// What a session's branch and its files are to each other.
pub(super) enum Standing {
    /// The branch holds all that the files have.
    Same,
    /// The files go on where the branch ends; the first of them is open.
    GoesOn(Box<Rollout>),
    /// The file that the branch stands on is gone, and the session went on in others.
    WentOn,
    /// The branch holds what the files are no longer, or lacks what comes before them.
    Replaced(News),
}

impl Recorder<'_> {
    /// Compares a session's files with its branch.
    pub(super) fn standing(
        &self,
        found: &Found,
        branch: &Branch,
        forks: &mut Vec<SessionId>,
    ) -> Result<Standing, Error> {
        let Some(file) = found.files().find(|file| !is_before(file, &branch.tip)) else {
            return self.older(found, branch);
        };
        if is_after(file, &branch.tip) {
            return Ok(Standing::WentOn);
        }
        let mut rollout = Rollout::open(file)?;
        for commit in [&branch.tip].into_iter().chain(&branch.open) {
            if !continues(&self.workspace.store, &rollout, commit)? {
                rollout.is_settled()?;
                return Ok(Standing::Replaced(News::Rewritten));
            }
        }
        if self.thorough {
            let store = &self.workspace.store;
            let file = StoredFile::of(store, branch.last())?;
            if file.compare(&rollout, |blob| store.read_blob(blob))?.is_none() {
                return Ok(Standing::Replaced(News::Rewritten));
            }
        }
        if branch.tip.message.missing_base.is_some() && self.base_appeared(&rollout, forks)? {
            return Ok(Standing::Replaced(News::Joined));
        }
        let whole = branch.last().message.offset == rollout.len()?;
        let tidy = branch.open_ref == branch.open.as_ref().map(|open| open.id);
        if whole && tidy && file.path == found.path {
            return Ok(Standing::Same);
        }
        self.lend(&mut rollout, &branch.tip, forks)?;
        Ok(Standing::GoesOn(Box::new(rollout)))
    }

    /// The session's files are all older than what its branch stands on: that file is gone, and Codex goes on in the one before, if it does.
    fn older(&self, found: &Found, branch: &Branch) -> Result<Standing, Error> {
        let rollout = Rollout::open(found)?;
        let last = last_of(&self.workspace.store, &[branch.last().id], found.name.rollout_id())?;
        let same = match last {
            Some(last) => last.message.offset == rollout.len()? && continues(&self.workspace.store, &rollout, &last)?,
            None => false,
        };
        Ok(if same { Standing::Same } else { Standing::Replaced(News::Rewritten) })
    }
}

/// Whether a session's file comes before the one that a commit stands on.
fn is_before(file: &Found, commit: &Commit) -> bool {
    segment(commit).is_some_and(|segment| file.name.segment < segment)
}

/// Whether the session went on in this file after the one that a commit stands on.
pub(super) fn is_after(file: &Found, commit: &Commit) -> bool {
    segment(commit).is_some_and(|segment| file.name.segment > segment)
}
