//! Output without styles. What is printed is styled by us alone, as its text holds nothing that steers a terminal, so that most of it is passed on
//! as it is: looking at each byte took a fifth of the time that a long conversation takes.

use std::io::{self, Write};

const ESCAPE: u8 = 0x1b;

/// Passes on all but escape sequences.
pub struct Unstyled<W> {
    out: W,
    within: Within,
}

/// Where in an escape sequence the last byte was: one may be written in pieces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Text,
    Escape,
    Parameters,
}

impl<W: Write> Unstyled<W> {
    pub fn new(out: W) -> Self {
        Self { out, within: Within::Text }
    }

    /// How much of what follows an escape belongs to its sequence.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            self.within = match (self.within, byte) {
                (Within::Text, _) => return at,
                (Within::Escape, b'[') | (Within::Parameters, 0x20..=0x3f) => Within::Parameters,
                (Within::Escape, _) => return self.text(at),
                (Within::Parameters, _) => return self.text(at + 1),
            };
        }
        bytes.len()
    }

    fn text(&mut self, at: usize) -> usize {
        self.within = Within::Text;
        at
    }
}

impl<W: Write> Write for Unstyled<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut left = &bytes[self.skip(bytes)..];
        while let Some(at) = memchr::memchr(ESCAPE, left) {
            self.out.write_all(&left[..at])?;
            self.within = Within::Escape;
            left = &left[at + 1..];
            left = &left[self.skip(left)..];
        }
        self.out.write_all(left)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unstyled(pieces: &[&str]) -> String {
        let mut out = Unstyled::new(Vec::new());
        pieces.iter().for_each(|piece| out.write_all(piece.as_bytes()).unwrap());
        String::from_utf8(out.out).unwrap()
    }

    #[test]
    fn styles_go_and_text_stays() {
        assert_eq!(unstyled(&["a\u{1b}[1mb\u{1b}[0m\n", "größe\u{1b}[38;5;4m漢"]), "ab\ngröße漢");
    }

    #[test]
    fn a_sequence_may_come_in_pieces() {
        let text = "a\u{1b}[1;31mb\u{1b}[0mc\u{1b}xd\u{1b}\u{1b}[0me";
        for at in 0..text.len() {
            assert_eq!(unstyled(&[&text[..at], &text[at..]]), "abcxde", "{at}");
        }
    }
}
