//! The tool `turns`.

use codex_git::Workspace;
use codex_git::model::rfc3339;
use codex_git::ops::{LogEntry, Query, Resolved, Superseded};
use codex_git::render::{Fold, Layout, Turn};
use rmcp::schemars;
use serde::Deserialize;

use super::answer::Answer;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::report;
use crate::cli::words::status;

/// What the model asks.
#[derive(Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Whose turns: a session's id or its beginning, a commit that `search` named, the name of a save, or `@` [default: `@`, the current session]
    session: Option<String>,
    /// Read this turn instead of listing all
    turn: Option<u32>,
    /// With `turn`: read all turns from there up to this one
    up_to: Option<u32>,
    /// Tell long outputs and reasoning whole
    #[serde(default)]
    full: bool,
    /// How long the answer may be [default: 4000]
    most_bytes: Option<usize>,
    /// Where to go on in the answer, as the end of the one before says
    from: Option<usize>,
}

/// Finds the answer.
pub fn answer(context: &Context, asked: &Asked) -> Result<Answer, Failure> {
    let workspace = context.workspace()?;
    let resolved = report::resolve(context, &workspace, asked.session.as_deref())?;
    let mut answer = Answer::new(asked.most_bytes, asked.from);
    let title = workspace.titles(&[resolved.session]).remove(&resolved.session).unwrap_or_default();
    answer.line(&format!("session {} {title}", resolved.session));
    let turns = workspace.log_all(&resolved.point, &Query::default())?.turns;
    match asked.turn {
        None => turns.iter().for_each(|turn| answer.line(&row(turn))),
        Some(first) => read(&workspace, asked, &resolved, &turns, first, &mut answer)?,
    }
    Ok(answer)
}

/// A turn in one line.
fn row(turn: &LogEntry) -> String {
    let status = status(&turn.status).map_or(String::new(), |status| format!(", {status}"));
    let saves: String = turn.saves.iter().map(|name| format!(", saved as {name}")).collect();
    let aside = turn.superseded.map_or(String::new(), |aside| format!(", {}", aside.words()));
    let (number, commit, ended) = (turn.turn, turn.commit.short(), rfc3339(turn.ended));
    format!("- turn {number} (commit {commit}, {ended}{status}{aside}{saves}): {}", turn.subject)
}

fn read(
    workspace: &Workspace,
    asked: &Asked,
    resolved: &Resolved,
    turns: &[LogEntry],
    first: u32,
    answer: &mut Answer,
) -> Result<(), Failure> {
    let last = asked.up_to.unwrap_or(first);
    let fold = if asked.full { Fold::Nothing } else { Fold::Short };
    let layout = Layout { width: None, fold, every_kind: asked.full };
    let mut wanted: Vec<&LogEntry> = turns
        .iter()
        .filter(|turn| (first..=last).contains(&turn.turn) && turn.superseded != Some(Superseded::LeftBehind))
        .collect();
    wanted.reverse();
    if wanted.is_empty() {
        // Says which turns there are.
        workspace.turn_of(&resolved.point, first)?;
    }
    for turn in wanted {
        let shown = workspace.shown(turn)?;
        answer.line(&row(&shown.turn));
        Turn::new(&shown.items, &layout).for_each(|line| answer.line(&line.text()));
        if answer.is_full() {
            break;
        }
    }
    Ok(())
}
