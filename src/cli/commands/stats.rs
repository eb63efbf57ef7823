//! `codex-git stats`.

use std::path::PathBuf;

use anstyle::Style;
use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;
use codex_git::model::{Moment, text};
use codex_git::ops::{Amounts, By, Question, Stats};
use codex_git::render;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::{count, end_of, short, span, tilde};
use crate::cli::{complete, json, report};
use crate::ui::{Align, BOLD, DIM, NAME, Table};

/// How long the longest bar is.
const BAR: u64 = 12;

/// From how many columns on there is room for bars.
const WIDE: usize = 76;

/// Show what turns took: tokens, time, and how many there were
///
/// Each turn counts once, however many forks share it; turns that were left behind count, too. Codex counts what it sends again with each request as
/// input.
#[derive(Args)]
pub struct StatsArgs {
    /// What to count by
    #[arg(short, long, value_name = "WHAT", default_value = "project")]
    by: Key,
    /// Count only the turns up to this point
    #[arg(long, value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    session: Option<String>,
    /// Count only turns that began no earlier than this, such as 2026-11-20, 3d, 2h, yesterday or monday
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Count only turns in this directory or below it
    #[arg(long, value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// Show what the tokens were for; each turn's lines are read for that
    #[arg(long)]
    tokens: bool,
    /// Show only the first rows
    #[arg(short = 'n', long, value_name = "N")]
    max_count: Option<usize>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Key {
    /// The directory that Codex worked in, or the git repository around it
    Project,
    Day,
    /// By its Monday
    Week,
    Month,
    Model,
    Session,
    /// Tools, and commands by their first word
    Tool,
    /// Files that patches changed
    File,
}

impl Key {
    const fn by(self) -> (By, &'static str) {
        match self {
            Self::Project => (By::Project, "project"),
            Self::Day => (By::Day, "day"),
            Self::Week => (By::Week, "week"),
            Self::Month => (By::Month, "month"),
            Self::Model => (By::Model, "model"),
            Self::Session => (By::Session, "session"),
            Self::Tool => (By::Tool, "tool"),
            Self::File => (By::File, "file"),
        }
    }
}

pub fn run(context: &Context, args: &StatsArgs) -> Outcome {
    let (by, name) = args.by.by();
    if args.tokens && matches!(args.by, Key::Tool | Key::File) {
        let (words, hint) =
            (format!("tokens can't be told by {name}"), "leave out --tokens, or count by something else");
        return Err(Failure::Usage(words, hint.to_owned()));
    }
    let workspace = context.workspace()?;
    let point = match &args.session {
        Some(revision) => Some(report::resolve(context, &workspace, Some(revision))?.point.id),
        None => {
            report::catch_up(context, &workspace, None);
            None
        }
    };
    let below = args.cwd.as_deref().map(|directory| context.below(&workspace, directory));
    let offset = context.now.offset();
    let since = args.since.map(|moment| moment.first(context.now));
    let question = Question { by, usage: args.tokens, since, below, point, offset };
    let mut stats = workspace.stats(&question)?;
    report::unreadable(context, stats.unreadable);
    stats.rows.truncate(args.max_count.unwrap_or(usize::MAX));
    if context.json {
        stats.rows.iter().try_for_each(|(key, row)| context.ui.json(json::amounts(name, key, row, args.tokens)))?;
        return Ok(());
    }
    let width = context.ui.width();
    let table = table(context, args, &stats);
    context.ui.page(|out| table.write(out, width))?;
    if stats.total.failed > 0 && by != By::Tool {
        let (turns, were) = (count(stats.total.failed, "turn"), if stats.total.failed == 1 { "was" } else { "were" });
        context.ui.say(format_args!("{DIM}{turns} failed or {were} stopped{DIM:#}"));
    }
    if stats.total.capped > 0 {
        let turns = count(stats.total.capped, "turn");
        context.ui.say(format_args!("{DIM}{turns} took more than four hours, and count as four{DIM:#}"));
    }
    Ok(())
}

fn table(context: &Context, args: &StatsArgs, stats: &Stats) -> Table {
    let columns = columns(args);
    let mut aligned = vec![Align::Left];
    aligned.extend(columns.iter().map(|_| Align::Right));
    let has_bars = context.ui.width().is_none_or(|width| width >= WIDE) && !stats.rows.is_empty();
    aligned.extend(has_bars.then_some(Align::Left));
    let mut table = Table::new(&aligned);
    let mut put = |style: Style, key: &str, cells: &mut dyn Iterator<Item = String>, bar: usize| {
        let row = cells.fold(table.row().cell(style, key), |row, cell| row.cell(style, cell));
        if has_bars {
            row.cell(NAME, "▇".repeat(bar));
        }
    };
    put(DIM, args.by.by().1, &mut columns.iter().map(|(head, _)| (*head).to_owned()), 0);
    // What a path leaves for the numbers behind it.
    let room = context.ui.width().map_or(usize::MAX, |width| width.saturating_sub(11 * columns.len() + 14).max(16));
    let most = stats.rows.iter().map(|(_, row)| size(args.by, row)).max().unwrap_or(0).max(1);
    for (key, row) in &stats.rows {
        let bar = usize::try_from((size(args.by, row) * BAR).div_ceil(most)).unwrap_or(0);
        let key = end_of(&text::plain(&shown(context, args.by, key)), room);
        put(Style::new(), &key, &mut columns.iter().map(|(_, value)| value(row)), bar);
    }
    put(BOLD, "total", &mut columns.iter().map(|(_, value)| value(&stats.total)), 0);
    table
}

/// What a row's bar shows.
fn size(key: Key, row: &Amounts) -> u64 {
    match key {
        Key::Tool => row.calls as u64,
        Key::File => (row.added + row.removed) as u64,
        _ => row.tokens,
    }
}

/// A column: its head, and a row's value.
type Column = (&'static str, fn(&Amounts) -> String);

fn columns(args: &StatsArgs) -> Vec<Column> {
    let mut columns: Vec<Column> = match args.by {
        Key::Tool => vec![
            ("calls", |row| row.calls.to_string()),
            ("failed", |row| row.failed.to_string()),
            ("time", |row| span(row.seconds)),
        ],
        Key::File => vec![("added", |row| format!("+{}", row.added)), ("removed", |row| format!("−{}", row.removed))],
        _ => vec![("tokens", |row| amount(row.tokens))],
    };
    if args.tokens {
        columns.extend::<[Column; 4]>([
            ("input", |row| amount(row.usage.input)),
            ("cached", |row| amount(row.usage.cached)),
            ("output", |row| amount(row.usage.output)),
            ("reasoning", |row| amount(row.usage.reasoning)),
        ]);
    }
    columns.push(("turns", |row| row.turns.to_string()));
    if !matches!(args.by, Key::Tool | Key::File) {
        columns.push(("time", |row| span(row.seconds)));
    }
    columns.push(("sessions", |row| row.sessions.to_string()));
    columns
}

fn amount(number: u64) -> String {
    render::tokens(number).trim_end_matches(" tokens").to_owned()
}

fn shown(context: &Context, by: Key, key: &str) -> String {
    match by {
        Key::Project if key.is_empty() => "unknown".to_owned(),
        Key::Project | Key::File => tilde(key, &context.person_home),
        Key::Session => key.parse().map_or_else(|()| key.to_owned(), short),
        _ => key.to_owned(),
    }
}
