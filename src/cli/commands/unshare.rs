//! `codex-git unshare`.

use clap::Args;
use clap_complete::ArgValueCompleter;
use codex_git::model::shell::command;
use codex_git::model::text;
use codex_git::ops::Unshared;
use codex_git::{Effect, Error, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::words::short;
use crate::cli::{complete, exchange, json, report};

/// Take a session back from a remote, and keep it from going there again
///
/// What other machines pulled they have, and the host may keep what it had: change what was secret in it.
#[derive(Args)]
pub struct UnshareArgs {
    /// The session
    #[arg(value_name = "REVISION", required_unless_present = "machine", add = ArgValueCompleter::new(complete::revisions))]
    session: Option<String>,
    /// The remote [default: the only one, or origin]
    #[arg(value_name = "REMOTE", conflicts_with = "machine", add = ArgValueCompleter::new(complete::remotes))]
    remote: Option<String>,
    /// Take out all that a machine has there that is gone: its name, or its id; all of it must be in this store
    #[arg(long, value_name = "MACHINE", conflicts_with = "session")]
    machine: Option<String>,
    /// The remote, with --machine
    #[arg(long, value_name = "REMOTE", requires = "machine", add = ArgValueCompleter::new(complete::remotes))]
    at: Option<String>,
}

pub fn run(context: &Context, args: &UnshareArgs) -> Outcome {
    let workspace = context.workspace()?;
    if let Some(machine) = &args.machine {
        return drop_machine(context, &workspace, machine, args.at.as_deref());
    }
    let session = report::resolve(context, &workspace, args.session.as_deref())?.session;
    let remote = workspace.remote(args.remote.as_deref())?;
    let unshared = workspace.unshare(&remote, session, &exchange::exchange(context, Effect::Write))?;
    if context.json {
        context.ui.json(json::unshared(&remote, session, &unshared))?;
    }
    let session = short(session);
    match unshared {
        Unshared::Gone => {
            context.ui.say(format_args!("{session} is taken back from {}", remote.name));
            context.ui.say("who pulled it has it, and the host may keep what it had: change what was secret in it");
            Ok(())
        }
        Unshared::In(others) => {
            let others: Vec<String> = others.into_iter().map(short).collect();
            context.ui.say(format_args!(
                "{session} is taken back from {}, but for turns that others took over:",
                remote.name
            ));
            context.ui.say(format_args!("  {}", others.join(", ")));
            context.ui.hint(&command("unshare", &[&others[0], remote.name.as_str()]));
            Ok(())
        }
        Unshared::WasNot => {
            context.ui.say(format_args!("{session} was not at {} from here, and does not go there", remote.name));
            Ok(())
        }
        Unshared::Denied => {
            context.ui.fail(format_args!("{} takes nothing back: {session} is still there", remote.name), None);
            context.ui.say("it does not go on there; change what was secret in it, or delete the repository");
            Err(Failure::Said)
        }
    }
}

/// Takes out what a machine has at a remote.
fn drop_machine(context: &Context, workspace: &Workspace, machine: &str, at: Option<&str>) -> Outcome {
    let remote = match workspace.remote(at) {
        Err(error @ Error::SeveralRemotes(_)) => {
            let first = workspace.remotes()?.first().map_or_else(|| "REMOTE".to_owned(), |one| one.name.to_string());
            let at = command(&format!("unshare --at {first} --machine"), &[machine]);
            return Err(Failure::Held(error.to_string(), format!("{at}  # or: codex-git remote, which lists them")));
        }
        remote => remote?,
    };
    let machine_name = text::plain(machine);
    if !workspace.drop_machine(&remote, machine, &exchange::exchange(context, Effect::Write))? {
        context.ui.fail(format_args!("{} takes nothing back: what {machine_name} has there stays", remote.name), None);
        return Err(Failure::Said);
    }
    context.ui.say(format_args!("what {machine_name} had at {} is gone; this store has all of it", remote.name));
    if context.json { Ok(context.ui.json(json::dropped_machine(&remote, machine))?) } else { Ok(()) }
}
