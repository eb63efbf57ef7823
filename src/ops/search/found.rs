//! What a search found.

use crate::model::piece::PieceKind;
use crate::model::{ObjectId, SessionId};
use crate::ops::Superseded;

/// A line that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// In what.
    pub kind: PieceKind,
    /// In which of the turn's pieces: the same number for those of the same one.
    pub piece: usize,
    /// Which line of that, from 1.
    pub number: usize,
    /// The file that a patch changes.
    pub path: Option<String>,
    /// The line of the turn's chunk that tells it, from 1.
    pub line: usize,
    /// When that was written down, in seconds since 1970.
    pub at: Option<i64>,
    /// The line, without anything that steers a screen.
    pub text: String,
    /// Where in the line it is, in bytes.
    pub places: Vec<std::ops::Range<usize>>,
    /// The lines before, as many as were asked for.
    pub before: Vec<String>,
    /// The lines after.
    pub after: Vec<String>,
}

/// A turn that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTurn {
    /// Its commit.
    pub commit: ObjectId,
    /// Its number.
    pub turn: u32,
    /// When it ended, in seconds since 1970.
    pub ended: i64,
    /// What was asked, on one line.
    pub prompt: String,
    /// The lines, as many as were asked for.
    pub hits: Vec<Hit>,
    /// How many there are.
    pub lines: usize,
    /// Why it is no part of the conversation any more, if so.
    pub superseded: Option<Superseded>,
    /// The other sessions that have the turn.
    pub also: Vec<SessionId>,
}

/// A session with turns that have it, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSession {
    /// The session.
    pub session: SessionId,
    /// Its name in Codex, or its first prompt.
    pub title: Option<String>,
    /// When the newest of its turns that were searched ended, in seconds since 1970.
    pub ended: i64,
    /// The turns.
    pub turns: Vec<FoundTurn>,
}
