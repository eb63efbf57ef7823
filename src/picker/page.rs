//! What stands at the right: which page is wanted, and one that was read.

use codex_git::SessionId;
use codex_git::render::Line;

/// What a page can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The last turns of a conversation.
    Talk { session: SessionId, turns: usize },
    /// A session with all that share a turn with it.
    Graph { session: SessionId },
    /// Where a text is in a conversation.
    Hits { session: SessionId, text: String },
}

/// A page that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub what: What,
    /// How many columns its lines have.
    pub width: usize,
}

impl Wanted {
    /// The session that it is about.
    pub fn session(&self) -> SessionId {
        match self.what {
            What::Talk { session, .. } | What::Graph { session } | What::Hits { session, .. } => session,
        }
    }

    /// Whether another page shows the same, be it more of it.
    pub fn is_like(&self, other: &Self) -> bool {
        match (&self.what, &other.what) {
            (What::Talk { session, .. }, What::Talk { session: other, .. }) => session == other,
            (what, other) => what == other,
        }
    }
}

/// A page that was read.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it answers.
    pub of: Wanted,
    /// What stands above it, however it is scrolled.
    pub head: Vec<Line>,
    pub lines: Vec<Line>,
    /// The turns in it, each with the line that it begins with.
    pub turns: Vec<(u32, usize)>,
    /// Whether nothing stands before it.
    pub is_whole: bool,
}
