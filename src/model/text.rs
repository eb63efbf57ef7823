//! Text from a rollout, made safe: what goes into a commit's message, and what a terminal may see.
//!
//! Everything read from a rollout, a ref or a remote is data. Control characters could move the cursor, change colours or
//! forge a line; characters that reorder or hide text could make a line read as another. Neither leaves this module.

use unicode_width::UnicodeWidthChar;

/// The width of a commit's subject, in columns.
pub const SUBJECT_WIDTH: usize = 72;

/// The text with each control, reordering or invisible formatting character replaced by a space or dropped; on one line.
pub fn plain(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    text.chars().filter_map(|c| if c.is_control() { Some(' ') } else { visible(c) }).collect()
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

/// One line of at most [`SUBJECT_WIDTH`] columns: white space folded, cut with an ellipsis.
pub fn subject(text: &str) -> String {
    // A prompt can be megabytes long; far less of it decides the subject.
    let head: String = text.chars().take(4096).collect();
    let folded = plain(&head).split_whitespace().collect::<Vec<_>>().join(" ");
    fit(&folded, SUBJECT_WIDTH)
}

/// The text cut to a number of columns, with an ellipsis where something was cut.
pub fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
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
    kept
}

/// How many columns the text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
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
    fn a_subject_is_one_line_of_72_columns() {
        assert_eq!(subject("  fix\n\n the\ttest "), "fix the test");
        assert_eq!(width(&subject(&"x".repeat(100))), 72);
        assert!(width(&subject(&"漢字".repeat(50))) <= 72);
        assert_eq!(subject(&"x".repeat(72)), "x".repeat(72));
    }
}
