//! Where a directory is now that a session recorded: projects move, and rollouts are never edited. Whoever asks for the sessions of a directory, or
//! tells where one worked, asks here.

use std::path::{Path, PathBuf};

use super::Workspace;
use super::project::Below;

impl Workspace {
    /// Where a directory, or a file, is now that a session recorded: by the longest old name among the directories that were moved, and by the
    /// moves after it. It is what was recorded where none is known; the disk is not asked.
    pub fn directory_now(&self, recorded: &str) -> PathBuf {
        PathBuf::from(&*self.moves().now(recorded))
    }

    /// A directory and all below it, wherever sessions recorded it to be.
    pub fn below(&self, directory: &Path) -> Below {
        Below::new(&self.now_at(directory)).after(self.moves())
    }

    /// Where a directory is now that somebody names.
    pub(super) fn now_at(&self, directory: &Path) -> PathBuf {
        directory.to_str().map_or_else(|| directory.to_owned(), |directory| self.directory_now(directory))
    }
}
