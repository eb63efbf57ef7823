//! Lines of a conversation, painted.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects, Style as Paint};
use codex_git::render::{Line, Style};

use super::style::{BOLD, DIM, NAME};

/// Writes a line.
pub fn paint(out: &mut dyn Write, line: &Line) -> io::Result<()> {
    for span in line.spans() {
        let paint = of(span.style);
        write!(out, "{paint}{}{paint:#}", span.text())?;
    }
    writeln!(out)
}

/// What a style looks like on a terminal.
pub(super) fn of(style: Style) -> Paint {
    match style {
        Style::Plain => Paint::new(),
        Style::Prompt | Style::Name => NAME,
        Style::Strong => BOLD,
        Style::Emphasis => Effects::ITALIC.into(),
        Style::Code => AnsiColor::Cyan.on_default(),
        Style::Dim => DIM,
        Style::Found => AnsiColor::Red.on_default().effects(Effects::BOLD),
        Style::Warning => AnsiColor::Yellow.on_default(),
        Style::Added => AnsiColor::Green.on_default(),
        Style::Removed => AnsiColor::Red.on_default(),
    }
}
