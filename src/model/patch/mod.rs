//! Patches: which lines of which files change. Codex writes them in two ways, and each has its parser here.

mod change;
mod envelope;
mod lines;
mod touched;
mod unified;

pub use change::{Change, Edit, Hunk, Sign};
pub use envelope::{changes, envelope};
pub use lines::Lines;
pub use touched::{Touched, near, touched};
pub use unified::hunks;
