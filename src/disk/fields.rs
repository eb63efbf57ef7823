//! Numbers, ids and texts in the bytes of a derived file, one after the other. What is cut off or no text is [`ErrorKind::InvalidData`].

use std::io::{self, ErrorKind};

/// Bytes that are read from their beginning on.
pub(crate) struct Fields<'a>(pub &'a [u8]);

impl Fields<'_> {
    /// The next bytes.
    pub fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (array, left) = self.0.split_first_chunk().ok_or(ErrorKind::InvalidData)?;
        self.0 = left;
        Ok(*array)
    }

    /// The next bytes, which may be missing.
    pub fn maybe<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        match self.array()? {
            [0] => Ok(None),
            _ => self.array().map(Some),
        }
    }

    /// The next number.
    pub fn number(&mut self) -> io::Result<usize> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    /// The next text.
    pub fn text(&mut self) -> io::Result<String> {
        let len = self.number()?;
        let (text, left) = self.0.split_at_checked(len).ok_or(ErrorKind::InvalidData)?;
        self.0 = left;
        String::from_utf8(text.to_vec()).map_err(|_| ErrorKind::InvalidData.into())
    }

    /// The next text, which may be missing.
    pub fn maybe_text(&mut self) -> io::Result<Option<String>> {
        match self.array()? {
            [0] => Ok(None),
            _ => self.text().map(Some),
        }
    }

    /// A number of things, which stands before them.
    pub fn list<T>(&mut self, mut next: impl FnMut(&mut Self) -> io::Result<T>) -> io::Result<Vec<T>> {
        let count = self.number()?;
        (0..count).map(|_| next(self)).collect()
    }
}

/// Adds a number. None that is written here comes near its limit.
pub(crate) fn put_number(out: &mut Vec<u8>, number: usize) {
    out.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

/// Adds a text.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len());
    out.extend(text.as_bytes());
}

/// Adds a text that may be missing.
pub(crate) fn put_maybe_text(out: &mut Vec<u8>, text: Option<&str>) {
    out.push(u8::from(text.is_some()));
    text.into_iter().for_each(|text| put_text(out, text));
}

/// Adds bytes that may be missing.
pub(crate) fn put_maybe<const N: usize>(out: &mut Vec<u8>, bytes: Option<[u8; N]>) {
    out.push(u8::from(bytes.is_some()));
    out.extend(bytes.into_iter().flatten());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_read_and_nothing_beyond() {
        let mut out = Vec::new();
        put_number(&mut out, 7);
        put_text(&mut out, "größe");
        put_maybe_text(&mut out, None);
        put_maybe(&mut out, Some([1, 2]));
        let mut fields = Fields(&out);
        assert_eq!((fields.number().unwrap(), fields.text().unwrap()), (7, "größe".to_owned()));
        assert_eq!((fields.maybe_text().unwrap(), fields.maybe().unwrap()), (None, Some([1, 2])));
        assert!(fields.number().is_err());
        assert!(Fields(&[9, 0, 0, 0, b'x']).text().is_err());
        assert!(Fields(&[1, 0, 0, 0, 0xff]).text().is_err());
    }
}
