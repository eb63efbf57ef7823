//! `codex-git show`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap_complete::ArgValueCompleter;
use codex_git::model::What;
use codex_git::ops::{About, Conversation, Point, chunk_items};
use codex_git::render::{Fold, Layout, Line, Turn};
use codex_git::{SessionId, Workspace};

use crate::cli::context::Context;
use crate::cli::conversation::{Printer, first_line, head};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::turn_range::TurnRange;
use crate::cli::words::short;
use crate::cli::{complete, json, report};
use crate::ui::paint;

/// How many lines of an output git gets to see.
const LINES_FOR_GIT: usize = 40;

/// Show the conversation up to a point
#[derive(Args)]
pub struct ShowArgs {
    /// The point [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// Show only this turn of it
    #[arg(short, long, value_name = "N", conflicts_with_all = ["last", "range"])]
    turn: Option<u32>,
    /// Show only the last turns
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "range")]
    last: Option<usize>,
    /// Show only these turns of it, such as 3..7, 3.. or ..7
    #[arg(long, value_name = "A..B")]
    range: Option<TurnRange>,
    /// Show everything: reasoning, scripts, whole outputs and patches; of a line above 1 MiB, the first 256 KiB of each text
    #[arg(short, long)]
    full: bool,
    /// Show only items of these kinds, such as prompt,answer
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = PossibleValuesParser::new(What::KINDS), hide_possible_values = true)]
    only: Vec<String>,
    /// Print the exact bytes that Codex wrote, all but the session's first line
    #[arg(long, conflicts_with_all = ["full", "only", "json"])]
    raw: bool,
    /// Show a file with the lines of one turn (what git calls to show a commit)
    #[arg(long, value_name = "FILE", hide = true, conflicts_with_all = ["revision", "turn", "last", "range", "only", "raw"])]
    chunk: Option<PathBuf>,
}

pub fn run(context: &Context, args: &ShowArgs) -> Outcome {
    if let Some(path) = &args.chunk {
        return chunk(context, path, args.full);
    }
    let workspace = context.workspace()?;
    let point = report::resolve(context, &workspace, args.revision.as_deref())?.point;
    let (point, last) = part(&workspace, point, args)?;
    let conversation = workspace.show(&point, last)?;
    if args.raw {
        return raw(context, conversation);
    }
    if conversation.turns().is_empty() && args.last != Some(0) && !context.json {
        context.ui.say(format_args!("session {} has no turn yet", short(point.message.session)));
        return Ok(());
    }
    let printer = printer(context, &workspace, &conversation, args);
    if context.json {
        return objects(context, conversation, &printer);
    }
    let is_whole = args.turn.or(args.range.map(|range| range.first)).is_none() && args.last.is_none();
    let about = if is_whole && printer.only.is_empty() { Some(workspace.about(&point)?) } else { None };
    let head = about.map(|about| head(context, &about, &point, conversation.turns(), &printer.layout));
    print(context, head.unwrap_or_default(), conversation, &printer)
}

/// The point that the last turn to show is, and how many there are.
fn part(workspace: &Workspace, point: Point, args: &ShowArgs) -> Result<(Point, Option<usize>), Failure> {
    if let Some(turn) = args.turn {
        return Ok((workspace.turn_of(&point, turn)?, Some(1)));
    }
    args.range.map_or(Ok((point.clone(), args.last)), |range| range.of(workspace, &point))
}

fn printer(context: &Context, workspace: &Workspace, conversation: &Conversation<'_>, args: &ShowArgs) -> Printer {
    let hanging = conversation.turns().iter().flat_map(|turn| turn.forks.iter().chain(&turn.agents));
    let titles = workspace.titles(&hanging.copied().collect::<Vec<SessionId>>());
    let fold = if args.full { Fold::Nothing } else { Fold::Short };
    // Who asks for kinds means them.
    let layout = Layout { width: context.ui.width(), fold, every_kind: args.full || !args.only.is_empty() };
    Printer::new(layout, args.only.clone(), context.now.offset(), titles)
}

/// Prints turn after turn, the first before the second is read.
fn print(context: &Context, head: Vec<Line>, conversation: Conversation<'_>, printer: &Printer) -> Outcome {
    let mut failed = None;
    context.ui.page(|out| {
        head.iter().try_for_each(|line| paint(out, line))?;
        let mut is_first = head.is_empty();
        for shown in conversation {
            match shown {
                Ok(shown) if !printer.tells(&shown) => {}
                Ok(shown) => {
                    if !std::mem::take(&mut is_first) {
                        writeln!(out)?;
                    }
                    printer.turn(out, shown)?;
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        Ok(())
    })?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}

fn objects(context: &Context, conversation: Conversation<'_>, printer: &Printer) -> Outcome {
    for shown in conversation {
        let shown = shown?;
        let wanted = shown.items.iter().filter(|item| printer.wants(item));
        wanted.flat_map(|item| json::item(shown.turn.turn, item)).try_for_each(|object| context.ui.json(object))?;
    }
    Ok(())
}

fn raw(context: &Context, mut conversation: Conversation<'_>) -> Outcome {
    while let Some(bytes) = conversation.next_bytes() {
        context.ui.bytes(&bytes?)?;
    }
    Ok(())
}

/// Shows a file that git hands over: a chunk, a part of a large one, or a session's first line.
fn chunk(context: &Context, path: &Path, full: bool) -> Outcome {
    let chunk = std::fs::read(path).map_err(|error| Failure::Io("read the chunk", error))?;
    let layout =
        Layout { width: None, fold: if full { Fold::Nothing } else { Fold::At(LINES_FOR_GIT) }, every_kind: full };
    let part = path.extension().and_then(|extension| extension.to_str()?.parse::<u16>().ok());
    Ok(context.ui.print(|out| match About::read(&chunk) {
        Some(about) => writeln!(out, "{}", first_line(&about)),
        None => write_chunk(out, &chunk, part, &layout),
    })?)
}

fn write_chunk(out: &mut dyn Write, chunk: &[u8], part: Option<u16>, layout: &Layout) -> io::Result<()> {
    if let Some(part) = part {
        writeln!(out, "(part {} of this turn)\n", u32::from(part) + 1)?;
    }
    Turn::new(&chunk_items(chunk), layout).try_for_each(|line| paint(out, &line))
}
