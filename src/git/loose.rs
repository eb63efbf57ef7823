//! Objects in files of their own: how a turn that just ended is stored.
//!
//! A file is written aside. Before a ref can name it, it is synced and renamed, together with the others of its turn: the
//! file system writes out together what is synced together. So an object that has its name is whole and on disk; one that is
//! not, because a disk or another program broke it, is written again by whoever needs it. A file without bytes is no object.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::object::{Deflater, Inflater, Kind, MOST, header, object_id};
use crate::disk::durable::{begin_writing, remove_file, temporary};
use crate::disk::regular;
use crate::model::ObjectId;

/// What the name of a file begins with that is written aside: `git gc` knows it.
const PREFIX: &str = "tmp_obj_";

/// How many files wait aside at the most; each is open.
const MANY: usize = 64;

/// Objects that are written and not yet in place.
#[derive(Default)]
pub(crate) struct Loose {
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
        // A file of that name may be what a crash left of it.
        if self.holds(id) || read(objects, id).is_ok_and(|there| there.is_some()) {
            return Ok(());
        }
        let place = place(objects, id);
        let folder = place.parent().unwrap_or(objects);
        let stored = deflater.compress(&[header(kind, bytes.len()).as_bytes(), bytes].concat());
        let mut aside = match temporary(folder, PREFIX) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                self::temporary(folder, PREFIX)?
            }
            aside => aside?,
        };
        aside.write_all(&stored)?;
        self.waiting.push(Waiting { id, aside, place });
        if self.waiting.len() >= MANY { self.publish(&[]) } else { Ok(()) }
    }

    /// Whether an object waits.
    pub fn holds(&self, id: ObjectId) -> bool {
        self.waiting.iter().any(|waiting| waiting.id == id)
    }

    /// Syncs all that waits, and `also`, and puts what waits in place. What could not be put there still waits.
    pub fn publish(&mut self, also: &[&File]) -> io::Result<()> {
        if self.lost {
            return Err(io::Error::other("objects could not be written before"));
        }
        let files: Vec<&File> =
            self.waiting.iter().map(|waiting| waiting.aside.as_file()).chain(also.iter().copied()).collect();
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
    files.iter().for_each(|file| begin_writing(file, 0, None));
    files.iter().try_for_each(|file| file.sync_data())
}

/// Reads an object from its own file; `None` if it has none.
pub(crate) fn read(objects: &Path, id: ObjectId) -> io::Result<Option<(Kind, Vec<u8>)>> {
    match regular::read(&place(objects, id), MOST as u64) {
        Ok(stream) if stream.is_empty() => Ok(None),
        Ok(stream) => {
            let read = Inflater::default().loose(&stream).filter(|(kind, bytes)| object_id(*kind, bytes) == id);
            let broken = || io::Error::new(ErrorKind::InvalidData, format!("object {id} is broken"));
            read.map(Some).ok_or_else(broken)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether there is a file for an object, and it holds something.
pub(crate) fn exists(objects: &Path, id: ObjectId) -> bool {
    place(objects, id).symlink_metadata().is_ok_and(|data| data.is_file() && data.len() > 0)
}

/// Whether there is a file for an object, and it holds nothing.
pub(crate) fn is_empty(objects: &Path, id: ObjectId) -> bool {
    place(objects, id).symlink_metadata().is_ok() && read(objects, id).is_ok_and(|there| there.is_none())
}

/// The ids of all objects in files of their own.
pub(crate) fn all(objects: &Path) -> io::Result<Vec<ObjectId>> {
    let mut ids = Vec::new();
    for first in 0..=u8::MAX {
        ids.extend(all_with(objects, first)?);
    }
    Ok(ids)
}

/// Those of them that begin with a byte.
pub(crate) fn all_with(objects: &Path, first: u8) -> io::Result<Vec<ObjectId>> {
    let first = format!("{first:02x}");
    let entries = match fs::read_dir(objects.join(&first)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut ids = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        ids.extend(name.to_str().and_then(|rest| format!("{first}{rest}").parse::<ObjectId>().ok()));
    }
    Ok(ids)
}

/// Removes an object's own file: it is in a pack.
pub(crate) fn remove(objects: &Path, id: ObjectId) -> io::Result<()> {
    remove_file(&place(objects, id))
}

fn place(objects: &Path, id: ObjectId) -> PathBuf {
    let name = id.to_string();
    objects.join(&name[..2]).join(&name[2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(objects: &Path, bytes: &[u8]) -> ObjectId {
        let id = object_id(Kind::Blob, bytes);
        let mut loose = Loose::default();
        loose.write(objects, id, Kind::Blob, bytes, &mut Deflater::default()).unwrap();
        loose.publish(&[]).unwrap();
        id
    }

    fn spoil(path: &Path, bytes: &[u8]) {
        fs::remove_file(path).unwrap();
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn a_file_without_bytes_is_no_object() {
        let folder = tempfile::tempdir().unwrap();
        let id = written(folder.path(), b"turn");
        spoil(&place(folder.path(), id), b"");
        assert_eq!(read(folder.path(), id).unwrap(), None);
    }

    #[test]
    fn an_object_that_is_empty_or_broken_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let id = written(folder.path(), b"turn");
        for bad in [&b""[..], b"x", b"\x78\x01garbage"] {
            spoil(&place(folder.path(), id), bad);
            written(folder.path(), b"turn");
            assert_eq!(read(folder.path(), id).unwrap(), Some((Kind::Blob, b"turn".to_vec())));
        }
    }
}
