//! Standing: what a session's branch and its files are to each other.
//!
//! That a file continues what was recorded is proven by its first line and the bytes before the branch's end; all bytes are compared
//! where the system says that more may have changed than the end. A file that has less than was recorded of it, and nothing else, is behind:
//! it was cut back or put back from a copy, and its branch stays where it is.

use super::Error;
use super::lineage::{Compared, States, StoredFile, continues, segment};
use super::recorder::Recorder;
use crate::rollout::{Rollout, RolloutFile};
use crate::store::{Branch, Commit};

/// What a session's branch and its files are to each other.
pub(super) enum Standing {
    /// The branch holds all that the files have.
    Same,
    /// The branch holds all that the files have, and so many turns more.
    Behind(u32),
    /// The files go on where the branch ends; the first of them is open.
    GoesOn(Box<Rollout>),
    /// The file that the branch stands on is gone, and the session went on in others.
    WentOn,
    /// The branch holds what the files are no longer.
    Rewritten,
}

impl Recorder<'_> {
    /// Compares a session's files with its branch.
    pub(super) fn standing(&self, found: &RolloutFile, branch: &Branch) -> Result<Standing, Error> {
        let Some(file) = found.files().find(|file| !is_before(file, &branch.tip)) else {
            return self.older(found, branch);
        };
        if is_after(file, &branch.tip) {
            return Ok(Standing::WentOn);
        }
        let store = &self.workspace.store;
        let mut rollout = Rollout::open(file)?;
        for commit in [&branch.tip].into_iter().chain(&branch.open) {
            if !continues(store, &rollout, commit)? {
                rollout.is_settled()?;
                return Ok(match self.is_behind(&rollout, branch.last())? {
                    // What counts is the file that the session goes on in.
                    Standing::Behind(_) if file.path != found.path => Standing::WentOn,
                    standing => standing,
                });
            }
        }
        if self.seen.as_ref().is_some_and(|stamp| found.is_suspect_since(stamp)) {
            let file = StoredFile::of(store, branch.last())?;
            if matches!(
                file.compare(&rollout, rollout.len()?, |blob| store.read_blob(blob))?,
                Compared::Differs(_) | Compared::Prefix(_)
            ) {
                return Ok(Standing::Rewritten);
            }
        }
        let whole = branch.last().message.offset == rollout.len()?;
        let tidy = branch.open_ref == branch.open.as_ref().map(|open| open.id);
        if whole && tidy && file.path == found.path {
            return Ok(Standing::Same);
        }
        self.lend(&mut rollout, &branch.tip)?;
        Ok(Standing::GoesOn(Box::new(rollout)))
    }

    /// The session's files are all older than what its branch stands on: that file is gone, and Codex goes on in the one before, if it does.
    fn older(&self, found: &RolloutFile, branch: &Branch) -> Result<Standing, Error> {
        let rollout = Rollout::open(found)?;
        let store = &self.workspace.store;
        let mut states = States::of(store, vec![branch.last().id]);
        let last = states.of_rollout(found.name.rollout_id())?.iter().max_by_key(|commit| commit.message.offset);
        let same = match last {
            // What stands after the last line feed is not there yet.
            Some(last) => last.message.offset == rollout.whole_len()? && continues(store, &rollout, last)?,
            None => false,
        };
        Ok(if same { Standing::Same } else { Standing::Rewritten })
    }

    /// Whether a file that does not continue its branch is only behind it.
    fn is_behind(&self, rollout: &Rollout, last: &Commit) -> Result<Standing, Error> {
        let store = &self.workspace.store;
        let len = rollout.whole_len()?;
        if store.meta_blob(last.tree)? != crate::store::Store::blob_id(&rollout.meta().line) {
            return Ok(Standing::Rewritten);
        }
        let file = StoredFile::of(store, last)?;
        let whole = match file.compare(rollout, len, |blob| store.read_blob(blob))? {
            Compared::Prefix(whole) => whole,
            Compared::Differs(whole) if len < last.message.offset && idles_after(rollout, whole.end)? => whole,
            Compared::Differs(_) | Compared::Whole(_) => return Ok(Standing::Rewritten),
        };
        Ok(Standing::Behind(last.message.turn.saturating_sub(whole.turn)))
    }
}

/// Whether all that a file has after some of its branch's turns, up to this offset, is lines that Codex writes when it opens a session, without any turn.
fn idles_after(rollout: &Rollout, end: u64) -> Result<bool, Error> {
    let split = rollout.split(end, None, &mut |_| true)?;
    let idle = split.open.is_none_or(|open| open.turn.is_none() && open.taken_back == 0);
    Ok(split.turns.is_empty() && idle)
}

/// Whether a session's file comes before the one that a commit stands on.
pub(super) fn is_before(file: &RolloutFile, commit: &Commit) -> bool {
    segment(commit).is_some_and(|segment| file.name.segment < segment)
}

/// Whether the session went on in this file after the one that a commit stands on.
pub(super) fn is_after(file: &RolloutFile, commit: &Commit) -> bool {
    segment(commit).is_some_and(|segment| file.name.segment > segment)
}
