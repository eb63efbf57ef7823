//! How things stand with code: what is kept here, and each code store with its size and what was refused.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::switch::Switch;
use crate::code::{Bounds, CodeStore, Root};
use crate::ops::{Error, Workspace};

/// A code store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreState {
    /// Where it is.
    pub path: PathBuf,
    /// The project that it is of, and whether that is still there.
    pub project: Option<PathBuf>,
    /// Whether the project is gone, or is elsewhere now.
    pub is_orphan: bool,
    /// How many snapshots it has.
    pub snapshots: usize,
    /// How many bytes its files have.
    pub bytes: u64,
    /// What a person told codex-git to leave out.
    pub ignored: Vec<String>,
}

/// How things stand for a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeState {
    /// What is kept of projects that nothing else is said of.
    pub general: Switch,
    /// What is kept of the project here.
    pub here: Switch,
    /// Its root, or why it has none.
    pub root: Result<PathBuf, String>,
    /// The folder that alone is looked at, if the root had too many files; the root itself, where no less can be.
    pub part: Option<PathBuf>,
    /// Why its files are no longer kept, if a limit was exceeded again and again.
    pub given_up: Option<String>,
    /// All code stores.
    pub stores: Vec<Result<StoreState, String>>,
}

impl Workspace {
    /// Why the files of a directory's project are no longer kept, if a limit was exceeded again and again.
    pub fn code_given_up(&self, directory: &Path, bounds: &Bounds) -> Option<String> {
        let root = Root::of(directory, &self.bounds_of(directory, bounds)).ok()?;
        CodeStore::find(self.home(), &root).ok()??.given_up(&root)
    }

    /// How things stand for a directory.
    pub fn code_state(&self, directory: &Path, bounds: &Bounds) -> CodeState {
        let root = Root::of(directory, &self.bounds_of(directory, bounds));
        let named = root.as_ref().map_or(directory, |root| root.path());
        let part = root.as_ref().ok().and_then(|root| {
            let store = CodeStore::find(self.home(), root).ok()??;
            let part = root.part().first().map(|part| root.path().join(OsStr::from_bytes(part)));
            store.is_wide(root).then(|| part.unwrap_or_else(|| root.path().to_owned()))
        });
        let stores = CodeStore::all(self.home()).into_iter();
        CodeState {
            general: self.general_code_switch(),
            here: self.code_switch(named),
            root: root.map(|root| root.path().to_owned()).map_err(|error| error.to_string()),
            part,
            given_up: self.code_given_up(directory, bounds),
            stores: stores
                .map(|store| Ok(stated(&store?.after(self.moves()))?))
                .map(|state: Result<_, Error>| state.map_err(|error| error.to_string()))
                .collect(),
        }
    }
}

/// How many code stores a codex home has, and how many bytes their files have.
pub fn code_size(home: &Path) -> (usize, u64) {
    let stores = CodeStore::all(home);
    (stores.len(), stores.iter().flatten().map(CodeStore::size).sum())
}

fn stated(store: &CodeStore) -> Result<StoreState, crate::code::Error> {
    let project = store.project();
    Ok(StoreState {
        path: store.path().to_owned(),
        is_orphan: !project.as_ref().is_some_and(|project| project.exists()),
        project,
        snapshots: store.named()?.len(),
        bytes: store.size(),
        ignored: store.ignored(),
    })
}
