//! Replay: a rollout's bytes read back from the store, a blob at a time, and compared with what its commits say of them.

use std::collections::HashMap;
use std::io::{self, BufRead, Read};
use std::vec::IntoIter;

use super::lineage::StoredFile;
use crate::model::{CHUNK_LIMIT, ObjectId, TAIL_LEN};
use crate::store::Store;

/// A rollout's bytes, in their order, with those that it borrows.
pub(super) struct Replay<'a> {
    store: &'a Store,
    blobs: IntoIter<ObjectId>,
    /// The blob that is being read, and how far.
    blob: Vec<u8>,
    at: usize,
    /// How many of the bytes after the first line are not the rollout's own: they are handed over, but not counted.
    borrowed: u64,
    /// How many bytes the rollout has up to here, and the last of them.
    end: u64,
    tail: Vec<u8>,
    /// The hashes that commits have of the bytes before their offsets.
    tails: HashMap<u64, ObjectId>,
    problem: Option<String>,
}

impl<'a> Replay<'a> {
    /// The bytes of a file; `tails` says what must come before which offset.
    pub fn new(store: &'a Store, file: &StoredFile, tails: HashMap<u64, ObjectId>) -> Self {
        let (blobs, borrowed, problem) = (file.blobs.clone().into_iter(), file.borrowed, None);
        Self { store, blobs, blob: Vec::new(), at: 0, borrowed, end: 0, tail: Vec::new(), tails, problem }
    }

    /// Skips bytes.
    pub fn skip(&mut self, count: u64) -> io::Result<()> {
        io::copy(&mut self.take(count), &mut io::sink()).map(drop)
    }

    /// Reads the rest. Tells how many bytes there are, and what was wrong with any of them.
    pub fn finish(mut self) -> Result<u64, String> {
        io::copy(&mut self, &mut io::sink()).map_err(|error| error.to_string())?;
        if let Some(offset) = self.tails.keys().min() {
            self.problem.get_or_insert(format!("a commit says that it ends at byte {offset}, where no chunk does"));
        }
        if self.tail.last() != Some(&b'\n') {
            self.problem.get_or_insert("its last line is not whole".to_owned());
        }
        self.problem.map_or(Ok(self.end), Err)
    }

    fn next_blob(&mut self) -> io::Result<()> {
        let Some(blob) = self.blobs.next() else { return Ok(()) };
        self.blob = self.store.read_blob(blob).map_err(io::Error::other)?;
        self.at = 0;
        let borrowed = if self.end == 0 { 0 } else { self.borrowed.min(self.blob.len() as u64) };
        self.borrowed -= borrowed;
        let own = &self.blob[borrowed as usize..];
        self.end += own.len() as u64;
        if self.blob.len() as u64 > CHUNK_LIMIT {
            self.problem.get_or_insert(format!("blob {blob} has more than 8 MiB"));
        }
        let kept = TAIL_LEN as usize;
        self.tail.extend(&own[own.len().saturating_sub(kept)..]);
        self.tail.drain(..self.tail.len().saturating_sub(kept));
        if self.tails.remove(&self.end).is_some_and(|tail| tail != Store::blob_id(&self.tail)) {
            self.problem
                .get_or_insert(format!("the bytes before byte {} do not match the hash in its commit", self.end));
        }
        Ok(())
    }
}

impl BufRead for Replay<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.blob.len() && self.blobs.len() > 0 {
            self.next_blob()?;
        }
        Ok(&self.blob[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl Read for Replay<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let some = self.fill_buf()?.read(out)?;
        self.consume(some);
        Ok(some)
    }
}
