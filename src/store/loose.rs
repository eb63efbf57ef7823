//! Objects in files of their own: how a turn that just ended is stored.
//!
//! A file is written aside. Before a ref can name it, it is synced and renamed, together with the others of its turn: the
//! file system writes out together what is synced together. So an object that has its name is whole and on disk.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::object::{Deflater, Inflater, Kind, header, object_id};
use super::pack::aside;
use super::refs::remove_file;
use crate::model::ObjectId;

/// What the name of a file begins with that is written aside: `git gc` knows it.
const PREFIX: &str = "tmp_obj_";

/// How many files wait aside at the most; each is open.
const MANY: usize = 64;

/// Objects that are written and not yet in place.
#[derive(Default)]
pub(super) struct Loose {
    waiting: Vec<Waiting>,
    /// Whether some could not be synced: nobody knows what the disk has of them, however often it is asked again.
    lost: bool,
}

struct Waiting {
    id: ObjectId,
    aside: NamedTempFile,
    place: PathBuf,
}

impl Loose {
    /// Writes an object aside, unless it is below `objects` or waits already.
    pub fn write(
        &mut self,
        objects: &Path,
        id: ObjectId,
        kind: Kind,
        bytes: &[u8],
        deflater: &mut Deflater,
    ) -> io::Result<()> {
        let place = place(objects, id);
        if self.holds(id) || place.exists() {
            return Ok(());
        }
        let folder = place.parent().unwrap_or(objects);
        let stored = deflater.compress(&[header(kind, bytes.len()).as_bytes(), bytes].concat());
        let mut aside = match aside(folder, PREFIX) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                self::aside(folder, PREFIX)?
            }
            aside => aside?,
        };
        aside.write_all(&stored)?;
        self.waiting.push(Waiting { id, aside, place });
        if self.waiting.len() >= MANY { self.publish(None) } else { Ok(()) }
    }

    /// Whether an object waits.
    pub fn holds(&self, id: ObjectId) -> bool {
        self.waiting.iter().any(|waiting| waiting.id == id)
    }

    /// Syncs all that waits, and `also`, and puts what waits in place. What could not be put there still waits.
    pub fn publish(&mut self, also: Option<&File>) -> io::Result<()> {
        if self.lost {
            return Err(io::Error::other("objects could not be written before"));
        }
        let files: Vec<&File> = self.waiting.iter().map(|waiting| waiting.aside.as_file()).chain(also).collect();
        if let Err(error) = sync_all(&files) {
            self.lost = !self.waiting.is_empty();
            return Err(error);
        }
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        while let Some(next) = waiting.next() {
            // Another process may have written the same object: it has the same bytes.
            if let Err(error) = fs::rename(next.aside.path(), &next.place) {
                self.waiting = std::iter::once(next).chain(waiting).collect();
                return Err(error);
            }
            // It has another name by now: there is nothing to remove.
            drop(next.aside.into_temp_path().keep());
        }
        Ok(())
    }
}

/// Syncs files. All of them begin to be written out first, so that the first write-out of the file system's journal takes all along.
fn sync_all(files: &[&File]) -> io::Result<()> {
    files.iter().for_each(|file| begin_writing(file));
    files.iter().try_for_each(|file| file.sync_data())
}

/// Has the system begin to write a file out.
#[cfg(target_os = "linux")]
fn begin_writing(file: &File) {
    // Only a hint: what counts is the sync that follows.
    rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed).ok();
}

#[cfg(not(target_os = "linux"))]
fn begin_writing(_: &File) {}

/// Reads an object from its own file; `None` if it has none.
pub(super) fn read(objects: &Path, id: ObjectId) -> io::Result<Option<(Kind, Vec<u8>)>> {
    match fs::read(place(objects, id)) {
        Ok(stream) => {
            let read = Inflater::default().loose(&stream).filter(|(kind, bytes)| object_id(*kind, bytes) == id);
            let broken = || io::Error::new(ErrorKind::InvalidData, format!("object {id} is broken"));
            read.map(Some).ok_or_else(broken)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The ids of all objects in files of their own.
pub(super) fn all(objects: &Path) -> io::Result<Vec<ObjectId>> {
    let mut ids = Vec::new();
    for first in 0..=u8::MAX {
        let first = format!("{first:02x}");
        let entries = match fs::read_dir(objects.join(&first)) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let name = entry?.file_name();
            ids.extend(name.to_str().and_then(|rest| format!("{first}{rest}").parse::<ObjectId>().ok()));
        }
    }
    Ok(ids)
}

/// Removes an object's own file: it is in a pack.
pub(super) fn remove(objects: &Path, id: ObjectId) -> io::Result<()> {
    remove_file(&place(objects, id))
}

fn place(objects: &Path, id: ObjectId) -> PathBuf {
    let name = id.to_string();
    objects.join(&name[..2]).join(&name[2..])
}

/// Objects never change: as git does, nobody is allowed to write them.
#[cfg(unix)]
pub(super) fn read_only(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o444));
}

#[cfg(not(unix))]
pub(super) fn read_only(_: &mut tempfile::Builder<'_, '_>) {}
