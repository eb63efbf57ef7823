//! A line in which something was found, cut so that what was found is seen.

use std::ops::Range;

use super::line::{Line, Style};
use crate::model::text;

/// The line, with what was found at some places (in bytes) marked, in so many columns. Blanks before it are left out, unless they say something.
pub fn found(line: &str, places: &[Range<usize>], columns: Option<usize>, keeps_blanks: bool) -> Line {
    let start = if keeps_blanks { 0 } else { line.len() - line.trim_start().len() };
    let start = places.first().map_or(start, |first| start.min(first.start));
    let whole = marked(line, start, places);
    let Some(columns) = columns.filter(|columns| whole.width() > *columns) else { return whole };
    let Some(first) = places.first() else { return whole.fit(Some(columns)) };
    let before = |at: usize| line.get(start..at).map_or(0, text::width);
    if before(first.end) < columns {
        return whole.fit(Some(columns));
    }
    // A third of the room shows what stands before it.
    let (mut from, mut room) = (first.start, columns / 3);
    for (at, letter) in line.get(..first.start).unwrap_or_default().char_indices().rev() {
        let width = text::width(letter.encode_utf8(&mut [0; 4]));
        let Some(left) = room.checked_sub(width) else { break };
        (from, room) = (at, left);
    }
    Line::of(Style::Dim, "…").then(&marked(line, from, places)).fit(Some(columns))
}

/// A line from a byte on, with marks.
fn marked(line: &str, start: usize, places: &[Range<usize>]) -> Line {
    let (mut out, mut at) = (Line::default(), start);
    let mut push = |style, range: Range<usize>| out.push(style, line.get(range).unwrap_or_default());
    for place in places.iter().filter(|place| place.start >= start && line.get((*place).clone()).is_some()) {
        push(Style::Plain, at..place.start);
        push(Style::Found, place.clone());
        at = place.end;
    }
    push(Style::Plain, at..line.len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_seen_however_long_the_line_is() {
        let line = format!("    {}needle{}", "before ".repeat(40), " after".repeat(40));
        let place = line.find("needle").map(|at| at..at + 6).into_iter().collect::<Vec<_>>();
        for columns in 8..200 {
            let shown = found(&line, &place, Some(columns), false);
            assert!(shown.width() <= columns, "{columns}");
            assert!(columns < 12 || shown.text().contains("needle"), "{columns}: {}", shown.text());
        }
        assert_eq!(found(&line, &place, None, false).text(), line.trim_start());
        assert_eq!(found(&line, &place, None, true).text(), line);
    }

    #[test]
    fn marks_stand_on_what_was_found_alone() {
        let line = found("a 漢字 b 漢", &[2..8, 11..14], None, false);
        let marked: Vec<_> = line.spans().iter().filter(|span| span.style == Style::Found).map(|s| s.text()).collect();
        assert_eq!(marked, ["漢字", "漢"]);
    }
}
