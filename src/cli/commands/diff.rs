//! `codex-git diff`.

use std::io::{self, Write};
use std::path::{Component, Path};

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::patch::near;
use codex_git::model::{Item, What, text};
use codex_git::ops::{Difference, LogEntry, Query, Resolved, Side};
use codex_git::render::{Fold, Layout, Line, item};
use codex_git::{SessionId, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::history::{Below, Follower, lengthen};
use crate::cli::words::short;
use crate::cli::{complete, json, report, sides};
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
    let typed = points(args);
    let a = report::resolve(context, &workspace, typed[0])?;
    let b = report::resolve(context, &workspace, typed[1])?;
    let mut difference = workspace.diff(&a.point, &b.point)?;
    let file = args.files.as_ref().map(|file| NamedFile::of(context, file));
    let files = || difference.sides.iter().flat_map(|side| &side.files);
    if let Some(file) = file.as_ref().filter(|file| !files().any(|touched| file.is(&touched.path))) {
        context.ui.say(format_args!("neither side changed `{}`", text::plain(&file.typed)));
    }
    if context.json {
        objects(context, &workspace, &difference, file.as_ref())?;
    } else {
        lengthen(context, &workspace, difference.sides.iter_mut().flat_map(|side| &mut side.turns));
        let names = [name(typed[0], &a), name(typed[1], &b)];
        let common = if args.all { common(&workspace, &a, &difference)? } else { Vec::new() };
        let page = Page { context, workspace: &workspace, args, names, difference: &difference, common, file };
        context.ui.page(|out| page.write(out))?;
    }
    if args.exit_code && difference.is_any() { Err(Failure::Said) } else { Ok(()) }
}

/// The two points as they were typed.
fn points(args: &DiffArgs) -> [Option<&str>; 2] {
    match args.a.split_once("..").filter(|(_, b)| args.b.is_none() && !b.contains("..") && !b.starts_with('.')) {
        Some((a, b)) => [a, b].map(|typed| Some(typed).filter(|typed| !typed.is_empty())),
        None => [Some(args.a.as_str()), args.b.as_deref()],
    }
}

/// A file that a person named: as a conversation tells it, or as it is seen from here.
struct NamedFile {
    typed: String,
    whole: String,
}

impl NamedFile {
    fn of(context: &Context, typed: &str) -> Self {
        let mut whole = context.here.directory.clone().unwrap_or_default();
        for part in Path::new(typed).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => _ = whole.pop(),
                part => whole.push(part),
            }
        }
        Self { typed: typed.to_owned(), whole: whole.to_string_lossy().into_owned() }
    }

    /// Whether a path is its, which stands below the directory that Codex worked in where it lies there.
    fn is(&self, path: &str) -> bool {
        path == self.typed || Path::new(&self.whole).ends_with(path)
    }
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
    file: Option<NamedFile>,
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
        for turn in side.turns.iter().filter(|_| !self.args.stat) {
            let hunks = self.file.as_ref().map(|file| self.hunks(turn, file)).transpose()?;
            if hunks.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            paint(out, &sides::row(sign, style, turn.turn, &turn.subject, width))?;
            follower.write(out, &Line::default(), turn)?;
            hunks.into_iter().flatten().try_for_each(|line| paint(out, &line))?;
        }
        Ok(())
    }

    /// What a turn changed in a file.
    fn hunks(&self, turn: &LogEntry, file: &NamedFile) -> io::Result<Vec<Line>> {
        let layout = Layout { width: self.context.ui.width(), fold: Fold::At(usize::MAX), every_kind: false };
        let patches = patches(self.workspace, turn, file).map_err(io::Error::other)?;
        Ok(patches.iter().flat_map(|patch| item(&patch.what, &layout)).collect())
    }
}

/// The patches of a turn, as far as they changed a file.
fn patches(workspace: &Workspace, turn: &LogEntry, file: &NamedFile) -> Result<Vec<Item>, codex_git::Error> {
    let mut items = workspace.shown(turn)?.items;
    items.retain_mut(|item| {
        let What::Patch(patch) = &mut item.what else { return false };
        let (cwd, is_done) = (patch.cwd.clone(), patch.is_done());
        patch.changes.retain(|change| {
            let paths = [change.path.as_str(), change.path_after()];
            paths.iter().any(|path| file.is(path) || file.is(near(path, cwd.as_deref())))
        });
        is_done && !patch.changes.is_empty()
    });
    Ok(items)
}

fn objects(context: &Context, workspace: &Workspace, difference: &Difference, file: Option<&NamedFile>) -> Outcome {
    context.ui.json(json::fork_point(difference))?;
    for (side, name) in difference.sides.iter().zip(["a", "b"]) {
        for turn in &side.turns {
            if file.is_some_and(|file| patches(workspace, turn, file).is_ok_and(|patches| patches.is_empty())) {
                continue;
            }
            let prompt = workspace.prompt(turn).unwrap_or_else(|_| turn.subject.clone());
            context.ui.json(json::of_side(name, json::turn(turn, &prompt, None)))?;
        }
    }
    for (side, name) in difference.sides.iter().zip(["a", "b"]) {
        let files = side.files.iter().filter(|touched| file.is_none_or(|file| file.is(&touched.path)));
        files.map(|file| json::of_side(name, json::touched(file))).try_for_each(|object| context.ui.json(object))?;
    }
    Ok(())
}
