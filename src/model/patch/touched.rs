//! The files that patches touched, and how many lines of each came and went.

use std::collections::BTreeMap;

use super::super::item::{Item, What};

/// A file that was touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Its path as it is after: relative where it lies below the directory that Codex worked in.
    pub path: String,
    /// How many lines came.
    pub added: usize,
    /// How many went.
    pub removed: usize,
}

/// The files that the patches among these items touched, by path. Patches that were refused touched none.
pub fn touched<'i>(items: impl IntoIterator<Item = &'i Item>) -> Vec<Touched> {
    let mut files: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for item in items {
        let What::Patch(patch) = &item.what else { continue };
        for change in patch.changes.iter().filter(|_| patch.is_done()) {
            let (added, removed) = change.counts();
            let sum = files.entry(near(change.path_after(), patch.cwd.as_deref()).to_owned()).or_default();
            *sum = (sum.0 + added, sum.1 + removed);
        }
    }
    files.into_iter().map(|(path, (added, removed))| Touched { path, added, removed }).collect()
}

/// A path as it is meant in a directory, if it lies below.
pub fn near<'p>(path: &'p str, directory: Option<&str>) -> &'p str {
    let below = directory.and_then(|directory| path.strip_prefix(directory.trim_end_matches('/'))?.strip_prefix('/'));
    below.filter(|below| !below.is_empty()).unwrap_or(path)
}
