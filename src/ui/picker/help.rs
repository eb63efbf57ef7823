//! The keys, all of them.

use codex_git::render::{Line, Style};
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::brush::Brush;
use crate::picker::{BINDINGS, Picker, Purpose};

/// How wide the column of keys is.
const KEYS: usize = 11;

/// Draws them, from one on.
pub fn draw(screen: &mut Buffer, picker: &Picker, from: usize, brush: Brush) {
    let panes = picker.panes();
    let told = BINDINGS.iter().filter(|binding| !binding.words.is_empty());
    let all = told.clone().count();
    let columns = usize::from(panes.width);
    for (y, binding) in (1..).zip(told.skip(from.min(all.saturating_sub(panes.rows()))).take(panes.rows())) {
        let label = match (brush.is_ascii, binding.label) {
            (true, "⏎") => "Enter",
            (true, "↑ ↓") => "Up Down",
            (_, label) => label,
        };
        let words = match (binding.label, picker.purpose()) {
            ("⏎", Purpose::Fork) => "fork the session where it stands",
            // Codex is started only where nothing else was asked for.
            (_, Purpose::Fork) => binding.words.trim_end_matches(", and continue the fork"),
            _ => binding.words,
        };
        let line = Line::of(Style::Strong, &format!(" {label:<KEYS$}")).with(Style::Plain, words);
        brush.line(screen, (0, y), panes.width, &line.fit(Some(columns)), Modifier::empty());
    }
    let end = if all > panes.rows() { " ↑↓ more  any other key: back" } else { " any key: back" };
    if let Some(y) = panes.height.checked_sub(1).filter(|y| *y > 0) {
        brush.text(screen, (0, y), panes.width, Style::Dim, end);
    }
}
