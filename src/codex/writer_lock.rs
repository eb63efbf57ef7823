//! The locks by which Codex says that it writes to a session (0.160 and later): `thread-writer-locks/<session id>.lock`, made, taken and
//! removed under `thread-writer-locks/.coordination.lock`.
//!
//! A session's lock is there only while Codex has the session loaded, so that it is not there proves nothing: Codex could make it the next
//! moment. Whoever wants to keep Codex out makes it, as Codex does.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{CodexHome, Error};
use crate::disk::lock::lock_within;
use crate::disk::private::{make_folder, open_or_make};
use crate::model::SessionId;

const FOLDER: &str = "thread-writer-locks";
const COORDINATION: &str = ".coordination.lock";

/// How long the lock is waited for that Codex holds for moments.
const PATIENCE: Duration = Duration::from_secs(2);

/// A session that Codex does not write to, and can't begin to while this is held.
pub struct WriterLock {
    /// The lock, unless it is pretended.
    held: Option<(PathBuf, File)>,
}

impl WriterLock {
    /// Keeps Codex from writing to a session.
    ///
    /// # Errors
    /// [`Error::InUse`] when Codex has the session open, and when the locks can't be taken.
    pub fn take(home: &CodexHome, session: SessionId) -> Result<Self, Error> {
        let folder = home.path().join(FOLDER);
        make_folder(&folder).map_err(Error::io("make", &folder))?;
        let coordination = coordinate(&folder, session)?;
        let path = folder.join(format!("{session}.lock"));
        let file = open_or_make(&path).map_err(Error::io("open", &path))?;
        lock(&file, &path, session)?;
        drop(coordination);
        Ok(Self { held: Some((path, file)) })
    }

    /// Holds nothing: for a look at what would be done.
    pub fn pretended() -> Self {
        Self { held: None }
    }

    /// Whether a session is free, without making anything.
    ///
    /// # Errors
    /// As [`WriterLock::take`].
    pub fn probe(home: &CodexHome, session: SessionId) -> Result<(), Error> {
        let path = home.path().join(FOLDER).join(format!("{session}.lock"));
        match File::open(&path) {
            Ok(file) => lock(&file, &path, session),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::io("open", &path)(error)),
        }
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Removed as Codex removes it, so that nobody is left with a lock on a file without a name. A lock that stays does no harm: what
        // counts is who holds it.
        let Some((path, _file)) = &self.held else { return };
        let coordination = open_or_make(&path.with_file_name(COORDINATION));
        if !coordination.is_ok_and(|file| lock_within(&file, PATIENCE).is_ok() && fs::remove_file(path).is_ok()) {
            tracing::info!(path = %path.display(), "a lock stays");
        }
    }
}

/// The locks that there are, held or not, and their sessions.
pub(super) fn locks(home: &CodexHome) -> Vec<(PathBuf, SessionId)> {
    let Ok(entries) = fs::read_dir(home.path().join(FOLDER)) else { return Vec::new() };
    let lock = |entry: fs::DirEntry| {
        let path = entry.path();
        let session = SessionId::parse(path.file_name()?.to_str()?.strip_suffix(".lock")?)?;
        Some((path, session))
    };
    entries.flatten().filter_map(lock).collect()
}

fn coordinate(folder: &Path, session: SessionId) -> Result<File, Error> {
    let path = folder.join(COORDINATION);
    let file = open_or_make(&path).map_err(Error::io("open", &path))?;
    match lock_within(&file, PATIENCE) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(session)),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
    }
}

fn lock(file: &File, path: &Path, session: SessionId) -> Result<(), Error> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Error::InUse(session),
        TryLockError::Error(error) => Error::io("lock", path)(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, CodexHome, SessionId) {
        let folder = tempfile::tempdir().unwrap();
        let home = CodexHome::new(folder.path());
        (folder, home, SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap())
    }

    fn locks(home: &CodexHome) -> PathBuf {
        let locks = home.path().join(FOLDER);
        fs::create_dir_all(&locks).unwrap();
        locks
    }

    #[test]
    fn a_session_that_codex_has_open_is_in_use() {
        let (_folder, home, session) = home();
        let codex = File::create(locks(&home).join(format!("{session}.lock"))).unwrap();
        codex.lock().unwrap();
        assert!(matches!(WriterLock::take(&home, session), Err(Error::InUse(_))));
        assert!(matches!(WriterLock::probe(&home, session), Err(Error::InUse(_))));
        drop(codex);
        assert!(WriterLock::take(&home, session).is_ok());
    }

    #[test]
    fn a_lock_is_made_where_there_is_none_and_leaves_nothing() {
        let (_folder, home, session) = home();
        WriterLock::probe(&home, session).unwrap();
        assert!(!home.path().join(FOLDER).exists(), "a look makes nothing");
        let held = WriterLock::take(&home, session).unwrap();
        // What Codex would do next: it finds the lock held.
        let path = locks(&home).join(format!("{session}.lock"));
        assert!(matches!(File::open(&path).unwrap().try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        assert!(!path.exists());
    }

    #[test]
    fn codex_that_takes_a_moment_is_waited_for() {
        let (_folder, home, session) = home();
        let coordination = File::create(locks(&home).join(COORDINATION)).unwrap();
        coordination.lock().unwrap();
        let waiting = std::thread::spawn(move || WriterLock::take(&home, session).map(drop));
        std::thread::sleep(Duration::from_millis(100));
        assert!(!waiting.is_finished());
        drop(coordination);
        assert!(waiting.join().unwrap().is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_that_cannot_be_opened_is_no_free_session() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, home, session) = home();
        let path = locks(&home).join(format!("{session}.lock"));
        fs::create_dir(&path).unwrap();
        assert!(matches!(WriterLock::take(&home, session), Err(Error::Io { .. })));
        fs::remove_dir(&path).unwrap();
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        let is_root = File::open(&path).is_ok();
        assert!(is_root || matches!(WriterLock::probe(&home, session), Err(Error::Io { .. })));
    }
}
