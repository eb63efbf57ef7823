//! Putting files of a project back: each is written aside in its folder, synced, and changes places with what stands there. What came out is
//! then looked at: if it is not what the snapshot of the folder has, both go back, so nothing is lost that somebody wrote meanwhile.
//!
//! A kill leaves each file as it was or as it is to be, and at worst one more beside it, whose name begins as [`ASIDE`] says.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, RenameFlags, fchmod, openat, renameat, renameat_with, statat, symlinkat, unlinkat,
};
use rustix::io::Errno;

use super::Error;
use super::below::{Below, Obstacle, entries, folder_in, version};
use super::files::Stamp;
use crate::model::code::{EXECUTABLE, LINK, Step, Version, folders_of};

/// What the name of a file begins with while it is put back.
pub(super) const ASIDE: &[u8] = b".codex-git-restore-";

/// A path that was not put back.
#[derive(Debug)]
pub struct Unrestored {
    /// The path.
    pub path: Vec<u8>,
    /// Why not.
    pub why: Error,
}

/// The permissions of a file, if not everybody may read it.
pub type Closed<'a> = dyn Fn(&[u8]) -> Option<u32> + 'a;

/// Where the bytes of a wanted file come from.
pub type Bytes<'a> = dyn Fn(&[u8], Version) -> Result<Vec<u8>, Error> + 'a;

/// Files that are put back below a root.
pub(super) struct PuttingBack<'a> {
    below: Below,
    root: &'a Path,
    bytes: &'a Bytes<'a>,
    /// The permissions of a file that not everybody may read.
    closed: &'a Closed<'a>,
    /// Folders that stay, also where they become empty.
    stays: &'a [Vec<u8>],
    count: u32,
}

impl<'a> PuttingBack<'a> {
    pub fn new(
        (root, stays): (&'a Path, &'a [Vec<u8>]),
        bytes: &'a Bytes<'a>,
        closed: &'a Closed<'a>,
    ) -> Result<Self, Error> {
        let below = Below::open(root).map_err(Error::io("look into", root))?;
        Ok(Self { below, root, bytes, closed, stays, count: 0 })
    }

    /// Takes all steps. What fails is told, and the rest goes on.
    pub fn all(mut self, steps: &BTreeMap<Vec<u8>, Step>) -> Vec<Unrestored> {
        let mut failed = Vec::new();
        let (gone, written): (Vec<_>, Vec<_>) = steps.iter().partition(|(_, step)| step.to.is_none());
        // What goes makes room for what comes.
        for (path, step) in gone.iter().chain(&written) {
            if let Err(why) = self.one(path, **step) {
                failed.push(Unrestored { path: (*path).clone(), why });
            }
        }
        for folder in folders_of(gone.iter().map(|(path, _)| path.as_slice())) {
            self.remove_if_empty(folder);
        }
        for folder in folders_of(written.iter().map(|(path, _)| path.as_slice())) {
            self.sync(folder);
        }
        rustix::fs::open(self.root, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .and_then(|root| rustix::fs::fsync(&root))
            .ok();
        failed
    }

    fn one(&mut self, path: &[u8], step: Step) -> Result<(), Error> {
        match step.to {
            None => self.remove(path, step.from),
            Some(wanted) => {
                let bytes = (self.bytes)(path, wanted)?;
                self.write(path, step.from, (wanted.0, &bytes))
            }
        }
    }

    fn remove(&mut self, path: &[u8], from: Option<Version>) -> Result<(), Error> {
        let (folder, name) = self.parent(path, false)?;
        let aside = self.aside();
        let held = version(folder.as_fd(), name).map_err(self.io(path))?;
        if held != from {
            return Err(Error::Moved(path.to_vec()));
        }
        renameat(&folder, name, &folder, &*aside).map_err(self.io(path))?;
        if version(folder.as_fd(), &aside).ok() != Some(from) {
            // Somebody wrote it just now: it is theirs.
            self.put_in_place(&folder, &aside, name).map_err(self.io(path))?;
            return Err(Error::Moved(path.to_vec()));
        }
        unlinkat(&folder, &*aside, AtFlags::empty()).map_err(self.io(path))
    }

    fn write(&mut self, path: &[u8], from: Option<Version>, (mode, bytes): (u32, &[u8])) -> Result<(), Error> {
        let (folder, name) = self.parent(path, true)?;
        self.clear_empty(&folder, name);
        let aside = self.aside();
        let before = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW).ok();
        let before = before.filter(|stat| FileType::from_raw_mode(stat.st_mode).is_file());
        let before = before.map(|stat| Stamp::of(&stat).mode & 0o777);
        let permissions = (self.closed)(path).or(before).map(|permissions| fitting(permissions, mode));
        let made = make(&folder, &aside, (mode, bytes), permissions);
        let placed = made.map_err(self.io(path)).and_then(|()| self.place(path, (&folder, name), &aside, from));
        if placed.is_err() {
            unlinkat(&folder, &*aside, AtFlags::empty()).ok();
        }
        placed
    }

