//! `codex-git resume`.

use std::ffi::OsString;

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::shell::command;
use codex_git::ops::Resolved;

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::words::{count, shown};
use crate::cli::{complete, overlaying, report};
use crate::ui::{NAME, RESET};

/// Continue a session in Codex
///
/// A save stands for its whole session here; `codex-git fork` starts from the saved point itself. If the rollout is missing, it is restored first,
/// byte for byte.
#[derive(Args)]
pub struct ResumeArgs {
    /// The session [default: the current one]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// Arguments for `codex resume`, after `--`
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

pub fn run(context: &Context, args: &ResumeArgs) -> Outcome {
    let workspace = context.workspace()?;
    let Resolved { session, point, save, .. } = report::resolve(context, &workspace, args.revision.as_deref())?;
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
    overlaying::resume(context, &workspace, session, &args.args)
}
