//! Verbs and options that git has and codex-git writes differently: the command that was meant.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use codex_git::model::shell::quoted;

use super::args::{command_for, verb_in};

/// Verbs of git, and what does what they are typed for.
const VERBS: [(&str, &str); 14] = [
    ("branch", "list"),
    ("checkout", "fork REVISION  # a new session from there"),
    ("cherry-pick", "fork REVISION  # a new session from there"),
    ("commit", "record"),
    ("fetch", "pull"),
    ("rebase", "fork REVISION  # a new session from there"),
    ("reset", "fork REVISION  # a new session from there; `code restore` is for files"),
    ("revert", "fork REVISION  # a new session from there; `code restore` is for files"),
    ("stash", "save NAME"),
    ("switch", "fork REVISION  # a new session from there"),
    ("tag", "save NAME  # `saves` lists them"),
    ("undo", "save --undo  # `code undo` is for files"),
    ("version", "--version"),
    ("worktree", "fork REVISION --worktree DIR"),
];

/// What stands behind `codex-git` for a verb of git that it does not have.
pub fn verb(typed: &str) -> Option<&'static str> {
    VERBS.iter().find(|(verb, _)| *verb == typed).map(|(_, ours)| *ours)
}

/// The verbs that print a line each as it is.
const ONE_LINE: [&str; 2] = ["list", "log"];

/// The option that was not understood, and the command that was meant.
pub fn meant(error: &clap::Error, words: &[OsString]) -> Option<(String, String)> {
    let (option, instead) = other_words(error, words)?;
    let meant = match command_for(&instead).try_get_matches_from([OsString::from("codex-git")].iter().chain(&instead)) {
        Ok(_) => {
            let line: Vec<_> = instead.iter().map(|word| word.to_str().map(quoted)).collect::<Option<_>>()?;
            format!("codex-git {}", line.join(" "))
        }
        Err(error) => meant(&error, &instead)?.1,
    };
    Some(match option.as_str() {
        "--oneline" if !meant.contains("  # ") => (option, format!("{meant}  # each is one line already")),
        _ => (option, meant),
    })
}

/// The option that was not understood, and the words with what is ours in its place.
fn other_words(error: &clap::Error, words: &[OsString]) -> Option<(String, Vec<OsString>)> {
    let typed = error.get(ContextKind::InvalidArg).filter(|_| error.kind() == ErrorKind::UnknownArgument);
    let Some(ContextValue::String(typed)) = typed else { return None };
    let is_it = |word: &OsString| word.to_str().is_some_and(|word| word.starts_with(typed.as_str()));
    let at = words.iter().position(is_it)?;
    let option = words[at].to_str()?.to_owned();
    if let Some((search, used)) = search(&words[at..]).filter(|_| verb_in(words) == Some("log")) {
        let others = |part: &[OsString]| part.iter().map(verb_of_search).collect::<Vec<_>>();
        return Some((
            option.chars().take(2).collect(),
            [others(&words[..at]), search, others(&words[at + used..])].concat(),
        ));
    }
    let ours = match option.as_str() {
        "--name-only" | "--name-status" if verb_in(words) == Some("log") => vec!["--stat".into()],
        "--oneline" if verb_in(words).is_some_and(|verb| ONE_LINE.contains(&verb)) => Vec::new(),
        option => vec!["-n".into(), number(option)?.into()],
    };
    Some((option, [&words[..at], &ours, &words[at + 1..]].concat()))
}

/// `-S TEXT` and `-G TEXT`, as git looks for the commits that have a text: what `search` takes instead, and how many words that were.
fn search(words: &[OsString]) -> Option<(Vec<OsString>, usize)> {
    let (first, next) = (words.first()?.to_str()?, words.get(1).and_then(|word| word.to_str()));
    let (is_plain, after) = match first.split_at_checked(2)? {
        ("-S", after) => (true, after),
        ("-G", after) => (false, after),
        _ => return None,
    };
    let (text, used) = if after.is_empty() { (next?, 2) } else { (after, 1) };
    let plain = is_plain.then_some("-F");
    Some((plain.into_iter().chain([text]).map(OsString::from).collect(), used))
}

/// The same word, where it is not the verb.
fn verb_of_search(word: &OsString) -> OsString {
    if word == "log" { "search".into() } else { word.clone() }
}

/// The number of `-N`.
fn number(option: &str) -> Option<&str> {
    let digits = option.strip_prefix('-')?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}
