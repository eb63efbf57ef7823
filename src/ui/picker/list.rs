//! The tree of sessions.

use codex_git::model::screen::line;
use codex_git::render::{Line, Style};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::brush::Brush;
use crate::picker::{Branch, Entry, Pane, Picker};

/// A list that is narrower tells what a session is called, and nothing else.
const NARROW: usize = 30;

/// Draws it.
pub fn draw(screen: &mut Buffer, picker: &Picker, brush: Brush) {
    let columns = picker.panes().list();
    for (y, (at, entry, is_selected)) in (1..).zip(picker.rows()) {
        let is_here = is_selected && picker.pane() == Pane::List;
        let mark =
            Line::of(if is_here { Style::Name } else { Style::Dim }, if is_selected { brush.mark() } else { " " });
        let more = if is_selected { brush.selected() } else { Modifier::empty() };
        let facts = if usize::from(columns) < NARROW { Line::default() } else { facts(entry, brush) };
        let room = columns.saturating_sub(u16::try_from(facts.width()).unwrap_or(0));
        let words = words(picker, (at, entry), usize::from(room.saturating_sub(1)), brush);
        if is_selected {
            brush.text(screen, (0, y), columns, Style::Plain, &" ".repeat(usize::from(columns)));
            screen.set_style(Rect::new(0, y, columns, 1).intersection(screen.area), more);
        }
        brush.line(screen, (0, y), room, &mark.then(&words), more);
        // They stand in their column, however wide a terminal takes the words for.
        brush.line(screen, (room, y), columns, &facts, more);
    }
    if picker.count().0 == 0 && picker.panes().rows() > 0 {
        brush.text(screen, (1, 1), columns.saturating_sub(1), Style::Dim, &nothing(picker));
    }
}

/// Why the list is empty.
fn nothing(picker: &Picker) -> String {
    let listing = picker.listing();
    match (picker.is_searching(), picker.typed().is_empty()) {
        (true, _) => "searching …".to_owned(),
        (false, false) => "no session matches".to_owned(),
        (false, true) if !listing.everywhere && listing.all > 0 => format!("none here; ^T lists all {}", listing.all),
        (false, true) => "no session is recorded yet".to_owned(),
    }
}

/// What the session is called, behind its branch.
fn words(picker: &Picker, (at, entry): (usize, &Entry), room: usize, brush: Brush) -> Line {
    // Branches leave the words half of the room.
    let mut left = branch(&picker.branch(at, room / 4), brush);
    if picker.is_open(entry.id) {
        left.push(Style::Added, brush.letters("▪ ", "* "));
    }
    if entry.is_agent {
        left.push(Style::Dim, brush.letters("◇ ", "+ "));
    }
    let words = Line::of(shade(entry), &line(entry.words())).fit(Some(room.saturating_sub(left.width())));
    left.then(&words)
}

/// Its saves, its own turns, and how old it is.
fn facts(entry: &Entry, brush: Brush) -> Line {
    let saves = match entry.saves.len() {
        0 => String::new(),
        count => format!("{}{count}", brush.letters("▾", "v")),
    };
    let own = if entry.own == 0 { brush.letters("–", "-").to_owned() } else { entry.own.to_string() };
    Line::of(Style::Name, &format!("{saves:>5}"))
        .with(shade(entry), &format!(" {own:>4}"))
        .with(Style::Dim, &format!(" {:>6} ", entry.age))
}

/// What Codex has no file of stands back.
fn shade(entry: &Entry) -> Style {
    if entry.is_kept_only { Style::Dim } else { Style::Plain }
}

fn branch(branch: &Branch, brush: Brush) -> Line {
    let mut drawn = Line::of(Style::Dim, if branch.is_folded { brush.letters("…", ".") } else { "" });
    let Some((last, others)) = branch.goes_on.split_last() else { return drawn };
    for goes_on in others {
        drawn.push(Style::Dim, if *goes_on { brush.letters("│ ", "| ") } else { "  " });
    }
    drawn.push(Style::Dim, if *last { brush.letters("├ ", "|-") } else { brush.letters("└ ", "`-") });
    drawn
}
