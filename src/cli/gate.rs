//! The gate: what leaves is looked at first, and held back if there is a secret in it.

use codex_git::model::RemoteName;
use codex_git::model::shell::command;
use codex_git::ops::{FoundSecret, Point, Scope};
use codex_git::{SessionId, Workspace};

use super::context::Context;
use super::failure::Failure;
use super::report;
use super::words::{count, short, turn};
use crate::ui::{DIM, NAME, Progress, RESET};

/// What is worth a thought before something is sent that was looked at.
fn looked_at(maybe: usize) -> String {
    let rest = "which is no guarantee: it holds what was said and printed";
    match maybe {
        0 => format!("nothing in it looks like a secret, {rest}"),
        1 => format!(
            "one thing in it may be a secret (`codex-git secrets --strict` tells it), nothing is one for sure, {rest}"
        ),
        _ => format!(
            "{maybe} things in it may be secrets (`codex-git secrets --strict` tells them), nothing is one for sure, {rest}"
        ),
    }
}

/// The same of what was not looked at.
const UNSEEN: &str = "it holds what was said and printed; secrets in that go with it";

/// A conversation that is about to leave.
pub struct Leaving<'a> {
    pub point: &'a Point,
    /// Whether it goes with all that is in it.
    pub with_secrets: bool,
    /// Whether what was found is in the part of it that leaves.
    pub is_part: &'a dyn Fn(&FoundSecret) -> bool,
}

/// How many sessions are held back.
pub fn held_back(sessions: usize) -> String {
    format!("{} {} held back", count(sessions, "session"), if sessions == 1 { "is" } else { "are" })
}

/// What tells which sessions are held back from a remote, and why.
pub fn which_are_held(remote: &RemoteName) -> String {
    format!("{}  # tells which, and why", command("push --dry-run", &[remote.as_str()]))
}

/// Lets it pass, and gives what is to be said of it once it is written; or says what holds it back.
///
/// # Errors
/// [`Failure::Held`] when there is a secret in it, or not all of it could be looked at.
pub fn pass(context: &Context, workspace: &Workspace, leaving: &Leaving<'_>) -> Result<String, Failure> {
    if leaving.with_secrets {
        return Ok(UNSEEN.to_owned());
    }
    let mut bar = Progress::new("turns", context.ui.quiet);
    let secrets = workspace.secrets(Scope::UpTo(leaving.point), &mut |done, total| bar.at(done, total))?;
    drop(bar);
    let is_strict = workspace.gate_is_strict();
    let is_held = |found: &&FoundSecret| found.holds_back(is_strict) && (leaving.is_part)(found);
    let held: Vec<&FoundSecret> = secrets.found.iter().filter(is_held).collect();
    held.iter().for_each(|found| tell(context, found));
    report::unreadable(context, secrets.unreadable);
    report::broken_sessions(context, &secrets.broken);
    match held.first() {
        Some(first) => {
            let words = format!("nothing was written: {} would leave with it", count(held.len(), "secret"));
            let allow = format!("codex-git secrets allow {} --note TEXT", first.fingerprint);
            let others = "--mask sends it with its secrets overwritten, --with-secrets as it is";
            Err(Failure::Held(words, format!("{allow}  # if it is none; {others}")))
        }
        None if secrets.unreadable > 0 || !secrets.broken.is_empty() => {
            let words = "nothing was written: not all of it could be looked at for secrets".to_owned();
            Err(Failure::Held(words, "codex-git verify --repair".to_owned()))
        }
        None => {
            let is_maybe = |found: &&FoundSecret| found.allowed.is_none() && (leaving.is_part)(found);
            Ok(looked_at(secrets.found.iter().filter(is_maybe).count()))
        }
    }
}

/// What goes instead of a conversation, masked: its masked fork if there is, or may be, a secret in it, and else itself.
///
/// # Errors
/// When it can't be looked at, or the fork not be made.
pub fn masked(context: &Context, workspace: &Workspace, point: Point) -> Result<Point, Failure> {
    let mut bar = Progress::new("turns", context.ui.quiet);
    let secrets = workspace.secrets(Scope::UpTo(&point), &mut |done, total| bar.at(done, total))?;
    drop(bar);
    if secrets.held.is_empty() && secrets.found.iter().all(|found| found.allowed.is_some()) {
        return Ok(point);
    }
    let fork = workspace.masked(&point)?;
    tell_masked(context, point.message.session, Some(fork.message.session), "goes");
    Ok(fork)
}

/// Tells what stands for a session that is held back.
pub fn tell_masked(context: &Context, session: SessionId, fork: Option<SessionId>, goes: &str) {
    let fork = fork.map_or_else(String::new, |fork| format!(", as {NAME}{}{RESET}", short(fork)));
    context.ui.say(format_args!("  {NAME}{}{RESET} {goes} masked{fork}", short(session)));
}

/// Tells a secret that holds its session back.
pub fn tell(context: &Context, found: &FoundSecret) {
    let FoundSecret { session, rule, masked, fingerprint, .. } = found;
    let places = found.places.join(", ");
    context.ui.say(format_args!(
        "  {NAME}{}{RESET}  {}  {rule}  {places}  {masked}  {DIM}fingerprint {fingerprint}{RESET}",
        short(*session),
        turn(found.turn)
    ));
}
