//! Objects in files of their own: how a turn that just ended is stored.
//!
//! A file is written aside. Before a ref can name it, it is synced and renamed, together with the others of its turn: the
//! file system writes out together what is synced together. So an object that has its name is whole and on disk.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::object::{Deflater, Kind, header, object_id};
use crate::model::ObjectId;

/// How many files wait aside at the most; each is open.
const MANY: usize = 64;

/// Objects that are written and not yet in place.
#[derive(Default)]
pub(super) struct Loose(Vec<Waiting>);

struct Waiting {
    id: ObjectId,
    aside: NamedTempFile,
    place: PathBuf,
}

impl Loose {
    /// Writes an object aside, unless it is below `objects` or waits already.
    pub fn write(&mut self, objects: &Path, kind: Kind, bytes: &[u8]) -> io::Result<ObjectId> {
        let id = object_id(kind, bytes);
        let name = id.to_string();
        let folder = objects.join(&name[..2]);
        let place = folder.join(&name[2..]);
        if self.holds(id) || place.exists() {
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
        self.0.push(Waiting { id, aside, place });
        if self.0.len() >= MANY { self.publish().map(|()| id) } else { Ok(id) }
    }

    /// Whether an object waits.
    pub fn holds(&self, id: ObjectId) -> bool {
        self.0.iter().any(|waiting| waiting.id == id)
    }

    /// Syncs all that waits, and puts it in place.
    pub fn publish(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.0);
        sync_all(&waiting)?;
        for Waiting { aside, place, .. } in waiting {
            // Another process may have written the same object: it has the same bytes.
            aside.persist(&place).map_err(|error| error.error)?;
        }
        Ok(())
    }
}

/// Syncs files, several at a time: one write-out of the file system's journal serves all that wait for it.
fn sync_all(waiting: &[Waiting]) -> io::Result<()> {
    let sync = |waiting: &[Waiting]| waiting.iter().try_for_each(|waiting| File::sync_data(waiting.aside.as_file()));
    let Some((first, others)) = waiting.split_first() else { return Ok(()) };
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            others.chunks(others.len().div_ceil(4).max(1)).map(|some| scope.spawn(move || sync(some))).collect();
        let outcomes =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread died"))));
        let first = sync(std::slice::from_ref(first));
        outcomes.fold(first, Result::and)
    })
}

/// A temporary file under a name that `git gc` knows as one.
fn aside(folder: &Path) -> io::Result<NamedTempFile> {
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
