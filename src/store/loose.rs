//! One object in a file of its own: how a turn that just ended is stored.
//!
//! The file is written aside, synced, and renamed, so that an object that has its name is whole and on disk before any ref
//! can name it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::object::{Deflater, Kind, header, object_id};
use crate::model::ObjectId;

/// Writes an object below `objects`, unless it is there.
pub(super) fn write(objects: &Path, kind: Kind, bytes: &[u8]) -> io::Result<ObjectId> {
    let id = object_id(kind, bytes);
    let name = id.to_string();
    let folder = objects.join(&name[..2]);
    let place = folder.join(&name[2..]);
    if place.exists() {
        return Ok(id);
    }
    let mut stored = Vec::new();
    Deflater::new().append(&[header(kind, bytes.len()).as_bytes(), bytes].concat(), &mut stored);
    let mut aside = match aside(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(&folder)?;
            self::aside(&folder)?
        }
        aside => aside?,
    };
    aside.write_all(&stored)?;
    sync(aside.as_file())?;
    // Another process may have written the same object: it has the same bytes.
    aside.persist(&place).map_err(|error| error.error)?;
    Ok(id)
}

/// A temporary file under a name that `git gc` knows as one.
fn aside(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("tmp_obj_");
    read_only(&mut builder);
    builder.tempfile_in(folder)
}

/// Objects never change: as git does, nobody is allowed to write them.
#[cfg(unix)]
pub(super) fn read_only(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o444));
}

#[cfg(not(unix))]
pub(super) fn read_only(_: &mut tempfile::Builder<'_, '_>) {}

fn sync(file: &File) -> io::Result<()> {
    file.sync_data()
}
