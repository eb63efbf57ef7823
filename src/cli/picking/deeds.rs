//! What is done while the picker stays: saves, names, and what is told of them in the line at the bottom.

use codex_git::model::{SaveName, text};
use codex_git::{SessionId, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::paging::{Pages, Wanted};
use crate::cli::words::{short, shown};
use crate::cli::{codex, opening, outputs, saving};
use crate::picker::{Deed, Done};

/// Does it; what came of it.
///
/// # Errors
/// When it was not done.
pub fn act(context: &Context, deed: &Deed) -> Result<Done, Failure> {
    // A store that is gone since the picker began must not be written to.
    let workspace = &context.workspace()?;
    match deed {
        Deed::Save { session, turn, name, moves } => save(context, workspace, (*session, *turn), (name, *moves)),
        Deed::Rename { session, name } => rename(context, workspace, *session, name).map(Done::Told),
        Deed::Export { session } => export(context, workspace, *session).map(Done::Told),
        Deed::Delete { name } => delete(context, workspace, &Workspace::save_name(name)?).map(Done::Told),
    }
}

fn save(
    context: &Context,
    workspace: &Workspace,
    (session, turn): (SessionId, Option<u32>),
    (typed, moves): (&str, bool),
) -> Result<Done, Failure> {
    let name = Workspace::save_name(typed)?;
    let resolved = workspace.resolve(&context.here, &session.to_string())?;
    if let Some(error) = resolved.stale {
        // A name on something older than what the person sees would lie.
        return Err(error.into());
    }
    let point = match turn {
        Some(turn) => workspace.turn_of(&resolved.point, turn)?,
        None => resolved.point,
    };
    let before = workspace.saves()?.into_iter().find(|save| save.name == name && save.commit != point.id);
    if let Some(before) = before.filter(|_| !moves) {
        let (turn, own) = (before.turn, short(before.session));
        return Ok(Done::Asks(format!("{name} is turn {turn} of {own}; move it to turn {}?", point.message.turn)));
    }
    let other = saving::other_meaning(workspace, &name).map(|meaning| format!("; {meaning}"));
    let saved = saving::save(context, workspace, (&name, &point), None, |_| Ok(()))?;
    let moved = match saved.before.filter(|before| before.commit != saved.save.commit) {
        Some(before) => format!("; it was turn {} of {}", before.turn, short(before.session)),
        None => String::new(),
    };
    let (turn, other) = (saved.save.turn, other.unwrap_or_default());
    Ok(Done::Told(format!("saved {name}: turn {turn} of {}{moved}{other}", short(session))))
}

fn rename(context: &Context, workspace: &Workspace, session: SessionId, typed: &str) -> Result<String, Failure> {
    let name = text::plain(typed.trim());
    workspace.rename(&context.codex, session, &name)?;
    Ok(format!("{} is {name} in Codex now", short(session)))
}

/// The page lies where temporary files do: nothing is left where the person stands.
fn export(context: &Context, workspace: &Workspace, session: SessionId) -> Result<String, Failure> {
    let point = workspace.resolve(&context.here, &session.to_string())?.point;
    let mut pages = Pages::of(context, workspace, &Wanted::whole(&point, &|_| None))?;
    let path = outputs::keep_temporary(&short(session), |out| Ok(pages.write(0, out)?))?;
    Ok(match opening::open(&path) {
        Ok(()) => format!("opened {}", shown(&path)),
        Err(error) => format!("wrote {}; it could not be opened: {error}", shown(&path)),
    })
}

fn delete(context: &Context, workspace: &Workspace, name: &SaveName) -> Result<String, Failure> {
    let dropped = workspace.drop_save(name)?;
    if let Some(session) = dropped.session {
        codex::take_name_back(context, workspace, session);
    }
    let again = saving::again(name, dropped.commit, dropped.note.as_deref());
    Ok(format!("deleted {name}; undo: {again}"))
}
