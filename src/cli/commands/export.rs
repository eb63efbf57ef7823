//! `codex-git export`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use clap_complete::{ArgValueCompleter, ValueHint};
use codex_git::Workspace;
use codex_git::ops::{FoundSecret, Point};
use codex_git::render::page::{Amount, Detail};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::gate::{self, Leaving};
use crate::cli::measures::size;
use crate::cli::outputs::{self, Place, file_name};
use crate::cli::paging::{Images, MOST_BYTES, Pages, Tally, Wanted};
use crate::cli::turn_range::TurnRange;
use crate::cli::words::{bytes, count, short};
use crate::cli::{complete, document, opening, report};

/// Write a conversation as a page, a Markdown document, or a rollout
///
/// A page is one file that needs nothing else: no network, no script. What is written is what the conversation holds. If something in it is a
/// secret for sure, nothing is written; look all the same before you send it.
#[derive(Args)]
pub struct ExportArgs {
    /// The point up to which the conversation goes [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// What to write [default: what the ending of FILE says, else html]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Where to write it; - is standard output [default: a file named after the session, or standard output if that is no terminal]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(short, long)]
    force: bool,
    /// Write only these turns, such as 3..7, 3.. or ..7
    #[arg(long, value_name = "A..B")]
    turns: Option<TurnRange>,
    /// How much of it to tell [default: brief]
    #[arg(long, value_enum, value_name = "HOW")]
    detail: Option<HowMuch>,
    /// Leave out what commands and tools printed
    #[arg(long)]
    no_outputs: bool,
    /// Leave out what the model thought
    #[arg(long)]
    no_reasoning: bool,
    /// Which images to put into a page [default: small]
    #[arg(long, value_enum, value_name = "WHICH")]
    images: Option<Images>,
    /// How large a page may get, such as 8M: above, outputs are cut, then the page is split [default: 32M]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_bytes: Option<u64>,
    /// Let it go with the secrets that are in it
    #[arg(long)]
    with_secrets: bool,
    /// If there are secrets in it, tell a masked fork of it instead, with its secrets overwritten
    #[arg(long, conflicts_with = "with_secrets")]
    mask: bool,
    /// Open the file when it is written
    #[arg(long)]
    open: bool,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A page, for a browser
    Html,
    /// Markdown, for GitHub and editors
    Md,
    /// A rollout that stands alone, for Codex on another machine
    Jsonl,
}

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum HowMuch {
    /// What was asked, and the last answer to it
    Prompts,
    /// Everything, but of each output at most 40 lines
    Brief,
    /// Everything
    Full,
}

impl ExportArgs {
    /// What is written.
    fn format(&self) -> Format {
        let named = self.out.as_deref().and_then(Path::extension).unwrap_or_default();
        let by_name = || match named.to_ascii_lowercase().to_str() {
            Some("md" | "markdown") => Format::Md,
            Some("jsonl") => Format::Jsonl,
            _ => Format::Html,
        };
        self.format.unwrap_or_else(by_name)
    }

    /// Where to write to. What is to be opened must be a file.
    fn place(&self, context: &Context, own: &str) -> Result<Place, Failure> {
        match Place::of(context, self.out.as_deref(), own) {
            Place::Output if self.open && self.out.is_some() => {
                let words = "standard output can't be opened".to_owned();
                Err(Failure::Usage(words, "codex-git export --open --out FILE.html".to_owned()))
            }
            Place::Output if self.open => Ok(Place::File(context.whole(own))),
            place => Ok(place),
        }
    }

    /// An option that the format knows nothing of.
    fn senseless(&self) -> Option<(&'static str, &'static str)> {
        let tells = [
            ("--detail", self.detail.is_some()),
            ("--no-outputs", self.no_outputs),
            ("--no-reasoning", self.no_reasoning),
        ];
        let draws = [("--images", self.images.is_some()), ("--max-bytes", self.max_bytes.is_some())];
        let (format, tells) = match self.format() {
            Format::Html => return None,
            Format::Md => ("Markdown", &[][..]),
            Format::Jsonl => ("a rollout, which is the whole conversation", &tells[..]),
        };
        tells.iter().chain(&draws).find(|(_, is_given)| *is_given).map(|(option, _)| (*option, format))
    }

