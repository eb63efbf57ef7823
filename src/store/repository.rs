//! A store, and opening one.

use std::cell::RefCell;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::Error;
use super::config::Config;
use super::delta_base::DeltaBases;
use crate::disk::regular;
use crate::git::repository::{Owner, owner};
use crate::git::{Odb, Refs};
use crate::model::FORMAT;

pub(super) const FORMAT_KEY: &str = "codexgit.format";

/// Extensions of the repository that are read; others change where refs and objects are.
const EXTENSIONS: [(&str, &str); 3] =
    [("extensions.objectformat", "sha1"), ("extensions.refstorage", "files"), ("extensions.preciousobjects", "true")];

/// A store, open.
pub struct Store {
    pub(super) odb: Odb,
    pub(super) refs: Refs,
    pub(super) bases: RefCell<DeltaBases>,
    path: PathBuf,
    /// The settings, as they were read last.
    config: RefCell<Arc<Config>>,
}

impl Store {
    /// Opens a store.
    ///
    /// # Errors
    /// When there is none, when it is something else, or of a newer format.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let store = Self::at(path)?;
        store.take_config(store.checked_settings()?);
        store.check_owner()?;
        Ok(store)
    }

    /// Git's own rules say whose repositories are trusted.
    pub(super) fn check_owner(&self) -> Result<(), Error> {
        match owner(&self.path)? {
            Owner::Trusted => Ok(()),
            Owner::Foreign => Err(Error::ForeignOwner(self.path.clone())),
            Owner::Nobody => Err(Error::NotAStore(self.path.clone())),
        }
    }

    /// What is at a path, whatever its settings say.
    pub(super) fn at(path: &Path) -> Result<Self, Error> {
        match fs::metadata(path) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(unreadable(path)(error)),
            Err(_) => return Err(Error::Missing(path.to_owned())),
        }
        let (odb, refs, path) = (Odb::at(path), Refs::at(path), path.to_owned());
        Ok(Self { odb, refs, bases: RefCell::default(), path, config: RefCell::default() })
    }

    /// Has the store wait for a lock no longer than that.
    pub fn set_patience(&self, patience: Duration) {
        self.refs.set_patience(patience);
    }

    /// Reads the repository's own settings, and nobody else's; they must be those of a store that this version can read.
    fn checked_settings(&self) -> Result<Config, Error> {
        let not_a_store = || Error::NotAStore(self.path.clone());
        let file = self.path.join("config");
        // A folder that may not be entered seems empty: what stands in the way is said, not that it is no store.
        if let Err(error) = regular::open(&file)
            && error.kind() == ErrorKind::PermissionDenied
        {
            return Err(unreadable(&self.path)(error));
        }
        if !file.is_file() || !self.path.join("objects").is_dir() {
            return Err(not_a_store());
        }
        let config = Config::read(&self.path)?;
        let format = config.last(FORMAT_KEY).and_then(|format| format.parse().ok()).ok_or_else(not_a_store)?;
        if format > i64::from(FORMAT) {
            return Err(Error::NewerFormat { path: self.path.clone(), format });
        }
        let foreign = config.below("extensions").find(|extension| !EXTENSIONS.contains(extension));
        if let Some((extension, _)) = foreign {
            return Err(Error::Extension { path: self.path.clone(), extension: extension.to_owned() });
        }
        Ok(config)
    }

    /// The settings, as they were when the store was opened, or when it changed them itself.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.borrow())
    }

    pub(super) fn take_config(&self, config: Config) {
        self.config.replace(Arc::new(config));
    }

    /// The repository's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Unreadable { path: path.to_owned(), source }
}
