//! What happens to a file.

use std::fmt::Write;

use super::lines::Lines;

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
    Add(Lines),
    /// It goes; its lines, where they are known.
    Delete(Option<Lines>),
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
    /// Whether the last of them, before and after, is the end of a file that has no line end there.
    pub unended: (bool, bool),
}

/// What follows a line that has no line end.
pub(super) const NO_END: &str = "\\ No newline at end of file";

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

    pub(super) fn write(&self, out: &mut String) {
        let heading = if self.heading.is_empty() { String::new() } else { format!(" {}", self.heading) };
        let (kept, removed, added) = (self.count(Sign::Kept), self.count(Sign::Removed), self.count(Sign::Added));
        // Writing to a string can't fail.
        let _ = match self.at {
            Some((old, new)) => writeln!(out, "@@ -{old},{} +{new},{} @@{heading}", kept + removed, kept + added),
            None => writeln!(out, "@@{heading}"),
        };
        let last = |gone| self.lines.iter().rposition(|(sign, _)| *sign != gone);
        let (old, new) = (last(Sign::Added), last(Sign::Removed));
        for (at, (sign, text)) in self.lines.iter().enumerate() {
            let _ = writeln!(out, "{}{text}", sign.letter());
            if (self.unended.0 && old == Some(at)) || (self.unended.1 && new == Some(at)) {
                let _ = writeln!(out, "{NO_END}");
            }
        }
    }

    /// Adds a line below the others.
    pub(super) fn push(&mut self, sign: Sign, text: String) {
        self.unended = (self.unended.0 && sign == Sign::Added, self.unended.1 && sign == Sign::Removed);
        self.lines.push((sign, text));
    }

    /// Says that the line before has no line end.
    pub(super) fn end_without_line_end(&mut self) {
        let Some((sign, _)) = self.lines.last() else { return };
        self.unended = (self.unended.0 || *sign != Sign::Added, self.unended.1 || *sign != Sign::Removed);
    }
}

impl Change {
    /// The change with whole paths: a relative one is meant in a directory.
    #[must_use]
    pub fn rooted(mut self, directory: Option<&str>) -> Self {
        let Some(directory) = directory.filter(|directory| !directory.is_empty()) else { return self };
        let root = |path: &mut String| {
            // The first Codexes named paths as they were typed.
            if !path.starts_with(['/', '\\', '~']) && path.as_bytes().get(1) != Some(&b':') {
                *path = format!("{}/{}", directory.trim_end_matches('/'), path.trim_start_matches("./"));
            }
        };
        root(&mut self.path);
        if let Edit::Update { to: Some(to), .. } = &mut self.edit {
            root(to);
        }
        self
    }

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
            Edit::Delete(lines) => (0, lines.as_ref().map_or(0, |lines| lines.len())),
            Edit::Update { hunks, .. } => {
                let sum = |sign| hunks.iter().map(|hunk| hunk.count(sign)).sum();
                (sum(Sign::Added), sum(Sign::Removed))
            }
        }
    }

    /// Its lines with their signs, each hunk below its head.
    pub fn diff(&self) -> String {
        let all = |sign: Sign, lines: &Lines| Hunk {
            at: Some((usize::from(sign == Sign::Removed), usize::from(sign == Sign::Added))),
            lines: lines.iter().map(|line| (sign, line.clone())).collect(),
            unended: (sign == Sign::Removed && !lines.is_ended, sign == Sign::Added && !lines.is_ended),
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
