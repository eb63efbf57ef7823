//! Columns of text, as wide as what is in them, with the last one cut to the terminal.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use anstyle::Style;
use codex_git::model::text;

/// On which side of its column a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// A table in the making. Tens of thousands of rows are usual, so that all words stand in one text, one cell after the other.
pub struct Table {
    columns: Vec<Align>,
    text: String,
    parts: Vec<Part>,
    /// The cells of all rows, as many for each as there are columns.
    cells: Vec<Cell>,
}

/// Words of one style: those up to this place in the table's text.
#[derive(Clone, Copy)]
struct Part {
    style: Style,
    end: usize,
}

/// A cell: how many columns of the terminal it takes, and its parts, up to this number.
#[derive(Clone, Copy)]
struct Cell {
    width: usize,
    end: usize,
}

/// A row in the making. Columns that nothing was put into are empty.
pub struct Row<'a> {
    table: &'a mut Table,
    end: usize,
}

impl Table {
    /// A table with these columns.
    pub fn new(columns: &[Align]) -> Self {
        Self { columns: columns.to_vec(), text: String::new(), parts: Vec::new(), cells: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self) -> Row<'_> {
        let end = self.cells.len() + self.columns.len();
        Row { table: self, end }
    }

    /// Writes the table; no line is wider than `width`, if that is given.
    pub fn write(&self, out: &mut dyn Write, width: Option<usize>) -> io::Result<()> {
        let mut widths = vec![0; self.columns.len()];
        for row in self.cells.chunks(self.columns.len()) {
            row.iter().zip(&mut widths).for_each(|(cell, width)| *width = cell.width.max(*width));
        }
        let (mut line, mut first) = (String::new(), 0);
        for row in self.cells.chunks(self.columns.len()) {
            line.clear();
            // Writing to a string can't fail.
            let _ = self.write_row(&mut line, first, row, &widths, width.unwrap_or(usize::MAX));
            first = row.last().map_or(first, |cell| cell.end);
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }

    /// Writes the cells of a row, the first of whose parts has this number.
    fn write_row(
        &self,
        line: &mut String,
        mut first: usize,
        row: &[Cell],
        widths: &[usize],
        mut left: usize,
    ) -> std::fmt::Result {
        let mut gap = 0;
        let filled = row.iter().rposition(|cell| cell.width > 0).map_or(0, |last| last + 1);
        for (column, cell) in row[..filled].iter().enumerate() {
            let parts = first..cell.end;
            first = cell.end;
            if widths[column] == 0 {
                continue;
            }
            let pad = widths[column] - cell.width;
            let (before, after) = if self.columns[column] == Align::Right { (pad, 0) } else { (0, pad) };
            if left <= gap + before {
                break;
            }
            left -= gap + before;
            write!(line, "{:1$}", "", gap + before)?;
            for number in parts {
                self.write_part(line, number, &mut left)?;
            }
            gap = after + 2;
        }
        Ok(())
    }

    fn write_part(&self, line: &mut String, number: usize, left: &mut usize) -> std::fmt::Result {
        let Part { style, end } = self.parts[number];
        let part = &self.text[self.end_of_part(number)..end];
        if *left == 0 || part.is_empty() {
            return Ok(());
        }
        let part = text::fit(part, *left);
        *left = left.saturating_sub(text::width(&part));
        if style == Style::new() {
            line.push_str(&part);
            return Ok(());
        }
        write!(line, "{style}{part}{style:#}")
    }

    /// Where the part before this number ends.
    fn end_of_part(&self, number: usize) -> usize {
        number.checked_sub(1).map_or(0, |before| self.parts[before].end)
    }
}

impl Row<'_> {
    /// Puts words into the next column.
    pub fn cell(self, style: Style, words: impl Display) -> Self {
        self.parts([(style, words)])
    }

    /// Puts words of several styles into the next column.
    pub fn parts(self, parts: impl IntoIterator<Item = (Style, impl Display)>) -> Self {
        let Table { text, parts: put, cells, .. } = &mut *self.table;
        let mut width = 0;
        for (style, words) in parts {
            let start = text.len();
            // Writing to a string can't fail.
            let _ = write!(text, "{words}");
            if let Cow::Owned(safe) = text::plain(&text[start..]) {
                text.truncate(start);
                text.push_str(&safe);
            }
            width += text::width(&text[start..]);
            put.push(Part { style, end: text.len() });
        }
        debug_assert!(cells.len() < self.end, "a row has no more cells than there are columns");
        cells.push(Cell { width, end: put.len() });
        self
    }
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        let end = self.table.parts.len();
        self.table.cells.resize(self.end, Cell { width: 0, end });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[&str; 3]], width: Option<usize>) -> String {
        let mut table = Table::new(&[Align::Right, Align::Left, Align::Left]);
        for [a, b, c] in rows {
            table.row().cell(Style::new(), a).cell(Style::new(), b).cell(Style::new(), c);
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

    #[test]
    fn a_cell_has_parts_and_a_row_may_end_early() {
        let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
        table.row().parts([(Style::new().bold(), "a"), (Style::new(), "b")]);
        table.row().cell(Style::new(), "c").cell(Style::new(), "").cell(Style::new(), "d");
        let mut out = Vec::new();
        table.write(&mut out, None).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\u{1b}[1ma\u{1b}[0mb\nc   d\n");
    }
}
