//! `codex-git hook`: what Codex runs when something happens in a session.
//!
//! It must never be felt: it says nothing that Codex would show or send to the model, ends with 0 whatever happens, and leaves the work to a
//! process of its own that outlives it. Only words for codex-git that were typed as a prompt are answered, and at once. What went wrong
//! is in the log that `codex-git hooks status` reads.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use codex_git::model::PromptCommand;
use codex_git::ops::{HookEvent, HookKind, HookRun, Hooks, Report, home_of};
use serde_json::json;

use super::args::Global;
use super::context::{self, Context, short};
use super::{Failure, Outcome, prompt};

/// What Codex runs at its events (see `codex-git hooks`)
///
/// Reads on standard input what happened. Ends at once, always well, and leaves the recording to a process of its own.
#[derive(Args)]
pub struct HookArgs {
    /// Record what an event tells of, now
    #[arg(long, hide = true, value_name = "EVENT")]
    after: Option<String>,
    /// The turn of the event
    #[arg(long, hide = true, value_name = "ID")]
    turn: Option<String>,
    /// The rollout of the event
    #[arg(hide = true, value_name = "PATH")]
    rollout: Option<PathBuf>,
}

/// The words of a command line that is a hook's, as `init` writes it: the store that it names, if it names one. Codex waits for a hook, so
/// it is told apart before anything else is set up.
pub fn words(args: &[OsString]) -> Option<Option<PathBuf>> {
    match args {
        [hook] if hook == "hook" => Some(None),
        [option, store, hook] if option == "--store" && hook == "hook" => Some(Some(store.into())),
        _ => None,
    }
}

/// Does what Codex's event asks for.
pub fn react(store: Option<PathBuf>) -> ExitCode {
    let mut input = Vec::new();
    if io::stdin().is_terminal() {
        context::plain_ui().fail("`codex-git hook` is what Codex runs", Some("codex-git hooks".to_owned()));
        return ExitCode::FAILURE;
    }
    let told = io::stdin().lock().read_to_end(&mut input).ok().and_then(|_| HookEvent::parse(&input));
    let home = told.as_ref().and_then(|event| home_of(event.rollout.as_deref()?)).or_else(context::natural_home);
    let Some(home) = home else { return ExitCode::SUCCESS };
    let failed = match told {
        None => Some(("unknown".to_owned(), "Codex told of an event that codex-git doesn't know".to_owned())),
        Some(event) => {
            let surroundings = Surroundings { home: &home, store: store.as_deref() };
            let done = surroundings.react(&event);
            done.err().map(|error| (event.kind.name().to_owned(), error.to_string()))
        }
    };
    if let Some((event, words)) = failed {
        Hooks::of(&home).note(&HookRun { at: context::unix_now(), event, outcome: Err(words) });
    }
    ExitCode::SUCCESS
}

/// The codex home that an event happened in, and the store where that is another than the home's own.
struct Surroundings<'a> {
    home: &'a Path,
    store: Option<&'a Path>,
}

impl Surroundings<'_> {
    fn react(&self, event: &HookEvent) -> io::Result<()> {
        let prompt = event.prompt.as_deref().filter(|_| event.kind == HookKind::UserPromptSubmit);
        if let Some(command) = prompt.and_then(PromptCommand::parse) {
            return self.answer(&command, event.rollout.as_deref());
        }
        // A session that Codex keeps no file of is none to record.
        let Some(rollout) = &event.rollout else { return Ok(()) };
        let mut words: Vec<&OsStr> = vec!["hook".as_ref(), "--after".as_ref(), event.kind.name().as_ref()];
        if let Some(turn) = &event.turn {
            words.extend([OsStr::new("--turn"), turn.as_ref()]);
        }
        if event.automatic {
            return Ok(());
        }
        words.extend([OsStr::new("--"), rollout.as_ref()]);
        self.leave_to(&words)
    }

    /// Answers what was typed. Codex shows the reason, asks no model, and waits for the next prompt.
    fn answer(&self, command: &PromptCommand, rollout: Option<&Path>) -> io::Result<()> {
        let global = Global {
            codex_home: Some(self.home.to_owned()),
            store: self.store.map(Path::to_owned),
            quiet: true,
            ..Global::default()
        };
        let Ok(context) = Context::new(&global) else { return Ok(()) };
        let answer = prompt::answer(&context, command, rollout);
        context.ui.data(json!({ "continue": false, "stopReason": answer.words }))?;
        if let Some((session, name, only)) = answer.naming {
            let session = session.to_string();
            let mut words: Vec<&OsStr> = vec!["rename".as_ref()];
            words.extend(only.then_some(OsStr::new("--if-unnamed")));
            words.extend([OsStr::new("--"), session.as_ref(), name.as_ref()]);
            self.leave_to(&words)?;
        }
        Ok(())
    }

    /// Starts codex-git with these words, as a process that outlives this one and Codex.
    fn leave_to(&self, words: &[&OsStr]) -> io::Result<()> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--codex-home").arg(self.home);
        if let Some(store) = self.store {
            command.arg("--store").arg(store);
        }
        command.args(words).current_dir(self.home).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // What ends Codex, or its terminal, ends its group of processes.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().map(drop)
    }
}

/// Records what an event tells of: the process that a hook leaves its work to.
pub fn run(context: &Context, args: &HookArgs) -> Outcome {
    let kind = args.after.as_deref().and_then(HookKind::parse);
    let Some(kind) = kind else {
        return Err(Failure::Usage("a hook has no arguments".to_owned(), "codex-git hooks".to_owned()));
    };
    let event =
        HookEvent { kind, rollout: args.rollout.clone(), turn: args.turn.clone(), prompt: None, automatic: false };
    let outcome = context.workspace().map(|workspace| {
        let report = workspace.record_after(&event);
        workspace.gc_if_due(&report.recorded, codex_git::Effect::Write);
        report
    });
    let outcome = match &outcome {
        Ok(report) => told(report),
        Err(failure) => Err(failure.words().0),
    };
    let failed = outcome.is_err();
    let run = HookRun { at: context::unix_now(), event: kind.name().to_owned(), outcome };
    Hooks::of(&context.home).note(&run);
    if failed { Err(Failure::Said) } else { Ok(()) }
}

/// What a recording did, for the log.
fn told(report: &Report) -> Result<String, String> {
    if let Some(error) = report.failed.first() {
        return Err(error.to_string());
    }
    let news: Vec<String> = report
        .recorded
        .iter()
        .filter_map(|recorded| Some(super::news::words(recorded.session, recorded.news?)))
        .collect();
    if !news.is_empty() {
        return Ok(news.join("; "));
    }
    let changed: Vec<_> = report.recorded.iter().filter(|recorded| recorded.turns > 0).collect();
    Ok(match changed.as_slice() {
        [] => "nothing new".to_owned(),
        [one] => format!("turn {} of {}", one.last, short(one.session)),
        _ => super::init::summary(report.turns(), changed.len(), report.recorded.len()),
    })
}
