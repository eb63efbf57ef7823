//! Git trailers: `Key: value` lines at the end of a message.
//!
//! A value is one line without control characters, whatever it was made from: nothing in it can pass for another trailer. What is
//! read is cleaned the same way, since a store may come from anywhere.

use std::fmt::Display;
use std::str::FromStr;

use super::text;

/// A message in the making: its first line, then its trailers.
pub(super) struct Trailers(String);

impl Trailers {
    pub fn after(subject: impl Display) -> Self {
        Self(format!("{subject}\n\n"))
    }

    /// Adds a trailer, unless its value is empty.
    pub fn put(&mut self, key: &str, value: impl Display) {
        let value = text::plain(&value.to_string());
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
    subject: String,
    /// The lines of the last paragraph that are trailers.
    trailers: Vec<(String, String)>,
}

impl Message {
    pub fn read(message: &str) -> Self {
        let text = text::plain_lines(message);
        let subject = text.split("\n\n").next().unwrap_or_default().to_owned();
        let last = text.trim_end().rfind("\n\n").map_or("", |at| &text[at + 2..]);
        let trailers = last.split('\n').filter_map(|line| line.split_once(": "));
        Self { subject, trailers: trailers.map(|(key, value)| (key.to_owned(), value.to_owned())).collect() }
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The values of a trailer that can stand several times.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.trailers.iter().filter(move |(known, _)| known == key).map(|(_, value)| value.as_str())
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
