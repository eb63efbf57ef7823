//! What was asked of a turn's files, and has no answer.

use std::path::PathBuf;

use crate::model::code::{CodeMoment, Reason};
use crate::model::{ObjectId, SessionId};

/// Why there is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The turn has no snapshot.
    #[error("there is no code snapshot {moment} turn {turn} of session {session}")]
    None {
        /// The session.
        session: SessionId,
        /// The turn.
        turn: u32,
        /// The moment.
        moment: CodeMoment,
        /// The other moments of which the turn has one.
        others: Vec<CodeMoment>,
    },
    /// The snapshot says what HEAD was, and holds no file.
    #[error("turn {turn} has a light code snapshot: it says which commit the project was at, and holds no file")]
    Light {
        /// The turn.
        turn: u32,
        /// The commit.
        head: Option<ObjectId>,
    },
    /// The project has no code store yet.
    #[error("no files of `{}` are kept yet", .0.display())]
    NoStore(PathBuf),
    /// The snapshot left the file out.
    #[error("the code snapshot left `{path}` out ({reason})")]
    LeftOut {
        /// The path.
        path: String,
        /// Why.
        reason: Reason,
    },
    /// The snapshot has no such file.
    #[error("the code snapshot{} has no file `{path}`", of(*turn, *moment))]
    NoFile {
        /// The path.
        path: String,
        /// The turn.
        turn: u32,
        /// The moment.
        moment: CodeMoment,
    },
}

/// Which snapshot it is, where it is of a turn.
fn of(turn: u32, moment: CodeMoment) -> String {
    if turn == 0 { String::new() } else { format!(" {moment} turn {turn}") }
}
