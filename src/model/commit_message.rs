//! The message of a commit: one line for people, then git trailers that hold all a reader or the next recording needs.
//!
//! The trailers make the next turn cost only its own bytes (where to read on, how to tell that the file still continues what
//! was recorded) and a listing cost one commit a session. They are written in one fixed order, so the same rollout gives the
//! same message everywhere. `docs/format.md` describes them for other readers.

use super::trailers::{Message, Trailers};
use super::{Kind, ObjectId, SessionId, Status, TakenBack, text};

/// The version of the store's format that this code writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// A commit's message, read or to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitMessage {
    /// The session whose commit it is.
    pub session: SessionId,
    /// What the commit adds.
    pub kind: CommitKind,
    /// The number of the last turn in its tree.
    pub turn: u32,
    /// How many of those turns came with the fork that the session started as.
    pub inherited: u32,
    /// What the session's first line says of where it comes from.
    pub origin: Origin,
    /// The model last used.
    pub model: Option<String>,
    /// The directory Codex last worked in.
    pub cwd: Option<String>,
    /// The session's first prompt, on one line.
    pub title: Option<String>,
    /// Tokens of the session so far, as Codex counts them.
    pub total_tokens: Option<u64>,
    /// The rollout's file name, without `.zst`.
    pub rollout: String,
    /// How many bytes of the rollout the tree holds.
    pub offset: u64,
    /// How many bytes of the base's rollout the session's own chunks hold, before those of its own: Codex's forks and rewinds can start in
    /// the middle of a turn.
    pub borrowed: u64,
    /// The rollout that the session goes on from, if that could not be found: the earlier turns are missing.
    pub missing_base: Option<SessionId>,
    /// The git blob id of the last bytes (at most [`super::TAIL_LEN`]) before the offset.
    pub tail: ObjectId,
}

/// What a commit adds to its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitKind {
    /// The session's first line: a root commit.
    Start,
    /// Another first line over another session's turns.
    Fork,
    /// Back to an earlier turn: Codex began another file. Its parents are the turn, and what the session was before.
    Revert,
    /// The rollout was replaced by one that does not continue it. Its parents are what the session was before, and what it is now.
    Rewritten,
    /// The missing base was found. Its parents are as those of [`CommitKind::Rewritten`].
    Joined,
    /// A turn.
    Turn {
        /// What was asked, on one line.
        subject: String,
        /// What it was.
        kind: Kind,
        /// How it ended; [`Status::Open`] on `refs/open` alone.
        status: Status,
        /// Codex's ids of the turn.
        ids: Vec<String>,
        /// Its tokens.
        tokens: Option<u64>,
        /// The turns that its lines take back.
        taken_back: TakenBack,
    },
    /// Lines after the last ended turn that are no turn yet; on `refs/open` alone.
    Pending {
        /// How many prompts they take back: leaving the lines out would change the conversation then.
        taken_back: u32,
    },
}

impl CommitKind {
    /// Whether it is a turn that has not ended.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Turn { status: Status::Open, .. })
    }

    /// Whether it is lines that are no turn.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Pending { .. })
    }

    /// Whether it is lines that change nothing of the conversation, such as Codex writes when it opens a session.
    pub fn is_idle(&self) -> bool {
        matches!(self, Self::Pending { taken_back: 0 })
    }

    /// Whether it is on `refs/open` alone, or was when it was left behind.
    pub fn is_unfinished(&self) -> bool {
        self.is_open() || self.is_pending()
    }

    /// Whether it is the first commit of a file.
    pub fn begins_a_file(&self) -> bool {
        matches!(self, Self::Start | Self::Fork | Self::Revert)
    }

    /// Whether it puts another state of the rollout into the place of the one before.
    pub fn is_replacement(&self) -> bool {
        matches!(self, Self::Rewritten | Self::Joined)
    }
}

/// Where a session comes from; the same in all its commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// What started it: `cli`, `exec`, `vscode`, `subagent`.
    pub source: Option<String>,
    /// The session that spawned it.
    pub parent: Option<SessionId>,
    /// The session it is a fork of.
    pub forked_from: Option<SessionId>,
}

impl Origin {
    /// Whether another session started it.
    pub fn is_subagent(&self) -> bool {
        self.source.as_deref() == Some("subagent") || self.parent.is_some()
    }
}

