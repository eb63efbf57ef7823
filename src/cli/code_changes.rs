//! What turns changed in a project's files, as people read it: a list of turns, and the difference between two snapshots.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use codex_git::model::code::{lies_in, readable};
use codex_git::model::{shell, text};
use codex_git::ops::code::{Content, FileChange, Happened, TurnChange, Wanted};
use codex_git::{Error, Workspace};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::kept_code::{at, below_root, parts_words, root, tell_parts, tell_what_counts};
use super::patches::{self, Amount};
use super::words::{bytes, count, shown};
use super::{json, report};
use crate::ui::{DIM, NAME, RESET};

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();

/// So many files that can't be told are named.
const NAMED: usize = 8;

/// What each turn changed, the newest first; `last` is the number of the session's last turn.
pub fn log(context: &Context, turns: &[TurnChange], (last, most): (u32, Option<usize>)) -> Outcome {
    if context.json {
        return turns.iter().rev().try_for_each(|turn| Ok(context.ui.json(json::code_turn(turn))?));
    }
    if turns.is_empty() && most != Some(0) {
        context.ui.say("no turn of this session has a code snapshot");
    }
    let first = turns.first().map_or(last, |turn| turn.turn);
    let lacking: Vec<u32> = (first + 1..=last).filter(|turn| !turns.iter().any(|kept| kept.turn == *turn)).collect();
    if !lacking.is_empty() {
        let noun = if lacking.len() == 1 { "turn" } else { "turns" };
        let numbers: Vec<String> = lacking.iter().map(u32::to_string).collect();
        context.ui.say(format_args!("without a code snapshot: {noun} {}", numbers.join(", ")));
    }
    Ok(context.ui.page(|out| turns.iter().rev().try_for_each(|turn| entry(out, turn)))?)
}

fn entry(out: &mut dyn Write, turn: &TurnChange) -> io::Result<()> {
    let TurnChange { turn: number, subject, before, after, files, .. } = turn;
    writeln!(out, "{NAME}turn {number}{RESET} {}", text::plain(subject))?;
    let is_light = after.as_ref().or(before.as_ref()).is_some_and(|kept| kept.snapshot.light);
    match (before, after) {
        _ if is_light => writeln!(out, "  {DIM}light: no file was kept{RESET}")?,
        (Some(_), Some(_)) if files.is_empty() => writeln!(out, "  {DIM}no file changed{RESET}")?,
        (Some(_), Some(_)) => {
            let sum = |lines: fn(&FileChange) -> usize| files.iter().map(lines).sum::<usize>();
            let (added, removed) = (sum(|file| file.added), sum(|file| file.removed));
            writeln!(out, "  {GREEN}+{added}{RESET} {RED}-{removed}{RESET} in {}", count(files.len(), "file"))?;
        }
        (None, _) => writeln!(out, "  {DIM}kept only as after it{RESET}")?,
        (_, None) => writeln!(out, "  {DIM}kept only as before it{RESET}")?,
    }
    let (one, other) = (before.as_ref().or(after.as_ref()), after.as_ref().or(before.as_ref()));
    if let Some(words) = one.zip(other).and_then(|(one, other)| parts_words(&one.snapshot, &other.snapshot)) {
        writeln!(out, "  {DIM}{words}{RESET}")?;
    }
    match turn.neighbours {
        [_, true] => {
            writeln!(out, "  {DIM}nothing told of its end: what was done until the next turn counts, too{RESET}")?;
        }
        [true, _] => {
            writeln!(out, "  {DIM}no snapshot before it: what was done since the turn before counts, too{RESET}")?;
        }
        _ => {}
    }
    if before.as_ref().is_some_and(|kept| kept.snapshot.torn) {
        writeln!(out, "  {DIM}torn: a command may have run before the files were looked at{RESET}")?;
    }
    if files.iter().any(|file| file.unsure) {
        writeln!(out, "  {DIM}another session worked in this folder at the same time{RESET}")?;
    }
    for file in files {
        let mark = match file.happened() {
            Happened::Added => "A",
            Happened::Deleted => "D",
            Happened::Updated => "M",
        };
        let amount = in_lines(file)
            .map(|(added, removed)| format!("+{added} -{removed}"))
            .unwrap_or_else(|| without_lines(file));
        let whose = if file.unsure { ", perhaps another session's" } else { "" };
        writeln!(out, "  {mark} {} {DIM}{amount}{whose}{RESET}", text::plain(&readable(&file.path)))?;
    }
    Ok(())
}

/// How many lines of a file came and went, where that tells it all.
fn in_lines(file: &FileChange) -> Option<(usize, usize)> {
    let is_text = |content: &Content| matches!(content, Content::None | Content::Text(_));
    (file.new_mode().is_none() && file.contents.iter().all(is_text)).then_some((file.added, file.removed))
}

/// What is different in a file where that is no matter of lines.
fn without_lines(file: &FileChange) -> String {
    if let Some((old, new)) = file.new_mode() {
        return format!("mode {old:o} → {new:o}");
    }
    let what = |content: &Content| match content {
        Content::None => "nothing".to_owned(),
        Content::Text(text) => bytes(text.len() as u64),
        Content::Binary(size) => bytes(*size),
        Content::Gone => "bytes that are gone".to_owned(),
        Content::LeftOut => "left out".to_owned(),
    };
    let why = if file.is_unknown() { "" } else { "not text: " };
    format!("{why}{} → {}", what(&file.contents[0]), what(&file.contents[1]))
}

