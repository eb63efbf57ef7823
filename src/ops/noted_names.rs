//! Noted names: a name for each of some sessions, in a note of its own.

use std::collections::BTreeMap;

use super::Workspace;
use crate::model::SessionId;
use crate::store::Note;

impl Workspace {
    /// The names that are noted for sessions.
    pub(super) fn noted_names(&self, note: Note) -> BTreeMap<SessionId, String> {
        let note = self.store.read_note(note);
        let read = |line: &str| {
            let (session, name) = line.split_once('\t')?;
            Some((SessionId::parse(session)?, name.to_owned()))
        };
        note.lines().filter_map(read).collect()
    }

    /// Notes a name for each of some sessions: a line each, in the place of what was noted before.
    pub(super) fn note_names_as(&self, note: Note, names: &BTreeMap<SessionId, String>) {
        let lines: String = names.iter().map(|(session, name)| format!("{session}\t{name}\n")).collect();
        if let Err(error) = self.store.write_note(note, &lines) {
            tracing::info!(%error, ?note, "names of sessions could not be noted");
        }
    }
}
