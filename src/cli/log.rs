//! `codex-git log`.

use anstyle::Style;
use clap::Args;
use clap_complete::ArgValueCandidates;
use codex_git::model::Status;
use codex_git::ops::LogEntry;

use super::context::{Context, short};
use super::{Outcome, complete, json};
use crate::ui::{Align, DIM, NAME, Table, WARN, age};

/// Show the turns of a session, newest first
#[derive(Args)]
pub struct LogArgs {
    /// Where to start [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCandidates::new(complete::revisions))]
    revision: Option<String>,
    /// Show only the newest of them
    #[arg(short = 'n', long, value_name = "N")]
    max_count: Option<usize>,
}

pub fn run(context: &Context, args: &LogArgs) -> Outcome {
    let workspace = context.workspace()?;
    let resolved = context.resolve(&workspace, args.revision.as_deref())?;
    let mut entries = workspace.log(&resolved.point)?;
    entries.truncate(args.max_count.unwrap_or(usize::MAX));
    if context.json {
        entries.iter().try_for_each(|entry| context.ui.data(json::turn(entry)))?;
        return Ok(());
    }
    if entries.is_empty() {
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
