//! Folders and files that nobody but their owner looks into, whatever the umask says: conversations hold secrets.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Makes a folder, and those above it that are missing.
#[cfg(unix)]
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes a folder, and those above it that are missing.
#[cfg(not(unix))]
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// Puts a file into a place where none is, whole and synced. Whoever was faster is obeyed: what stands there stays.
pub(crate) fn create(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    aside.write_all(bytes)?;
    aside.as_file().sync_all()?;
    match aside.persist_noclobber(place) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(error.error),
        _ => super::durable::sync_folder(folder),
    }
    Ok(())
}

/// Opens a file to lock it, or makes it.
#[cfg(unix)]
pub(crate) fn open_or_make(path: &Path) -> io::Result<File> {
    open(path, rustix::fs::OFlags::RDWR)
}

/// Opens a file to lock it, or makes it.
#[cfg(not(unix))]
pub(crate) fn open_or_make(path: &Path) -> io::Result<File> {
    File::create(path)
}

/// Opens a file of our own to add to it, or makes it.
#[cfg(unix)]
pub(crate) fn append(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    open(path, OFlags::WRONLY | OFlags::APPEND | OFlags::NONBLOCK)
}

/// Opens a file of our own to add to it, or makes it.
#[cfg(not(unix))]
#[allow(clippy::disallowed_types, reason = "a log is a file that grows, and it is codex-git's own")]
pub(crate) fn append(path: &Path) -> io::Result<File> {
    std::fs::OpenOptions::new().append(true).create(true).open(path)
}

#[cfg(unix)]
fn open(path: &Path, how: rustix::fs::OFlags) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    Ok(File::from(rustix::fs::open(path, how | OFlags::CREATE | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?))
}
