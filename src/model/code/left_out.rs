//! What a snapshot does without, and why. A snapshot that does without something says so by name.

use std::fmt;

/// Why a file is not in a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// Its name is one that secrets have, and the project's commit does not have it.
    Secret,
    /// It is larger than what is stored of a file, and the project's commit does not have it.
    TooLarge,
    /// It could not be read.
    Unreadable,
    /// It changed each time it was read.
    Changing,
    /// It is on another file system.
    Elsewhere,
    /// It has a name that no tree may hold.
    Name,
    /// A person had it forgotten.
    Forgotten,
    /// It is a folder in which git keeps a repository.
    Repository,
}

const WORDS: [(Reason, &str); 8] = [
    (Reason::Secret, "secret"),
    (Reason::TooLarge, "too-large"),
    (Reason::Unreadable, "unreadable"),
    (Reason::Changing, "changing"),
    (Reason::Elsewhere, "elsewhere"),
    (Reason::Name, "name"),
    (Reason::Forgotten, "forgotten"),
    (Reason::Repository, "repository"),
];

impl Reason {
    /// The reason of a word.
    pub fn parse(word: &str) -> Option<Self> {
        WORDS.iter().find(|(_, known)| *known == word).map(|(reason, _)| *reason)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(reason, _)| *reason == self).map_or("", |(_, word)| word)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A file that is not in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Its path below the root.
    pub path: Vec<u8>,
    /// How many bytes it has.
    pub bytes: u64,
    /// Why.
    pub reason: Reason,
}
