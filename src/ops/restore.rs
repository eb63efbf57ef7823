//! Restore: put a session's rollout back where Codex finds it, byte for byte.

use std::path::PathBuf;

use super::{Error, Workspace};
use crate::model::SessionId;
use crate::rollout::{NewRollout, RolloutName};
use crate::store::{Branch, Error as StoreError};

/// A session that Codex can resume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The session.
    pub session: SessionId,
    /// Its rollout.
    pub path: PathBuf,
    /// Whether the rollout was missing and was written back.
    pub restored: bool,
}

impl Workspace {
    /// Makes sure that a session's rollout is on disk; writes it back where it was when it is missing.
    ///
    /// # Errors
    /// When the session is neither on disk nor in the store, or can't be written back.
    pub fn ready(&self, session: SessionId) -> Result<Ready, Error> {
        if let Some(found) = self.home.rollout_of(session)? {
            return Ok(Ready { session, path: found.path, restored: false });
        }
        let not_found = || Error::NotFound { text: session.to_string(), near: Vec::new() };
        let branch = self.store.branch(session)?.ok_or_else(not_found)?;
        let path = self.write_back(&branch)?;
        Ok(Ready { session, path, restored: true })
    }

    fn write_back(&self, branch: &Branch) -> Result<PathBuf, Error> {
        let last = branch.last();
        let place = self.place(branch)?;
        let neighbour = self.home.rollouts()?.0.pop();
        let mut new = NewRollout::create(&place, neighbour.as_ref().map(|found| found.path.as_path()))?;
        let blobs: Vec<_> = self.store.read_tree(last.tree)?.blobs().collect();
        self.each_byte(&blobs, &mut |bytes| Ok(new.write(bytes)?))?;
        Ok(new.publish()?)
    }

    /// Where a session's rollout was last seen, or where Codex would put it.
    pub(super) fn place(&self, branch: &Branch) -> Result<PathBuf, Error> {
        let (tree, text) = (branch.tip.tree, &branch.tip.message.rollout);
        let wrong = || StoreError::Layout { tree, problem: format!("`{text}` is not a rollout's name") };
        let (name, _) = RolloutName::parse(text).ok_or_else(wrong)?;
        let note = self.store.last_note(branch.tip.message.session);
        let seen = note
            .as_deref()
            .and_then(|note| note.split_once(": "))
            .and_then(|(_, path)| self.home.place_from(path, &name));
        Ok(seen.unwrap_or_else(|| self.home.place_of(&name)))
    }
}
