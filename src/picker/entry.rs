//! A session as the picker lists it.

use codex_git::SessionId;

/// A session, with all that a row tells and the filter looks at.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: SessionId,
    /// Its name in Codex.
    pub name: Option<String>,
    /// Its first prompt.
    pub title: Option<String>,
    pub directory: String,
    pub model: String,
    pub saves: Vec<String>,
    /// How many turns it has.
    pub turns: u32,
    /// How many of them did not come from what it is a fork of.
    pub own: u32,
    /// How long ago its last line was written, in a few letters.
    pub age: String,
    /// The session that it is a fork of, or that started it.
    pub base: Option<SessionId>,
    /// Whether another session started it.
    pub is_agent: bool,
    /// Whether Codex has no file of it any more.
    pub is_kept_only: bool,
}

impl Entry {
    /// What it is called.
    pub fn words(&self) -> &str {
        self.name.as_deref().or(self.title.as_deref()).unwrap_or_default()
    }

    /// All that the filter looks at.
    pub fn text(&self) -> String {
        let id = self.id.to_string();
        let parts = [self.name.as_deref(), self.title.as_deref(), Some(&self.directory), Some(&self.model), Some(&id)];
        let saves = self.saves.iter().map(String::as_str);
        parts.into_iter().flatten().chain(saves).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
pub mod made_up {
    //! Sessions that are made up, for the tests of this room.

    use super::{Entry, SessionId};

    /// The id of a session by its number.
    pub fn id(number: usize) -> SessionId {
        SessionId::parse(&format!("01a20f86-0000-7000-8000-{number:012x}")).unwrap()
    }

    /// A session by its number, with the one that it is a fork of.
    pub fn entry(number: usize, title: &str, base: Option<usize>) -> Entry {
        Entry {
            id: id(number),
            name: None,
            title: Some(title.to_owned()),
            directory: "~/tally".to_owned(),
            model: "gpt-5.5".to_owned(),
            saves: Vec::new(),
            turns: 3,
            own: 3,
            age: "2 h".to_owned(),
            base: base.map(id),
            is_agent: false,
            is_kept_only: false,
        }
    }
}
