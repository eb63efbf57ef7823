//! A note for the next recording, which rollouts were recorded as they are: local to this machine, and never needed.

use std::io::Write;

use super::{Error, Store};

/// The file that holds the note.
const NOTE: &str = "codex-git.seen";

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
}
