//! `codex-git diff`.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::patch::{near, touched};
use codex_git::model::{Item, What, text};
use codex_git::ops::{Difference, LogEntry, Query, Resolved, Side};
use codex_git::render::{Fold, Layout, Line, item};
use codex_git::{SessionId, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::history::{Below, Follower, lengthen};
use crate::cli::words::short;
use crate::cli::{complete, json, range, report, sides};
use crate::ui::paint;

/// Compare two points: the turns and files that only one of them has
#[derive(Args)]
pub struct DiffArgs {
    /// The first point, or A..B for both
    #[arg(value_name = "A", add = ArgValueCompleter::new(complete::revisions))]
    a: String,
    /// The second point [default: the current session]
    #[arg(value_name = "B", add = ArgValueCompleter::new(complete::revisions))]
    b: Option<String>,
    /// Show only how much each side did, and the files; a `!` marks those that both changed
    #[arg(long)]
    stat: bool,
    /// Show what each side changed in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["stat", "patch"])]
    files: Option<String>,
    /// Show each turn below its row
    #[arg(short = 'p', long, conflicts_with = "stat")]
    patch: bool,
    /// Also list the turns that both have
    #[arg(long, conflicts_with = "stat")]
    all: bool,
    /// Exit with 1 if they differ
    #[arg(long)]
    exit_code: bool,
}

pub fn run(context: &Context, args: &DiffArgs) -> Outcome {
    let workspace = context.workspace()?;
    let range = args.b.is_none().then(|| range::ends(context, &workspace, &args.a)).flatten();
    let typed = range.unwrap_or([Some(args.a.as_str()), args.b.as_deref()]);
    let a = report::resolve(context, &workspace, typed[0])?;
    let b = report::resolve(context, &workspace, typed[1])?;
    let mut difference = workspace.diff(&a.point, &b.point)?;
    let file = args.files.as_ref().map(|file| NamedFile::of(context, file));
    let patches = file.as_ref().map(|file| patches(&workspace, &difference.sides, file)).transpose()?;
    let is_touched = |patches: &Patches| patches.iter().flatten().any(|turn| !turn.is_empty());
    if let Some(file) = file.filter(|_| !patches.as_ref().is_some_and(is_touched)) {
        context.ui.say(format_args!("neither side changed `{}`", text::plain(&file.typed)));
    }
    if context.json {
        objects(context, &workspace, &difference, patches.as_ref())?;
    } else {
        let turns = difference.sides.iter_mut().flat_map(|side| &mut side.turns).filter(|_| !args.stat);
        lengthen(context, &workspace, turns);
        let names = [name(typed[0], &a), name(typed[1], &b)];
        let common = if args.all { common(&workspace, &a, &difference)? } else { Vec::new() };
        let page = Page { context, workspace: &workspace, args, names, difference: &difference, common, patches };
        context.ui.page(|out| page.write(out))?;
    }
    if args.exit_code && difference.is_any() { Err(Failure::Said) } else { Ok(()) }
}

/// A file that a person named: as a conversation tells it, or as it is seen from here.
struct NamedFile {
    typed: String,
    whole: String,
}

impl NamedFile {
    fn of(context: &Context, typed: &str) -> Self {
        Self { typed: typed.to_owned(), whole: context.whole(typed).to_string_lossy().into_owned() }
    }

    /// Whether a path is its; Codex worked in `cwd`.
    fn is(&self, path: &str, cwd: Option<&str>) -> bool {
        let is_typed = path == self.typed || near(path, cwd) == self.typed;
        is_typed || Path::new(cwd.unwrap_or_default()).join(path) == Path::new(&self.whole)
    }
}

/// The patches of each turn of both sides, as far as they changed a file.
type Patches = [Vec<Vec<Item>>; 2];

fn patches(workspace: &Workspace, sides: &[Side; 2], file: &NamedFile) -> Result<Patches, codex_git::Error> {
    let of = |side: &Side| side.turns.iter().map(|turn| changes(workspace, turn, file)).collect::<Result<Vec<_>, _>>();
    Ok([of(&sides[0])?, of(&sides[1])?])
}

/// The patches of a turn, as far as they changed a file.
fn changes(workspace: &Workspace, turn: &LogEntry, file: &NamedFile) -> Result<Vec<Item>, codex_git::Error> {
    let mut items = workspace.shown(turn)?.items;
    items.retain_mut(|item| {
        let What::Patch(patch) = &mut item.what else { return false };
        let (cwd, is_done) = (patch.cwd.clone(), patch.is_done());
        patch
            .changes
            .retain(|change| [&change.path, change.path_after()].iter().any(|path| file.is(path, cwd.as_deref())));
        is_done && !patch.changes.is_empty()
    });
    Ok(items)
}

/// What a point is called: as it was typed, with the short id of a session.
fn name(typed: Option<&str>, resolved: &Resolved) -> String {
    let typed = typed.filter(|typed| *typed != "@");
    let after_id = typed.and_then(|typed| typed.split_at_checked(SessionId::LEN));
    match (typed, after_id.and_then(|(id, rest)| Some((SessionId::parse(id)?, rest)))) {
        (None, _) => short(resolved.session),
        (_, Some((id, rest))) => short(id) + rest,
        (Some(typed), None) => typed.to_owned(),
    }
}

/// The turns that both have, oldest first.
fn common(workspace: &Workspace, a: &Resolved, difference: &Difference) -> Result<Vec<LogEntry>, Failure> {
    if difference.both == 0 {
        return Ok(Vec::new());
    }
    let mut turns = workspace.log_of(&workspace.turn_of(&a.point, difference.both)?, &Query::default())?.turns;
    turns.retain(|turn| turn.turn > 0);
    turns.reverse();
    Ok(turns)
}

/// What is printed.
struct Page<'p> {
    context: &'p Context,
    workspace: &'p Workspace,
    args: &'p DiffArgs,
    names: [String; 2],
    difference: &'p Difference,
    common: Vec<LogEntry>,
    patches: Option<Patches>,
}

