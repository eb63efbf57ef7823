//! Trying again after another process moved the ref first.

use std::time::Duration;

use super::Error;
use crate::store::{Error as StoreError, GitError};

/// How often something is tried. With the pauses between, that is longer than a lock that was left behind stays.
const ATTEMPTS: u32 = 60;

/// Tries until the race is not lost.
///
/// # Errors
/// What the attempt fails with otherwise, and [`Error::Busy`] when others were faster every time.
pub(super) fn retry<T>(mut attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let mut lost = String::new();
    for number in 0..ATTEMPTS {
        match attempt() {
            Err(Error::Store(StoreError::Git(GitError::LostRace(name)))) => lost = name,
            outcome => return outcome,
        }
        std::thread::sleep(Duration::from_millis(u64::from(number)));
    }
    Err(Error::Busy(lost))
}
