//! The moment of a session that a snapshot is of.

use std::fmt;

/// When the files were looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CodeMoment {
    /// As a prompt was sent: with all that the person did since the last turn.
    Before,
    /// As a turn had ended.
    After,
    /// When somebody asked for it.
    Asked,
    /// As somebody went back to a turn, before any file was changed.
    Undo,
}

const NAMES: [(CodeMoment, &str); 4] = [
    (CodeMoment::Before, "before"),
    (CodeMoment::After, "after"),
    (CodeMoment::Asked, "asked"),
    (CodeMoment::Undo, "undo"),
];

impl CodeMoment {
    /// The moment of a name.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(moment, _)| *moment)
    }

    /// Its name, in refs and messages.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(moment, _)| *moment == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for CodeMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
