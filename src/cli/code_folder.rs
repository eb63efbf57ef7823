//! A fork into a new folder, with the files as they were: what is made, what is told of it, and how Codex comes to know.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use codex_git::model::code::readable;
use codex_git::model::{screen, shell, text};
use codex_git::ops::code::{CodeAt, History, NewFolder, Switch, Wanted};
use codex_git::ops::{Forked, Point};
use codex_git::{SessionId, Workspace};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::forking::{self, NewFork};
use super::words::{count, shown};
use super::{json, kept_code, overlaying};
use crate::ui::{DIM, NAME, RESET};

/// So many files that are as the commit has them are named.
const NAMED: usize = 5;

/// Which folder is wanted.
pub struct Folder<'a> {
    /// Where; none for a place beside those that Codex makes.
    pub place: Option<&'a Path>,
    /// Whether the files, and the conversation, are those before the turn.
    pub before: bool,
}

/// Forks into a new folder. With `resume`, this process becomes Codex there.
pub fn fork(
    context: &Context,
    wanted: &NewFork<'_>,
    folder: &Folder<'_>,
    resume: Option<&[std::ffi::OsString]>,
) -> Outcome {
    let workspace = context.workspace()?;
    let (resolved, mut point) = forking::point_of(context, &workspace, wanted)?;
    let side = if folder.before { Wanted::Before } else { Wanted::After };
    let at = workspace.code_at(resolved.session, &point, side)?;
    if folder.before {
        point = turn_before(&workspace, &point)?;
    }
    let place = match folder.place {
        Some(place) => context.whole(&place.to_string_lossy()),
        None => workspace.place_of_folder(&at, context.now),
    };
    let made = workspace.make_code_folder(&at, &place)?;
    if place.starts_with(at.kept.root()) {
        context.ui.warn("the folder lies in the project: code snapshots of that have it, too");
    }
    tell(context, &workspace, &at, &made);
    let directory = directory_in(&workspace, &made.place, &at, &point);
    let wanted = NewFork { directory: Some(&directory), ..*wanted };
    let (forked, name) = forking::make(context, &workspace, &wanted, (&resolved, &point))?;
    let is_known = settle(context, &workspace, forked.session, &directory, &name);
    match resume {
        Some(args) => go_on(context, &workspace, forked.session, (&directory, args)),
        None => finish(context, &forked, &directory, (&name, is_known)),
    }
}

/// The directory in a new folder that is to it what the session's own was to the project.
fn directory_in(workspace: &Workspace, place: &Path, at: &CodeAt, point: &Point) -> PathBuf {
    let cwd = point.message.cwd.as_deref().map(|cwd| workspace.directory_now(cwd));
    let below = cwd.as_deref().and_then(|cwd| cwd.strip_prefix(at.kept.root()).ok());
    let below = below.filter(|below| !below.as_os_str().is_empty());
    let directory = below.map(|below| place.join(below)).filter(|directory| directory.is_dir());
    directory.unwrap_or_else(|| place.to_owned())
}

fn turn_before(workspace: &Workspace, point: &Point) -> Result<Point, Failure> {
    match point.message.turn {
        0 | 1 => Err(Failure::Usage(
            "before turn 1 there is no conversation to fork".to_owned(),
            "codex-git code show --before REVISION  # the files as they were".to_owned(),
        )),
        turn => Ok(workspace.turn_of(point, turn - 1)?),
    }
}