/// Which snapshots are compared, and how that is shown.
pub struct Wish<'a> {
    /// The turn to compare with; none for what the last turn changed.
    pub from: Option<&'a str>,
    /// The other; none for the files as they are.
    pub to: Option<&'a str>,
    /// Only these.
    pub paths: &'a [String],
    /// Whether only the amounts are shown.
    pub stat: bool,
}

impl Wish<'_> {
    /// What two points are typed as, where a range was.
    fn apart(&self) -> Option<String> {
        let (from, to) = self.from.filter(|_| self.to.is_none())?.split_once("..")?;
        let ends = [from, to.trim_start_matches('.')].map(|end| if end.is_empty() { "@" } else { end });
        let [from, to] = ends.map(shell::quoted);
        let stat = if self.stat { " --stat" } else { "" };
        let paths: String = self.paths.iter().map(|path| format!(" {}", shell::quoted(path))).collect();
        let dashes = if paths.is_empty() { "" } else { " --" };
        Some(format!("codex-git code diff{stat} {from} {to}{dashes}{paths}"))
    }
}

/// How files differ.
pub fn diff(context: &Context, workspace: &Workspace, wish: &Wish<'_>) -> Outcome {
    compare(context, workspace, wish).map_err(|failure| match (failure, wish.apart()) {
        (Failure::Library(error @ Error::Range(_)), Some(hint)) => Failure::Held(error.to_string(), hint),
        (failure, _) => failure,
    })
}

fn compare(context: &Context, workspace: &Workspace, wish: &Wish<'_>) -> Outcome {
    let (mut files, old, kept) = match (wish.from, wish.to) {
        (Some(_), None) => {
            let old = at(context, workspace, wish.from, Wanted::After)?;
            tell_what_counts(context, &old, false);
            tell_parts(context, &old.kept.snapshot, &old.kept.snapshot);
            if root(context).is_ok_and(|here| here != old.kept.root()) {
                context.ui.say(format_args!("compared with the files in {}", shown(old.kept.root())));
            }
            (workspace.code_difference_now(&old, &context.bounds(), context.unix_now())?, old.kept.clone(), old.kept)
        }
        (None, _) => {
            let resolved = report::resolve(context, workspace, None)?;
            let turn = workspace.last_kept_turn(resolved.session, &resolved.point)?;
            let [old, new] =
                [Wanted::Before, Wanted::After].map(|wanted| workspace.code_at(resolved.session, &turn, wanted));
            let (old, new) = (old?.with_files()?, new?.with_files()?);
            context.ui.say(format_args!("what turn {} changed:", new.turn));
            tell_what_counts(context, &new, false);
            tell_parts(context, &old.kept.snapshot, &new.kept.snapshot);
            (workspace.code_difference((&old.store, &old.kept), (&new.store, &new.kept))?, old.kept, new.kept)
        }
        (Some(_), to) => {
            let old = at(context, workspace, wish.from, Wanted::After)?;
            let new = at(context, workspace, to, Wanted::After)?;
            if new.kept.root() != old.kept.root() && new.store.path() != old.store.path() {
                let words = "these turns worked in different projects".to_owned();
                return Err(Failure::Usage(words, "codex-git code log".to_owned()));
            }
            tell_what_counts(context, &old, false);
            tell_what_counts(context, &new, false);
            tell_parts(context, &old.kept.snapshot, &new.kept.snapshot);
            (workspace.code_difference((&old.store, &old.kept), (&new.store, &new.kept))?, old.kept, new.kept)
        }
    };
    let paths = wish.paths.iter().map(|path| below_root(context, kept.root(), path.as_ref()));
    let paths: Vec<Vec<u8>> = paths.collect::<Result<_, _>>()?;
    files.retain(|file| paths.is_empty() || paths.iter().any(|path| lies_in(&file.path, path)));
    if context.json {
        return files.iter().try_for_each(|file| Ok(context.ui.json(json::code_file(file))?));
    }
    if files.is_empty() {
        let is_unknown = |path: &&Vec<u8>| [&old, &kept].iter().any(|one| one.snapshot.knows_nothing_of(path));
        let why = paths
            .iter()
            .find(is_unknown)
            .map(|path| format!(", as far as is known: `{}` was not looked at", readable(path)));
        context.ui.say(format_args!("no file differs{}", text::plain(&why.unwrap_or_default())));
    } else if wish.stat {
        let amounts: Vec<Amount> = files.iter().map(amount).collect();
        return Ok(context.ui.page(|out| patches::stat(out, &amounts, context.ui.width()))?);
    }
    let patches: Vec<Option<String>> = files.iter().map(FileChange::patch).collect();
    let untold = files.iter().zip(&patches).filter(|(_, patch)| patch.is_none()).map(|(file, _)| file);
    tell_untold(context, &untold.collect::<Vec<_>>());
    patches::print(context, patches.into_iter().flatten())
}

fn amount(file: &FileChange) -> Amount {
    let name = text::plain(&readable(&file.path)).into_owned();
    Amount { name, lines: in_lines(file).ok_or_else(|| without_lines(file)) }
}

/// Names the files that differ, but are not in the patch.
fn tell_untold(context: &Context, untold: &[&FileChange]) {
    for file in untold.iter().take(NAMED) {
        let why = match () {
            () if file.contents.contains(&Content::LeftOut) => {
                "how is not known: a snapshot does without it, for its name, its size or the ignore rules"
            }
            () if file.contents.contains(&Content::Gone) => "how is not known: the project no longer has its bytes",
            () => "is not in the patch: it is no text in UTF-8, or too large",
        };
        context.ui.warn(format_args!("`{}` differs, but {why}", readable(&file.path)));
    }
    if untold.len() > NAMED {
        context.ui.warn(format_args!("so do {} (--json names all)", count(untold.len() - NAMED, "more file")));
    }
}
