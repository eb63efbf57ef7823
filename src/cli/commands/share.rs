//! `codex-git share`.

use std::io;
use std::path::PathBuf;

use clap::Args;
use clap_complete::{ArgValueCompleter, ValueHint};
use codex_git::model::repository_address::shown_address;
use codex_git::ops::{FoundSecret, GitError, Point, StoreError};
use codex_git::{Effect, Error, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::gate::{self, Leaving};
#[cfg(feature = "links")]
use crate::cli::links;
use crate::cli::outputs::{self, Place, file_name};
use crate::cli::words::{bytes, count, short, shown};
use crate::cli::{complete, exchange, json, report};
use crate::ui::{DIM, Progress, RESET};

/// Write a conversation into one file that `codex-git import` takes in on another machine
///
/// The file is a git bundle. It holds the conversation up to the point with all that Codex wrote down of it, and what comes before it: of a fork
/// the turns that it took over, of a session that was rewound also the turns that were left. Nothing else of the store is in it. If something in it
/// is a secret for sure, nothing is written.
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
    /// Put it at a remote instead, for those who get what is printed: no pull takes it in
    #[arg(long, value_name = "REMOTE", conflicts_with_all = ["out", "force"], add = ArgValueCompleter::new(complete::remotes))]
    to: Option<String>,
    /// Let it go with the secrets that are in it
    #[arg(long)]
    with_secrets: bool,
    /// If there are secrets in it, share a masked fork of it instead: all of it, with its secrets overwritten, under an id of its own
    #[arg(long, conflicts_with = "with_secrets")]
    mask: bool,
    /// Seal it and send it to a server instead, and print the link to it [default URL: the setting `post`]
    #[cfg(feature = "links")]
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["out", "force", "to"])]
    post: Option<String>,
}

pub fn run(context: &Context, args: &ShareArgs) -> Outcome {
    let workspace = context.workspace()?;
    let point = report::resolve(context, &workspace, args.revision.as_deref())?.point;
    let message = &point.message;
    if message.turn == 0 && !message.kind.is_unfinished() {
        return Err(Failure::Nothing(format!("session {} has no turn yet", short(message.session))));
    }
    // What is looked at is what goes, whatever is recorded meanwhile.
    let mut point = workspace.shared_as(point)?;
    if args.mask {
        point = gate::masked(context, &workspace, point)?;
    }
    let message = &point.message;
    // Names and saves stay here.
    let is_part = |found: &FoundSecret| found.places.iter().any(|place| !["name", "save"].contains(place));
    let leaving = Leaving { point: &point, with_secrets: args.with_secrets, is_part: &is_part };
    let words = gate::pass(context, &workspace, &leaving)?;
    if let Some(name) = &args.to {
        return share_at(context, &workspace, name, &point);
    }
    #[cfg(feature = "links")]
    if let Some(to) = &args.post {
        return links::post(context, &workspace, &point, to);
    }
    let name = workspace.about(&point)?.name.or_else(|| message.called().map(str::to_owned)).unwrap_or_default();
    // Many conversations begin alike.
    let own = format!("{}-{}.bundle", file_name(&name, message.session), short(message.session));
    let Place::File(path) = Place::of(context, args.out.as_deref(), &own) else {
        if context.ui.is_terminal() {
            let words = "a terminal can't show what is shared".to_owned();
            return Err(Failure::Usage(words, "codex-git share --out FILE".to_owned()));
        }
        return outputs::print(|out| written(workspace.share(&point, out)));
    };
    outputs::write_private(context, &path, args.force, |out| written(workspace.share(&point, out)))?;
    let size = path.metadata().map_or(0, |data| data.len());
    if context.json {
        context.ui.json(json::shared(&path, size, &point))?;
        return Ok(());
    }
    let turns = count(message.turn as usize, "turn");
    context.ui.say(format_args!("wrote {}: {turns} of {}, {}", shown(&path), short(message.session), bytes(size)));
    context.ui.say(words);
    Ok(())
}

/// Puts a conversation at a remote, and prints what `import` takes.
fn share_at(context: &Context, workspace: &Workspace, name: &str, point: &Point) -> Outcome {
    let remote = workspace.remote(Some(name))?;
    let mut bar = Progress::new("objects", context.ui.quiet);
    let exchange = exchange::exchange(context, Effect::Write);
    let link = workspace.share_at(&remote, point, &exchange, &mut |done, total| bar.at(done, total))?;
    drop(bar);
    // An address can hold a password.
    let shown = format!("{}#{}", shown_address(&remote.address), point.id);
    if context.json {
        return Ok(context.ui.json(json::put(&link, point))?);
    }
    let (turns, session) = (count(point.message.turn as usize, "turn"), short(point.message.session));
    context.ui.say(format_args!("put {turns} of {session} at {name}"));
    context.ui.data(&shown)?;
    context.ui.say(format_args!(
        "{DIM}there: codex-git import 'ADDRESS#COMMIT'; who can read the repository can read it{RESET}"
    ));
    Ok(())
}

/// A reader that goes away is told as such.
fn written(shared: Result<(), Error>) -> Outcome {
    match shared {
        Ok(()) => Ok(()),
        Err(Error::Store(StoreError::Git(GitError::Io { source, .. })))
            if source.kind() == io::ErrorKind::BrokenPipe =>
        {
            Err(source.into())
        }
        Err(error) => Err(error.into()),
    }
}
