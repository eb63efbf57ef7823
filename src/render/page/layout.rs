//! Where the sessions of a timeline stand: days side by side, those without anything closed up, and rows in which no two bars meet.

use std::collections::HashMap;

/// How wide a day is, in units of the page.
const DAY: f64 = 120.0;

/// How wide a stretch without anything is.
const GAP: f64 = 18.0;

/// How far bars in a row stand apart.
const APART: f64 = 4.0;

const SECONDS: i64 = 86_400;

/// Days on a line: each has its place, and what lies between two that were worked on takes little.
pub(super) struct Days {
    /// The days, by their number since 1970, and where each begins.
    places: Vec<(i64, f64)>,
    offset: i64,
}

impl Days {
    /// The days that some stretches of time touch. `offset`: what local time is ahead of UTC, in seconds.
    pub fn of(stretches: impl Iterator<Item = (i64, i64)>, offset: i64) -> Self {
        let day = |moment: i64| (moment + offset).div_euclid(SECONDS);
        // Of what went on for long, the ends count: a session that was left for months fills no months.
        let mut days: Vec<i64> = stretches.flat_map(|(from, to)| [day(from), day(to)]).collect();
        days.sort_unstable();
        days.dedup();
        let (mut places, mut x, mut before) = (Vec::with_capacity(days.len()), 0.0, None);
        for day in days {
            if before.is_some_and(|before| before + 1 < day) {
                x += GAP;
            }
            places.push((day, x));
            x += DAY;
            before = Some(day);
        }
        Self { places, offset }
    }

    /// Where a moment is.
    pub fn x(&self, moment: i64) -> f64 {
        let local = moment + self.offset;
        let day = local.div_euclid(SECONDS);
        let at = self.places.partition_point(|(known, _)| *known <= day);
        match at.checked_sub(1).map(|at| self.places[at]) {
            None => 0.0,
            Some((known, x)) if known == day => x + DAY * (local.rem_euclid(SECONDS) as f64 / SECONDS as f64),
            // Between days that were worked on.
            Some((_, x)) => x + DAY + GAP / 2.0,
        }
    }

    /// Each day that was worked on, by its number since 1970, and where it begins.
    pub fn iter(&self) -> impl Iterator<Item = (i64, f64)> {
        self.places.iter().copied()
    }

    /// How wide all of them are.
    pub fn width(&self) -> f64 {
        self.places.last().map_or(0.0, |(_, x)| x + DAY)
    }
}

/// Rows of bars: each bar stands in the highest row that has room, below the one that it began from.
#[derive(Default)]
pub(super) struct Rows {
    /// Where the last bar of each row ends.
    ends: Vec<f64>,
    /// The row of each bar, by its place among all.
    rows: HashMap<usize, usize>,
}

impl Rows {
    /// The row for a bar. Bars come in the order of their beginnings, but for one that began from another.
    pub fn place(&mut self, bar: usize, (from, to): (f64, f64), base: Option<usize>) -> usize {
        let first = base.and_then(|base| self.rows.get(&base)).map_or(0, |row| row + 1);
        let free = (first..self.ends.len()).find(|row| self.ends[*row] + APART <= from);
        let row = free.unwrap_or(first.max(self.ends.len()));
        self.ends.resize(self.ends.len().max(row + 1), f64::NEG_INFINITY);
        self.ends[row] = to;
        self.rows.insert(bar, row);
        row
    }

    /// The row of a bar that was placed.
    pub fn of(&self, bar: usize) -> Option<usize> {
        self.rows.get(&bar).copied()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_anything_take_little() {
        let days = Days::of([(0, 100), (10 * SECONDS, 11 * SECONDS)].into_iter(), 0);
        assert_eq!(days.iter().collect::<Vec<_>>(), [(0, 0.0), (10, DAY + GAP), (11, 2.0 * DAY + GAP)]);
        assert_eq!((days.x(SECONDS / 2), days.x(10 * SECONDS)), (DAY / 2.0, DAY + GAP));
        assert_eq!(days.x(5 * SECONDS), DAY + GAP / 2.0);
        assert_eq!(Days::of([(0, 0)].into_iter(), -60).iter().next(), Some((-1, 0.0)));
    }

    #[test]
    fn bars_of_a_row_never_meet_and_forks_hang_below() {
        let mut rows = Rows::default();
        assert_eq!(rows.place(0, (0.0, 10.0), None), 0);
        assert_eq!(rows.place(1, (5.0, 15.0), None), 1);
        assert_eq!(rows.place(2, (20.0, 25.0), Some(1)), 2);
        assert_eq!(rows.place(3, (20.0, 25.0), None), 0);
        assert_eq!((rows.count(), rows.of(2)), (3, Some(2)));
    }
}
