//! Refs by name: reading, and moving by compare-and-swap.
//!
//! They are written here and not by libgit2, which reads all of `packed-refs` for every move and syncs none. The order is git's:
//! the lock `<ref>.lock`, the value under the lock, the log, the rename. The objects that wait to be put in place and the lock are
//! synced together before, so a ref never names what is not on disk. A lock that is held is a lost race too: whoever holds it
//! is moving the ref.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::reflog::Move;
use super::{Error, Store, packed_refs, reflog, regular};
use crate::model::ObjectId;

/// More than a ref's own file has.
const MOST: u64 = 64 << 10;

/// A ref to be made: its name, its value, and a note for its log if that is worth one.
pub(super) type NewRef = (String, ObjectId, Option<String>);

/// All refs of a store.
pub(super) struct Refs {
    /// Those that hold an id.
    pub good: BTreeMap<String, ObjectId>,
    /// Those whose own files hold none, and name no other ref either: they are damaged.
    pub bad_files: Vec<String>,
    /// Lines of the packed refs that are none.
    pub bad_lines: Vec<Vec<u8>>,
}

impl Store {
    /// What a ref holds.
    pub(super) fn read_ref(&self, name: &str) -> Result<Option<ObjectId>, Error> {
        if let Some(id) = read_loose(self.path(), name)? {
            return Ok(Some(id));
        }
        packed_refs::find(self.path(), name).map_err(Error::io("read the packed refs"))
    }

    /// All refs below a folder such as `refs/heads/`, by their full names.
    pub(super) fn refs_below(&self, folder: &str) -> Result<BTreeMap<String, ObjectId>, Error> {
        // Refs move from their own files into the packed ones, never back: read in this order, none is missed.
        let loose = self.loose_refs(folder)?;
        let packed = packed_refs::all(self.path()).map_err(Error::io("read the packed refs"))?;
        let packed = packed.into_iter().filter(|(name, _)| name.starts_with(folder));
        let mut refs: BTreeMap<String, ObjectId> = packed.map(|(name, packed)| (name, packed.id)).collect();
        refs.extend(loose);
        Ok(refs)
    }

