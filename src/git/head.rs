//! The lines that a commit or a tag begins with, before the empty line and the message: a key, a space, a value.

use super::identity;
use crate::model::ObjectId;

/// A commit or a tag, its head and its message.
pub(crate) struct Head<'a> {
    lines: &'a str,
    /// What stands below the empty line.
    pub message: &'a str,
}

impl<'a> Head<'a> {
    /// Reads an object's text.
    pub fn of(text: &'a str) -> Self {
        let (lines, message) = text.split_once("\n\n").unwrap_or((text, ""));
        Self { lines, message }
    }

    /// The first value of a key.
    pub fn value(&self, key: &str) -> Option<&'a str> {
        self.values(key).next()
    }

    /// The ids that are values of a key.
    pub fn ids(&self, key: &str) -> impl Iterator<Item = ObjectId> {
        self.values(key).filter_map(|id| id.parse().ok())
    }

    /// The name and the time, in seconds since 1970, of a person.
    pub fn person(&self, key: &str) -> Option<(&'a str, i64)> {
        identity::parse(self.value(key)?)
    }

    fn values(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.lines.lines().filter_map(move |line| line.strip_prefix(key)?.strip_prefix(' '))
    }
}

/// What a tag stands on.
pub(crate) fn tagged(tag: &[u8]) -> Option<ObjectId> {
    Head::of(&String::from_utf8_lossy(tag)).ids("object").next()
}
