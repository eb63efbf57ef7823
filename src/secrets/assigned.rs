//! What a name is given: `NAME=value`, `"name": "value"`, `name := 'value'`, `<name>value`, `--name value`, in whatever language and however quoted; and
//! `name: NAME` with `value: value` beside it, as environments are written down.

/// The longest rest of a name.
const NAME: usize = 40;

/// Where a value begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Assigned {
    /// Where the value begins.
    pub at: usize,
    /// Whether a quote stands before it.
    pub quoted: bool,
}

/// What a name is given whose keyword ends at `end`; `None` if it is given nothing. `option` says that the name begins with dashes.
pub(super) fn assigned(text: &[u8], end: usize, option: bool) -> Option<Assigned> {
    let mut cursor = Cursor { text, at: end };
    cursor.skip(NAME, |byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    let closed = cursor.skip(6, |byte| b"\"'`\\])".contains(&byte)) > 0;
    let spaces = cursor.skip(8, is_space);
    if !cursor.member_value() && !cursor.operator(closed, option && spaces > 0) {
        return None;
    }
    cursor.skip(8, is_space);
    let from = cursor.at;
    cursor.skip(1, |byte| b"bfru@$".contains(&byte));
    cursor.skip(7, |byte| byte == b'\\');
    let quoted = cursor.skip(3, |byte| b"\"'`".contains(&byte)) > 0;
    if !quoted {
        cursor.at = from;
    }
    Some(Assigned { at: cursor.at, quoted })
}

/// The rest of a name whose keyword ends at `end`.
pub(super) fn rest_of_name(text: &[u8], end: usize) -> &[u8] {
    let mut cursor = Cursor { text, at: end };
    let len = cursor.skip(NAME, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    &text[end..end + len]
}

/// Whether a name that goes on at `at` begins with dashes, as an option of a command does.
pub(super) fn is_option(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(NAME)..at];
    let name = before.iter().rposition(|byte| !byte.is_ascii_alphanumeric() && !b"_-".contains(byte));
    before[name.map_or(0, |at| at + 1)..].starts_with(b"--")
}

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// A place in a text that moves on.
struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    /// Goes over at most so many bytes, and tells how many they were.
    fn skip(&mut self, most: usize, is: impl Fn(u8) -> bool) -> usize {
        let len = self.text[self.at..].iter().take(most).take_while(|byte| is(**byte)).count();
        self.at += len;
        len
    }

    fn take(&mut self, word: &[u8]) -> bool {
        let is_there = self.text[self.at..].starts_with(word);
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    /// Goes over what stands between a name and its value where each is a member of its own.
    fn member_value(&mut self) -> bool {
        let from = self.at;
        self.skip(1, |byte| byte == b',');
        let apart = self.skip(64, |byte| byte.is_ascii_whitespace());
        let quotes = self.skip(7, |byte| b"\"'\\".contains(&byte));
        let is_member = (apart > 0 || quotes > 0) && (self.take(b"value") || self.take(b"Value"));
        self.skip(7, |byte| b"\"'\\".contains(&byte));
        self.skip(8, is_space);
        if is_member && self.take(b":") {
            return true;
        }
        self.at = from;
        false
    }

    /// Goes over what stands between a name and its value.
    fn operator(&mut self, closed: bool, spaced: bool) -> bool {
        if self.take(b"==") {
            return false;
        }
        if self.take(b"=>") || self.take(b":=") || self.take(b"=") {
            return true;
        }
        if self.take(b":") {
            self.type_name();
            return true;
        }
        // The second argument of a call, the content of an XML element, the word after an option.
        (closed && self.take(b",")) || (!closed && self.take(b">")) || spaced
    }

    /// Goes over the type that a language has between a name and `=`.
    fn type_name(&mut self) {
        let from = self.at;
        let len = self.skip(32, |byte| byte.is_ascii_alphabetic() || b" &':<>_".contains(&byte));
        if len == 0 || self.text[self.at..].starts_with(b"==") || !self.take(b"=") {
            self.at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_behind_its_name() {
        for (text, value, quoted) in [
            ("key=x1", "x1", false),
            ("key_id = 'x1'", "x1'", true),
            (r#"key": "x1""#, "x1\"", true),
            (r#"key\": \"x1\""#, "x1\\\"", true),
            ("key: &'static str = \"x1\"", "x1\"", true),
            ("key := `x1`", "x1`", true),
            ("key'] => \"x1\"", "x1\"", true),
            ("key\", \"x1\")", "x1\")", true),
            ("key>x1<", "x1<", false),
            ("key: x1", "x1", false),
            ("key\n  value: x1", "x1", false),
            (r#"key", "value": "x1""#, "x1\"", true),
            (r#"key\",\"value\":\"x1\""#, "x1\\\"", true),
        ] {
            let found = assigned(text.as_bytes(), 3, false).unwrap();
            assert_eq!((&text[found.at..], found.quoted), (value, quoted), "{text}");
        }
        for text in ["key", "key is x1", "key == x1", "key, x1", "keys and x1"] {
            assert_eq!(assigned(text.as_bytes(), 3, false), None, "{text}");
        }
    }

    #[test]
    fn the_word_after_an_option_is_its_value() {
        let text = b"run --api-key x1";
        assert!(is_option(text, 10) && !is_option(b"api-key x1", 4));
        assert_eq!(assigned(text, 13, true).unwrap().at, 14);
    }
}
