//! What happens to a file.

use std::fmt::Write;

/// What happens to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: String,
    /// What happens to it.
    pub edit: Edit,
}

/// What happens to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// It is made, of these lines.
    Add(Vec<String>),
    /// It goes; its lines, where they are known.
    Delete(Option<Vec<String>>),
    /// Some of its lines change.
    Update {
        /// Its new path, if it moves.
        to: Option<String>,
        /// What changes, from the top down.
        hunks: Vec<Hunk>,
    },
}

/// A run of lines that change, with some that stay around them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// The numbers of its first line before and after; none where only the text is known.
    pub at: Option<(usize, usize)>,
    /// A line above it, such as the function that it is in; empty for none.
    pub heading: String,
    /// Its lines.
    pub lines: Vec<(Sign, String)>,
}

/// What happens to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It stays.
    Kept,
    /// It goes.
    Removed,
    /// It is new.
    Added,
}

impl Sign {
    /// As patches write it.
    pub const fn letter(self) -> char {
        match self {
            Self::Kept => ' ',
            Self::Removed => '-',
            Self::Added => '+',
        }
    }

    /// A line of a hunk: its sign, and the rest.
    pub(super) fn split(line: &str) -> Option<(Self, &str)> {
        let all = [Self::Kept, Self::Removed, Self::Added];
        all.into_iter().find_map(|sign| Some((sign, line.strip_prefix(sign.letter())?)))
    }
}

impl Hunk {
    /// How many of its lines have the sign.
    pub fn count(&self, sign: Sign) -> usize {
        self.lines.iter().filter(|(own, _)| *own == sign).count()
    }

    fn write(&self, out: &mut String) {
        let heading = if self.heading.is_empty() { String::new() } else { format!(" {}", self.heading) };
        let (kept, removed, added) = (self.count(Sign::Kept), self.count(Sign::Removed), self.count(Sign::Added));
        // Writing to a string can't fail.
        let _ = match self.at {
            Some((old, new)) => writeln!(out, "@@ -{old},{} +{new},{} @@{heading}", kept + removed, kept + added),
            None => writeln!(out, "@@{heading}"),
        };
        for (sign, text) in &self.lines {
            let _ = writeln!(out, "{}{text}", sign.letter());
        }
    }
}

impl Change {
    /// The file's path once it is done.
    pub fn path_after(&self) -> &str {
        match &self.edit {
            Edit::Update { to: Some(to), .. } => to,
            _ => &self.path,
        }
    }

    /// How many lines it adds and removes.
    pub fn counts(&self) -> (usize, usize) {
        match &self.edit {
            Edit::Add(lines) => (lines.len(), 0),
            Edit::Delete(lines) => (0, lines.as_ref().map_or(0, Vec::len)),
            Edit::Update { hunks, .. } => {
                let sum = |sign| hunks.iter().map(|hunk| hunk.count(sign)).sum();
                (sum(Sign::Added), sum(Sign::Removed))
            }
        }
    }

    /// Its lines with their signs, each hunk below its head.
    pub fn diff(&self) -> String {
        let all = |sign: Sign, lines: &[String]| Hunk {
            at: Some((usize::from(sign == Sign::Removed), usize::from(sign == Sign::Added))),
            lines: lines.iter().map(|line| (sign, line.clone())).collect(),
            ..Hunk::default()
        };
        let mut out = String::new();
        match &self.edit {
            Edit::Add(lines) | Edit::Delete(Some(lines)) if lines.is_empty() => {}
            Edit::Add(lines) => all(Sign::Added, lines).write(&mut out),
            Edit::Delete(Some(lines)) => all(Sign::Removed, lines).write(&mut out),
            Edit::Delete(None) => {}
            Edit::Update { hunks, .. } => hunks.iter().for_each(|hunk| hunk.write(&mut out)),
        }
        out
    }
}
