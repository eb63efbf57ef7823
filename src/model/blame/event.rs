//! What is known of a file's past.

use crate::model::patch::Change;

/// Something that is known of the file's past.
#[derive(Clone, Debug)]
pub struct Event<'t> {
    /// When, in seconds since 1970.
    pub at: i64,
    /// What.
    pub known: Known<'t>,
}

/// What is known of a file at a time.
#[derive(Clone, Debug)]
pub enum Known<'t> {
    /// A patch changed it: the edit's number, and what changed.
    Edit(usize, &'t Change),
    /// A commit has it so, as it was at some time from `since` until then: a commit that was amended or rebased holds what is older.
    State {
        /// The state's number.
        number: usize,
        /// The first time at which the file can have been so.
        since: i64,
        /// All lines.
        lines: Vec<&'t str>,
    },
}

/// A line without the carriage return that a line end may have.
pub(super) fn bare(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// The words of a text: letters, digits and underscores.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
