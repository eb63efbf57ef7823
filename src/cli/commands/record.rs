//! `codex-git record`.

use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::ops::{Recorded, Report};
use codex_git::{Effect, Error, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::short;
use crate::cli::{complete, json, news, report, words};
use crate::ui::{DIM, NAME, RESET};

/// Up to how many sessions that gained something are told one by one.
const LISTED: usize = 20;

/// Commit the turns that sessions gained
///
/// Other commands record the sessions that they read. Run this to record every session at once, or to see what is wrong with a rollout.
#[derive(Args)]
pub struct RecordArgs {
    /// Sessions or rollout files [default: every session of the codex home]
    #[arg(value_name = "SESSION|PATH", add = ArgValueCompleter::new(complete::sessions))]
    sessions: Vec<String>,
    /// Show what would be recorded, and record nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub fn run(context: &Context, args: &RecordArgs) -> Outcome {
    let workspace = context.workspace()?;
    let effect = if args.dry_run { Effect::Pretend } else { Effect::Write };
    let report = if args.sessions.is_empty() {
        report::record_all(context, &workspace, effect)
    } else {
        let mut report = Report::default();
        for named in &args.sessions {
            match one(&workspace, named, effect) {
                // Who names a file is told that it holds nothing.
                Err(error) => report.failed.push(error),
                recorded => report.add(recorded),
            }
        }
        report
    };
    tell(context, &report, effect)?;
    workspace.gc_if_due(&report.recorded, effect);
    report::tell_failures(context, &report)
}

fn one(workspace: &Workspace, named: &str, effect: Effect) -> Result<Recorded, Error> {
    let not_found = || Error::NotFound { text: named.to_owned(), near: Vec::new() };
    let path = Path::new(named);
    if path.exists() {
        return workspace.record_path(path, effect);
    }
    let session = workspace.session_like(named)?.ok_or_else(not_found)?;
    workspace.record_session(session, effect)?.ok_or_else(not_found)
}

fn tell(context: &Context, report: &Report, effect: Effect) -> Result<(), Failure> {
    let told = |recorded: &&Recorded| recorded.changed || recorded.news.is_some() || context.json;
    for recorded in report.recorded.iter().filter(told) {
        if context.json {
            context.ui.json(json::recorded(recorded))?;
        } else if recorded.changed && report.changed() <= LISTED {
            let Recorded { session, turns, last, .. } = recorded;
            context.ui.say(format_args!("{NAME}{}{RESET} +{turns} {DIM}(turn {last}){RESET}", short(*session)));
        }
        news::tell(context, recorded.session, recorded.news);
    }
    if report.recorded.is_empty() && !report.failed.is_empty() {
        return Ok(());
    }
    let summary = words::recorded(report.turns(), report.changed(), report.recorded.len());
    let would = if effect == Effect::Pretend { "would have " } else { "" };
    context.ui.say(if report.changed() == 0 { summary } else { format!("{would}{summary}") });
    Ok(())
}
