//! Locks of refs that were left behind.
//!
//! Whoever moves a ref makes `<ref>.lock` first; a process that is killed just then leaves it, and nobody could ever move that ref
//! again. So every move happens under a shared lock of our own, which the system takes away from a process that ends, however
//! it ends. Whoever gets that lock for itself alone has proof that no codex-git is moving a ref. Git itself holds a ref's lock for
//! milliseconds and knows nothing of ours, so a lock is removed only when it is also older than that. One from the future is old: a
//! clock was set back since.
//!
//! No wait is endless: a process that is stopped while it holds the lock makes the others say so, and end.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use super::{Error, Store, regular};

/// How old a ref's lock must be before it can be one that was left behind.
const OLD: Duration = Duration::from_secs(1);

/// How long a lock is waited for, unless somebody is in more of a hurry.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The file that is locked.
const LOCK: &str = "codex-git.lock";

/// The longest pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

impl Store {
    /// Has the store wait for a lock no longer than that.
    pub fn set_patience(&self, patience: Duration) {
        self.patience.set(patience);
    }

    /// Moves refs, while those who remove locks are held off. A lock that was left behind is removed after, for the next try.
    pub(super) fn while_moving<T>(&self, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let file = self.held(File::try_lock_shared)?;
        self.done_moving(file, act())
    }

    /// Does something while no other codex-git moves a ref.
    pub(super) fn alone<T>(&self, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let file = self.held(File::try_lock)?;
        self.done_moving(file, act())
    }

    /// The lock, taken as soon as that can be.
    fn held(&self, take: impl Fn(&File) -> Result<(), TryLockError>) -> Result<File, Error> {
        let file = self.lock_file().map_err(Error::io("open the store's lock"))?;
        let (begun, mut pause) = (Instant::now(), Duration::from_micros(200));
        loop {
            match take(&file) {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if begun.elapsed() < self.patience.get() => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(PAUSE);
                }
                Err(TryLockError::WouldBlock) => return Err(Error::Locked(self.path().join(LOCK))),
                Err(TryLockError::Error(error)) => return Err(Error::io("lock the store")(error)),
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
        let ours = self.lock_file()?;
        if ours.try_lock().is_err() {
            return Ok(false);
        }
        let lock: PathBuf = self.path().join(format!("{name}.lock"));
        if !is_old(fs::metadata(&lock)?.modified()?) {
            return Ok(false);
        }
        fs::remove_file(&lock)?;
        Ok(true)
    }

    fn lock_file(&self) -> io::Result<File> {
        let path = self.path().join(LOCK);
        regular::open(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => File::create_new(&path).or_else(|_| regular::open(&path)),
            _ => Err(error),
        })
    }
}

/// Whether a lock that was made then can be one that was left behind.
fn is_old(made: SystemTime) -> bool {
    made.elapsed().map_or(true, |age| age >= OLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::init(&folder.path().join("sessions.git")).unwrap().0;
        (folder, store)
    }

    #[test]
    fn a_lock_from_the_future_is_one_that_was_left_behind() {
        let (_folder, store) = store();
        let lock = store.path().join("refs/heads/x.lock");
        for (ahead, cleared) in [(3_600, true), (0, false)] {
            let file = File::create(&lock).unwrap();
            let made = file.metadata().unwrap().modified().unwrap();
            file.set_modified(made + Duration::from_secs(ahead)).unwrap();
            assert_eq!(store.try_clear_lock("refs/heads/x").unwrap(), cleared);
        }
    }

    #[test]
    fn a_lock_that_another_holds_is_not_waited_for_endlessly() {
        let (_folder, store) = store();
        store.set_patience(Duration::from_millis(50));
        let other = store.lock_file().unwrap();
        other.lock().unwrap();
        assert!(matches!(store.while_moving(|| Ok(())), Err(Error::Locked(_))));
        assert!(matches!(store.alone(|| Ok(())), Err(Error::Locked(_))));
        other.unlock().unwrap();
        store.alone(|| Ok(())).unwrap();
    }
}
