//! `codex-git patch`.

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::patch::{FileDiff, LeftOut};
use codex_git::model::shell::quoted;
use codex_git::model::{screen, text};
use codex_git::ops::{Edits, Point, Which};
use codex_git::{Error, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::patches::{self, Amount};
use crate::cli::words::{count, short, shown};
use crate::cli::{complete, json, range, report};

/// So many commands, or files that are left out, are named.
const NAMED: usize = 8;

/// The widest that a command is told.
const COMMAND: usize = 100;

/// Print what turns changed through patches, for `git apply`
#[derive(Args)]
pub struct PatchArgs {
    /// One turn, or all turns after A up to B [default: the last turn of the current session]
    #[arg(value_name = "A[..B]", add = ArgValueCompleter::new(complete::revisions))]
    turns: Option<String>,
    /// All turns up to A, from the first one on
    #[arg(long)]
    all: bool,
    /// Print the patch that takes the changes back
    #[arg(short = 'R', long)]
    reverse: bool,
    /// Print only what changes in this file, or below this directory, as seen from here or from the project's root; can be repeated
    #[arg(long, value_name = "P")]
    path: Vec<String>,
    /// Show only how many lines change in each file
    #[arg(long)]
    stat: bool,
    /// Tell whether the patch applies here, and print nothing; exit with 1 if it does not
    #[arg(long, conflicts_with = "stat")]
    check: bool,
}

pub fn run(context: &Context, args: &PatchArgs) -> Outcome {
    let workspace = context.workspace()?;
    let (which, to) = turns(context, &workspace, args)?;
    let here = context.here.directory.as_deref();
    let mut edits = workspace.edits(&which, &to, here, args.reverse)?;
    let changed = edits.files.len() + edits.left_out.len();
    if args.path.iter().any(String::is_empty) {
        let words = "a path can't be empty".to_owned();
        return Err(Failure::Usage(words, "codex-git patch --path src/main.rs".to_owned()));
    }
    if !args.path.is_empty() {
        edits.keep(&args.path, here.unwrap_or(Path::new("/")));
    }
    tell(context, &edits);
    if context.json && !args.check {
        let files = edits.files.iter().map(json::edited);
        let left_out = edits.left_out.iter().map(|(path, reason)| json::left_out(path, *reason));
        files.chain(left_out).try_for_each(|object| context.ui.json(object))?;
    }
    if edits.files.is_empty() {
        return Err(nothing(&edits, changed, args).into());
    }
    if !args.stat && !context.json {
        tell_place(context, &edits);
    }
    match (args.check, context.json, args.stat) {
        (true, ..) => check(context, &workspace, &edits),
        (_, true, _) => Ok(()),
        (.., true) => stat(context, &edits.files),
        _ => patches::print(context, edits.files.iter().map(whole)),
    }
}

/// Which turns are meant, and the last of them.
fn turns(context: &Context, workspace: &Workspace, args: &PatchArgs) -> Result<(Which, Point), Failure> {
    let typed = args.turns.as_deref();
    match typed.and_then(|typed| range::ends(context, workspace, typed)) {
        Some(_) if args.all => {
            let hint = "codex-git patch --all REVISION".to_owned();
            Err(Failure::Usage("all turns up to a point, or those between two: not both".to_owned(), hint))
        }
        Some([from, to]) => {
            let from = report::resolve(context, workspace, from)?.point;
            Ok((Which::After(Box::new(from)), report::resolve(context, workspace, to)?.point))
        }
        None => {
            let which = if args.all { Which::All } else { Which::Last };
            Ok((which, report::resolve(context, workspace, typed)?.point))
        }
    }
}

/// Why there is no patch, where `changed` files were changed.
fn nothing(edits: &Edits, changed: usize, args: &PatchArgs) -> Error {
    match args.path.first() {
        _ if edits.turns == 0 => Error::NoTurns,
        _ if changed == 0 => Error::NoEdits { turns: edits.turns, last: edits.last },
        Some(path) if edits.left_out.is_empty() => Error::NoEditsThere { path: path.clone() },
        _ => Error::NoneTold { files: edits.left_out.len(), last: edits.last },
    }
}

/// Says where git has to apply the patch, if not here: below the project's root it passes over what is elsewhere, and says nothing; above it, as where
/// the project is a submodule, it takes another file of the name.
fn tell_place(context: &Context, edits: &Edits) {
    let here = context.here.directory.as_deref().and_then(|here| here.canonicalize().ok()).unwrap_or_default();
    let place = edits.place(&here);
    if place != here
        && let Some(place) = place.to_str()
    {
        context.ui.hint(&format!("git -C {} apply  # the paths are of that folder", quoted(place)));
    }
}

/// Tells what the patch does not.
fn tell(context: &Context, edits: &Edits) {
    for (path, reason) in edits.left_out.iter().take(NAMED) {
        context.ui.warn(format_args!("`{}` is left out: {}", screen::line(path), why(*reason)));
    }
    if edits.left_out.len() > NAMED {
        let rest = count(edits.left_out.len() - NAMED, "more file");
        context.ui.warn(format_args!("{rest} left out (--json names all)"));
    }
    if edits.left_behind > 0 {
        let turns = count(edits.left_behind, "turn");
        context.ui.say(format_args!("{turns} that the session left behind among these can have changed files too"));
    }
    for agent in &edits.agents {
        context.ui.say(format_args!(
            "agent {} can have changed files too: codex-git patch {}",
            short(*agent),
            short(*agent)
        ));
    }
    if !edits.commands.is_empty() {
        context.ui.say("commands that may have changed files, which no patch tells:");
        for command in edits.commands.iter().take(NAMED) {
            context.ui.say(format_args!("  {}", text::fit(&screen::line(command), COMMAND)));
        }
        if edits.commands.len() > NAMED {
            context.ui.say(format_args!("  … {}", count(edits.commands.len() - NAMED, "more command")));
        }
    }
}

/// Why a file is left out.
fn why(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::NoPlace => "Codex before 0.130 wrote down no line numbers",
        LeftOut::NoContent => "what it held before is not written down",
        LeftOut::Changed => "something else changed it between its edits",
        LeftOut::Returns => "carriage returns stand within its lines",
        LeftOut::Outside => "it is outside the project",
        LeftOut::Unsafe => "git refuses its path",
    }
}

