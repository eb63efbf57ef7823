//! Lines that are broken between words.

use super::cells::Cells;
use super::line::{Line, Style};

/// The line in as many lines as it takes. It is broken between words, and within one that is wider than a line.
pub fn wrap(line: Line, columns: Option<usize>) -> Vec<Line> {
    let Some(columns) = columns.filter(|columns| line.width() > *columns) else { return vec![line] };
    let (cells, mut lines, mut start) = (Cells::of(&line), Vec::new(), 0);
    while start < cells.len() {
        let end = cells.end_within(start, columns.max(1));
        let blank = (end < cells.len()).then(|| cells.last_blank(start, end)).flatten();
        let end = blank.unwrap_or(end);
        lines.push(cells.part(start, end).trimmed());
        start = cells.skip_blanks(end);
    }
    lines
}

/// The line wrapped behind `first`, and on further lines behind `rest`, which are as wide as each other.
pub(super) fn hang(first: &Line, rest: &Line, line: Line, columns: Option<usize>) -> Vec<Line> {
    let room = columns.map(|columns| columns.saturating_sub(first.width()).max(1));
    let parts = wrap(line, room).into_iter().enumerate();
    parts.map(|(number, part)| if number == 0 { first } else { rest }.clone().then(&part)).collect()
}

/// Facts side by side, on as many lines as they take; none is broken.
pub fn facts(facts: &[String], columns: Option<usize>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for fact in facts {
        let fact = Line::of(Style::Dim, fact);
        let longer = lines.last().map(|last| last.clone().with(Style::Dim, " · ").then(&fact));
        match longer.filter(|longer| columns.is_none_or(|columns| longer.width() <= columns)) {
            Some(longer) => {
                lines.pop();
                lines.push(longer);
            }
            None => lines.push(fact),
        }
    }
    lines.into_iter().map(|line| line.fit(columns)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, columns: usize) -> Vec<String> {
        wrap(Line::of(Style::Plain, text), Some(columns)).iter().map(Line::text).collect()
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("one two   three", 8), ["one two", "three"]);
        assert_eq!(wrapped("  in front", 6), ["  in", "front"]);
        assert_eq!(wrapped("short", 9), ["short"]);
    }

    #[test]
    fn a_word_wider_than_a_line_is_broken() {
        assert_eq!(wrapped("a abcdefgh", 3), ["a", "abc", "def", "gh"]);
        assert_eq!(wrapped("漢字漢字", 5), ["漢字", "漢字"]);
        assert_eq!(wrapped("漢字", 1), ["漢", "字"]);
    }

    #[test]
    fn what_is_cut_ends_with_an_ellipsis() {
        let cut = |text, columns| Line::of(Style::Plain, text).fit(Some(columns)).text();
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("漢字漢", 4), "漢…");
        assert_eq!(cut("ab cdef", 4), "ab…");
        assert_eq!((cut("abc", 1), cut("abc", 0), cut("abc", 3)), ("…".into(), String::new(), "abc".into()));
    }

    #[test]
    fn styles_stay_where_they_were() {
        let line = Line::of(Style::Plain, "one ").with(Style::Strong, "two three");
        let lines = wrap(line, Some(7));
        assert_eq!(lines[0], Line::of(Style::Plain, "one ").with(Style::Strong, "two"));
        assert_eq!(lines[1], Line::of(Style::Strong, "three"));
    }
}
