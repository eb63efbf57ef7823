//! What stands at the right: a conversation, a graph, or what was found.

use codex_git::render::Style;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::brush::Brush;
use crate::picker::{Pane, Picker};

/// Draws it, if it was read.
pub fn draw(screen: &mut Buffer, picker: &Picker, brush: Brush) {
    let (start, columns) = picker.panes().page();
    let Some(page) = picker.page() else { return };
    let (view, rows) = (picker.view(), picker.panes().rows());
    for (y, line) in (1..).zip(page.head.iter().take(view.head(rows))) {
        brush.line(screen, (start, y), columns, line, Modifier::empty());
    }
    let first = u16::try_from(view.head(rows)).unwrap_or(0) + 1;
    let lines = page.lines.iter().enumerate().skip(view.top()).take(view.body(rows));
    // Only who reads turns has one that keys mean.
    let turn = view.turn().map(|(_, line)| line).filter(|_| picker.pane() == Pane::Page);
    for (y, (at, line)) in (first..).zip(lines) {
        let more = if view.found() == Some(at) { Modifier::REVERSED } else { Modifier::empty() };
        brush.line(screen, (start, y), columns, line, more);
        if turn == Some(at) {
            brush.text(screen, (start.saturating_sub(1), y), 1, Style::Name, brush.mark());
        }
    }
}
