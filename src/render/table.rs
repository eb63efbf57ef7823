//! Tables: columns as wide as what is in them, and the widest narrowed where there is no room.

use super::line::{Line, Style};

/// Between columns.
const GAP: usize = 2;

/// The narrowest that a column gets.
const NARROWEST: usize = 3;

/// A table in the making. Its first row is its head.
#[derive(Default)]
pub(super) struct Table(Vec<Vec<Line>>);

impl Table {
    /// A row begins.
    pub fn row(&mut self) {
        self.0.push(Vec::new());
    }

    /// Adds a cell to the last row.
    pub fn cell(&mut self, cell: Line) {
        self.0.iter_mut().last().into_iter().for_each(|row| row.push(cell.clone()));
    }

    /// The rows as lines of no more than these columns.
    pub fn lines(&self, columns: Option<usize>) -> Vec<Line> {
        let widths = self.widths(columns);
        let line = |(number, row): (usize, &Vec<Line>)| {
            let mut line = Line::default();
            for (cell, width) in row.iter().zip(&widths) {
                let cell = if number == 0 { Line::of(Style::Strong, &cell.text()) } else { cell.clone() };
                let cell = cell.fit(Some(*width));
                let blanks = width - cell.width().min(*width) + GAP;
                line = line.then(&cell).with(Style::Plain, &" ".repeat(blanks));
            }
            line.trimmed().fit(columns)
        };
        self.0.iter().enumerate().map(line).collect()
    }

    fn widths(&self, columns: Option<usize>) -> Vec<usize> {
        let count = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| self.0.iter().filter_map(|row| row.get(column)).map(Line::width).max();
        let mut widths: Vec<usize> = (0..count).map(|column| widest(column).unwrap_or(0)).collect();
        let Some(room) = columns.map(|columns| columns.saturating_sub(GAP * count.saturating_sub(1))) else {
            return widths;
        };
        while widths.iter().sum::<usize>() > room {
            match widths.iter_mut().max().filter(|widest| **widest > NARROWEST) {
                Some(widest) => *widest -= 1,
                None => break,
            }
        }
        widths
    }
}
