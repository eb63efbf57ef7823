//! `codex-git search`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args};
use clap_complete::ArgValueCompleter;
use codex_git::model::Moment;
use codex_git::model::piece::PieceKind;
use codex_git::model::shell::quoted;
use codex_git::ops::{Filter, FoundSession, Needle, Search, Searched, Spelling};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::filters::Dates;
use crate::cli::finds::Teller;
use crate::cli::words::count;
use crate::cli::{complete, json, report};
use crate::ui::{DIM, Progress};

/// How many lines of a turn are shown where nothing else is said.
const LINES: usize = 5;

/// Find the lines of all conversations that match a pattern, newest first
///
/// Everything that was ever recorded is searched: sessions that Codex archived or deleted, turns that were left behind, and turns that still run.
/// A turn that several sessions share is shown once. What nobody typed, such as AGENTS.md, is searched only with `--in context`; of a line above 1 MiB,
/// the first 256 KiB of each text.
/// Ends with 0 if something was found, with 1 if nothing was, and with 2 if it could not be searched.
#[derive(Args)]
pub struct SearchArgs {
    /// A regular expression; upper and lower case are the same unless it has a capital letter
    #[arg(value_name = "PATTERN", required_unless_present = "regexp")]
    pattern: Option<String>,
    /// A pattern; can be repeated, for lines that match any of them
    #[arg(short = 'e', long, value_name = "PATTERN", conflicts_with = "pattern", allow_hyphen_values = true)]
    regexp: Vec<String>,
    /// Take the pattern as literal text, not as a regular expression
    #[arg(short = 'F', long)]
    fixed_strings: bool,
    /// Match upper and lower case alike
    #[arg(short, long, overrides_with = "case_sensitive")]
    ignore_case: bool,
    /// Match upper and lower case exactly
    #[arg(short = 's', long)]
    case_sensitive: bool,
    /// Match only whole words
    #[arg(short, long)]
    word_regexp: bool,
    /// Search only in these
    #[arg(long = "in", value_name = "KIND,…", value_delimiter = ',', value_parser = PossibleValuesParser::new(PieceKind::names()))]
    kinds: Vec<String>,
    /// Show at most N lines of a turn [default: 5, with --json all]
    #[arg(short = 'n', long, value_name = "N")]
    max_count: Option<usize>,
    /// Show only the ids of the sessions
    #[arg(short = 'l', long, conflicts_with = "count")]
    sessions: bool,
    /// Show only the ids of the sessions, and how many lines each has
    #[arg(short, long)]
    count: bool,
    /// Show N lines after each match
    #[arg(short = 'A', long, value_name = "N")]
    after_context: Option<usize>,
    /// Show N lines before each match
    #[arg(short = 'B', long, value_name = "N")]
    before_context: Option<usize>,
    /// Show N lines before and after each match
    #[arg(short = 'C', long, value_name = "N")]
    context: Option<usize>,
    /// Name every session that has a turn, too
    #[arg(long, action = ArgAction::SetTrue)]
    all_forks: bool,
    /// How to tell times [default: relative, or what `codex-git config date` says]
    #[arg(long, value_enum)]
    date: Option<Dates>,
    #[command(flatten)]
    within: Within,
}

/// Which turns are searched: those for which all of these hold.
#[derive(Args)]
#[command(next_help_heading = "Filters")]
struct Within {
    /// Only the conversation up to this point
    #[arg(long, value_name = "REVISION", add = ArgValueCompleter::new(complete::revisions))]
    session: Option<String>,
    /// Only turns of sessions that worked in this directory or below it
    #[arg(long, value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// Only turns that changed this file, one whose path ends so, or one in this directory
    #[arg(long, value_name = "PATH")]
    file: Option<String>,
    /// Only turns whose model has this in its name
    #[arg(long, value_name = "MODEL", visible_alias = "author")]
    model: Option<String>,
    /// Only turns that ended no earlier than this, such as 2026-11-20, 3d, 2h, yesterday or monday
    #[arg(long, value_name = "TIME", visible_alias = "after")]
    since: Option<Moment>,
    /// Only turns that ended no later than this; a day counts to its end
    #[arg(long, value_name = "TIME", visible_alias = "before")]
    until: Option<Moment>,
}

impl SearchArgs {
    fn needle(&self) -> Result<Needle, Failure> {
        let ignores_case = match (self.ignore_case, self.case_sensitive) {
            (false, false) => None,
            (ignores_case, _) => Some(ignores_case),
        };
        let spelling = Spelling { is_fixed: self.fixed_strings, is_word: self.word_regexp, ignores_case };
        let typed: Vec<&str> = self.regexp.iter().chain(&self.pattern).map(String::as_str).collect();
        Needle::any_of(&typed, spelling).map_err(|reason| Failure::Usage(reason, literally(&typed)))
    }

