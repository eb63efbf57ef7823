//! Machines: each store that pushes sessions is one, to those that pull them. It has an id, which names its refs, and a label for people.

use std::fmt;

use super::text;

/// The longest label, in columns.
const LONGEST: usize = 32;

/// A machine's id: ten lower-case hexadecimal digits, drawn once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MachineId(String);

impl MachineId {
    /// The length of an id in characters.
    pub const LEN: usize = 10;

    /// Reads an id; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == Self::LEN && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The id that five bytes are.
    pub fn of(bytes: [u8; Self::LEN / 2]) -> Self {
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MachineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a machine is called: a word of letters, digits, `-`, `_` and `.` made of whatever a host's name is; `None` if nothing is left.
pub fn label(text: &str) -> Option<String> {
    let clean: String = text::plain(text)
        .trim()
        .chars()
        .map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .collect();
    let clean = clean.trim_matches(|c| "-.".contains(c));
    let clean = text::fit(clean, LONGEST).trim_end_matches('…').to_owned();
    (!clean.is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_ten_digits() {
        assert_eq!(MachineId::of([1, 2, 3, 0xab, 0xff]).as_str(), "010203abff");
        for text in ["", "010203abf", "010203ABFF", "010203abffa", "../03abff0"] {
            assert_eq!(MachineId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_label_is_a_word() {
        assert_eq!(label("Anna's MacBook.local").as_deref(), Some("Anna-s-MacBook.local"));
        assert!(label("\u{1b}[31mred").unwrap().chars().all(|c| c.is_alphanumeric() || c == '-'));
        assert_eq!(label("rechenknecht-ü").as_deref(), Some("rechenknecht-ü"));
        assert_eq!(label(" {}@/ "), None);
        assert!(label(&"x".repeat(90)).unwrap().len() <= 32);
    }
}
