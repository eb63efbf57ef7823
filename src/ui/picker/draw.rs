//! The whole screen: a line at the top, the list and the conversation, a line at the bottom.

use codex_git::render::Style;
use ratatui::Frame;

use super::brush::Brush;
use super::{bars, help, list, page};
use crate::picker::{Mode, Pane, Picker};

/// Draws the picker.
pub fn draw(frame: &mut Frame<'_>, picker: &Picker, brush: Brush) {
    let panes = picker.panes();
    let screen = frame.buffer_mut();
    if let Mode::Help { from } = picker.mode() {
        help::draw(screen, picker, *from, brush);
        return;
    }
    let shows = |pane| panes.shows(pane, picker.pane());
    if shows(Pane::List) {
        list::draw(screen, picker, brush);
    }
    if shows(Pane::Page) {
        page::draw(screen, picker, brush);
    }
    if panes.are_both() {
        let style = if picker.pane() == Pane::Page { Style::Name } else { Style::Dim };
        for y in (1..).take(panes.rows()) {
            brush.text(screen, (panes.list(), y), 1, style, brush.letters("│", "|"));
        }
    }
    let top = bars::top(screen, picker, brush);
    let cursor = bars::bottom(screen, picker, brush).or(top);
    if let Some(place) = cursor.filter(|(x, y)| *x < frame.area().width && *y < frame.area().height) {
        frame.set_cursor_position(place);
    }
}
