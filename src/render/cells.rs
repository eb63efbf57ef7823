//! A line as its characters, each with its width and its style: where it can be broken and cut.

use unicode_width::UnicodeWidthChar;

use super::line::{Line, Style};

/// The characters of a line.
pub(super) struct Cells(Vec<(char, Style)>);

impl Cells {
    pub fn of(line: &Line) -> Self {
        Self(line.spans().iter().flat_map(|span| span.text().chars().map(|c| (c, span.style))).collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Where a part that begins at `start` must end to take no more than these columns; past the first character in any case.
    pub fn end_within(&self, start: usize, columns: usize) -> usize {
        let mut used = 0;
        let over = self.0[start..].iter().position(|(c, _)| {
            used += c.width().unwrap_or(0);
            used > columns
        });
        over.map_or(self.0.len(), |at| start + at.max(1))
    }

    /// The last blank in a part, or right behind it, that has something before it.
    pub fn last_blank(&self, start: usize, end: usize) -> Option<usize> {
        let first = start + self.0[start..end].iter().position(|(c, _)| *c != ' ')?;
        (first + 1..=end.min(self.0.len() - 1)).rev().find(|at| self.0[*at].0 == ' ')
    }

    /// Where the next character stands that is no blank.
    pub fn skip_blanks(&self, start: usize) -> usize {
        start + self.0[start..].iter().take_while(|(c, _)| *c == ' ').count()
    }

    /// A part as a line.
    pub fn part(&self, start: usize, end: usize) -> Line {
        let mut line = Line::default();
        for run in self.0[start..end].chunk_by(|a, b| a.1 == b.1) {
            let text: String = run.iter().map(|(c, _)| *c).collect();
            line.push(run[0].1, &text);
        }
        line
    }
}
