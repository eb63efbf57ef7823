//! The lock by which Codex says that it writes to a session: `thread-writer-locks/<session id>.lock` (0.160 and later).

use std::fs::{File, TryLockError};

use super::{CodexHome, Error};
use crate::model::SessionId;

/// A session that Codex does not write to, and can't begin to while this is held.
pub struct WriterLock {
    _file: Option<File>,
}

impl WriterLock {
    /// Keeps Codex from writing to a session. A session that it never had open since its locks were made has no lock to take.
    ///
    /// # Errors
    /// [`Error::InUse`] when Codex has the session open.
    pub fn take(home: &CodexHome, session: SessionId) -> Result<Self, Error> {
        let path = home.path().join("thread-writer-locks").join(format!("{session}.lock"));
        let Ok(file) = File::open(&path) else { return Ok(Self { _file: None }) };
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse(session)),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_codex_has_open_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let home = CodexHome::new(folder.path());
        let session = SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap();
        assert!(WriterLock::take(&home, session).is_ok());
        let locks = folder.path().join("thread-writer-locks");
        std::fs::create_dir(&locks).unwrap();
        let codex = File::create(locks.join(format!("{session}.lock"))).unwrap();
        codex.lock().unwrap();
        assert!(matches!(WriterLock::take(&home, session), Err(Error::InUse(_))));
        drop(codex);
        assert!(WriterLock::take(&home, session).is_ok());
    }
}
