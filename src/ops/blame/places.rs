//! Where a file stands: one name for it, whichever work tree, link or former directory a path leads through.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::moves::Moves;

/// The places at which a project's files stand, and stood.
pub(super) struct Places {
    /// The roots of its work trees, the deepest first.
    roots: Vec<PathBuf>,
    /// Where Codex makes work trees of its own, each in a folder by itself.
    made: PathBuf,
    /// Directories that were elsewhere: what a path began with, and what it begins with now.
    was: Vec<(String, String)>,
    /// The directories that the store's settings say were moved.
    moves: Arc<Moves>,
    /// What directories are without links.
    canonical: RefCell<HashMap<PathBuf, PathBuf>>,
}

/// A file: its path from its project's root on, or else its whole path.
pub(super) type Key = String;

impl Places {
    /// Those of work trees. Codex may have made and removed others, below `made`.
    pub fn new(work_trees: Vec<PathBuf>, made: PathBuf, was: Vec<(String, String)>, moves: Arc<Moves>) -> Self {
        let canonical: Vec<PathBuf> = work_trees.iter().filter_map(|root| root.canonicalize().ok()).collect();
        let mut roots = [work_trees, canonical].concat();
        roots.sort_by_key(|root| std::cmp::Reverse(root.components().count()));
        roots.dedup();
        Self { roots, made, was, moves, canonical: RefCell::default() }
    }

    /// The file at a path.
    pub fn key(&self, path: &str) -> Key {
        let path = self.moved(path);
        let path = Path::new(&path);
        let within = |path: &Path| {
            let inner = self.roots.iter().find_map(|root| path.strip_prefix(root).ok());
            inner.or_else(|| self.within_gone(path))?.to_str().map(str::to_owned)
        };
        within(path).unwrap_or_else(|| {
            let whole = self.without_links(path);
            within(&whole).unwrap_or_else(|| whole.to_string_lossy().into_owned())
        })
    }

    /// What a path has after the root of a work tree that Codex made and that is gone. It was called as the project is.
    fn within_gone<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        let mut below = path.strip_prefix(&self.made).ok()?.components();
        let (number, name) = (below.next()?, below.next()?.as_os_str());
        let is_gone = || !self.made.join(number).join(name).exists();
        (self.roots.iter().any(|root| root.file_name() == Some(name)) && is_gone()).then_some(below.as_path())
    }

    /// A path, where it is now.
    fn moved(&self, path: &str) -> String {
        let moved = self.was.iter().find_map(|(old, new)| {
            let rest = path.strip_prefix(old.trim_end_matches('/'))?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", new.trim_end_matches('/')))
        });
        self.moves.now(moved.as_deref().unwrap_or(path)).into_owned()
    }

    /// The work tree that a path leads into: the root of it, without links.
    pub fn work_tree(&self, path: &str) -> Option<PathBuf> {
        let root = |path: &Path| self.roots.iter().find(|root| path.starts_with(root)).cloned();
        let path = self.moved(path);
        let path = Path::new(&path);
        let found = root(path).or_else(|| root(&self.without_links(path)))?;
        Some(found.canonicalize().unwrap_or(found))
    }

    /// Whether a directory is in the project.
    pub fn hold(&self, directory: &str) -> bool {
        let key = self.key(directory);
        !Path::new(&key).is_absolute()
    }

    /// A path without links, as far as it exists.
    fn without_links(&self, path: &Path) -> PathBuf {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return path.to_owned() };
        let mut known = self.canonical.borrow_mut();
        let folder = known
            .entry(folder.to_owned())
            .or_insert_with(|| folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
        folder.join(name)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_name_wherever_a_path_leads_through() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("main/src")).unwrap();
        std::fs::create_dir_all(at("main/.trees/side/src")).unwrap();
        std::os::unix::fs::symlink(at("main"), at("link")).unwrap();
        let was = vec![("/gone/main".to_owned(), at("main").to_str().unwrap().to_owned())];
        std::fs::create_dir_all(at("made/2/main/src")).unwrap();
        let places = Places::new(vec![at("main"), at("main/.trees/side")], at("made"), was, Arc::default());
        assert_eq!(places.key(at("made/1/main/src/a").to_str().unwrap()), "src/a", "it is gone");
        for other in ["made/2/main/src/a", "made/1/other/src/a", "made/1"] {
            assert!(Path::new(&places.key(at(other).to_str().unwrap())).is_absolute(), "{other}");
        }
        for name in ["main/src/a", "link/src/a", "main/.trees/side/src/a"] {
            assert_eq!(places.key(at(name).to_str().unwrap()), "src/a", "{name}");
        }
        assert_eq!(places.key("/gone/main/src/a"), "src/a");
        assert_eq!(places.key("/gone/mainly/a"), "/gone/mainly/a");
        assert!(places.hold(at("main/src").to_str().unwrap()) && !places.hold("/elsewhere"));
    }
}
