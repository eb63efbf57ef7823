//! Outputs: dim, indented, and folded. Of what went well the first lines are shown, of what failed the last, where the reason stands.

use super::layout::Layout;
use super::line::{Line, Style};
use super::words::count;
use crate::model::screen;

const INDENT: &str = "    ";

/// An output as lines.
pub(super) fn output(text: &str, failed: bool, layout: &Layout) -> Vec<Line> {
    at_most(text, layout.output_lines(failed), failed, layout)
}

/// No more of a text than some lines, the first or the last. One line is never hidden alone: its count would take as much room.
pub(super) fn at_most(text: &str, most: usize, last: bool, layout: &Layout) -> Vec<Line> {
    let text = screen::lines(text, 8);
    let lines: Vec<&str> = text.trim_end().split('\n').collect();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let remark = |words: String| Line::of(Style::Dim, &format!("{INDENT}{words}"));
    let indent = Line::of(Style::Dim, INDENT);
    let show = |line: &&str| layout.long(&indent, &indent, Line::of(Style::Dim, line));
    if lines.len() <= most.saturating_add(1) {
        return lines.iter().flat_map(show).collect();
    }
    let hidden = lines.len() - most;
    if last {
        let shown = lines[hidden..].iter().flat_map(show);
        return std::iter::once(remark(format!("… {} before", count(hidden, "line")))).chain(shown).collect();
    }
    let shown = lines[..most].iter().flat_map(show);
    shown.chain([remark(format!("… {hidden} more lines"))]).collect()
}
