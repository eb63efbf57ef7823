//! Text from a rollout, made safe: what goes into a commit's message, and what a terminal may see.
//!
//! Everything read from a rollout, a ref or a remote is data. Control characters could move the cursor, change colours or
//! forge a line; characters that reorder or hide text could make a line read as another. Neither leaves this module.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// The width of a commit's subject, in columns.
pub const SUBJECT_WIDTH: usize = 72;

/// The text with each control, reordering or invisible formatting character replaced by a space or dropped; on one line.
pub fn plain(text: &str) -> Cow<'_, str> {
    if is_printable(text) {
        return Cow::Borrowed(text);
    }
    text.chars().filter_map(|c| if c.is_control() { Some(' ') } else { visible(c) }).collect::<String>().into()
}

/// The text with line feeds and tabs kept, and all else as in [`plain`].
pub fn plain_lines(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return text.to_owned();
    }
    text.chars()
        .filter_map(|c| {
            if c == '\n' || c == '\t' {
                Some(c)
            } else if c.is_control() {
                None
            } else {
                visible(c)
            }
        })
        .collect()
}

/// JSON text with every character in it that steers a terminal, reorders text or ends a line written as `\\uXXXX`: they stand in strings alone, so
/// it is the same JSON.
pub fn escaped(json: &str) -> String {
    if json.is_ascii() {
        return json.replace('\u{7f}', "\\u007f");
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() || visible(c).is_none() || c == '\u{85}' {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// One line of at most [`SUBJECT_WIDTH`] columns: white space folded, cut with an ellipsis.
pub fn subject(text: &str) -> String {
    if is_subject(text) {
        return text.to_owned();
    }
    // A prompt can be megabytes long; far less of it decides the subject.
    let head: String = text.chars().take(4096).collect();
    let folded = plain(&head).split_whitespace().collect::<Vec<_>>().join(" ");
    fit(&folded, SUBJECT_WIDTH).into_owned()
}

/// Whether a text is a subject as it stands: most that were cleaned before are.
fn is_subject(text: &str) -> bool {
    let bytes = text.as_bytes();
    let spaces =
        bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ') || bytes.windows(2).any(|pair| pair == b"  ");
    bytes.len() <= SUBJECT_WIDTH && !spaces && is_printable(text)
}

/// The text cut to a number of columns, with an ellipsis where something was cut.
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= columns {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    Cow::Owned(kept)
}

/// The name that a text was most likely meant to be: one that differs in letter case alone, or else in few letters.
pub fn nearest<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let lower = text.to_lowercase();
    let score = |name: &str| {
        let name = name.to_lowercase();
        if name == lower { 0 } else { strsim::damerau_levenshtein(&lower, &name) }
    };
    let most = text.chars().count().div_ceil(3);
    names.map(|name| (score(name), name)).filter(|(score, _)| *score <= most).min().map(|(_, name)| name)
}

/// How many columns the text takes on a terminal.
pub fn width(text: &str) -> usize {
    if is_printable(text) { text.len() } else { text.chars().map(|c| c.width().unwrap_or(0)).sum() }
}

/// Whether the text is printable ASCII: most is.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// `None` for characters that reorder or hide the text around them (Unicode's bidirectional and tag characters).
fn visible(c: char) -> Option<char> {
    let hidden = matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    (!hidden).then_some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(plain("a\u{1b}[31mred\u{7}\r\nb\u{9b}2J"), "a [31mred   b 2J");
        assert_eq!(plain("user\u{202e}gnp.exe"), "usergnp.exe");
        assert_eq!(plain_lines("a\n\tb\u{1b}c\r"), "a\n\tbc");
    }

    #[test]
    fn a_near_miss_is_the_name_that_was_meant() {
        let verbs = || ["save", "saves", "log", "list", "restore"].into_iter();
        for (typed, meant) in
            [("lgo", Some("log")), ("Save", Some("save")), ("lits", Some("list")), ("frobnicate", None)]
        {
            assert_eq!(nearest(typed, verbs()), meant, "{typed}");
        }
    }

    #[test]
    fn json_steers_no_terminal() {
        let json = "{\"a\u{9b}2J\u{85}\u{2028}\u{202e}ä\u{e0041}\u{7f}\"}";
        assert_eq!(escaped(json), "{\"a\\u009b2J\\u0085\\u2028\\u202eä\\udb40\\udc41\\u007f\"}");
        assert_eq!(escaped("{\"\u{7f}\"}"), "{\"\\u007f\"}");
    }

    #[test]
    fn a_subject_is_one_line_of_72_columns() {
        assert_eq!(subject("  fix\n\n the\ttest "), "fix the test");
        for (text, folded) in [(" a b", "a b"), ("a b ", "a b"), ("a  b", "a b"), ("a b", "a b"), ("", ""), (" ", "")] {
            assert_eq!(subject(text), folded);
        }
        assert_eq!(width(&subject(&"x".repeat(100))), 72);
        assert!(width(&subject(&"漢字".repeat(50))) <= 72);
        assert_eq!(subject(&"x".repeat(72)), "x".repeat(72));
    }
}
