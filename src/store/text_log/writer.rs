//! Adding to the text log, and writing it anew.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use super::filter::Filter;
use super::index::{HEADER, Index, Place, check};
use super::{INDEX, TextLog, TextRow, file_of, row};
use crate::disk::lock::lock_if_free;
use crate::disk::{durable, private};
use crate::model::ObjectId;
use crate::store::Store;

/// How hard texts are packed: more takes longer, and saves little.
const LEVEL: i32 = 1;

/// How much text a frame has that is put together from small ones.
const FULL: usize = 1 << 20;

/// A frame with less text is small; so many of them are put together.
const SMALL: usize = 128 << 10;
const MANY: usize = 64;

/// Rows and their text, packed.
pub struct Frame {
    rows: Vec<TextRow>,
    filter: Filter,
    text: usize,
    packed: Vec<u8>,
}

impl Frame {
    /// Packs the text of rows.
    ///
    /// # Errors
    /// When there is no memory for it, or it is longer than a frame can be.
    pub fn new(rows: Vec<TextRow>, text: &[u8]) -> io::Result<Self> {
        if u32::try_from(text.len()).is_err() {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
        // What is read is proven by it.
        packer.include_checksum(true)?;
        Ok(Self { rows, filter: Filter::of(text), text: text.len(), packed: packer.compress(text)? })
    }
}

/// The one who adds to the text log.
pub struct TextLogWriter {
    folder: PathBuf,
    index: Index,
    file: File,
    /// Whether the index need not be written: it names all frames but those that were added alone.
    is_written: bool,
    // Held as long as the writer lives.
    _lock: File,
}

impl Store {
    /// The text log, and who may add to it; `None` if another process does just now.
    ///
    /// # Errors
    /// When its folder or its files can't be made.
    pub fn text_log_to_write(&self) -> io::Result<Option<(TextLog, TextLogWriter)>> {
        let folder = self.text_log_folder();
        private::make_folder(&folder)?;
        if fs::symlink_metadata(&folder)?.is_symlink() {
            // What lies where a link leads is not ours to write over.
            return Err(io::Error::new(ErrorKind::InvalidInput, "the folder of the text log is a link"));
        }
        let lock = private::open_or_make(&folder.join("lock"))?;
        if !lock_if_free(&lock)? {
            return Ok(None);
        }
        let log = self.text_log();
        let mut index = log.index.clone();
        if log.file.is_none() {
            index.file = numbers(&folder).into_iter().max().unwrap_or(0).saturating_add(1);
        }
        let writer = TextLogWriter { is_written: log.file.is_some(), ..TextLogWriter::new(folder, index, lock)? };
        Ok(Some((log, writer)))
    }

    /// Removes the text log.
    ///
    /// # Errors
    /// When a file of it can't be removed.
    pub fn forget_text_log(&self) -> io::Result<()> {
        let folder = self.text_log_folder();
        durable::remove_file(&folder.join(INDEX))?;
        numbers(&folder).into_iter().try_for_each(|number| durable::remove_file(&file_of(&folder, number)))
    }
}

impl TextLogWriter {
    fn new(folder: PathBuf, index: Index, lock: File) -> io::Result<Self> {
        let file = private::append(&file_of(&folder, index.file))?;
        // What was not finished goes; a file that is too short holds nothing that can be read.
        if file.metadata()?.len() != index.len {
            file.set_len(index.len)?;
        }
        Ok(Self { folder, index, file, is_written: true, _lock: lock })
    }

    /// Adds a frame. It is there when the index is written.
    ///
    /// # Errors
    /// When it can't be written. What was there before still is.
    pub fn add(&mut self, frame: &Frame) -> io::Result<()> {
        self.append(frame, false)?;
        self.is_written = false;
        Ok(())
    }

    /// Adds a frame that is there at once: with it, all that is new of each session is told.
    ///
    /// # Errors
    /// As [`TextLogWriter::add`].
    pub fn add_alone(&mut self, frame: &Frame) -> io::Result<()> {
        self.append(frame, true)
    }

    fn append(&mut self, frame: &Frame, has_header: bool) -> io::Result<()> {
        let (rows, filter) = (row::write(&frame.rows), frame.filter.write());
        let place = Place {
            at: self.index.len + if has_header { HEADER as u64 } else { 0 },
            rows: rows.len(),
            check: check(&rows),
            filter: filter.len(),
            filter_check: check(&filter),
            text: frame.text,
            packed: frame.packed.len(),
        };
        let header = place.header();
        let header = if has_header { header.as_slice() } else { &[] };
        let bytes = [header, &rows, &filter, &frame.packed].concat();
        self.file.write_all(&bytes)?;
        self.index.len += bytes.len() as u64;
        self.index.frames.push(place);
        Ok(())
    }

