//! `codex-git show`.

use std::io::{self, Write};
use std::path::PathBuf;

use anstyle::Style;
use clap::Args;
use clap_complete::ArgValueCandidates;
use codex_git::model::{Item, Status, text};
use codex_git::ops::{Aside, Shown, chunk_items};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::said::{self, Role};
use crate::cli::words::short;
use crate::cli::{complete, json, report};
use crate::ui::{BOLD, DIM, NAME, WARN, age};

/// How many lines of a tool's output are shown.
const OUTPUT_LINES: usize = 8;

/// Show the conversation up to a point
#[derive(Args)]
pub struct ShowArgs {
    /// The point [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCandidates::new(complete::revisions))]
    revision: Option<String>,
    /// Show only this turn of it
    #[arg(short, long, value_name = "N", conflicts_with = "last")]
    turn: Option<u32>,
    /// Show only the last turns
    #[arg(short = 'n', long, value_name = "N")]
    last: Option<usize>,
    /// Show reasoning and the whole output of tools, too
    #[arg(short, long)]
    full: bool,
    /// Show a file with the lines of one turn (what git calls to show a commit)
    #[arg(long, value_name = "FILE", hide = true, conflicts_with_all = ["revision", "turn", "last"])]
    chunk: Option<PathBuf>,
}

pub fn run(context: &Context, args: &ShowArgs) -> Outcome {
    if let Some(path) = &args.chunk {
        let chunk = std::fs::read(path).map_err(|error| Failure::Io("read the chunk", error))?;
        return Ok(context
            .ui
            .page(|out| chunk_items(&chunk).iter().try_for_each(|item| write_item(out, item, args.full)))?);
    }
    let workspace = context.workspace()?;
    let mut point = report::resolve(context, &workspace, args.revision.as_deref())?.point;
    if let Some(turn) = args.turn {
        point = workspace.turn_of(&point, turn)?;
    }
    let turns: Vec<Shown> = workspace.show(&point, args.turn.map(|_| 1).or(args.last))?.collect::<Result<_, _>>()?;
    if context.json {
        for shown in &turns {
            let objects = shown.items.iter().flat_map(|item| json::item(shown.turn.turn, item));
            objects.into_iter().try_for_each(|object| context.ui.json(object))?;
        }
        return Ok(());
    }
    if turns.is_empty() && args.last != Some(0) {
        context.ui.say(format_args!("session {} has no turn yet", short(point.message.session)));
    }
    let now = context.unix_now();
    Ok(context.ui.page(|out| turns.iter().try_for_each(|shown| write_turn(out, shown, now, args.full)))?)
}

fn write_turn(out: &mut dyn Write, shown: &Shown, now: i64, full: bool) -> io::Result<()> {
    let turn = &shown.turn;
    let saves: String = turn.saves.iter().map(|name| format!("  [{name}]")).collect();
    let model = text::plain(turn.model.as_deref().unwrap_or_default());
    write!(
        out,
        "{BOLD}turn {}{BOLD:#}{NAME}{saves}{NAME:#}  {DIM}{}  {model}{DIM:#}",
        turn.turn,
        age(turn.ended, now)
    )?;
    if turn.status != Status::Complete {
        write!(out, "  {WARN}{}{WARN:#}", turn.status)?;
    }
    if turn.aside == Some(Aside::TakenBack) {
        write!(out, "  {WARN}taken back{WARN:#}")?;
    }
    writeln!(out, "\n")?;
    shown.items.iter().try_for_each(|item| write_item(out, item, full))?;
    turn.agents.iter().try_for_each(|agent| writeln!(out, "{DIM}• agent: codex-git show {agent}{DIM:#}\n"))
}

fn write_item(out: &mut dyn Write, item: &Item, full: bool) -> io::Result<()> {
    let (role, text) = said::said(&item.what);
    write_text(out, role, &text, full)?;
    said::output(&item.what).map_or(Ok(()), |(text, _)| write_text(out, Role::Output, text, full))
}

fn write_text(out: &mut dyn Write, role: Role, text: &str, full: bool) -> io::Result<()> {
    let (style, label) = match role {
        Role::User => (NAME, "› "),
        Role::Assistant => (Style::new(), ""),
        Role::Tool => (DIM, "• "),
        Role::Output => (DIM, "  "),
        Role::Note => (WARN, "! "),
        Role::Reasoning if full => (DIM, "~ "),
        Role::Reasoning => return Ok(()),
    };
    let safe = text::plain_lines(text.trim_end());
    let limit = if role == Role::Output && !full { OUTPUT_LINES } else { usize::MAX };
    let indent = " ".repeat(label.chars().count());
    for (number, line) in safe.lines().take(limit).enumerate() {
        let start = if number == 0 { label } else { &indent };
        writeln!(out, "{style}{start}{line}{style:#}")?;
    }
    let hidden = safe.lines().count().saturating_sub(limit);
    if hidden > 0 {
        writeln!(out, "{DIM}{indent}… {hidden} more lines{DIM:#}")?;
    }
    writeln!(out)
}
