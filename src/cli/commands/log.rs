//! `codex-git log`.

use std::io::{self, Write};

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::Workspace;
use codex_git::ops::{Log, LogEntry, Point, Query};
use codex_git::render::{Lanes, Line, Row, Rows};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::filters::{Dates, Filters};
use crate::cli::history::{Below, Follower, LENGTHENED, Teller, has_room, lengthen};
use crate::cli::picture::Picture;
use crate::cli::words::short;
use crate::cli::{complete, json, report};
use crate::ui::paint;

/// Show the turns of a session, newest first
#[derive(Args)]
pub struct LogArgs {
    /// Where to start, or A..B for the turns of B that A does not have [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// Show only the newest of them
    #[arg(short = 'n', long, value_name = "N")]
    max_count: Option<usize>,
    /// Draw the session with all that share a turn with it: its forks, what they are forks of, and what was left behind
    #[arg(long)]
    graph: bool,
    /// Show the turns of all sessions
    #[arg(long, conflicts_with = "revision")]
    all: bool,
    /// Also show turns that a rewind or rewrite left behind; with --graph, every turn of every line
    #[arg(long)]
    all_turns: bool,
    /// Show each turn below its row
    #[arg(short = 'p', long, conflicts_with = "stat")]
    patch: bool,
    /// Show the files that each turn touched
    #[arg(long)]
    stat: bool,
    /// Show the oldest first
    #[arg(long, conflicts_with = "graph")]
    reverse: bool,
    /// How to tell times [default: relative, or what `codex-git config date` says]
    #[arg(long, value_enum)]
    date: Option<Dates>,
    #[command(flatten)]
    filters: Filters,
}

pub fn run(context: &Context, args: &LogArgs) -> Outcome {
    let workspace = context.workspace()?;
    let turns = match args.range()? {
        Some(_) if args.graph => {
            let hint = "codex-git log --graph REVISION".to_owned();
            return Err(Failure::Usage("a range can't be drawn as a graph".to_owned(), hint));
        }
        Some(Range { from, to }) => {
            let without = report::resolve(context, &workspace, from)?.point;
            conversation(context, &workspace, to, Some(without), args)?
        }
        None if args.graph || args.all => return family(context, &workspace, args),
        None => conversation(context, &workspace, args.revision.as_deref(), None, args)?,
    };
    tell(context, &workspace, turns, args)
}

/// The ends of a range; one that nobody typed is the current session.
struct Range<'a> {
    from: Option<&'a str>,
    to: Option<&'a str>,
}

impl LogArgs {
    /// The range that is asked for, if one is. No save has two dots in its name.
    fn range(&self) -> Result<Option<Range<'_>>, Failure> {
        let Some(typed) = self.revision.as_deref() else { return Ok(None) };
        let Some((from, to)) = typed.split_once("..") else { return Ok(None) };
        if to.starts_with('.') || to.contains("..") {
            let words = format!("`{typed}` is no range of turns");
            return Err(Failure::Usage(words, "codex-git log A..B".to_owned()));
        }
        let end = |typed| Some(typed).filter(|typed: &&str| !typed.is_empty());
        Ok(Some(Range { from: end(from), to: end(to) }))
    }

    fn query(&self, context: &Context, workspace: &Workspace, without: Option<Point>) -> Query {
        Query { filter: self.filters.filter(context, workspace), most: self.max_count, without }
    }

    fn below(&self) -> Below {
        match (self.patch, self.stat) {
            (true, _) => Below::Turn,
            (false, true) => Below::Files,
            (false, false) => Below::Nothing,
        }
    }
}

/// The turns of one conversation.
fn conversation(
    context: &Context,
    workspace: &Workspace,
    revision: Option<&str>,
    without: Option<Point>,
    args: &LogArgs,
) -> Result<Vec<LogEntry>, Failure> {
    let resolved = report::resolve(context, workspace, revision)?;
    let query = args.query(context, workspace, without);
    let Log { turns, broken } = if args.all_turns {
        workspace.log_all(&resolved.point, &query)?
    } else {
        workspace.log_of(&resolved.point, &query)?
    };
    tell_broken(context, workspace, &broken);
    if turns.is_empty() && query.most != Some(0) && query.filter.wants_all() && query.without.is_none() && !context.json
    {
        context.ui.say(format_args!("session {} has no turn yet", short(resolved.session)));
    }
    Ok(turns)
}