fn check(context: &Context, workspace: &Workspace, edits: &Edits) -> Outcome {
    let patch: String = edits.files.iter().map(whole).collect();
    let here = context.here.directory.clone().unwrap_or_default();
    let refusal = workspace.refusal_of(&edits.place(&here), patch.as_bytes())?;
    if context.json {
        context.ui.json(json::patch_checked(refusal.as_deref()))?;
    }
    match refusal {
        None if context.json => Ok(()),
        None => {
            context.ui.say(format_args!("the patch applies: {}", count(edits.files.len(), "file")));
            Ok(())
        }
        Some(_) if context.json => Err(Failure::Said),
        Some(said) => {
            let place = edits.project.as_deref().map(shown).unwrap_or_default();
            context.ui.fail(format_args!("the patch (of `{place}`) does not apply here"), None);
            said.lines().for_each(|line| context.ui.say(screen::line(line)));
            Err(Failure::Said)
        }
    }
}

/// A file's part of the patch.
fn whole(file: &FileDiff) -> String {
    file.head() + &file.diff()
}

fn stat(context: &Context, files: &[FileDiff]) -> Outcome {
    let name = |file: &FileDiff| match (&file.before, &file.after) {
        (Some(before), Some(after)) if before != after => format!("{} → {}", screen::line(before), screen::line(after)),
        _ => screen::line(file.path()),
    };
    let amounts: Vec<Amount> = files.iter().map(|file| Amount { name: name(file), lines: Ok(file.counts()) }).collect();
    Ok(context.ui.page(|out| patches::stat(out, &amounts, context.ui.width()))?)
}
