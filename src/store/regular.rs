//! Files that are read only if they are files, and only as far as they may go: a FIFO, a device or a folder under the name of
//! an index, a pack or an object keeps nobody waiting, and no number that a damaged file holds is memory that is asked for.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Opens a file, if it is one.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let data = fs::metadata(path)?;
    match data.file_type() {
        kind if kind.is_file() => File::open(path),
        kind if kind.is_dir() => Err(ErrorKind::IsADirectory.into()),
        _ => Err(broken("it is no file")),
    }
}

/// Reads a file, if it is one and has no more than so many bytes.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let len = file.metadata()?.len();
    if len > most {
        return Err(broken("it is larger than it can be"));
    }
    let mut bytes = room(len as usize)?;
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Memory for so many bytes, or an error where there is none.
pub(super) fn room(len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| io::Error::from(ErrorKind::OutOfMemory))?;
    Ok(bytes)
}

/// Something holds other bytes than it must.
pub(super) fn broken(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

/// Whether an error says that bytes are not what they must be, and not that they could not be had.
pub(super) fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof | ErrorKind::IsADirectory)
}
