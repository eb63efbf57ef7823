//! Git trailers: `Key: value` lines at the end of a message.
//!
//! A value is one line without control characters, whatever it was made from: nothing in it can pass for another trailer. What is
//! read is cleaned the same way, since a store may come from anywhere.

use std::fmt::Display;
use std::str::FromStr;

use super::text;

/// Between a key and its value.
const SEPARATOR: &str = ": ";

/// Where a line's key ends, if it has one.
fn separator(line: &str) -> Option<usize> {
    let first = line.find(':')?;
    if line[first..].starts_with(SEPARATOR) { Some(first) } else { line.find(SEPARATOR) }
}

/// A message in the making: its first line, then its trailers.
pub(super) struct Trailers(String);

impl Trailers {
    pub fn after(subject: impl Display) -> Self {
        Self(format!("{subject}\n\n"))
    }

    /// Adds a trailer, unless its value is empty.
    pub fn put(&mut self, key: &str, value: impl Display) {
        let value = value.to_string();
        let value = text::plain(&value);
        if !value.trim().is_empty() {
            self.0.push_str(&format!("{key}: {}\n", value.trim()));
        }
    }

    /// Adds a trailer whose value is known.
    pub fn put_some(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// The whole message.
    pub fn into_message(self) -> String {
        self.0
    }
}

/// A message that was read.
pub(super) struct Message {
    text: String,
    /// Where the first paragraph ends.
    subject: usize,
    /// The lines of the last paragraph that are trailers.
    trailers: Vec<Place>,
}

/// Where a trailer stands in its message: a history has many of them, and asks for few.
struct Place {
    start: usize,
    key: usize,
    end: usize,
}

impl Message {
    pub fn read(message: &str) -> Self {
        let text = text::plain_lines(message);
        let subject = text.find("\n\n").unwrap_or(text.len());
        let mut start = text.trim_end().rfind("\n\n").map_or(text.len(), |at| at + 2);
        let mut trailers = Vec::with_capacity(20);
        for line in text[start..].split('\n') {
            trailers.extend(separator(line).map(|key| Place { start, key: start + key, end: start + line.len() }));
            start += line.len() + 1;
        }
        Self { text, subject, trailers }
    }

    pub fn subject(&self) -> &str {
        &self.text[..self.subject]
    }

    /// The values of a trailer that can stand several times.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let is_it = move |place: &&Place| self.text[place.start..place.key] == *key;
        self.trailers.iter().filter(is_it).map(|place| &self.text[place.key + SEPARATOR.len()..place.end])
    }

    /// The value of a trailer.
    pub fn get<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        self.all(key).next()
    }

    /// The value of a trailer, read as what it must be.
    pub fn parse<T: FromStr>(&self, key: &str) -> Option<T> {
        self.get(key)?.parse().ok()
    }

    /// The value of a trailer as text of its own.
    pub fn text(&self, key: &str) -> Option<String> {
        self.get(key).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_steers_no_terminal() {
        let message = Message::read("evil\u{1b}[2J\u{202e}\n\nCodex-Cwd: /srv\u{7}\u{1b}]0;x\n");
        assert_eq!((message.subject(), message.get("Codex-Cwd")), ("evil[2J", Some("/srv]0;x")));
    }

    #[test]
    fn only_the_last_paragraph_holds_trailers() {
        let message = Message::read("a\n\nKey: 1\n\nKey: 2\nKey: 3\n");
        assert_eq!(message.all("Key").collect::<Vec<_>>(), ["2", "3"]);
        assert_eq!(message.parse::<u32>("Key"), Some(2));
        assert_eq!(Message::read("a").get("Key"), None);
    }
}
