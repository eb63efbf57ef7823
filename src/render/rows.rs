//! A history as rows: a turn each, its number and prompt at the left, what is known of it at the right.
//!
//! The prompt is what one looks for, so it keeps at least half of the width. What stands at the right gives way column by column, the
//! first one first, and what is marked on a turn last.

use super::line::{Line, Style};
use crate::model::{screen, text};

/// Between the parts of a row.
const GAP: usize = 2;

/// A row of a history.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What stands before it, such as the lanes of a graph.
    pub before: Line,
    /// The turn's number, or nothing.
    pub number: String,
    /// What was asked.
    pub words: String,
    /// Whether it stands back.
    pub is_aside: bool,
    /// What is marked on it, such as saves.
    pub marks: Vec<(Style, String)>,
    /// What is known of it, the least important first. All rows have as many.
    pub columns: Vec<String>,
}

/// Rows that stand below each other.
pub struct Rows {
    width: Option<usize>,
    number: usize,
    /// How wide each column is; those before `first` are left out.
    columns: Vec<usize>,
    first: usize,
}

impl Rows {
    /// How these rows are laid out.
    pub fn of<'r>(rows: impl IntoIterator<Item = &'r Row>, width: Option<usize>) -> Self {
        let rows: Vec<&Row> = rows.into_iter().collect();
        let number = rows.iter().map(|row| text::width(&row.number)).max().unwrap_or(0).max(2);
        let count = rows.iter().map(|row| row.columns.len()).max().unwrap_or(0);
        let widest = |at: usize| rows.iter().filter_map(|row| row.columns.get(at)).map(|text| text::width(text)).max();
        let columns: Vec<usize> = (0..count).map(|at| widest(at).unwrap_or(0)).collect();
        let taken = |first: usize| columns[first..].iter().map(|width| width + GAP).sum::<usize>();
        let fits = |first: &usize| width.is_none_or(|width| number + GAP + taken(*first) <= width / 2);
        let first = (0..=count).find(fits).unwrap_or(count);
        let width = width.or_else(|| rows.iter().map(|row| natural(row, number, &columns)).max());
        Self { width, number, columns, first }
    }

    /// A row as a line.
    pub fn line(&self, row: &Row) -> Line {
        let mut left = row.before.clone();
        if !row.number.is_empty() {
            left = left.with(Style::Strong, &format!("{:>1$} ", row.number, self.number));
        }
        let words = Line::of(if row.is_aside { Style::Dim } else { Style::Plain }, &screen::line(&row.words));
        let Some(width) = self.width else { return left.then(&words) };
        let most = width.saturating_sub(left.width() + GAP);
        // Lanes leave less for all else.
        let half = if row.before.is_empty() { width / 2 } else { (width - left.width().min(width)) / 2 };
        let keeps = words.width().min(half).min(most);
        let right = self.right(row, most - keeps);
        let room = width.saturating_sub(left.width() + if right.is_empty() { 0 } else { right.width() + GAP });
        let words = words.fit(Some(room));
        let blanks = if right.is_empty() { 0 } else { room - words.width() + GAP };
        left.then(&words).with(Style::Plain, &" ".repeat(blanks)).then(&right).fit(Some(width)).trimmed()
    }

    /// What stands at the right, in no more than this room.
    fn right(&self, row: &Row, room: usize) -> Line {
        let mut marks = Line::default();
        for (style, mark) in &row.marks {
            marks.push(Style::Plain, if marks.is_empty() { "" } else { " " });
            marks.push(*style, &screen::line(mark));
        }
        let count = self.columns.len();
        let fitting = (self.first..=count).map(|first| self.joined(&marks, row, first));
        let fitting = fitting.into_iter().find(|right| right.width() <= room);
        fitting.unwrap_or_else(|| marks.fit(Some(room)))
    }

    /// The marks, and the columns from one on. Columns with nothing in them take no room where nothing stands before them.
    fn joined(&self, marks: &Line, row: &Row, first: usize) -> Line {
        let (mut right, mut has_column) = (marks.clone(), false);
        for (text, width) in row.columns.iter().zip(&self.columns).skip(first) {
            let text = screen::line(text);
            if *width == 0 || (!has_column && text.is_empty()) {
                continue;
            }
            let pad = if has_column { width.saturating_sub(text::width(&text)) } else { 0 };
            let blanks = if right.is_empty() { 0 } else { GAP + pad };
            has_column = true;
            right.push(Style::Dim, &" ".repeat(blanks));
            right.push(Style::Dim, &text);
        }
        right
    }
}

/// How wide a row is if nothing of it is cut.
fn natural(row: &Row, number: usize, columns: &[usize]) -> usize {
    let marks: usize = row.marks.iter().map(|(_, mark)| text::width(mark) + 1).sum();
    let columns: usize = columns.iter().map(|width| width + GAP).sum();
    let words = text::width(&screen::line(&row.words));
    row.before.width() + number + 1 + words + GAP + marks + columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(words: &str, marks: &[&str]) -> Row {
        Row {
            number: "4".into(),
            words: words.into(),
            marks: marks.iter().map(|mark| (Style::Name, (*mark).to_owned())).collect(),
            columns: ["12.1k tokens", "gpt-5.5", "01a20f86-39ad", "2 h"].map(str::to_owned).to_vec(),
            ..Row::default()
        }
    }

    #[test]
    fn a_prompt_keeps_half_of_the_width() {
        let long = row(&"word ".repeat(40), &["[a-save-with-a-long-name]", "failed"]);
        for width in 1..200 {
            let line = Rows::of(std::slice::from_ref(&long), Some(width)).line(&long).text();
            assert!(text::width(&line) <= width, "{width}: {line}");
            let words = line.rfind("wor").map_or(0, |at| at + 4);
            assert!(width < 12 || words + 1 >= width / 2, "{width}: {line}");
        }
    }

    #[test]
    fn columns_go_one_after_the_other() {
        let rows = [row("short", &[]), row("also short", &["[save]"])];
        let shown = |width| Rows::of(&rows, Some(width)).line(&rows[1]).text();
        let kept = |width: usize| ["tokens", "gpt", "01a2", "2 h", "[save]"].map(|part| shown(width).contains(part));
        assert_eq!(kept(100), [true; 5]);
        assert_eq!(kept(70), [false, true, true, true, true]);
        assert_eq!(kept(50), [false, false, true, true, true]);
        assert_eq!(kept(40), [false, false, false, true, true]);
        assert_eq!(kept(24), [false, false, false, false, true]);
    }
}
