//! A range of turns as a person types it: `3..7`, `3..`, `..7`, both ends included.

use std::num::NonZeroU32;
use std::str::FromStr;

use codex_git::Workspace;
use codex_git::ops::Point;

use super::failure::Failure;

/// A range of turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnRange {
    pub first: u32,
    pub last: Option<u32>,
}

impl TurnRange {
    /// The point that the last turn of the range is, and how many turns it has.
    pub fn of(self, workspace: &Workspace, point: &Point) -> Result<(Point, Option<usize>), Failure> {
        let Self { first, last } = self;
        let end = last.unwrap_or(point.message.turn).min(point.message.turn);
        // A range that begins behind the last turn is a mistake, told as such.
        let end = end.max(first);
        let count = usize::try_from(end - first).map_or(usize::MAX, |more| more + 1);
        Ok((workspace.turn_of(point, end)?, Some(count)))
    }
}

impl FromStr for TurnRange {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let wrong = || format!("`{typed}` is no range of turns, such as 3, 3..7, 3.. or ..7");
        // One turn is a range, too.
        let (first, last) =
            if typed.is_empty() { (".", ".") } else { typed.split_once("..").unwrap_or((typed, typed)) };
        let number = |text: &str| text.parse::<NonZeroU32>().map(NonZeroU32::get).map_err(|_| wrong());
        let first = if first.is_empty() { 1 } else { number(first)? };
        let last = if last.is_empty() { None } else { Some(number(last)?) };
        if last.is_some_and(|last| last < first) { Err(wrong()) } else { Ok(Self { first, last }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_or_one() {
        let range = |typed: &str| typed.parse::<TurnRange>().ok().map(|range| (range.first, range.last));
        assert_eq!(range("3..7"), Some((3, Some(7))));
        assert_eq!((range("3.."), range("..7")), (Some((3, None)), Some((1, Some(7)))));
        assert_eq!(range("3"), Some((3, Some(3))));
        for wrong in ["7..3", "0..3", "a..b", "3..=7", ""] {
            assert_eq!(range(wrong), None, "{wrong}");
        }
    }
}
