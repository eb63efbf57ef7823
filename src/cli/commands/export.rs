//! `codex-git export`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use clap_complete::{ArgValueCompleter, ValueHint};
use codex_git::Workspace;
use codex_git::ops::Point;
use codex_git::render::page::{Amount, Detail};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::measures::size;
use crate::cli::outputs::{self, Place, file_name};
use crate::cli::paging::{Images, Pages, Tally, Wanted};
use crate::cli::turn_range::TurnRange;
use crate::cli::words::{count, short};
use crate::cli::{complete, document, opening, report};

/// Write a conversation as a page, a Markdown document, or a rollout
///
/// A page is one file that needs nothing else: no network, no script. What is written is what the conversation holds, secrets in it included:
/// look before you send it.
#[derive(Args)]
pub struct ExportArgs {
    /// The point up to which the conversation goes [default: the current session]
    #[arg(value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    revision: Option<String>,
    /// What to write
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Html)]
    format: Format,
    /// Where to write it; - is standard output [default: a file named after the session, or standard output if that is no terminal]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(short, long)]
    force: bool,
    /// Write only these turns, such as 3..7, 3.. or ..7
    #[arg(long, value_name = "A..B")]
    turns: Option<TurnRange>,
    /// How much of it to tell
    #[arg(long, value_enum, value_name = "HOW", default_value_t = HowMuch::Brief)]
    detail: HowMuch,
    /// Leave out what commands and tools printed
    #[arg(long)]
    no_outputs: bool,
    /// Leave out what the model thought
    #[arg(long)]
    no_reasoning: bool,
    /// Which images to put into a page
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = Images::Small)]
    images: Images,
    /// How large a page may get, such as 8M: above, outputs are cut, then the page is split
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "32M")]
    max_bytes: u64,
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

    /// Opens what was written, if that was asked for.
    fn opened(&self, path: &Path) -> Outcome {
        if !self.open {
            return Ok(());
        }
        opening::open(path).map_err(|error| Failure::Io("open the file, which is written", error))
    }

    fn detail(&self) -> Detail {
        let amount = match self.detail {
            HowMuch::Prompts => Amount::Prompts,
            HowMuch::Brief => Amount::Brief,
            HowMuch::Full => Amount::Full,
        };
        Detail { outputs: !self.no_outputs, reasoning: !self.no_reasoning, ..Detail::of(amount) }
    }
}

pub fn run(context: &Context, args: &ExportArgs) -> Outcome {
    let workspace = context.workspace()?;
    let point = report::resolve(context, &workspace, args.revision.as_deref())?.point;
    let (point, last) = match args.turns {
        Some(range) => range.of(&workspace, &point)?,
        None => (point, None),
    };
    if point.message.turn == 0 && args.format != Format::Jsonl {
        context.ui.say(format_args!("session {} has no turn yet", short(point.message.session)));
        return Ok(());
    }
    match args.format {
        Format::Html => html(context, &workspace, (&point, last), args),
        Format::Md => markdown(context, &workspace, (&point, last), args),
        Format::Jsonl => jsonl(context, &workspace, &point, args),
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
    let stem = match &place {
        Place::File(path) => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        Place::Output => own,
    };
    let wanted = Wanted {
        point,
        last,
        detail: args.detail(),
        images: args.images,
        most_bytes: usize::try_from(args.max_bytes).unwrap_or(usize::MAX),
        splits: matches!(place, Place::File(_)),
        page_of: &|_| None,
        part: &|number| part_name(&stem, number),
    };
    let pages = Pages::of(context, workspace, &wanted)?;
    if pages.is_cut {
        let words = "outputs are cut to 40 lines each, so that the page is not larger than --max-bytes says";
        context.ui.say(words);
    }
    let Place::File(path) = place else { return outputs::print(|out| Ok(pages.write(0, out)?)) };
    for number in 0..pages.count() {
        let path = if number == 0 { path.clone() } else { path.with_file_name(part_name(&stem, number + 1)) };
        outputs::write(&path, args.force, |out| Ok(pages.write(number, out)?))?;
        outputs::tell(context, &path)?;
    }
    warn_of_secrets(context, &pages.tally, args);
    args.opened(&path)
}

/// The name of a part's file: of the first, the page's own.
fn part_name(stem: &str, number: usize) -> String {
    if number == 1 { format!("{stem}.html") } else { format!("{stem}-{number}.html") }
}

fn markdown(
    context: &Context,
    workspace: &Workspace,
    (point, last): (&Point, Option<usize>),
    args: &ExportArgs,
) -> Outcome {
    let own = own_name(workspace, point)?;
    let fill = |out: &mut dyn Write| document::write(context, workspace, (point, last), args.detail(), out);
    into(context, args, &format!("{own}.md"), fill)
}

fn jsonl(context: &Context, workspace: &Workspace, point: &Point, args: &ExportArgs) -> Outcome {
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
    into(context, args, &own, fill)
}

/// Writes one file, or standard output.
fn into(context: &Context, args: &ExportArgs, own: &str, fill: impl FnOnce(&mut dyn Write) -> Outcome) -> Outcome {
    let Place::File(path) = args.place(context, own)? else { return outputs::print(fill) };
    outputs::write(&path, args.force, fill)?;
    outputs::tell(context, &path)?;
    args.opened(&path)
}

fn own_name(workspace: &Workspace, point: &Point) -> Result<String, Failure> {
    let name = workspace.about(point)?.name.or_else(|| point.message.title.clone());
    Ok(file_name(&name.unwrap_or_default(), point.message.session))
}

/// Says what a page holds that one may not think of.
fn warn_of_secrets(context: &Context, tally: &Tally, args: &ExportArgs) {
    let outputs = (args.detail != HowMuch::Prompts && !args.no_outputs && tally.commands > 0)
        .then(|| format!("the outputs of {}", count(tally.commands, "command")));
    let pictures = (tally.pictures > 0).then(|| count(tally.pictures, "image"));
    let held: Vec<String> = outputs.into_iter().chain(pictures).collect();
    if !held.is_empty() {
        context.ui.say(format_args!("it holds {}; secrets in them go with it", held.join(" and ")));
    }
}