/// Why a commit's message is not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A trailer is not there, or not what it must be.
    #[error("trailer `{0}` is missing or not valid")]
    Trailer(&'static str),
    /// A later codex-git wrote it.
    #[error("it is written in format {0}, and this codex-git reads up to format {FORMAT}")]
    NewerFormat(u32),
}

impl CommitMessage {
    /// The commit's first line.
    pub fn subject(&self) -> String {
        match &self.kind {
            CommitKind::Start => {
                text::subject(&format!("session in {}", self.cwd.as_deref().unwrap_or("an unknown directory")))
            }
            CommitKind::Fork => {
                let base = self.origin.forked_from.map(|id| id.to_string()).unwrap_or_default();
                format!("fork of {base} at turn {}", self.turn)
            }
            CommitKind::Revert => format!("back to turn {}", self.turn),
            CommitKind::Rewritten => format!("rewritten: {} turns", self.turn),
            CommitKind::Joined => format!("joined to its base: {} turns", self.turn),
            CommitKind::Turn { subject, .. } => subject.clone(),
            CommitKind::Pending { .. } => format!("lines after turn {}", self.turn),
        }
    }

    /// What the session is called without a name: its first prompt, or, before there is one, what its last turn was.
    pub fn called(&self) -> Option<&str> {
        match &self.kind {
            CommitKind::Turn { subject, .. } => Some(self.title.as_ref().unwrap_or(subject)),
            _ => self.title.as_deref(),
        }
    }

