//! `codex-git push`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::ShareRule;
use codex_git::model::shell::command;
use codex_git::ops::{Remote, Rules};
use codex_git::{Effect, Error, SessionId, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::{auto, carrying, complete, exchange, report};

/// Send sessions to a remote, for other machines to pull
///
/// What goes is what the remote's rules name, and what is there already; sessions that are named here are shared from now on. All of it is looked at
/// for secrets first: a session that holds one for sure stays here, and the others go.
#[derive(Args)]
pub struct PushArgs {
    /// The remote [default: the only one, or origin]
    #[arg(value_name = "REMOTE", add = ArgValueCompleter::new(complete::remotes))]
    remote: Option<String>,
    /// Sessions that are to be shared with it from now on
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    sessions: Vec<String>,
    /// Tell what would go, and send nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Send a masked fork in the place of each session that is held back: all of it, with its secrets overwritten, under an id of its own
    #[arg(long)]
    mask: bool,
    /// It is no failure that something is held back
    #[arg(long)]
    without_held: bool,
    /// Put all of it there again, where the remote lost what this machine had pushed
    #[arg(long)]
    anew: bool,
    /// Run by itself after a turn: say nothing, ask nothing
    #[arg(long, hide = true)]
    auto: bool,
}

pub fn run(context: &Context, args: &PushArgs) -> Outcome {
    let workspace = context.workspace()?;
    if !args.auto {
        return push(context, &workspace, args);
    }
    let remote = workspace.remote(args.remote.as_deref())?;
    // Opened when it is its turn: what was recorded while others waited for that goes, too.
    auto::in_turn(context, &workspace, &remote, || push(context, &context.workspace()?, args))
}

fn push(context: &Context, workspace: &Workspace, args: &PushArgs) -> Outcome {
    let effect = if args.dry_run { Effect::Pretend } else { Effect::Write };
    let mut remote = remote(workspace, args.remote.as_deref())?;
    let resolve = |revision: &String| Ok(report::resolve(context, workspace, Some(revision))?.session);
    let sessions: Vec<SessionId> = args.sessions.iter().map(resolve).collect::<Result<_, Failure>>()?;
    let (before, known) = (remote.clone(), remote.share.len());
    for rule in sessions.iter().map(|session| ShareRule::Session(*session)) {
        if !remote.share.contains(&rule) {
            remote.share.push(rule);
        }
    }
    for session in sessions {
        if !workspace.shares(&remote, session)? {
            return Err(Error::Excluded { session, remote: remote.name }.into());
        }
    }
    if effect == Effect::Write {
        remote.share[known..].iter().try_for_each(|rule| workspace.add_rule(&before, Rules::Share, rule).map(drop))?;
    }
    report::catch_up(context, workspace, None);
    let mut exchange = exchange::exchange(context, effect);
    (exchange.anew, exchange.masks) = (args.anew, args.mask);
    exchange.asks &= !args.auto;
    carrying::push(context, workspace, &remote, &exchange, args.without_held)
}

/// The remote that is meant. A session in its place is told as such.
fn remote(workspace: &Workspace, name: Option<&str>) -> Result<Remote, Failure> {
    match workspace.remote(name) {
        Err(Error::NoSuchRemote { name, .. }) if workspace.session_like(&name)?.is_some() => {
            let words = format!("`{name}` is a session, and the remote comes first");
            let first = workspace.remotes()?.first().map_or_else(|| "REMOTE".to_owned(), |one| one.name.to_string());
            Err(Failure::Usage(words, command("push", &[&first, &name])))
        }
        remote => Ok(remote?),
    }
}
