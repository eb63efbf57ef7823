//! Known: where sessions lay and what they were called in Codex, so that a session that comes back is what it was.
//!
//! Codex forgets the names of sessions that it deletes, and a commit says nothing of where a file lies. The note is a help, not a part
//! of the store: without it a session comes back where Codex would put it, without its name.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use super::Workspace;
use crate::codex::thread_names;
use crate::model::{SessionId, text};
use crate::rollout::RolloutFile;
use crate::store::Note;

const TITLE: &str = "codex-git known 1";

/// What is known: the place of each rollout, by the id in its name that others know it by, relative to the codex home; and the name of each
/// session.
#[derive(Default)]
pub(super) struct Known(BTreeMap<SessionId, (String, String)>);

impl Known {
    /// Reads what is known.
    pub fn load(workspace: &Workspace) -> Self {
        Self::read(&workspace.store.read_note(Note::Known))
    }

    fn read(note: &str) -> Self {
        let mut lines = note.lines();
        let known = lines.next() == Some(TITLE);
        let read = |line: &str| {
            let mut words = line.splitn(3, '\t');
            let session = SessionId::parse(words.next()?)?;
            Some((session, (words.next()?.to_owned(), words.next()?.to_owned())))
        };
        Self(lines.filter(|_| known).filter_map(read).collect())
    }

    /// Where a rollout lay.
    pub fn place(&self, rollout: SessionId) -> Option<&str> {
        self.0.get(&rollout).map(|(place, _)| place.as_str()).filter(|place| !place.is_empty())
    }

    /// The names of all sessions that have one.
    pub fn names(&self) -> impl Iterator<Item = (SessionId, &str)> {
        self.0.iter().map(|(session, (_, name))| (*session, name.as_str())).filter(|(_, name)| !name.is_empty())
    }

    fn render(&self) -> String {
        let mut note = format!("{TITLE}\n");
        for (session, (place, name)) in &self.0 {
            // Writing to a string can't fail.
            let _ = writeln!(note, "{session}\t{place}\t{name}");
        }
        note
    }
}

impl Workspace {
    /// Notes where sessions lie and what they are called now.
    pub(super) fn note_known<'f>(&self, found: impl IntoIterator<Item = &'f RolloutFile>) {
        let in_place = self.home.in_place();
        self.change_known(|known| {
            for file in found.into_iter().flat_map(RolloutFile::files) {
                // Where Codex puts a rollout follows from its name, so that it is only noted of one that has been elsewhere.
                let (id, is_usual) = (file.name.rollout_id(), in_place(file));
                if !is_usual || known.0.contains_key(&id) {
                    let place = self.home.relative(&file.path).filter(|place| text::plain(place) == *place);
                    known.0.entry(id).or_default().0 = place.unwrap_or_default();
                }
            }
            for (session, name) in thread_names(self.home()) {
                known.0.entry(session).or_default().1 = text::plain(&name).into_owned();
            }
        });
    }

    /// Notes what Codex calls a session from now on: it may forget the session before anything is recorded.
    pub(super) fn note_named(&self, session: SessionId, name: &str) {
        self.change_known(|known| known.0.entry(session).or_default().1 = text::plain(name.trim()).into_owned());
    }

    fn change_known(&self, change: impl FnOnce(&mut Known)) {
        let before = self.store.read_note(Note::Known);
        let mut known = Known::read(&before);
        change(&mut known);
        let note = known.render();
        if note != before {
            self.write_known(&note);
        }
    }

    /// Notes what sessions are called elsewhere. What Codex calls them here, or called them, goes before that.
    pub(super) fn note_names(&self, names: impl IntoIterator<Item = (SessionId, String)>) {
        let before = self.noted_names(Note::Elsewhere);
        let mut now = before.clone();
        now.extend(names.into_iter().map(|(session, name)| (session, text::plain(&name).into_owned())));
        if now != before {
            self.note_names_as(Note::Elsewhere, &now);
        }
    }

    fn write_known(&self, note: &str) {
        if let Err(error) = self.store.write_note(Note::Known, note) {
            tracing::info!(%error, "what is known of sessions could not be noted");
        }
    }

    /// The names of sessions in Codex, also those that it forgot, or that it has on another machine.
    pub(super) fn names_in_codex(&self) -> HashMap<SessionId, String> {
        let known = Known::load(self);
        let mut names: HashMap<SessionId, String> = self.noted_names(Note::Elsewhere).into_iter().collect();
        names.extend(known.names().map(|(id, name)| (id, name.to_owned())));
        names.extend(thread_names(self.home()));
        names
    }
}
