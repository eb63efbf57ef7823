//! Notes that one command leaves for the next: local to this machine, and never needed.

use std::path::PathBuf;
use std::time::Duration;

use super::{Error, Store};
use crate::disk::lock::{lock_within, open_lock};
use crate::disk::{durable, regular};

/// How long others may take to change a note.
const PATIENCE: Duration = Duration::from_secs(2);

/// More than any note has.
const MOST: u64 = 1 << 30;

/// What a note is about.
#[derive(Clone, Copy, Debug)]
pub enum Note {
    /// Which rollouts were recorded as they are.
    Seen,
    /// Where sessions lay, and what they were called in Codex.
    Known,
    /// Which sessions got the name of a save.
    Given,
    /// How forks are called in Codex, or will be in a moment.
    Forks,
    /// Which sessions are to be advanced as soon as Codex has closed them.
    Waiting,
    /// When all was verified last, and how many problems there were.
    Verified,
    /// What was scanned for secrets and holds none.
    Scanned,
    /// The repository that each session began in.
    Projects,
    /// How many sessions the last push to each remote held back.
    Held,
    /// What sessions are called on other machines.
    Elsewhere,
}

impl Note {
    const fn file(self) -> &'static str {
        match self {
            Self::Seen => "codex-git.seen",
            Self::Known => "codex-git.known",
            Self::Given => "codex-git.given",
            Self::Forks => "codex-git.forks",
            Self::Waiting => "codex-git.waiting",
            Self::Verified => "codex-git.verified",
            Self::Scanned => "codex-git.scanned",
            Self::Projects => "codex-git.projects",
            Self::Held => "codex-git.held",
            Self::Elsewhere => "codex-git.elsewhere",
        }
    }
}

/// What comes before the hash of all that stands above: a note that is damaged is none.
const SEAL: &str = "sealed ";

fn seal_of(text: &str) -> String {
    Store::blob_id(text.as_bytes()).to_string()
}

impl Store {
    /// Where the catalogue of the codex home is kept: what stands in it is not known here.
    pub fn catalogue_path(&self) -> PathBuf {
        self.path().join("codex-git.home")
    }

    /// A note, empty where there is none, and where it is not what was written.
    pub fn read_note(&self, note: Note) -> String {
        let bytes = regular::read(&self.path().join(note.file()), MOST).unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        let sealed = text.rsplit_once(SEAL).filter(|(text, seal)| seal.trim_end() == seal_of(text));
        sealed.map_or_else(String::new, |(text, _)| text.to_owned())
    }

    /// Changes a note, if `change` gives what it is to be: what others change at the same time is not lost.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn change_note(&self, note: Note, change: impl FnOnce(&str) -> Option<String>) -> Result<(), Error> {
        let io = || Error::io("write a note");
        let lock = open_lock(&self.path().join(note.file()).with_extension("lock")).map_err(io())?;
        // Where there are no locks, or somebody holds it for long, a note is no reason to stop.
        if let Err(error) = lock_within(&lock, PATIENCE) {
            tracing::info!(%error, "a note is changed without its lock");
        }
        change(&self.read_note(note)).map_or(Ok(()), |text| self.write_note(note, &text))
    }

    /// Replaces a note.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_note(&self, note: Note, text: &str) -> Result<(), Error> {
        let sealed = format!("{text}{SEAL}{}\n", seal_of(text));
        durable::replace(&self.path().join(note.file()), sealed.as_bytes()).map_err(Error::io("write a note"))
    }
}
