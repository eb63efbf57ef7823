//! Undoing what a text was wrapped in: escapes of strings, and the codes that colour a terminal.

use std::borrow::Cow;

use memchr::memchr;

/// How often a text can have been written into a string of another.
const WRAPPED: usize = 3;

/// How a program's output says that a colour or a place on the screen follows.
const ESCAPE: u8 = 0x1b;

/// A text with its escapes undone once, as JSON and most languages write them; `None` if it has none.
pub(super) fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let first = memchr(b'\\', text)?;
    let mut out = Vec::with_capacity(text.len());
    out.extend(&text[..first]);
    decode(&text[first..], &mut out);
    Some(out)
}

/// A text as it is, and with its escapes undone once, twice, and so on: as often as it has any, and can have been written into another text.
pub(super) fn unwrapped(text: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    std::iter::successors(Some(Cow::Borrowed(text)), |text| unescaped(text).map(Cow::Owned)).take(1 + WRAPPED)
}

/// Adds a text with its escapes undone.
pub(super) fn decode(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend(&rest[..at]);
        rest = escape(&rest[at + 1..], out);
    }
    out.extend(rest);
}

/// Adds what an escape means, and gives what follows it.
pub(super) fn escape<'t>(text: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let Some((kind, rest)) = text.split_first() else { return text };
    let plain = match kind {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        b'u' => return unicode(rest, out),
        b'x' => return byte(rest, out),
        b'0'..=b'3' if let Some(code) = octal(text) => {
            put(code, out);
            return &text[3..];
        }
        other => *other,
    };
    out.push(plain);
    rest
}

fn byte<'t>(text: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    match hex(text, 2) {
        Some(code) => {
            put(code, out);
            &text[2..]
        }
        None => text,
    }
}

/// What three octal digits mean, as shells write bytes.
fn octal(text: &[u8]) -> Option<u32> {
    let digits = text.get(..3).filter(|digits| digits.iter().all(|byte| (b'0'..=b'7').contains(byte)))?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

fn unicode<'t>(text: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let Some(first) = hex(text, 4) else { return text };
    let rest = &text[4..];
    let second = rest.strip_prefix(b"\\u").and_then(|low| hex(low, 4)).filter(|low| (0xdc00..0xe000).contains(low));
    match second {
        Some(low) if (0xd800..0xdc00).contains(&first) => {
            put(0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00), out);
            &rest[6..]
        }
        _ => {
            put(first, out);
            rest
        }
    }
}

pub(super) fn hex(text: &[u8], len: usize) -> Option<u32> {
    let digits = text.get(..len).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn put(code: u32, out: &mut Vec<u8>) {
    let mut bytes = [0; 4];
    let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend(letter.encode_utf8(&mut bytes).as_bytes());
}

/// Whether letters of a text, or its strokes, are spelled with escapes.
pub(super) fn is_spelled(text: &[u8]) -> bool {
    memchr(b'\\', text).is_some_and(|first| {
        let text = &text[first..];
        let has = |part: &[u8]| memchr::memmem::find(text, part).is_some();
        // A byte that is no letter is an escape by itself; several in a row spell something.
        let next = |at: usize| text.get(at + 4) == Some(&b'\\');
        let bytes = || memchr::memchr_iter(b'\\', text).any(|at| next(at) && is_byte(&text[at + 1..]));
        has(b"\\u00") || has(b"\\/") || bytes()
    })
}

/// Whether the escape of a byte goes on here: `x41`, `101`.
fn is_byte(text: &[u8]) -> bool {
    octal(text).is_some() || text.strip_prefix(b"x").is_some_and(|digits| hex(digits, 2).is_some())
}

/// A text with its percent signs undone; `None` if it has no two in a row.
pub(super) fn without_percents(text: &[u8]) -> Option<Vec<u8>> {
    let sign = |at: usize| text.get(at..at + 3).filter(|sign| sign[0] == b'%').and_then(|sign| hex(&sign[1..], 2));
    memchr::memchr_iter(b'%', text).find(|at| sign(*at).is_some() && sign(at + 3).is_some())?;
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(len) = memchr(b'%', &text[at..]) {
        out.extend(&text[at..at + len]);
        at += len;
        at += percent(&text[at..], &mut out);
    }
    out.extend(&text[at..]);
    Some(out)
}

/// Adds what a percent sign means that a text begins with, and tells how long it is.
pub(super) fn percent(text: &[u8], out: &mut Vec<u8>) -> usize {
    let code = text.get(1..).and_then(|rest| hex(rest, 2)).and_then(|code| u8::try_from(code).ok());
    out.push(code.unwrap_or(b'%'));
    if code.is_some() { 3 } else { 1 }
}

/// Whether a text holds codes that steer a terminal.
pub(super) fn is_coloured(text: &[u8]) -> bool {
    memchr(ESCAPE, text).is_some()
}

/// A text without the codes that steer a terminal; `filler` stands for each of them.
pub(super) fn colourless(text: &[u8], filler: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(ESCAPE, rest) {
        out.extend(&rest[..at]);
        out.extend(filler);
        rest = &rest[at + 1..];
        rest = &rest[code_len(rest)..];
    }
    out.extend(rest);
    out
}

/// How long the code is that goes on here.
pub(super) fn code_len(text: &[u8]) -> usize {
    match text.first() {
        Some(b'[') => {
            let inside = text[1..].iter().take_while(|byte| (0x20..0x40).contains(*byte)).count();
            (inside + 2).min(text.len())
        }
        // A link or a title, up to its end.
        Some(b']') => text.iter().take(4096).position(|byte| *byte == 7 || *byte == ESCAPE).map_or(1, |end| end + 1),
        Some(_) => 1,
        None => 0,
    }
}

/// The letters and digits of a block of lines, without patch marks, quotes and what else stands between them.
pub(super) fn block_letters(block: &[u8]) -> Vec<u8> {
    let text = unwrapped(block).last().unwrap_or_default();
    let end = memchr::memmem::find(&text, b"-----").unwrap_or(text.len());
    // `+` begins the lines of a patch and stands in base64 as well, so it counts in neither.
    text[..end].iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'/').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        let undone = |text: &str| String::from_utf8(unescaped(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(undone(r#"a\nb\"c\\nd\/\u003d\ud83d\ude00\x41"#), "a\nb\"c\\nd/=😀A");
        assert_eq!(undone(r"\ud83dx\u12"), "\u{fffd}x12");
        assert_eq!(unescaped(b"plain"), None);
        assert_eq!(undone("end\\"), "end");
    }

    #[test]
    fn colours_and_links_are_taken_out() {
        assert_eq!(colourless(b"a\x1b[1;31mb\x1b[0mc", b""), b"abc");
        assert_eq!(colourless(b"a\x1b[1;31mb\x1b", b" "), b"a b ");
        assert_eq!(colourless(b"\x1b]8;;http://x\x07y\x1b(z", b""), b"yz");
    }

    #[test]
    fn a_block_is_the_same_whatever_stands_between_its_letters() {
        let plain = block_letters(b"\nAB+C\nDE/F==\n-----END X");
        assert_eq!(plain, b"ABCDE/F");
        for other in [&b"\\nAB+C\\nDE/F==\\n-----END"[..], b"\n+AB+C\n+DE/F==\n+-----END", b"\\\\nAB+C\" +\n \"DE/F=="]
        {
            assert_eq!(block_letters(other), plain);
        }
    }
}
