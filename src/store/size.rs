//! How much there is in a store.

use std::fs;
use std::path::Path;

use super::{Error, Store};

/// What a store takes on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes on disk, all files of the repository counted in whole blocks.
    pub bytes: u64,
    /// How many of them the text log takes.
    pub text_log: u64,
    /// Objects in files of their own.
    pub loose_objects: usize,
    /// Objects in packs.
    pub packed_objects: u64,
    /// Packs.
    pub packs: usize,
    /// Refs in files of their own.
    pub loose_refs: usize,
    /// Whether this process may write into it.
    pub writable: bool,
}

impl Store {
    /// How many bytes all files of the repository take on disk, counted in whole blocks.
    pub fn bytes(&self) -> u64 {
        bytes_below(self.path())
    }

    /// Measures the store.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn size(&self) -> Result<Size, Error> {
        let counts = self.odb.counts()?;
        Ok(Size {
            bytes: self.bytes(),
            text_log: bytes_below(&self.text_log_folder()),
            loose_objects: counts.loose,
            packed_objects: counts.packed,
            packs: counts.packs,
            loose_refs: self.refs.loose("refs/")?.len(),
            writable: [self.path(), self.odb.folder()].into_iter().all(is_writable),
        })
    }
}

/// What the files of a folder take on disk. What can't be read, or is gone by now, takes nothing.
fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => bytes_below(&entry.path()),
        Ok(data) => on_disk(&data),
        Err(_) => 0,
    };
    entries.flatten().map(of).sum()
}

#[cfg(unix)]
fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn is_writable(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|data| !data.permissions().readonly())
}

#[cfg(unix)]
fn on_disk(data: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    data.blocks() * 512
}

#[cfg(not(unix))]
fn on_disk(data: &fs::Metadata) -> u64 {
    data.len()
}
