//! How many sessions the last push to a remote held back: noted, so that a push that happens by itself leaves word of it.

use std::collections::BTreeMap;

use crate::model::RemoteName;
use crate::ops::Workspace;
use crate::store::Note;

impl Workspace {
    /// How many sessions the last push to a remote held back.
    pub fn held_back(&self, remote: &RemoteName) -> usize {
        self.noted_held().remove(remote).unwrap_or(0)
    }

    /// Notes how many a push held back. That it can't be noted is no reason to fail: the push is done.
    pub(super) fn note_held(&self, remote: &RemoteName, sessions: usize) {
        let mut held = self.noted_held();
        if held.get(remote).copied().unwrap_or(0) == sessions {
            return;
        }
        held.insert(remote.clone(), sessions);
        let lines = held.iter().filter(|(_, sessions)| **sessions > 0);
        let text: String = lines.map(|(remote, sessions)| format!("{remote}\t{sessions}\n")).collect();
        if let Err(error) = self.store.write_note(Note::Held, &text) {
            tracing::info!(%error, "what was held back was not noted");
        }
    }

    fn noted_held(&self) -> BTreeMap<RemoteName, usize> {
        let read = |line: &str| {
            let (remote, sessions) = line.split_once('\t')?;
            Some((RemoteName::parse(remote)?, sessions.parse().ok()?))
        };
        self.store.read_note(Note::Held).lines().filter_map(read).collect()
    }
}
