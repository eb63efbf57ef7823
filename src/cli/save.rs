//! `codex-git save`.

use clap::Args;
use clap_complete::ArgValueCandidates;
use codex_git::Workspace;
use codex_git::model::SaveNameError;
use codex_git::ops::Saved;

use super::context::{Context, short};
use super::{Failure, Outcome, complete, json, prompt};
use crate::ui::{DIM, NAME, RESET};

/// Name the point where a session stands
///
/// The turn that is running is part of it, as far as it has come. A name that is taken moves, and the answer says from where.
#[derive(Args)]
pub struct SaveArgs {
    /// The name; spaces become `-`
    #[arg(value_name = "NAME", add = ArgValueCandidates::new(complete::saves), required_unless_present = "undo")]
    name: Option<String>,
    /// What to name [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCandidates::new(complete::revisions))]
    revision: Option<String>,
    /// Take the name away; the turn stays
    #[arg(short, long, conflicts_with = "revision")]
    delete: bool,
    /// Take back what the last save of this name did; without a name, the last save of the current session
    #[arg(long, conflicts_with_all = ["revision", "delete"])]
    undo: bool,
    /// With --delete: only tell what would be taken away
    #[arg(short = 'n', long, requires = "delete")]
    dry_run: bool,
}

pub fn run(context: &Context, args: &SaveArgs) -> Outcome {
    let Some(typed) = &args.name else {
        let workspace = context.workspace()?;
        let session = workspace.current(&context.here)?;
        let last = workspace.last_save(session)?.ok_or(codex_git::Error::NoSaveYet(session))?;
        return undo(context, &workspace, &last);
    };
    let name = match Workspace::save_name(typed) {
        Err(codex_git::Error::BadName { reason: SaveNameError::Empty, .. }) => {
            return Err(Failure::Usage("a save needs a name".to_owned(), "codex-git save NAME [REVISION]".to_owned()));
        }
        name => name?,
    };
    let workspace = context.workspace()?;
    if args.undo {
        return undo(context, &workspace, &name);
    }
    if args.delete {
        return delete(context, &workspace, &name, args.dry_run);
    }
    let resolved = workspace.resolve(&context.here, args.revision.as_deref().unwrap_or("@"))?;
    if let Some(error) = resolved.stale {
        // A name on something older than what the person sees would lie.
        return Err(error.into());
    }
    let saved = workspace.save(&name, &resolved.point, context.unix_now())?;
    if typed.trim() != name.as_str() {
        context.ui.say(format_args!("the name is `{name}`: spaces became `-`"));
    }
    if context.json {
        context.ui.data(json::save(&saved.save))?;
    }
    tell(context, &saved);
    let session = saved.save.session;
    if !workspace.names().contains_key(&session) {
        context.name_in_codex(&workspace, session, name.as_str());
    }
    Ok(())
}

fn undo(context: &Context, workspace: &Workspace, name: &codex_git::model::SaveName) -> Outcome {
    context.ui.say(prompt::undone_words(&workspace.undo_save(name)?));
    Ok(())
}

fn tell(context: &Context, saved: &Saved) {
    let save = &saved.save;
    let (id, turn) = (short(save.session), save.turn);
    context.ui.say(format_args!("saved {NAME}{}{RESET}: turn {turn} of {id} {DIM}{}{RESET}", save.name, save.subject));
    if let Some(before) = saved.before.as_ref().filter(|before| before.commit != save.commit) {
        let (id, turn, commit) = (short(before.session), before.turn, before.commit.short());
        context.ui.say(format_args!("  moved from turn {turn} of {id} {DIM}{commit} {}{RESET}", before.subject));
    }
}

fn delete(context: &Context, workspace: &Workspace, name: &codex_git::model::SaveName, dry_run: bool) -> Outcome {
    let dropped = if dry_run { workspace.find_save(name)? } else { workspace.drop_save(name)? };
    let would = if dry_run { "would have deleted" } else { "deleted" };
    context.ui.say(format_args!("{would} the save {NAME}{name}{RESET}; its turn stays"));
    if !dry_run {
        context.ui.say(format_args!("{DIM}to undo: codex-git save {name} {}{RESET}", dropped.commit.short()));
    }
    Ok(())
}