    fn most(&self, context: &Context) -> usize {
        if self.sessions || self.count {
            return 0;
        }
        self.max_count.unwrap_or(if context.json { usize::MAX } else { LINES })
    }
}

/// The search for the same letters. What no line holds parts what is looked for.
fn literally(typed: &[&str]) -> String {
    let is_in_no_line = |letter: char| letter.is_control() && letter != '\t';
    let parts = typed.iter().flat_map(|typed| typed.split(is_in_no_line)).filter(|part| !part.is_empty());
    match parts.collect::<Vec<_>>()[..] {
        [] => "codex-git search PATTERN".to_owned(),
        [part] => format!("codex-git search -F -- {}", quoted(part)),
        ref parts => {
            let parts: String = parts.iter().map(|part| format!(" -e {}", quoted(part))).collect();
            format!("codex-git search -F{parts}  # the lines that have any of these")
        }
    }
}

pub fn run(context: &Context, args: &SearchArgs) -> Outcome {
    search(context, args).map_err(Failure::unsearched)
}

fn search(context: &Context, args: &SearchArgs) -> Outcome {
    let needle = args.needle()?;
    let workspace = context.workspace()?;
    let point = match &args.within.session {
        Some(revision) => Some(report::resolve(context, &workspace, Some(revision))?.point.id),
        None => {
            report::catch_up(context, &workspace, None);
            None
        }
    };
    let around = |own: Option<usize>| own.or(args.context).unwrap_or(0);
    let search = Search {
        needle,
        kinds: args.kinds.iter().flat_map(|name| PieceKind::named(name)).collect(),
        filter: Filter {
            since: args.within.since.map(|moment| moment.first(context.now)),
            until: args.within.until.map(|moment| moment.last(context.now)),
            author: args.within.model.clone(),
            below: args.within.cwd.as_deref().map(|directory| context.below(&workspace, directory)),
            grep: None,
        },
        file: args.within.file.as_deref().map(|typed| context.path_in_turns(typed)).transpose()?,
        point,
        most: args.most(context),
        around: (around(args.before_context), around(args.after_context)),
    };
    let started = Instant::now();
    let mut bar = Progress::new("parts of the history", context.ui.quiet);
    let mut told = Told::default();
    let dates = Dates::wanted(args.date, &workspace);
    let mut searched = Ok(Searched::default());
    context.ui.page(|out| {
        let mut written = Ok(());
        searched = workspace.search(
            &search,
            &mut |session| {
                written = told.session(context, (args, dates), &session, out);
                written.is_ok()
            },
            &mut |done, total| bar.at(done, total),
        );
        written
    })?;
    drop(bar);
    let searched = searched?;
    report::unreadable(context, searched.unreadable);
    report::broken_sessions(context, &searched.broken);
    report::broken_saves(context, &workspace, &[]);
    let took = started.elapsed().as_secs_f64();
    context.ui.say(format_args!("{DIM}{} in {took:.2} s{DIM:#}", told.words(&searched)));
    if told.turns == 0 { Err(Failure::Said) } else { Ok(()) }
}

/// What was told so far.
#[derive(Default)]
struct Told {
    lines: usize,
    turns: usize,
    sessions: usize,
}

impl Told {
    fn session(
        &mut self,
        context: &Context,
        (args, dates): (&SearchArgs, Dates),
        session: &FoundSession,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let lines: usize = session.turns.iter().map(|turn| turn.lines).sum();
        if context.json {
            json::found(session, args.sessions || args.count).iter().try_for_each(|found| {
                let found = codex_git::model::text::escaped(&found.to_string());
                writeln!(out, "{found}")
            })?;
        } else if args.sessions {
            writeln!(out, "{}", session.session)?;
        } else if args.count {
            writeln!(out, "{}:{lines}", session.session)?;
        } else {
            let teller = Teller { context, dates, width: context.ui.width(), names_forks: args.all_forks };
            teller.session(out, session, self.sessions == 0)?;
        }
        self.lines += lines;
        self.turns += session.turns.len();
        self.sessions += 1;
        out.flush()
    }

    fn words(&self, searched: &Searched) -> String {
        let all = format!("{} of {}", count(searched.turns, "turn"), count(searched.sessions, "session"));
        if self.turns == 0 {
            return format!("nothing in {all},");
        }
        let (lines, turns, sessions) =
            (count(self.lines, "line"), count(self.turns, "turn"), count(self.sessions, "session"));
        format!("{lines} in {turns} of {sessions}, out of {all},")
    }
}
