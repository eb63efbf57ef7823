//! Which turn wrote a line of a file: the file's past, played from its beginning, with an origin for every line.
//!
//! What is known of the past are patches, whose lines come from a turn, and states that the file had, such as those in commits. Between these,
//! others change it, and nobody tells. So a line's origin is a turn only where a patch put the very line there; what was found by likeness, or
//! by the words of a command, says so. What is not proven is unknown.

mod differ;
mod event;
mod gone;
mod order;
mod past;
mod replay;
mod runs;
mod state;
mod suspects;

pub use event::{Event, Known};
pub use past::{Past, trace};
pub use state::{Origin, Traced};
pub use suspects::{Ran, suspects};
