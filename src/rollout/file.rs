//! A rollout opened for reading: its first line, its turns, its bytes.
//!
//! Only whole lines are ever read; what stands after the last line feed is not there yet. A compressed rollout is unpacked
//! into an anonymous temporary file first, so that everything else reads bytes at offsets.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::lines;
use super::split::Splitter;
use super::{Error, Found, Packing, Refusal, RolloutName, SessionMeta, Split};
use crate::model::{CHUNK_LIMIT, Span, TAIL_LEN};

const BUFFER: usize = 256 * 1024;

/// A rollout, open for reading. It may grow meanwhile.
pub struct Rollout {
    path: PathBuf,
    name: RolloutName,
    file: File,
    meta: SessionMeta,
}

impl Rollout {
    /// Opens a rollout that was found in a codex home.
    ///
    /// # Errors
    /// When the file can't be read, or is none that can be recorded.
    pub fn open(found: &Found) -> Result<Self, Error> {
        Self::open_named(&found.path, found.name.clone(), found.packing)
    }

    /// Opens the rollout at a path, wherever that is.
    ///
    /// # Errors
    /// As [`Rollout::open`], and when the file's name is not a rollout's.
    pub fn open_path(path: &Path) -> Result<Self, Error> {
        let refused = |refusal| Error::refused(path)(refusal);
        let data = std::fs::metadata(path).map_err(Error::io("read", path))?;
        if !data.is_file() {
            return Err(refused(Refusal::NotAFile));
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (name, packing) = RolloutName::parse(name).ok_or_else(|| refused(Refusal::BadName))?;
        Self::open_named(path, name, packing)
    }

    fn open_named(path: &Path, name: RolloutName, packing: Packing) -> Result<Self, Error> {
        let io = |doing| Error::io(doing, path);
        let mut file = File::open(path).map_err(io("open"))?;
        if packing == Packing::Zstd {
            file = unpack(&file).map_err(io("unpack"))?;
        }
        file.seek(SeekFrom::Start(0)).map_err(io("read"))?;
        let line = first_line(&file).map_err(io("read"))?;
        let meta = line.and_then(SessionMeta::parse).map_err(Error::refused(path))?;
        check_name(&name, &meta).map_err(Error::refused(path))?;
        Ok(Self { path: path.to_owned(), name, file, meta })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is called.
    pub fn name(&self) -> &RolloutName {
        &self.name
    }

    /// Its first line.
    pub fn meta(&self) -> &SessionMeta {
        &self.meta
    }

    /// How long it is now, in bytes.
    ///
    /// # Errors
    /// When the system doesn't say.
    pub fn len(&self) -> Result<u64, Error> {
        Ok(self.file.metadata().map_err(Error::io("read", &self.path))?.len())
    }

    /// The turns after an offset at which an earlier turn ended (or the first line). `closed_before` says whether a turn id
    /// belongs to a turn before the offset; `total` is the session's token count there.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn split(
        &self,
        from: u64,
        total: Option<u64>,
        closed_before: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Split, Error> {
        let reader = BufReader::with_capacity(BUFFER, self.at(from)?);
        split(reader, from, self.meta.bare, total, closed_before).map_err(Error::io("read", &self.path))
    }

    /// The bytes of a span.
    ///
    /// # Errors
    /// When they can't be read, [`Error::Shrank`] when they are no longer there.
    pub fn read(&self, span: Span) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; span.len() as usize];
        self.at(span.start)?.read_exact(&mut bytes).map_err(Error::io("read", &self.path))?;
        Ok(bytes)
    }

    /// The last bytes before an offset that its `Codex-Tail` covers.
    ///
    /// # Errors
    /// As [`Rollout::read`].
    pub fn tail(&self, offset: u64) -> Result<Vec<u8>, Error> {
        self.read(Span { start: offset.saturating_sub(TAIL_LEN), end: offset })
    }

    fn at(&self, offset: u64) -> Result<&File, Error> {
        (&self.file).seek(SeekFrom::Start(offset)).map_err(Error::io("read", &self.path))?;
        Ok(&self.file)
    }
}

/// The turns of lines that begin at an offset; see [`Rollout::split`].
///
/// # Errors
/// When they can't be read.
pub fn split(
    mut bytes: impl BufRead,
    from: u64,
    bare: bool,
    total: Option<u64>,
    closed_before: &mut dyn FnMut(&str) -> bool,
) -> std::io::Result<Split> {
    let mut splitter = Splitter::new(from, bare, total, closed_before);
    let (mut line, mut start) = (Vec::new(), from);
    while let Some(len) = lines::next(&mut bytes, &mut line)? {
        let end = start + len;
        splitter.line(Span { start, end }, &line);
        start = end;
    }
    Ok(splitter.finish())
}

fn unpack(packed: &File) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    zstd::stream::copy_decode(packed, &mut file)?;
    file.flush()?;
    Ok(file)
}

impl SessionMeta {
    /// The first line of a rollout that was found; of a compressed one, no more than that is unpacked.
    ///
    /// # Errors
    /// As [`Rollout::open`].
    pub fn of(found: &Found) -> Result<Self, Error> {
        let io = |doing| Error::io(doing, &found.path);
        let file = File::open(&found.path).map_err(io("open"))?;
        let line = match found.packing {
            Packing::Plain => first_line(file),
            Packing::Zstd => zstd::stream::Decoder::new(file).and_then(first_line),
        };
        let meta = line.map_err(io("read"))?.and_then(Self::parse).map_err(Error::refused(&found.path))?;
        check_name(&found.name, &meta).map_err(Error::refused(&found.path))?;
        Ok(meta)
    }
}

/// A session's file is named after it, and is not one of several.
fn check_name(name: &RolloutName, meta: &SessionMeta) -> Result<(), Refusal> {
    match () {
        () if name.segment.is_some() => Err(Refusal::Segment),
        () if name.id != meta.id => Err(Refusal::OtherId),
        () => Ok(()),
    }
}

fn first_line(file: impl Read) -> std::io::Result<Result<Vec<u8>, Refusal>> {
    let mut line = Vec::new();
    BufReader::with_capacity(32 * 1024, file.take(CHUNK_LIMIT + 1)).read_until(b'\n', &mut line)?;
    Ok(match line.last() {
        None => Err(Refusal::Empty),
        Some(b'\n') => Ok(line),
        _ if line.len() as u64 > CHUNK_LIMIT => Err(Refusal::LongFirstLine),
        _ => Err(Refusal::Torn),
    })
}
