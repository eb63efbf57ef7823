//! The strings of JSON as they are written, with their escapes: where they stand, so that something can be written into them.

use std::ops::Range;

use memchr::memchr;

use super::json::{LONG_KEY, looks_like_json, string_end};

/// So far a value goes on at the most before the quote that it ends with.
const VALUE: usize = 256;

/// A string that is a value, or a key that is long enough to say something of its own.
pub(super) struct RawString {
    /// The key that it is the value of, as it is written.
    pub key: Option<Vec<u8>>,
    /// Where it stands, without its quotes.
    pub place: Range<usize>,
}

/// The strings of a text that are values; `None` if it is no JSON.
pub(super) fn raw_strings(text: &[u8]) -> Option<Vec<RawString>> {
    if !looks_like_json(text) {
        return None;
    }
    let (mut strings, mut at, mut key) = (Vec::new(), 0, None);
    while let Some(open) = memchr(b'"', &text[at..]).map(|len| at + len) {
        if text[at..open].iter().any(|byte| b",{[".contains(byte)) {
            key = None;
        }
        let place = open + 1..string_end(text, open + 1)?;
        at = place.end + 1;
        match text[at..].iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b':') => {
                key = Some(text[place.clone()].to_vec());
                strings.extend((place.len() >= LONG_KEY).then_some(RawString { key: None, place }));
            }
            _ => strings.push(RawString { key: key.take(), place }),
        }
    }
    Some(strings)
}

/// A part of a string, made longer where it begins or ends within an escape.
pub(super) fn whole_escapes(raw: &[u8], part: Range<usize>) -> Range<usize> {
    let (mut start, mut end, mut at) = (part.start, part.end, 0);
    while let Some(escape) = memchr(b'\\', &raw[at..]).map(|len| at + len).filter(|escape| *escape < part.end) {
        let len = if raw.get(escape + 1) == Some(&b'u') { 6 } else { 2 };
        at = (escape + len).min(raw.len());
        let cuts = |place: usize| escape < place && place < at;
        if cuts(start) {
            start = escape;
        }
        if cuts(end) {
            end = at;
        }
    }
    start..end
}

/// Where a word ends of which the beginning was found, and the rest is spelled with escapes or percent signs.
pub(super) fn rest_of_word(raw: &[u8], from: usize) -> usize {
    let spelled = |at: usize| match raw.get(at..)? {
        [b'\\', b'/', ..] => Some(2),
        [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => Some(3),
        [b'\\', ..] => {
            let slashes = raw[at..].iter().take_while(|byte| **byte == b'\\').count();
            // Of those that the rest of a word is spelled with; a quote or a line's end is none.
            let digits = raw[at + slashes..].strip_prefix(b"u00")?.get(..2)?;
            let code = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
            (code.is_ascii_alphanumeric() || b"+/=_-.~".contains(&code)).then_some(slashes + 5)
        }
        _ => None,
    };
    let mut at = from;
    while let Some(len) = spelled(at) {
        at += len;
        at += raw[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=_-.~".contains(byte)).count();
    }
    at
}

/// Where a value ends of which the beginning was found: at the quote that it began with, or else where a list, an address or a command goes on.
pub(super) fn rest_of_value(raw: &[u8], found: Range<usize>) -> usize {
    let before = &raw[..found.start];
    let quote = before.last().copied().filter(|byte| b"'`".contains(byte));
    let near = &raw[found.end..raw.len().min(found.end + VALUE)];
    if let Some(len) = quote.and_then(|quote| memchr(quote, near)).filter(|len| !near[..*len].contains(&b'\\')) {
        return found.end + len;
    }
    let is_ended = |byte: u8| byte.is_ascii_whitespace() || b"\"'`\\<>,;&)]}/?#@".contains(&byte);
    let most = raw.len().min(found.end + VALUE);
    let mut at = found.end;
    loop {
        at = rest_of_word(raw, at);
        at += raw[at.min(most)..most].iter().take_while(|byte| !is_ended(**byte)).count();
        // Of an address, the last of several begins the host.
        let host = raw.get(at..most).unwrap_or_default();
        let next =
            host.strip_prefix(b"@").map(|rest| rest.iter().position(|byte| b"@/".contains(byte) || is_space(*byte)));
        match next {
            Some(Some(len)) if host[len + 1] == b'@' => at += len + 1,
            _ => return at,
        }
    }
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\\' || byte == b'"'
}

/// The lines of a string, however often their ends are escaped.
pub(super) fn lines_of(raw: &[u8]) -> Vec<Range<usize>> {
    let (mut lines, mut from, mut at) = (Vec::new(), 0, 0);
    while let Some(escape) = memchr(b'\\', &raw[at..]).map(|len| at + len) {
        let slashes = raw[escape..].iter().take_while(|byte| **byte == b'\\').count();
        at = escape + slashes;
        if raw.get(at).is_some_and(|byte| b"nr".contains(byte)) {
            lines.push(from..escape);
            at += 1;
            from = at;
        }
    }
    lines.push(from..raw.len());
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_where_they_stand() {
        let text = br#"{"a":"x\"y","b":["c",{"d":1,"e":""}],"f":null}"#;
        let strings = raw_strings(text).unwrap();
        let told: Vec<(Option<&[u8]>, &[u8])> =
            strings.iter().map(|string| (string.key.as_deref(), &text[string.place.clone()])).collect();
        let own: [(Option<&[u8]>, &[u8]); 3] = [(Some(b"a"), br#"x\"y"#), (None, b"c"), (Some(b"e"), b"")];
        assert_eq!(told, own);
        assert!(raw_strings(b"no json").is_none() && raw_strings(br#"{"a":"b}"#).is_none());
    }

    #[test]
    fn no_escape_is_broken() {
        let raw = br"ab\n\u00e4cd\\";
        assert_eq!((whole_escapes(raw, 0..3), whole_escapes(raw, 3..4)), (0..4, 2..4));
        assert_eq!((whole_escapes(raw, 6..11), whole_escapes(raw, 1..2)), (4..11, 1..2));
        assert_eq!(whole_escapes(raw, 10..13), (10..14));
    }

    #[test]
    fn lines_end_where_their_ends_are_escaped() {
        let lines = |raw: &'static [u8]| lines_of(raw).into_iter().map(|line| &raw[line]).collect::<Vec<_>>();
        assert_eq!(lines(br"one\ntwo\\r\\nthree\"), [&b"one"[..], b"two", br"three\"]);
        assert!(lines(b"").is_empty());
    }
}
