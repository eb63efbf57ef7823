//! `codex-git ui`.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::forking::{self, NewFork};
use crate::cli::picking::{self, Scope};
use crate::cli::{overlaying, resuming};
use crate::picker::Purpose;

/// Choose a session on a full screen, read it, and go on with it
///
/// Sessions and their forks are at the left, the conversation is at the right. What is typed filters; `?text` finds sessions by what was
/// said in them. Enter continues a session in Codex, F1 shows the other keys.
#[derive(Args)]
pub struct UiArgs {
    /// List the sessions of every directory, not only of this one or the git repository that it is in
    #[arg(short, long)]
    all: bool,
}

pub fn run(context: &Context, args: &UiArgs) -> Outcome {
    context.asks.as_ref().map_err(|why| {
        Failure::Usage(format!("there is nobody to choose: {why}"), "codex-git list --all".to_owned())
    })?;
    let workspace = context.workspace()?;
    let mut listing = picking::listing(context, &workspace, if args.all { Scope::Everywhere } else { Scope::Here })?;
    if listing.entries.is_empty() && !args.all {
        listing = picking::listing(context, &workspace, Scope::Everywhere)?;
    }
    drop(workspace);
    let Some(choice) = picking::pick(context, listing, Purpose::Look)? else { return Ok(()) };
    let session = choice.session.to_string();
    if !choice.is_fork {
        return resuming::resume(context, &context.workspace()?, Some(&session), &[]);
    }
    let (forked, named) =
        forking::fork(context, &NewFork { revision: &session, turn: choice.turn, ..NewFork::default() })?;
    if context.has_codex {
        return overlaying::resume(context, &context.workspace()?, forked.session, &[]);
    }
    forking::finish(context, &forked, named)
}