    /// Opens what was written, if that was asked for.
    fn opened(&self, path: &Path) -> Outcome {
        if !self.open {
            return Ok(());
        }
        opening::open(path).map_err(|error| Failure::Io("open the file, which is written", error))
    }

    /// Whether a secret is in what is written.
    fn is_part(&self, point: &Point, last: Option<usize>, found: &FoundSecret) -> bool {
        if self.format() == Format::Jsonl {
            return true;
        }
        let first = last.map_or(1, |last| point.message.turn.saturating_sub(u32::try_from(last).unwrap_or(0)) + 1);
        let detail = self.detail();
        let is_told = |place: &&str| match *place {
            "prompt" | "answer" | "title" | "name" | "save" | "failed" => true,
            "output" | "tool" => detail.outputs && detail.amount != Amount::Prompts,
            "reasoning" => detail.reasoning && detail.amount != Amount::Prompts,
            // Where the session began stands at the top.
            "context" => found.turn == 0,
            _ => detail.amount != Amount::Prompts,
        };
        (found.turn == 0 || found.turn >= first) && found.places.iter().any(is_told)
    }

    fn detail(&self) -> Detail {
        let amount = match self.detail {
            Some(HowMuch::Prompts) => Amount::Prompts,
            Some(HowMuch::Brief) | None => Amount::Brief,
            Some(HowMuch::Full) => Amount::Full,
        };
        Detail { outputs: !self.no_outputs, reasoning: !self.no_reasoning, ..Detail::of(amount) }
    }
}

pub fn run(context: &Context, args: &ExportArgs) -> Outcome {
    if let Some((option, format)) = args.senseless() {
        // Who asks for less must not be given more.
        let words = format!("{option} means nothing for {format}");
        return Err(Failure::Usage(words, format!("leave {option} out, or write a page: --format html")));
    }
    let workspace = context.workspace()?;
    let point = report::resolve(context, &workspace, args.revision.as_deref())?.point;
    let (point, last) = match args.turns {
        Some(range) => range.of(&workspace, &point)?,
        None => (point, None),
    };
    if point.message.turn == 0 && args.format() != Format::Jsonl {
        return Err(Failure::Nothing(format!("session {} has no turn yet", short(point.message.session))));
    }
    let point = if args.mask { gate::masked(context, &workspace, point)? } else { point };
    let is_part = |found: &FoundSecret| args.is_part(&point, last, found);
    let leaving = Leaving { point: &point, with_secrets: args.with_secrets, is_part: &is_part };
    let words = gate::pass(context, &workspace, &leaving)?;
    match args.format() {
        Format::Html => html(context, &workspace, (&point, last), args),
        Format::Md => markdown(context, &workspace, (&point, last), args, &words),
        Format::Jsonl => jsonl(context, &workspace, &point, args, &words),
    }
}

