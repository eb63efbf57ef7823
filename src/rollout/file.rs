//! A rollout opened for reading: its first line, its turns, its bytes.
//!
//! Only whole lines are ever read; what stands after the last line feed is not there yet. A compressed rollout is unpacked
//! first, into an anonymous temporary file if it is large, so that everything else reads bytes at offsets.
//!
//! A native fork or a rewind can go on from the middle of its base's turn. The base's bytes from the last turn's end on then belong to the
//! file's own turns: they are put between its first line and the rest, and *positions* count them, while *offsets* are those of the file.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use tempfile::SpooledTempFile;

use super::bytes::{Bytes, Reader};
use super::line::{Class, skim};
use super::lines;
use super::split::Splitter;
use super::turn::turn_id;
use super::{Compression, Error, HistoryBase, Refusal, RolloutFile, RolloutName, SessionMeta, Split};
use crate::disk::regular;
use crate::model::{CHUNK_LIMIT, SessionId, Span, TAIL_LEN};

const BUFFER: usize = 256 * 1024;

/// A rollout, open for reading. It may grow meanwhile.
pub struct Rollout {
    path: PathBuf,
    name: RolloutName,
    bytes: Bytes,
    meta: SessionMeta,
    /// What comes between the first line and the file's own lines: bytes of the base, those that are recorded already left out.
    lent: u64,
    borrowed: Vec<u8>,
}

/// How far something reaches in a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// How many bytes of the file.
    pub offset: u64,
    /// How many bytes that are borrowed from the base.
    pub borrowed: u64,
}

impl Rollout {
    /// Opens a rollout that was found in a codex home.
    ///
    /// # Errors
    /// When the file can't be read, or is none that can be recorded.
    pub fn open(file: &RolloutFile) -> Result<Self, Error> {
        let (path, name) = (file.path.as_path(), file.name.clone());
        let io = |doing| Error::io(doing, path);
        let opened = regular::open(path).map_err(io("open"))?;
        let (bytes, meta) = match file.compression {
            Compression::Plain => {
                let line = first_line(&opened).map_err(io("read"))?;
                (Bytes::File(opened), line.and_then(SessionMeta::parse).map_err(Error::refused(path))?)
            }
            // One that is refused is not worth unpacking.
            Compression::Zstd => {
                let meta = SessionMeta::of(file)?;
                (Bytes::unpacked(&opened).map_err(Error::unpacking(path))?, meta)
            }
        };
        Ok(Self { path: path.to_owned(), name, bytes, meta, lent: 0, borrowed: Vec::new() })
    }

    /// A rollout of that name whose bytes were written down for a while.
    ///
    /// # Errors
    /// When they can't be read, or are none that can be recorded.
    pub fn spooled(name: RolloutName, bytes: SpooledTempFile) -> Result<Self, Error> {
        let path = PathBuf::from(name.to_string());
        let bytes = Bytes::of(bytes).map_err(Error::io("read", &path))?;
        let line = bytes.at(0).and_then(first_line).map_err(Error::io("read", &path))?;
        let meta = line.and_then(SessionMeta::parse).map_err(Error::refused(&path))?;
        Ok(Self { path, name, bytes, meta, lent: 0, borrowed: Vec::new() })
    }

