//! `codex-git resume`.

use std::ffi::OsString;

use clap::Args;
use clap_complete::ArgValueCompleter;

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::forking::NewFork;
use crate::cli::{choice, complete, forking, overlaying, resuming};

/// Continue a session in Codex
///
/// A save stands for its whole session here; `codex-git fork` starts from the saved point itself. If the rollout is missing, it is restored first,
/// byte for byte.
#[derive(Args)]
pub struct ResumeArgs {
    /// The session [default: the current one; at a terminal, where there are several, the picker asks]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// Take the current session, and never ask (as CODEX_GIT_UI=0 does)
    #[arg(long)]
    no_ui: bool,
    /// Arguments for `codex resume`, after `--`
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

pub fn run(context: &Context, args: &ResumeArgs) -> Outcome {
    let workspace = context.workspace()?;
    if args.revision.is_some() {
        return resuming::resume(context, &workspace, args.revision.as_deref(), &args.args);
    }
    let Some(choice) = choice::to_resume(context, &workspace, args.no_ui)? else {
        return resuming::resume(context, &workspace, None, &args.args);
    };
    let session = choice.session.to_string();
    if !choice.is_fork {
        return resuming::resume(context, &workspace, Some(&session), &args.args);
    }
    let wanted = NewFork { revision: &session, turn: choice.turn, ..NewFork::default() };
    let (forked, _) = forking::fork(context, &wanted)?;
    overlaying::resume(context, &workspace, forked.session, &args.args)
}
