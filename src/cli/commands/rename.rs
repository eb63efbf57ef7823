//! `codex-git rename`.

use std::time::Duration;

use clap::Args;
use clap_complete::ArgValueCompleter;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::short;
use crate::cli::{complete, json, report};
use crate::ui::{NAME, RESET};

/// Give a session a name in Codex
///
/// Codex's picker shows the name, `codex resume NAME` finds it, and so does codex-git. Forks are named by themselves.
#[derive(Args)]
pub struct RenameArgs {
    /// The session; `@` is the current one
    #[arg(value_name = "SESSION", add = ArgValueCompleter::new(complete::revisions))]
    session: String,
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// Only if it has no name yet
    #[arg(long)]
    if_unnamed: bool,
    /// Ask Codex again where it does not take the name: nobody waits
    #[arg(long, hide = true)]
    patiently: bool,
}

/// How often Codex is asked where nobody waits, and how long after it did not take the name.
const TRIES: (u32, Duration) = (5, Duration::from_secs(1));

pub fn run(context: &Context, args: &RenameArgs) -> Outcome {
    let name = codex_git::model::text::plain(args.name.trim());
    if name.is_empty() {
        return Err(Failure::Usage("a session's name can't be empty".to_owned(), "codex-git rename @ NAME".to_owned()));
    }
    let workspace = context.workspace()?;
    let session = report::resolve(context, &workspace, Some(&args.session))?.session;
    // The save that gives the name may be gone before Codex is asked.
    let is_too_late = || workspace.names().contains_key(&session) || workspace.is_given_in_vain(session, &name);
    if args.if_unnamed && is_too_late() {
        return Ok(());
    }
    let mut named = workspace.rename(&context.codex, session, &name);
    for _ in 1..TRIES.0 {
        if named.is_ok() || !args.patiently {
            break;
        }
        std::thread::sleep(TRIES.1);
        named = workspace.rename(&context.codex, session, &name);
    }
    named?;
    if let Some(title) = workspace.outlived_name(session).filter(|_| args.if_unnamed) {
        // Or while it is asked.
        return Ok(workspace.rename(&context.codex, session, &title)?);
    }
    if context.json {
        context.ui.json(json::renamed(session, &name))?;
    }
    context.ui.say(format_args!("{} is {NAME}{name}{RESET} in Codex now", short(session)));
    Ok(())
}
