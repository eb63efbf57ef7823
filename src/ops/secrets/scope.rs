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
    /// What is about to leave of some sessions.
    Leaving(&'p [Leaving]),
}

/// What is about to leave of a session.
#[derive(Clone, Debug)]
pub struct Leaving {
    /// The session.
    pub session: SessionId,
    /// Commits: all that they hold leaves, and what they left behind.
    pub heads: Vec<ObjectId>,
    /// Words that leave beside them, each with what it is.
    pub texts: Vec<(&'static str, String)>,
}
