//! Files that are whole or not there: written aside, synced, and then given their names.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::num::NonZero;
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

/// A temporary, read-only file in a folder. Its name begins with `prefix`.
pub(crate) fn temporary(folder: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    read_only(&mut builder);
    builder.tempfile_in(folder)
}

/// Gives a file that was written aside its name, over whatever had it.
pub(crate) fn name(aside: TempPath, place: &Path) -> io::Result<()> {
    fs::rename(&aside, place)?;
    // It has another name by now: there is nothing to remove.
    drop(aside.keep());
    Ok(())
}

/// Puts bytes into the place of whatever a file held. They need not outlive a crash.
pub(crate) fn replace(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut aside = NamedTempFile::new_in(place.parent().unwrap_or(Path::new(".")))?;
    aside.write_all(bytes)?;
    name(aside.into_temp_path(), place)
}

/// Has the system begin to write a part of a file out, or all from `start` on. Only a hint: what counts is the sync that follows.
#[cfg(target_os = "linux")]
pub(crate) fn begin_writing(file: &File, start: u64, len: Option<NonZero<u64>>) {
    rustix::fs::fadvise(file, start, len, rustix::fs::Advice::DontNeed).ok();
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn begin_writing(_: &File, _: u64, _: Option<NonZero<u64>>) {}

/// Has the names in a folder outlive a crash, as the bytes do. Not every system can sync a folder.
pub(crate) fn sync_folder(folder: &Path) {
    File::open(folder).and_then(|folder| folder.sync_all()).ok();
}

/// Removes a file, if it is there.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a folder that holds nothing but folders.
pub(crate) fn remove_empty_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty_folders(&entry.path())?;
        }
    }
    fs::remove_dir(folder)
}

#[cfg(unix)]
fn read_only(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o444));
}

#[cfg(not(unix))]
fn read_only(_: &mut tempfile::Builder<'_, '_>) {}
