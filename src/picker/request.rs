//! What the picker wishes done: it does nothing itself.

use codex_git::SessionId;

/// What a key came to that others have to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To end without a choice.
    Leave,
    /// To stop until the shell says to go on.
    Suspend,
    /// To list the sessions and to draw everything anew.
    Redraw,
    /// To end with this.
    Choose(Choice),
    /// To do this and go on.
    Do(Deed),
    /// To put an id where it can be pasted from.
    Copy(SessionId),
    /// To list the sessions of every directory, or of this one.
    List { everywhere: bool },
}

/// What the picker ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub session: SessionId,
    /// The turn; if there is none, where the session stands.
    pub turn: Option<u32>,
    /// Whether to fork it, and not to continue it itself.
    pub is_fork: bool,
}

/// What came of something that was to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was done; what to tell.
    Told(String),
    /// It was not done, and why not; another answer may do.
    Refused(String),
    /// It is done only after a yes to this.
    Asks(String),
}

/// Something to do while the picker stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// To save a turn, or where the session stands. `moves`: even if another turn has the name.
    Save { session: SessionId, turn: Option<u32>, name: String, moves: bool },
    /// To name a session in Codex.
    Rename { session: SessionId, name: String },
    /// To open a session as a page.
    Export { session: SessionId },
    /// To delete a save.
    Delete { name: String },
}
