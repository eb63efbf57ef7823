//! The code stores of a codex home: that of a directory's project, and all of them, where projects are now.

use std::path::Path;

use super::error::SnapshotError;
use crate::code::{Bounds, CodeStore, Error as CodeError, Freed, Root};
use crate::ops::{Error, Workspace};

impl Workspace {
    /// The code store of the project that a directory is in.
    ///
    /// # Errors
    /// When the project has none.
    pub fn code_store(&self, directory: &Path, bounds: &Bounds) -> Result<(CodeStore, Root), Error> {
        let root = Root::of(directory, &self.bounds_of(directory, bounds))?;
        let store = CodeStore::find(self.home(), &root)?;
        store.map(|store| (store, root.clone())).ok_or_else(|| SnapshotError::NoStore(root.path().to_owned()).into())
    }

    /// All code stores that can be opened.
    pub(super) fn code_stores(&self) -> Vec<CodeStore> {
        let told = |error: &CodeError| tracing::info!(%error, "a code store is passed over");
        let stores = CodeStore::all(self.home()).into_iter().filter_map(|store| store.inspect_err(told).ok());
        stores.map(|store| store.after(self.moves())).collect()
    }

    /// Does the same in all code stores, and adds up what that freed.
    pub(super) fn each_code_store(&self, act: impl Fn(&CodeStore) -> Result<Freed, Error>) -> Result<Freed, Error> {
        let mut all = Freed::default();
        for store in CodeStore::all(self.home()) {
            all += act(&store?.after(self.moves()))?;
        }
        Ok(all)
    }
}
