//! Why a folder can't go back to a turn.

use std::fmt::{self, Write};
use std::path::PathBuf;

use crate::model::SessionId;

/// Why not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// What some turns changed can't be told.
    #[error("what the session changed can't be told: {}", words(lacking))]
    Lacking {
        /// The session.
        session: SessionId,
        /// The turns, and what they lack.
        lacking: Vec<(u32, Lack)>,
    },
    /// The turns worked elsewhere.
    #[error("the turns of session {session} after that worked in `{}`, not in `{}`", there.display(), here.display())]
    Elsewhere {
        /// The session.
        session: SessionId,
        /// Where.
        there: PathBuf,
        /// The root of the directory that somebody stands in.
        here: PathBuf,
    },
    /// The snapshot is of another folder.
    #[error("that code snapshot is of `{}`, not of `{}`", there.display(), here.display())]
    OfAnother {
        /// Which one.
        there: PathBuf,
        /// The root of the directory that somebody stands in.
        here: PathBuf,
    },
    /// A session works in the folder just now.
    #[error("session {session} is working in `{}`: turn {turn} has not ended", root.display())]
    Working {
        /// The session.
        session: SessionId,
        /// The turn.
        turn: u32,
        /// The folder.
        root: PathBuf,
    },
    /// Nobody went back to a turn in the folder.
    #[error("nothing was restored in `{}`", .0.display())]
    NeverRestored(PathBuf),
    /// Neither the snapshot nor the folder has a path.
    #[error("neither the code snapshot nor the folder has `{0}`")]
    NoPath(String),
    /// A path lies beside the folders that alone were looked at.
    #[error("`{0}` is not in the code snapshot: the project has too many files, and it was not looked at there")]
    Beside(String),
}

/// What a turn lacks, so that it can't be told what it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// Any snapshot.
    Both,
    /// The snapshot before it.
    Before,
    /// A snapshot before it that no command of its own can have changed.
    Whole,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Both => "has no code snapshot",
            Self::Before => "has no code snapshot before it",
            Self::Whole => "may have changed files before its snapshot was taken",
        })
    }
}

fn words(lacking: &[(u32, Lack)]) -> String {
    let mut out = String::new();
    for (turn, lack) in lacking {
        _ = write!(out, "{}turn {turn} {lack}", if out.is_empty() { "" } else { "; " });
    }
    out
}
