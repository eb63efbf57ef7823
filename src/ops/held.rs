//! Held files: rollouts that evict moved aside, until they are removed or put back.
//!
//! A held file is removed when it was held for a day, nobody wrote to it since, nobody has it open, and the store proves once more that it
//! holds all of its bytes. One that somebody wrote to, or that the store does not hold, is put back and recorded: it is a rollout like any other.

use std::path::PathBuf;
use std::time::Duration;

use super::record::Recorder;
use super::{Error, Workspace};
use crate::codex::{Error as CodexError, HeldFile, Look};
use crate::model::SessionId;

/// A file that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Held {
    /// The session.
    pub session: SessionId,
    /// Where the file is.
    pub path: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it can be removed: in so much time.
    pub left: Duration,
}

/// What became of held files.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Released {
    /// How many were removed, and how many bytes they took.
    pub removed: usize,
    /// How many bytes those took.
    pub bytes: u64,
    /// Those that were put back, because somebody wrote to them.
    pub put_back: Vec<PathBuf>,
    /// Those that were put back, because the store did not hold all of them.
    pub lacking: Vec<PathBuf>,
    /// Why others stay.
    pub failed: Vec<Error>,
}

impl Workspace {
    /// The files that are held.
    pub fn held(&self) -> Vec<Held> {
        let held = |file: &HeldFile| Held {
            session: file.name.id,
            path: file.path.clone(),
            bytes: file.len,
            left: file.left(),
        };
        self.look_anew().held().iter().map(held).collect()
    }

    /// Removes the held files whose time has come, or all that are wanted `at_once`: those of some sessions, or of all.
    pub fn release(&self, at_once: bool, sessions: Option<&[SessionId]>) -> Released {
        let look = self.look_anew();
        let held = look.held();
        let mut released = Released { put_back: self.put_back_touched(&held), ..Released::default() };
        for file in held.iter().filter(|file| !file.is_touched()) {
            let wanted = sessions.is_none_or(|sessions| sessions.contains(&file.name.id));
            if !wanted || !(at_once || file.left().is_zero()) {
                continue;
            }
            match self.remove_held(file, &look) {
                Ok(()) => {
                    released.removed += 1;
                    released.bytes += file.len;
                }
                Err(Error::NotWhole(_)) => released.lacking.extend(self.put_back(file)),
                Err(error) => released.failed.push(error),
            }
        }
        released
    }

    /// Removes a held file, once it is proven that the store gives it back.
    pub(super) fn remove_held(&self, file: &HeldFile, look: &Look) -> Result<(), Error> {
        if file.is_open() == Some(true) {
            return Err(CodexError::Open { path: file.path.clone() }.into());
        }
        self.prove_files(file.name.id, &[file.file()?], look)?;
        Ok(file.remove()?)
    }

    /// Puts back those of the held files that somebody wrote to. Gives their places.
    pub(super) fn put_back_touched(&self, held: &[HeldFile]) -> Vec<PathBuf> {
        held.iter().filter(|file| file.is_touched()).filter_map(|file| self.put_back(file)).collect()
    }

    /// Puts a held file back and records it. Where another file took its place, what it holds is recorded, and it stays held.
    fn put_back(&self, file: &HeldFile) -> Option<PathBuf> {
        let back = file.put_back();
        if let Err(error) = &back {
            tracing::info!(%error, "a held file can't be put back");
        }
        let found = if back.is_ok() { self.look_anew().session(file.name.id) } else { file.file().ok() };
        if let Some(Err(error)) = found.map(|found| Recorder::new(self).record(&found)) {
            tracing::warn!(%error, "a held file could not be recorded");
        }
        back.is_ok().then(|| file.place.clone())
    }
}
