//! Columns of text, as wide as what is in them, with the last one cut to the terminal.

use std::io::{self, Write};

use anstyle::Style;
use codex_git::model::text;

/// On which side of its column a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// One cell: its parts, each with a style.
type Cell = Vec<(Style, String)>;

/// A table in the making.
pub struct Table {
    columns: Vec<Align>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these columns.
    pub fn new(columns: &[Align]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row: for each column its parts, in order.
    pub fn row(&mut self, cells: Vec<Vec<(Style, String)>>) {
        let safe = |(style, part): (Style, String)| (style, text::plain(&part));
        self.rows.push(cells.into_iter().map(|cell| cell.into_iter().map(safe).collect()).collect());
    }

    /// Writes the table; no line is wider than `width`, if that is given.
    pub fn write(&self, out: &mut dyn Write, width: Option<usize>) -> io::Result<()> {
        let widths: Vec<usize> = (0..self.columns.len()).map(|column| self.column_width(column)).collect();
        self.rows.iter().try_for_each(|row| self.write_row(out, row, &widths, width))
    }

    fn column_width(&self, column: usize) -> usize {
        self.rows.iter().filter_map(|row| row.get(column)).map(cell_width).max().unwrap_or(0)
    }

    fn write_row(&self, out: &mut dyn Write, row: &[Cell], widths: &[usize], width: Option<usize>) -> io::Result<()> {
        let mut left = width.unwrap_or(usize::MAX);
        let mut gap = 0;
        for (column, cell) in row.iter().enumerate() {
            if widths[column] == 0 {
                continue;
            }
            let last = row[column + 1..].iter().all(Vec::is_empty);
            let pad = widths[column] - cell_width(cell);
            let (before, after) = if self.columns[column] == Align::Right { (pad, 0) } else { (0, pad) };
            if left <= gap + before {
                break;
            }
            left -= gap + before;
            write!(out, "{:1$}", "", gap + before)?;
            write_cell(out, cell, &mut left)?;
            if last {
                break;
            }
            gap = after + 2;
        }
        writeln!(out)
    }
}

fn cell_width(cell: &Cell) -> usize {
    cell.iter().map(|(_, part)| text::width(part)).sum()
}

fn write_cell(out: &mut dyn Write, cell: &Cell, left: &mut usize) -> io::Result<()> {
    for (style, part) in cell {
        if *left == 0 {
            break;
        }
        let part = text::fit(part, *left);
        *left = left.saturating_sub(text::width(&part));
        write!(out, "{style}{part}{style:#}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[&str; 3]], width: Option<usize>) -> String {
        let mut table = Table::new(&[Align::Right, Align::Left, Align::Left]);
        for row in rows {
            table.row(
                row.iter()
                    .map(|text| if text.is_empty() { vec![] } else { vec![(Style::new(), (*text).to_owned())] })
                    .collect(),
            );
        }
        let mut out = Vec::new();
        table.write(&mut out, width).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_line_up_and_nothing_trails() {
        assert_eq!(table(&[["9", "漢", "x"], ["10", "abc", ""]], None), " 9  漢   x\n10  abc\n");
    }

    #[test]
    fn a_line_is_cut_to_the_width() {
        assert_eq!(table(&[["1", "ab", "a long title"]], Some(12)), "1  ab  a lo…\n");
        assert_eq!(table(&[["1", "a", "title"], ["1", "abcd", "x"]], Some(14)), "1  a     title\n1  abcd  x\n");
        assert_eq!(table(&[["1", "ab", "title"], ["1", "abc", "title"]], Some(5)), "1  ab\n1  a…\n");
    }

    #[test]
    fn nothing_in_a_cell_steers_the_terminal() {
        assert_eq!(table(&[["1", "a\u{1b}[2J", "x"]], None), "1  a [2J  x\n");
    }
}
