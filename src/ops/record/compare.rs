//! Comparing: what a session's branch and its files are to each other.
//!
//! That a file continues what was recorded is proven by its first line and the bytes before the branch's end; all bytes are compared
//! where the system says that more may have changed than the end. A file that has less than was recorded of it, and nothing else, is behind:
//! it was cut back or put back from a copy, and its branch stays where it is.

use super::base::Bases;
use crate::model::SessionId;
use crate::ops::Error;
use crate::ops::lineage::{Compared, States, StoredFile, Whole, continues, is_after, is_before};
use crate::rollout::{Compression, Error as RolloutError, Rollout, RolloutFile, Stamps};
use crate::store::{Branch, Commit, Store};

/// What a session's branch and its files are to each other.
pub(super) enum Comparison {
    /// The branch holds all that the files have.
    UpToDate,
    /// The branch holds all that the files have, and so many turns more.
    Behind(u32),
    /// The files go on where the branch ends; the first of them is open.
    Continues(Box<Rollout>),
    /// The file that the branch stands on is gone, and the session went on in others.
    MovedOn,
    /// The branch holds what the files are no longer.
    Diverged,
}

/// Compares a session's files with its branch. `seen` is what the system said of the files when all that they held was recorded last.
pub(super) fn compare(
    bases: &Bases<'_>,
    seen: Option<&Stamps>,
    found: &RolloutFile,
    branch: &Branch,
) -> Result<Comparison, Error> {
    let store = &bases.workspace.store;
    let Some(file) = found.files().find(|file| !is_before(file, &branch.tip)) else {
        return older(store, found, branch);
    };
    if is_after(file, &branch.tip) {
        return Ok(Comparison::MovedOn);
    }
    let mut rollout = open_as_stored(store, file, &branch.tip)?;
    for commit in [&branch.tip].into_iter().chain(&branch.open) {
        if !continues(store, &rollout, commit)? {
            return Ok(match is_behind(store, &rollout, branch.last())? {
                // What counts is the file that the session goes on in.
                Comparison::Behind(_) if file.path != found.path => Comparison::MovedOn,
                comparison => comparison,
            });
        }
    }
    if seen.is_some_and(|stamp| found.is_suspect_since(stamp)) {
        let file = StoredFile::of(store, branch.last())?;
        if matches!(
            file.compare(&rollout, rollout.len()?, |blob| store.read_blob(blob))?,
            Compared::Differs(_) | Compared::Prefix(_)
        ) {
            return Ok(Comparison::Diverged);
        }
    }
    let whole = branch.last().message.offset == rollout.len()?;
    let tidy = branch.open_ref == branch.open.as_ref().map(|open| open.id);
    if whole && tidy && file.path == found.path {
        return Ok(Comparison::UpToDate);
    }
    bases.lend(&mut rollout, &branch.tip)?;
    Ok(Comparison::Continues(Box::new(rollout)))
}

/// The session's files are all older than what its branch stands on: that file is gone, and Codex goes on in the one before, if it does.
fn older(store: &Store, found: &RolloutFile, branch: &Branch) -> Result<Comparison, Error> {
    let rollout = Rollout::open(found)?;
    let mut states = States::of(store, vec![branch.last().id]);
    let last = states.of_rollout(found.name.rollout_id())?.iter().max_by_key(|commit| commit.message.offset);
    let Some(last) = last else { return Ok(Comparison::Diverged) };
    if continues(store, &rollout, last)? {
        // What stands after the last line feed is not there yet.
        if last.message.offset == rollout.whole_len()? {
            return Ok(Comparison::UpToDate);
        }
        // That it was opened is no reason to leave what came after it; that it was gone on with is.
        if idles_after(&rollout, last.message.offset)? {
            return Ok(Comparison::Behind(branch.tip.message.turn.saturating_sub(last.message.turn)));
        }
    }
    is_behind(store, &rollout, last)
}

/// Opens a file of which the store has what a commit holds. One that was emptied, or cut within its first line, has the stored line.
///
/// # Errors
/// When it can't be read, or is none that can be recorded.
pub(in crate::ops) fn open_as_stored(store: &Store, file: &RolloutFile, stored: &Commit) -> Result<Rollout, Error> {
    let refused = match Rollout::open(file) {
        Err(refused) if refused.is_of_nothing() => refused,
        opened => return Ok(opened?),
    };
    let line = store.read_blob(store.meta_blob(stored.tree)?)?;
    match file.compression {
        Compression::Plain => Ok(Rollout::open_torn(file, line)?.ok_or(refused)?),
        Compression::Zstd => Err(refused.into()),
    }
}

/// What it means that a session's file can't be opened: where the store has the session, it was a rollout once.
pub(in crate::ops) fn damaged(store: &Store, session: SessionId, error: Error) -> Error {
    match error {
        Error::Rollout(error @ RolloutError::Refused { .. }) if matches!(store.branch(session), Ok(Some(_))) => {
            Error::Damaged(session, error)
        }
        error => error,
    }
}

/// Whether a file that does not continue its branch is only behind it.
fn is_behind(store: &Store, rollout: &Rollout, last: &Commit) -> Result<Comparison, Error> {
    Ok(shorter_by(store, rollout, last)?.map_or(Comparison::Diverged, |shorter| Comparison::Behind(shorter.turns)))
}

/// What a file has less than was recorded of it.
pub(in crate::ops) struct Shorter {
    /// How many turns.
    pub turns: u32,
    /// The turn after which it has lines that were not recorded, and are no turn.
    pub idle: Option<Whole>,
}

/// What a file has less than a commit holds of it; `None` if it has as much, or anything else but lines that are no turn.
pub(in crate::ops) fn shorter_by(store: &Store, rollout: &Rollout, last: &Commit) -> Result<Option<Shorter>, Error> {
    if store.meta_blob(last.tree)? != Store::blob_id(&rollout.meta().line) {
        return Ok(None);
    }
    let file = StoredFile::of(store, last)?;
    let (whole, is_idle) = match file.compare(rollout, rollout.whole_len()?, |blob| store.read_blob(blob))? {
        Compared::Prefix(whole) => (whole, false),
        Compared::Differs(whole) if idles_after(rollout, whole.end)? => (whole, true),
        Compared::Differs(_) | Compared::Whole(_) => return Ok(None),
    };
    Ok(Some(Shorter { turns: last.message.turn.saturating_sub(whole.turn), idle: is_idle.then_some(whole) }))
}

/// Whether all that a file has after some of its branch's turns, up to this offset, is lines that Codex writes when it opens a session, without any turn.
fn idles_after(rollout: &Rollout, end: u64) -> Result<bool, Error> {
    let split = rollout.split(end, None, &mut |_| true)?;
    let idle = split.open.is_none_or(|open| open.turn.is_none() && open.taken_back == 0);
    Ok(split.turns.is_empty() && idle)
}
