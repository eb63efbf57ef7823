//! What is scanned for secrets: all, or what goes where a point goes.

use crate::model::{ObjectId, SessionId};
use crate::ops::Point;

/// What is scanned.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'p> {
    /// All sessions, with what they left behind.
    All,
    /// The conversation up to a point, with what it left behind: all that goes where the point goes.
    UpTo(&'p Point),
    /// Sessions up to the heads that each has, with what they left behind, their names and their saves.
    Heads(&'p [(SessionId, Vec<ObjectId>)]),
}
