//! Forking a revision, and telling what came of it.

use std::path::Path;

use codex_git::Workspace;
use codex_git::model::text;
use codex_git::ops::{Forked, LeftOutput, Point, Resolved};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::words::{bytes, short};
use super::{codex, json, overlaying, report};
use crate::ui::{DIM, NAME, RESET};

/// A token has about so many bytes of what tools print.
const BYTES_A_TOKEN: u64 = 4;

/// What is to be forked, and how.
#[derive(Clone, Copy, Default)]
pub struct NewFork<'a> {
    /// Where to start from.
    pub revision: &'a str,
    /// At which turn of it.
    pub turn: Option<u32>,
    /// Whether turns of the first era are written as later ones are.
    pub upgrade: bool,
    /// The fork's name, if it was given one.
    pub name: Option<&'a str>,
    /// The provider and the directory that it is to have.
    pub provider: Option<&'a str>,
    pub directory: Option<&'a Path>,
    /// Outputs and images that are larger are left out of what the model gets.
    pub lean: Option<u64>,
}

/// Forks, and tells so; the fork and the name that it gets in Codex.
pub fn fork(context: &Context, wanted: &NewFork<'_>) -> Result<(Forked, Option<String>), Failure> {
    let workspace = context.workspace()?;
    let (resolved, point) = point_of(context, &workspace, wanted)?;
    let (forked, name_in_codex) = make(context, &workspace, wanted, (&resolved, &point))?;
    let named = codex::name(context, forked.session, &name_in_codex, false).then_some(name_in_codex);
    if let Some(named) = named.as_deref().filter(|_| wanted.name.is_none()) {
        workspace.give_fork_name(forked.session, named);
    }
    tell_name(context, named.as_deref());
    Ok((forked, named))
}

/// Finds where to start from.
pub fn point_of(context: &Context, workspace: &Workspace, wanted: &NewFork<'_>) -> Result<(Resolved, Point), Failure> {
    // A name that can't be one is told before anything else.
    wanted.name.map(Workspace::save_name).transpose()?;
    let resolved = report::resolve(context, workspace, Some(wanted.revision))?;
    let point = match wanted.turn {
        Some(turn) => workspace.turn_of(&resolved.point, turn)?,
        None => resolved.point.clone(),
    };
    Ok((resolved, point))
}

/// Makes the fork, and tells so; the fork, and the name that it is to get in Codex.
pub fn make(
    context: &Context,
    workspace: &Workspace,
    wanted: &NewFork<'_>,
    (resolved, point): (&Resolved, &Point),
) -> Result<(Forked, String), Failure> {
    let name = wanted.name.map(Workspace::save_name).transpose()?;
    let name_in_codex = wanted.name.map_or_else(|| workspace.fork_name(point, resolved.save.as_ref()), str::to_owned);
    let forked = if wanted.upgrade {
        workspace.fork_upgraded(point, name.as_ref(), context.now)?
    } else {
        let elsewhere = overlaying::elsewhere(context, workspace, point, (wanted.provider, wanted.directory))?;
        match wanted.lean.map(|most| usize::try_from(most).unwrap_or(usize::MAX)) {
            None => workspace.fork_elsewhere(point, name.as_ref(), &elsewhere, context.now)?,
            Some(most) => {
                let (forked, left) = workspace.fork_lean(point, most, name.as_ref(), &elsewhere, context.now)?;
                tell_left(context, left);
                forked
            }
        }
    };
    tell(context, &forked, wanted.revision, &point.message.subject());
    if let Some(saved) = &forked.saved {
        context.ui.say(format_args!("saved its first point as {NAME}{}{RESET}", saved.save.name));
        report::tell_moved(context, saved);
    }
    Ok((forked, name_in_codex))
}

/// Tells what a lean fork does without.
fn tell_left(context: &Context, left: LeftOutput) {
    let what =
        if left.count == 1 { "1 output or image".to_owned() } else { format!("{} outputs or images", left.count) };
    let size = bytes(left.bytes);
    let tokens = left.bytes / BYTES_A_TOKEN;
    context.ui.say(format_args!("left {what} out of what the model gets: {size}, about {tokens} tokens"));
}

fn tell_name(context: &Context, named: Option<&str>) {
    if let Some(named) = named {
        context.ui.say(format_args!("in Codex it is {NAME}{}{RESET}", text::plain(named)));
    }
}

/// Tells the fork's id, for people and for programs.
pub fn finish(context: &Context, forked: &Forked, named: Option<String>) -> Outcome {
    let id = forked.session.to_string();
    if context.json {
        return Ok(context.ui.json(json::forked(forked, named.as_deref(), None))?);
    }
    let program = if overlaying::needs_provider(context, forked.session)? { "codex-git" } else { "codex" };
    context.ui.say(format_args!("continue it with: {NAME}{program} resume {id}{RESET}"));
    Ok(context.ui.data(id)?)
}

fn tell(context: &Context, forked: &Forked, revision: &str, subject: &str) {
    let open = if forked.open { ", unfinished" } else { "" };
    let (from, turn) = (short(forked.from), forked.turn);
    let revision = text::plain(revision);
    context.ui.say(format_args!("forked {NAME}{revision}{RESET}: turn {turn} of {from}{open} {DIM}{subject}{RESET}"));
}
