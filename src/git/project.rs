//! A person's repository as libgit2 reads it: what HEAD holds, which paths the index has, and the bytes of its objects.
//!
//! Nothing is written, and nothing of the person's runs: libgit2 knows no filters of theirs, no hooks, no monitors. A repository that libgit2
//! can't open (of SHA-256, with refs in tables) is none here: it has no HEAD and no objects.

use std::fs;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid, Repository, RepositoryOpenFlags};

use super::tree::RawEntry;
use crate::disk::regular;
use crate::model::ObjectId;
use crate::model::code::RuleOf;

/// More than any file that names another folder has.
const MOST: u64 = 1 << 16;

/// The folder that all work trees of a repository share; `None` where a folder is no work tree. No object and no setting is read for that.
pub(crate) fn common_folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    let data = fs::symlink_metadata(&git).ok()?;
    if data.is_dir() || data.is_symlink() {
        return fs::canonicalize(git).ok();
    }
    let named = regular::read(&git, MOST).ok()?;
    let named = std::str::from_utf8(&named).ok()?.strip_prefix("gitdir:")?.trim();
    let own = fs::canonicalize(root.join(named)).ok()?;
    match regular::read(&own.join("commondir"), MOST) {
        Ok(common) => fs::canonicalize(own.join(std::str::from_utf8(&common).ok()?.trim())).ok(),
        Err(_) => Some(own),
    }
}

/// The root of a repository's own work tree, by the folder that all of them share; `None` where it has none.
pub(crate) fn main_work_tree(common: &Path) -> Option<&Path> {
    common.parent().filter(|_| common.file_name().is_some_and(|name| name == ".git"))
}

/// The roots of all work trees of a repository: its own, and those that are linked to it.
pub(crate) fn work_trees(common: &Path) -> Vec<PathBuf> {
    let main = main_work_tree(common);
    let linked = fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
    let root = |entry: fs::DirEntry| {
        let named = regular::read(&entry.path().join("gitdir"), MOST).ok()?;
        let git = Path::new(std::str::from_utf8(&named).ok()?.trim());
        Some(entry.path().join(git).parent()?.to_owned())
    };
    // Where another repository stands by now, it is none of these.
    let is_own = |root: &PathBuf| {
        root.parent().is_some() && (!root.join(".git").exists() || common_folder(root).as_deref() == Some(common))
    };
    main.map(Path::to_owned).into_iter().chain(linked.filter_map(root).filter(is_own)).collect()
}

/// The nearest folder at or above one that is a work tree.
pub(crate) fn top_level(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok())
}

/// What HEAD of a work tree is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProjectHead {
    /// The commit, if there is one yet.
    pub commit: Option<ObjectId>,
    /// The commit's tree.
    pub tree: Option<ObjectId>,
    /// The branch, if HEAD is on one.
    pub branch: Option<String>,
}

/// A person's repository.
pub(crate) struct Project {
    repository: Option<Repository>,
    /// Whether it has only part of its objects, and fetches the others when somebody asks.
    is_partial: bool,
}

impl Project {
    /// That of a work tree, or the one in a folder of git's.
    pub fn open(path: &Path) -> Self {
        let flags = RepositoryOpenFlags::NO_SEARCH;
        let opened = Repository::open_ext(path, flags, [] as [&Path; 0]);
        let repository = opened.inspect_err(|error| tracing::info!(%error, path = %path.display(), "not read")).ok();
        let is_partial = repository.as_ref().is_some_and(has_promises);
        Self { repository, is_partial }
    }

