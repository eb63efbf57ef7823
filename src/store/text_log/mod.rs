//! The text log: the text of all turns, so that a search reads a tenth of what the store holds, and nothing of Codex's format.
//!
//! It is derived from the commits, private to this program and its owner, and no part of the store's format: where it is missing, damaged or
//! of another version, it is made anew. It is a folder with a file of *frames* that only ever grows, and an index that says where they
//! stand. A frame holds the rows of some commits, the text of their turns, packed, and a filter that tells what is not in that. An index is put
//! in place whole, after the frames that it names; so a reader sees all of them or none, and what a kill left behind is written over. A frame
//! that is added alone says itself where it stands, until the next index names it. One process at a time adds to the log, and nobody waits for
//! that.
//!
//! Recording and hooks never touch it. Whoever searches tells it what is new.

mod filter;
mod index;
mod new_rows;
mod row;
mod writer;

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

pub use filter::Filter;
use index::{HEADER, Index, Place, check};
pub use new_rows::{Known, NewRows};
pub use row::TextRow;
pub use writer::{Frame, TextLogWriter};

use super::Store;
use crate::disk::regular::{self, read_at};

/// The folder in the store's folder, and the index in it.
const FOLDER: &str = "codex-git.text";
const INDEX: &str = "index";

/// More than any index has.
const MOST: u64 = 1 << 28;

/// How often a log is looked for that was written anew while it was opened.
const TRIES: usize = 5;

/// The text log as it was when it was opened. Several threads can read it.
#[derive(Debug)]
pub struct TextLog {
    index: Index,
    file: Option<File>,
    rows: Vec<Vec<TextRow>>,
}

impl Store {
    /// The folder of the text log, whether it is there or not.
    pub(in crate::store) fn text_log_folder(&self) -> PathBuf {
        self.path().join(FOLDER)
    }

    /// Whether there is a text log, be it damaged or not.
    pub fn has_text_log(&self) -> bool {
        self.text_log_folder().join(INDEX).exists()
    }

    /// The text log; an empty one where none is there, or none that can be read.
    pub fn text_log(&self) -> TextLog {
        match TextLog::open(&self.text_log_folder()) {
            Ok(log) => log,
            Err(error) => {
                tracing::info!(%error, "there is no text log");
                TextLog::empty()
            }
        }
    }
}

impl TextLog {
    /// One that holds nothing.
    pub fn empty() -> Self {
        Self { index: Index::default(), file: None, rows: Vec::new() }
    }

    fn open(folder: &Path) -> io::Result<Self> {
        let mut opened = Self::open_now(folder);
        for _ in 1..TRIES {
            match opened {
                // Another process wrote it anew: the index names another file by now.
                Err(error) if error.kind() == ErrorKind::NotFound && folder.join(INDEX).exists() => {
                    opened = Self::open_now(folder);
                }
                other => return other,
            }
        }
        opened
    }

    fn open_now(folder: &Path) -> io::Result<Self> {
        let mut index = Index::read(&regular::read(&folder.join(INDEX), MOST)?)?;
        let file = regular::open(&file_of(folder, index.file))?;
        let len = file.metadata()?.len();
        if len < index.len {
            return Err(ErrorKind::InvalidData.into());
        }
        while let Some(place) = added_alone(&file, &index, len)? {
            index.len = place.at + place.len();
            index.frames.push(place);
        }
        let mut log = Self { index, file: Some(file), rows: Vec::new() };
        log.rows = (0..log.index.frames.len()).map(|frame| log.read_rows(frame)).collect::<io::Result<_>>()?;
        Ok(log)
    }

    fn read_rows(&self, frame: usize) -> io::Result<Vec<TextRow>> {
        let place = self.index.frames.get(frame).ok_or(ErrorKind::InvalidData)?;
        let bytes = self.read(place.at, place.rows)?;
        if check(&bytes) != place.check {
            return Err(ErrorKind::InvalidData.into());
        }
        let rows = row::read(&bytes)?;
        let is_within = |row: &TextRow| row.text.start <= row.text.end && row.text.end <= place.text;
        if rows.iter().all(is_within) { Ok(rows) } else { Err(ErrorKind::InvalidData.into()) }
    }

    fn read(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_into(at, len, &mut bytes)?;
        Ok(bytes)
    }

    fn read_into(&self, at: u64, len: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
        let file = self.file.as_ref().ok_or(ErrorKind::NotFound)?;
        if at.checked_add(len as u64).is_none_or(|end| end > self.index.len) {
            return Err(ErrorKind::InvalidData.into());
        }
        bytes.clear();
        bytes.try_reserve_exact(len).map_err(|_| ErrorKind::OutOfMemory)?;
        bytes.resize(len, 0);
        read_at(file, bytes, at)
    }

    /// The rows of each frame.
    pub fn frames(&self) -> &[Vec<TextRow>] {
        &self.rows
    }

    /// Takes the rows of each frame out: they are most of what it holds in memory.
    pub fn take_frames(&mut self) -> Vec<Vec<TextRow>> {
        std::mem::take(&mut self.rows)
    }

    /// What tells that the text of a frame lacks something, proven.
    ///
    /// # Errors
    /// When it can't be read, or is not what was written.
    pub fn filter(&self, frame: usize) -> io::Result<Filter> {
        let place = self.index.frames.get(frame).ok_or(ErrorKind::InvalidData)?;
        let bytes = self.read(place.filter_at(), place.filter)?;
        if check(&bytes) == place.filter_check { Filter::read(&bytes) } else { Err(ErrorKind::InvalidData.into()) }
    }

    /// What reads the texts of frames one after the other.
    pub fn texts(&self) -> io::Result<Texts<'_>> {
        Ok(Texts { log: self, unpacker: zstd::bulk::Decompressor::new()?, packed: Vec::new(), text: Vec::new() })
    }
}

/// What reads the texts of frames; each in the place of the one before.
pub struct Texts<'l> {
    log: &'l TextLog,
    unpacker: zstd::bulk::Decompressor<'static>,
    packed: Vec<u8>,
    text: Vec<u8>,
}

impl Texts<'_> {
    /// The text of a frame, proven.
    ///
    /// # Errors
    /// When it can't be read, or is not what was written.
    pub fn read(&mut self, frame: usize) -> io::Result<&[u8]> {
        let place = self.log.index.frames.get(frame).ok_or(ErrorKind::InvalidData)?;
        self.log.read_into(place.text_at(), place.packed, &mut self.packed)?;
        self.text.clear();
        self.text.try_reserve_exact(place.text).map_err(|_| ErrorKind::OutOfMemory)?;
        self.unpacker.decompress_to_buffer(&self.packed, &mut self.text)?;
        if self.text.len() == place.text { Ok(&self.text) } else { Err(ErrorKind::InvalidData.into()) }
    }
}

/// The frame that was added right behind what an index names, if all of it is there.
fn added_alone(file: &File, index: &Index, len: u64) -> io::Result<Option<Place>> {
    let at = index.len + HEADER as u64;
    if at > len {
        return Ok(None);
    }
    let mut header = [0; HEADER];
    read_at(file, &mut header, index.len)?;
    Ok(Place::of_header(&header, at).filter(|place| place.len() <= len - at))
}

/// The file of frames with a number.
fn file_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("frames-{number}"))
}
