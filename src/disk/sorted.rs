//! A file of rows in the order of their keys: the rows of a key are found by reading a few pages, however many rows there are.
//!
//! Its content begins with sixteen bytes that say what it is, and where its index is. Then come a head, which means nothing here, the rows, and
//! the index: for each row its key and where it is. All numbers are little-endian. Whatever is read is proven by the pages' checksums.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::paged::{self, Bytes, Paged};
use super::{durable, regular};

/// How long a key is.
pub(crate) const KEY: usize = 16;

/// What tells one kind of file from another.
pub(crate) type Magic = [u8; 16];

/// How long what stands before the head is: what the file is, the head's length, where the index is and how many entries it has.
const START: usize = 16 + 3 * 8;

/// How long an entry of the index is: a key, where its row is, and how long that is.
const ENTRY: usize = KEY + 8 + 4;

/// A row with its key, to be written.
pub(crate) type Row = ([u8; KEY], Vec<u8>);

/// A row with its key, as it stands in a file.
pub(crate) type ReadRow = ([u8; KEY], Bytes);

/// A sorted file that is read.
#[derive(Debug)]
pub(crate) struct SortedFile {
    pages: Paged,
    head: usize,
    index: u64,
    count: u64,
}

impl SortedFile {
    /// Opens a file of this kind.
    pub fn open(path: &Path, magic: &Magic) -> io::Result<Self> {
        let pages = Paged::open(path)?;
        let start = pages.read(0, START)?;
        let (kind, numbers) = start.split_at(magic.len());
        let mut numbers = numbers.as_chunks::<8>().0.iter().map(|number| u64::from_le_bytes(*number));
        let mut next = || numbers.next().unwrap_or_default();
        if kind != magic {
            return Err(regular::broken("it is another kind of file"));
        }
        Ok(Self { pages, head: next() as usize, index: next(), count: next() })
    }

    /// What the file says of all its rows.
    pub fn head(&self) -> io::Result<Bytes> {
        self.pages.read(START as u64, self.head)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// The rows from a key on.
    pub fn from(&self, key: [u8; KEY]) -> io::Result<impl Iterator<Item = io::Result<ReadRow>> + use<'_>> {
        let first = self.pages.first_from(self.index, self.count, ENTRY, &key)?;
        Ok((first..self.count).map(|at| self.row(at)))
    }

    /// The last row.
    pub fn last(&self) -> io::Result<Option<ReadRow>> {
        self.count.checked_sub(1).map(|at| self.row(at)).transpose()
    }

    /// The rows of a key.
    pub fn of(&self, key: [u8; KEY]) -> io::Result<Vec<Bytes>> {
        let same = |row: &io::Result<ReadRow>| row.as_ref().map_or(true, |(found, _)| *found == key);
        self.from(key)?.take_while(same).map(|row| row.map(|(_, bytes)| bytes)).collect()
    }

    fn row(&self, at: u64) -> io::Result<ReadRow> {
        let entry = self.pages.read(self.index + at * ENTRY as u64, ENTRY)?;
        let (key, entry) = entry.split_first_chunk().ok_or(ErrorKind::InvalidData)?;
        let (place, len) = entry.split_first_chunk().ok_or(ErrorKind::InvalidData)?;
        let len = len.first_chunk().ok_or(ErrorKind::InvalidData)?;
        Ok((*key, self.pages.read(u64::from_le_bytes(*place), u32::from_le_bytes(*len) as usize)?))
    }
}

/// Puts a sorted file into the place of whatever stood there. It need not outlive a crash: one that did not is not proven.
pub(crate) fn write(path: &Path, magic: &Magic, head: &[u8], mut rows: Vec<Row>) -> io::Result<()> {
    rows.sort_unstable();
    let bytes: usize = rows.iter().map(|(_, row)| row.len()).sum();
    let index = (START + head.len() + bytes) as u64;
    let mut content = Vec::with_capacity(index as usize + rows.len() * ENTRY);
    content.extend(magic);
    [head.len() as u64, index, rows.len() as u64].iter().for_each(|number| content.extend(number.to_le_bytes()));
    content.extend(head);
    rows.iter().for_each(|(_, row)| content.extend(row));
    let mut place = (START + head.len()) as u64;
    for (key, row) in &rows {
        content.extend(key);
        content.extend(place.to_le_bytes());
        content.extend((row.len() as u32).to_le_bytes());
        place += row.len() as u64;
    }
    let mut pages = Vec::with_capacity(content.len() + content.len() / 512 + 4096);
    paged::write(&content, &mut pages)?;
    durable::replace(path, &pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAGIC: Magic = *b"rows of a test 1";

    fn key(number: u128) -> [u8; KEY] {
        number.to_be_bytes()
    }

    #[test]
    fn rows_are_found_by_their_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        let rows = (0..3000).rev().map(|number| (key(number / 2 * 2), format!("row {number}").into_bytes())).collect();
        write(&path, &MAGIC, b"head", rows).unwrap();
        let file = SortedFile::open(&path, &MAGIC).unwrap();
        assert_eq!((&*file.head().unwrap(), file.len()), (&b"head"[..], 3000));
        let same: Vec<_> = file.of(key(2000)).unwrap().iter().map(|row| row.to_vec()).collect();
        assert_eq!(same, [b"row 2000".to_vec(), b"row 2001".to_vec()]);
        assert!(file.of(key(2001)).unwrap().is_empty());
        let rest: Vec<_> = file.from(key(2997)).unwrap().map(|row| row.unwrap().1.to_vec()).collect();
        assert_eq!(rest, [b"row 2998".to_vec(), b"row 2999".to_vec()]);
        assert_eq!(file.from(key(0)).unwrap().count(), 3000);
        assert!(SortedFile::open(&path, b"rows of a test 2").is_err());
    }

    #[test]
    fn a_file_without_rows_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        write(&path, &MAGIC, b"", Vec::new()).unwrap();
        assert!(SortedFile::open(&path, &MAGIC).unwrap().of(key(7)).unwrap().is_empty());
    }
}
