//! A new folder with the files of a snapshot, and the project's history with HEAD where it was.
//!
//! All is made beside the place and gets its name at last: a kill leaves a temporary folder, and nothing that passes for the whole.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::Error;
use super::checkout::Written;
use super::git_folder::is_in_git_folder;
use super::store::CodeStore;
use super::trees::Kept;
use crate::git::copy::{copy_history, stand_at};
use crate::git::project::Project;

/// What the name of a folder begins with while it is made.
const ASIDE: &str = ".codex-git-";

/// The mode of a folder whose project is gone.
const CLOSED: u32 = 0o700;

/// What became of the project's history in a new folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum History {
    /// It is there, with HEAD where it was.
    Whole,
    /// It is there, but the commit that HEAD was on is gone.
    WithoutHead,
    /// There was no commit yet, or no repository.
    None,
}

/// A folder that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewFolder {
    /// Where it is.
    pub place: PathBuf,
    /// What was written into it.
    pub written: Written,
    /// What became of the history.
    pub history: History,
    /// Files that are as the commit has them, since the snapshot left them out.
    pub stand_ins: Vec<Vec<u8>>,
}

impl CodeStore {
    /// Makes the folder `place`, which must be empty or not there.
    ///
    /// # Errors
    /// When there is something in it, or it can't be made.
    pub fn make_folder(&self, kept: &Kept, place: &Path) -> Result<NewFolder, Error> {
        let io = |doing| Error::io::<std::io::Error>(doing, place);
        if fs::read_dir(place).map(|mut entries| entries.next().is_some()).unwrap_or_else(|_| place.exists()) {
            return Err(Error::NotEmpty(place.to_owned()));
        }
        if is_in_git_folder(place) {
            return Err(Error::InGit(place.to_owned()));
        }
        let parent = place.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(io("make"))?;
        let aside = tempfile::Builder::new().prefix(ASIDE).tempdir_in(parent).map_err(io("make"))?;
        let new = aside.path().join("new");
        let history = self.copy_history(kept, &new)?;
        if history == History::None && !new.exists() {
            fs::create_dir(&new).map_err(io("make"))?;
        }
        let written = self.write_files(kept, &new)?;
        let stand_ins = if history == History::Whole { self.stand_in(kept, &new)? } else { Vec::new() };
        // Who may not look into the project may not look into this either.
        let mode = fs::metadata(kept.root()).map_or(CLOSED, |data| data.permissions().mode() & 0o777);
        fs::set_permissions(&new, PermissionsExt::from_mode(mode | 0o700)).map_err(io("make"))?;
        fs::rename(&new, place).map_err(io("make"))?;
        Ok(NewFolder { place: place.to_owned(), written, history, stand_ins })
    }

    fn copy_history(&self, kept: &Kept, new: &Path) -> Result<History, Error> {
        let root = kept.root();
        let source = if root.join(".git").exists() { Some(root.to_owned()) } else { self.project() };
        let Some((source, head)) = source.filter(|source| source.exists()).zip(kept.snapshot.head) else {
            return Ok(History::None);
        };
        if Project::open(&source).is_sparse() {
            return Err(Error::Sparse(source));
        }
        copy_history(&source, new)?;
        let copy = Project::open(new);
        if copy.has_commit(head) {
            stand_at(new, head)?;
            return Ok(History::Whole);
        }
        if let Some(now) = copy.head().commit {
            stand_at(new, now)?;
        }
        Ok(History::WithoutHead)
    }
}
