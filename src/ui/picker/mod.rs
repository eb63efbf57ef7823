//! The picker on a terminal: its screen, its keys, and what it looks like. The only place that names ratatui.

mod bars;
mod brush;
mod draw;
mod guard;
mod help;
mod input;
mod list;
mod page;
mod screen;
mod signals;

pub use brush::Brush;
pub use screen::{Event, Screen};
