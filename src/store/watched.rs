//! Watches: that one runs is told by a lock, which the system takes back from whoever ends.

#[cfg(feature = "watch")]
use std::fs::File;

#[cfg(feature = "watch")]
use super::Error;
use super::Store;
#[cfg(feature = "watch")]
use crate::disk::private;
use crate::disk::regular;

const WATCH: &str = "codex-git.watch";

/// Says that a watch runs, as long as it is there.
#[cfg(feature = "watch")]
#[derive(Debug)]
pub struct Watching {
    _file: File,
}

impl Store {
    /// Says that a watch runs. There may be several.
    ///
    /// # Errors
    /// When the lock can't be made or taken.
    #[cfg(feature = "watch")]
    pub fn begin_watch(&self) -> Result<Watching, Error> {
        let file = private::open_or_make(&self.path().join(WATCH)).map_err(Error::io("say that a watch runs"))?;
        file.lock_shared().map_err(Error::io("say that a watch runs"))?;
        Ok(Watching { _file: file })
    }

    /// Whether a watch runs.
    pub fn is_watched(&self) -> bool {
        regular::open(&self.path().join(WATCH)).is_ok_and(|file| file.try_lock().is_err())
    }
}

#[cfg(all(test, feature = "watch"))]
mod tests {
    use super::*;

    #[test]
    fn a_watch_is_known_as_long_as_one_runs() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::init(&folder.path().join("sessions.git")).unwrap().0;
        assert!(!store.is_watched());
        let (one, other) = (store.begin_watch().unwrap(), store.begin_watch().unwrap());
        drop(one);
        assert!(store.is_watched());
        drop(other);
        assert!(!store.is_watched());
    }
}
