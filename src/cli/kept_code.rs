//! Code snapshots as people read them: how things stand, and the files of a snapshot.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anstyle::Style;
use codex_git::model::code::{CodeMoment, Snapshot, readable};
use codex_git::model::path::plain;
use codex_git::model::text;
use codex_git::ops::code::{CodeAt, CodeState, Root, StoreState, Switch, Wanted};
use codex_git::{Error, Workspace};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::words::{bytes, count, shown};
use super::{json, report};
use crate::ui::{Align, DIM, NAME, RESET, Table, age};

/// So many files that were left out are named.
const NAMED: usize = 5;

/// Tells how things stand here, and of all code stores.
pub fn state(context: &Context, workspace: &Workspace) -> Outcome {
    let directory = context.here.directory.clone().unwrap_or_default();
    let state = workspace.code_state(&directory, &context.bounds());
    if context.json {
        return Ok(context.ui.json(json::code_state(&state))?);
    }
    let CodeState { general, here, root, part, given_up, stores, .. } = &state;
    let mut table = Table::new(&[Align::Left, Align::Left]);
    table.row().cell(NAME, "projects").cell(Style::new(), switch_words(*general));
    match root {
        Ok(root) => {
            let words = format!("{}: {}", shown(root), switch_words(*here));
            table.row().cell(NAME, "here").cell(Style::new(), words);
        }
        Err(why) => drop(table.row().cell(NAME, "here").cell(Style::new(), text::plain(why))),
    }
    if let Some(part) = part {
        let words = match root {
            Ok(root) if root == part => {
                "too many files: only those of the directory that Codex works in are".to_owned()
            }
            _ => format!("too many files: only those of {} are", shown(part)),
        };
        let words = format!("{words}; `codex-git code on --here` tries all");
        table.row().cell(NAME, "").cell(Style::new(), words);
    }
    if let Some(why) = given_up {
        table
            .row()
            .cell(NAME, "given up")
            .cell(Style::new(), format!("{}; `codex-git code on --here` tries again", text::plain(why)));
    }
    for store in stores {
        match store {
            Ok(store) => {
                let StoreState { project, is_orphan, snapshots, bytes: size, .. } = store;
                let project = project.as_deref().map_or_else(|| "a project".to_owned(), shown);
                let gone = if *is_orphan { "; the project is gone, or was moved" } else { "" };
                let words = format!("{project}: {}, {}{gone}", count(*snapshots, "snapshot"), bytes(*size));
                table.row().cell(NAME, "kept").cell(Style::new(), words);
            }
            Err(why) => drop(table.row().cell(NAME, "kept").cell(Style::new(), text::plain(why))),
        }
    }
    let width = context.ui.width();
    context.ui.page(|out| table.write(out, width))?;
    if *general == Switch::Off && *here == Switch::Off {
        context.ui.say("keep files with: codex-git code on  # or `on --here`, for this project alone");
    }
    Ok(())
}

const fn switch_words(switch: Switch) -> &'static str {
    match switch {
        Switch::Off => "no file is kept",
        Switch::On => "files are kept at each turn",
        Switch::Light => "the commit is noted at each turn, no file is kept",
    }
}

/// Warns where the files here are kept no longer because there were too many of them, or too much.
pub fn tell_given_up(context: &Context, workspace: &Workspace) {
    let directory = context.here.directory.clone().unwrap_or_default();
    if let Some(why) = workspace.code_given_up(&directory, &context.bounds()) {
        context.ui.warn(format_args!("no more code snapshots are taken here: three times in a row, {why}"));
        context.ui.remedy("codex-git code on --here  # tries again");
    }
}

/// Which folders alone two snapshots looked at, if not all; one alone is given twice.
pub fn parts_words(one: &Snapshot, other: &Snapshot) -> Option<String> {
    match one.shared_parts(other) {
        None => Some("of no folder that both snapshots looked at".to_owned()),
        Some(parts) if parts.is_empty() => None,
        Some(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| readable(part) + "/").collect();
            Some(format!("only of {}", text::plain(&parts.join(", "))))
        }
    }
}

/// Tells that, and why.
pub fn tell_parts(context: &Context, one: &Snapshot, other: &Snapshot) {
    if let Some(words) = parts_words(one, other) {
        context.ui.say(format_args!("{words}, as the project has too many files"));
    }
}

/// Tells what a snapshot does without.
pub fn tell_left_out(context: &Context, snapshot: &Snapshot) {
    tell_parts(context, snapshot, snapshot);
    let all: u64 = snapshot.left_out_counts.iter().map(|(_, count)| count).sum();
    if all == 0 {
        return;
    }
    let name = |left: &codex_git::model::code::LeftOut| format!("{} ({})", readable(&left.path), left.reason);
    let mut names: Vec<String> = snapshot.left_out.iter().take(NAMED).map(name).collect();
    if all > names.len() as u64 {
        names.push("…".to_owned());
    }
    let all = count(usize::try_from(all).unwrap_or(usize::MAX), "file");
    context.ui.say(format_args!("left out {all}: {}", text::plain(&names.join(", "))));
}

/// Copies the files that a snapshot borrows, and tells how many.
pub fn take_over(context: &Context, at: &CodeAt) -> Outcome {
    let taken = at.store.take_over(&at.kept).map_err(codex_git::Error::from)?;
    tell_what_counts(context, at, at.kept.snapshot.torn);
    let (files, size) = (count(taken.files, "file"), bytes(taken.bytes));
    context.ui.say(format_args!("with its code: {files} copied from the project's commits, {size}"));
    if taken.gone > 0 {
        let gone = count(taken.gone, "file");
        context.ui.warn(format_args!(
            "{gone} of the snapshot can't be copied, as no commit of the project has the bytes any more"
        ));
    }
    Ok(())
}

