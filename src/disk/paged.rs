//! A file in pages that each carry a checksum: a small part of a large file is read and proven without the rest.
//!
//! A page has 4096 bytes: the bytes of the file's content, then a CRC-32 of them and of the page's number. What is read is proven; anything
//! else is [`ErrorKind::InvalidData`], so a page that is damaged, missing or of another file is never taken for data.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::regular::{self, read_at};

const PAGE: usize = 4096;
const CHECK: usize = 4;
/// How much of the content a page holds.
const HOLDS: usize = PAGE - CHECK;

/// How many pages are kept in memory.
const KEPT: usize = 1024;

/// A file that is read, by several threads if need be.
#[derive(Debug)]
pub(crate) struct Paged {
    file: File,
    pages: Mutex<HashMap<u64, Arc<[u8]>>>,
}

/// Bytes of the content. Most lie within one page, and are not copied.
#[derive(Debug)]
pub(crate) enum Bytes {
    InPage(Arc<[u8]>, Range<usize>),
    Copied(Vec<u8>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::InPage(page, range) => page.get(range.clone()).unwrap_or_default(),
            Self::Copied(bytes) => bytes,
        }
    }
}

impl Paged {
    /// Opens a file.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: regular::open(path)?, pages: Mutex::default() })
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Reads so many bytes of the content, from an offset on.
    pub fn read(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        let start = (offset % HOLDS as u64) as usize;
        if len == 0 {
            return Ok(Bytes::Copied(Vec::new()));
        }
        if len <= HOLDS - start {
            return Ok(Bytes::InPage(self.page(offset / HOLDS as u64)?, start..start + len));
        }
        let mut bytes = regular::room(len.min(1 << 26))?;
        let (mut at, mut left) = (offset, len);
        while left > 0 {
            let start = (at % HOLDS as u64) as usize;
            let take = left.min(HOLDS - start);
            bytes.extend_from_slice(&self.page(at / HOLDS as u64)?[start..start + take]);
            at += take as u64;
            left -= take;
        }
        Ok(Bytes::Copied(bytes))
    }

    /// The number of the first of `count` entries, all `width` bytes long from `at` on and in the order of their keys, that is not before a key.
    pub fn first_from<const KEY: usize>(&self, at: u64, count: u64, width: usize, key: &[u8; KEY]) -> io::Result<u64> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            let found = self.read(at + middle * width as u64, KEY)?;
            if *found < key[..] { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    /// What a page holds: [`HOLDS`] bytes.
    fn page(&self, number: u64) -> io::Result<Arc<[u8]>> {
        // Pages that a thread died over are whole: one is added when it is proven.
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = pages.get(&number) {
            return Ok(Arc::clone(page));
        }
        let mut page = [0; PAGE];
        read_at(&self.file, &mut page, number * PAGE as u64).map_err(|_| ErrorKind::InvalidData)?;
        let (content, check) = page.split_at(HOLDS);
        if check != sum(number, content) {
            return Err(ErrorKind::InvalidData.into());
        }
        let page = Arc::<[u8]>::from(content);
        if pages.len() >= KEPT {
            pages.clear();
        }
        pages.insert(number, Arc::clone(&page));
        Ok(page)
    }
}

/// Writes content as pages. The last is filled with zeros.
pub(crate) fn write(content: &[u8], out: &mut impl Write) -> io::Result<()> {
    for (number, part) in (0..).zip(content.chunks(HOLDS)) {
        let mut page = part.to_vec();
        page.resize(HOLDS, 0);
        let check = sum(number, &page);
        out.write_all(&page)?;
        out.write_all(&check)?;
    }
    Ok(())
}

fn sum(number: u64, page: &[u8]) -> [u8; CHECK] {
    let mut crc = libdeflater::Crc::new();
    crc.update(&number.to_le_bytes());
    crc.update(page);
    crc.sum().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_was_not_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("paged");
        let content: Vec<u8> = (0..20_000_u32).map(|number| (number * 7) as u8).collect();
        let mut bytes = Vec::new();
        write(&content, &mut bytes).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        for (offset, len) in [(0, 20_000), (4_090, 10), (8_184, 4_092), (19_999, 1), (20_000, 0), (12_276, 0)] {
            assert_eq!(
                Paged::open(&path).unwrap().read(offset as u64, len).unwrap()[..],
                content[offset..offset + len]
            );
        }
        for at in [0, 4_095, 5_000, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, &damaged).unwrap();
            assert!(Paged::open(&path).unwrap().read(0, content.len()).is_err(), "byte {at}");
        }
        std::fs::write(&path, &bytes[..8_192]).unwrap();
        assert!(Paged::open(&path).unwrap().read(10_000, 1).is_err());
        let mut swapped = bytes[4_096..8_192].to_vec();
        swapped.extend(&bytes[..4_096]);
        std::fs::write(&path, &swapped).unwrap();
        assert!(Paged::open(&path).unwrap().read(0, 1).is_err());
    }
}
