//! The pace of what happens by itself with a remote: at most once a minute, whoever asks for it, and once an hour where it keeps failing.
//!
//! One process waits for its turn, under a lock; who finds the lock taken leaves it to that one. It is given back before the work begins, so
//! that what is new from then on has somebody wait for it again.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use super::side::SIDES;
use super::{Error, Store};
use crate::disk::lock::lock_if_free;
use crate::disk::{durable, private, regular};
use crate::model::RemoteName;

/// From one time to the next.
const MINUTE: Duration = Duration::from_secs(60);

/// The same after so many failures, one after the other.
const HOUR: (Duration, u32) = (Duration::from_secs(60 * 60), 3);

/// More than the file has.
const MOST: u64 = 64;

/// A turn that was waited for.
pub struct Pace {
    path: PathBuf,
    failures: u32,
}

impl Store {
    /// Waits for the next turn; `None` if somebody else waits for it already.
    ///
    /// # Errors
    /// When the lock can't be taken.
    pub fn wait_for_turn(&self, remote: &RemoteName) -> Result<Option<Pace>, Error> {
        let path = self.path().join(SIDES).join(format!("{remote}.pace"));
        let io = || Error::io("wait for the turn of a remote");
        path.parent().map_or(Ok(()), private::make_folder).map_err(io())?;
        let lock = private::open_or_make(&path.with_extension("lock")).map_err(io())?;
        if !lock_if_free(&lock).map_err(io())? {
            return Ok(None);
        }
        let failures =
            regular::read(&path, MOST).ok().and_then(|text| String::from_utf8(text).ok()?.trim().parse().ok());
        let pace = Pace { failures: failures.unwrap_or(0), path };
        if let Some(passed) = pace.passed() {
            std::thread::sleep(pace.pause().saturating_sub(passed));
        }
        pace.note(pace.failures);
        drop::<File>(lock);
        Ok(Some(pace))
    }
}

impl Pace {
    /// Notes how the work ended.
    pub fn done(self, is_well: bool) {
        self.note(if is_well { 0 } else { self.failures.saturating_add(1) });
    }

    fn pause(&self) -> Duration {
        if self.failures < HOUR.1 { MINUTE } else { HOUR.0 }
    }

    /// How long ago the last turn began or ended.
    fn passed(&self) -> Option<Duration> {
        fs::metadata(&self.path).and_then(|data| data.modified()).ok()?.elapsed().ok()
    }

    /// What can't be noted makes the next turn come early or late, and nothing else.
    fn note(&self, failures: u32) {
        if let Err(error) = durable::replace(&self.path, failures.to_string().as_bytes()) {
            tracing::info!(%error, "the pace of a remote could not be noted");
        }
    }
}
