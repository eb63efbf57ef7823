//! The lanes at the left of a graph's rows.

use super::line::{Line, Style};

/// What a node looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// A turn.
    Turn,
    /// A turn that is no part of its conversation any more.
    Superseded,
    /// A turn that failed or was stopped.
    Failed,
    /// A turn that has not ended.
    Open,
    /// A fork without a turn of its own.
    Fork,
    /// A session that the turn started.
    Agent,
}

/// How lanes are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Lanes {
    /// How many are drawn; those to the right of them are folded into one.
    most: usize,
    ascii: bool,
}

impl Lanes {
    /// Lanes take a third of the width at the most.
    pub fn new(width: Option<usize>, ascii: bool) -> Self {
        Self { most: width.map_or(usize::MAX, |width| (width / 6).max(1)), ascii }
    }

    /// The lanes at a node.
    pub fn node(&self, lane: usize, glyph: Glyph) -> Line {
        let style = match glyph {
            Glyph::Turn | Glyph::Open => Style::Name,
            Glyph::Failed => Style::Warning,
            Glyph::Superseded | Glyph::Fork | Glyph::Agent => Style::Dim,
        };
        self.left_of(lane).with(style, self.letter(glyph))
    }

    /// The lanes where nodes are left out.
    pub fn elided(&self, lane: usize) -> Line {
        self.left_of(lane).with(Style::Dim, if self.ascii { ":" } else { "┊" })
    }

    /// The lanes where the one to the right of a lane joins it.
    pub fn join(&self, lane: usize) -> Line {
        let joined = match (lane < self.most, self.ascii) {
            (true, false) => "├─╯",
            (true, true) => "|/",
            (false, false) => "╯",
            (false, true) => "/",
        };
        self.left_of(lane).with(Style::Dim, joined)
    }

    /// The lanes beside what belongs to a node and stands below it.
    pub fn beside(&self, lane: usize, goes_on: bool) -> Line {
        let bar = if self.ascii { "|" } else { "│" };
        self.left_of(lane).with(Style::Dim, if goes_on { bar } else { " " })
    }

    fn left_of(&self, lane: usize) -> Line {
        let bar = if self.ascii { "| " } else { "│ " };
        let mut left = Line::of(Style::Dim, &bar.repeat(lane.min(self.most)));
        if lane > self.most {
            left.push(Style::Dim, if self.ascii { ".." } else { "… " });
        }
        left
    }

    fn letter(&self, glyph: Glyph) -> &'static str {
        let (drawn, ascii) = match glyph {
            Glyph::Turn => ("●", "*"),
            Glyph::Superseded => ("◌", "-"),
            Glyph::Failed => ("×", "x"),
            Glyph::Open => ("◍", "@"),
            Glyph::Fork => ("○", "o"),
            Glyph::Agent => ("◇", "+"),
        };
        if self.ascii { ascii } else { drawn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_beyond_a_third_of_the_width_are_folded() {
        let lanes = Lanes::new(Some(18), false);
        let at = |lane| lanes.node(lane, Glyph::Turn).text();
        assert_eq!([at(0), at(3), at(4), at(40)], ["●", "│ │ │ ●", "│ │ │ … ●", "│ │ │ … ●"]);
        assert_eq!(
            [lanes.join(0), lanes.join(2), lanes.join(3)].map(|line| line.text()),
            ["├─╯", "│ │ ├─╯", "│ │ │ ╯"]
        );
        let ascii = Lanes::new(Some(18), true);
        assert_eq!(
            [ascii.node(1, Glyph::Superseded), ascii.join(1), ascii.elided(4)].map(|line| line.text()),
            ["| -", "| |/", "| | | ..:"]
        );
    }
}