    /// The whole message.
    pub fn render(&self) -> String {
        let mut out = Trailers::after(self.subject());
        out.put("Codex-Session", self.session);
        out.put("Codex-Turn", self.turn);
        if let CommitKind::Turn { ids, .. } = &self.kind {
            ids.iter().for_each(|id| out.put("Codex-Turn-Id", id));
        }
        match &self.kind {
            CommitKind::Start => out.put("Codex-Kind", "session"),
            CommitKind::Fork => out.put("Codex-Kind", "fork"),
            CommitKind::Revert => out.put("Codex-Kind", "revert"),
            CommitKind::Rewritten => out.put("Codex-Kind", "rewritten"),
            CommitKind::Joined => out.put("Codex-Kind", "joined"),
            CommitKind::Pending { taken_back } => {
                out.put("Codex-Kind", "pending");
                out.put_some(BACK.0, count(*taken_back));
            }
            CommitKind::Turn { kind, status, taken_back, .. } => {
                out.put("Codex-Kind", kind);
                out.put("Codex-Status", status);
                out.put_some(BACK.0, count(taken_back.before));
                out.put_some(BACK.1, count(taken_back.after));
            }
        }
        out.put_some("Codex-Model", self.model.as_deref());
        if let CommitKind::Turn { tokens, .. } = &self.kind {
            out.put_some("Codex-Tokens", *tokens);
        }
        out.put_some("Codex-Total-Tokens", self.total_tokens);
        out.put_some("Codex-Cwd", self.cwd.as_deref());
        out.put_some("Codex-Title", self.title.as_deref());
        out.put_some("Codex-Source", self.origin.source.as_deref());
        out.put_some("Codex-Parent", self.origin.parent);
        out.put_some("Codex-Forked-From", self.origin.forked_from);
        out.put("Codex-Inherited", self.inherited);
        out.put("Codex-Rollout", &self.rollout);
        out.put("Codex-Offset", self.offset);
        out.put_some("Codex-Borrowed", (self.borrowed > 0).then_some(self.borrowed));
        out.put_some("Codex-Missing-Base", self.missing_base);
        out.put("Codex-Tail", self.tail);
        out.put("Codex-Format", FORMAT);
        out.into_message()
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When it is not a message that [`CommitMessage::render`] could have written.
    pub fn parse(message: &str) -> Result<Self, MessageError> {
        let message = Message::read(message);
        let format: u32 = need(&message, "Codex-Format")?;
        if format > FORMAT {
            return Err(MessageError::NewerFormat(format));
        }
        Ok(Self {
            session: need(&message, "Codex-Session")?,
            kind: kind(&message)?,
            turn: need(&message, "Codex-Turn")?,
            inherited: need(&message, "Codex-Inherited")?,
            origin: Origin {
                source: message.text("Codex-Source"),
                parent: message.parse("Codex-Parent"),
                forked_from: message.parse("Codex-Forked-From"),
            },
            model: message.text("Codex-Model"),
            cwd: message.text("Codex-Cwd"),
            title: message.text("Codex-Title"),
            total_tokens: message.parse("Codex-Total-Tokens"),
            rollout: need(&message, "Codex-Rollout")?,
            offset: need(&message, "Codex-Offset")?,
            borrowed: message.parse("Codex-Borrowed").unwrap_or(0),
            missing_base: message.parse("Codex-Missing-Base"),
            tail: need(&message, "Codex-Tail")?,
        })
    }
}

/// How many prompts are taken back before a turn begins, and after it has.
const BACK: (&str, &str) = ("Codex-Taken-Back", "Codex-Taken-Back-After");

fn count(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

fn need<T: std::str::FromStr>(message: &Message, key: &'static str) -> Result<T, MessageError> {
    message.parse(key).ok_or(MessageError::Trailer(key))
}

fn kind(message: &Message) -> Result<CommitKind, MessageError> {
    Ok(match message.get("Codex-Kind").ok_or(MessageError::Trailer("Codex-Kind"))? {
        "session" => CommitKind::Start,
        "fork" => CommitKind::Fork,
        "revert" => CommitKind::Revert,
        "rewritten" => CommitKind::Rewritten,
        "joined" => CommitKind::Joined,
        "pending" => CommitKind::Pending { taken_back: message.parse(BACK.0).unwrap_or(0) },
        kind => CommitKind::Turn {
            subject: message.subject().to_owned(),
            kind: Kind::parse(kind).ok_or(MessageError::Trailer("Codex-Kind"))?,
            status: message.get("Codex-Status").and_then(Status::parse).ok_or(MessageError::Trailer("Codex-Status"))?,
            ids: message.all("Codex-Turn-Id").map(str::to_owned).collect(),
            tokens: message.parse("Codex-Tokens"),
            taken_back: TakenBack {
                before: message.parse(BACK.0).unwrap_or(0),
                after: message.parse(BACK.1).unwrap_or(0),
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: CommitKind) -> CommitMessage {
        let id = "01a20579-8247-72d2-b159-c5492aec819f".parse().unwrap();
        CommitMessage {
            session: id,
            kind,
            turn: 3,
            inherited: 0,
            origin: Origin { source: Some("cli".into()), parent: None, forked_from: Some(id) },
            model: Some("gpt-5".into()),
            cwd: Some("/srv/w".into()),
            title: Some("Codex-Turn: 9".into()),
            total_tokens: Some(60),
            rollout: "rollout-2026-11-22T22-56-19-01a20579-8247-72d2-b159-c5492aec819f.jsonl".into(),
            offset: 4711,
            borrowed: 12,
            missing_base: Some(id),
            tail: "00ff1234567890abcdef00000000000000000009".parse().unwrap(),
        }
    }

    #[test]
    fn a_message_reads_back_as_it_was_written() {
        let turn = CommitKind::Turn {
            subject: "Codex-Offset: 1".into(),
            kind: Kind::Prompt,
            status: Status::Aborted("interrupted".into()),
            ids: vec!["a".into(), "b".into()],
            tokens: Some(15),
            taken_back: TakenBack { before: 2, after: 1 },
        };
        let pending = CommitKind::Pending { taken_back: 1 };
        for kind in [
            CommitKind::Start,
            CommitKind::Fork,
            CommitKind::Revert,
            CommitKind::Rewritten,
            CommitKind::Joined,
            pending,
            turn,
        ] {
            let message = message(kind);
            assert_eq!(CommitMessage::parse(&message.render()), Ok(message));
        }
    }

    #[test]
    fn a_line_break_in_a_value_forges_no_trailer() {
        let mut forged = message(CommitKind::Start);
        forged.cwd = Some("/srv\n\nCodex-Session: x\u{1b}[2J".into());
        let read = CommitMessage::parse(&forged.render()).unwrap();
        assert_eq!(read.session, forged.session);
        assert_eq!(read.cwd.unwrap(), "/srv  Codex-Session: x [2J");
    }

    #[test]
    fn a_newer_format_is_said_to_be_newer() {
        let newer = message(CommitKind::Start).render().replace("Codex-Format: 1", "Codex-Format: 2");
        assert_eq!(CommitMessage::parse(&newer), Err(MessageError::NewerFormat(2)));
        assert_eq!(CommitMessage::parse("a commit of someone else\n"), Err(MessageError::Trailer("Codex-Format")));
    }
}
