//! Words for what a person reads: numbers, sizes, short ids, paths, and what was done.

use std::path::Path;

use codex_git::SessionId;
use codex_git::model::Status;
use codex_git::model::text;
use codex_git::ops::Misfit;

/// A number of things, in words.
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// The end of a text that is too long: of paths, that is what tells them apart.
pub fn end_of(key: &str, room: usize) -> String {
    let mut left = key;
    while text::width(left) > room {
        let mut characters = left.chars();
        // One character makes room for the mark.
        characters.next();
        left = characters.as_str();
    }
    if left.len() == key.len() { key.to_owned() } else { format!("…{}", left.chars().skip(1).collect::<String>()) }
}

/// A time in seconds, in the units that fit.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A number of bytes, in words.
pub fn bytes(number: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(size, _)| number >= *size) {
        Some((size, unit)) => format!("{:.1} {unit}", number as f64 / size as f64),
        None => count(number as usize, "byte"),
    }
}

/// A session's id as people read it: its first 13 characters, which hold the time it was made to the millisecond.
pub fn short(id: SessionId) -> String {
    id.to_string()[..13].to_owned()
}

/// The turn that something stands in; a dash for what stands in none.
pub fn turn(number: u32) -> String {
    if number == 0 { "-".to_owned() } else { format!("turn {number}") }
}

/// A path as a terminal may see it.
pub fn shown(path: &Path) -> String {
    text::plain(&path.to_string_lossy()).into_owned()
}

/// A path as people read it: with `~` for the home folder.
pub fn tilde(path: &str, home: &str) -> String {
    match Path::new(path).strip_prefix(home) {
        Ok(rest) if !home.is_empty() && rest.as_os_str().is_empty() => "~".to_owned(),
        Ok(rest) if !home.is_empty() => format!("~/{}", rest.display()),
        _ => path.to_owned(),
    }
}

/// How a turn ended, if it is worth a word.
pub fn status(status: &Status) -> Option<String> {
    match status {
        Status::Complete => None,
        Status::Aborted(reason) => Some(reason.clone()),
        Status::Error => Some("failed".to_owned()),
        Status::Unterminated => Some("never ended".to_owned()),
        Status::Open => Some("still open".to_owned()),
    }
}

/// What a recording did, in words.
pub fn recorded(turns: u32, changed: usize, sessions: usize) -> String {
    match changed {
        0 => format!("nothing new in {}", count(sessions, "session")),
        _ => format!("recorded {} in {} of {}", count(turns as usize, "turn"), changed, count(sessions, "session")),
    }
}

/// A setting that counts for nothing.
pub fn misfit(misfit: &Misfit) -> String {
    let Misfit { key, value, reason, instead, .. } = misfit;
    let what = instead.map_or("it counts for nothing".to_owned(), |instead| format!("`{instead}` counts"));
    format!("the setting `{key}` is `{}`: {reason}; {what}", text::plain(value))
}
