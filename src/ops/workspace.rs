//! A codex home and its store, opened together: what every verb works on.

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use super::Error;
use crate::codex::{CodexHome, Rollouts};
use crate::store::Store;

/// A codex home and the store that keeps its sessions.
pub struct Workspace {
    pub(super) home: CodexHome,
    pub(super) store: Store,
    /// The home's rollouts, as they were when all of them were recorded.
    pub(super) rollouts: RefCell<Option<Rollouts>>,
    created: bool,
}

impl Workspace {
    /// Opens the store at `store`, for the codex home at `home`.
    ///
    /// # Errors
    /// When there is no store, or it can't be read by this version.
    pub fn open(home: &Path, store: &Path) -> Result<Self, Error> {
        Ok(Self {
            home: CodexHome::new(home),
            store: Store::open(store)?,
            rollouts: RefCell::default(),
            created: false,
        })
    }

    /// Opens the store, and makes it first where there is none. Made twice, it is made once.
    ///
    /// # Errors
    /// When the store can't be made, or something else stands in its place.
    pub fn init(home: &Path, store: &Path) -> Result<Self, Error> {
        let (store, created) = Store::init(store)?;
        Ok(Self { home: CodexHome::new(home), store, rollouts: RefCell::default(), created })
    }

    /// The same workspace, opened once more, for another thread.
    pub(super) fn again(&self) -> Result<Self, Error> {
        Self::open(self.home(), self.store())
    }

    /// Has the verbs wait no longer than that for a lock of the store which another process holds.
    pub fn set_patience(&self, patience: Duration) {
        self.store.set_patience(patience);
    }

    /// Whether [`Workspace::init`] made the store just now.
    pub fn created(&self) -> bool {
        self.created
    }

    /// The codex home's folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The store's folder.
    pub fn store(&self) -> &Path {
        self.store.path()
    }
}
