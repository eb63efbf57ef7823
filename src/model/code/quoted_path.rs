//! Paths of any bytes as one line of text, and back: as git quotes them, with everything beyond plain ASCII escaped.

use crate::model::text;

/// The path on one line. One that is plain stays as it is.
pub fn quoted(path: &[u8]) -> String {
    let is_plain = |byte: &u8| matches!(byte, b'!'..=b'~' | b' ') && !matches!(byte, b'"' | b'\\');
    if path.iter().all(is_plain) && path.first() != Some(&b' ') && path.last() != Some(&b' ') {
        return path.iter().map(|byte| char::from(*byte)).collect();
    }
    let mut out = String::from("\"");
    for byte in path {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(char::from(*byte)),
            byte => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

/// The path for people: one that is text stays as it is, any other is quoted.
pub fn readable(path: &[u8]) -> String {
    let is_plain = |text: &&str| text::plain(text) == *text && text.trim() == *text && !text.contains(['"', '\\']);
    std::str::from_utf8(path).ok().filter(is_plain).map_or_else(|| quoted(path), str::to_owned)
}

/// The path that was quoted so; `None` if it is no such line.
pub fn unquoted(text: &str) -> Option<Vec<u8>> {
    let Some(inner) = text.strip_prefix('"') else { return Some(text.as_bytes().to_vec()) };
    let mut rest = inner.strip_suffix('"')?.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let (escape, after) = rest.split_first()?;
        rest = after;
        out.push(match escape {
            b'n' => b'\n',
            b't' => b'\t',
            b'"' | b'\\' => *escape,
            b'0'..=b'3' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                let digits = std::str::from_utf8(digits).ok()?;
                u8::from_str_radix(&format!("{}{digits}", char::from(*escape)), 8).ok()?
            }
            _ => return None,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_quoted_is_the_same_path_again() {
        for path in [
            &b"src/main.rs"[..],
            b"a b",
            b" a",
            b"a\nb",
            b"gr\xc3\xb6\xc3\x9fe",
            b"\xff\xfe",
            b"\"q\"",
            b"a\\b",
            b"\x1b[2J",
        ] {
            let text = quoted(path);
            assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{text}");
            assert_eq!(unquoted(&text).as_deref(), Some(path));
        }
        assert_eq!(quoted(b"a b/c"), "a b/c");
        assert_eq!((readable("größe".as_bytes()).as_str(), readable(b"\xff").as_str()), ("größe", "\"\\377\""));
        assert_eq!(
            readable("a\u{202e}b".as_bytes()),
            quoted("a\u{202e}b".as_bytes()),
            "what steers a terminal is quoted"
        );
        assert_eq!((unquoted("\"a"), unquoted("\"\\9\""), unquoted("\"\\40\"")), (None, None, None));
    }
}
