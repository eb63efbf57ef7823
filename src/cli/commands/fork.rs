//! `codex-git fork`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::{ArgValueCompleter, ValueHint};
#[cfg(unix)]
use codex_git::model::shell::quoted;

#[cfg(unix)]
use crate::cli::code_folder;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::forking::NewFork;
use crate::cli::measures::size;
use crate::cli::{choice, complete, forking, overlaying};

/// Start a new session from a point of another
///
/// Prints the new session's id, so that `codex resume "$(codex-git fork NAME)"` works. The session that is forked does not
/// change.
#[derive(Args)]
pub struct ForkArgs {
    /// Where to start from [default, at a terminal: the picker asks]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// Start at this turn of the revision
    #[arg(short, long, value_name = "N")]
    turn: Option<u32>,
    /// Convert turns written by a Codex before 0.34 to the form that later versions resume
    #[arg(long, conflicts_with_all = ["provider", "cd"])]
    upgrade: bool,
    /// Go on with this provider of models [default: the session's, if Codex has it here]
    #[arg(long, value_name = "PROVIDER")]
    provider: Option<String>,
    /// Go on in this directory [default: the session's]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    cd: Option<PathBuf>,
    /// Make a new folder with the files as after the turn, and go on there; `codex-git code log` tells of which turns files are kept
    #[cfg(unix)]
    #[arg(long, value_name = "DIR", num_args = 0..=1, value_hint = ValueHint::DirPath, conflicts_with_all = ["cd", "upgrade"])]
    worktree: Option<Option<PathBuf>>,
    /// With --worktree: the files and the conversation as before the turn
    #[cfg(unix)]
    #[arg(long, requires = "worktree")]
    before: bool,
    /// Leave outputs of tools and images above this size, such as 10k (and above 256 bytes), out of what the model gets, so that there is room to go on
    #[arg(long, value_name = "SIZE", value_parser = size, conflicts_with = "upgrade")]
    lean: Option<u64>,
    /// Give the fork this name in Codex, and save its first point under it
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Never ask for the revision (as CODEX_GIT_UI=0 does)
    #[arg(long)]
    no_ui: bool,
    /// Continue the fork in Codex right away
    #[arg(short, long)]
    resume: bool,
    /// Arguments for `codex resume`, after `--`
    #[arg(last = true, value_name = "ARGS", requires = "resume")]
    args: Vec<std::ffi::OsString>,
}

pub fn run(context: &Context, args: &ForkArgs) -> Outcome {
    let (revision, chosen) = match &args.revision {
        Some(revision) => (revision.clone(), None),
        None => {
            let choice = choice::to_fork(context, &context.workspace()?, args.no_ui)?;
            let choice = choice.ok_or_else(|| no_revision(args))?;
            (choice.session.to_string(), choice.turn)
        }
    };
    let wanted = NewFork {
        revision: &revision,
        turn: args.turn.or(chosen),
        upgrade: args.upgrade,
        name: args.name.as_deref(),
        provider: args.provider.as_deref(),
        directory: args.cd.as_deref(),
        lean: args.lean,
    };
    #[cfg(unix)]
    if let Some(place) = &args.worktree {
        let folder = code_folder::Folder { place: place.as_deref(), before: args.before };
        return code_folder::fork(context, &wanted, &folder, args.resume.then_some(&args.args));
    }
    let (forked, named) = forking::fork(context, &wanted)?;
    if args.resume {
        return overlaying::resume(context, &context.workspace()?, forked.session, &args.args);
    }
    forking::finish(context, &forked, named)
}

fn no_revision(args: &ForkArgs) -> Failure {
    #[cfg(unix)]
    if let Some(taken) = args.worktree.as_ref().and_then(|place| place.as_ref()?.to_str()) {
        return Failure::Usage(
            format!("a fork needs a revision to start from: `{taken}` was taken for the folder"),
            format!("codex-git fork {} --worktree", quoted(taken)),
        );
    }
    Failure::Usage(
        "a fork needs a revision to start from".to_owned(),
        "codex-git fork REVISION  # `@` is the current session".to_owned(),
    )
}
