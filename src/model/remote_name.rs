//! The name of a remote: a word that a person types, a section of the settings, and a folder in the store.

use std::fmt;

/// A remote's name: lower-case letters, digits, `-`, `_` and `.`, at most 32 of them, the first a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteName(String);

/// The longest name.
const LONGEST: usize = 32;

impl RemoteName {
    /// Reads a name; `None` for what can't be one.
    pub fn parse(text: &str) -> Option<Self> {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let fits = |byte: u8| is_word(byte) || b"-_.".contains(&byte);
        let is_one = text.bytes().next().is_some_and(is_word) && text.bytes().all(fits) && text.len() <= LONGEST;
        (is_one && !text.ends_with(['.']) && !text.ends_with(".lock")).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RemoteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_that_is_a_folder_everywhere() {
        for name in ["origin", "nas", "a.b-c_d", "2"] {
            assert_eq!(RemoteName::parse(name).unwrap().as_str(), name);
        }
        for text in ["", ".", "..", "-x", "a/b", "Origin", "a b", "a.", "a.lock", "ä", &"a".repeat(33)] {
            assert_eq!(RemoteName::parse(text), None, "{text}");
        }
    }
}
