//! The tool `blame`.

use std::path::{Path, PathBuf};

use codex_git::model::rfc3339;
use codex_git::ops::{Blame, BlameQuestion, BlamedLine, Source};
use rmcp::schemars;
use serde::Deserialize;

use super::answer::Answer;
use crate::cli::context::{Context, file_and_line};
use crate::cli::failure::Failure;
use crate::cli::report;
use crate::cli::words::count;

/// What the model asks.
#[derive(Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The file: its whole path, or the path from the directory that the server was started in
    file: String,
    /// The first line to tell [default: 1]
    first_line: Option<usize>,
    /// The last line to tell [default: the file's last]
    last_line: Option<usize>,
    /// How long the answer may be [default: 4000]
    most_bytes: Option<usize>,
    /// Where to go on in the answer, as the end of the one before says
    from: Option<usize>,
}

/// Finds the answer.
pub fn answer(context: &Context, asked: &Asked) -> Result<Answer, Failure> {
    let workspace = context.workspace()?;
    report::catch_up(context, &workspace, None);
    let (file, line) = place(context, &asked.file);
    let blame = workspace.blame(&BlameQuestion { file, was: Vec::new(), guesses: true })?;
    let mut answer = Answer::new(asked.most_bytes, asked.from);
    let (first, last) = (asked.first_line.or(line), asked.last_line.or(line));
    let wanted = first.unwrap_or(1).max(1)..=last.unwrap_or(usize::MAX);
    if wanted.is_empty() || *wanted.start() > blame.lines.len().max(1) {
        let words =
            format!("the file has no lines {} to {}: it has {}", wanted.start(), wanted.end(), blame.lines.len());
        return Err(Failure::Usage(words, "ask without `first_line` and `last_line`".to_owned()));
    }
    let lines: Vec<(usize, &BlamedLine)> =
        (1..).zip(&blame.lines).filter(|(number, _)| wanted.contains(number)).collect();
    answer.line(&format!("{}, {}", blame.path, count(blame.lines.len(), "line")));
    for run in lines.chunk_by(|(_, a), (_, b)| a.source.is_same_run(&b.source)) {
        let [(first, line), ..] = run else { continue };
        answer.line(&format!("lines {first}-{}: {}", first + run.len() - 1, told(&blame, &line.source)));
        // What no turn wrote is no memory: it is in the file, for whoever may read that.
        if line.source.turn().is_some() {
            run.iter().for_each(|(_, line)| answer.line(&format!("  {}", line.text)));
        }
    }
    Ok(answer)
}

/// The file that is meant, and its line where one is named behind it.
fn place(context: &Context, typed: &str) -> (PathBuf, Option<usize>) {
    let here = context.here.directory.as_deref().unwrap_or(Path::new("/"));
    file_and_line(typed, |typed| here.join(typed))
}

/// Where lines come from.
fn told(blame: &Blame, source: &Source) -> String {
    let turn = source.turn().and_then(|turn| blame.turns.get(turn)).map(|turn| {
        let (number, commit, session) = (turn.turn, turn.commit.short(), turn.session);
        format!("turn {number} (commit {commit}, {}) of session {session}: {}", rfc3339(turn.ended), turn.subject)
    });
    let turn = turn.unwrap_or_default();
    match source {
        Source::Patch(..) => turn,
        Source::Moved(..) => format!("found by likeness, {turn}"),
        Source::Command(_) => format!("most likely by a command of {turn}"),
        Source::Commit(commit) => {
            let by = blame.head(commit, "author").unwrap_or_default();
            let summary = blame.head(commit, "summary").unwrap_or_default();
            format!("not by a turn: git commit {} by {by}: {summary}", commit.get(..10).unwrap_or(commit))
        }
        Source::Uncommitted => "not by a known turn, and not committed".to_owned(),
        Source::Between => "unknown: changed between turns".to_owned(),
        Source::Before => "unknown: older than all that is known".to_owned(),
        Source::Unknown => "unknown: no known patch changed the file, and it is in no repository".to_owned(),
    }
}
