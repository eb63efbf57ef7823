//! `codex-git fork`.

use clap::Args;
use clap_complete::ArgValueCompleter;

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::forking::NewFork;
use crate::cli::{codex, complete, forking};

/// Start a new session from a point of another
///
/// Prints the new session's id, so that `codex resume "$(codex-git fork NAME)"` works. The session that is forked does not
/// change.
#[derive(Args)]
pub struct ForkArgs {
    /// Where to start from
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: String,
    /// Start at this turn of it
    #[arg(short, long, value_name = "N")]
    turn: Option<u32>,
    /// Write the turns of a Codex before 0.34 as a later one writes them
    #[arg(long)]
    upgrade: bool,
    /// Give the fork this name in Codex, and save its first point under it
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Continue the fork in Codex at once
    #[arg(short, long)]
    resume: bool,
    /// What `codex resume` gets besides the id, after `--`
    #[arg(last = true, value_name = "ARGS", requires = "resume")]
    args: Vec<std::ffi::OsString>,
}

pub fn run(context: &Context, args: &ForkArgs) -> Outcome {
    let wanted =
        NewFork { revision: &args.revision, turn: args.turn, upgrade: args.upgrade, name: args.name.as_deref() };
    let (forked, named) = forking::fork(context, &wanted)?;
    if args.resume {
        return codex::resume(context, forked.session, &args.args);
    }
    forking::finish(context, &forked, named)
}
