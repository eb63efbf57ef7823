//! Folders in which git keeps a repository, whatever they are called: what is in them is git's, and no file of the project's.

use std::path::Path;

use rustix::fs::{DirEntry, FileType};

/// What each has: a file, or a link to one, and two folders.
const HEAD: &str = "HEAD";
const FOLDERS: [&str; 2] = ["objects", "refs"];

/// Whether a path is one, or lies in one.
pub(super) fn is_in_git_folder(path: &Path) -> bool {
    path.ancestors().any(is_git_folder)
}

/// Whether a folder is one.
fn is_git_folder(folder: &Path) -> bool {
    folder.join(HEAD).symlink_metadata().is_ok_and(|data| !data.is_dir())
        && FOLDERS.iter().all(|name| folder.join(name).is_dir())
}

/// Whether a folder that has these entries, in the order of their names, is one.
pub(super) fn are_of_git_folder(entries: &[DirEntry]) -> bool {
    let kind = |name: &str| {
        let at = entries.binary_search_by(|entry| entry.file_name().to_bytes().cmp(name.as_bytes())).ok()?;
        Some(entries[at].file_type())
    };
    // Some file systems do not say what an entry is.
    let is_folder = |name: &&str| matches!(kind(name), Some(FileType::Directory | FileType::Unknown));
    kind(HEAD).is_some_and(|kind| kind != FileType::Directory) && FOLDERS.iter().all(is_folder)
}
