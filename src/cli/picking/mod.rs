//! Picking a session: the picker is fed with what the store has, and what it wishes is done.
//!
//! The first frame is made of the table of sessions alone. All that takes longer is done by others (`reader.rs`, `searcher.rs`), so that no key
//! waits: the conversation at the right is asked for when no other key is waiting.

mod deeds;
mod listing;
mod pages;
mod reader;
mod searcher;
mod session;

pub use listing::{Scope, listing};
pub use session::pick;
