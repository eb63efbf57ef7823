//! `codex-git rename`.

use clap::Args;
use clap_complete::ArgValueCandidates;
use serde_json::json;

use super::context::{Context, short};
use super::{Failure, Outcome, complete};
use crate::ui::NAME;
use crate::ui::RESET;

/// Give a session a name in Codex
///
/// Codex's picker shows the name, `codex resume NAME` finds it, and so does codex-git. Forks are named by themselves.
#[derive(Args)]
pub struct RenameArgs {
    /// The session; `@` is the current one
    #[arg(value_name = "SESSION", add = ArgValueCandidates::new(complete::revisions))]
    session: String,
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// Only if it has no name yet
    #[arg(long)]
    if_unnamed: bool,
}

pub fn run(context: &Context, args: &RenameArgs) -> Outcome {
    let name = codex_git::model::text::plain(args.name.trim());
    if name.is_empty() {
        return Err(Failure::Usage("a session's name can't be empty".to_owned(), "codex-git rename @ NAME".to_owned()));
    }
    let workspace = context.workspace()?;
    let session = context.resolve(&workspace, Some(&args.session))?.session;
    if args.if_unnamed && workspace.names().contains_key(&session) {
        return Ok(());
    }
    workspace.rename(&context.codex, session, &name)?;
    if context.json {
        context.ui.json(json!({ "session": session.to_string(), "name": name }))?;
    }
    context.ui.say(format_args!("{} is {NAME}{name}{RESET} in Codex now", short(session)));
    Ok(())
}
