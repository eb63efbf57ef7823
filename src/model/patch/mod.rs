//! Patches: which lines of which files change. Codex writes them in two ways, and each has its parser here. [`Series`] makes
//! one patch for git of many.

mod change;
mod envelope;
mod git;
mod lines;
mod series;
mod sketch;
mod touched;
mod unified;

pub use change::{Change, Edit, Hunk, Sign};
pub use envelope::{changes, envelope};
pub use git::{FileDiff, head};
pub use lines::Lines;
pub use series::{LeftOut, Series};
pub use touched::{Touched, near, touched};
pub use unified::hunks;
