//! The name of a git object: twenty bytes, written as forty hexadecimal digits.

use std::fmt;
use std::str::FromStr;

/// A git object id (SHA-1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId([u8; 20]);

const DIGITS: &[u8; 16] = b"0123456789abcdef";

impl ObjectId {
    /// How many digits an id has.
    pub const LEN: usize = 40;

    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The id's bytes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The first ten digits, for people.
    pub fn short(&self) -> String {
        self.to_string()[..10].to_owned()
    }

    /// The id as it is written, in a place for it.
    pub fn written(self, place: &mut [u8; Self::LEN]) -> &str {
        for (pair, byte) in place.chunks_exact_mut(2).zip(self.0) {
            (pair[0], pair[1]) = (DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]);
        }
        // Digits are UTF-8.
        std::str::from_utf8(place).unwrap_or_default()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.written(&mut [0; Self::LEN]))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ObjectId {
    type Err = ();

    /// Reads forty lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.as_bytes();
        if digits.len() != Self::LEN {
            return Err(());
        }
        let mut bytes = [0; 20];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

fn digit(byte: u8) -> Result<u8, ()> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let text = "00ff1234567890abcdef00000000000000000009";
        assert_eq!(text.parse::<ObjectId>().unwrap().to_string(), text);
    }

    #[test]
    fn other_texts_are_no_ids() {
        assert!("00FF1234567890abcdef00000000000000000009".parse::<ObjectId>().is_err());
        assert!("00ff".parse::<ObjectId>().is_err());
    }
}
