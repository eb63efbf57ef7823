//! `codex-git evict`.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::ops::{CodexError, Evicted, Eviction, Wanted};
use codex_git::{Effect, Error, SessionId, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::measures::{age, size};
use crate::cli::words::{bytes, count, short};
use crate::cli::{complete, json, report};
use crate::ui::{DIM, NAME, Progress, RESET};

/// Free disk space: remove rollouts that the store can restore
///
/// Removes a rollout only after reading all of it back from the store and comparing it, and only while neither Codex nor another process has it
/// open. It is moved aside first, and `codex-git gc` removes it a day later; --now does both at once. `codex-git resume` and `codex-git restore`
/// bring it back.
#[derive(Args)]
pub struct EvictArgs {
    /// The sessions
    #[arg(value_name = "SESSION", required_unless_present_any = ["older_than", "larger_than", "now"], add = ArgValueCompleter::new(complete::sessions))]
    sessions: Vec<String>,
    /// All sessions untouched for at least this long: 12h, 30d, 8w
    #[arg(long, value_name = "AGE", value_parser = age, conflicts_with = "sessions")]
    older_than: Option<Duration>,
    /// All of at least this size: 500K, 100M, 2G
    #[arg(long, value_name = "SIZE", value_parser = size, conflicts_with = "sessions")]
    larger_than: Option<u64>,
    /// Free the space now; without sessions, that of all rollouts already moved aside
    #[arg(long)]
    now: bool,
    /// Go on even where the system can't show which files are open (sessions of a Codex before 0.160)
    #[arg(short, long)]
    yes: bool,
    /// Show what would be removed, and remove nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl EvictArgs {
    /// Whether the sessions are chosen by what they are, and not by name.
    fn selects(&self) -> bool {
        self.older_than.is_some() || self.larger_than.is_some()
    }
}

pub fn run(context: &Context, args: &EvictArgs) -> Outcome {
    let workspace = context.workspace()?;
    report::catch_up(context, &workspace, None);
    if args.sessions.is_empty() && !args.selects() {
        return free_held(context, &workspace, args.dry_run);
    }
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(context.unix_now()).unwrap_or(0));
    let sessions = if args.selects() {
        let before = args.older_than.map(|age| now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH));
        workspace.evictable(&Wanted { before, bytes: args.larger_than })
    } else {
        let resolve = |named: &String| Ok(report::resolve(context, &workspace, Some(named))?.session);
        args.sessions.iter().map(resolve).collect::<Result<Vec<_>, Failure>>()?
    };
    let effect = if args.dry_run { Effect::Pretend } else { Effect::Write };
    let eviction = Eviction { effect, now, at_once: args.now, unseen: args.yes };
    let mut bar = Progress::new("sessions", context.ui.quiet);
    let mut outcomes = workspace.evict(&sessions, &eviction, &mut |progress| bar.at(progress.done, progress.total));
    drop(bar);
    if args.selects() {
        skip_open(context, &mut outcomes);
    }
    let (mut told, mut has_freed) = (Ok(()), false);
    if args.now && !args.dry_run {
        // Of what was moved aside before, no rollout is left to move.
        let held: HashSet<SessionId> = workspace.held().iter().map(|held| held.session).collect();
        let released = workspace.release(true, Some(&sessions));
        told = report::tell_released(context, &released);
        has_freed = released.removed > 0;
        outcomes.retain(|outcome| match outcome {
            Err(Error::OnlyKept(session)) => !held.contains(session),
            Err(Error::NotFound { text, .. }) => SessionId::parse(text).is_none_or(|session| !held.contains(&session)),
            _ => true,
        });
    }
    let (evicted, failed) = report::tell_failed(context, outcomes);
    if !(has_freed && evicted.is_empty()) {
        tell(context, &evicted, args)?;
    }
    told.and(failed)
}

/// Of sessions that were not named, those that are open are left alone.
fn skip_open(context: &Context, outcomes: &mut Vec<Result<Evicted, Error>>) {
    let before = outcomes.len();
    outcomes.retain(|outcome| {
        !matches!(outcome, Err(Error::Codex(CodexError::InUse(_) | CodexError::Open { .. }) | Error::HasForks { .. }))
    });
    let skipped = before - outcomes.len();
    if skipped > 0 {
        context.ui.say(format_args!("skipped {}: open, or needed by forks that stay", count(skipped, "session")));
    }
}

/// Frees what evictions before have moved aside.
fn free_held(context: &Context, workspace: &Workspace, dry_run: bool) -> Outcome {
    if dry_run {
        let held = workspace.held();
        let total: u64 = held.iter().map(|held| held.bytes).sum();
        context.ui.say(format_args!("would free {} of {}", bytes(total), count(held.len(), "held file")));
        return Ok(());
    }
    let released = workspace.release(true, None);
    let is_back = !(released.put_back.is_empty() && released.lacking.is_empty());
    if released.removed == 0 && released.failed.is_empty() && !is_back {
        context.ui.say("no rollout is waiting to be removed");
    }
    report::tell_released(context, &released)
}

/// What brings back what was evicted.
fn brings_back(evicted: &[Evicted]) -> String {
    match evicted {
        [one] => format!("`codex-git restore {}` brings it back", short(one.session)),
        _ => "`codex-git restore SESSION` brings one back".to_owned(),
    }
}

fn tell(context: &Context, evicted: &[Evicted], args: &EvictArgs) -> Outcome {
    let held = !args.now;
    let what = match (args.dry_run, held) {
        (true, _) => "would free",
        (false, true) => "moved aside",
        (false, false) => "freed",
    };
    for Evicted { session, bytes: size, .. } in evicted {
        context.ui.say(format_args!("{what} {} {NAME}{}{RESET}", bytes(*size), short(*session)));
    }
    if context.json {
        evicted.iter().try_for_each(|evicted| context.ui.json(json::evicted(evicted, args.dry_run)))?;
    }
    let total: u64 = evicted.iter().map(|evicted| evicted.bytes).sum();
    let sessions = count(evicted.len(), "session");
    let when = if held { "`codex-git gc` frees the space a day after, `codex-git evict --now` at once; " } else { "" };
    context.ui.say(match evicted {
        [] => "nothing to remove".to_owned(),
        _ => format!("{what} {} of {sessions} {DIM}({when}{}){RESET}", bytes(total), brings_back(evicted)),
    });
    Ok(())
}
