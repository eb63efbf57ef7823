//! The tool `sessions`.

use codex_git::model::rfc3339;
use codex_git::ops::{Filter, Listed, Needle};
use rmcp::schemars;
use serde::Deserialize;

use super::answer::Answer;
use super::search::moment;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::report;
use crate::cli::words::count;

/// What the model asks.
#[derive(Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Only sessions that worked in this directory or below it
    directory: Option<String>,
    /// Only sessions whose name or first prompt has this regular expression in it
    title: Option<String>,
    /// Only sessions since then, such as 2026-11-20, 3d, 2h, yesterday
    since: Option<String>,
    /// How long the answer may be [default: 4000]
    most_bytes: Option<usize>,
    /// Where to go on in the answer, as the end of the one before says
    from: Option<usize>,
}

/// Finds the answer.
pub fn answer(context: &Context, asked: &Asked) -> Result<Answer, Failure> {
    let title = asked.title.as_deref().map(str::parse::<Needle>).transpose();
    let title = title.map_err(|reason| Failure::Usage(reason, "ask with other words as `title`".to_owned()))?;
    let workspace = context.workspace()?;
    let filter = Filter {
        since: moment(asked.since.as_deref())?.map(|moment| moment.first(context.now)),
        below: asked.directory.as_deref().map(|directory| context.below(&workspace, directory.as_ref())),
        grep: title,
        ..Filter::default()
    };
    report::catch_up(context, &workspace, None);
    let listing = workspace.listing(None)?;
    let mut answer = Answer::new(asked.most_bytes, asked.from);
    let own = listing.sessions.iter().filter(|session| !session.origin.is_subagent() && filter.takes_session(session));
    let sessions: Vec<&Listed> = own.collect();
    if sessions.is_empty() {
        let now = rfc3339(context.unix_now());
        answer.line(&format!("none of {} matches, up to {now}", count(listing.sessions.len(), "session")));
    }
    sessions.into_iter().for_each(|session| answer.line(&row(session)));
    Ok(answer)
}

/// A session in one line.
fn row(session: &Listed) -> String {
    let name = session.name.as_deref().or(session.title.as_deref()).unwrap_or_default();
    let saves: String = session.saves.iter().map(|save| format!(", saved as {save}")).collect();
    let base = session.origin.forked_from.map_or(String::new(), |base| format!(", fork of {base}"));
    let (turns, changed) = (count(session.turns as usize, "turn"), rfc3339(session.changed));
    let cwd = session.cwd.as_deref().unwrap_or("?");
    format!("- {} ({turns}, {changed}, in {cwd}{saves}{base}): {name}", session.id)
}
