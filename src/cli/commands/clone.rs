//! `codex-git clone`.

use clap::Args;
use codex_git::model::ShareRule;
use codex_git::model::shell::command;
use codex_git::ops::Rules;
use codex_git::{Effect, Error, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::install::InstallArgs;
use crate::cli::words::shown;
use crate::cli::{carrying, exchange, install, report};

/// Set up this machine with the sessions that others have at a remote
///
/// Makes the store, records what is here, installs Codex hooks, adds the remote, and pulls all that is there. Nothing of this machine is shared with
/// it until you say so: `--share RULE`, or later `codex-git remote set NAME --share RULE`.
#[derive(Args)]
pub struct CloneArgs {
    /// Where the remote is: an address that git takes, or a directory
    #[arg(value_name = "URL")]
    url: String,
    /// What the remote is called here
    #[arg(value_name = "NAME", default_value = "origin")]
    name: String,
    /// Share these sessions of this machine with it from now on, as `remote set --share` does
    #[arg(long, value_name = "RULE")]
    share: Vec<String>,
    /// Speak protocols that anybody on the way can read and change, too
    #[arg(long)]
    insecure: bool,
    #[command(flatten)]
    install: InstallArgs,
    /// Do not install hooks
    #[arg(long, conflicts_with = "trust")]
    no_hooks: bool,
}

pub fn run(context: &Context, args: &CloneArgs) -> Outcome {
    let url = exchange::address(context, &args.url);
    let workspace = Workspace::init(&context.home, &context.store)?;
    if workspace.created() {
        context.ui.say(format_args!("made the store {}", shown(workspace.store())));
    }
    install::have_git_read(context, &workspace);
    report::catch_up(context, &workspace, None);
    let rule = |typed: &String| exchange::new_rule(context, &workspace, (None, Rules::Share), typed);
    let rules: Vec<ShareRule> = args.share.iter().map(rule).collect::<Result<_, _>>()?;
    let is_new = workspace.remotes()?.iter().all(|remote| remote.name.as_str() != args.name);
    let remote = match workspace.add_remote(&args.name, &url, args.insecure) {
        // The same once more goes on where it ended.
        Err(Error::RemoteExists(name)) if workspace.remote(Some(name.as_str()))?.address == url => {
            workspace.remote(Some(name.as_str()))?
        }
        Err(error @ Error::RemoteExists(_)) => {
            let again = command("clone", &[&args.url, "NAME"]);
            return Err(Failure::Held(error.to_string(), format!("{again}  # NAME: what this one is called here")));
        }
        added => added?,
    };
    let pulled = carrying::pull(context, &workspace, &remote, &exchange::exchange(context, Effect::Write));
    if is_new && pulled.as_ref().is_err_and(|failure| !failure.is_said()) {
        // What can't be reached is not remembered.
        workspace.remove_remote(&remote.name)?;
        return pulled;
    }
    rules.iter().try_for_each(|rule| workspace.add_rule(&remote, Rules::Share, rule).map(drop))?;
    if !args.no_hooks {
        install::install(context, &args.install)?;
    }
    pulled
}
