//! The command line: words in, words and an exit code out. The only room that names clap.
//!
//! Each verb has a file in `commands` that says what it takes and prints what the library did; no command names another. Exit codes: 0 done,
//! 1 refused or failed, 2 wrong usage.

mod advancing;
mod args;
#[cfg(unix)]
mod asking;
mod auto;
mod blamed;
mod carrying;
mod choice;
#[cfg(unix)]
mod code_changes;
#[cfg(unix)]
mod code_folder;
mod code_health;
mod codex;
mod commands;
mod complete;
mod context;
mod conversation;
mod detached;
mod document;
mod exchange;
mod failure;
mod filters;
mod finds;
mod forking;
mod gate;
mod git_words;
mod global;
mod hints;
mod history;
mod install;
mod json;
#[cfg(unix)]
mod kept_code;
#[cfg(feature = "links")]
mod links;
mod measures;
#[cfg(feature = "mcp")]
mod memory;
mod news;
mod opening;
mod outputs;
mod overlaying;
mod paging;
mod patches;
#[cfg(feature = "ui")]
mod picking;
mod picture;
mod porcelain;
mod prompt;
mod range;
mod recording;
mod registered;
mod report;
#[cfg(unix)]
mod restored_code;
mod resuming;
mod said;
mod saving;
#[cfg(feature = "watch")]
mod service;
mod sides;
mod turn_range;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, FromArgMatches};

use args::{Cli, Verb, command, command_for, verb_in};
use commands::{
    blame, clone, completions, config, demo, diff, doctor, evict, export, fork, gc, graph, hook, hooks, import, init,
    list, log, man, moved, patch, pull, push, record, remote, rename, restore, resume, save, saves, search, secrets,
    share, show, stats, status, strands, sync, unshare, verify,
};
use context::Context;
use failure::{Failure, Outcome};

/// Runs the program with the words of its command line.
pub fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    if hook::is_asked(&words) {
        run_hook(&words);
        return ExitCode::SUCCESS;
    }
    clap_complete::CompleteEnv::with_factory(command).complete();
    let matches = match command_for(&words).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return clap_says(&error, &words),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return clap_says(&error.format(&mut Cli::command()), &words),
    };
    let context = match Context::new(&cli.global) {
        Ok(context) => context,
        Err(homeless) => {
            let (ui, words, hint) = *homeless;
            ui.fail(words, Some(hint));
            return ExitCode::FAILURE;
        }
    };
    let Some(verb) = cli.verb else { return without_verb(&context) };
    if verb.works_on_sessions() {
        recording::warn_if_off(&context);
    }
    match run(verb, &context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&context, &failure),
    }
}

/// Nothing was asked for: a person at a terminal sees how things stand, a program what it could have asked.
fn without_verb(context: &Context) -> ExitCode {
    if !context.ui.is_terminal() {
        // Help that nobody reads to the end is no failure.
        let _ = context.ui.print_error(command().render_help().ansi());
        return ExitCode::from(2);
    }
    match status::overview(context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(context, &failure),
    }
}

/// Does what a hook's command line asks for. It says nothing and ends well, whatever the words are. Codex waits for a hook, so the words that
/// `init` writes are told apart before anything else is set up.
fn run_hook(words: &[OsString]) {
    if hook::react_at_once(words) {
        return;
    }
    let cli = command_for(words).try_get_matches().ok().and_then(|matches| Cli::from_arg_matches(&matches).ok());
    if let Some(Cli { global, verb: Some(Verb::Hook(args)) }) = cli
        && let Ok(context) = Context::new(&global)
    {
        hook::work(&context, &args);
    }
}

