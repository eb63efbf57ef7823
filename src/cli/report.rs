//! What several commands do and tell alike: finding a revision, recording first, and naming what failed, is broken, or came back.

use std::collections::HashMap;
use std::path::Path;

use codex_git::ops::{self, BrokenSave, News, Released, Report, Resolved, Saved};
use codex_git::{Effect, SessionId, Workspace};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::words::{bytes, count, short, shown};
use super::{advancing, hints, news};
use crate::ui::{DIM, Progress, RESET};

/// Finds a revision (none: the current session), and warns if it may be older than the session's rollout.
pub fn resolve(context: &Context, workspace: &Workspace, revision: Option<&str>) -> Result<Resolved, Failure> {
    let resolved = find(context, workspace, revision)?;
    if let Some(error) = &resolved.stale {
        warn_of_stale(context, error);
    }
    Ok(resolved)
}

/// The same, without a warning.
pub fn find(context: &Context, workspace: &Workspace, revision: Option<&str>) -> Result<Resolved, Failure> {
    advancing::retry(context, workspace);
    let resolved = workspace.resolve(&context.here, self::revision(revision)?)?;
    news::tell(context, resolved.session, resolved.news);
    Ok(resolved)
}

/// Warns that a session could not be recorded first; of a damaged rollout, tells what helps.
pub fn warn_of_stale(context: &Context, error: &codex_git::Error) {
    context.ui.warn(format_args!("{error}; using what was recorded before"));
    if let (codex_git::Error::Damaged(..), Some(hint)) = (error, hints::hint(error)) {
        context.ui.remedy(&hint);
    }
}

/// What a person typed for a revision; none means the current session, and an empty one means a mistake.
pub fn revision(typed: Option<&str>) -> Result<&str, Failure> {
    match typed {
        Some(empty) if empty.trim().is_empty() => Err(Failure::Usage(
            "a revision can't be empty".to_owned(),
            "leave it out, or type @, for the current session".to_owned(),
        )),
        typed => Ok(typed.unwrap_or("@")),
    }
}

/// Records every session, with a progress bar.
pub fn record_all(context: &Context, workspace: &Workspace, effect: Effect) -> Report {
    with_progress(context, |progress| workspace.record_all(effect, progress))
}

fn with_progress(context: &Context, record: impl FnOnce(&mut dyn FnMut(ops::Progress)) -> Report) -> Report {
    let mut bar = Progress::new("sessions", context.ui.quiet);
    let report = record(&mut |progress| bar.at(progress.done, progress.total));
    drop(bar);
    report.put_back.iter().for_each(|path| tell_put_back(context, path));
    report
}

/// Records before a listing of a directory's sessions, or of all; what can't be recorded is only counted.
///
/// Gives the sessions whose rollouts have fewer turns than the store, and how many.
pub fn catch_up(context: &Context, workspace: &Workspace, directory: Option<&Path>) -> HashMap<SessionId, u32> {
    advancing::retry(context, workspace);
    let report = with_progress(context, |progress| match directory {
        Some(directory) => workspace.record_directory(directory, progress),
        None => workspace.record_all(Effect::Write, progress),
    });
    let told = |news: &News| !matches!(news, News::Behind(_));
    report.recorded.iter().for_each(|recorded| news::tell(context, recorded.session, recorded.news.filter(told)));
    if !report.failed.is_empty() {
        let words =
            format!("{} could not be recorded (`codex-git record` tells why)", count(report.failed.len(), "rollout"));
        context.ui.say(format_args!("{DIM}{words}{RESET}"));
    }
    report.behind().collect()
}

/// Tells an error, and what to do.
pub fn fail(context: &Context, error: &codex_git::Error) {
    context.ui.fail(error, hints::hint(error));
}

/// Tells what went wrong of several things, and gives those that were done; and whether all were.
pub fn tell_failed<T, E: Into<Failure>>(context: &Context, outcomes: Vec<Result<T, E>>) -> (Vec<T>, Outcome) {
    let (mut done, mut all) = (Vec::new(), Ok(()));
    for outcome in outcomes {
        match outcome {
            Ok(one) => done.push(one),
            Err(error) => {
                let failure = error.into();
                if !failure.is_said() {
                    let (words, hint) = failure.words();
                    context.ui.fail(words, hint);
                }
                all = Err(Failure::Said);
            }
        }
    }
    (done, all)
}

/// Tells what could not be recorded; fails if there is anything.
pub fn tell_failures(context: &Context, report: &Report) -> Outcome {
    for error in &report.failed {
        context.ui.fail(error, hints::hint(error));
    }
    if report.failed.is_empty() { Ok(()) } else { Err(Failure::Said) }
}

/// Tells that turns can't be read, if there are such.
pub fn unreadable(context: &Context, turns: usize) {
    if turns > 0 {
        context.ui.warn(format_args!("{} can't be read and are left out", count(turns, "turn")));
        context.ui.remedy(hints::REPAIR);
    }
}

/// Tells which sessions the store can't give.
pub fn broken_sessions(context: &Context, broken: &[(SessionId, codex_git::Error)]) {
    for (session, error) in broken {
        context.ui.warn(format_args!("session {} can't be read: {error}", short(*session)));
    }
    if !broken.is_empty() {
        context.ui.remedy("codex-git verify --repair");
    }
}

/// Says what a listing can't show because it is damaged.
pub fn all_broken_saves(context: &Context, workspace: &Workspace) {
    match workspace.broken_saves() {
        Ok(broken) => broken_saves(context, workspace, &broken),
        Err(error) => tracing::info!(%error, "the saves could not be looked at"),
    }
}

/// Names these saves, and the refs that are damaged.
pub fn broken_saves(context: &Context, workspace: &Workspace, broken: &[BrokenSave]) {
    if !broken.is_empty() {
        let names: Vec<&str> = broken.iter().map(|save| save.name.as_str()).collect();
        let saves = count(broken.len(), "save");
        context.ui.warn(format_args!("{saves} can't be read: {} ({})", names.join(", "), hints::REPAIR));
    }
    for stray in workspace.stray_refs().unwrap_or_default() {
        context.ui.warn(format_args!("`{}` is damaged: {} ({})", stray.name, stray.reason, hints::REPAIR));
    }
}

/// Tells what became of held files.
pub fn tell_released(context: &Context, released: &Released) -> Outcome {
    for path in &released.put_back {
        tell_put_back(context, path);
    }
    for path in &released.lacking {
        let path = shown(path);
        context.ui.warn(format_args!("the store did not hold all of `{path}`; it is back in its place, and recorded"));
    }
    if released.removed > 0 {
        context.ui.say(format_args!("freed {} of {}", bytes(released.bytes), count(released.removed, "held file")));
    }
    for error in &released.failed {
        fail(context, error);
    }
    if released.failed.is_empty() { Ok(()) } else { Err(Failure::Said) }
}

/// Tells that a held file is back.
pub fn tell_put_back(context: &Context, path: &Path) {
    let path = shown(path);
    context
        .ui
        .warn(format_args!("`{path}` was written to after it was moved aside; it is back in its place, and recorded"));
}

/// Tells where a name stood that stands elsewhere now.
pub fn tell_moved(context: &Context, saved: &Saved) {
    let Some(before) = saved.before.as_ref().filter(|before| before.commit != saved.save.commit) else { return };
    let (id, turn, commit) = (short(before.session), before.turn, before.commit.short());
    context.ui.say(format_args!("  moved from turn {turn} of {id} {DIM}{commit} {}{RESET}", before.subject));
}
