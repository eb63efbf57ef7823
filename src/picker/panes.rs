//! Where things stand on a screen of some size.

use super::keymap::Pane;

/// The fewest columns and rows that have room for both panes.
const BOTH: (u16, u16) = (80, 16);

/// The narrowest that the list is beside the conversation.
const LIST: u16 = 42;

/// A screen, divided: a line at the top, a line at the bottom, and between them one pane or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panes {
    pub width: u16,
    pub height: u16,
}

impl Panes {
    /// Whether both panes are seen.
    pub const fn are_both(self) -> bool {
        self.width >= BOTH.0 && self.height >= BOTH.1
    }

    /// How many rows a pane has.
    pub fn rows(self) -> usize {
        usize::from(self.height.saturating_sub(2))
    }

    /// How many columns the list has.
    pub fn list(self) -> u16 {
        if self.are_both() { LIST.max(self.width / 12 * 5) } else { self.width }
    }

    /// Where the conversation begins, behind a column for a mark, and how many columns it has.
    pub fn page(self) -> (u16, u16) {
        let start = if self.are_both() { self.list() + 2 } else { 1 };
        (start, self.width.saturating_sub(start))
    }

    /// Whether a pane is seen while a person is in `own`.
    pub fn shows(self, pane: Pane, own: Pane) -> bool {
        self.are_both() || pane == own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_screen_shows_one_pane() {
        let (wide, small) = (Panes { width: 140, height: 50 }, Panes { width: 60, height: 15 });
        assert_eq!((wide.list(), wide.page(), wide.rows()), (55, (57, 83), 48));
        assert!(wide.shows(Pane::Page, Pane::List) && !small.shows(Pane::Page, Pane::List));
        assert_eq!((small.list(), small.page(), small.rows()), (60, (1, 59), 13));
        let none = Panes { width: 0, height: 0 };
        assert_eq!((none.list(), none.page(), none.rows()), (0, (1, 0), 0));
    }
}
