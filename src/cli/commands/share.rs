//! `codex-git share`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::{ArgValueCompleter, ValueHint};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
#[cfg(feature = "links")]
use crate::cli::links;
use crate::cli::outputs::{self, Place, file_name};
use crate::cli::words::{bytes, count, short, shown};
use crate::cli::{complete, json, report};

/// What is worth a thought before it is sent.
pub const HOLDS: &str = "it holds all that was said and printed; secrets in that go with it";

/// Write a conversation into one file that `codex-git import` takes in on another machine
///
/// The file is a git bundle. It holds the conversation up to the point with all that Codex wrote down of it, and what comes before it: of a fork
/// the turns that it took over, of a session that was rewound also the turns that were left. Nothing else of the store is in it.
#[derive(Args)]
pub struct ShareArgs {
    /// The point up to which the conversation goes [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// Where to write it; - is standard output [default: a file named after the session, or standard output if that is no terminal]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(short, long)]
    force: bool,
    /// Seal it and send it to a server instead, and print the link to it [default URL: the setting `post`]
    #[cfg(feature = "links")]
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["out", "force"])]
    post: Option<String>,
}

pub fn run(context: &Context, args: &ShareArgs) -> Outcome {
    let workspace = context.workspace()?;
    let point = report::resolve(context, &workspace, args.revision.as_deref())?.point;
    let message = &point.message;
    if message.turn == 0 && !message.kind.is_unfinished() {
        return Err(Failure::Nothing(format!("session {} has no turn yet", short(message.session))));
    }
    #[cfg(feature = "links")]
    if let Some(to) = &args.post {
        return links::post(context, &workspace, &point, to);
    }
    let name = workspace.about(&point)?.name.or_else(|| message.title.clone()).unwrap_or_default();
    let own = format!("{}.bundle", file_name(&name, message.session));
    let Place::File(path) = Place::of(context, args.out.as_deref(), &own) else {
        return outputs::print(|out| Ok(workspace.share(&point, out).map(drop)?));
    };
    outputs::write(context, &path, args.force, |out| Ok(workspace.share(&point, out).map(drop)?))?;
    let size = path.metadata().map_or(0, |data| data.len());
    if context.json {
        context.ui.json(json::shared(&path, size, &point))?;
        return Ok(());
    }
    let turns = count(message.turn as usize, "turn");
    context.ui.say(format_args!("wrote {}: {turns} of {}, {}", shown(&path), short(message.session), bytes(size)));
    context.ui.say(HOLDS);
    Ok(())
}
