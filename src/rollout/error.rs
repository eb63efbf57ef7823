//! What can go wrong in reading rollouts.

use std::io;
use std::path::{Path, PathBuf};

/// A failure in reading rollouts.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system said no.
    #[error("can't {doing} `{}`: {source}", path.display())]
    Io {
        /// What was tried, a verb.
        doing: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a rollout that can be recorded.
    #[error("`{}` can't be recorded: {refusal}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        refusal: Refusal,
    },
    /// The file lost bytes while it was read.
    #[error("`{}` became shorter while it was read", path.display())]
    Shrank {
        /// The file.
        path: PathBuf,
    },
    /// A session of the first era can't be forked.
    #[error("session {0} was written by a Codex before 0.34, and no later Codex resumes its file")]
    TooOld(crate::model::SessionId),
}

/// Why a file is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No bytes.
    #[error("it is empty")]
    Empty,
    /// No line feed.
    #[error("it holds no whole line")]
    Torn,
    /// A first line above 8 MiB.
    #[error("its first line is longer than 8 MiB")]
    LongFirstLine,
    /// It begins with a byte order mark; Codex doesn't read it either.
    #[error("it begins with a byte order mark")]
    ByteOrderMark,
    /// The first line is not UTF-8.
    #[error("its first line is not UTF-8")]
    NotUtf8,
    /// The first line is something else.
    #[error("its first line is not a session_meta record")]
    NoSessionMeta,
    /// The session's id is no UUID.
    #[error("the session's id is not a UUID")]
    BadId,
    /// The name is not one that Codex gives.
    #[error("its name is not `rollout-<time>-<session id>.jsonl`")]
    BadName,
    /// It goes on from another rollout, but doesn't say which.
    #[error("its session_meta has a `history_base` that names no rollout and no offset")]
    BadBase,
    /// Two files of the same session.
    #[error("another file of the same session is recorded instead")]
    Duplicate,
    /// Not a regular file.
    #[error("it is not a regular file")]
    NotAFile,
    /// A compressed file that was cut.
    #[error("its compressed bytes end too early")]
    CutShort,
    /// A compressed file that can't be unpacked.
    #[error("its compressed bytes are damaged")]
    Unpackable,
}

impl Error {
    /// Whether the file holds nothing that could be recorded: Codex has just made it, or was stopped before it wrote a whole line.
    pub fn is_of_nothing(&self) -> bool {
        matches!(self, Self::Refused { refusal: Refusal::Empty | Refusal::Torn, .. })
    }

    /// Makes an I/O error of what the system said.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::UnexpectedEof => Self::Shrank { path: path.to_owned() },
            _ => Self::Io { doing, path: path.to_owned(), source },
        }
    }

    /// Makes an error of what unpacking came to: what the system did not say is wrong with the bytes.
    pub(crate) fn unpacking(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match (source.kind(), source.raw_os_error()) {
            (io::ErrorKind::UnexpectedEof, _) => Self::refused(path)(Refusal::CutShort),
            (_, None) => Self::refused(path)(Refusal::Unpackable),
            _ => Self::io("unpack", path)(source),
        }
    }

    /// Makes an error of a refusal.
    pub(crate) fn refused(path: &Path) -> impl FnOnce(Refusal) -> Self {
        move |refusal| Self::Refused { path: path.to_owned(), refusal }
    }
}
