//! Locks on files that are waited for, but not without an end.
//!
//! Even a lock that nobody works under can be held for a moment: a process that is started has a copy of every open file until it becomes the
//! program that it is to be.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::regular;

const PAUSE: Duration = Duration::from_millis(5);

/// Opens a file that is only locked, or makes it. Of two that find none, one makes it, and the other opens that.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let made = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => File::create_new(path),
        _ => Err(error),
    };
    regular::open(path).or_else(made).or_else(|error| match error.kind() {
        ErrorKind::AlreadyExists => regular::open(path),
        _ => Err(error),
    })
}

/// Takes the lock on a file, alone, if nobody else has it: whether it is taken. That there are no locks at all, as on some file systems, is an error.
pub(crate) fn lock_if_free(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Takes the lock on a file, alone; waits so long for others.
pub(crate) fn lock_within(file: &File, patience: Duration) -> Result<(), TryLockError> {
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if began.elapsed() < patience => thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_waited_for_as_long_as_that_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let theirs = File::create(&path).unwrap();
        theirs.lock().unwrap();
        let ours = File::open(&path).unwrap();
        assert!(matches!(lock_within(&ours, Duration::from_millis(20)), Err(TryLockError::WouldBlock)));
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(50));
                theirs.unlock().unwrap();
            });
            assert!(lock_within(&ours, Duration::from_secs(60)).is_ok());
        });
    }
}