/// The turns of a session's family, or of all sessions.
fn family(context: &Context, workspace: &Workspace, args: &LogArgs) -> Outcome {
    let point = if args.all {
        report::catch_up(context, workspace, None);
        None
    } else {
        Some(report::resolve(context, workspace, args.revision.as_deref())?.point)
    };
    let mut graph = workspace.graph(point.as_ref(), &args.filters.filter(context, workspace))?;
    tell_broken(context, workspace, &graph.broken);
    if !args.graph {
        let wanted = |turn: &&LogEntry| args.all_turns || turn.superseded.is_none();
        let mut turns: Vec<LogEntry> = graph.newest_first().into_iter().filter(wanted).cloned().collect();
        turns.truncate(args.max_count.unwrap_or(usize::MAX));
        return tell(context, workspace, turns, args);
    }
    if !context.json && has_room(context) {
        let drawn: Vec<_> = Picture::of(&graph, args.all_turns, args.max_count)
            .turns()
            .map(|turn| turn.commit)
            .take(LENGTHENED)
            .collect();
        lengthen(context, workspace, graph.turns_mut().filter(|turn| drawn.contains(&turn.commit)));
    }
    let picture = Picture::of(&graph, args.all_turns, args.max_count);
    let turns: Vec<&LogEntry> = picture.turns().collect();
    let follower = Follower::new(context, workspace, args.below(), &turns);
    if context.json {
        return turns.into_iter().try_for_each(|turn| object(context, &follower, turn));
    }
    let teller = Teller { context, dates: Dates::wanted(args.date, workspace) };
    let width = context.ui.width();
    let lanes = Lanes::new(width, context.is_ascii);
    Ok(context.ui.page(|out| picture.write(out, (lanes, width), &teller, &follower))?)
}

fn tell_broken(context: &Context, workspace: &Workspace, broken: &[(codex_git::SessionId, codex_git::Error)]) {
    report::broken_sessions(context, broken);
    report::all_broken_saves(context, workspace);
}

/// Prints turns, a row each.
fn tell(context: &Context, workspace: &Workspace, mut turns: Vec<LogEntry>, args: &LogArgs) -> Outcome {
    if args.reverse {
        turns.reverse();
    }
    if turns.is_empty() && !context.json && !args.filters.filter(context, workspace).wants_all() {
        context.ui.say("no turn matches");
    }
    if !context.json {
        lengthen(context, workspace, turns.iter_mut());
    }
    let follower = Follower::new(context, workspace, args.below(), &turns.iter().collect::<Vec<_>>());
    if context.json {
        return turns.iter().try_for_each(|turn| object(context, &follower, turn));
    }
    let teller = Teller { context, dates: Dates::wanted(args.date, workspace) };
    let mut session = None;
    // The first turn of each session, as they are shown, tells whose turns follow.
    let row = |turn| teller.row(turn, session.replace(turn.session) != Some(turn.session));
    let rows: Vec<Row> = turns.iter().map(row).collect();
    let layout = Rows::of(&rows, context.ui.width());
    Ok(context
        .ui
        .page(|out| rows.iter().zip(&turns).try_for_each(|(row, turn)| write(out, row, turn, &layout, &follower)))?)
}

fn write(out: &mut dyn Write, row: &Row, turn: &LogEntry, layout: &Rows, follower: &Follower<'_>) -> io::Result<()> {
    paint(out, &layout.line(row))?;
    follower.write(out, &Line::default(), turn)
}

/// A turn for programs: with its whole prompt.
fn object(context: &Context, follower: &Follower<'_>, turn: &LogEntry) -> Outcome {
    let prompt = follower.workspace.prompt(turn).unwrap_or_else(|_| turn.subject.clone());
    let files = if follower.below == Below::Files { Some(follower.files(turn)?) } else { None };
    Ok(context.ui.json(json::turn(turn, &prompt, files.as_deref()))?)
}
