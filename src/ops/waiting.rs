//! Waiting: the sessions that are to be advanced as soon as Codex has closed them.

use super::{Error, Workspace};
use crate::model::SessionId;
use crate::store::Note;

impl Workspace {
    /// The sessions that are to be advanced as soon as Codex has closed them: somebody asked for it.
    pub fn waiting(&self) -> Vec<SessionId> {
        self.store.read_note(Note::Waiting).lines().filter_map(SessionId::parse).collect()
    }

    /// Notes whether a session is to be advanced as soon as Codex has closed it.
    ///
    /// # Errors
    /// When that can't be noted.
    pub fn wait_for(&self, session: SessionId, is_waiting: bool) -> Result<(), Error> {
        let before = self.waiting();
        if before.contains(&session) == is_waiting {
            return Ok(());
        }
        let mut waiting: Vec<SessionId> = before.into_iter().filter(|other| *other != session).collect();
        waiting.extend(is_waiting.then_some(session));
        let lines: String = waiting.iter().map(|session| format!("{session}\n")).collect();
        Ok(self.store.write_note(Note::Waiting, &lines)?)
    }
}
