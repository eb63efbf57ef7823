//! `codex-git hook`: what Codex runs when something happens in a session.
//!
//! It must never be felt: it says nothing that Codex would show or send to the model, ends with 0 whatever happens, and leaves the work to a
//! process of its own that outlives it. Only words for codex-git that were typed as a prompt are answered, and at once. What went wrong
//! is in the log that `codex-git hooks status` reads.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use codex_git::model::PromptCommand;
use codex_git::ops::{HookEvent, HookKind, HookRun, Hooks, Report, home_of, steers};

use crate::cli::context::{Context, natural_home, unix_now};
use crate::cli::global::Global;
use crate::cli::words::short;
use crate::cli::{auto, detached, json, news, prompt, words};

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
    /// The directory of the event
    #[arg(long, hide = true, value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// The rollout of the event
    #[arg(hide = true, value_name = "PATH")]
    rollout: Option<PathBuf>,
}

/// Whether a command line is a hook's, whatever else stands in it.
pub fn is_asked(args: &[OsString]) -> bool {
    let mut words = args.iter();
    while let Some(word) = words.next() {
        if ["--codex-home", "--store", "--color"].iter().any(|option| word == option) {
            words.next();
        } else if !word.to_string_lossy().starts_with('-') {
            return word == "hook";
        }
    }
    false
}

/// Does what Codex asks for, if the words are those that `init` writes; whether they are.
pub fn react_at_once(words: &[OsString]) -> bool {
    match words {
        [hook] if hook == "hook" => react(None),
        [option, store, hook] if option == "--store" && hook == "hook" => react(Some(store.into())),
        _ => return false,
    }
    true
}

/// Does what Codex's event asks for.
fn react(store: Option<PathBuf>) {
    let mut input = Vec::new();
    if io::stdin().is_terminal() {
        return;
    }
    let told = io::stdin().lock().read_to_end(&mut input).ok().and_then(|_| HookEvent::parse(&input));
    let home = told.as_ref().and_then(|event| home_of(event.rollout.as_deref()?)).or_else(natural_home);
    let Some(home) = home else { return };
    let failed = match told {
        None => Some(("unknown".to_owned(), "Codex told of an event that codex-git doesn't know".to_owned())),
        Some(event) => {
            let surroundings = Surroundings { home: &home, store: store.as_deref() };
            let done = surroundings.react(&event);
            done.err().map(|error| (event.kind.name().to_owned(), error.to_string()))
        }
    };
    if let Some((event, words)) = failed {
        Hooks::of(&home).note(&HookRun { at: unix_now(), event, outcome: Err(words) });
    }
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
            return self.answer(&command, event);
        }
        // A session that Codex keeps no file of is none to record.
        let Some(rollout) = &event.rollout else { return Ok(()) };
        let mut words: Vec<&OsStr> = vec!["hook".as_ref(), "--after".as_ref(), event.kind.name().as_ref()];
        if let Some(turn) = &event.turn {
            words.extend([OsStr::new("--turn"), turn.as_ref()]);
        }
        if let Some(cwd) = &event.cwd {
            words.extend([OsStr::new("--cwd"), cwd.as_ref()]);
        }
        if event.automatic {
            return Ok(());
        }
        words.extend([OsStr::new("--"), rollout.as_ref()]);
        self.leave_to(&words)
    }

    /// Answers what was typed. Codex shows the reason, asks no model, and waits for the next prompt. A prompt that was typed while a turn runs
    /// is never stopped, since that would end the turn: it is answered beside, and goes on to the model.
    fn answer(&self, command: &PromptCommand, event: &HookEvent) -> io::Result<()> {
        let global = Global {
            codex_home: Some(self.home.to_owned()),
            store: self.store.map(Path::to_owned),
            quiet: true,
            ..Global::default()
        };
        let steers = event.rollout.as_deref().is_some_and(|rollout| steers(rollout, event.turn.as_deref()));
        let Ok(context) = Context::new(&global) else { return Ok(()) };
        let ui = context.ui.clone();
        let answer = prompt::in_time(context, command.clone(), event.rollout.clone(), steers);
        ui.json(if steers { json::remark(&answer.words) } else { json::stop(&answer.words) })?;
        if let Some((session, name, only)) = answer.naming {
            detached::rename(self.home, self.store, session, &name, only)?;
        }
        Ok(())
    }

    /// Leaves work to codex-git with these words.
    fn leave_to(&self, words: &[&OsStr]) -> io::Result<()> {
        detached::run(self.home, self.store, words)
    }
}

/// Records what an event tells of: the process that a hook leaves its work to.
pub fn work(context: &Context, args: &HookArgs) {
    let Some(kind) = args.after.as_deref().and_then(HookKind::parse) else { return };
    let event = HookEvent {
        kind,
        rollout: args.rollout.clone(),
        turn: args.turn.clone(),
        prompt: None,
        cwd: args.cwd.clone(),
        automatic: false,
    };
    let outcome = context.workspace().map(|workspace| {
        #[cfg(unix)]
        keep_code(context, &workspace, &event);
        let report = workspace.record_after(&event);
        workspace.gc_if_due(&report.recorded, codex_git::Effect::Write);
        if report.turns() > 0 {
            auto::after_turn(context, &workspace);
        }
        report
    });
    let outcome = match &outcome {
        Ok(report) => told(report),
        Err(failure) => Err(failure.words().0),
    };
    Hooks::of(&context.home).note(&HookRun { at: unix_now(), event: kind.name().to_owned(), outcome });
}

/// Keeps the project's files, where a person asked for that: first of all, as they change.
#[cfg(unix)]
fn keep_code(context: &Context, workspace: &codex_git::Workspace, event: &HookEvent) {
    if let Err(error) = workspace.snapshot_after(event, &context.bounds(), context.unix_now()) {
        let outcome = Err(error.to_string());
        Hooks::of(&context.home).note(&HookRun { at: unix_now(), event: "code".to_owned(), outcome });
    }
}

/// What a recording did, for the log.
fn told(report: &Report) -> Result<String, String> {
    if let Some(error) = report.failed.first() {
        return Err(error.to_string());
    }
    let news: Vec<String> =
        report.recorded.iter().filter_map(|recorded| Some(news::words(recorded.session, recorded.news?))).collect();
    if !news.is_empty() {
        return Ok(news.join("; "));
    }
    let changed: Vec<_> = report.recorded.iter().filter(|recorded| recorded.turns > 0).collect();
    Ok(match changed.as_slice() {
        [] => "nothing new".to_owned(),
        [one] => format!("turn {} of {}", one.last, short(one.session)),
        _ => words::recorded(report.turns(), changed.len(), report.recorded.len()),
    })
}
