//! Which session is meant where a person named none: the picker asks, if a person sits at a terminal and several could be.

use codex_git::{SessionId, Workspace};

use super::context::Context;
use super::failure::Failure;

/// What was chosen.
pub struct Choice {
    pub session: SessionId,
    /// The turn; if there is none, where the session stands.
    pub turn: Option<u32>,
    /// Whether to fork it, and not to continue it itself.
    pub is_fork: bool,
}

/// What to fork; `None` where nobody is asked, and then a revision has to be typed.
///
/// # Errors
/// When the store can't be read, or nothing was chosen.
pub fn to_fork(context: &Context, workspace: &Workspace, no_ui: bool) -> Result<Option<Choice>, Failure> {
    asked(context, workspace, (no_ui, true))
}

/// What to continue; `None` where nobody is asked, and then it is the current session.
///
/// # Errors
/// As [`to_fork`].
pub fn to_resume(context: &Context, workspace: &Workspace, no_ui: bool) -> Result<Option<Choice>, Failure> {
    asked(context, workspace, (no_ui, false))
}

#[cfg(feature = "ui")]
fn asked(context: &Context, workspace: &Workspace, (no_ui, to_fork): (bool, bool)) -> Result<Option<Choice>, Failure> {
    use super::picking::{self, Scope};
    use crate::picker::Purpose;
    if no_ui || !context.opens_picker || context.asks.is_err() {
        return Ok(None);
    }
    let mut listing = picking::listing(context, workspace, Scope::Here)?;
    if listing.people() == 0 {
        listing = picking::listing(context, workspace, Scope::Everywhere)?;
    }
    let purpose = if to_fork { Purpose::Fork } else { Purpose::Resume };
    match listing.entries.iter().find(|entry| !entry.is_agent) {
        Some(_) if listing.people() > 1 => picking::pick(context, listing, purpose)?.map(Some).ok_or(Failure::Left),
        // There is nothing to choose from.
        Some(only) if to_fork => Ok(Some(Choice { session: only.id, turn: None, is_fork: true })),
        _ => Ok(None),
    }
}

#[cfg(not(feature = "ui"))]
fn asked(_: &Context, _: &Workspace, _: (bool, bool)) -> Result<Option<Choice>, Failure> {
    Ok(None)
}
