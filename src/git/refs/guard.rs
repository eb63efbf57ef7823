//! Locks of refs that were left behind.
//!
//! Whoever moves a ref makes `<ref>.lock` first; a process that is killed just then leaves it, and nobody could ever move that ref
//! again. So every move happens under a shared lock of our own, which the system takes away from a process that ends, however
//! it ends. Whoever gets that lock for itself alone has proof that no codex-git is moving a ref. Git itself holds a ref's lock for
//! milliseconds and knows nothing of ours, so a lock is removed only when it is also older than that. One from the future is old: a
//! clock was set back since.
//!
//! No wait is endless: a process that is stopped while it holds the lock makes the others say so, and end.

use std::cell::Cell;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime};

use crate::disk::lock::{lock_if_free, open_lock};
use crate::git::Error;

/// How old a ref's lock must be before it can be one that was left behind.
const OLD: Duration = Duration::from_secs(1);

/// How long a lock is waited for, unless somebody is in more of a hurry.
const PATIENCE: Duration = Duration::from_secs(10);

/// The file that is locked, and the one that is locked on the way to it: who must be alone holds that until all others are done,
/// else they would come one after the other without an end.
pub(crate) const LOCK: &str = "codex-git.lock";
const TURN: &str = "codex-git.turn";

/// How long a lock is waited for that was waited for in vain just before.
const MOMENT: Duration = Duration::from_millis(50);

/// How long those who want to move a ref are held off for one who must be alone.
const HELD_OFF: Duration = Duration::from_secs(1);

/// A way to take a lock: without waiting for it, and with.
struct How {
    at_once: fn(&File) -> Result<(), TryLockError>,
    waiting: fn(&File) -> io::Result<()>,
}

const SHARED: How = How { at_once: File::try_lock_shared, waiting: File::lock_shared };
const ALONE: How = How { at_once: File::try_lock, waiting: File::lock };

/// Keeps the removal of stale locks out while refs move.
pub(crate) struct Guard {
    /// The repository's folder.
    path: PathBuf,
    /// How long a lock is waited for.
    patience: Cell<Duration>,
    /// Whether it was waited for in vain.
    in_vain: Cell<bool>,
}

impl Guard {
    /// The guard of the repository at a path.
    pub fn of(repository: &Path) -> Self {
        Self { path: repository.to_owned(), patience: Cell::new(PATIENCE), in_vain: Cell::new(false) }
    }

    /// Has a lock be waited for no longer than that.
    pub fn set_patience(&self, patience: Duration) {
        self.patience.set(patience);
    }

    /// Runs `act`, which moves refs, under the shared lock that keeps the removal of stale locks out. A lock that was left behind is removed
    /// after it, for the next try.
    pub(crate) fn while_moving<T>(&self, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let patience = self.patience_left();
        let turn = self.held(TURN, &SHARED, patience)?;
        let file = self.held(LOCK, &SHARED, patience)?;
        drop(turn);
        self.done_moving(file, act())
    }

    /// Does something while no other codex-git moves a ref.
    pub(crate) fn alone<T>(&self, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let patience = self.patience_left();
        // While this is held nobody else begins to move a ref, so those who are at it come to an end.
        let turn = self.held(TURN, &ALONE, patience)?;
        let file = match self.held(LOCK, &ALONE, patience.min(HELD_OFF)) {
            Err(Error::Locked(_)) => {
                drop(turn);
                self.held(LOCK, &ALONE, patience.saturating_sub(HELD_OFF))?
            }
            file => file?,
        };
        self.done_moving(file, act())
    }

    /// Who waited in vain waits no more than a moment from then on, until the lock is free: there may be thousands of refs to move.
    fn patience_left(&self) -> Duration {
        let patience = self.patience.get();
        if self.in_vain.get() { patience.min(MOMENT) } else { patience }
    }

