//! Sessions that go to a remote and come from one: what the verbs for that do, and tell.

use std::collections::BTreeSet;

use codex_git::model::shell::command;
use codex_git::model::{IndexLine, text};
use codex_git::ops::{
    Arrival, Exchange, FoundSecret, LeftOutMachine, Pulled, PulledSession, Pushed, PushedSession, Remote,
};
use codex_git::{Effect, Error, SessionId, Workspace};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::words::{count, short};
use super::{advancing, exchange as exchanging, gate, json, report};
use crate::ui::{DIM, NAME, Progress, RESET};

/// So many sessions are told one by one.
const TOLD: usize = 50;

/// So many are named in a line.
const NAMED: usize = 5;

/// Pushes to a remote, and tells what went. `lets_held`: whether it is no failure that something was held back.
pub fn push(
    context: &Context,
    workspace: &Workspace,
    remote: &Remote,
    exchange: &Exchange,
    lets_held: bool,
) -> Outcome {
    let mut bar = Progress::new("objects", context.ui.quiet);
    let pushed = workspace.push(remote, exchange, &mut |done, total| bar.at(done, total));
    drop(bar);
    let pushed = match pushed {
        Err(error @ Error::NothingShared(_)) => {
            let share = exchanging::share_hint(context, workspace, &remote.name);
            return Err(Failure::Held(error.to_string(), format!("{share}  # or dir:/PATH, or session:REVISION")));
        }
        pushed => pushed?,
    };
    if context.json {
        pushed.sessions.iter().try_for_each(|one| context.ui.json(json::pushed(remote, one)))?;
        let masked = pushed.masked.iter().map(|one| (one.of, one.fork));
        let held = pushed.secrets.held.iter().map(|held| (*held, None)).chain(masked);
        held.into_iter().try_for_each(|(held, fork)| context.ui.json(json::held(remote, held, fork)))?;
    }
    tell_pushed(context, remote, &pushed, exchange.effect);
    report::broken_sessions(context, &pushed.broken);
    if pushed.secrets.held.is_empty() {
        return Ok(());
    }
    tell_held(context, workspace, &pushed);
    if lets_held { Ok(()) } else { Err(Failure::Said) }
}

fn tell_pushed(context: &Context, remote: &Remote, pushed: &Pushed, effect: Effect) {
    if pushed.is_renamed {
        context.ui.warn("another store has this machine's id, as a copy has; this one has a new id now");
    }
    if !pushed.is_new {
        context.ui.say(format_args!("nothing new for {}", remote.name));
        return;
    }
    for one in pushed.sessions.iter().take(TOLD) {
        context.ui.say(format_args!("  {}", told_pushed(one)));
    }
    tell_more(context, pushed.sessions.len());
    let masked = if effect == Effect::Pretend { "would go" } else { "goes" };
    pushed.masked.iter().take(TOLD).for_each(|one| gate::tell_masked(context, one.of, one.fork, masked));
    let would = if effect == Effect::Pretend { "would " } else { "" };
    let sessions = count(pushed.sessions.len(), "session");
    let goes = if would.is_empty() { "pushed" } else { "push" };
    if !pushed.sessions.is_empty() || pushed.saves > 0 {
        context.ui.say(format_args!("{would}{goes} {sessions}{} to {}", with_saves(pushed.saves), remote.name));
    }
    if let Some(first) = pushed.withdrawn.first() {
        let told = if would.is_empty() { "no longer tells" } else { "no longer tell" };
        let withdrawn = count(pushed.withdrawn.len(), "session");
        let named: Vec<String> = pushed.withdrawn.iter().take(NAMED).map(|session| short(*session)).collect();
        context.ui.say(format_args!("{would}{told} of {withdrawn} there: {}", named.join(", ")));
        let unshare = command("unshare", &[&short(*first), remote.name.as_str()]);
        context.ui.hint(&format!("{unshare}  # what is there of it stays until then"));
    }
    let is_nothing = pushed.sessions.is_empty() && pushed.saves == 0 && pushed.withdrawn.is_empty();
    if is_nothing && pushed.masked.is_empty() {
        let told = if would.is_empty() { "told" } else { "tell" };
        context.ui.say(format_args!("{would}{told} {} what changed besides turns", remote.name));
    }
}

/// How many are not told one by one.
fn tell_more(context: &Context, all: usize) {
    let more = all.saturating_sub(TOLD);
    if more > 0 {
        context.ui.say(format_args!("  {DIM}and {} more{RESET}", count(more, "session")));
    }
}

/// What a session is called.
fn called(line: &IndexLine) -> String {
    let called = line.name.as_ref().or(line.title.as_ref());
    called.map(|called| text::plain(called).into_owned()).unwrap_or_default()
}

fn with_saves(saves: usize) -> String {
    if saves == 0 { String::new() } else { format!(" and {}", count(saves, "save")) }
}

fn told_pushed(one: &PushedSession) -> String {
    let turns = match one.before {
        None => format!("new, {}", count(one.line.turns as usize, "turn")),
        Some(before) if one.line.turns > before => format!("+{}", count((one.line.turns - before) as usize, "turn")),
        Some(_) => "changed".to_owned(),
    };
    format!("{NAME}{}{RESET} {turns}  {DIM}{}{RESET}", short(one.line.session), called(&one.line))
}

