//! The index of the text log: which file the frames stand in, and where. What the index doesn't name is not there, but for frames that stand
//! right behind what it names, each with a *header* that says the same: one that is added alone needs no new index.

use std::io::{self, ErrorKind};

use crate::disk::fields::{Fields, put_number};

const TITLE: &[u8; 18] = b"codex-git text 3\n\0";

/// How many bytes a header has: a place, and what proves it.
pub(super) const HEADER: usize = 36;

/// Where a frame stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where in the file its rows begin.
    pub at: u64,
    /// How many bytes the rows have.
    pub rows: usize,
    /// What proves them.
    pub check: u32,
    /// How many bytes the filter of the text has, which follows them.
    pub filter: usize,
    /// What proves that.
    pub filter_check: u32,
    /// How many bytes the text has.
    pub text: usize,
    /// And as it is packed.
    pub packed: usize,
}

impl Place {
    /// How many bytes of the file it takes.
    pub fn len(&self) -> u64 {
        (self.rows + self.filter + self.packed) as u64
    }

    /// What stands before a frame that was added alone.
    pub fn header(&self) -> [u8; HEADER] {
        let mut out = Vec::with_capacity(HEADER);
        self.put(&mut out);
        let check = check(&out);
        out.extend(check.to_le_bytes());
        let mut header = [0; HEADER];
        header.copy_from_slice(&out);
        header
    }

    /// Reads a header that ends where its frame begins; `None` if it is none.
    pub fn of_header(header: &[u8; HEADER], at: u64) -> Option<Self> {
        let (place, sum) = header.split_last_chunk()?;
        let place = Self::read(&mut Fields(place)).ok().filter(|_| check(place) == u32::from_le_bytes(*sum))?;
        (place.at == at).then_some(place)
    }

    fn put(&self, out: &mut Vec<u8>) {
        let Self { at, rows, check, filter, filter_check, text, packed } = self;
        out.extend(at.to_le_bytes());
        [check, filter_check].into_iter().for_each(|check| out.extend(check.to_le_bytes()));
        [*rows, *filter, *text, *packed].into_iter().for_each(|number| put_number(out, number));
    }

    fn read(left: &mut Fields<'_>) -> io::Result<Self> {
        let at = u64::from_le_bytes(left.array()?);
        let (check, filter_check) = (u32::from_le_bytes(left.array()?), u32::from_le_bytes(left.array()?));
        let (rows, filter) = (left.number()?, left.number()?);
        Ok(Self { at, rows, check, filter, filter_check, text: left.number()?, packed: left.number()? })
    }

    /// Where the filter begins.
    pub fn filter_at(&self) -> u64 {
        self.at + self.rows as u64
    }

    /// Where its text begins.
    pub fn text_at(&self) -> u64 {
        self.filter_at() + self.filter as u64
    }
}

/// The frames of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// The number in the file's name. A log that is written anew gets another.
    pub file: u64,
    /// How much of the file is written. What stands behind that was never finished.
    pub len: u64,
    /// The frames.
    pub frames: Vec<Place>,
}

impl Index {
    /// How many bytes of the file no frame stands in.
    pub fn unused(&self) -> u64 {
        self.len.saturating_sub(self.frames.iter().map(Place::len).sum())
    }

    pub fn write(&self) -> Vec<u8> {
        let mut out = TITLE.to_vec();
        [self.file, self.len].into_iter().for_each(|number| out.extend(number.to_le_bytes()));
        put_number(&mut out, self.frames.len());
        self.frames.iter().for_each(|place| place.put(&mut out));
        let check = check(&out);
        out.extend(check.to_le_bytes());
        out
    }

    /// Reads an index; one that is damaged, or of another version, is an error.
    pub fn read(bytes: &[u8]) -> io::Result<Self> {
        let (bytes, sum) = bytes.split_last_chunk().ok_or(ErrorKind::InvalidData)?;
        if check(bytes) != u32::from_le_bytes(*sum) {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut left = Fields(bytes);
        if left.array()? != *TITLE {
            return Err(ErrorKind::InvalidData.into());
        }
        let (file, len) = (u64::from_le_bytes(left.array()?), u64::from_le_bytes(left.array()?));
        let frames = left.list(Place::read)?;
        Ok(Self { file, len, frames })
    }
}

/// What proves bytes.
pub(super) fn check(bytes: &[u8]) -> u32 {
    libdeflater::crc32(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_where_it_was_written_and_nowhere_else() {
        let place = Place { at: 36, rows: 1, check: 2, filter: 3, filter_check: 5, text: 3, packed: 4 };
        let header = place.header();
        assert_eq!((Place::of_header(&header, 36), Place::of_header(&header, 35)), (Some(place), None));
        assert_eq!(Place::of_header(&[0; HEADER], 0), None);
        for at in 0..HEADER {
            let mut flipped = header;
            flipped[at] ^= 1;
            assert_eq!(Place::of_header(&flipped, 36), None, "byte {at}");
        }
    }

    #[test]
    fn an_index_is_read_as_it_was_written_or_not_at_all() {
        let place = Place { at: 7, rows: 1, check: 2, filter: 0, filter_check: 5, text: 3, packed: 4 };
        let index = Index { file: 3, len: 20, frames: vec![place; 2] };
        let bytes = index.write();
        assert_eq!((Index::read(&bytes).unwrap(), index.unused()), (index, 10));
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(Index::read(&flipped).is_err(), "byte {at}");
            assert!(Index::read(&bytes[..at]).is_err(), "cut at {at}");
        }
    }
}
