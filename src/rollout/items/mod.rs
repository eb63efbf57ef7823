//! A chunk as items: what was asked, answered, run and changed, whichever version of Codex wrote it.
//!
//! Codex writes most things twice, as an item for the model and as an event for people. What counts is what is there, never the version: an
//! event stands for the call that has its id, and for that call's output; a call without an event is paired with the output of its id,
//! wherever that stands; messages and reasoning are taken from events alone, unless the lines have no envelope, where there are no
//! events. Images and encrypted texts are named and measured, and never become text.

mod agent;
mod call;
mod changes;
mod command;
mod context;
mod entry;
mod envelope;
mod event;
mod heredoc;
mod image;
mod opaque;
mod output;
mod pairing;
mod pictures;
mod place;
mod reader;
mod response;
mod settings;
mod tool;

pub use context::contexts;
pub use pictures::pictures;
pub use place::told_in;
pub use reader::Reader;