fn tell_held(context: &Context, workspace: &Workspace, pushed: &Pushed) {
    let is_strict = workspace.gate_is_strict();
    let held: Vec<&FoundSecret> = pushed.secrets.found.iter().filter(|found| found.holds_back(is_strict)).collect();
    let sessions = gate::held_back(pushed.secrets.held.len());
    let with = if pushed.secrets.held.len() == 1 { "it" } else { "them" };
    let secrets: BTreeSet<String> = held.iter().map(|found| found.fingerprint.to_string()).collect();
    let secrets = count(secrets.len(), "secret");
    context.ui.warn(format_args!("{sessions}: {secrets} would leave with {with}"));
    held.iter().take(TOLD).for_each(|found| gate::tell(context, found));
    report::unreadable(context, pushed.secrets.unreadable);
    report::broken_sessions(context, &pushed.secrets.broken);
    if let Some(first) = held.first() {
        let allow = format!("codex-git secrets allow {} --note TEXT", first.fingerprint);
        context.ui.remedy(&format!(
            "{allow}  # if it is no secret; `push --mask` sends a masked fork, `push --without-held` is content without"
        ));
    }
}

/// Pulls from a remote, and tells what came.
pub fn pull(context: &Context, workspace: &Workspace, remote: &Remote, exchange: &Exchange) -> Outcome {
    let mut bar = Progress::new("objects", context.ui.quiet);
    let pulled = workspace.pull(remote, exchange, &mut |done, total| bar.at(done, total))?;
    drop(bar);
    if context.json {
        let is_written = exchange.effect == Effect::Write;
        pulled.sessions.iter().try_for_each(|one| context.ui.json(json::pulled(one, is_written)))?;
    }
    tell_pulled(context, workspace, remote, &pulled, exchange.effect);
    let longer = pulled.sessions.iter().filter(|one| matches!(one.arrival, Arrival::Longer { .. }));
    let followed = longer
        .filter(|_| exchange.effect == Effect::Write)
        .map(|one| advancing::follow(context, workspace, one.line.session).map(|is_done| (one.line.session, is_done)));
    let (followed, outcome) = report::tell_failed(context, followed.collect());
    let done: Vec<SessionId> =
        followed.into_iter().filter(|(_, is_done)| *is_done).map(|(session, _)| session).collect();
    workspace.wait_for_all(&done, false)?;
    pulled.left_out.iter().for_each(|left| tell_left_out(context, left));
    if pulled.left_out.is_empty() { outcome } else { Err(Failure::Said) }
}

fn tell_left_out(context: &Context, left: &LeftOutMachine) {
    let from = text::plain(&left.from);
    let what = left.session.map_or_else(|| "all".to_owned(), short);
    context.ui.fail(format_args!("{what} from {from} is left out: {}", left.reason), None);
}

fn tell_pulled(context: &Context, workspace: &Workspace, remote: &Remote, pulled: &Pulled, effect: Effect) {
    let (ends, news): (Vec<&PulledSession>, Vec<&PulledSession>) =
        pulled.sessions.iter().partition(|one| matches!(one.arrival, Arrival::Strand { .. }));
    news.iter().take(TOLD).for_each(|one| context.ui.say(format_args!("  {}", told_pulled(one))));
    tell_more(context, news.len());
    ends.iter().for_each(|one| tell_strand(context, workspace, one, effect));
    if pulled.sessions.is_empty() && pulled.saves == 0 && pulled.left_out.is_empty() {
        let words = if pulled.machines == 0 { "no other machine has anything at" } else { "nothing new from" };
        context.ui.say(format_args!("{words} {}", remote.name));
        return;
    }
    let did = if effect == Effect::Pretend { "would take" } else { "took" };
    let saves = with_saves(pulled.saves);
    // Of one that went on in several places, several ends come.
    let sessions: BTreeSet<SessionId> = pulled.sessions.iter().map(|one| one.line.session).collect();
    context.ui.say(format_args!("{did} {}{saves} from {}", count(sessions.len(), "session"), remote.name));
    if let [one] = news[..]
        && effect == Effect::Write
    {
        context.ui.hint(&command("resume", &[&short(one.line.session)]));
    }
}

fn told_pulled(one: &PulledSession) -> String {
    let project = one.line.project.as_ref().map(|project| format!(", {project}")).unwrap_or_default();
    let what = match one.arrival {
        Arrival::New => format!("new, {}{project}", count(one.line.turns as usize, "turn")),
        Arrival::Longer { turns: 0 } => "more lines".to_owned(),
        Arrival::Longer { turns } => format!("+{} from {}", count(turns as usize, "turn"), one.from),
        Arrival::Waits { turns } => {
            format!("open in Codex: {} from {} wait until it is closed", count(turns as usize, "turn"), one.from)
        }
        Arrival::Known | Arrival::Strand { .. } => String::new(),
    };
    format!("{NAME}{}{RESET} {what}  {DIM}{}{RESET}", short(one.line.session), called(&one.line))
}

fn tell_strand(context: &Context, workspace: &Workspace, one: &PulledSession, effect: Effect) {
    let Arrival::Strand { after, here, there } = one.arrival else { return };
    let session = short(one.line.session);
    let title = one.line.title.clone().unwrap_or_default();
    context
        .ui
        .say(format_args!("  {NAME}{session}{RESET} {DIM}{title}{RESET}  went on in two places after turn {after}"));
    let width = one.from.chars().count().max("here".len());
    let here = if here == 0 { "goes back to there".to_owned() } else { count(here as usize, "turn") };
    context.ui.say(format_args!("      {:<width$}  {here}", "here"));
    context.ui.say(format_args!("      {:<width$}  {}", one.from, count(there as usize, "turn")));
    if effect == Effect::Write {
        let machine = workspace.machine_with(one.line.session, one.head.id, &one.from);
        let revision = format!("{session}@{{{}}}", machine.as_ref().unwrap_or(&one.from));
        context.ui.hint(&format!("{}  # starts a session from the other one", command("fork", &[&revision])));
    }
}
