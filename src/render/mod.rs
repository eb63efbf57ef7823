//! A conversation as text: lines of styled spans, for whoever paints them.
//!
//! Nothing here knows a terminal. Texts come from rollouts as they are; every span is made of text fit for a screen, so nothing in it can
//! steer a terminal or pass for another line. Lines are as wide as [`Layout`] says, wide characters counted as two columns.

mod cells;
mod command;
mod item;
mod layout;
mod line;
mod markdown;
mod output;
mod patch;
mod ruler;
mod table;
mod turn;
mod words;
mod wrap;

pub use item::item;
pub use layout::{Fold, Layout};
pub use line::{Line, Span, Style};
pub use ruler::Ruler;
pub use turn::{Turn, agent, fork};
pub use words::{duration, tokens};
pub use wrap::{facts, wrap};
