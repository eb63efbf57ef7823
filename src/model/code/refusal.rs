//! Folders whose files are never kept, and why.

use std::fmt;

/// Why a folder is never looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It is the root of the file system.
    Top,
    /// It is the person's home folder, or above it.
    Home,
    /// It is the codex home, above it, or within it.
    CodexHome,
    /// It is the folder for temporary files itself.
    Temporary,
    /// It belongs to somebody else.
    Foreign,
    /// It is on a network.
    Network,
    /// Git keeps a repository in it, or in one above it.
    Repository,
    /// There is no such folder.
    Missing,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Top => "it is the root of the file system",
            Self::Home => "it is your home folder, or above it",
            Self::CodexHome => "it is the codex home, above it, or within it",
            Self::Temporary => "it is the folder for temporary files",
            Self::Foreign => "it belongs to somebody else",
            Self::Network => "it is on a network, where looking at every file is slow",
            Self::Repository => "git keeps a repository there",
            Self::Missing => "it does not exist",
        })
    }
}
