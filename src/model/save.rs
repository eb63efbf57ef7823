//! A save: a name on a turn, with what was known of the session when it was given.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::trailers::{Message, Trailers};
use super::{FORMAT, ObjectId, SaveName, SessionId};

/// What a save's tag says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    /// Its name.
    pub name: SaveName,
    /// The commit it stands on.
    pub commit: ObjectId,
    /// The session of that commit.
    pub session: SessionId,
    /// The last turn it holds.
    pub turn: u32,
    /// That turn's subject.
    pub subject: String,
    /// Where the session's rollout was.
    pub rollout_path: Option<String>,
    /// Where Codex worked.
    pub cwd: Option<String>,
    /// The model in use.
    pub model: Option<String>,
    /// Its provider.
    pub model_provider: Option<String>,
    /// What the person noted with it.
    pub note: Option<String>,
    /// When the save was made, in seconds since 1970.
    pub saved_at: i64,
    /// When the session was made, in seconds since 1970.
    pub created_at: i64,
}

impl Save {
    /// The message of its annotated tag.
    pub fn render(&self) -> String {
        let mut out = Trailers::after(format_args!("{} (turn {}): {}", self.name, self.turn, self.subject));
        out.put("Codex-Save", &self.name);
        out.put("Codex-Session", self.session);
        out.put("Codex-Turn", self.turn);
        out.put_some("Codex-Rollout-Path", self.rollout_path.as_deref());
        out.put_some("Codex-Cwd", self.cwd.as_deref());
        out.put_some("Codex-Model", self.model.as_deref());
        out.put_some("Codex-Model-Provider", self.model_provider.as_deref());
        out.put_some("Codex-Note", self.note.as_deref());
        out.put("Codex-Saved-At", rfc3339(self.saved_at));
        out.put("Codex-Created-At", rfc3339(self.created_at));
        out.put("Codex-Format", FORMAT);
        out.into_message()
    }

    /// Reads a tag's message; `None` if codex-git did not write it.
    pub fn parse(name: SaveName, commit: ObjectId, message: &str) -> Option<Self> {
        let message = Message::read(message);
        let subject = message.subject();
        let time = |key| Some(OffsetDateTime::parse(message.get(key)?, &Rfc3339).ok()?.unix_timestamp());
        Some(Self {
            commit,
            session: message.parse("Codex-Session")?,
            turn: message.parse("Codex-Turn")?,
            subject: subject.split_once("): ").map_or(subject, |(_, subject)| subject).to_owned(),
            rollout_path: message.text("Codex-Rollout-Path"),
            cwd: message.text("Codex-Cwd"),
            model: message.text("Codex-Model"),
            model_provider: message.text("Codex-Model-Provider"),
            note: message.text("Codex-Note"),
            saved_at: time("Codex-Saved-At")?,
            created_at: time("Codex-Created-At")?,
            name,
        })
    }
}

/// A time in seconds since 1970 as RFC 3339 in UTC; empty for a time that has no year of four digits.
pub fn rfc3339(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_reads_back_as_it_was_written() {
        let name = SaveName::parse("before refactor").unwrap();
        let commit = ObjectId::from_bytes([7; 20]);
        let save = Save {
            name: name.clone(),
            commit,
            session: SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap(),
            turn: 12,
            subject: "fix (it): now".into(),
            rollout_path: Some("/home/x/.codex/sessions/a.jsonl".into()),
            cwd: None,
            model: Some("gpt-5".into()),
            model_provider: Some("openai".into()),
            note: Some("before it breaks".into()),
            saved_at: 1_795_388_179,
            created_at: 0,
        };
        let message = save.render();
        assert!(message.contains("Codex-Saved-At: 2026-11-22T22:56:19Z\n"));
        assert_eq!(Save::parse(name.clone(), commit, &message), Some(save));
        assert_eq!(Save::parse(name, commit, "v1.0\n"), None);
    }
}
