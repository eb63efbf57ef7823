//! Completing rollouts that have fewer turns than the store, and telling what came of it.

use std::collections::HashSet;
use std::path::PathBuf;

use codex_git::ops::{Advanced, CodexError};
use codex_git::{Effect, Error, SessionId, Workspace};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::json;
use super::words::{bytes, count, short, shown};
use crate::ui::{DIM, NAME, RESET};

/// Completes the rollout of a session, if it is behind, and tells so, once for each file. One that Codex has open is left for later.
pub fn advance(
    context: &Context,
    workspace: &Workspace,
    session: SessionId,
    effect: Effect,
    told: &mut HashSet<PathBuf>,
) -> Outcome {
    match workspace.advance(session, effect) {
        Ok(advanced) => {
            // A base is named again by each fork of it, if nothing is written.
            let mut news = advanced.iter().filter(|advanced| told.insert(advanced.path.clone()));
            news.try_for_each(|advanced| tell(context, advanced, effect))?;
            if effect == Effect::Write {
                workspace.wait_for(session, false)?;
            }
            Ok(())
        }
        Err(error @ Error::Codex(CodexError::InUse(_) | CodexError::Open { .. })) if effect == Effect::Write => {
            workspace.wait_for(session, true)?;
            context.ui.fail(error, None);
            context.ui.say(format_args!("its turns are in the store, and go in when Codex has closed it"));
            Err(Failure::Said)
        }
        Err(error) => Err(error.into()),
    }
}

/// The same of a session that gained turns from elsewhere: to have it open is no failure. Whether it has them now; else it waits.
pub fn follow(context: &Context, workspace: &Workspace, session: SessionId) -> Result<bool, Failure> {
    match workspace.advance(session, Effect::Write) {
        Ok(advanced) => {
            advanced.iter().try_for_each(|advanced| tell(context, advanced, Effect::Write))?;
            Ok(true)
        }
        Err(Error::MayBeOpen(_) | Error::Codex(CodexError::InUse(_) | CodexError::Open { .. })) => {
            workspace.wait_for(session, true)?;
            context.ui.say("Codex has it open: its rollout gains them when that is closed");
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Completes what somebody asked for while Codex had it open.
pub fn retry(context: &Context, workspace: &Workspace) {
    for advanced in workspace.advance_waiting() {
        say(context, &advanced, Effect::Write);
    }
}

fn tell(context: &Context, advanced: &Advanced, effect: Effect) -> Outcome {
    if context.json {
        return Ok(context.ui.json(json::advanced(advanced, effect == Effect::Write))?);
    }
    say(context, advanced, effect);
    Ok(())
}

fn say(context: &Context, advanced: &Advanced, effect: Effect) {
    let would = if effect == Effect::Pretend { "would add" } else { "added" };
    let session = short(advanced.session);
    // What is missing can be lines that make no turn.
    let turns = if advanced.turns == 0 { "lines".to_owned() } else { count(advanced.turns as usize, "turn") };
    let (size, path) = (bytes(advanced.bytes), shown(&advanced.path));
    context.ui.say(format_args!("{would} {turns} to {NAME}{session}{RESET} {DIM}{size} {path}{RESET}"));
    for kept in &advanced.kept {
        context.ui.say(format_args!("{DIM}what only the shorter file had is kept as {}{RESET}", kept.short()));
    }
}