    /// Has what was added count.
    ///
    /// # Errors
    /// When the index can't be written. What was there before still is.
    pub fn write_index(&mut self) -> io::Result<()> {
        if self.is_written {
            return Ok(());
        }
        durable::replace(&self.folder.join(INDEX), &self.index.write())?;
        self.is_written = true;
        for number in numbers(&self.folder).into_iter().filter(|number| *number != self.index.file) {
            durable::remove_file(&file_of(&self.folder, number))?;
        }
        Ok(())
    }

    /// Forgets all frames: what is added from here on goes into another file.
    ///
    /// # Errors
    /// When that file can't be made.
    pub fn start_anew(&mut self) -> io::Result<()> {
        self.index = Index { file: self.index.file.saturating_add(1), ..Index::default() };
        self.file = private::append(&file_of(&self.folder, self.index.file))?;
        self.file.set_len(0)?;
        self.is_written = false;
        Ok(())
    }

    /// Puts the small frames of a log together, if there are many. The log is the one that was there when this writer began, and nothing was
    /// added since. No row goes: whoever searches goes by the rows that the log had.
    ///
    /// # Errors
    /// When a frame can't be read or written.
    pub fn gather_small(&mut self, log: &TextLog) -> io::Result<()> {
        let frames = std::mem::take(&mut self.index.frames);
        let is_small = |place: &Place| place.text < SMALL;
        if frames.iter().filter(|place| is_small(place)).count() < MANY {
            self.index.frames = frames;
            return Ok(());
        }
        let (small, full): (Vec<usize>, Vec<usize>) = (0..frames.len()).partition(|at| is_small(&frames[*at]));
        self.index.frames = full.into_iter().map(|at| frames[at]).collect();
        self.copy(log, &small, &|_| true)
    }

    /// Writes a log anew with the rows that are wanted, if that is worth it: when some are not, when much of the file is unused, or when many
    /// frames are small. Tells whether it was.
    ///
    /// # Errors
    /// As [`TextLogWriter::gather_small`].
    pub fn compact(&mut self, log: &TextLog, is_wanted: &dyn Fn(&TextRow) -> bool) -> io::Result<bool> {
        let all_wanted = log.rows.iter().flatten().all(is_wanted);
        let small = self.index.frames.iter().filter(|place| place.text < SMALL).count();
        if all_wanted && small < MANY && self.index.unused() * 4 < self.index.len.max(1) {
            return Ok(false);
        }
        self.start_anew()?;
        self.copy(log, &(0..log.rows.len()).collect::<Vec<_>>(), is_wanted)?;
        self.write_index()?;
        Ok(true)
    }

    /// Adds what is wanted of some frames of a log, in frames as large as they should be. A text stays as long as any turn is wanted that has it.
    fn copy(&mut self, log: &TextLog, frames: &[usize], is_wanted: &dyn Fn(&TextRow) -> bool) -> io::Result<()> {
        let without_text = log.rows.iter().flatten().filter(|row| row.text.is_empty() && is_wanted(row));
        let needed: HashSet<ObjectId> = without_text.filter_map(|row| row.chunk).collect();
        let is_needed = |row: &TextRow| !row.text.is_empty() && row.chunk.is_some_and(|chunk| needed.contains(&chunk));
        let (mut rows, mut text) = (Vec::new(), Vec::new());
        let mut texts = log.texts()?;
        for &frame in frames {
            let bytes = texts.read(frame)?;
            for row in log.rows.get(frame).into_iter().flatten().filter(|row| is_wanted(row) || is_needed(row)) {
                let start = text.len();
                text.extend(bytes.get(row.text.clone()).unwrap_or_default());
                rows.push(TextRow { text: start..text.len(), ..row.clone() });
            }
            if text.len() >= FULL {
                self.add(&Frame::new(std::mem::take(&mut rows), &text)?)?;
                text.clear();
            }
        }
        if rows.is_empty() { Ok(()) } else { self.add(&Frame::new(rows, &text)?) }
    }
}

/// The numbers of the files of frames in a folder.
fn numbers(folder: &std::path::Path) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_prefix("frames-")?.parse().ok();
    entries.flatten().filter_map(number).collect()
}
