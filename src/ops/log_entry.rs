//! A turn as every history tells it: what it was, what it cost, and what stands on it.

use crate::model::{CommitKind, Kind, ObjectId, SaveName, SessionId, Status};
use crate::store::Commit;

/// A turn as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its commit.
    pub commit: ObjectId,
    /// The commit of the turn before it in the conversation; `None` for the first, and where nobody asked.
    pub parent: Option<ObjectId>,
    /// The tree that holds it, and every turn before.
    pub tree: ObjectId,
    /// The session that it was made in.
    pub session: SessionId,
    /// Its number; 0 is the session's first line, shown only where a save stands on it.
    pub turn: u32,
    /// What it was; `None` for the first line.
    pub kind: Option<Kind>,
    /// How it ended.
    pub status: Status,
    /// The model that answered.
    pub model: Option<String>,
    /// Where Codex worked.
    pub cwd: Option<String>,
    /// Its tokens.
    pub tokens: Option<u64>,
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// When it ended, in seconds since 1970.
    pub ended: i64,
    /// What was asked, on one line, as its commit's subject has it.
    pub subject: String,
    /// The saves on it.
    pub saves: Vec<SaveName>,
    /// The sessions that were forked from it.
    pub forks: Vec<SessionId>,
    /// The sessions that it started.
    pub agents: Vec<SessionId>,
    /// Why it is no part of the conversation any more, if so.
    pub superseded: Option<Superseded>,
}

/// Why a turn is no part of a conversation any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Superseded {
    /// A later line of the rollout takes it back.
    TakenBack,
    /// The session went back to an earlier turn, or its rollout was replaced.
    LeftBehind,
}

impl Superseded {
    /// The reason's name in output that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TakenBack => "taken-back",
            Self::LeftBehind => "left-behind",
        }
    }

    /// The reason in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::TakenBack => "taken back",
            Self::LeftBehind => "left behind",
        }
    }
}

impl LogEntry {
    /// The turn of a commit, without what stands on it.
    pub(super) fn of(commit: Commit) -> Self {
        let message = commit.message;
        let subject = message.subject();
        let (kind, status, tokens) = match message.kind {
            CommitKind::Turn { kind, status, tokens, .. } => (Some(kind), status, tokens),
            _ => (None, Status::Complete, None),
        };
        Self {
            commit: commit.id,
            parent: None,
            tree: commit.tree,
            session: message.session,
            turn: message.turn,
            kind,
            status,
            model: message.model,
            cwd: message.cwd,
            tokens,
            started: commit.author.started,
            ended: commit.author.ended,
            subject,
            saves: Vec::new(),
            forks: Vec::new(),
            agents: Vec::new(),
            superseded: None,
        }
    }
}
