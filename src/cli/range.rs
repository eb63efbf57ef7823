//! A range of points as a person types it: `A..B`, where an end that nobody typed is the current session.

use codex_git::Workspace;

use super::context::Context;

/// The two ends of a range; `None` for what is one point. What is no point by itself may be a range: a session can be called something with
/// two dots in it.
pub fn ends<'a>(context: &Context, workspace: &Workspace, typed: &'a str) -> Option<[Option<&'a str>; 2]> {
    let whole = || workspace.resolve(&context.here, typed);
    let is_range = || matches!(whole(), Err(codex_git::Error::Range(_) | codex_git::Error::NotFound { .. }));
    let (a, b) = typed.split_once("..").filter(|(_, b)| !b.starts_with('.') && is_range())?;
    Some([a, b].map(|typed| Some(typed).filter(|typed| !typed.is_empty())))
}
