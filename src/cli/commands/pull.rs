//! `codex-git pull`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::Effect;

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::{carrying, complete, exchange};

/// Take in what other machines have at a remote
///
/// Every object is checked, and every turn recorded anew from its bytes, before it becomes a part of the store. A session that went on there goes on
/// here; one that went on in both places keeps its end here, and the other one can be forked: `codex-git fork SESSION@{MACHINE}`.
#[derive(Args)]
pub struct PullArgs {
    /// The remote [default: the only one, or origin]
    #[arg(value_name = "REMOTE", add = ArgValueCompleter::new(complete::remotes))]
    remote: Option<String>,
    /// Fetch and check it and tell what would happen, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub fn run(context: &Context, args: &PullArgs) -> Outcome {
    let workspace = context.workspace()?;
    let effect = if args.dry_run { Effect::Pretend } else { Effect::Write };
    let remote = workspace.remote(args.remote.as_deref())?;
    carrying::pull(context, &workspace, &remote, &exchange::exchange(context, effect))
}
