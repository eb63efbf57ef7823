//! How wide lines are, and how much of long things is shown.

use super::line::Line;
use super::wrap::hang;

/// The widest that sentences get: longer lines are hard to read.
const SENTENCE: usize = 100;

/// How a conversation is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// How wide a line is; `None` where nothing is wrapped or cut.
    pub width: Option<usize>,
    /// How much of outputs is shown.
    pub fold: Fold,
    /// Whether reasoning and unknown records are shown.
    pub every_kind: bool,
}

/// How much of long things is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// The first lines of outputs, of failures the last; of patches the beginning.
    Short,
    /// As many lines of outputs; patches whole.
    At(usize),
    /// Everything, scripts too.
    Nothing,
}

impl Layout {
    /// How wide a sentence may be.
    pub fn sentence(&self) -> Option<usize> {
        self.width.map(|width| width.min(SENTENCE))
    }

    /// What is left of the width behind an indent.
    pub fn behind(&self, indent: usize) -> Option<usize> {
        self.width.map(|width| width.saturating_sub(indent).max(1))
    }

    /// Whether everything is shown.
    pub fn is_full(&self) -> bool {
        self.fold == Fold::Nothing
    }

    /// A line that is not made of sentences, behind what stands before it: cut, or wrapped where everything is shown.
    pub(super) fn long(&self, first: &Line, rest: &Line, line: Line) -> Vec<Line> {
        let lines = if self.is_full() {
            hang(first, rest, line, self.width)
        } else {
            vec![first.clone().then(&line).fit(self.width)]
        };
        lines.into_iter().map(Line::trimmed).collect()
    }

    /// How many lines of an output are shown.
    pub(super) fn output_lines(&self, failed: bool) -> usize {
        match self.fold {
            Fold::Short if failed => 8,
            Fold::Short => 4,
            Fold::At(lines) => lines,
            Fold::Nothing => usize::MAX,
        }
    }

    /// How many lines of a file's changes can be shown whole, and how many are if there are more.
    pub(super) fn patch_lines(&self) -> (usize, usize) {
        if self.fold == Fold::Short { (24, 20) } else { (usize::MAX, usize::MAX) }
    }

    /// How many lines of a command there can be, and how many are shown if there are more.
    pub(super) fn command_lines(&self) -> (usize, usize) {
        if self.fold == Fold::Short { (6, 4) } else { (usize::MAX, usize::MAX) }
    }
}
