//! Trying again after another process moved the ref first.

use super::Error;
use crate::store::{Error as StoreError, GitError, retry as until_not_lost};

/// Tries until the race is not lost.
///
/// # Errors
/// What the attempt fails with otherwise, and [`Error::Busy`] when others were faster every time.
pub(super) fn retry<T>(attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let is_lost = |error: &Error| matches!(error, Error::Store(StoreError::Git(GitError::LostRace(_))));
    until_not_lost(is_lost, attempt).map_err(|error| match error {
        Error::Store(StoreError::Git(GitError::LostRace(name))) => Error::Busy(name),
        error => error,
    })
}
