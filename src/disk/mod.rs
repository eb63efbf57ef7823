//! Files that are whole or not there: how files are opened and made, whatever stands in them.
//!
//! Only regular files are read, and what codex-git makes can be read by nobody but its owner.

pub(crate) mod private;
pub(crate) mod regular;
