//! A note for the next recording, which rollouts were recorded as they are: local to this machine, and never needed.

use std::collections::HashMap;
use std::io::Write;

use super::repository::from_oid;
use super::{Error, Store};
use crate::model::{ObjectId, SessionId};

/// The file that holds the note.
const NOTE: &str = "codex-git.seen";

/// What a session's two refs hold.
pub type Heads = (Option<ObjectId>, Option<ObjectId>);

impl Store {
    /// The note, empty where there is none.
    pub fn read_seen(&self) -> String {
        std::fs::read_to_string(self.path().join(NOTE)).unwrap_or_default()
    }

    /// Replaces the note.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_seen(&self, note: &str) -> Result<(), Error> {
        let mut aside = tempfile::NamedTempFile::new_in(self.path()).map_err(Error::io("write a note"))?;
        aside.write_all(note.as_bytes()).map_err(Error::io("write a note"))?;
        aside.persist(self.path().join(NOTE)).map(drop).map_err(|error| Error::io("write a note")(error.error))
    }

    /// What the refs of all sessions hold, read in one go.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn all_heads(&self) -> Result<HashMap<SessionId, Heads>, Error> {
        let mut all: HashMap<SessionId, Heads> = HashMap::new();
        for (glob, open) in [("refs/heads/*", false), ("refs/open/*", true)] {
            for reference in self.repo.references_glob(glob).map_err(Error::git("list the branches"))? {
                let reference = reference.map_err(Error::git("list the branches"))?;
                let name = reference.name().ok().and_then(|name| SessionId::parse(name.rsplit('/').next()?));
                if let (Some(id), Some(target)) = (name, reference.target()) {
                    let heads = all.entry(id).or_default();
                    *(if open { &mut heads.1 } else { &mut heads.0 }) = Some(from_oid(target));
                }
            }
        }
        Ok(all)
    }
}
