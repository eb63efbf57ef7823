//! Checking all code stores of a codex home, and looking after them when the store of the conversations is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::code::{CheckedStore, Closely, CodeStore, Error as CodeError, Freed};
use crate::ops::{Error, Workspace};

/// A code store that was checked.
#[derive(Debug)]
#[non_exhaustive]
pub struct CheckedCode {
    /// Where it is, as far as it could be opened.
    pub path: Option<PathBuf>,
    /// What was found.
    pub found: Result<CheckedStore, CodeError>,
}

impl Workspace {
    /// Forgets what is older than the settings say in all code stores, and merges the packs of those that have many.
    ///
    /// # Errors
    /// When something can't be read or written.
    pub fn collect_code(&self, now: i64) -> Result<Freed, Error> {
        self.each_code_store(|store| {
            let mut freed = self.forget_old(store, now)?;
            if freed.snapshots == 0 && store.is_scattered() {
                freed.bytes += store.merge()?;
            }
            Ok(freed)
        })
    }
}

/// Checks all code stores of a codex home. The workspace there, if there is one, knows which projects were moved.
pub fn check_code(home: &Path, workspace: Option<&Workspace>, closely: Closely) -> Vec<CheckedCode> {
    let moves = workspace.map(Workspace::moves).unwrap_or_default();
    let check = |store: Result<CodeStore, CodeError>| match store.map(|store| store.after(Arc::clone(&moves))) {
        Ok(store) => CheckedCode { path: Some(store.path().to_owned()), found: store.check(closely) },
        Err(error) => CheckedCode { path: None, found: Err(error) },
    };
    CodeStore::all(home).into_iter().map(check).collect()
}