    /// A lock, taken as soon as that can be, and not waited for any longer than that.
    fn held(&self, name: &str, how: &How, patience: Duration) -> Result<File, Error> {
        let file = self.lock_file(name).map_err(Error::io("open the store's lock"))?;
        match (how.at_once)(&file) {
            Ok(()) => {
                self.in_vain.set(false);
                return Ok(file);
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(Error::io("lock the store")(error)),
        }
        let ((tell, told), wait) = (channel(), how.waiting);
        // The system wakes those who wait in it; who only asks again and again rarely comes in between.
        let waiter = move || {
            let locked = wait(&file).map(|()| file);
            // If nobody listens any more, the lock is given back at once.
            tell.send(locked).ok();
        };
        let waiting = std::thread::Builder::new().stack_size(64 << 10).spawn(waiter);
        waiting.map_err(Error::io("wait for the store's lock"))?;
        match told.recv_timeout(patience) {
            Ok(locked) => {
                self.in_vain.set(false);
                locked.map_err(Error::io("lock the store"))
            }
            Err(_) => {
                self.in_vain.set(true);
                Err(Error::Locked(self.path.join(name)))
            }
        }
    }

    fn done_moving<T>(&self, held: File, outcome: Result<T, Error>) -> Result<T, Error> {
        drop(held);
        if let Err(Error::LostRace(name)) = &outcome {
            self.clear_lock(name);
        }
        outcome
    }

    /// Removes the lock of a ref if the process that made it is gone.
    fn clear_lock(&self, name: &str) {
        match self.try_clear_lock(name) {
            Ok(true) => tracing::info!(name, "removed a lock that was left behind"),
            Ok(false) => {}
            Err(error) => tracing::info!(%error, name, "could not look at a lock"),
        }
    }

    fn try_clear_lock(&self, name: &str) -> io::Result<bool> {
        let ours = self.lock_file(LOCK)?;
        if !lock_if_free(&ours)? {
            return Ok(false);
        }
        let lock: PathBuf = self.path.join(format!("{name}.lock"));
        if !is_old(fs::metadata(&lock)?.modified()?) {
            return Ok(false);
        }
        fs::remove_file(&lock)?;
        Ok(true)
    }

    fn lock_file(&self, name: &str) -> io::Result<File> {
        open_lock(&self.path.join(name))
    }
}

/// Whether a lock that was made then can be one that was left behind.
fn is_old(made: SystemTime) -> bool {
    made.elapsed().map_or(true, |age| age >= OLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> (tempfile::TempDir, Guard) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("refs/heads")).unwrap();
        let guard = Guard::of(folder.path());
        (folder, guard)
    }

    #[test]
    fn a_lock_from_the_future_is_one_that_was_left_behind() {
        let (_folder, guard) = guard();
        let lock = guard.path.join("refs/heads/x.lock");
        for (ahead, cleared) in [(3_600, true), (0, false)] {
            let file = File::create(&lock).unwrap();
            let made = file.metadata().unwrap().modified().unwrap();
            file.set_modified(made + Duration::from_secs(ahead)).unwrap();
            assert_eq!(guard.try_clear_lock("refs/heads/x").unwrap(), cleared);
        }
    }

    #[test]
    fn a_lock_that_another_holds_is_not_waited_for_endlessly() {
        let (_folder, guard) = guard();
        guard.set_patience(Duration::from_millis(400));
        let other = guard.lock_file(LOCK).unwrap();
        other.lock().unwrap();
        let begun = std::time::Instant::now();
        assert!(matches!(guard.while_moving(|| Ok(())), Err(Error::Locked(_))));
        assert!(begun.elapsed() >= Duration::from_millis(400));
        // Of many refs only the first waits.
        (0..20).for_each(|_| assert!(matches!(guard.alone(|| Ok(())), Err(Error::Locked(_)))));
        assert!(begun.elapsed() < Duration::from_secs(6));
        other.unlock().unwrap();
        guard.alone(|| Ok(())).unwrap();
    }
}
