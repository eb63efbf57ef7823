//! That a watch of ours runs in a codex home: told by a lock, which the system takes back from whoever ends.

use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::disk::lock::lock_within;
use crate::disk::regular;

/// Others who ask at the same time hold the lock for less than that.
const MOMENT: Duration = Duration::from_millis(50);

/// Says that a watch runs, as long as it is there.
#[cfg(feature = "watch")]
#[derive(Debug)]
pub struct Watching {
    _file: std::fs::File,
}

#[cfg(feature = "watch")]
impl Watching {
    /// Says that a watch of a codex home runs. There may be several.
    ///
    /// # Errors
    /// When the lock can't be made or taken.
    pub fn begin(home: &Path) -> std::io::Result<Self> {
        use crate::disk::private::{make_folder, open_or_make};
        let path = lock_of(home);
        path.parent().map_or(Ok(()), make_folder)?;
        let file = open_or_make(&path)?;
        file.lock_shared()?;
        Ok(Self { _file: file })
    }
}

/// Whether a watch of a codex home runs.
pub fn is_watched(home: &Path) -> bool {
    let locked = |file| matches!(lock_within(&file, MOMENT), Err(TryLockError::WouldBlock));
    regular::open(&lock_of(home)).is_ok_and(locked)
}

fn lock_of(home: &Path) -> PathBuf {
    home.join("log").join("codex-git.watch")
}

#[cfg(all(test, feature = "watch"))]
mod tests {
    use super::*;

    #[test]
    fn a_watch_is_known_as_long_as_one_runs() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert!(!is_watched(home.path()));
        let (one, more) = (Watching::begin(home.path()).unwrap(), Watching::begin(home.path()).unwrap());
        drop(one);
        assert!(is_watched(home.path()) && !is_watched(other.path()));
        drop(more);
        assert!(!is_watched(home.path()));
    }
}
