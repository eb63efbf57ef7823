//! Where a secret can begin and end: not within a word. What an escape, a colour or a percent sign leaves before it is no word.

/// Whether something can begin here.
pub(super) fn is_free_before(text: &[u8], at: usize) -> bool {
    match text[..at].last() {
        Some(byte) if is_word(*byte) => ends_an_escape(&text[..at]),
        _ => true,
    }
}

/// Whether something can end here.
pub(super) fn is_free_after(text: &[u8], end: usize) -> bool {
    text.get(end).is_none_or(|byte| !is_word(*byte))
}

/// Where the word begins that goes on at `at`. The letter of an escape that nobody undid is no part of it.
pub(super) fn word_start(text: &[u8], at: usize) -> usize {
    let before = &text[at.saturating_sub(80)..at];
    let start = at - before.iter().rev().take_while(|byte| is_word(**byte)).count();
    let is_escape = start > 0 && text[start - 1] == b'\\' && b"nrtbfv0".contains(&text[start]);
    start + usize::from(is_escape)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a text ends with an escape that nobody undid: `\n`, `\u0022`, `%3D`, `=3D`, `[31m`, `[K`.
fn ends_an_escape(text: &[u8]) -> bool {
    let back = |by: usize| text.len().checked_sub(by).map(|at| &text[at..]);
    let is_hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    back(2).is_some_and(|end| end[0] == b'\\' && b"nrtbfv0".contains(&end[1]))
        || back(3).is_some_and(|end| b"%=".contains(&end[0]) && is_hex(&end[1..]))
        || back(4).is_some_and(|end| end.starts_with(b"\\x") && is_hex(&end[2..]))
        || back(6).is_some_and(|end| end.starts_with(b"\\u") && is_hex(&end[2..]))
        || ends_a_colour(text)
}

fn ends_a_colour(text: &[u8]) -> bool {
    let Some(before) = text.strip_suffix(b"m").or_else(|| text.strip_suffix(b"K")) else { return false };
    let numbers = before.iter().rev().take(16).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    before[..before.len() - numbers].ends_with(b"[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_begins_after_all_that_is_no_word() {
        for before in ["", " ", "\"", "+", "-", "=", "\\n", "\\u0022", "%3D", "\\x1b[0;31m", "^[[K", "=3D", "é"] {
            assert!(is_free_before(before.as_bytes(), before.len()), "{before}");
        }
        for before in ["a", "1", "_", "an", "m", "0m", "%D"] {
            assert!(!is_free_before(before.as_bytes(), before.len()), "{before}");
        }
        assert!(is_free_after(b"ab-", 2) && is_free_after(b"ab", 2) && !is_free_after(b"abc", 2));
        assert_eq!((word_start(b"x ab_c", 5), word_start(b"x\\nab_c", 6)), (2, 3));
    }
}
