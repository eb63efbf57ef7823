//! `codex-git blame`.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use clap_complete::ValueHint;
use codex_git::Workspace;
use codex_git::model::patch::{Change, Edit, Hunk, Sign};
use codex_git::model::{Item, What, screen};
use codex_git::ops::{Blame, BlameQuestion, BlamedLine, Shown, Source};
use codex_git::render::{Fold, Layout};

use crate::cli::blamed::Page;
use crate::cli::context::{Context, file_and_line};
use crate::cli::conversation::Printer;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::{count, short};
use crate::cli::{json, porcelain, report};

/// So many lines are shown around one in a file that a turn wrote whole.
const AROUND: usize = 3;

/// Show which turn wrote each line of a file
#[derive(Args)]
pub struct BlameArgs {
    /// The file; with :LINE, the turn that wrote that line
    #[arg(value_name = "FILE[:LINE]", value_hint = ValueHint::FilePath)]
    file: String,
    /// Show only these lines, such as 10,20, 10,+5 or 10 (to the end)
    #[arg(short = 'L', long, value_name = "A,B")]
    lines: Option<LineRange>,
    /// A directory that was elsewhere when Codex worked in it, and where it is now; can be repeated. `codex-git moved` tells it once for all
    #[arg(long, value_name = "OLD=NEW")]
    was: Vec<String>,
    /// Name the turn on each line, not only on the first of several
    #[arg(long)]
    all: bool,
    /// Name no turn that is not proven: leave out what is marked with ≈ or ~
    #[arg(long)]
    strict: bool,
    /// Print what `git blame --porcelain` does, with commits of the store
    #[arg(long, conflicts_with_all = ["json", "why", "all"])]
    porcelain: bool,
    /// Show the turn that wrote this line: what was asked, what it changed there, what it answered
    #[arg(long, value_name = "LINE")]
    why: Option<usize>,
}

/// A range of lines: its first, and its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LineRange(usize, usize);

impl FromStr for LineRange {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        let wrong = || format!("`{typed}` is no range of lines, such as 10,20, 10,+5 or 10,");
        let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0).ok_or_else(wrong);
        let (first, last) = typed.split_once(',').unwrap_or((typed, ""));
        let first = if first.is_empty() { 1 } else { number(first)? };
        let last = match last.strip_prefix('+') {
            Some(more) => first.saturating_add(number(more)? - 1),
            None if last.is_empty() => usize::MAX,
            None => number(last)?,
        };
        if last < first { Err(wrong()) } else { Ok(Self(first, last)) }
    }
}

pub fn run(context: &Context, args: &BlameArgs) -> Outcome {
    let workspace = context.workspace()?;
    let (file, line) = file(context, &args.file);
    let was = args.was.iter().map(|typed| moved(context, typed)).collect::<Result<Vec<_>, Failure>>()?;
    report::catch_up(context, &workspace, None);
    let blame = workspace.blame(&BlameQuestion { file, was, guesses: !args.strict })?;
    report::unreadable(context, blame.unreadable);
    if let Some(number) = args.why.or(line) {
        return why(context, &workspace, &blame, number);
    }
    let LineRange(first, last) = args.lines.unwrap_or(LineRange(1, usize::MAX));
    if first > blame.lines.len() && args.lines.is_some() {
        return Err(no_line(&blame, first));
    }
    let lines: Vec<(usize, &BlamedLine)> =
        (1..).zip(&blame.lines).filter(|(number, _)| (first..=last).contains(number)).collect();
    if context.json {
        return objects(context, &workspace, &blame, &lines);
    }
    if args.porcelain {
        return Ok(context.ui.print(|out| porcelain::write(out, &blame, &lines, context.unix_now()))?);
    }
    if lines.is_empty() {
        context.ui.say("the file has no line");
        return Ok(());
    }
    let page = Page { blame: &blame, lines, width: context.ui.width(), every_line: args.all };
    Ok(context.ui.page(|out| page.write(out))?)
}

/// The file that was named, as a whole path, and its line.
fn file(context: &Context, typed: &str) -> (PathBuf, Option<usize>) {
    file_and_line(typed, |typed| context.whole(typed))
}

/// A directory that was elsewhere.
fn moved(context: &Context, typed: &str) -> Result<(String, String), Failure> {
    let (old, new) =
        typed.split_once('=').filter(|(old, new)| !old.is_empty() && !new.is_empty()).ok_or_else(|| {
            Failure::Usage(
                format!("`{typed}` does not say what was where"),
                "codex-git blame --was OLD=NEW FILE".to_owned(),
            )
        })?;
    let text = |path: &str| context.whole(path).to_string_lossy().into_owned();
    Ok((text(old), text(new)))
}

fn no_line(blame: &Blame, number: usize) -> Failure {
    let words = format!("the file has no line {number}: it has {}", count(blame.lines.len(), "line"));
    Failure::Usage(words, "codex-git blame FILE".to_owned())
}

fn objects(context: &Context, workspace: &Workspace, blame: &Blame, lines: &[(usize, &BlamedLine)]) -> Outcome {
    let prompts: Vec<String> =
        blame.turns.iter().map(|turn| workspace.prompt(turn).unwrap_or_else(|_| turn.subject.clone())).collect();
    let object = |(number, line): &(usize, &BlamedLine)| {
        let prompt = line.source.turn().and_then(|turn| prompts.get(turn)).map(String::as_str);
        context.ui.json(json::blamed(*number, line, blame, prompt))
    };
    Ok(lines.iter().try_for_each(object)?)
}

