//! The root of a snapshot: which folder is looked at, which is never looked at, and by which key its code store is found.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Error;
use super::git_folder::is_in_git_folder;
use crate::git::project::{common_folder, top_level};
use crate::model::code::Refusal;
use crate::model::moves::Moves;

/// Folders that no root may be, nor be above of.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// The codex home.
    pub codex_home: PathBuf,
    /// The person's home folder, if that is known.
    pub person_home: Option<PathBuf>,
    /// Whether a folder on a network is looked at.
    pub network: bool,
    /// The directories that were moved.
    pub moves: Arc<Moves>,
}

/// A folder that may be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The folder, without links.
    pub(super) path: PathBuf,
    /// The git folder that all work trees of its repository share; none, where it is in no repository.
    pub(super) common: Option<PathBuf>,
    /// Where below it the directory lies that it is the root for; none for the folder itself.
    part: Option<Vec<u8>>,
    pub(super) moves: Arc<Moves>,
}

impl Root {
    /// The root for a directory: the nearest work tree at or above it; if that is one that is never looked at, the directory itself.
    ///
    /// # Errors
    /// When that is one that is never looked at, too.
    pub fn of(directory: &Path, bounds: &Bounds) -> Result<Self, Error> {
        let refused = |root: &Path, why| Error::Refused { root: root.to_owned(), why };
        let whole = directory.canonicalize().map_err(|_| refused(directory, Refusal::Missing))?;
        let top = top_level(&whole).filter(|top| check(top, bounds).is_ok()).map(Path::to_owned);
        let path = top.unwrap_or_else(|| whole.clone());
        check(&path, bounds).map_err(|why| refused(&path, why))?;
        let common = common_folder(&path);
        let part = whole.strip_prefix(&path).map(|part| part.as_os_str().as_bytes().to_vec()).ok();
        let part = part.filter(|part| !part.is_empty());
        Ok(Self { path, common, part, moves: Arc::clone(&bounds.moves) })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a repository says what belongs to the project.
    pub fn is_repository(&self) -> bool {
        self.common.is_some()
    }

    /// What the project is told by: all work trees of a repository have the same.
    pub(super) fn project(&self) -> &Path {
        self.common.as_deref().unwrap_or(&self.path)
    }

    /// The key of the project's code store.
    pub(super) fn key(&self) -> String {
        key_of(self.project())
    }

    /// The part of it that the directory is in which it is the root for; none, where that is the folder itself.
    pub fn part(&self) -> &[Vec<u8>] {
        self.part.as_slice()
    }

    /// The key of this work tree among those of the project; of parts of it, where there are some.
    pub(super) fn own_key(&self, parts: &[Vec<u8>]) -> String {
        let mut all = self.path.as_os_str().as_bytes().to_vec();
        for part in parts {
            // No path has such a byte: nothing else has the key.
            all.push(0);
            all.extend(part);
        }
        key_of(Path::new(OsStr::from_bytes(&all)))
    }
}

fn key_of(path: &Path) -> String {
    let hash = Sha256::digest(path.as_os_str().as_bytes());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn check(root: &Path, bounds: &Bounds) -> Result<(), Refusal> {
    let is_at_or_above = |other: &Path| {
        let whole = other.canonicalize().unwrap_or_else(|_| other.to_owned());
        whole.starts_with(root)
    };
    let data = std::fs::metadata(root).ok().filter(std::fs::Metadata::is_dir).ok_or(Refusal::Missing)?;
    match () {
        () if root.parent().is_none() => Err(Refusal::Top),
        () if bounds.person_home.as_deref().is_some_and(is_at_or_above) => Err(Refusal::Home),
        () if is_at_or_above(&bounds.codex_home) || is_codex_own(root, &bounds.codex_home) => Err(Refusal::CodexHome),
        () if tempfile::env::temp_dir().canonicalize().is_ok_and(|temporary| temporary == root) => {
            Err(Refusal::Temporary)
        }
        () if data.uid() != rustix::process::geteuid().as_raw() => Err(Refusal::Foreign),
        () if !bounds.network && is_on_a_network(root) => Err(Refusal::Network),
        // A work tree may lie in the folder of its repository.
        () if !root.join(".git").exists() && is_in_git_folder(root) => Err(Refusal::Repository),
        () => Ok(()),
    }
}

/// Whether a folder is within the codex home, and none of the work trees there.
fn is_codex_own(root: &Path, codex_home: &Path) -> bool {
    let home = codex_home.canonicalize().unwrap_or_else(|_| codex_home.to_owned());
    root.starts_with(&home) && !root.starts_with(home.join("worktrees"))
}

/// Numbers of file systems whose files are elsewhere: NFS, SMB in three forms, 9p, FUSE, AFS, Ceph.
#[cfg(target_os = "linux")]
const NETWORKS: [u64; 8] =
    [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x0102_1997, 0x6573_5546, 0x5346_414f, 0x00c3_6400];

#[cfg(target_os = "linux")]
fn is_on_a_network(root: &Path) -> bool {
    // The number's width differs from system to system; what counts are the lower 32 bits.
    rustix::fs::statfs(root).is_ok_and(|system| NETWORKS.contains(&(system.f_type as u64 & 0xffff_ffff)))
}

#[cfg(not(target_os = "linux"))]
fn is_on_a_network(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_home_and_nothing_above_one_is_a_root() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().canonicalize().unwrap();
        let (codex, project) = (home.join(".codex"), home.join("project/src"));
        [&codex, &project].into_iter().for_each(|path| std::fs::create_dir_all(path).unwrap());
        let bounds = Bounds { codex_home: codex.clone(), person_home: Some(home.clone()), ..Bounds::default() };
        let refusal = |path: &Path| match Root::of(path, &bounds) {
            Err(Error::Refused { why, .. }) => Some(why),
            _ => None,
        };
        assert_eq!(refusal(Path::new("/")), Some(Refusal::Top));
        assert_eq!(refusal(&home), Some(Refusal::Home));
        assert_eq!(refusal(home.parent().unwrap()), Some(Refusal::Home));
        std::fs::create_dir_all(codex.join("worktrees/ab/project")).unwrap();
        std::fs::create_dir_all(codex.join("sessions.git")).unwrap();
        assert_eq!(refusal(&codex), Some(Refusal::CodexHome));
        assert_eq!(refusal(&codex.join("sessions.git")), Some(Refusal::CodexHome));
        assert_eq!(refusal(&codex.join("worktrees/ab/project")), None);
        assert_eq!(refusal(&home.join("gone")), Some(Refusal::Missing));
        assert_eq!(Root::of(&project, &bounds).unwrap().path, project);
        std::fs::create_dir(home.join(".git")).unwrap();
        assert_eq!(Root::of(&project, &bounds).unwrap().path, project, "a home that is a work tree is none here");
        std::fs::create_dir(home.join("project/.git")).unwrap();
        let root = Root::of(&project, &bounds).unwrap();
        assert_eq!(root.path, home.join("project"));
        assert_eq!((root.key().len(), root.is_repository(), root.part()), (16, true, &[b"src".to_vec()][..]));
        let keys = [&["a/b"][..], &["a", "b"], &["a"], &[]]
            .map(|parts| root.own_key(&parts.iter().map(|part| part.as_bytes().to_vec()).collect::<Vec<_>>()));
        assert_eq!(keys.iter().collect::<std::collections::HashSet<_>>().len(), keys.len());
        assert_eq!(root.own_key(&[]), Root::of(&home.join("project"), &bounds).unwrap().own_key(&[]));
    }
}
