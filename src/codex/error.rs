//! What can go wrong with a codex home and what Codex keeps there.

use std::io;
use std::path::{Path, PathBuf};

use crate::rollout;

/// A failure in reading or writing Codex's files, or in asking Codex.
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
    /// A rollout could not be read.
    #[error(transparent)]
    Rollout(#[from] rollout::Error),
    /// The file was written to meanwhile.
    #[error("`{}` was written to just now", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Another process has the file open.
    #[error("another process has `{}` open", path.display())]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// Codex has the session open.
    #[error("Codex has session {0} open")]
    InUse(crate::model::SessionId),
    /// The hooks file is not one.
    #[error("`{}` is not a hooks file as Codex reads it; nothing was changed", path.display())]
    Hooks {
        /// The file.
        path: PathBuf,
    },
    /// Codex's settings are none.
    #[error("`{}` can't be read: line {line} is not as TOML has it, or not as Codex does", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// Where it goes wrong, the first line being 1.
        line: usize,
    },
    /// Codex's app server did not do what it was asked.
    #[error("codex's app server: {0}")]
    AppServer(#[from] super::AppServerError),
}

impl Error {
    /// Makes an I/O error of what the system said.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
