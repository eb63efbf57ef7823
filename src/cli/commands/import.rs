//! `codex-git import`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::ValueHint;
#[cfg(feature = "links")]
use codex_git::links::Link;
use codex_git::model::repository_address::{commit_at, is_address, shown_address};
use codex_git::model::shell::command;
use codex_git::ops::{Arrival, Imported, Point};
use codex_git::{Effect, Error, Workspace};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
#[cfg(feature = "links")]
use crate::cli::links;
use crate::cli::words::{count, short, shown};
use crate::cli::{advancing, exchange, json};
use crate::ui::{DIM, Progress, RESET};

/// Take in a conversation that `codex-git share` wrote on another machine
///
/// Every object is checked, and every turn recorded anew from its bytes, before it becomes a part of the store: what is no recording of a rollout is
/// refused. A session that is new here can be resumed; one that went on only there goes on here, too; of one that went on in two places, the
/// other end can be forked. Prints a revision that means what was taken in.
#[derive(Args)]
pub struct ImportArgs {
    /// The file, or what `share --post` or `share --to` printed; - is standard input
    #[arg(value_name = "FILE|LINK", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Check it and tell what would happen, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub fn run(context: &Context, args: &ImportArgs) -> Outcome {
    let effect = if args.dry_run { Effect::Pretend } else { Effect::Write };
    let workspace = context.workspace()?;
    let imported = take_in(context, &workspace, &args.file, effect)?;
    if context.json {
        context.ui.json(json::imported(&imported, args.dry_run))?;
    }
    tell(context, &imported, args.dry_run);
    if !context.json {
        context.ui.data(revision(&imported))?;
    }
    if matches!(imported.outcome, Arrival::Longer { .. }) && !args.dry_run {
        let is_done = advancing::follow(context, &workspace, imported.session)?;
        workspace.wait_for(imported.session, !is_done)?;
    }
    Ok(())
}

fn take_in(context: &Context, workspace: &Workspace, file: &Path, effect: Effect) -> Result<Imported, Failure> {
    if let Some((address, commit)) = file.to_str().and_then(commit_at) {
        let mut bar = Progress::new("objects", context.ui.quiet);
        let exchange = exchange::exchange(context, effect);
        let address = exchange::address(context, address);
        return Ok(workspace.import_from(&address, commit, &exchange, &mut |done, total| bar.at(done, total))?);
    }
    #[cfg(feature = "links")]
    if let Some(link) = file.to_str().filter(|text| Link::is_meant(text)) {
        return links::import(context, workspace, link, effect);
    }
    if let Some(address) = without_commit(context, file) {
        let address = shown_address(address);
        let whole = command("import", &[&format!("{address}#COMMIT")]);
        return Err(Failure::Usage(
            format!("what follows the `#` of `{address}` is not the whole id of a commit"),
            format!("{whole}  # the whole of what `share --to` printed"),
        ));
    }
    let (input, size) = open(context, file)?;
    let mut input = BufReader::with_capacity(1 << 16, Told::new(input, size, context.ui.quiet));
    workspace.import(&mut input as &mut dyn BufRead, None, effect).map_err(|error| match error {
        Error::NotShared { reason, .. } if file != Path::new("-") => {
            Error::NotShared { what: format!("`{}`", shown(file)), reason }.into()
        }
        error => error.into(),
    })
}

/// The address of a repository that something else follows than a commit's whole id.
fn without_commit<'f>(context: &Context, file: &'f Path) -> Option<&'f str> {
    let (address, _) = file.to_str()?.rsplit_once('#')?;
    let is_repository = is_address(address) || context.whole(address).is_dir();
    (is_repository && !context.whole(file.to_str()?).exists()).then_some(address)
}

fn open(context: &Context, file: &Path) -> Result<(Box<dyn Read>, u64), Failure> {
    if file == Path::new("-") {
        return Ok((Box::new(io::stdin().lock()), 0));
    }
    let path = context.whole(&file.to_string_lossy());
    let failed = |error: io::Error| {
        // What looks like a link may hold its key.
        let name = shown(&path);
        let name = name.split(['#', '%']).next().unwrap_or_default();
        Failure::Io("read the file", io::Error::new(error.kind(), format!("`{name}`: {error}")))
    };
    let opened = File::open(&path).map_err(failed)?;
    let data = opened.metadata().map_err(failed)?;
    if data.is_dir() {
        return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")));
    }
    Ok((Box::new(opened), data.len()))
}

/// What means what was taken in.
fn revision(imported: &Imported) -> String {
    if imported.is_end { imported.session.to_string() } else { imported.head.id.to_string() }
}

fn tell(context: &Context, imported: &Imported, dry_run: bool) {
    let (session, head) = (short(imported.session), &imported.head);
    let would = if dry_run { "would import" } else { "imported" };
    let title = head.message.called().map(|title| format!(" {DIM}{title}{RESET}")).unwrap_or_default();
    let say = |words: &str| context.ui.say(format_args!("{would} {session}{title}: {words}"));
    let hint = |verb, revision: &str| {
        if !dry_run {
            context.ui.hint(&command(verb, &[revision]));
        }
    };
    match imported.outcome {
        Arrival::New => {
            say(&format!("{}, new here", count(head.message.turn as usize, "turn")));
            hint("resume", &session);
        }
        Arrival::Known => say("all of it was here already"),
        Arrival::Longer { turns: 0 } => say("no turn more than here, only lines after its last one"),
        Arrival::Longer { turns } => {
            say(&format!("{} more than here", count(turns as usize, "turn")));
            hint("resume", &session);
        }
        Arrival::Waits { turns } => {
            let turns = count(turns as usize, "turn");
            say(&format!("{turns} more than here; Codex has it open, and it gains them when that is closed"));
        }
        Arrival::Strand { after, here: 0, there } => {
            let there = count(there as usize, "turn");
            say(&format!("it went back to turn {after} there, and on for {there}; here it stays as it is"));
            hint("fork", &head.id.short());
        }
        Arrival::Strand { after, here, there } => {
            say(&format!("it went on in two places after turn {after}"));
            let there = format!("{}{}", count(there as usize, "turn"), up_to(head));
            context.ui.say(format_args!("    here   {}", count(here as usize, "turn")));
            context.ui.say(format_args!("    there  {there}"));
            hint("fork", &head.id.short());
        }
    }
}

/// What the last turn was about, if it ends with one.
fn up_to(head: &Point) -> String {
    let is_turn = !head.message.kind.is_pending() && head.message.turn > 0;
    if is_turn { format!("  {DIM}up to {}{RESET}", head.message.subject()) } else { String::new() }
}

/// A file that tells how far it was read.
struct Told {
    input: Box<dyn Read>,
    read: u64,
    size: u64,
    bar: Progress,
}

impl Told {
    fn new(input: Box<dyn Read>, size: u64, quiet: bool) -> Self {
        Self { input, read: 0, size, bar: Progress::new("KB", quiet) }
    }
}

impl Read for Told {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(out)?;
        self.read += read as u64;
        if self.size > 0 {
            self.bar.at((self.read / 1000) as usize, (self.size / 1000) as usize);
        }
        Ok(read)
    }
}