fn tell(context: &Context, workspace: &Workspace, at: &CodeAt, made: &NewFolder) {
    let snapshot = &at.kept.snapshot;
    let files = count(usize::try_from(made.written.files).unwrap_or(usize::MAX), "file");
    context.ui.say(format_args!("made {NAME}{}{RESET}: {files} as {} turn {}", shown(&made.place), at.moment, at.turn));
    kept_code::tell_what_counts(context, at, snapshot.torn);
    match made.history {
        History::WithoutHead => {
            context.ui.warn("the commit that the project was at is gone: HEAD is where the project's is now")
        }
        History::None if snapshot.head.is_some() => context.ui.warn("the project is gone: the folder has no history"),
        History::None if had_git(&snapshot.root) => {
            context.ui.warn("the folder has no git history: the project has no commit, or its refs or ids are of a kind that can't be read here")
        }
        _ => {}
    }
    if !made.written.gone.is_empty() {
        let names: Vec<String> = made.written.gone.iter().take(5).map(|path| readable(path)).collect();
        let gone = count(made.written.gone.len(), "file");
        context.ui.warn(format_args!(
            "{gone} could not be written, as the project no longer has the bytes: {}",
            names.join(", ")
        ));
    }
    kept_code::tell_left_out(context, snapshot);
    tell_switch(context, workspace, at, made);
    if !made.stand_ins.is_empty() {
        let stand_ins = made.stand_ins.iter().take(NAMED);
        let mut names: Vec<String> = stand_ins.map(|path| readable(path)).collect();
        if made.stand_ins.len() > NAMED {
            names.push(format!("… ({})", count(made.stand_ins.len(), "file")));
        }
        context.ui.say(format_args!(
            "as the commit has them, since the snapshot does without them: {}",
            text::plain(&names.join(", "))
        ));
    }
    let mut out = workspace.kept_out_of_code(at);
    out.retain(|name| !snapshot.leaves_out(name));
    out.retain(|name| made.place.join(OsStr::from_bytes(name)).symlink_metadata().is_err());
    let out: Vec<String> = out.iter().map(|name| readable(name)).collect();
    if !out.is_empty() {
        context
            .ui
            .say(format_args!("{DIM}not in it, as no snapshot has them: {}{RESET}", text::plain(&out.join(", "))));
    }
}

/// Tells where the files of the project are kept, and those of the folder will not be.
fn tell_switch(context: &Context, workspace: &Workspace, at: &CodeAt, made: &NewFolder) {
    let is_on = |folder: &Path| workspace.code_switch(folder) == Switch::On;
    if is_on(at.kept.root()) && !is_on(&made.place) {
        let place = made.place.to_string_lossy();
        let there = shell::quoted(&place);
        context.ui.hint(&format!("cd {there} && codex-git code on --here  # the files there are not kept yet"));
    }
}

/// Whether a root is a work tree of git's.
fn had_git(root: &[u8]) -> bool {
    Path::new(OsStr::from_bytes(root)).join(".git").symlink_metadata().is_ok()
}

/// Has Codex know the fork in its folder, under its name; whether it does.
fn settle(context: &Context, workspace: &Workspace, session: SessionId, place: &Path, name: &str) -> bool {
    if !context.has_codex {
        return false;
    }
    workspace.give_fork_name(session, name);
    let settled = workspace.settle_in(&context.codex, session, place, name);
    if let Err(error) = &settled {
        context.ui.say(format_args!("{DIM}Codex was not told: {}{RESET}", screen::line(&error.to_string())));
    }
    settled.is_ok()
}

fn go_on(
    context: &Context,
    workspace: &Workspace,
    session: SessionId,
    (place, args): (&Path, &[std::ffi::OsString]),
) -> Outcome {
    let mut words: Vec<std::ffi::OsString> = vec!["-C".into(), place.into()];
    words.extend(args.iter().cloned());
    overlaying::resume(context, workspace, session, &words)
}

fn finish(context: &Context, forked: &Forked, place: &Path, (name, is_known): (&str, bool)) -> Outcome {
    let id = forked.session.to_string();
    if context.json {
        return Ok(context.ui.json(json::forked(forked, is_known.then_some(name), Some(place)))?);
    }
    let program = if overlaying::needs_provider(context, forked.session)? { "codex-git" } else { "codex" };
    let place = place.to_string_lossy();
    let place = shell::quoted(&place);
    let command = match (is_known, program) {
        (true, program) => format!("cd {place} && {program} resume {id}"),
        (false, "codex") => format!("codex -C {place} resume {id}"),
        (false, program) => format!("{program} resume {id} -- -C {place}"),
    };
    context.ui.say(format_args!("continue it with: {NAME}{}{RESET}", text::plain(&command)));
    Ok(context.ui.data(id)?)
}
