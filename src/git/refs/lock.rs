//! The lock of one ref, `<ref>.lock`, as git makes it: what is written into it becomes the ref's value by a rename.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use super::{Refs, packed};
use crate::disk::durable::remove_empty_folders;
use crate::git::Error;
use crate::model::ObjectId;

/// A ref's lock, held.
pub(crate) struct RefLock {
    pub place: PathBuf,
    path: PathBuf,
    pub file: File,
    held: bool,
}

impl RefLock {
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(Error::io("write a ref"))
    }

    /// Makes these the packed refs, which it is the lock of.
    pub fn put_packed(self, refs: &BTreeMap<String, packed::Packed>) -> Result<(), Error> {
        let (mut lock, mut bytes) = (self, Vec::new());
        packed::write(refs, &mut bytes).map_err(Error::io("write the packed refs"))?;
        lock.write(&bytes)?;
        lock.file.sync_data().map_err(Error::io("write the packed refs"))?;
        lock.commit()
    }

    /// Makes an id the ref's value.
    pub fn put(self, id: ObjectId) -> Result<(), Error> {
        let mut lock = self;
        lock.write(format!("{id}\n").as_bytes())?;
        lock.file.sync_data().map_err(Error::io("write a ref"))?;
        lock.commit()
    }

    /// When the lock was made, in seconds since 1970, by the file system's clock.
    pub fn made_at(&self) -> i64 {
        let made = self.file.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        made.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
    }

    /// The same of a ref that is not there yet; does something `then`, before anybody else may move it.
    pub fn commit_made(self, then: impl FnOnce()) -> Result<(), Error> {
        let is_linked = fs::hard_link(&self.path, &self.place).is_ok();
        if is_linked {
            then();
            return Ok(());
        }
        // Where a file can't have a second name, the lock is gone a moment too early.
        self.commit()?;
        then();
        Ok(())
    }

    /// Makes what was written the ref's value.
    pub fn commit(mut self) -> Result<(), Error> {
        let mut renamed = fs::rename(&self.path, &self.place);
        if renamed.is_err() && self.place.is_dir() {
            // Folders stay behind when all refs in them are dropped or packed.
            renamed = remove_empty_folders(&self.place).and_then(|()| fs::rename(&self.path, &self.place));
        }
        renamed.map_err(Error::io("move a ref"))?;
        self.held = false;
        Ok(())
    }
}

impl Drop for RefLock {
    fn drop(&mut self) {
        if self.held {
            // What can't be removed is found to be left behind by whoever moves the ref next.
            fs::remove_file(&self.path).ok();
        }
    }
}

impl Refs {
    /// Locks a ref, as git does: until the lock is committed or dropped, nobody else moves the ref.
    pub(crate) fn lock(&self, name: &str) -> Result<RefLock, Error> {
        let place = self.path.join(name);
        let path = self.path.join(format!("{name}.lock"));
        let lock = |file| RefLock { place, path: path.clone(), file, held: true };
        match File::create_new(&path) {
            Ok(file) => Ok(lock(file)),
            Err(error) => match error.kind() {
                ErrorKind::AlreadyExists => Err(Error::LostRace(name.to_owned())),
                ErrorKind::NotFound => {
                    fs::create_dir_all(path.parent().unwrap_or(&self.path)).map_err(|error| in_the_way(name, error))?;
                    File::create_new(&path).map(lock).map_err(|_| Error::LostRace(name.to_owned()))
                }
                _ => Err(in_the_way(name, error)),
            },
        }
    }
}

/// A part of a ref's name is a file: `a` stands in the way of `a/b`.
fn in_the_way(name: &str, error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => Error::NameInTheWay(name.to_owned()),
        _ => Error::io("lock a ref")(error),
    }
}
