//! A conversation as a Markdown document.

use std::io::Write;

use codex_git::Workspace;
use codex_git::ops::Point;
use codex_git::render::document::{plain, turn};
use codex_git::render::page::Detail;

use super::context::Context;
use super::conversation::{facts, ruler};
use super::failure::Outcome;
use super::filters::Dates;

/// Writes the turns up to a point, or as many of the last of them.
pub fn write(
    context: &Context,
    workspace: &Workspace,
    (point, last): (&Point, Option<usize>),
    detail: Detail,
    out: &mut dyn Write,
) -> Outcome {
    let about = workspace.about(point)?;
    let turns = workspace.show(point, last)?;
    let first = turns.turns().first().map_or("", |turn| turn.subject.as_str());
    writeln!(out, "# {}\n", plain(about.name.as_deref().unwrap_or(first)))?;
    let facts: Vec<String> = facts(context, &about, point, turns.turns()).iter().map(|fact| plain(fact)).collect();
    writeln!(out, "{}\n", facts.join(" · "))?;
    for shown in turns {
        let shown = shown?;
        let ruler = ruler(&shown.turn, Dates::Local.brief(shown.turn.started, context));
        out.write_all(turn(&ruler, &shown.items, &detail).as_bytes())?;
    }
    Ok(())
}
