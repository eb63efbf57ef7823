//! What the shell offers while a person types: saves and sessions of the default codex home that begin like what was typed.
//!
//! A completion never says anything: without a store, or with one that can't be read, there is just nothing to offer.

use std::ffi::OsStr;

use clap_complete::CompletionCandidate;
use codex_git::Workspace;

use super::context::natural_home;

/// How many sessions are offered: before anything is typed, the newest.
const SESSIONS: usize = 100;

/// The names of saves.
pub fn saves(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((typed, workspace)) = typed.to_str().zip(workspace()) else { return Vec::new() };
    let saves = workspace.saves().unwrap_or_default();
    let safe = saves.iter().filter(|save| save.name.as_str().starts_with(typed) && is_safe(save.name.as_str()));
    safe.map(|save| CompletionCandidate::new(save.name.as_str()).help(Some(help(&save.subject)))).collect()
}

/// Whether a shell takes a name as it is. bash puts what is offered on the line without quoting it, so other names are not offered.
fn is_safe(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || "._/@+=,%-".contains(c)) && !name.starts_with(['-', '='])
}

/// The ids of sessions.
pub fn sessions(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((typed, workspace)) = typed.to_str().zip(workspace()) else { return Vec::new() };
    let sessions = workspace.sessions_like(typed, SESSIONS).unwrap_or_default();
    let title = |title: &Option<String>| title.as_deref().map(help);
    sessions
        .iter()
        .map(|session| CompletionCandidate::new(session.id.to_string()).help(title(&session.title)))
        .collect()
}

/// Both.
pub fn revisions(typed: &OsStr) -> Vec<CompletionCandidate> {
    let mut all = saves(typed);
    all.extend(sessions(typed));
    all
}

fn workspace() -> Option<Workspace> {
    let home = natural_home()?;
    Workspace::open(&home, &home.join("sessions.git")).ok()
}

fn help(subject: &str) -> clap::builder::StyledStr {
    codex_git::model::text::plain(subject).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_run_is_not_offered() {
        for name in ["alpha", "before/refactor-2", "größe"] {
            assert!(is_safe(name), "{name}");
        }
        for name in ["x$(touch${IFS}x)", "`id`", "a;id", "a'b", "a\"b", "a b", "{a,b}", "!x", "a&b", "a|b", "<x"] {
            assert!(!is_safe(name), "{name}");
        }
    }
}
