//! `codex-git restore`.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::ops::{Resolved, Restored};
use codex_git::{Effect, Error, SessionId, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::forking::NewFork;
use crate::cli::words::{bytes, count, short, shown};
use crate::cli::{advancing, complete, forking, hints, json, report};
use crate::ui::{DIM, NAME, RESET};

/// Bring back sessions whose files Codex no longer has
///
/// Writes each file back where it was, byte for byte, together with the files that it continues, and notifies Codex. A save stands for its whole
/// session. An existing file is never changed: with --as-fork, an earlier state of a session becomes a session of its own. With --advance, a file
/// that is the beginning of what the store has is replaced by the whole, while Codex does not have the session open.
#[derive(Args)]
pub struct RestoreArgs {
    /// The sessions
    #[arg(value_name = "REVISION", required_unless_present_any = ["deleted", "advance"], conflicts_with = "deleted", add = ArgValueCompleter::new(complete::revisions))]
    revisions: Vec<String>,
    /// All sessions that only the store has
    #[arg(long, conflicts_with = "as_fork")]
    deleted: bool,
    /// Also complete rollouts that have fewer turns than the store; all of them if no session is named
    #[arg(long, conflicts_with_all = ["as_fork", "to"])]
    advance: bool,
    /// Make a new session of each instead
    #[arg(long, conflicts_with = "to")]
    as_fork: bool,
    /// Write them into this folder, laid out as a codex home
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Show what would be written, and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub fn run(context: &Context, args: &RestoreArgs) -> Outcome {
    args.revisions.iter().try_for_each(|revision| report::revision(Some(revision)).map(drop))?;
    if args.as_fork && args.dry_run {
        let workspace = context.workspace()?;
        for revision in &args.revisions {
            let point = report::resolve(context, &workspace, Some(revision))?.point;
            let (turn, session) = (point.message.turn, short(point.message.session));
            context.ui.say(format_args!("would fork turn {turn} of {session} {DIM}{}{RESET}", point.message.subject()));
        }
        return Ok(());
    }
    if args.as_fork {
        return args.revisions.iter().try_for_each(|revision| fork(context, revision));
    }
    let workspace = context.workspace()?;
    if args.advance {
        return advance(context, &workspace, args);
    }
    let (restored, failed) = if args.deleted {
        report::tell_failed(context, workspace.restore_missing(args.to.as_deref(), effect(args))?)
    } else {
        report::tell_failed(
            context,
            args.revisions.iter().map(|revision| one(context, &workspace, revision, args)).collect(),
        )
    };
    let mut restored = restored.concat();
    // The base of several sessions is told once.
    let mut told = HashSet::new();
    restored.retain(|file| told.insert(file.path.clone()));
    tell(context, &restored, args)?;
    if restored.is_empty() && args.deleted && failed.is_ok() {
        context.ui.say("every session of the store is in the codex home");
    }
    register(context, &workspace, &restored, args);
    failed
}

fn fork(context: &Context, revision: &str) -> Outcome {
    let (forked, named) = forking::fork(context, &NewFork { revision, ..NewFork::default() })?;
    forking::finish(context, &forked, named)
}

fn one(context: &Context, workspace: &Workspace, revision: &str, args: &RestoreArgs) -> Result<Vec<Restored>, Failure> {
    let Resolved { point, session, stale, .. } = report::find(context, workspace, Some(revision))?;
    match &stale {
        // A damaged file is what fails, below.
        Some(Error::Damaged(..)) if args.to.is_none() => {}
        Some(error) => report::warn_of_stale(context, error),
        None => {}
    }
    if point.message.session != session || workspace.is_current(&point)? {
        return Ok(workspace.restore(session, args.to.as_deref(), effect(args))?);
    }
    if args.to.is_none() {
        return Err(Error::LeftBehind { text: revision.to_owned(), session }.into());
    }
    Ok(workspace.restore_state(&point, args.to.as_deref(), effect(args))?)
}

/// Completes rollouts that are behind; those of named sessions that are missing are restored.
fn advance(context: &Context, workspace: &Workspace, args: &RestoreArgs) -> Outcome {
    let mut sessions = Vec::new();
    for revision in &args.revisions {
        // A session that is behind is read once, not twice.
        let session = match workspace.session_by_id(revision)? {
            Some(session) => session,
            None => workspace.resolve(&context.here, revision)?.session,
        };
        sessions.push(session);
    }
    let is_missing = workspace.missing()?;
    let mut told = HashSet::new();
    for session in sessions.iter().filter(|session| is_missing.contains(session)) {
        let restored = workspace.restore(*session, None, effect(args))?;
        tell(context, &restored, args)?;
        register(context, workspace, &restored, args);
        told.extend(restored.into_iter().map(|file| file.path));
    }
    if args.revisions.is_empty() {
        sessions.extend(workspace.behind().into_iter().map(|(session, _)| session));
    }
    let mut outcomes = Vec::new();
    for session in sessions {
        outcomes.push(advancing::advance(context, workspace, session, effect(args), &mut told));
    }
    let (_, outcome) = report::tell_failed(context, outcomes);
    if told.is_empty() && outcome.is_ok() {
        context.ui.say("no rollout has fewer turns than the store");
    }
    outcome
}

/// So many of the sessions that Codex does not know are named.
const NAMED: usize = 5;

fn effect(args: &RestoreArgs) -> Effect {
    if args.dry_run { Effect::Pretend } else { Effect::Write }
}

fn tell(context: &Context, restored: &[Restored], args: &RestoreArgs) -> Outcome {
    for file in restored {
        if context.json {
            context.ui.json(json::restored(file, args.dry_run))?;
            continue;
        }
        let session = short(file.session);
        let path = shown(&file.path);
        let size = bytes(file.bytes);
        match (file.written, args.dry_run) {
            (true, true) => {
                context.ui.say(format_args!("would restore {NAME}{session}{RESET} {DIM}{size} {path}{RESET}"))
            }
            (true, false) => context.ui.say(format_args!("restored {NAME}{session}{RESET} {DIM}{size} {path}{RESET}")),
            (false, _) => context.ui.say(format_args!("{session} is there {DIM}{path}{RESET}")),
        }
    }
    Ok(())
}

/// Has Codex take notice: its picker knows no file that it has not been told of.
fn register(context: &Context, workspace: &Workspace, restored: &[Restored], args: &RestoreArgs) {
    let mut sessions: Vec<SessionId> = restored.iter().filter(|file| file.written).map(|file| file.session).collect();
    sessions.dedup();
    if sessions.is_empty() || args.dry_run || args.to.is_some() {
        return;
    }
    match workspace.register(&context.codex, &sessions) {
        Ok(unknown) if unknown.is_empty() => {}
        Ok(unknown) => {
            let known = sessions.len() - unknown.len();
            let mut ids: Vec<String> = unknown.iter().take(NAMED).map(|session| short(*session)).collect();
            ids.extend((unknown.len() > NAMED).then(|| "…".to_owned()));
            let all = count(sessions.len(), "session");
            context.ui.say(format_args!("Codex knows {known} of {all} again, but not {}", ids.join(", ")));
        }
        Err(error) => {
            tracing::info!(%error, "Codex was not notified");
            let resume = hints::hint(&error).map_or_else(String::new, |hint| format!(" ({hint})"));
            context.ui.say(format_args!("Codex could not be notified; `codex resume ID` still finds them{resume}"));
        }
    }
}
