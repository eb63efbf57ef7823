//! A shortcut: which few commits git takes another one to come from while it looks for what a remote lacks.
//!
//! Git goes through commits by their dates. That a remote has an old one, it knows only after it was at all that are newer, of whatever session. A
//! graft tells it at once. It is told to one run of git, and stands in no repository.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use tempfile::NamedTempFile;

use crate::model::ObjectId;

/// Of no more commits than these, git may look for what is alike in them: of more it takes too long.
const FEW: usize = 64;

/// What a remote has of the histories that are pushed.
#[derive(Clone, Debug)]
pub struct Shortcut {
    /// A commit that the remote has.
    pub commit: ObjectId,
    /// Commits that it reaches, and that what is pushed goes on from.
    pub reached: BTreeSet<ObjectId>,
    /// How many commits go on from them.
    pub new: usize,
}

impl Shortcut {
    /// Has git take it. What is given must be held until git has ended.
    pub(super) fn tell(&self, git: &mut Command, folder: &Path) -> io::Result<NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder)?;
        let reached: String = self.reached.iter().map(|id| format!(" {id}")).collect();
        writeln!(file, "{}{reached}", self.commit)?;
        git.args(["-c", "advice.graftFileDeprecated=false"]);
        git.env("GIT_GRAFT_FILE", OsStr::new(file.path()));
        Ok(file)
    }

    /// Whether so little goes there that it is worth to look for what is alike in it.
    pub(super) const fn is_little(&self) -> bool {
        self.new <= FEW
    }
}