/// Lists what snapshots of this project leave out because a person said so.
pub fn ignored(context: &Context, workspace: &Workspace) -> Outcome {
    if context.json {
        return state(context, workspace);
    }
    let here = context.here.directory.clone().unwrap_or_default();
    let (store, _) = workspace.code_store(&here, &context.bounds())?;
    let patterns = store.ignored();
    if patterns.is_empty() {
        context.ui.say("nobody said what to leave out of the snapshots of this project");
    }
    Ok(context.ui.page(|out| patterns.iter().try_for_each(|pattern| writeln!(out, "{}", text::plain(pattern))))?)
}

/// Lists the snapshots of the project here that are of no turn.
pub fn others(context: &Context, workspace: &Workspace) -> Outcome {
    let here = context.here.directory.clone().unwrap_or_default();
    let all = workspace.other_snapshots(&here, &context.bounds())?;
    if context.json {
        return all.iter().try_for_each(|(kept, moment)| Ok(context.ui.json(json::code_kept(kept, *moment))?));
    }
    if all.is_empty() {
        context.ui.say("nobody asked for a snapshot of this project, or went back in it");
    }
    let now = context.unix_now();
    Ok(context.ui.page(|out| {
        all.iter().try_for_each(|(kept, moment)| {
            let why = if *moment == CodeMoment::Undo { "before a restore" } else { "asked for" };
            writeln!(out, "{NAME}{}{RESET} {why}, {}", kept.commit.short(), age(kept.at, now))
        })
    })?)
}

/// The root of the project here. That it is on a network is what `--here` allows.
pub fn root(context: &Context) -> Result<PathBuf, Failure> {
    let directory = here(context)?;
    let mut bounds = context.bounds();
    bounds.network = true;
    let root = Root::of(directory, &bounds).map_err(Error::from)?;
    Ok(root.path().to_owned())
}

/// The current directory.
pub fn here(context: &Context) -> Result<&Path, Failure> {
    context
        .here
        .directory
        .as_deref()
        .ok_or_else(|| Failure::Usage("the current directory is gone".to_owned(), "cd into the project".to_owned()))
}

/// A path that was typed, from the project's root on; empty for the root itself. It is seen from the current directory; from the root, where that is
/// not in the project.
///
/// # Errors
/// When nothing was typed, or the path leads out of the project.
pub fn below_root(context: &Context, root: &Path, typed: &OsStr) -> Result<Vec<u8>, Failure> {
    if typed.is_empty() {
        let words = "a path is empty; `.` means all of the current directory".to_owned();
        return Err(Failure::Usage(words, "codex-git code --help".to_owned()));
    }
    let here = context.here.directory.as_deref().and_then(|here| here.canonicalize().ok());
    let here = here.filter(|here| here.starts_with(root)).unwrap_or_else(|| root.to_owned());
    let whole = plain(&here.join(typed));
    let Ok(path) = whole.strip_prefix(root) else {
        let words = format!("`{}` is not in the project `{}`", text::plain(&readable(typed.as_bytes())), shown(root));
        return Err(Failure::Usage(words, "codex-git code --help".to_owned()));
    };
    Ok(path.as_os_str().as_bytes().to_vec())
}

/// The files of a snapshot, or one of them.
pub fn show(
    context: &Context,
    workspace: &Workspace,
    (revision, wanted): (&str, Wanted),
    path: Option<&OsStr>,
) -> Outcome {
    let at = at(context, workspace, Some(revision), wanted)?;
    if let Some(path) = path {
        let path = below_root(context, at.kept.root(), path)?;
        return Ok(context.ui.bytes(&workspace.code_file(&at, &path)?)?);
    }
    let files = at.store.files(at.kept.tree).map_err(codex_git::Error::from)?;
    if context.json {
        return files.iter().try_for_each(|(path, version)| Ok(context.ui.json(json::code_entry(path, *version))?));
    }
    let Snapshot { head, branch, root, torn, .. } = &at.kept.snapshot;
    let head = head.map_or_else(|| "no commit".to_owned(), |head| head.short());
    let branch = branch.as_ref().map_or_else(String::new, |branch| format!(", branch {}", text::plain(branch)));
    context.ui.say(format_args!("{}, {}: at {head}{branch}", text::plain(&readable(root)), count(files.len(), "file")));
    tell_what_counts(context, &at, *torn);
    tell_left_out(context, &at.kept.snapshot);
    Ok(context.ui.page(|out| files.keys().try_for_each(|path| writeln!(out, "{}", text::plain(&readable(path)))))?)
}

/// Tells where a snapshot is not quite what was asked for.
pub fn tell_what_counts(context: &Context, at: &CodeAt, torn: bool) {
    if at.is_neighbour {
        context.ui.say(format_args!(
            "{DIM}the turn has no snapshot {} it of its own: that of the turn beside it counts{RESET}",
            at.moment
        ));
    }
    if torn {
        context.ui.warn("a command may have changed files while this snapshot was taken");
    }
}

/// The snapshot that a revision, or a snapshot's id, means.
pub fn at(context: &Context, workspace: &Workspace, revision: Option<&str>, wanted: Wanted) -> Result<CodeAt, Failure> {
    let resolved = match (report::resolve(context, workspace, revision), revision) {
        (Ok(resolved), _) => resolved,
        (Err(failure), Some(text)) => {
            let here = context.here.directory.clone().unwrap_or_default();
            return workspace.snapshot_like(&here, &context.bounds(), text)?.ok_or(failure);
        }
        (Err(failure), None) => return Err(failure),
    };
    Ok(workspace.code_at(resolved.session, &resolved.point, wanted)?.with_files()?)
}
