//! The bytes of one file of a project: read without following a link, without waiting, and only if the file holds still meanwhile.

use std::fs::File;
#[cfg(target_os = "linux")]
use std::io::IoSliceMut;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{Mode, OFlags, fstat, openat, readlinkat};
#[cfg(target_os = "linux")]
use rustix::io::{ReadWriteFlags, preadv2};

use super::files::Stamp;
use crate::disk::regular::room;
use crate::git::object::{IdOfPieces, Kind};
use crate::model::ObjectId;
use crate::model::code::Reason;

/// How often a file is read that changes while it is read.
const TRIES: usize = 2;
/// How much is read at once of a file whose bytes are not needed.
const PIECE: usize = 1 << 20;

/// A file's bytes with the stamp that it had when they were read.
pub(super) type Read1 = Result<(Vec<u8>, Stamp), Reason>;

/// The bytes of a regular file with the name in a folder.
pub(super) fn read(folder: BorrowedFd<'_>, name: &[u8], most: u64) -> Read1 {
    for _ in 0..TRIES {
        let file = open(folder, name).map_err(|_| Reason::Unreadable)?;
        let before = stamp(&file).ok_or(Reason::Unreadable)?;
        if before.size > most {
            return Err(Reason::TooLarge);
        }
        let bytes = all(&file, before.size).map_err(|_| Reason::Unreadable)?;
        if stamp(&file) == Some(before) && bytes.len() as u64 == before.size {
            return Ok((bytes, before));
        }
    }
    Err(Reason::Changing)
}

/// The bytes of a regular file that the system has in memory: no disk is waited for. They may be changing.
#[cfg(target_os = "linux")]
pub(super) fn at_hand(folder: BorrowedFd<'_>, name: &[u8], most: u64) -> Option<Vec<u8>> {
    let file = open(folder, name).ok()?;
    let size = stamp(&file).filter(|stamp| stamp.size <= most)?.size as usize;
    let mut bytes = room(size).ok()?;
    bytes.resize(size, 0);
    let read = preadv2(&file, &mut [IoSliceMut::new(&mut bytes)], 0, ReadWriteFlags::NOWAIT);
    read.is_ok_and(|read| read == size).then_some(bytes)
}

/// Which bytes are in memory is not told here.
#[cfg(not(target_os = "linux"))]
pub(super) fn at_hand(_: BorrowedFd<'_>, _: &[u8], _: u64) -> Option<Vec<u8>> {
    None
}

/// The id that a file's bytes have as a blob. They may be more than memory has.
pub(super) fn id(
    folder: BorrowedFd<'_>,
    name: &[u8],
    cancelled: &dyn Fn() -> bool,
) -> Result<(ObjectId, Stamp), Reason> {
    let mut file = open(folder, name).map_err(|_| Reason::Unreadable)?;
    let before = stamp(&file).ok_or(Reason::Unreadable)?;
    let (mut id, mut piece) = (IdOfPieces::new(Kind::Blob, before.size), vec![0; PIECE]);
    loop {
        match file.read(&mut piece).map_err(|_| Reason::Unreadable)? {
            0 => break,
            _ if cancelled() => return Err(Reason::TooLarge),
            read => id.add(piece.get(..read).unwrap_or_default()),
        }
    }
    let id = id.finish().filter(|_| stamp(&file) == Some(before));
    id.map(|id| (id, before)).ok_or(Reason::Changing)
}

/// What a symbolic link leads to.
pub(super) fn link(folder: BorrowedFd<'_>, name: &[u8]) -> Result<Vec<u8>, Reason> {
    readlinkat(folder, name, Vec::new()).map(|target| target.into_bytes()).map_err(|_| Reason::Unreadable)
}

fn open(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<File> {
    let how = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    Ok(File::from(openat(folder, name, how, Mode::empty())?))
}

/// The stamp of a regular file; none of anything else, which may have come into its place.
fn stamp(file: &File) -> Option<Stamp> {
    let stat = fstat(file.as_fd()).ok()?;
    rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file().then(|| Stamp::of(&stat))
}

fn all(file: &File, size: u64) -> io::Result<Vec<u8>> {
    // One byte more than there should be: that tells a file that grew.
    let mut bytes = room(usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1))?;
    file.take(size + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
