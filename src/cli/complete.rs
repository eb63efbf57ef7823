//! What the shell offers while a person types: saves and sessions of the default codex home.
//!
//! A completion never says anything: without a store, or with one that can't be read, there is just nothing to offer.

use clap_complete::CompletionCandidate;
use codex_git::Workspace;

use super::context::natural_home;

/// The names of saves.
pub fn saves() -> Vec<CompletionCandidate> {
    let saves = workspace().and_then(|workspace| workspace.saves().ok()).unwrap_or_default();
    let safe = saves.iter().filter(|save| is_safe(save.name.as_str()));
    safe.map(|save| CompletionCandidate::new(save.name.as_str()).help(Some(help(&save.subject)))).collect()
}

/// Whether a shell takes a name as it is. bash puts what is offered on the line without quoting it, so other names are not offered.
fn is_safe(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || "._/@+=,%-".contains(c)) && !name.starts_with(['-', '='])
}

/// The ids of sessions.
pub fn sessions() -> Vec<CompletionCandidate> {
    let sessions = workspace().and_then(|workspace| workspace.list().ok()).unwrap_or_default();
    let title = |title: &Option<String>| title.as_deref().map(help);
    sessions
        .iter()
        .map(|session| CompletionCandidate::new(session.id.to_string()).help(title(&session.title)))
        .collect()
}

/// Both.
pub fn revisions() -> Vec<CompletionCandidate> {
    let mut all = saves();
    all.extend(sessions());
    all
}

fn workspace() -> Option<Workspace> {
    let home = natural_home()?;
    Workspace::open(&home, &home.join("sessions.git")).ok()
}

fn help(subject: &str) -> clap::builder::StyledStr {
    codex_git::model::text::plain(subject).into()
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
