//! A rollout's bytes: a file, or few of them in memory, read from any offset on.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use tempfile::{SpooledData, SpooledTempFile};

/// So many bytes that were written down for a while are held in memory.
pub const IN_MEMORY: usize = 1 << 20;

/// Where a rollout's bytes are.
pub(super) enum Bytes {
    File(File),
    Memory(Vec<u8>),
}

/// Its bytes from somewhere on.
pub(super) enum Reader<'b> {
    File(&'b File),
    Memory(&'b [u8]),
}

impl Bytes {
    /// What was written down for a while.
    pub fn of(spooled: SpooledTempFile) -> io::Result<Self> {
        Ok(match spooled.into_inner() {
            SpooledData::InMemory(bytes) => Self::Memory(bytes.into_inner()),
            SpooledData::OnDisk(file) => Self::File(file),
        })
    }

    /// What a packed file holds.
    pub fn unpacked(packed: &File) -> io::Result<Self> {
        let mut unpacked = SpooledTempFile::new(IN_MEMORY);
        zstd::stream::copy_decode(packed, &mut unpacked)?;
        Self::of(unpacked)
    }

    /// How many there are now.
    pub fn len(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => Ok(file.metadata()?.len()),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Those from an offset on.
    pub fn at(&self, offset: u64) -> io::Result<Reader<'_>> {
        match self {
            Self::File(file) => {
                let mut from = file;
                from.seek(SeekFrom::Start(offset))?;
                Ok(Reader::File(file))
            }
            Self::Memory(bytes) => Ok(Reader::Memory(bytes.get(offset as usize..).unwrap_or_default())),
        }
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(into),
            Self::Memory(bytes) => bytes.read(into),
        }
    }
}
