//! `codex-git status`, which is also what `codex-git` alone prints on a terminal.

use anstyle::Style;
use clap::Args;
use codex_git::model::RemoteName;
use codex_git::ops::{Amount, Current, Hooks, Status, Verified};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::recording::{Off, Recording};
use crate::cli::words::{bytes, count, short, shown};
use crate::cli::{gate, hints, json};
use crate::ui::{Align, NAME, Table, WARN, age};

/// Show whether turns are recorded, and what is kept
///
/// Writes and records nothing. Fails if recording is off, if turns are not recorded, or if either can't be told: fit for a cron job.
#[derive(Args)]
pub struct StatusArgs {}

/// What a person does next, most of the time.
const NEXT: [(&str, &str); 5] = [
    ("codex-git save NAME", "name the point where you are"),
    ("codex-git log", "see the turns of this session"),
    ("codex-git fork NAME", "start again from a point"),
    ("codex-git list", "see the sessions of this directory"),
    ("codex-git help", "see everything else"),
];

pub fn run(context: &Context, _: &StatusArgs) -> Outcome {
    let recording = Recording::of(context, &Hooks::of(&context.home));
    let status = context.workspace().and_then(|workspace| Ok(workspace.status(&context.here)?));
    if context.json {
        context.ui.json(json::status(&recording, status.as_ref().ok()))?;
    } else {
        print(context, &recording, status.as_ref().ok())?;
    }
    tell(context, &recording, status)
}

/// The status, and what to do next.
pub fn overview(context: &Context) -> Outcome {
    let outcome = run(context, &StatusArgs {});
    context.ui.say("");
    context.ui.steps(&NEXT);
    outcome
}

fn print(context: &Context, recording: &Recording, status: Option<&Status>) -> Outcome {
    let mut table = Table::new(&[Align::Left, Align::Left]);
    let mut row = |what: &str, words: String, well: bool| {
        let style = if well { Style::new() } else { WARN };
        table.row().cell(NAME, what).cell(style, words);
    };
    row("recording", recording.words(), recording.is_on());
    match status {
        None => row("store", format!("none at {}", shown(&context.store)), false),
        Some(status) => lines(context, status).into_iter().for_each(|(what, words, well)| row(what, words, well)),
    }
    let width = context.ui.width();
    Ok(context.ui.page(|out| table.write(out, width))?)
}

fn lines(context: &Context, status: &Status) -> Vec<(&'static str, String, bool)> {
    let ago = |at: i64| age(at, context.unix_now());
    let Amount { files, bytes: size } = status.rollouts;
    let newest = status.newest.map_or(String::new(), |at| format!(", the last turn {}", ago(at)));
    let mut lines = vec![
        unrecorded(status),
        ("kept", format!("{}{newest}", count(status.sessions, "session")), true),
        only_kept(status, &ago),
        ("rollouts", format!("{}, {}", count(files, "file"), bytes(size)), true),
        ("store", format!("{} in {}", bytes(status.store_bytes), shown(&context.store)), true),
    ];
    let last = status.last_save.as_ref();
    let last = last.map_or(String::new(), |save| format!(", the last one {} {}", save.name, ago(save.saved_at)));
    lines.push(("saves", format!("{}{last}", status.saves), true));
    let held =
        |(remote, held): &(RemoteName, usize)| ("remote", format!("{} from {remote}", gate::held_back(*held)), false);
    lines.extend(status.held_back.iter().map(held));
    if let Some(current) = &status.current {
        lines.push(("here", here(current), true));
    }
    lines
}

fn holding(sessions: usize) -> String {
    let hold = if sessions == 1 { "holds" } else { "hold" };
    format!("{} {hold} turns that are not recorded", count(sessions, "session"))
}

fn unrecorded(status: &Status) -> (&'static str, String, bool) {
    let unrecorded = match &status.unrecorded {
        Ok(unrecorded) => unrecorded,
        Err(error) => return ("unrecorded", format!("not known: {error}"), false),
    };
    let parts: Vec<String> = [
        (unrecorded.sessions > 0).then(|| holding(unrecorded.sessions)),
        (!unrecorded.failed.is_empty())
            .then(|| format!("{} can't be recorded", count(unrecorded.failed.len(), "path"))),
        (unrecorded.behind > 0).then(|| format!("{} behind the store", count(unrecorded.behind, "rollout"))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let well = parts.is_empty();
    ("unrecorded", if well { "nothing".to_owned() } else { parts.join("; ") }, well)
}

fn only_kept(status: &Status, ago: &dyn Fn(i64) -> String) -> (&'static str, String, bool) {
    let (verified, well) = match status.verified {
        None => ("the store was never verified".to_owned(), true),
        Some(Verified { at, problems: 0 }) => (format!("the store was verified {}", ago(at)), true),
        Some(Verified { at, problems }) => (format!("{} found {}", count(problems, "problem"), ago(at)), false),
    };
    let gone = status.only_kept.map_or("not known".to_owned(), |gone| count(gone, "session"));
    ("only here", format!("{gone}; {verified}"), well && status.only_kept.is_some())
}

fn here(current: &Current) -> String {
    let title = current.title.as_deref().map_or(String::new(), |title| format!(": {title}"));
    let save = match &current.save {
        None => "no save".to_owned(),
        Some(save) => format!("last save {} (turn {})", save.name, save.turn),
    };
    format!("{} turn {}, {save}{title}", short(current.session), current.turn)
}

/// What is wrong, each with what to do.
fn tell(context: &Context, recording: &Recording, status: Result<Status, Failure>) -> Outcome {
    let mut well = true;
    let mut wrong = |words: String, hint: Option<String>| {
        context.ui.fail(words, hint);
        well = false;
    };
    match recording {
        // That there is no store is said below.
        Recording::On | Recording::Watched(None) | Recording::Off(Off::NoStore(_)) => {}
        Recording::Watched(Some(off)) => {
            wrong(format!("no code snapshots are taken: {}", off.why()), Some(off.hint().to_owned()));
        }
        Recording::Off(off) => wrong(format!("recording is off: {}", off.why()), Some(off.hint().to_owned())),
        Recording::Unknown(why) => wrong(format!("whether recording is on is not known: {why}"), None),
    }
    match status {
        Err(Failure::Library(error)) => wrong(error.to_string(), hints::hint(&error)),
        Err(failure) => return Err(failure),
        Ok(status) => {
            match &status.unrecorded {
                Err(error) => wrong(format!("what is not recorded can't be told: {error}"), None),
                Ok(unrecorded) => {
                    for error in &unrecorded.failed {
                        wrong(error.to_string(), hints::hint(error));
                    }
                    if unrecorded.sessions > 0 {
                        wrong(holding(unrecorded.sessions), Some("codex-git record".to_owned()));
                    }
                }
            }
            // The gate does what it is for, so that is no problem.
            if let Some((remote, _)) = status.held_back.first() {
                context.ui.hint(&gate::which_are_held(remote));
            }
            if status.verified.is_some_and(|verified| verified.problems > 0) {
                wrong("the store had problems when it was last verified".to_owned(), Some(hints::REPAIR.to_owned()));
            }
        }
    }
    if well { Ok(()) } else { Err(Failure::Said) }
}
