//! How lines are put on the screen: with colours or without, in letters of any kind or in ASCII alone.

use anstyle::{AnsiColor, Color as Paint, Effects};
use codex_git::render::{Line, Style};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style as Look};

use crate::ui::paint;

/// How lines are put on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Brush {
    pub is_coloured: bool,
    pub is_ascii: bool,
}

impl Brush {
    /// Puts a line on a row, from a column on and in no more than so many; gives the column behind it.
    ///
    /// Lines hold nothing that steers a terminal, so nothing that does gets into a cell.
    pub fn line(self, screen: &mut Buffer, (x, y): (u16, u16), columns: u16, line: &Line, more: Modifier) -> u16 {
        let (mut at, end) = (x, x.saturating_add(columns).min(screen.area.right()));
        if y >= screen.area.bottom() {
            return at;
        }
        for span in line.spans() {
            let room = usize::from(end.saturating_sub(at));
            if room > 0 {
                at = screen.set_stringn(at, y, span.text(), room, self.look(span.style).add_modifier(more)).0;
            }
        }
        at
    }

    /// The same of a text in one style.
    pub fn text(self, screen: &mut Buffer, place: (u16, u16), columns: u16, style: Style, text: &str) -> u16 {
        let line = Line::of(style, text).fit(Some(usize::from(columns)));
        self.line(screen, place, columns, &line, Modifier::empty())
    }

    /// One of two texts: for screens that have all letters, or for the others.
    pub const fn letters(self, drawn: &'static str, ascii: &'static str) -> &'static str {
        if self.is_ascii { ascii } else { drawn }
    }

    /// What marks a selected row: where colours stand out, a bar does.
    pub const fn mark(self) -> &'static str {
        if self.is_coloured && !self.is_ascii { "▌" } else { ">" }
    }

    /// How a selected row looks besides its mark.
    pub const fn selected(self) -> Modifier {
        if self.is_coloured { Modifier::BOLD } else { Modifier::REVERSED }
    }

    fn look(self, style: Style) -> Look {
        if !self.is_coloured {
            return Look::new();
        }
        let paint = paint::of(style);
        let effects =
            [(Effects::BOLD, Modifier::BOLD), (Effects::DIMMED, Modifier::DIM), (Effects::ITALIC, Modifier::ITALIC)];
        let has = |effect: Effects| paint.get_effects().contains(effect);
        let look = effects.into_iter().filter(|(effect, _)| has(*effect));
        let look = look.fold(Look::new(), |look, (_, modifier)| look.add_modifier(modifier));
        paint.get_fg_color().map_or(look, |paint| look.fg(colour(paint)))
    }
}

fn colour(paint: Paint) -> Color {
    match paint {
        Paint::Ansi(AnsiColor::Red) => Color::Red,
        Paint::Ansi(AnsiColor::Green) => Color::Green,
        Paint::Ansi(AnsiColor::Yellow) => Color::Yellow,
        Paint::Ansi(AnsiColor::Cyan) => Color::Cyan,
        _ => Color::Reset,
    }
}