    /// Gives what was written aside its name, in the place of what stands there.
    fn place(
        &self,
        path: &[u8],
        (folder, name): (&OwnedFd, &[u8]),
        aside: &[u8],
        from: Option<Version>,
    ) -> Result<(), Error> {
        let moved = || Error::Moved(path.to_vec());
        let Some(old) = from else {
            return match self.put_in_place(folder, aside, name) {
                Err(Errno::EXIST) => Err(moved()),
                placed => placed.map_err(self.io(path)),
            };
        };
        if version(folder.as_fd(), name).map_err(self.io(path))? != Some(old) {
            return Err(moved());
        }
        match renameat_with(folder, aside, folder, name, RenameFlags::EXCHANGE) {
            Ok(()) => {}
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => return self.replace(path, (folder, name), aside, old),
            Err(Errno::NOENT) => return Err(moved()),
            Err(error) => return Err(self.io(path)(error)),
        }
        if version(folder.as_fd(), aside).ok() != Some(Some(old)) {
            renameat_with(folder, aside, folder, name, RenameFlags::EXCHANGE).map_err(self.io(path))?;
            return Err(moved());
        }
        unlinkat(folder, aside, AtFlags::empty()).map_err(self.io(path))
    }

    /// The same where no two files can change places: what stands there steps aside, and for a moment nothing does.
    fn replace(&self, path: &[u8], (folder, name): (&OwnedFd, &[u8]), aside: &[u8], old: Version) -> Result<(), Error> {
        let kept = [aside, b"-old"].concat();
        renameat(folder, name, folder, &*kept).map_err(self.io(path))?;
        let is_it = version(folder.as_fd(), &kept).ok() == Some(Some(old));
        if let Err(error) = self.put_in_place(folder, if is_it { aside } else { &kept }, name) {
            // Unless somebody made a file of that name meanwhile, what stepped aside goes back.
            self.put_in_place(folder, &kept, name).ok();
            return Err(if error == Errno::EXIST { Error::Moved(path.to_vec()) } else { self.io(path)(error) });
        }
        if !is_it {
            return Err(Error::Moved(path.to_vec()));
        }
        unlinkat(folder, &*kept, AtFlags::empty()).map_err(self.io(path))
    }

    /// Gives a file a name that nothing has.
    fn put_in_place(&self, folder: &OwnedFd, aside: &[u8], name: &[u8]) -> Result<(), Errno> {
        match renameat_with(folder, aside, folder, name, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            placed => return placed,
        }
        match rustix::fs::linkat(folder, aside, folder, name, AtFlags::empty()) {
            Ok(()) => unlinkat(folder, aside, AtFlags::empty()),
            // There are no second names on this file system, so that only looking first is left.
            Err(Errno::PERM | Errno::NOTSUP | Errno::NOSYS | Errno::MLINK) => {
                match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Err(Errno::NOENT) => renameat(folder, aside, folder, name),
                    found => Err(found.err().unwrap_or(Errno::EXIST)),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Removes a folder that holds nothing but folders, where a file is to be.
    fn clear_empty(&self, folder: &OwnedFd, name: &[u8]) {
        let Ok(within) = folder_in(folder.as_fd(), name) else { return };
        for (below, kind) in entries(&within).unwrap_or_default() {
            if kind == FileType::Directory {
                self.clear_empty(&within, &below);
            }
        }
        unlinkat(folder, name, AtFlags::REMOVEDIR).ok();
    }

    fn remove_if_empty(&self, path: &[u8]) {
        if self.stays.iter().any(|stays| stays == path) {
            return;
        }
        if let Ok((folder, name)) = self.below.parent(path, false) {
            unlinkat(&folder, name, AtFlags::REMOVEDIR).ok();
        }
    }

    fn sync(&self, path: &[u8]) {
        let Ok((folder, name)) = self.below.parent(path, false) else { return };
        folder_in(folder.as_fd(), name).map(|folder| rustix::fs::fsync(folder).ok()).ok();
    }

    fn parent<'p>(&self, path: &'p [u8], make: bool) -> Result<(OwnedFd, &'p [u8]), Error> {
        self.below.parent(path, make).map_err(|obstacle| match obstacle {
            Obstacle::Name => Error::Hostile(path.to_vec()),
            Obstacle::Missing | Obstacle::Barred => Error::Moved(path.to_vec()),
            Obstacle::System(error) => self.io(path)(error),
        })
    }

    fn aside(&mut self) -> Vec<u8> {
        self.count += 1;
        [ASIDE, format!("{}-{}", std::process::id(), self.count).as_bytes()].concat()
    }

    fn io<E: Into<io::Error>>(&self, path: &[u8]) -> impl FnOnce(E) -> Error + use<E> {
        use std::os::unix::ffi::OsStrExt;
        Error::io("put back", &self.root.join(std::ffi::OsStr::from_bytes(path)))
    }
}

/// Permissions as a file of a mode has them: who may read it may execute it, or nobody may.
const fn fitting(permissions: u32, mode: u32) -> u32 {
    if mode == EXECUTABLE { permissions | (permissions & 0o444) >> 2 | 0o100 } else { permissions & !0o111 }
}

/// Writes a file under a name that nothing has.
fn make(folder: &OwnedFd, name: &[u8], (mode, bytes): (u32, &[u8]), permissions: Option<u32>) -> io::Result<()> {
    if mode == LINK {
        return Ok(symlinkat(bytes, folder, name)?);
    }
    let how = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let open = if mode == EXECUTABLE { 0o777 } else { 0o666 };
    let first = if permissions.is_some() { 0o600 } else { open };
    let mut file = File::from(openat(folder, name, how, Mode::from_raw_mode(first))?);
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        fchmod(&file, Mode::from_raw_mode(permissions))?;
    }
    file.sync_all()
}
