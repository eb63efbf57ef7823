//! `codex-git resume`.

use std::ffi::OsString;
use std::io;
use std::process::Command;

use clap::Args;
use clap_complete::ArgValueCandidates;
use codex_git::SessionId;
use codex_git::model::shell::command;
use codex_git::ops::Resolved;

use super::context::{Context, count, short, shown};
use super::{Failure, Outcome, complete};
use crate::ui::{DIM, NAME, RESET};

/// Continue a session in Codex
///
/// A save means its whole session here; `codex-git fork` starts from the very point. A rollout that is missing is written back
/// first, byte for byte.
#[derive(Args)]
pub struct ResumeArgs {
    /// The session [default: the current one]
    #[arg(value_name = "REVISION", add = ArgValueCandidates::new(complete::revisions))]
    revision: Option<String>,
    /// What `codex resume` gets besides the id, after `--`
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

pub fn run(context: &Context, args: &ResumeArgs) -> Outcome {
    let workspace = context.workspace()?;
    let Resolved { session, point, save, .. } = context.resolve(&workspace, args.revision.as_deref())?;
    if let (Some(save), Some(last)) = (save, workspace.standing(session)?) {
        let turns = last.message.turn.saturating_sub(point.message.turn);
        if turns > 0 {
            let fork = command("fork --resume", &[save.as_str()]);
            context.ui.say(format_args!(
                "the session is {} past {NAME}{save}{RESET}; `{fork}` starts there",
                count(turns as usize, "turn")
            ));
        }
    }
    let (path, missing) = workspace.ready(session)?;
    if missing {
        context.ui.say(format_args!("wrote the missing rollout back: {}", shown(&path)));
    }
    codex(context, session, &args.args)
}

/// Becomes `codex resume`.
pub fn codex(context: &Context, session: SessionId, args: &[OsString]) -> Outcome {
    let id = session.to_string();
    let extra: String = args.iter().map(|arg| format!(" {}", arg.to_string_lossy())).collect();
    context.ui.say(format_args!("{DIM}codex resume {id}{extra}{RESET}"));
    let mut codex = Command::new("codex");
    codex.arg("resume").arg(&id).args(args);
    if context.foreign_home {
        codex.env("CODEX_HOME", &context.home);
    }
    let error = replace(&mut codex);
    if error.kind() == io::ErrorKind::NotFound {
        context.ui.fail(
            format_args!("can't continue session {}: the program `codex` is not there", short(session)),
            Some(format!("npm install -g @openai/codex, then: codex resume {id}")),
        );
        return Err(Failure::Said);
    }
    Err(Failure::Io("run codex", error))
}

#[cfg(unix)]
fn replace(command: &mut Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

#[cfg(not(unix))]
fn replace(command: &mut Command) -> io::Error {
    match command.status() {
        #[allow(clippy::disallowed_methods, reason = "codex took this process's place; its exit code is ours")]
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
