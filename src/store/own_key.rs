//! A key of the store's own: random, made when it is needed first, readable by its owner alone, and never replaced. What is hashed with it can be
//! compared within the store, and nowhere else.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::{Error, Store};
use crate::disk::{private, regular};

/// How long it is.
const LEN: usize = 32;

impl Store {
    /// The store's own key. A store that is only read, and has none, has nothing that was hashed with one: it gets one for the moment.
    ///
    /// # Errors
    /// When it can't be read, or not be made.
    pub fn own_key(&self) -> Result<[u8; LEN], Error> {
        let io = Error::io("make the store's own key");
        match self.read_own_key() {
            Err(error) if error.kind() == ErrorKind::NotFound => match self.make_own_key() {
                Ok(()) => self.read_own_key().map_err(io),
                Err(error) if matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) => {
                    random().map_err(io)
                }
                Err(error) => Err(io(error)),
            },
            read => read.map_err(Error::io("read the store's own key")),
        }
    }

    fn own_key_path(&self) -> PathBuf {
        self.path().join("codex-git.key")
    }

    fn read_own_key(&self) -> io::Result<[u8; LEN]> {
        let bytes = regular::read(&self.own_key_path(), LEN as u64)?;
        bytes.try_into().map_err(|_| regular::broken("`codex-git.key` is shorter than a key"))
    }

    fn make_own_key(&self) -> io::Result<()> {
        private::create(&self.own_key_path(), &random()?)
    }
}

fn random() -> io::Result<[u8; LEN]> {
    let mut key = [0; LEN];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    Ok(key)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_made_once_and_belongs_to_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::init(&folder.path().join("sessions.git")).unwrap();
        let key = store.own_key().unwrap();
        assert!(key != [0; LEN] && store.own_key().unwrap() == key);
        assert_eq!(fs::metadata(store.own_key_path()).unwrap().permissions().mode() & 0o777, 0o600);
        store.make_own_key().unwrap();
        assert_eq!(store.own_key().unwrap(), key, "it is never replaced");
        fs::write(store.own_key_path(), "short").unwrap();
        assert!(store.own_key().is_err());
    }
}
