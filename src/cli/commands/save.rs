//! `codex-git save`.

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::shell::{command, quoted};
use codex_git::model::{ObjectId, SaveName, SaveNameError, text};
use codex_git::ops::Saved;
#[cfg(unix)]
use codex_git::ops::code::Wanted;
use codex_git::{Effect, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
#[cfg(unix)]
use crate::cli::kept_code;
use crate::cli::words::{short, tilde};
use crate::cli::{codex, complete, json, news, report, saving};
use crate::ui::{DIM, NAME, RESET};

/// Name the point where a session stands
///
/// The turn that is running is part of it, as far as it has come. An existing name is moved, and the output says from where.
#[derive(Args)]
pub struct SaveArgs {
    /// The name; spaces become `-`
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(complete::saves), required_unless_present = "undo")]
    name: Option<String>,
    /// What to name [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// Delete the name; the turn stays
    #[arg(short, long, conflicts_with = "revision")]
    delete: bool,
    /// Undo the last save under this name, then the one before; without a name, the last save of the current session
    #[arg(long, conflicts_with_all = ["revision", "delete"])]
    undo: bool,
    /// A note to keep with the save, one line
    #[arg(short, long, value_name = "NOTE", conflicts_with_all = ["delete", "undo"])]
    message: Option<String>,
    /// Copy the code snapshot that belongs to the point, with the files that it borrows from the project's commits
    #[cfg(unix)]
    #[arg(long, conflicts_with_all = ["delete", "undo"])]
    with_code: bool,
    /// With --delete or --undo: show what would be done, and do nothing
    #[arg(short = 'n', long, conflicts_with = "revision")]
    dry_run: bool,
}

pub fn run(context: &Context, args: &SaveArgs) -> Outcome {
    let Some(typed) = &args.name else {
        let workspace = context.workspace()?;
        let session = workspace.current(&context.here)?;
        let last = workspace.last_save(session)?.ok_or(codex_git::Error::NoSaveYet(session))?;
        return undo(context, &workspace, &last, args.dry_run);
    };
    let name = match Workspace::save_name(typed) {
        Err(codex_git::Error::BadName { reason: SaveNameError::Empty, .. }) => {
            return Err(Failure::Usage("a save needs a name".to_owned(), "codex-git save NAME [REVISION]".to_owned()));
        }
        name => name?,
    };
    if let Some(note) = args.message.as_deref() {
        one_line(note, typed, args.revision.as_deref())?;
    }
    let workspace = context.workspace()?;
    if args.undo {
        return undo(context, &workspace, &name, args.dry_run);
    }
    if args.delete {
        return delete(context, &workspace, &name, args.dry_run);
    }
    let resolved = workspace.resolve(&context.here, report::revision(args.revision.as_deref())?)?;
    news::tell(context, resolved.session, resolved.news);
    if let Some(error) = resolved.stale {
        // A name on something older than what the person sees would lie.
        return Err(error.into());
    }
    if let Some(meaning) = saving::other_meaning(&workspace, &name) {
        context.ui.warn(meaning);
    }
    if args.dry_run {
        return Err(Failure::Usage("only --delete and --undo have a dry run".to_owned(), "codex-git saves".to_owned()));
    }
    #[cfg(unix)]
    let code = match args.with_code {
        true => Some(workspace.code_at(resolved.session, &resolved.point, Wanted::After)?.with_files()?),
        false => None,
    };
    let note = args.message.as_deref();
    saving::save(context, &workspace, (&name, &resolved.point), note, |saved| told(context, args, typed, saved))?;
    #[cfg(unix)]
    if let Some(code) = code {
        kept_code::take_over(context, &code)?;
    }
    Ok(())
}

/// A note that has more than one line is refused: a save keeps one.
fn one_line(note: &str, name: &str, revision: Option<&str>) -> Outcome {
    let lines: Vec<&str> =
        note.trim().split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']).collect();
    if lines.len() < 2 {
        return Ok(());
    }
    let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
    let typed: Vec<&str> = std::iter::once(name).chain(revision).collect();
    let hint = command(&format!("save -m {}", quoted(&words.join(" "))), &typed);
    Err(Failure::Usage("a note is one line, and this one has a line break".to_owned(), hint))
}

fn told(context: &Context, args: &SaveArgs, typed: &str, saved: &Saved) -> Outcome {
    let name = &saved.save.name;
    if typed.trim() != name.as_str() {
        context.ui.say(format_args!("the name is `{name}`: spaces became `-`"));
    }
    if context.json {
        context.ui.json(json::save(&saved.save))?;
    }
    tell(context, saved);
    if args.revision.is_none() {
        tell_elsewhere(context, saved);
    }
    Ok(())
}

/// Where no session is of this directory, the newest of all is meant: that is worth a word.
fn tell_elsewhere(context: &Context, saved: &Saved) {
    let (Some(cwd), Some(here), None) = (&saved.save.cwd, &context.here.directory, context.here.session) else {
        return;
    };
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if canonical(Path::new(cwd)) != canonical(here) {
        let shown = tilde(&text::plain(cwd), &context.person_home);
        context.ui.say(format_args!("  that session is in {shown}, not in this directory"));
    }
}

fn undo(context: &Context, workspace: &Workspace, name: &SaveName, dry_run: bool) -> Outcome {
    let session = workspace.find_save(name)?.session;
    let undone = workspace.undo_save(name, if dry_run { Effect::Pretend } else { Effect::Write })?;
    if context.json {
        context.ui.json(json::undone(&undone))?;
    }
    if dry_run {
        let would = match &undone.back {
            Some(save) => format!("would put it back on turn {} of {}", save.turn, short(save.session)),
            None => "would delete it".to_owned(),
        };
        context.ui.say(format_args!("{NAME}{name}{RESET}: {would}"));
        return Ok(());
    }
    match &undone.back {
        Some(save) => {
            let (turn, session) = (save.turn, short(save.session));
            context.ui.say(format_args!("{NAME}{name}{RESET} is back on turn {turn} of {session}"));
        }
        None => tell_deleted(context, name, undone.commit, undone.note.as_deref()),
    }
    if let Some(session) = session {
        codex::take_name_back(context, workspace, session);
    }
    Ok(())
}

fn tell(context: &Context, saved: &Saved) {
    let save = &saved.save;
    let (id, turn) = (short(save.session), save.turn);
    context.ui.say(format_args!("saved {NAME}{}{RESET}: turn {turn} of {id} {DIM}{}{RESET}", save.name, save.subject));
    report::tell_moved(context, saved);
}

fn tell_deleted(context: &Context, name: &SaveName, commit: ObjectId, note: Option<&str>) {
    context.ui.say(format_args!("deleted the save {NAME}{name}{RESET}; its turn stays"));
    context.ui.say(format_args!("{DIM}to undo: {}{RESET}", saving::again(name, commit, note)));
}

fn delete(context: &Context, workspace: &Workspace, name: &SaveName, dry_run: bool) -> Outcome {
    let dropped = if dry_run { workspace.find_save(name)? } else { workspace.drop_save(name)? };
    if context.json {
        context.ui.json(json::dropped(&dropped, dry_run))?;
    }
    if dry_run {
        context.ui.say(format_args!("would have deleted the save {NAME}{name}{RESET}; its turn stays"));
    } else {
        tell_deleted(context, name, dropped.commit, dropped.note.as_deref());
        if let Some(session) = dropped.session {
            codex::take_name_back(context, workspace, session);
        }
    }
    Ok(())
}
