//! `codex-git fork`.

use clap::Args;
use clap_complete::ArgValueCandidates;
use codex_git::Workspace;
use codex_git::model::text;
use codex_git::ops::Forked;
use serde_json::json;

use super::context::{Context, short};
use super::{Outcome, complete, resume};
use crate::ui::{DIM, NAME, RESET};

/// Start a new session from a point of another
///
/// Prints the new session's id, so that `codex resume "$(codex-git fork NAME)"` works. The session that is forked does not
/// change.
#[derive(Args, Default)]
pub struct ForkArgs {
    /// Where to start from
    #[arg(value_name = "REVISION", add = ArgValueCandidates::new(complete::revisions))]
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
    let name = args.name.as_deref().map(Workspace::save_name).transpose()?;
    let workspace = context.workspace()?;
    let resolved = context.resolve(&workspace, Some(&args.revision))?;
    let mut point = resolved.point;
    if let Some(turn) = args.turn {
        point = workspace.turn_of(&point, turn)?;
    }
    let name_in_codex = args.name.clone().unwrap_or_else(|| workspace.fork_name(&point, resolved.save.as_ref()));
    let forked = if args.upgrade {
        workspace.fork_upgraded(&point, name.as_ref(), context.now)?
    } else {
        workspace.fork(&point, name.as_ref(), context.now)?
    };
    tell(context, &forked, &args.revision, &point.message.subject());
    if let Some(saved) = &forked.saved {
        context.ui.say(format_args!("saved its first point as {NAME}{}{RESET}", saved.save.name));
        super::save::tell_moved(context, saved);
    }
    let named = context.name_in_codex(forked.session, &name_in_codex, false).then_some(name_in_codex);
    tell_name(context, named.as_deref());
    if args.resume {
        return resume::codex(context, forked.session, &args.args);
    }
    finish(context, &forked, named)
}

/// Forks a revision as it stands, and prints the new session's id.
pub fn of(context: &Context, revision: &str) -> Outcome {
    run(context, &ForkArgs { revision: revision.to_owned(), ..ForkArgs::default() })
}

fn tell_name(context: &Context, named: Option<&str>) {
    if let Some(named) = named {
        context.ui.say(format_args!("in Codex it is {NAME}{}{RESET}", text::plain(named)));
    }
}

/// Tells the fork's id, for people and for programs.
fn finish(context: &Context, forked: &Forked, named: Option<String>) -> Outcome {
    let id = forked.session.to_string();
    if context.json {
        let data = json!({
            "session": id,
            "rolloutPath": forked.path.to_string_lossy(),
            "forkedFrom": forked.from.to_string(),
            "turn": forked.turn,
            "name": named,
        });
        return Ok(context.ui.json(data)?);
    }
    context.ui.say(format_args!("continue it with: {NAME}codex resume {id}{RESET}"));
    Ok(context.ui.data(id)?)
}

fn tell(context: &Context, forked: &Forked, revision: &str, subject: &str) {
    let open = if forked.open { ", unfinished" } else { "" };
    let (from, turn) = (short(forked.from), forked.turn);
    let revision = codex_git::model::text::plain(revision);
    context.ui.say(format_args!("forked {NAME}{revision}{RESET}: turn {turn} of {from}{open} {DIM}{subject}{RESET}"));
}
