//! A conversation as text: lines of styled spans, for whoever paints them.
//!
//! Nothing here knows a terminal. Texts come from rollouts as they are; every span is made of text fit for a screen, so nothing in it can
//! steer a terminal or pass for another line. Lines are as wide as [`Layout`] says, wide characters counted as two columns.

mod cells;
mod command;
pub mod document;
mod found;
mod graph;
mod item;
mod lanes;
mod layout;
mod line;
mod markdown;
mod output;
pub mod page;
mod patch;
mod rows;
mod ruler;
mod table;
mod turn;
mod words;
mod wrap;

pub use found::found;
pub use graph::{Glyph, Lanes};
pub use item::item;
pub use lanes::{Node, Step, steps};
pub use layout::{Fold, Layout};
pub use line::{Line, Span, Style};
pub use rows::{Row, Rows};
pub use ruler::Ruler;
pub use turn::{Turn, agent, fork};
pub use words::{duration, tokens};
pub use wrap::{facts, wrap};