/// Shows the turn that wrote a line.
fn why(context: &Context, workspace: &Workspace, blame: &Blame, number: usize) -> Outcome {
    let line = number.checked_sub(1).and_then(|at| blame.lines.get(at)).ok_or_else(|| no_line(blame, number))?;
    let Some(turn) = line.source.turn().and_then(|turn| blame.turns.get(turn)) else {
        return not_by_a_turn(context, blame, number, line);
    };
    let shown = workspace.shown(turn)?;
    let items = reason(shown.items, blame, line);
    if context.json {
        let objects = items.iter().flat_map(|item| json::item(turn.turn, item));
        objects.into_iter().try_for_each(|object| context.ui.json(object))?;
        return Ok(());
    }
    let layout = Layout { width: context.ui.width(), fold: Fold::Short, every_kind: false };
    let printer = Printer::new(layout, Vec::new(), context.now.offset(), std::collections::HashMap::new());
    let mut turn = turn.clone();
    let (session, commit, of) = (short(turn.session), turn.commit.short(), turn.turn);
    // What else hangs on the turn is no reason for the line.
    (turn.forks, turn.agents) = (Vec::new(), Vec::new());
    context.ui.page(|out| printer.turn(out, Shown { turn: turn.clone(), items }))?;
    context.ui.hint(&match turn.superseded {
        Some(_) => format!("codex-git show {commit}"),
        None => format!("codex-git show {session} --turn {of}"),
    });
    Ok(())
}

/// Tells whose a line is that no turn wrote.
fn not_by_a_turn(context: &Context, blame: &Blame, number: usize, line: &BlamedLine) -> Outcome {
    if context.json {
        return Ok(context.ui.json(json::blamed(number, line, blame, None))?);
    }
    let words = match &line.source {
        Source::Commit(id) => {
            let head = |key| screen::line(blame.head(id, key).unwrap_or_default());
            let short = id.get(..8).unwrap_or(id);
            context.ui.data(format_args!(
                "line {number} came with commit {short}, by {}: {}",
                head("author"),
                head("summary")
            ))?;
            context.ui.hint(&format!("git show {short}"));
            return Ok(());
        }
        Source::Uncommitted => "is not committed, and no turn is known to have written it",
        Source::Between => "came between two turns: nobody tells how",
        Source::Unknown => "is in no repository, and no patch is known to have changed the file",
        _ => "was there before all that is known",
    };
    Ok(context.ui.data(format_args!("line {number} {words}"))?)
}

/// What of a turn tells why a line is there: what was asked, the hunk or the command, and the answer after it.
fn reason(items: Vec<Item>, blame: &Blame, line: &BlamedLine) -> Vec<Item> {
    let change = match &line.source {
        Source::Patch(_, change) | Source::Moved(_, change) => blame.changes.get(*change),
        _ => None,
    };
    let name = Path::new(&blame.path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (mut kept, mut is_found, mut is_answered) = (Vec::new(), false, false);
    for mut item in items {
        let keep = match &mut item.what {
            What::Prompt { .. } => !is_found,
            What::Patch(patch) => {
                patch.changes.retain(|own| change.is_some_and(|change| change.edit == own.edit));
                patch.changes.iter_mut().for_each(|change| narrow(change, line));
                is_found |= !patch.changes.is_empty();
                !patch.changes.is_empty()
            }
            What::Command(command) if change.is_none() => {
                let is_named = command.text.contains(name);
                is_found |= is_named;
                is_named
            }
            What::Answer { .. } => is_found && !std::mem::replace(&mut is_answered, is_found),
            _ => false,
        };
        kept.extend(keep.then_some(item));
    }
    kept
}

/// Leaves of a change the hunk that wrote a line, or the lines around it.
fn narrow(change: &mut Change, line: &BlamedLine) {
    match &mut change.edit {
        Edit::Add(lines) if lines.len() > 2 * AROUND + 1 => {
            let wrote = |at: usize| lines.get(at).is_some_and(|own| own.trim_end_matches('\r') == line.text);
            let at = Some(line.number.saturating_sub(1))
                .filter(|at| wrote(*at))
                .or_else(|| (0..lines.len()).find(|at| wrote(*at)));
            let first = at.unwrap_or(0).saturating_sub(AROUND);
            let part = lines.iter().skip(first).take(2 * AROUND + 1).map(|line| (Sign::Added, line.clone())).collect();
            let hunk = Hunk { at: Some((0, first + 1)), lines: part, ..Hunk::default() };
            change.edit = Edit::Update { to: None, hunks: vec![hunk] };
        }
        Edit::Update { hunks, .. } => {
            let wrote = |hunk: &Hunk| {
                hunk.lines.iter().any(|(sign, text)| *sign == Sign::Added && text.trim_end_matches('\r') == line.text)
            };
            if hunks.iter().any(wrote) {
                let near = |hunk: &Hunk| hunk.at.map_or(0, |(_, new)| new.abs_diff(line.number));
                hunks.retain(wrote);
                let nearest = hunks.iter().map(near).min();
                hunks.retain(|hunk| Some(near(hunk)) == nearest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_lines_is_typed_as_for_git() {
        let range = |typed: &str| typed.parse::<LineRange>().ok().map(|LineRange(first, last)| (first, last));
        assert_eq!(range("10,20"), Some((10, 20)));
        assert_eq!((range("10,+5"), range("7")), (Some((10, 14)), Some((7, usize::MAX))));
        assert_eq!((range("10,"), range(",5")), (Some((10, usize::MAX)), Some((1, 5))));
        for wrong in ["0,5", "5,4", "a", "5,-3", "5,+0"] {
            assert_eq!(range(wrong), None, "{wrong}");
        }
    }
}
