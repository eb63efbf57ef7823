//! What can go wrong with a repository's objects and refs.

use std::io;
use std::path::PathBuf;

use crate::disk::regular::is_damage;
use crate::model::{ObjectId, text};

/// A failure in reading or writing a repository.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else moved the ref first.
    #[error("`{0}` was moved by another process")]
    LostRace(String),
    /// Another process holds a lock of the store, and goes on holding it.
    #[error("another process holds the store's lock, `{}`", .0.display())]
    Locked(PathBuf),
    /// A name stands in the way of another, as `a` of `a/b`.
    #[error("`{0}` exists, and git can't hold both it and a name below it")]
    NameInTheWay(String),
    /// A ref's file holds no object id.
    #[error("`{0}` holds no object id")]
    BadRef(String),
    /// The object is not of the kind that it must be.
    #[error("object {0} has the wrong type")]
    WrongKind(ObjectId),
    /// The object's bytes are not those that it was made of.
    #[error("object {0} is damaged")]
    Damaged(ObjectId),
    /// The object is in no pack and in no file.
    #[error("object {0} is missing")]
    Lost(ObjectId),
    /// libgit2 failed.
    #[error("can't {doing}: {said}")]
    Git {
        /// What was tried, a verb.
        doing: &'static str,
        /// What it said.
        said: String,
    },
    /// The `git` program failed, or said something else than it does.
    #[error("can't {doing}: {said}")]
    Program {
        /// What was tried, a verb.
        doing: &'static str,
        /// What it said, on one line.
        said: String,
    },
    /// The operating system said no.
    #[error("can't {doing}: {source}")]
    Io {
        /// What was tried, a verb.
        doing: &'static str,
        /// What it said.
        source: io::Error,
    },
}

impl Error {
    /// Makes an error of what libgit2 said.
    pub(crate) fn git(doing: &'static str) -> impl FnOnce(git2::Error) -> Self {
        move |source| Self::Git { doing, said: source.message().to_owned() }
    }

    /// Makes an error of what the `git` program said: its last line, without what steers a terminal.
    pub(crate) fn said(doing: &'static str, told: &[u8]) -> Self {
        let told = String::from_utf8_lossy(told);
        let last = told.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("git failed");
        let said = text::plain(last.trim_start_matches("fatal: ").trim_start_matches("error: ")).into_owned();
        Self::Program { doing, said }
    }

    /// Makes an error of what the system said.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }

    /// Whether it says that what is in the repository is not as it must be, and not that it could not be had.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::WrongKind(_) | Self::Damaged(_) | Self::Lost(_) | Self::BadRef(_) => true,
            Self::Io { source, .. } => is_damage(source),
            _ => false,
        }
    }
}
