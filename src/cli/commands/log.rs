//! `codex-git log`.

use anstyle::Style;
use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::Status;
use codex_git::ops::{Aside, Log, LogEntry};

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::words::short;
use crate::cli::{complete, json, report};
use crate::ui::{Align, DIM, NAME, Table, WARN, age};

/// Show the turns of a session, newest first
#[derive(Args)]
pub struct LogArgs {
    /// Where to start [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// Show only the newest of them
    #[arg(short = 'n', long, value_name = "N")]
    max_count: Option<usize>,
    /// Then also the turns that the session left behind when it went back to an earlier one, or was rewritten
    #[arg(long)]
    all_turns: bool,
}

pub fn run(context: &Context, args: &LogArgs) -> Outcome {
    let workspace = context.workspace()?;
    let resolved = report::resolve(context, &workspace, args.revision.as_deref())?;
    let point = &resolved.point;
    let Log { turns: mut entries, broken } =
        if args.all_turns { workspace.log_all(point)? } else { workspace.log(point)? };
    entries.truncate(args.max_count.unwrap_or(usize::MAX));
    report::broken_sessions(context, &broken);
    report::all_broken_saves(context, &workspace);
    if context.json {
        entries.iter().try_for_each(|entry| context.ui.json(json::turn(entry)))?;
        return Ok(());
    }
    if entries.is_empty() && args.max_count != Some(0) {
        context.ui.say(format_args!("session {} has no turn yet", short(resolved.session)));
    }
    let mut table = Table::new(&[Align::Right, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left]);
    let mut session = None;
    for entry in &entries {
        table.row(row(entry, context.unix_now(), session.replace(entry.session) != Some(entry.session)));
    }
    let width = context.ui.width();
    Ok(context.ui.page(|out| table.write(out, width))?)
}

/// A turn's row. The first turn of each session, seen from the newest, tells whose turns follow.
fn row(entry: &LogEntry, now: i64, first: bool) -> Vec<Vec<(Style, String)>> {
    let mut marks: Vec<(Style, String)> = entry.saves.iter().map(|name| (NAME, format!("[{name}] "))).collect();
    marks.extend(entry.forks.iter().map(|id| (DIM, format!("(fork {}) ", short(*id)))));
    marks.extend(entry.agents.iter().map(|id| (DIM, format!("(agent {}) ", short(*id)))));
    match entry.aside {
        // Its commit is the only name that it has.
        Some(Aside::LeftBehind) => marks.push((WARN, format!("left behind: {} ", entry.commit.short()))),
        Some(Aside::TakenBack) => marks.push((WARN, "taken back ".to_owned())),
        None => {}
    }
    if entry.status != Status::Complete {
        marks.push((WARN, format!("{} ", entry.status)));
    }
    marks.push((Style::new(), entry.subject.clone()));
    vec![
        vec![(NAME, entry.turn.to_string())],
        vec![(DIM, age(entry.ended, now))],
        vec![(DIM, entry.model.clone().unwrap_or_default())],
        vec![(DIM, entry.tokens.map(|tokens| tokens.to_string()).unwrap_or_default())],
        vec![(DIM, if first { short(entry.session) } else { String::new() })],
        marks,
    ]
}
