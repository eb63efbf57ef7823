//! What is searched for, and what was searched.

use super::needle::Needle;
use crate::model::ObjectId;
use crate::model::piece::PieceKind;
use crate::ops::filter::Filter;
use crate::ops::marks::Broken;

/// What is searched for, where, and how much of it is told.
#[derive(Clone, Debug)]
pub struct Search {
    /// What is looked for.
    pub needle: Needle,
    /// In what; in all that was said and done where nothing is named.
    pub kinds: Vec<PieceKind>,
    /// In which turns: by their ends, their models and where Codex worked.
    pub filter: Filter,
    /// Only in turns that changed a file of this path, of one that ends so, or below a directory of this path.
    pub file: Option<String>,
    /// Only in the conversation up to a commit; if a session stands there, in what it left behind, too.
    pub point: Option<ObjectId>,
    /// How many lines of a turn are told.
    pub most: usize,
    /// How many lines before and after each.
    pub around: (usize, usize),
}

/// What was searched.
#[derive(Debug, Default)]
pub struct Searched {
    /// How many turns.
    pub turns: usize,
    /// Of how many sessions.
    pub sessions: usize,
    /// How many turns can't be read.
    pub unreadable: usize,
    /// The sessions that can't be read, and why.
    pub broken: Broken,
}