fn run(verb: Verb, context: &Context) -> Outcome {
    match verb {
        Verb::Init(args) => init::run(context, &args),
        Verb::Record(args) => record::run(context, &args),
        #[cfg(unix)]
        Verb::Code(args) => commands::code::run(context, &args),
        Verb::Save(args) => save::run(context, &args),
        Verb::Saves(args) => saves::run(context, &args),
        Verb::Fork(args) => fork::run(context, &args),
        Verb::Resume(args) => resume::run(context, &args),
        Verb::Restore(args) => restore::run(context, &args),
        Verb::Evict(args) => evict::run(context, &args),
        Verb::Log(args) => log::run(context, &args),
        Verb::List(args) => list::run(context, &args),
        Verb::Show(args) => show::run(context, &args),
        Verb::Search(args) => search::run(context, &args),
        Verb::Secrets(args) => secrets::run(context, &args),
        Verb::Diff(args) => diff::run(context, &args),
        Verb::Patch(args) => patch::run(context, &args),
        Verb::Blame(args) => blame::run(context, &args),
        Verb::Export(args) => export::run(context, &args),
        Verb::Graph(args) => graph::run(context, &args),
        Verb::Share(args) => share::run(context, &args),
        Verb::Import(args) => import::run(context, &args),
        Verb::Remote(args) => remote::run(context, &args),
        Verb::Push(args) => push::run(context, &args),
        Verb::Pull(args) => pull::run(context, &args),
        Verb::Sync(args) => sync::run(context, &args),
        Verb::Clone(args) => clone::run(context, &args),
        Verb::Unshare(args) => unshare::run(context, &args),
        Verb::Strands(args) => strands::run(context, &args),
        Verb::Stats(args) => stats::run(context, &args),
        Verb::Status(args) => status::run(context, &args),
        Verb::Verify(args) => verify::run(context, &args),
        Verb::Gc(args) => gc::run(context, &args),
        Verb::Doctor(args) => doctor::run(context, &args),
        Verb::Hooks(args) => hooks::run(context, &args),
        // Told apart before the words are read.
        Verb::Hook(_) => Ok(()),
        #[cfg(feature = "mcp")]
        Verb::Mcp(args) => commands::mcp::run(context, &args),
        #[cfg(feature = "ui")]
        Verb::Ui(args) => commands::ui::run(context, &args),
        #[cfg(feature = "watch")]
        Verb::Watch(args) => commands::watch::run(context, &args),
        Verb::Moved(args) => moved::run(context, &args),
        Verb::Config(args) => config::run(context, &args),
        Verb::Rename(args) => rename::run(context, &args),
        Verb::Demo(args) => demo::run(context, &args),
        Verb::Completions(args) => completions::run(context, &args),
        Verb::Man(args) => man::run(context, &args, command()),
    }
}

fn fail(context: &Context, failure: &Failure) -> ExitCode {
    if !failure.is_said() {
        let (words, mut hint) = failure.words();
        if let (Failure::Library(error) | Failure::Unsearched(error), Some(_)) = (failure, context.here.session) {
            hint = hints::hint_inside_codex(error).or(hint);
        }
        context.ui.fail(words, hint);
    }
    ExitCode::from(failure.code())
}

fn clap_says(error: &clap::Error, words: &[OsString]) -> ExitCode {
    if let Some(ContextValue::String(typed)) =
        error.get(ContextKind::InvalidSubcommand).filter(|_| error.kind() == ErrorKind::InvalidSubcommand)
    {
        return no_such_verb(typed, words);
    }
    if let Some((option, hint)) = git_words::meant(error, words) {
        context::plain_ui().fail(format_args!("there is no option `{option}`"), Some(hint));
        return ExitCode::from(2);
    }
    // Help that nobody reads to the end is no failure.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Says that there is no such verb, and which was meant, if that can be guessed.
fn no_such_verb(typed: &str, words: &[OsString]) -> ExitCode {
    let all = Cli::command();
    // A verb can have verbs of its own: `code restore` is not `restore`.
    let above = verb_in(words).filter(|verb| *verb != typed).and_then(|verb| all.find_subcommand(verb));
    let name = above.map_or_else(String::new, |above| format!("{} ", above.get_name()));
    let all = above.unwrap_or(&all);
    let verbs: Vec<&str> = all.get_subcommands().filter(|verb| !verb.is_hide_set()).map(Command::get_name).collect();
    // What git calls differently is none that is spelled wrong.
    let meant = git_words::verb(typed).filter(|_| above.is_none());
    let hint = match meant.or_else(|| codex_git::model::text::nearest(typed, verbs.into_iter())) {
        Some(verb) => format!("codex-git {name}{verb}"),
        None if above.is_some() => format!("codex-git {name}--help"),
        None => "codex-git help".to_owned(),
    };
    context::plain_ui().fail(format_args!("there is no command `{name}{typed}`"), Some(hint));
    ExitCode::from(2)
}