    /// HEAD as it is now.
    pub fn head(&self) -> ProjectHead {
        let Some(repository) = &self.repository else { return ProjectHead::default() };
        let name = repository.find_reference("HEAD").ok();
        let name = name.and_then(|head| Some(head.symbolic_target_bytes()?.to_vec()));
        let branch = name.and_then(|name| String::from_utf8(name).ok());
        let commit = repository.head().and_then(|head| head.peel_to_commit()).ok();
        ProjectHead {
            tree: commit.as_ref().map(|commit| own(commit.tree_id())),
            commit: commit.map(|commit| own(commit.id())),
            branch: branch.and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned)),
        }
    }

    /// The lines of a tree.
    pub fn tree(&self, id: ObjectId) -> Option<Vec<RawEntry>> {
        let tree = self.repository.as_ref()?.find_tree(foreign(id)?).ok()?;
        let entry = |entry: git2::TreeEntry<'_>| RawEntry {
            mode: u32::try_from(entry.filemode_raw()).unwrap_or(0),
            name: entry.name_bytes().to_vec(),
            id: own(entry.id()),
        };
        Some(tree.iter().map(entry).collect())
    }

    /// Whether its own objects have a blob that a tree of its names.
    pub fn has(&self, id: ObjectId) -> bool {
        !self.is_partial || self.size(id).is_some()
    }

    /// How many bytes a blob has.
    pub fn size(&self, id: ObjectId) -> Option<u64> {
        let (size, kind) = self.repository.as_ref()?.odb().ok()?.read_header(foreign(id)?).ok()?;
        (kind == ObjectType::Blob).then_some(size as u64)
    }

    /// A blob's bytes.
    pub fn blob(&self, id: ObjectId) -> Option<Vec<u8>> {
        Some(self.repository.as_ref()?.find_blob(foreign(id)?).ok()?.content().to_vec())
    }

    /// Whether it has a commit.
    pub fn has_commit(&self, id: ObjectId) -> bool {
        let found = |repository: &Repository| Some(repository.find_commit(foreign(id)?).is_ok());
        self.repository.as_ref().and_then(found).unwrap_or(false)
    }

    /// The paths that its index has, sorted; those of HEAD, where the index can't be read.
    pub fn tracked(&self) -> Vec<Vec<u8>> {
        let Some(repository) = &self.repository else { return Vec::new() };
        let mut paths: Vec<Vec<u8>> = match repository.index() {
            Ok(index) => index.iter().map(|entry| entry.path).collect(),
            Err(_) => self.paths_of_head(),
        };
        paths.sort_unstable();
        paths
    }

    fn paths_of_head(&self) -> Vec<Vec<u8>> {
        let (mut paths, mut waiting) = (Vec::new(), Vec::new());
        waiting.extend(self.head().tree.map(|tree| (Vec::new(), tree)));
        while let Some((folder, tree)) = waiting.pop() {
            for RawEntry { mode, name, id } in self.tree(tree).unwrap_or_default() {
                let path = [folder.as_slice(), &name].concat();
                match mode {
                    super::tree::FOLDER_MODE => waiting.push(([&path[..], b"/"].concat(), id)),
                    _ => paths.push(path),
                }
            }
        }
        paths
    }

    /// The files of ignore rules beside those in the work tree: the person's own, then the repository's.
    pub fn exclude_files(&self) -> Vec<(RuleOf, PathBuf)> {
        let settings = match &self.repository {
            Some(repository) => repository.config(),
            None => git2::Config::open_default(),
        };
        let named = settings.and_then(|settings| settings.get_path("core.excludesfile")).ok();
        let beside = || git2::Config::find_xdg().ok().map(|config| config.with_file_name("ignore"));
        let own = self.repository.as_ref().map(|repository| repository.commondir().join("info/exclude"));
        let person = named.or_else(beside).map(|path| (RuleOf::Person, path));
        person.into_iter().chain(own.map(|path| (RuleOf::Project, path))).collect()
    }

    /// Whether its work tree has only some of its paths.
    pub fn is_sparse(&self) -> bool {
        let settings = self.repository.as_ref().and_then(|repository| repository.config().ok());
        settings.is_some_and(|settings| settings.get_bool("core.sparsecheckout").unwrap_or(false))
    }
}

/// Whether some remote promised to send objects that are missing.
fn has_promises(repository: &Repository) -> bool {
    let Ok(settings) = repository.config() else { return false };
    let Ok(mut entries) = settings.entries(Some("^remote\\..*\\.promisor$")) else { return false };
    let found = entries.next().is_some();
    found || settings.get_string("extensions.partialclone").is_ok()
}

fn own(id: Oid) -> ObjectId {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(id.as_bytes());
    ObjectId::from_bytes(bytes)
}

fn foreign(id: ObjectId) -> Option<Oid> {
    Oid::from_bytes(id.as_bytes()).ok()
}
