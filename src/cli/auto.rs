//! What happens by itself after a turn, with the remotes for which a person wants that. Nobody waits for it, and it asks nobody.

use std::ffi::OsStr;

use codex_git::Workspace;
use codex_git::ops::{Auto, Hooks, Remote};

use super::context::{Context, unix_now};
use super::failure::{Failure, Outcome};
use super::{detached, gate};

/// Has sessions go to the remotes that get them after each turn, and come from there.
pub fn after_turn(context: &Context, workspace: &Workspace) {
    for remote in workspace.remotes().unwrap_or_default() {
        if remote.auto == Auto::Off {
            continue;
        }
        let words = ["-q", remote.auto.word(), "--auto", "--without-held", remote.name.as_str()].map(OsStr::new);
        if let Err(error) = detached::run(&context.home, context.other_store(), &words) {
            tracing::info!(%error, remote = %remote.name, "what is to happen by itself could not be begun");
        }
    }
}

/// Does it, when it is its turn; what becomes of it is noted beside what becomes of hooks.
pub fn in_turn(context: &Context, workspace: &Workspace, remote: &Remote, act: impl FnOnce() -> Outcome) -> Outcome {
    let Some(pace) = workspace.wait_for_turn(remote)? else { return Ok(()) };
    let outcome = act();
    // What was held back or left out is told, and no reason to come less often.
    pace.done(outcome.as_ref().err().is_none_or(Failure::is_said));
    let told = match &outcome {
        Ok(()) => Ok(match workspace.held_back(&remote.name) {
            0 => "done".to_owned(),
            held => format!("done; {}", gate::held_back(held)),
        }),
        Err(failure) if failure.is_said() => Err("not all of it went well".to_owned()),
        Err(failure) => Err(failure.words().0),
    };
    Hooks::of(&context.home).note_exchange(remote, unix_now(), told);
    outcome
}
