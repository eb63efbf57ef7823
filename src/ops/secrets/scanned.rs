//! What was scanned and holds no secret: blobs, and commits that are clean with all that stands before them. A note; without it all is read again.

use std::collections::HashSet;

use crate::model::ObjectId;
use crate::store::{Note, Store};

/// What the note begins with; the rules' hash follows, and then an id a line.
const TITLE: &str = "codex-git scanned 1 ";

/// What is known to be clean.
pub(super) struct Scanned {
    title: String,
    clean: HashSet<ObjectId>,
    is_new: bool,
}

impl Scanned {
    /// Reads the note. What was scanned with other rules says nothing of these.
    pub fn load(store: &Store, rules: &str) -> Self {
        let (note, title) = (store.read_note(Note::Scanned), format!("{TITLE}{rules}"));
        let mut lines = note.lines();
        let is_known = lines.next() == Some(title.as_str());
        let clean = lines.filter(|_| is_known).filter_map(|line| line.parse().ok()).collect();
        Self { title, clean, is_new: false }
    }

    /// Whether a blob is clean, or a commit with all before it.
    pub fn has(&self, id: ObjectId) -> bool {
        self.clean.contains(&id)
    }

    /// Adds what was found clean.
    pub fn add(&mut self, clean: impl IntoIterator<Item = ObjectId>) {
        for id in clean {
            self.is_new |= self.clean.insert(id);
        }
    }

    /// Writes the note, if it says something new.
    pub fn save(&self, store: &Store) {
        if !self.is_new {
            return;
        }
        let mut ids: Vec<&ObjectId> = self.clean.iter().collect();
        ids.sort_unstable();
        let mut note = format!("{}\n", self.title);
        ids.iter().for_each(|id| note.push_str(&format!("{id}\n")));
        if let Err(error) = store.write_note(Note::Scanned, &note) {
            tracing::info!(%error, "what was scanned could not be noted");
        }
    }
}
