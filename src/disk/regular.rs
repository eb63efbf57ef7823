//! Opening files that something else names: only regular files are ever read.
//!
//! Opening a FIFO waits for a writer, and a device may never end. So a file is opened without waiting and looked at before a byte of it is
//! read.

use std::fs::File;
use std::io;
use std::path::Path;

/// Opens a regular file for reading.
///
/// # Errors
/// When it can't be opened, or is something else.
#[cfg(unix)]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let file = File::from(rustix::fs::open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?);
    only_regular(file)
}

/// Opens a regular file for reading.
///
/// # Errors
/// When it can't be opened, or is something else.
#[cfg(not(unix))]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    only_regular(File::open(path)?)
}

fn only_regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_fifo_and_a_device_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        for path in [fifo.as_path(), Path::new("/dev/zero"), folder.path()] {
            assert_eq!(open(path).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{}", path.display());
        }
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(open(&file).is_ok());
    }
}