fn html(
    context: &Context,
    workspace: &Workspace,
    (point, last): (&Point, Option<usize>),
    args: &ExportArgs,
) -> Outcome {
    let own = own_name(workspace, point)?;
    let place = args.place(context, &format!("{own}.html"))?;
    let name = match &place {
        Place::File(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        Place::Output => format!("{own}.html"),
    };
    let wanted = Wanted {
        point,
        last,
        detail: args.detail(),
        images: args.images.unwrap_or(Images::Small),
        most_bytes: args.max_bytes.map_or(MOST_BYTES, |most| usize::try_from(most).unwrap_or(usize::MAX)),
        splits: matches!(place, Place::File(_)),
        page_of: &|_| None,
        part: &|number| part_name(&name, number),
    };
    let mut pages = Pages::of(context, workspace, &wanted)?;
    if pages.is_cut {
        let words = "outputs are cut to 40 lines each, so that the page is not larger than --max-bytes says";
        context.ui.say(words);
    }
    if pages.largest > wanted.most_bytes {
        let why = if wanted.splits { "a turn is not split" } else { "standard output takes one page" };
        let size = bytes(pages.largest as u64);
        context.ui.say(format_args!("a page takes {size}, more than --max-bytes says: {why}"));
    }
    let Place::File(path) = place else { return outputs::print(|out| Ok(pages.write(0, out)?)) };
    for number in 0..pages.count() {
        let path = path.with_file_name(part_name(&name, number + 1));
        outputs::write(context, &path, args.force, |out| Ok(pages.write(number, out)?))?;
        outputs::tell(context, &path)?;
    }
    let next = path.with_file_name(part_name(&name, pages.count() + 1));
    if pages.count() > 1 || args.force {
        outputs::warn_of_older(context, usize::from(next.exists()), &next);
    }
    warn_of_secrets(context, &pages.tally, args);
    args.opened(&path)
}

/// The name of a part's file: of the first, the page's own.
fn part_name(name: &str, number: usize) -> String {
    match name.rsplit_once('.') {
        _ if number == 1 => name.to_owned(),
        Some((stem, extension)) if !stem.is_empty() => format!("{stem}-{number}.{extension}"),
        _ => format!("{name}-{number}"),
    }
}

fn markdown(
    context: &Context,
    workspace: &Workspace,
    (point, last): (&Point, Option<usize>),
    args: &ExportArgs,
    words: &str,
) -> Outcome {
    let own = own_name(workspace, point)?;
    let fill = |out: &mut dyn Write| document::write(context, workspace, (point, last), args.detail(), out);
    into(context, (args, words), &format!("{own}.md"), fill)
}

fn jsonl(context: &Context, workspace: &Workspace, point: &Point, args: &ExportArgs, words: &str) -> Outcome {
    if args.turns.is_some_and(|range| range.first > 1) {
        let hint = "codex-git export --format jsonl --turns ..7".to_owned();
        return Err(Failure::Usage("a rollout begins with its first turn".to_owned(), hint));
    }
    let alone = workspace.alone(point)?;
    let own = alone.file_name.clone();
    let fill = |out: &mut dyn Write| {
        for piece in alone {
            out.write_all(&piece?)?;
        }
        Ok(())
    };
    into(context, (args, words), &own, fill)
}

/// Writes one file, or standard output. `words`: what is said of it then.
fn into(
    context: &Context,
    (args, words): (&ExportArgs, &str),
    own: &str,
    fill: impl FnOnce(&mut dyn Write) -> Outcome,
) -> Outcome {
    let Place::File(path) = args.place(context, own)? else { return outputs::print(fill) };
    outputs::write(context, &path, args.force, fill)?;
    outputs::tell(context, &path)?;
    context.ui.say(words);
    args.opened(&path)
}

fn own_name(workspace: &Workspace, point: &Point) -> Result<String, Failure> {
    let name = workspace.about(point)?.name.or_else(|| point.message.called().map(str::to_owned));
    Ok(file_name(&name.unwrap_or_default(), point.message.session))
}

/// Says what a page holds that one may not think of.
fn warn_of_secrets(context: &Context, tally: &Tally, args: &ExportArgs) {
    let outputs = (args.detail != Some(HowMuch::Prompts) && !args.no_outputs && tally.commands > 0)
        .then(|| format!("the outputs of {}", count(tally.commands, "command")));
    let pictures = (tally.pictures > 0).then(|| count(tally.pictures, "image"));
    let held: Vec<String> = outputs.into_iter().chain(pictures).collect();
    if !held.is_empty() {
        context.ui.say(format_args!("it holds {}; secrets in them go with it", held.join(" and ")));
    }
}
