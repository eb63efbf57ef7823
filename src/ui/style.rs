//! The few styles that output uses. Streams that are no terminal drop them.

use anstyle::{AnsiColor, Effects, Reset, Style};

pub const BOLD: Style = Style::new().effects(Effects::BOLD);
pub const DIM: Style = Style::new().effects(Effects::DIMMED);
pub const NAME: Style = AnsiColor::Cyan.on_default().effects(Effects::BOLD);
pub const ERROR: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
pub const WARN: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
pub const HINT: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
pub const RESET: Reset = Reset;
