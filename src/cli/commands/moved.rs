//! `codex-git moved`.

use std::path::Path;

use anstyle::Style;
use clap::{Args, ValueHint};
use clap_complete::ArgValueCompleter;
use codex_git::Workspace;
use codex_git::ops::MovedDirectory;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::{count, tilde};
use crate::cli::{complete, json, report};
use crate::ui::{Align, DIM, NAME, Table};

/// Tell where a project's directory was moved to, or list those that were moved
///
/// Sessions that worked in OLD, or below, count as being in NEW from then on: for `list`, for the current session of a directory, for filters by
/// directory, for `stats` and for `blame`. Rollouts and what is stored stay as they are. Without directories, all that were moved are listed.
#[derive(Args)]
pub struct MovedArgs {
    /// Where the directory was; it need not exist
    #[arg(value_name = "OLD", requires = "new", add = ArgValueCompleter::new(complete::gone_directories))]
    old: Option<String>,
    /// Where it is
    #[arg(value_name = "NEW", value_hint = ValueHint::DirPath)]
    new: Option<String>,
    /// Forget that this directory was moved
    #[arg(long, value_name = "OLD", conflicts_with = "old", add = ArgValueCompleter::new(complete::moved_directories))]
    forget: Option<String>,
}

pub fn run(context: &Context, args: &MovedArgs) -> Outcome {
    let workspace = context.workspace()?;
    match (&args.forget, &args.old, &args.new) {
        (Some(old), ..) => forget(context, &workspace, &whole(context, old)?),
        (None, Some(old), Some(new)) => moved(context, &workspace, &whole(context, old)?, &whole(context, new)?),
        _ => list(context, &workspace),
    }
}

fn whole(context: &Context, typed: &str) -> Result<String, Failure> {
    if typed.is_empty() {
        return Err(Failure::Usage("a directory can't be empty".to_owned(), "codex-git moved OLD NEW".to_owned()));
    }
    Ok(context.whole(typed).to_string_lossy().into_owned())
}

fn moved(context: &Context, workspace: &Workspace, old: &str, new: &str) -> Outcome {
    let before = workspace.move_directory(old, new)?;
    report::catch_up(context, workspace, None);
    let all = workspace.moved()?;
    let Some(one) = all.iter().find(|one| Path::new(&one.old) == Path::new(old)) else { return Ok(()) };
    let there = workspace.sessions_in(&one.now)?;
    if context.json {
        return Ok(context.ui.json(json::moved(one, there, false))?);
    }
    let shown = |path: &str| shown(context, path);
    if let Some(before) = before.filter(|before| *before != one.new) {
        context.ui.say(format_args!("{} was said to be `{}` before", shown(&one.old), shown(&before)));
    }
    let sessions = count(one.sessions, "session");
    context.ui.say(format_args!("{} is {} now: {sessions} moved", shown(&one.old), shown(&one.new)));
    if one.now != one.new {
        context.ui.say(format_args!("{} was moved itself, and is {} now", shown(&one.new), shown(&one.now)));
    }
    let count = if there == 1 { "1 session counts".to_owned() } else { format!("{there} sessions count") };
    context.ui.say(format_args!("{count} as being in {}", shown(&one.now)));
    Ok(())
}

fn forget(context: &Context, workspace: &Workspace, old: &str) -> Outcome {
    let known = workspace.moved()?;
    let new = workspace.forget_move(old)?;
    let sessions = known.iter().find(|one| Path::new(&one.old) == Path::new(old));
    let there = workspace.sessions_in(old)?;
    if context.json {
        return Ok(sessions.map_or(Ok(()), |one| context.ui.json(json::moved(one, there, true)))?);
    }
    let count = if there == 1 { "1 session counts".to_owned() } else { format!("{there} sessions count") };
    context.ui.say(format_args!(
        "forgot that {} is {}: {count} as being there again",
        shown(context, old),
        shown(context, &new)
    ));
    Ok(())
}

fn list(context: &Context, workspace: &Workspace) -> Outcome {
    report::catch_up(context, workspace, None);
    let all = workspace.moved()?;
    if context.json {
        return all.iter().try_for_each(|one| {
            let there = workspace.sessions_in(&one.now)?;
            Ok(context.ui.json(json::moved(one, there, false))?)
        });
    }
    if all.is_empty() {
        context.ui.say("no directory was moved: `codex-git moved OLD NEW` tells of one");
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Left]);
    for one in &all {
        table
            .row()
            .cell(NAME, shown(context, &one.old))
            .cell(Style::new(), shown(context, &one.new))
            .cell(Style::new(), count(one.sessions, "session"))
            .cell(DIM, state(context, one));
    }
    let width = context.ui.width();
    Ok(context.ui.page(|out| table.write(out, width))?)
}

/// What is worth a word about a move.
fn state(context: &Context, one: &MovedDirectory) -> String {
    match Path::new(&one.now).is_dir() {
        false => format!("{} is no directory", shown(context, &one.now)),
        true if one.now != one.new => format!("now {}", shown(context, &one.now)),
        true => String::new(),
    }
}

fn shown(context: &Context, path: &str) -> String {
    codex_git::model::text::plain(&tilde(path, &context.person_home)).into_owned()
}
