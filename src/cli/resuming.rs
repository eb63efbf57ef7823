//! Continuing a session in Codex.

use std::ffi::OsString;

use codex_git::Workspace;
use codex_git::model::shell::command;
use codex_git::ops::Resolved;

use super::context::Context;
use super::failure::Outcome;
use super::words::{count, shown};
use super::{overlaying, report};
use crate::ui::{NAME, RESET};

/// Continues the session that a revision means (none: the current one). If its rollout is missing, that is restored first.
pub fn resume(context: &Context, workspace: &Workspace, revision: Option<&str>, args: &[OsString]) -> Outcome {
    let Resolved { session, point, save, .. } = report::resolve(context, workspace, revision)?;
    if let (Some(save), Some(last)) = (save, workspace.head(session)?) {
        let turns = last.message.turn.saturating_sub(point.message.turn);
        if turns > 0 {
            let fork = command("fork --resume", &[save.as_str()]);
            context.ui.say(format_args!(
                "the session is {} past {NAME}{save}{RESET}; `{fork}` starts there",
                count(turns as usize, "turn")
            ));
        }
    }
    let (path, missing) = workspace.ensure_on_disk(session)?;
    if missing {
        context.ui.say(format_args!("restored the missing rollout: {}", shown(&path)));
    }
    overlaying::resume(context, workspace, session, args)
}
