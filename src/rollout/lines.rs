//! The lines of a rollout, in bounded memory: of a very long line only what matters is kept.
//!
//! A line can hold hundreds of megabytes, an image for instance. What it means follows from its types and the beginnings of its
//! texts, so of a line above 1 MiB every JSON string is cut after 64 KiB. What is left is the same wherever and however the line is
//! read. It is only looked at; what is stored are always the exact bytes.

use std::io::{self, BufRead};

use super::json::Object;

/// Up to this length a line is kept whole.
const LONG: usize = 1 << 20;

/// How much is kept of a string in a longer line.
const KEPT: usize = 64 << 10;

/// What a line has left after that is no more than this, or it is not looked at.
const MOST: usize = 8 << 20;

/// How much of a line's end is kept: old versions of Codex append whole lines onto torn ones.
const END: usize = 64 << 10;

/// Reads the next line, without its line feed, into `line`. Tells how many bytes it has, its line feed included; `None` if no
/// whole line is left.
pub fn next(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<u64>> {
    line.clear();
    let (mut read, mut long): (u64, Option<Long>) = (0, None);
    loop {
        let some = match lines.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            some => some?,
        };
        if some.is_empty() {
            return Ok(None);
        }
        let end = memchr::memchr(b'\n', some);
        let part = &some[..end.unwrap_or(some.len())];
        match &mut long {
            None if line.len() + part.len() <= LONG => line.extend(part),
            None => {
                let mut begun = Long::default();
                begun.add(line);
                begun.add(part);
                long = Some(begun);
            }
            Some(long) => long.add(part),
        }
        let used = part.len() + usize::from(end.is_some());
        read += used as u64;
        lines.consume(used);
        if end.is_some() {
            if let Some(long) = long {
                *line = long.shortened();
            }
            return Ok(Some(read));
        }
    }
}

/// A long line while it goes by.
#[derive(Default)]
struct Long {
    short: Vec<u8>,
    end: Vec<u8>,
    /// Whether it is inside a string, how long that is so far, and whether the rest of it is left out.
    in_string: bool,
    string: usize,
    cut: bool,
    /// Whether the byte before was a backslash that escapes this one.
    escaped: bool,
    /// How many bytes of an escape such as `\ud83d` are still to come.
    escape: usize,
}

impl Long {
    fn add(&mut self, bytes: &[u8]) {
        let start = bytes.len().saturating_sub(END);
        self.end.extend(&bytes[start..]);
        let over = self.end.len().saturating_sub(END);
        self.end.drain(..over);
        bytes.iter().for_each(|byte| self.byte(*byte));
    }

    fn byte(&mut self, byte: u8) {
        if !self.in_string {
            self.in_string = byte == b'"';
            (self.string, self.cut) = (0, false);
            return self.keep(byte);
        }
        self.string += 1;
        // A string is cut before a plain character, so that neither an escape nor a character is torn.
        let plain = !self.escaped && self.escape == 0 && byte.is_ascii() && byte != b'\\';
        if plain && byte == b'"' {
            self.in_string = false;
            return self.keep(byte);
        }
        self.cut |= plain && self.string > KEPT;
        self.escape = match byte {
            b'u' if self.escaped => 4,
            _ => self.escape.saturating_sub(1),
        };
        self.escaped = byte == b'\\' && !self.escaped;
        if !self.cut {
            self.keep(byte);
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.short.len() <= MOST {
            self.short.push(byte);
        }
    }

    /// The line as far as it matters; of one that is torn, its end.
    fn shortened(self) -> Vec<u8> {
        if Object::parse(&self.short).is_some() { self.short } else { self.end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a text, read through a small buffer.
    fn lines(text: &str) -> Vec<(u64, String)> {
        let mut reader = io::BufReader::with_capacity(1000, text.as_bytes());
        let (mut line, mut lines) = (Vec::new(), Vec::new());
        while let Some(read) = next(&mut reader, &mut line).unwrap() {
            lines.push((read, String::from_utf8(line.clone()).unwrap()));
        }
        lines
    }

    #[test]
    fn lines_are_read_as_they_are() {
        assert_eq!(lines("a\n\nbc\ntorn"), [(2, "a".into()), (1, String::new()), (3, "bc".into())]);
        let whole = format!("{{\"a\":\"{}\"}}", "x".repeat(LONG - 8));
        assert_eq!(lines(&format!("{whole}\n")), [(whole.len() as u64 + 1, whole)]);
    }

    #[test]
    fn of_a_long_line_the_strings_are_cut() {
        let line = |text: &str| format!(r#"{{"type":"a\"b","text":"{text}","n":[1,"c"]}}"#);
        for part in ["x", "\\\"x", "\\ud83d\\ude00x", "äx", "\\\\x", "\\u00e4x"] {
            let long = line(&part.repeat(2 * LONG / part.len()));
            let [(read, short)] = &lines(&format!("{long}\n"))[..] else { panic!("one line") };
            assert_eq!(*read, long.len() as u64 + 1);
            assert!(short.len() < KEPT + 200, "{part}: {}", short.len());
            let object = Object::parse(short.as_bytes()).unwrap();
            let text = object.str("text").unwrap();
            assert!(Object::parse(long.as_bytes()).unwrap().str("text").unwrap().starts_with(&*text), "{part}");
            assert_eq!((object.str("type").unwrap().as_ref(), object.raw("n").unwrap()), ("a\"b", r#"[1,"c"]"#));
        }
    }

    #[test]
    fn of_a_long_torn_line_the_end_is_kept() {
        let glued = format!(r#"{{"timestamp":"x","text":"{}{{"timestamp":"y","type":"z"}}"#, "\\".repeat(LONG));
        assert!(lines(&format!("{glued}\n"))[0].1.ends_with(r#"{"timestamp":"y","type":"z"}"#));
    }

    #[test]
    fn a_long_line_of_anything_takes_bounded_memory() {
        let numbers = format!("[{}1]", "1,".repeat(6 << 20));
        assert!(lines(&format!("{numbers}\n"))[0].1.len() <= END);
    }
}
