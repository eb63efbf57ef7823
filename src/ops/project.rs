//! Where a session worked: whether that was in a project, or below a directory, whatever names lead there.
//!
//! A project is the git repository that a directory is in, in all of its work trees, without the repositories within it; a directory outside of all is
//! one by itself. Directories that are gone are judged by their paths.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::disk::each::of_each;
use crate::git::project::{common_folder, main_work_tree, work_trees};
use crate::model::moves::Moves;

/// So many directories are worth a thread that looks at them.
const WORTH: usize = 100;

/// A project.
#[derive(Debug)]
pub struct Project {
    /// Its root, and those of the other work trees of its repository.
    roots: Vec<Below>,
    /// What was found of directories: the system is asked once about each.
    known: Mutex<HashMap<String, bool>>,
    /// Whether all below the root counts.
    is_repository: bool,
}

/// A directory and all below it.
#[derive(Clone, Debug)]
pub struct Below {
    /// Its names: as it was given, and without links.
    names: Vec<PathBuf>,
    identity: Option<Identity>,
    /// The directories that were moved: of others, it is asked where they are now.
    moves: Arc<Moves>,
}

impl Project {
    /// The project that a directory is in.
    pub fn of(directory: &Path) -> Self {
        let root = repository_of(directory);
        let others = root.and_then(common_folder).map(|common| work_trees(&common)).unwrap_or_default();
        let mut roots = vec![Below::new(root.unwrap_or(directory))];
        for other in others.iter().map(|other| Below::new(other)) {
            if !roots.iter().any(|root| root.is_same(&other)) {
                roots.push(other);
            }
        }
        Self { roots, known: Mutex::default(), is_repository: root.is_some() }
    }

    /// Which of some directories are in it.
    pub fn holds(&self, directories: &[&str]) -> Vec<bool> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new: Vec<&str> = directories.iter().copied().filter(|name| !known.contains_key(*name)).collect();
        new.dedup();
        let found = of_each(&new, WORTH, |name| self.looks_to_hold(Path::new(name)));
        known.extend(new.into_iter().map(str::to_owned).zip(found));
        directories.iter().map(|name| known.get(*name).copied().unwrap_or_default()).collect()
    }

    fn looks_to_hold(&self, directory: &Path) -> bool {
        let holds = |root: &Below| {
            let within = |folder: &&Path| root.name_above(folder).is_some_and(|name| name != *folder);
            root.name_above(directory).is_some() && !directory.ancestors().take_while(within).any(is_repository)
        };
        if self.is_repository && self.roots.iter().any(holds) {
            return true;
        }
        if self.roots.iter().any(|root| root.is_named(directory)) {
            return true;
        }
        let is_below = self.is_repository && self.roots.iter().any(|root| root.name_above(directory).is_some());
        // Another name of a root, which a path below one can't be.
        !is_below && identity(directory).is_some_and(|found| self.roots.iter().any(|root| root.identity == Some(found)))
    }
}

impl Below {
    /// A directory and all below it.
    pub fn new(directory: &Path) -> Self {
        let mut names = vec![directory.to_owned()];
        names.extend(directory.canonicalize().ok().filter(|canonical| canonical != directory));
        Self { names, identity: identity(directory), moves: Arc::default() }
    }

    /// The same, where directories were moved.
    pub(super) fn after(self, moves: Arc<Moves>) -> Self {
        Self { moves, ..self }
    }

    /// Whether a directory is it or lies below.
    pub fn holds(&self, directory: &str) -> bool {
        let now = self.moves.now(directory);
        let directory = Path::new(&*now);
        self.name_above(directory).is_some() || self.is(directory)
    }

    fn is(&self, directory: &Path) -> bool {
        self.is_named(directory) || (self.identity.is_some() && identity(directory) == self.identity)
    }

    fn is_named(&self, directory: &Path) -> bool {
        self.names.iter().any(|name| name == directory)
    }

    fn is_same(&self, other: &Self) -> bool {
        self.identity.is_some() && self.identity == other.identity
    }

    fn name_above(&self, directory: &Path) -> Option<&Path> {
        self.names.iter().find(|name| directory.starts_with(name)).map(PathBuf::as_path)
    }
}

/// The root of the git repository that a directory is in.
pub(super) fn repository_of(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|folder| is_repository(folder))
}

/// The root of the project that a directory is in: of a linked work tree that of the one which it is linked to.
pub(super) fn project_root(directory: &Path) -> Option<PathBuf> {
    let root = repository_of(directory)?;
    let common = common_folder(root);
    Some(common.as_deref().and_then(main_work_tree).map_or_else(|| root.to_owned(), |main| main_named(root, main)))
}

/// The root of a repository's own work tree, by the name that it is known by here.
fn main_named(root: &Path, main: &Path) -> PathBuf {
    let is_it = root.canonicalize().is_ok_and(|canonical| canonical == main);
    if is_it { root } else { main }.to_owned()
}

/// Whether a directory is the root of a git repository, or of a worktree.
fn is_repository(directory: &Path) -> bool {
    directory.join(".git").exists()
}

/// What tells a directory from every other on this machine, whatever names lead to it.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(directory: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(directory).ok().map(|data| (data.dev(), data.ino()))
}

#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(not(unix))]
fn identity(directory: &Path) -> Option<Identity> {
    directory.canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_its_repository_without_those_within() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["project/.git", "project/src/deep", "project/vendor/other/.git", "project/vendor/other/src"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        let holds = |project: &Project, name: &str| project.holds(&[at(name).to_str().unwrap()])[0];
        let project = Project::of(&at("project/src/deep"));
        for name in ["project", "project/src", "project/src/deep", "project/gone"] {
            assert!(holds(&project, name), "{name}");
        }
        for name in ["", "projects", "project/vendor/other", "project/vendor/other/src"] {
            assert!(!holds(&project, name), "{name}");
        }
        assert!(holds(&Project::of(&at("project/vendor/other")), "project/vendor/other/src"));
        let alone = Project::of(&at(""));
        assert!(holds(&alone, "") && !holds(&alone, "project"));
    }

    #[test]
    fn all_work_trees_of_a_repository_are_one_project() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let git = |words: &str| {
            let words = words.split(' ').map(|word| word.replace("DIR", folder.path().to_str().unwrap()));
            let ran = std::process::Command::new("git").args(words).output().unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        };
        git("init -q DIR/project");
        git("init -q DIR/other");
        git("-C DIR/project -c user.name=a -c user.email=a@b commit -q --allow-empty -m one");
        git("-C DIR/project worktree add -q DIR/elsewhere/tree");
        git("-C DIR/project worktree add -q DIR/project/.trees/inner");
        for name in ["elsewhere/tree/src", "project/.trees/inner/src", "project/src"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        for from in ["project", "elsewhere/tree", "project/.trees/inner/src"] {
            let project = Project::of(&at(from));
            let holds = |name: &str| project.holds(&[at(name).to_str().unwrap()])[0];
            for name in ["project", "project/src", "elsewhere/tree/src", "project/.trees/inner", "elsewhere/tree/gone"]
            {
                assert!(holds(name), "{name} from {from}");
            }
            assert!(!holds("other") && !holds("elsewhere"), "{from}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn other_names_of_a_directory_count() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("real/src")).unwrap();
        std::os::unix::fs::symlink(at("real"), at("link")).unwrap();
        let below = Below::new(&at("link"));
        for name in ["link", "real", "real/src", "link/src"] {
            assert!(below.holds(at(name).to_str().unwrap()), "{name}");
        }
        assert!(!below.holds(folder.path().to_str().unwrap()));
    }
}
