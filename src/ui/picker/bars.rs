//! The line at the top, in which the filter is typed, and the line at the bottom, which tells keys, asks, and answers.

use codex_git::model::text::width;
use codex_git::render::{Line, Style};
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

use super::brush::Brush;
use crate::picker::{BINDINGS, Mode, Pane, Picker, Purpose};

/// Between the parts of a line.
const GAP: usize = 2;

/// Draws the line at the top; where the cursor stands, if it stands there.
pub fn top(screen: &mut Buffer, picker: &Picker, brush: Brush) -> Option<(u16, u16)> {
    let columns = usize::from(picker.panes().width);
    let count = Line::of(Style::Dim, &count(picker));
    // What is typed is told first.
    let room = columns.saturating_sub(3);
    let typed = end_of(picker.typed(), room.saturating_sub(1));
    let end = brush.text(screen, (1, 0), 2, Style::Dim, "/ ");
    let end = brush.text(screen, (end, 0), fit(room), Style::Plain, &typed);
    if picker.typed().is_empty() {
        brush.text(screen, (end, 0), fit(room), Style::Dim, question(picker.purpose()));
    }
    let left = 3 + if picker.typed().is_empty() { width(question(picker.purpose())) } else { width(&typed) };
    if left + GAP + count.width() < columns {
        brush.line(screen, (fit(columns - count.width() - 1), 0), fit(columns), &count, Modifier::empty());
    }
    (picker.pane() == Pane::List).then_some((end, 0))
}

fn question(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Look => "",
        Purpose::Fork => " which session is to be forked?",
        Purpose::Resume => " which session is to be resumed?",
    }
}

fn count(picker: &Picker) -> String {
    let ((shown, all), place) = (picker.count(), &picker.listing().place);
    let sessions = if all == 1 { "session" } else { "sessions" };
    let searching = if picker.is_searching() { "searching … " } else { "" };
    format!("{searching}{shown} of {all} {sessions} · {place}")
}

/// Draws the line at the bottom; where the cursor stands, if it stands there.
pub fn bottom(screen: &mut Buffer, picker: &Picker, brush: Brush) -> Option<(u16, u16)> {
    let panes = picker.panes();
    let y = panes.height.checked_sub(1).filter(|y| *y > 0)?;
    let (asks, typed) = match picker.mode() {
        Mode::Plain | Mode::Help { .. } => {
            if let Some(news) = picker.news() {
                tell(screen, (panes.width, y), &Line::of(Style::Plain, news), brush);
                return None;
            }
            let line = match picker.view().waits() {
                true => Line::of(Style::Dim, " reading …"),
                false => hints(picker, usize::from(panes.width), brush),
            };
            brush.line(screen, (0, y), panes.width, &line, Modifier::empty());
            return None;
        }
        Mode::Saving { turn: Some(turn), name, .. } => (format!("save turn {turn} as:"), name.as_str()),
        Mode::Saving { turn: None, name, .. } => ("save where it stands as:".to_owned(), name.as_str()),
        Mode::Renaming { name, .. } => ("its name in Codex:".to_owned(), name.as_str()),
        Mode::Finding { text } => ("find:".to_owned(), text.as_str()),
        Mode::Moving { words, .. } => {
            let line = Line::of(Style::Plain, words).with(Style::Dim, "  y yes  Esc no");
            tell(screen, (panes.width, y), &line, brush);
            return None;
        }
        Mode::Deleting { saves, at } => {
            let name = saves.get(*at).map(String::as_str).unwrap_or_default();
            let more = if saves.len() > 1 { brush.letters("  ↑↓ another", "  Up, Down another") } else { "" };
            let line = Line::of(Style::Plain, &format!("delete the save {name}? its turn stays"));
            let line = line.with(Style::Dim, &format!("  y yes{more}  Esc no"));
            tell(screen, (panes.width, y), &line, brush);
            return None;
        }
    };
    if let Some(news) = picker.news() {
        // What was typed did not do: first why, then the line again.
        let line = Line::of(Style::Plain, news).with(Style::Dim, "  any key: mend it");
        tell(screen, (panes.width, y), &line, brush);
        return None;
    }
    let asks = Line::of(Style::Strong, &format!(" {asks} ")).fit(Some(usize::from(panes.width)));
    let end = brush.line(screen, (0, y), panes.width, &asks, Modifier::empty());
    let room = usize::from(panes.width.saturating_sub(end));
    let end = brush.text(screen, (end, y), fit(room), Style::Plain, &end_of(typed, room.saturating_sub(1)));
    Some((end, y))
}

/// Tells something at the bottom, in as many lines as it takes: what is cut off would be what matters.
fn tell(screen: &mut Buffer, (columns, y): (u16, u16), line: &Line, brush: Brush) {
    let lines = codex_git::render::wrap(line.clone(), Some(usize::from(columns.saturating_sub(2).max(1))));
    let top = (y + 1).saturating_sub(fit(lines.len()));
    let blanks = " ".repeat(usize::from(columns));
    for (y, line) in (top..=y).zip(&lines) {
        brush.text(screen, (0, y), columns, Style::Plain, &blanks);
        brush.line(screen, (1, y), columns, line, Modifier::empty());
    }
}

/// The keys that matter most here, as many as there is room for: the first and the last two stay longest.
fn hints(picker: &Picker, columns: usize, brush: Brush) -> Line {
    let is_fork = picker.purpose() == Purpose::Fork;
    let here = BINDINGS.iter().filter(|binding| binding.pane.is_none_or(|pane| pane == picker.pane()));
    let mut hints: Vec<Line> = Vec::new();
    for binding in here.filter(|binding| !binding.short.is_empty() && picker.can(binding.act)) {
        let short = if is_fork && binding.short == "resume" { "fork" } else { binding.short };
        if is_fork && binding.short == "fork" {
            continue;
        }
        let label = if brush.is_ascii && binding.label == "⏎" { "Enter" } else { binding.label };
        hints.push(Line::of(Style::Strong, label).with(Style::Dim, &format!(" {short}")));
    }
    let taken = |hints: &[Line]| hints.iter().map(|hint| hint.width() + GAP).sum::<usize>();
    while hints.len() > 3 && taken(&hints) > columns + 1 {
        hints.remove(hints.len() - 3);
    }
    let blanks = " ".repeat(GAP);
    let behind = |line: Line, hint: &Line| {
        let gap = if line.is_empty() { " " } else { &blanks };
        line.with(Style::Plain, gap).then(hint)
    };
    hints.iter().fold(Line::default(), behind).fit(Some(columns))
}

/// The end of a text that is typed, as much as there is room for.
fn end_of(text: &str, room: usize) -> String {
    let plain = codex_git::model::text::plain(text);
    let mut rest = plain.as_ref();
    while width(rest) > room {
        let mut letters = rest.chars();
        letters.next();
        rest = letters.as_str();
    }
    rest.to_owned()
}

fn fit(columns: usize) -> u16 {
    u16::try_from(columns).unwrap_or(u16::MAX)
}
