//! Text from a rollout, made fit for a screen: what a terminal would have shown of it, with nothing in it that steers one.
//!
//! Escape sequences go whole, so that no litter of them is left; of a line that was written over with carriage returns, as progress
//! bars are, the last state stays; tabs become blanks. Commits' subjects are made in [`super::text`], in another way, and for good.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

use super::text::plain_lines;

/// The text, fit for a screen, with its line feeds. Tabs lead to the next multiple of `tab` columns.
pub fn lines(text: &str, tab: usize) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return text.to_owned();
    }
    let bare = without_escapes(text);
    let shown: Vec<String> = bare.split('\n').map(|line| spread(last_state(line), tab)).collect();
    plain_lines(&shown.join("\n"))
}

/// What people and models say: a carriage return ends a line of it, and writes over nothing.
pub fn said(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The text, fit for a screen, on one line.
pub fn line(text: &str) -> String {
    lines(text, 8).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text, fit for a screen, with its line feeds and tabs.
pub fn bare(text: &str) -> Cow<'_, str> {
    // Of the bytes that begin what a screen must not get, few are in most texts.
    let is_fit = |byte: u8| {
        matches!(byte, b' '..=b'~' | b'\n' | b'\t') || (byte >= 0x80 && !matches!(byte, 0xc2 | 0xe2 | 0xef | 0xf3))
    };
    if text.bytes().all(is_fit) {
        return Cow::Borrowed(text);
    }
    let bare = without_escapes(text);
    let shown: Vec<&str> = bare.split('\n').map(last_state).collect();
    Cow::Owned(plain_lines(&shown.join("\n")))
}

/// What stands on a line after all that was written over it.
fn last_state(line: &str) -> &str {
    let line = line.trim_end_matches('\r');
    line.rsplit_once('\r').map_or(line, |(_, last)| last)
}

fn spread(line: &str, tab: usize) -> String {
    if !line.contains('\t') {
        return line.to_owned();
    }
    let (mut out, mut column) = (String::with_capacity(line.len() + 8), 0);
    for c in line.chars() {
        if c == '\t' {
            let blanks = tab - column % tab;
            out.extend(std::iter::repeat_n(' ', blanks));
            column += blanks;
        } else {
            out.push(c);
            column += c.width().unwrap_or(0);
        }
    }
    out
}

/// The text without escape sequences, each taken out whole. One that never ends takes the rest of its line.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\u{1b}', '\u{90}', '\u{98}', '\u{9b}', '\u{9d}', '\u{9e}', '\u{9f}']) {
        let (before, sequence) = rest.split_at(at);
        out.push_str(before);
        rest = after_escape(sequence);
    }
    out + rest
}

/// What follows the sequence that a text begins with.
fn after_escape(text: &str) -> &str {
    let mut chars = text.chars();
    match chars.next() {
        Some('\u{9b}') => after_parameters(chars.as_str()),
        Some('\u{1b}') => match chars.clone().next() {
            Some('[') => after_parameters(&chars.as_str()[1..]),
            Some(']' | 'P' | 'X' | '^' | '_') => after_string(&chars.as_str()[1..]),
            Some(' '..='/') => {
                let rest = chars.as_str().trim_start_matches(|c| (' '..='/').contains(&c));
                rest.strip_prefix(|c| ('0'..='~').contains(&c)).unwrap_or(rest)
            }
            Some('0'..='~') => &chars.as_str()[1..],
            _ => chars.as_str(),
        },
        _ => after_string(chars.as_str()),
    }
}

/// What follows `[`: parameters, then one letter that ends it.
fn after_parameters(text: &str) -> &str {
    let rest = text.trim_start_matches(|c| (' '..='?').contains(&c));
    match rest.chars().next() {
        Some('@'..='~') => &rest[1..],
        _ => rest,
    }
}

/// What follows a text for the terminal: such as a window's title, up to BEL or ST.
fn after_string(text: &str) -> &str {
    let Some(end) = text.find(['\u{7}', '\u{9c}', '\u{1b}', '\n']) else { return "" };
    let rest = &text[end..];
    match rest.as_bytes().first() {
        Some(b'\n') => rest,
        Some(0x1b) => rest.strip_prefix("\u{1b}\\").unwrap_or(rest),
        _ => rest.strip_prefix(['\u{7}', '\u{9c}']).unwrap_or(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_go_whole() {
        for (text, shown) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;pwned\u{7}a", "a"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}P+q544e\u{1b}\\a", "a"),
            ("\u{1b}_G;x\u{9c}a\u{1b}^b\u{7}c\u{1b}Xd\u{7}e", "ace"),
            ("\u{9b}2Ja\u{9d}0;x\u{7}b", "ab"),
            ("\u{1b}(Ba\u{1b}7b\u{1b}=c\u{1b}cd", "abcd"),
            ("a\u{1b}]0;never ends\nb", "a\nb"),
            ("a\u{1b}[12;", "a"),
            ("a\u{1b}[31ä", "aä"),
            ("a\u{1b}", "a"),
            ("a\u{1b}ä", "aä"),
            ("a\u{1b}(", "a"),
            ("a\u{1b}(ä", "aä"),
        ] {
            assert_eq!(lines(text, 8), shown, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_is_written_over_shows_its_last_state() {
        assert_eq!(lines("10%\r50%\r100%\nx\r\ny\r", 8), "100%\nx\ny");
    }

    #[test]
    fn what_is_said_is_written_over_by_nothing() {
        assert_eq!(lines(&said("one\rtwo\r\nthree\r"), 8), "one\ntwo\nthree\n");
    }

    #[test]
    fn tabs_lead_to_the_next_stop() {
        assert_eq!(lines("a\tb\t\tc", 4), "a   b       c");
        assert_eq!(lines("漢\tb", 8), "漢      b");
    }

    #[test]
    fn what_hides_or_reorders_text_goes() {
        assert_eq!(lines("user\u{202e}gnp.exe\u{8}\u{7f}\u{200b}", 8), "usergnp.exe");
        assert_eq!(line(" a\n\tb\u{1b}[2J  c "), "a b c");
    }
}
