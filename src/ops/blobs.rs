//! The bytes of a session, in their order, uncompressed by several threads ahead of who takes them.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::lineage::StoredFile;
use super::threads::threads;
use super::{Error, Workspace};
use crate::model::ObjectId;

/// Each thread takes so many blobs in a row: those of a run of turns are made from the same one.
const RUN: usize = 32;

/// From how many blobs on a second thread is worth it.
const WORTH: usize = 2 * RUN;

/// How many bytes are handed over at once, and how often a thread may be ahead of who takes them. A blob has up to 8 MiB.
const PIECE: usize = 256 << 10;
const AHEAD: usize = 3;

/// Bytes, and whether they end a run.
type Piece = Result<(Vec<u8>, bool), Error>;

/// What of the bytes after a file's first line is its own: not what it borrows of its base, and no more than it has.
pub(super) struct OwnBytes {
    skip: usize,
    left: u64,
}

impl OwnBytes {
    pub fn of(file: &StoredFile, line: &[u8]) -> Self {
        Self { skip: file.borrowed as usize, left: file.len.saturating_sub(line.len() as u64) }
    }

    /// Those among the next bytes.
    pub fn among<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let own = &bytes[self.skip.min(bytes.len())..];
        self.skip -= bytes.len() - own.len();
        let own = &own[..own.len().min(usize::try_from(self.left).unwrap_or(usize::MAX))];
        self.left -= own.len() as u64;
        own
    }
}

impl Workspace {
    /// Hands over the bytes of a file, one after the other.
    pub(super) fn stream_file(
        &self,
        file: &StoredFile,
        take: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let line = self.store.read_blob(file.blobs[0])?;
        take(&line)?;
        let mut own = OwnBytes::of(file, &line);
        self.stream(&file.blobs[1..], &mut |bytes| take(own.among(bytes)))
    }

    /// Hands over the bytes of blobs one after the other, in pieces of any size, until some can't be read or taken.
    pub(super) fn stream(
        &self,
        blobs: &[ObjectId],
        take: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let threads = threads().min(blobs.len() / WORTH + 1);
        if threads < 2 {
            return blobs.iter().try_for_each(|blob| take(&self.store.read_blob(*blob)?));
        }
        let workspaces = (0..threads).map(|_| self.reopen()).collect::<Result<Vec<_>, Error>>()?;
        std::thread::scope(|scope| {
            let read = |(at, workspace): (usize, Self)| {
                let (give, taken) = sync_channel(AHEAD);
                let runs = blobs.chunks(RUN).skip(at).step_by(threads);
                scope.spawn(move || workspace.read_runs(runs, &give));
                taken
            };
            let threads: Vec<Receiver<Piece>> = workspaces.into_iter().enumerate().map(read).collect();
            for (_, taken) in blobs.chunks(RUN).zip(threads.iter().cycle()) {
                for piece in taken {
                    let (bytes, last) = piece?;
                    take(&bytes)?;
                    if last {
                        break;
                    }
                }
            }
            Ok(())
        })
    }

    fn read_runs<'a>(&self, runs: impl Iterator<Item = &'a [ObjectId]>, give: &SyncSender<Piece>) {
        for run in runs {
            match self.read_run(run, give) {
                Ok(true) => {}
                // Nobody takes any more once something went wrong.
                Ok(false) => return,
                Err(error) => return drop(give.send(Err(error))),
            }
        }
    }

    /// Whether somebody still takes what is read.
    fn read_run(&self, run: &[ObjectId], give: &SyncSender<Piece>) -> Result<bool, Error> {
        let mut piece = Vec::new();
        for blob in run {
            piece.extend(self.store.read_blob(*blob)?);
            if piece.len() >= PIECE && give.send(Ok((std::mem::take(&mut piece), false))).is_err() {
                return Ok(false);
            }
        }
        Ok(give.send(Ok((piece, true))).is_ok())
    }
}
