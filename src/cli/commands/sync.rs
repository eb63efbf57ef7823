//! `codex-git sync`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::ops::Remote;
use codex_git::{Effect, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::{auto, carrying, complete, exchange, report};

/// Pull from a remote, then push to it
#[derive(Args)]
pub struct SyncArgs {
    /// The remote [default: the only one, or origin]
    #[arg(value_name = "REMOTE", add = ArgValueCompleter::new(complete::remotes))]
    remote: Option<String>,
    /// Tell what would come, and what would go if nothing came; move nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Send a masked fork in the place of each session that is held back
    #[arg(long)]
    mask: bool,
    /// It is no failure that something is held back
    #[arg(long)]
    without_held: bool,
    /// Run by itself after a turn: say nothing, ask nothing
    #[arg(long, hide = true)]
    auto: bool,
}

pub fn run(context: &Context, args: &SyncArgs) -> Outcome {
    let workspace = context.workspace()?;
    let remote = workspace.remote(args.remote.as_deref())?;
    if !args.auto {
        return sync(context, &workspace, args, &remote);
    }
    // Opened when it is its turn: what was recorded while others waited for that goes, too.
    auto::in_turn(context, &workspace, &remote, || sync(context, &context.workspace()?, args, &remote))
}

fn sync(context: &Context, workspace: &Workspace, args: &SyncArgs, remote: &Remote) -> Outcome {
    let mut exchange = exchange::exchange(context, if args.dry_run { Effect::Pretend } else { Effect::Write });
    exchange.asks &= !args.auto;
    exchange.masks = args.mask;
    let pulled = carrying::pull(context, workspace, remote, &exchange);
    // What others tell wrong keeps nothing from going.
    if pulled.as_ref().is_err_and(|failure| !failure.is_said()) {
        return pulled;
    }
    if remote.share.is_empty() {
        context.ui.say(format_args!("nothing of this machine is shared with {}", remote.name));
        return pulled;
    }
    report::catch_up(context, workspace, None);
    carrying::push(context, workspace, remote, &exchange, args.without_held)?;
    pulled
}
