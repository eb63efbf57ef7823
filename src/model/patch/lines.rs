//! The lines of a whole file.

use std::ops::{Deref, DerefMut};

/// The lines of a file, without their ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The lines.
    lines: Vec<String>,
    /// Whether the last of them has a line end. A file without lines counts as ended.
    pub is_ended: bool,
}

impl Lines {
    /// The lines of a text.
    pub fn of(text: &str) -> Self {
        let line = |line: &str| line.strip_suffix('\n').unwrap_or(line).to_owned();
        let is_ended = text.is_empty() || text.ends_with('\n');
        Self { lines: text.split_inclusive('\n').map(line).collect(), is_ended }
    }

    /// The lines with their ends.
    pub fn with_ends(&self) -> impl Iterator<Item = String> {
        let unended = self.lines.len().checked_sub(1).filter(|_| !self.is_ended);
        let line =
            move |(at, line): (usize, &String)| if unended == Some(at) { line.clone() } else { format!("{line}\n") };
        self.lines.iter().enumerate().map(line)
    }
}

impl Default for Lines {
    fn default() -> Self {
        Self { lines: Vec::new(), is_ended: true }
    }
}

impl From<Vec<String>> for Lines {
    fn from(lines: Vec<String>) -> Self {
        Self { lines, is_ended: true }
    }
}

impl Deref for Lines {
    type Target = Vec<String>;

    fn deref(&self) -> &Self::Target {
        &self.lines
    }
}

impl DerefMut for Lines {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.lines
    }
}

impl<'l> IntoIterator for &'l Lines {
    type Item = &'l String;
    type IntoIter = std::slice::Iter<'l, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.lines.iter()
    }
}