    /// All refs, and what is damaged among them, read in one go.
    pub(super) fn look_at_refs(&self) -> Result<Refs, Error> {
        let (mut loose, mut bad_files, mut names) = (Vec::new(), Vec::new(), Vec::new());
        names_below(&self.path().join("refs"), "refs/", &mut names).map_err(Error::io("list the refs"))?;
        for name in names {
            match read_loose(self.path(), &name) {
                Ok(id) => loose.extend(id.map(|id| (name, id))),
                Err(Error::BadRef(name)) if symbolic(self.path(), &name).is_none() => bad_files.push(name),
                Err(Error::BadRef(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let (packed, bad_lines) = packed_refs::read(self.path()).map_err(Error::io("read the packed refs"))?;
        let mut good: BTreeMap<_, _> = packed.into_iter().map(|(name, packed)| (name, packed.id)).collect();
        good.extend(loose);
        Ok(Refs { good, bad_files, bad_lines })
    }

    /// The refs below a folder that have files of their own.
    pub(super) fn loose_refs(&self, folder: &str) -> Result<Vec<(String, ObjectId)>, Error> {
        let mut names = Vec::new();
        names_below(&self.path().join(folder), folder, &mut names).map_err(Error::io("list the refs"))?;
        let mut refs = Vec::with_capacity(names.len());
        for name in names {
            // One that is gone by now was packed or dropped.
            match read_loose(self.path(), &name) {
                Ok(id) => refs.extend(id.map(|id| (name, id))),
                // One that names no object, as those that name another ref, is not ours.
                Err(Error::BadRef(name)) => tracing::info!(name, "a ref was left out"),
                Err(error) => return Err(error),
            }
        }
        Ok(refs)
    }

    /// Moves a ref from what it was to a new value. `note` goes into its log.
    pub(super) fn move_ref(&self, name: &str, from: Option<ObjectId>, to: ObjectId, note: &str) -> Result<(), Error> {
        self.while_moving(|| {
            let mut lock = self.lock_ref(name)?;
            if self.read_ref(name)? != from {
                return Err(Error::LostRace(name.to_owned()));
            }
            lock.write(format!("{to}\n").as_bytes())?;
            self.publish_with(Some(&lock.file))?;
            self.log_move(name, &Move { from, to, at: lock.made_at(), note })?;
            tracing::info!(name, to = %to, "moves a ref");
            lock.commit()
        })
    }

    fn log_move(&self, name: &str, moved: &Move<'_>) -> Result<(), Error> {
        reflog::add(self.path(), name, moved).map_err(Error::io("write a ref's log"))
    }

    /// Drops a ref with its log.
    pub(super) fn drop_ref(&self, name: &str, from: ObjectId) -> Result<(), Error> {
        self.while_moving(|| {
            let lock = self.lock_ref(name)?;
            if self.read_ref(name)? != Some(from) {
                return Err(Error::LostRace(name.to_owned()));
            }
            // First where it would come to light again once its own file is gone.
            if packed_refs::find(self.path(), name).map_err(Error::io("read the packed refs"))?.is_some() {
                self.change_packed_refs(|refs, _| {
                    refs.remove(name);
                    Ok(())
                })?;
            }
            remove_file(&lock.place).map_err(Error::io("drop a ref"))?;
            reflog::drop(self.path(), name).map_err(Error::io("drop a ref's log"))
        })
    }

    /// Adds refs that are not there yet to the packed ones, each group whole or not at all; tells which.
    pub(super) fn add_refs(&self, groups: &[Vec<NewRef>]) -> Result<Vec<bool>, Error> {
        let mut added = Vec::new();
        self.alone(|| {
            // Nobody moves a ref meanwhile, so what is not there now is not there when the file gets its name.
            self.change_packed_refs(|refs, at| {
                for group in groups {
                    let is_new =
                        group.iter().all(|(name, ..)| !refs.contains_key(name) && !self.path().join(name).exists());
                    added.push(is_new);
                    for (name, to, note) in group.iter().filter(|_| is_new) {
                        if let Some(note) = note {
                            self.log_move(name, &Move { from: None, to: *to, at, note })?;
                        }
                        refs.insert(name.clone(), packed_refs::Packed { id: *to, peeled: None });
                    }
                }
                Ok(())
            })
        })?;
        Ok(added)
    }

    /// Points HEAD at a branch.
    pub(super) fn write_head(&self, branch: &str) -> Result<(), Error> {
        let text = format!("ref: {branch}\n");
        if regular::read(&self.path().join("HEAD"), MOST).is_ok_and(|now| now == text.as_bytes()) {
            return Ok(());
        }
        self.while_moving(|| {
            let mut lock = self.lock_ref("HEAD")?;
            lock.write(text.as_bytes())?;
            lock.commit()
        })
    }

    /// Rewrites the packed refs, knowing the time, in seconds since 1970.
    pub(super) fn change_packed_refs(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, packed_refs::Packed>, i64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let lock = self.lock_ref(packed_refs::NAME)?;
        let (mut refs, bad) = packed_refs::read(self.path()).map_err(Error::io("read the packed refs"))?;
        // What is damaged may still tell where a session stood: it is mended, not dropped.
        if !bad.is_empty() {
            return Err(Error::BadRef(packed_refs::NAME.to_owned()));
        }
        change(&mut refs, lock.made_at())?;
        lock.put_packed(&refs)
    }

    /// Locks a ref, as git does: until the lock is committed or dropped, nobody else moves the ref.
    pub(super) fn lock_ref(&self, name: &str) -> Result<RefLock, Error> {
        let place = self.path().join(name);
        let path = self.path().join(format!("{name}.lock"));
        let lock = |file| RefLock { place, path: path.clone(), file, held: true };
        match File::create_new(&path) {
            Ok(file) => Ok(lock(file)),
            Err(error) => match error.kind() {
                ErrorKind::AlreadyExists => Err(Error::LostRace(name.to_owned())),
                ErrorKind::NotFound => {
                    fs::create_dir_all(path.parent().unwrap_or(self.path()))
                        .map_err(|error| in_the_way(name, error))?;
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

/// A ref's lock, held.
pub(super) struct RefLock {
    pub place: PathBuf,
    path: PathBuf,
    pub file: File,
    held: bool,
}

impl RefLock {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(Error::io("write a ref"))
    }

    /// Makes these the packed refs, which it is the lock of.
    pub fn put_packed(self, refs: &BTreeMap<String, packed_refs::Packed>) -> Result<(), Error> {
        let (mut lock, mut bytes) = (self, Vec::new());
        packed_refs::write(refs, &mut bytes).map_err(Error::io("write the packed refs"))?;
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
    fn made_at(&self) -> i64 {
        let made = self.file.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        made.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
    }

    /// Makes what was written the ref's value.
    fn commit(mut self) -> Result<(), Error> {
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

/// What a ref's own file holds; `None` if it has none.
fn read_loose(store: &Path, name: &str) -> Result<Option<ObjectId>, Error> {
    match regular::read(&store.join(name), MOST) {
        Ok(bytes) => id_of(&bytes).map(Some).ok_or_else(|| Error::BadRef(name.to_owned())),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::NotADirectory => Ok(None),
            ErrorKind::InvalidData => Err(Error::BadRef(name.to_owned())),
            _ => Err(Error::io("read a ref")(error)),
        },
    }
}

fn id_of(bytes: &[u8]) -> Option<ObjectId> {
    std::str::from_utf8(bytes).ok()?.trim_end().parse().ok()
}

/// The ref that a ref's own file names, as HEAD does.
pub(super) fn symbolic(store: &Path, name: &str) -> Option<String> {
    let bytes = regular::read(&store.join(name), MOST).ok()?;
    Some(std::str::from_utf8(&bytes).ok()?.strip_prefix("ref:")?.trim().to_owned())
}

fn names_below(folder: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = format!("{prefix}{name}");
        match entry.file_type()? {
            kind if kind.is_dir() => names_below(&entry.path(), &format!("{name}/"), names)?,
            _ if name.ends_with(".lock") => {}
            _ => names.push(name),
        }
    }
    Ok(())
}

/// Removes a file, if it is there.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a folder that holds nothing but folders.
pub(super) fn remove_empty_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty_folders(&entry.path())?;
        }
    }
    fs::remove_dir(folder)
}

/// Whether git could have made a ref of this name: then it is a path that leads nowhere else (`git help check-ref-format`).
pub(super) fn is_ref_name(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let strange = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    name.starts_with("refs/") && !name.contains("..") && !name.contains(strange) && name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_name_leads_nowhere_else() {
        for name in ["refs/heads/a", "refs/tags/a/b", "refs/tags/v1.0"] {
            assert!(is_ref_name(name), "{name}");
        }
        for name in [
            "refs/../config",
            "refs//a",
            "refs/heads/",
            "/etc/passwd",
            "HEAD",
            "refs/heads/.a",
            "refs/a.lock",
            "refs/a b",
            "refs/a\0b",
            "refs/heads/a:b",
        ] {
            assert!(!is_ref_name(name), "{name}");
        }
    }
}
