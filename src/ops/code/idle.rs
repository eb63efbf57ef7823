//! Whether a session works in a folder just now, or a snapshot is of another folder: then nothing is restored there.

use std::path::Path;

use super::restore_error::RestoreError;
use crate::code::{Bounds, Kept, Root};
use crate::ops::{Effect, Error, Workspace};

impl Workspace {
    /// Whether no session works in the project of a directory, so that files there can go back.
    ///
    /// # Errors
    /// [`RestoreError::Working`] when one does.
    pub fn check_nobody_works(&self, directory: &Path, bounds: &Bounds) -> Result<(), Error> {
        self.check_idle(&Root::of(directory, &self.bounds_of(directory, bounds))?, bounds)
    }

    /// Whether no session works in a root: Codex has it open, and its last turn has not ended.
    ///
    /// # Errors
    /// [`RestoreError::Working`] when one does.
    pub(super) fn check_idle(&self, root: &Root, bounds: &Bounds) -> Result<(), Error> {
        for session in self.in_use() {
            if let Err(error) = self.record_session(session, Effect::Write) {
                tracing::info!(%error, %session, "could not be recorded");
            }
            let Some(head) = self.head(session)?.filter(|head| head.message.kind.is_open()) else { continue };
            let cwd = head.message.cwd.as_deref().map(|cwd| self.directory_now(cwd));
            let of = cwd.and_then(|cwd| Root::of(&cwd, &self.bounds_of(&cwd, bounds)).ok());
            if of.is_some_and(|of| of.path() == root.path()) {
                let (turn, root) = (head.message.turn, root.path().to_owned());
                return Err(RestoreError::Working { session, turn, root }.into());
            }
        }
        Ok(())
    }

    /// Whether a snapshot of a session is of a root.
    pub(super) fn check_root(kept: &Kept, root: &Path) -> Result<(), Error> {
        let there = kept.root();
        if there == root {
            return Ok(());
        }
        Err(RestoreError::OfAnother { there: there.to_owned(), here: root.to_owned() }.into())
    }
}
