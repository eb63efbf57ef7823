//! Waiting: the sessions that are to be advanced as soon as Codex has closed them.

use std::collections::BTreeSet;

use super::{Error, Workspace};
use crate::model::SessionId;
use crate::store::Note;

impl Workspace {
    /// The sessions that are to be advanced as soon as Codex has closed them: somebody asked for it.
    pub fn waiting(&self) -> Vec<SessionId> {
        read(&self.store.read_note(Note::Waiting)).collect()
    }

    /// Notes whether a session is to be advanced as soon as Codex has closed it.
    ///
    /// # Errors
    /// When that can't be noted.
    pub fn wait_for(&self, session: SessionId, is_waiting: bool) -> Result<(), Error> {
        self.wait_for_all(&[session], is_waiting)
    }

    /// The same of many.
    ///
    /// # Errors
    /// When that can't be noted.
    pub fn wait_for_all(&self, sessions: &[SessionId], is_waiting: bool) -> Result<(), Error> {
        if sessions.is_empty() || (!is_waiting && self.waiting().is_empty()) {
            return Ok(());
        }
        let changed = |text: &str| {
            let before: BTreeSet<SessionId> = read(text).collect();
            let mut waiting = before.clone();
            match is_waiting {
                true => waiting.extend(sessions),
                false => waiting.retain(|session| !sessions.contains(session)),
            }
            (waiting != before).then(|| waiting.iter().map(|session| format!("{session}\n")).collect())
        };
        Ok(self.store.change_note(Note::Waiting, changed)?)
    }
}

/// The sessions that the note names.
fn read(text: &str) -> impl Iterator<Item = SessionId> {
    text.lines().filter_map(SessionId::parse)
}
