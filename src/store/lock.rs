//! Locks of refs that were left behind.
//!
//! Whoever moves a ref makes `<ref>.lock` first; a process that is killed just then leaves it, and nobody could ever move that ref
//! again. So every move happens under a shared lock of our own, which the system takes away from a process that ends, however
//! it ends. Whoever gets that lock for itself alone has proof that no codex-git is moving a ref. Git itself holds a ref's lock for
//! milliseconds and knows nothing of ours, so a lock is removed only when it is also older than that.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::{Error, Store};

/// How old a ref's lock must be before it can be one that was left behind.
const OLD: Duration = Duration::from_secs(1);

impl Store {
    /// Moves refs, while those who remove locks are held off. A lock that was left behind is removed after, for the next try.
    pub(super) fn while_moving<T>(&self, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let file = self.lock_file().map_err(Error::io("open the store's lock"))?;
        file.lock_shared().map_err(Error::io("lock the store"))?;
        self.done_moving(file, act())
    }

    /// Does something while no other codex-git moves a ref.
    pub(super) fn alone<T>(&self, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let file = self.lock_file().map_err(Error::io("open the store's lock"))?;
        file.lock().map_err(Error::io("lock the store"))?;
        self.done_moving(file, act())
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
        let age = fs::metadata(&lock)?.modified()?.elapsed().unwrap_or_default();
        if age < OLD {
            return Ok(false);
        }
        fs::remove_file(&lock)?;
        Ok(true)
    }

    fn lock_file(&self) -> io::Result<File> {
        let path = self.path().join("codex-git.lock");
        File::open(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => File::create_new(&path).or_else(|_| File::open(&path)),
            _ => Err(error),
        })
    }
}
