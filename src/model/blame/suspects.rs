//! Lines that a command most likely wrote: it ran while they came, it names the file, and it holds every word that is new in them.

use std::collections::HashSet;

use super::event::words;
use super::past::Past;
use super::state::Origin;

/// A command that ran.
#[derive(Clone, Debug)]
pub struct Ran<'t> {
    /// When, in seconds since 1970.
    pub at: i64,
    /// Its text.
    pub text: &'t str,
    /// Whether it formats files, and so makes lines of the words that were there.
    pub is_formatter: bool,
}

/// Gives lines that came at an unknown time to the last command that can have written them, by its number.
pub fn suspects(past: &mut Past<'_>, commands: &[Ran<'_>]) {
    let known: Vec<HashSet<&str>> = commands.iter().map(|command| words(command.text).collect()).collect();
    let mut found = Vec::new();
    for (at, came) in past.unexplained() {
        let new: Vec<&str> = past.words(at).filter(|word| !came.gone.contains(word)).collect();
        let wrote = |number: &usize| {
            let ran = &commands[*number];
            let is_then = came.after <= ran.at && ran.at <= came.until;
            // A formatter has no words of its own, and others that bring no new word can't be told from somebody who moves lines.
            let explains = if ran.is_formatter { new.is_empty() && !came.gone.is_empty() } else { !new.is_empty() };
            is_then && explains && new.iter().all(|word| known[*number].contains(word))
        };
        found.extend((0..commands.len()).rev().find(wrote).map(|number| (at, number)));
    }
    for (at, number) in found {
        past.lines[at].origin = Origin::Command(number);
    }
}
