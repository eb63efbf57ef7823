//! A fork with its files: a new folder with the code of a turn, and Codex told that the fork goes on there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;

use super::at::CodeAt;
use super::error::SnapshotError;
use crate::code::NewFolder;
use crate::codex::AppServer;
use crate::model::SessionId;
use crate::ops::fork::new_session;
use crate::ops::{Error, Workspace};

/// How long Codex's app server may take, its start included.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where Codex keeps the work trees that it makes itself.
const WORK_TREES: &str = "worktrees";

impl Workspace {
    /// A place for a new folder beside those that Codex makes: called as the project's, in a folder with a name that nothing else has.
    pub fn place_of_folder(&self, at: &CodeAt, now: OffsetDateTime) -> PathBuf {
        let root = at.kept.root();
        let name = root.file_name().unwrap_or(std::ffi::OsStr::new("project"));
        let chance = new_session(now).to_string();
        let digits = chance.get(chance.len() - 4..).unwrap_or("0000");
        self.home().join(WORK_TREES).join(digits).join(name)
    }

    /// Makes a folder with the files of a snapshot. `place` must be empty or not there.
    ///
    /// # Errors
    /// When it is not, or the folder can't be made.
    pub fn make_code_folder(&self, at: &CodeAt, place: &Path) -> Result<NewFolder, Error> {
        if at.kept.snapshot.light {
            return Err(SnapshotError::Light { turn: at.turn, head: at.kept.snapshot.head }.into());
        }
        Ok(at.store.make_folder(&at.kept, place)?)
    }

    /// Names at the top of the project's folder that its snapshots do without.
    pub fn kept_out_of_code(&self, at: &CodeAt) -> Vec<Vec<u8>> {
        at.store.kept_out(at.kept.root())
    }

    /// Has Codex (`codex`, a program) know that a session goes on in a directory, and name it.
    ///
    /// # Errors
    /// When Codex can't be asked, or refuses.
    pub fn settle_in(&self, codex: &Path, session: SessionId, directory: &Path, name: &str) -> Result<(), Error> {
        let mut server = AppServer::start(codex, self.home(), PATIENCE)?;
        server.resume_in(session, directory)?;
        Ok(server.set_name(session, name)?)
    }
}
