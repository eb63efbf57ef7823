//! Saving a point, and what goes with it.

use codex_git::model::shell::{command, quoted};
use codex_git::model::{ObjectId, SaveName};
use codex_git::ops::{Point, Saved};
use codex_git::{Error, Workspace};

use super::codex;
use super::context::Context;
use super::failure::Failure;

/// What a name means already, if it does not only mean this save; in words.
pub fn other_meaning(workspace: &Workspace, name: &SaveName) -> Option<String> {
    let is_number = name.as_str().len() < 7 && name.as_str().parse::<u32>().is_ok();
    let begins = |workspace: &Workspace| match workspace.session_like(name.as_str()) {
        Ok(Some(_)) => Some("the beginning of a session's id"),
        Err(Error::Ambiguous { .. }) => Some("the beginning of several session ids"),
        _ => None,
    };
    let what = if is_number { "a turn's number" } else { begins(workspace)? };
    Some(format!("`{name}` is {what}, too; from now on it means this save"))
}

/// The words that bring a save back that is gone.
pub fn again(name: &SaveName, commit: ObjectId, note: Option<&str>) -> String {
    let verb = note.map_or_else(|| "save".to_owned(), |note| format!("save -m {}", quoted(note)));
    command(&verb, &[name.as_str(), &commit.short()])
}

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
    if workspace.give_name_if_unnamed(saved.save.session, name, context.unix_now()) {
        codex::name(context, saved.save.session, name.as_str(), true);
    }
    Ok(saved)
}
