//! A conversation as a page: one file of HTML that asks nothing of the network and can be read, folded and printed without its script.
//!
//! Prompts are the only coloured blocks, patches are open, commands are a line each, and what went wrong is the only thing that is warm. No
//! text of a conversation becomes markup ([`Markup`]), and the page forbids all but its own style, its own script and pictures within itself.

mod detail;
mod diff;
mod frame;
mod head;
mod item;
mod layout;
mod map;
mod markdown;
mod markup;
mod output;
mod timeline;
mod turn;

pub use detail::{Amount, Detail};
pub use head::{Entry, Page, Part};
pub use map::Stop;
pub use markup::Markup;
pub use timeline::{Band, Bar, Timeline};
pub use turn::{Branch, Section};