impl Page<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = self.context.ui.width();
        let [a, b] = &self.difference.sides;
        let below = if self.args.patch { Below::Turn } else { Below::Nothing };
        let turns: Vec<&LogEntry> = a.turns.iter().chain(&b.turns).collect();
        let follower = Follower::new(self.context, self.workspace, below, &turns);
        for turn in self.common.split_last().map_or(&[][..], |(_, earlier)| earlier) {
            paint(out, &sides::row(" ", codex_git::render::Style::Dim, turn.turn, &turn.subject, width))?;
        }
        sides::both(self.difference, width).iter().try_for_each(|line| paint(out, line))?;
        for (at, side) in self.difference.sides.iter().enumerate() {
            self.gap(out, at.checked_sub(1))?;
            sides::head(at, &self.names[at], side, width).iter().try_for_each(|line| paint(out, line))?;
            self.turns(out, at, side, &follower)?;
        }
        let files = sides::files([&self.names[0], &self.names[1]], &self.difference.sides, width);
        if !files.is_empty() && self.args.files.is_none() {
            self.gap(out, Some(1))?;
        }
        files.iter().filter(|_| self.args.files.is_none()).try_for_each(|line| paint(out, line))
    }

    /// A blank line after a side, unless its last turn was printed with one.
    fn gap(&self, out: &mut dyn Write, after: Option<usize>) -> io::Result<()> {
        let has_one = self.args.patch && after.is_some_and(|side| !self.difference.sides[side].turns.is_empty());
        if has_one { Ok(()) } else { writeln!(out) }
    }

    /// The turns of a side, with what was asked for of each.
    fn turns(&self, out: &mut dyn Write, at: usize, side: &Side, follower: &Follower<'_>) -> io::Result<()> {
        let (width, (sign, style)) = (self.context.ui.width(), sides::SIGNS[at]);
        let layout = Layout { width, fold: Fold::At(usize::MAX), every_kind: false };
        for (number, turn) in side.turns.iter().enumerate().filter(|_| !self.args.stat) {
            let patches = self.patches.as_ref().map(|patches| &patches[at][number]);
            if patches.is_some_and(Vec::is_empty) {
                continue;
            }
            paint(out, &sides::row(sign, style, turn.turn, &turn.subject, width))?;
            follower.write(out, &Line::default(), turn)?;
            let lines = patches.into_iter().flatten().flat_map(|patch| item(&patch.what, &layout));
            lines.into_iter().try_for_each(|line| paint(out, &line))?;
        }
        Ok(())
    }
}

fn objects(context: &Context, workspace: &Workspace, difference: &Difference, patches: Option<&Patches>) -> Outcome {
    context.ui.json(json::fork_point(difference))?;
    for (at, name) in ["a", "b"].into_iter().enumerate() {
        for (number, turn) in difference.sides[at].turns.iter().enumerate() {
            if patches.is_some_and(|patches| patches[at][number].is_empty()) {
                continue;
            }
            let prompt = workspace.prompt(turn).unwrap_or_else(|_| turn.subject.clone());
            context.ui.json(json::of_side(name, json::turn(turn, &prompt, None)))?;
        }
    }
    for (at, name) in ["a", "b"].into_iter().enumerate() {
        let files = match patches {
            Some(patches) => touched(patches[at].iter().flatten()),
            None => difference.sides[at].files.clone(),
        };
        files.iter().try_for_each(|file| context.ui.json(json::of_side(name, json::touched(file))))?;
    }
    Ok(())
}
