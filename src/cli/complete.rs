//! What the shell offers while a person types: saves, sessions, directories and settings of the default codex home that begin like what was typed.
//!
//! A completion never says anything: without a store, or with one that can't be read, there is just nothing to offer.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use clap_complete::CompletionCandidate;
use codex_git::Workspace;
use codex_git::model::config_key::{CONFIG_KEYS, ConfigKey};
use codex_git::model::text;

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

/// Whether a shell takes a name as it is, and a person sees all of it. bash puts what is offered on the line without quoting it, so other names are not
/// offered. Letters of any script are fine, with the marks that combine with them.
fn is_safe(name: &str) -> bool {
    let mut has_letter = false;
    let is_safe = |c: char| {
        let takes_room = text::width(c.encode_utf8(&mut [0; 4])) > 0;
        let is_letter = c.is_alphanumeric() && takes_room && !is_ignorable(c);
        let is_mark = !c.is_ascii() && !takes_room && !is_ignorable(c) && !c.is_control() && has_letter;
        has_letter = is_letter || is_mark;
        has_letter || "._/@+=,%-".contains(c)
    };
    name.chars().all(is_safe) && !name.starts_with(['-', '='])
}

/// Whether a character shows nothing of its own, some letters among them (Unicode's `Default_Ignorable_Code_Point`).
const fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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

/// The keys of the settings.
pub fn config_keys(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_str().unwrap_or_default();
    let keys = CONFIG_KEYS.into_iter().filter(|key| key.name.starts_with(typed));
    keys.map(|key| CompletionCandidate::new(key.name).help(Some(key.about.into()))).collect()
}

/// What the key can be set to that stands on the line already, and what it is set to.
pub fn config_values(typed: &OsStr) -> Vec<CompletionCandidate> {
    let words = std::env::args().skip_while(|word| word != "config").skip(1);
    let Some((key, typed)) = words.filter_map(|word| ConfigKey::named(&word)).next().zip(typed.to_str()) else {
        return Vec::new();
    };
    let set = workspace().map(|workspace| workspace.setting(key).values).unwrap_or_default();
    let words = key.words().iter().map(|word| (*word).to_owned());
    let others = set.into_iter().filter(|value| !key.words().contains(&value.as_str()));
    offered(words.chain(others), typed)
}

/// Directories that sessions worked in and that are gone.
pub fn gone_directories(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((typed, workspace)) = typed.to_str().zip(workspace()) else { return Vec::new() };
    let newest = workspace.sessions_like("", SESSIONS).unwrap_or_default();
    let gone: BTreeSet<String> = newest
        .into_iter()
        .filter_map(|session| session.cwd)
        .filter(|cwd| workspace.directory_now(cwd) == Path::new(cwd) && !Path::new(cwd).exists())
        .collect();
    offered(gone.into_iter(), typed)
}

/// Directories that were moved.
pub fn moved_directories(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((typed, workspace)) = typed.to_str().zip(workspace()) else { return Vec::new() };
    offered(workspace.moved().unwrap_or_default().into_iter().map(|moved| moved.old), typed)
}

/// The fingerprints of secrets that are allowed.
pub fn allowed_secrets(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((typed, workspace)) = typed.to_str().zip(workspace()) else { return Vec::new() };
    offered(workspace.allowed_secrets().into_keys().map(|fingerprint| fingerprint.to_string()), typed)
}

/// The names of remotes.
pub fn remotes(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((typed, workspace)) = typed.to_str().zip(workspace()) else { return Vec::new() };
    offered(workspace.remotes().unwrap_or_default().into_iter().map(|remote| remote.name.to_string()), typed)
}

/// Those of some texts that begin like what was typed.
fn offered(texts: impl Iterator<Item = String>, typed: &str) -> Vec<CompletionCandidate> {
    texts.filter(|text| text.starts_with(typed) && is_safe(text)).map(CompletionCandidate::new).collect()
}

fn workspace() -> Option<Workspace> {
    let home = natural_home()?;
    Workspace::open(&home, &home.join("sessions.git")).ok()
}

fn help(subject: &str) -> clap::builder::StyledStr {
    text::plain(subject).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_run_is_not_offered() {
        for name in
            ["alpha", "before/refactor-2", "größe", "e\u{301}te\u{301}", "日本語", "हिन्दी", "ที่นี่", "עִבְרִית", "v1.0/été_2"]
        {
            assert!(is_safe(name), "{name}");
        }
        for name in ["x$(touch${IFS}x)", "`id`", "a;id", "a'b", "a\"b", "a b", "{a,b}", "!x", "a&b", "a|b", "<x"] {
            assert!(!is_safe(name), "{name}");
        }
    }

    #[test]
    fn what_nobody_sees_is_not_offered() {
        for name in [
            "a\u{200b}b",
            "a\u{3164}b",
            "\u{115f}",
            "a\u{202e}b",
            "a\u{85}b",
            "a\u{a0}b",
            "a\u{fe0f}",
            "a\u{34f}b",
            "a\u{2800}b",
        ] {
            assert!(!is_safe(name), "{name:?}");
        }
        // A mark that stands on no letter.
        for name in ["\u{301}a", "a-\u{301}", "\u{345}", "/\u{301}"] {
            assert!(!is_safe(name), "{name:?}");
        }
    }
}
