//! Lines, and where they come from.

/// A line, and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlamedLine {
    /// Its text.
    pub text: String,
    /// Where it comes from.
    pub source: Source,
    /// Its number where it comes from.
    pub number: usize,
}

/// Where a line comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A patch of a turn: the number of the turn, and that of the change.
    Patch(usize, usize),
    /// A patch of a turn, found by likeness.
    Moved(usize, usize),
    /// Most likely a command of a turn.
    Command(usize),
    /// A commit of the project's.
    Commit(String),
    /// The file alone: no commit has it.
    Uncommitted,
    /// Something between two turns.
    Between,
    /// Something before all that is known.
    Before,
    /// Nobody known: the file is in no repository, and no patch changed it.
    Unknown,
}

impl Source {
    /// The source's name in output that programs read.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Patch(..) => "patch",
            Self::Moved(..) => "moved",
            Self::Command(_) => "command",
            Self::Commit(_) => "commit",
            Self::Uncommitted => "uncommitted",
            Self::Between => "between",
            Self::Before => "before",
            Self::Unknown => "unknown",
        }
    }

    /// The number of the turn, if it is one.
    pub const fn turn(&self) -> Option<usize> {
        match self {
            Self::Patch(turn, _) | Self::Moved(turn, _) | Self::Command(turn) => Some(*turn),
            _ => None,
        }
    }

    /// Whether another is the same turn, or the same commit.
    pub fn is_same_place(&self, other: &Self) -> bool {
        match (self.turn(), other.turn()) {
            (Some(own), Some(its)) => own == its,
            _ => self == other,
        }
    }

    /// Whether lines of both are told as one run: those of the same place, found in the same way.
    pub fn is_same_run(&self, other: &Self) -> bool {
        self.name() == other.name() && self.is_same_place(other)
    }
}
