//! Saving a point, and what goes with it.

use codex_git::Workspace;
use codex_git::model::SaveName;
use codex_git::ops::{Point, Saved};

use super::codex;
use super::context::Context;
use super::failure::Failure;

/// Names a point. Its session gets the name in Codex, too, if it has none there.
///
/// # Errors
/// When the save can't be written.
pub fn save(
    context: &Context,
    workspace: &Workspace,
    (name, point): (&SaveName, &Point),
    note: Option<&str>,
    tell: impl FnOnce(&Saved) -> Result<(), Failure>,
) -> Result<Saved, Failure> {
    let saved = workspace.save_with_note(name, point, note, context.unix_now())?;
    tell(&saved)?;
    if workspace.give_name_if_unnamed(saved.save.session, name) {
        codex::name(context, saved.save.session, name.as_str(), true);
    }
    Ok(saved)
}