    /// Opens a file that ends within its first line, of which all of that is known from elsewhere. `None` if the file does not begin with it.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn open_torn(file: &RolloutFile, line: Vec<u8>) -> Result<Option<Self>, Error> {
        let path = file.path.as_path();
        let io = |doing| Error::io(doing, path);
        let opened = regular::open(path).map_err(io("open"))?;
        let mut there = Vec::new();
        (&opened).take(line.len() as u64).read_to_end(&mut there).map_err(io("read"))?;
        let Some(meta) = SessionMeta::parse(line).ok().filter(|meta| meta.line.starts_with(&there)) else {
            return Ok(None);
        };
        let name = file.name.clone();
        let bytes = Bytes::File(opened);
        Ok(Some(Self { path: path.to_owned(), name, bytes, meta, lent: 0, borrowed: Vec::new() }))
    }

    /// Puts bytes of its base before its own lines: `lent` of them were put there before and are recorded; these come next.
    pub fn borrow(&mut self, lent: u64, bytes: Vec<u8>) {
        (self.lent, self.borrowed) = (lent, bytes);
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is called.
    pub fn name(&self) -> &RolloutName {
        &self.name
    }

    /// The session: Codex finds it by the id in the file's name.
    pub fn session(&self) -> SessionId {
        self.name.id
    }

    /// Its first line.
    pub fn meta(&self) -> &SessionMeta {
        &self.meta
    }

    /// How long the file is now, in bytes.
    ///
    /// # Errors
    /// When the system doesn't say.
    pub fn len(&self) -> Result<u64, Error> {
        self.bytes.len().map_err(Error::io("read", &self.path))
    }

    /// How many bytes its whole lines have.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn whole_len(&self) -> Result<u64, Error> {
        const PIECE: u64 = 64 << 10;
        let mut end = self.len()?;
        while end > 0 {
            let start = end.saturating_sub(PIECE);
            let mut bytes = vec![0; (end - start) as usize];
            self.at(start)?.read_exact(&mut bytes).map_err(Error::io("read", &self.path))?;
            if let Some(at) = memchr::memrchr(b'\n', &bytes) {
                return Ok(start + at as u64 + 1);
            }
            end = start;
        }
        Ok(0)
    }

    /// How far in the file, and in what it borrows, a position is.
    pub fn reach(&self, position: u64) -> Reach {
        let (line, borrowed) = (self.meta.len(), self.borrowed.len() as u64);
        let taken = position.saturating_sub(line).min(borrowed);
        Reach { offset: position - taken, borrowed: self.lent + taken }
    }

    /// The turns after a position at which an earlier turn ended (or the first line). `closed_before` says whether a turn id
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
        let (borrowed, offset) = self.from(from);
        let reader = borrowed.chain(BufReader::with_capacity(BUFFER, self.at(offset)?));
        split(reader, from, self.meta.bare, total, closed_before).map_err(Error::io("read", &self.path))
    }

    /// The bytes of a span of positions.
    ///
    /// # Errors
    /// When they can't be read, [`Error::Shrank`] when they are no longer there.
    pub fn read(&self, span: Span) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; span.len() as usize];
        let (borrowed, offset) = self.from(span.start);
        borrowed.chain(self.at(offset)?).read_exact(&mut bytes).map_err(Error::io("read", &self.path))?;
        Ok(bytes)
    }

    /// What is borrowed from a position on, and where the file's own bytes go on after it.
    fn from(&self, position: u64) -> (&[u8], u64) {
        // Before what is borrowed there is the first line, which is never read together with it.
        if position < self.meta.len() {
            return (&[], position);
        }
        let at = self.reach(position);
        (&self.borrowed[(at.borrowed - self.lent) as usize..], at.offset)
    }

    /// The last of the file's own bytes before an offset, as many as its `Codex-Tail` covers.
    ///
    /// # Errors
    /// As [`Rollout::read`].
    pub fn tail(&self, offset: u64) -> Result<Vec<u8>, Error> {
        let start = offset.saturating_sub(TAIL_LEN);
        let mut bytes = vec![0; (offset - start) as usize];
        self.at(start)?.read_exact(&mut bytes).map_err(Error::io("read", &self.path))?;
        Ok(bytes)
    }

    fn at(&self, offset: u64) -> Result<Reader<'_>, Error> {
        self.bytes.at(offset).map_err(Error::io("read", &self.path))
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
) -> io::Result<Split> {
    let mut splitter = Splitter::new(from, bare, total, closed_before);
    let (mut line, mut start) = (Vec::new(), from);
    while let Some(len) = lines::next(&mut bytes, &mut line)? {
        let end = start + len;
        splitter.line(Span { start, end }, &line);
        start = end;
    }
    Ok(splitter.finish())
}

/// A turn's chunk without the next turn's prompt, if it holds that: `migrate-rollouts` puts the end markers that it makes up (`rollout-N`) after
/// the messages of the prompt that follows.
pub fn without_next_prompt(chunk: &[u8]) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = chunk.split_inclusive(|byte| *byte == b'\n').collect();
    let (end, before) = lines.split_last()?;
    let end_line = skim(end, false);
    let made_up = turn_id(&end_line).is_some_and(|id| id.starts_with("rollout-"));
    if end_line.class != Class::End || !made_up {
        return None;
    }
    let kept = before.iter().rposition(|line| skim(line, false).class != Class::Message)? + 1;
    (kept < before.len()).then(|| [before[..kept].concat(), end.to_vec()].concat())
}

impl SessionMeta {
    /// What a rollout that was found goes on from; nothing, if that can't be read.
    pub fn base_of(file: &RolloutFile) -> Option<HistoryBase> {
        Self::of(file).ok()?.base
    }

    /// The first line of a rollout that was found; of a compressed one, no more than that is unpacked.
    ///
    /// # Errors
    /// As [`Rollout::open`].
    pub fn of(file: &RolloutFile) -> Result<Self, Error> {
        let io = |doing| Error::io(doing, &file.path);
        let opened = regular::open(&file.path).map_err(io("open"))?;
        let line = match file.compression {
            Compression::Plain => first_line(opened).map_err(io("read")),
            Compression::Zstd => {
                zstd::stream::Decoder::new(opened).and_then(first_line).map_err(Error::unpacking(&file.path))
            }
        };
        line?.and_then(Self::parse).map_err(Error::refused(&file.path))
    }
}

fn first_line(file: impl Read) -> io::Result<Result<Vec<u8>, Refusal>> {
    let mut line = Vec::new();
    BufReader::with_capacity(32 * 1024, file.take(CHUNK_LIMIT + 1)).read_until(b'\n', &mut line)?;
    Ok(match line.last() {
        None => Err(Refusal::Empty),
        Some(b'\n') => Ok(line),
        _ if line.len() as u64 > CHUNK_LIMIT => Err(Refusal::LongFirstLine),
        _ => Err(Refusal::Torn),
    })
}
