//! Writing a snapshot's files into a new folder: exactly their bytes, and nothing outside of it.
//!
//! Folders are made and opened one below the other, by descriptors. No name is written that leads elsewhere or that git takes for its own, no
//! file that exists is written to, and no link is followed.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags, mkdirat, openat, symlinkat};

use super::Error;
use super::store::CodeStore;
use super::trees::{Kept, Lender};
use crate::git::tree::{FOLDER_MODE, RawEntry};
use crate::model::ObjectId;
use crate::model::code::{EXECUTABLE, LINK, is_safe};

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// How many files.
    pub files: u64,
    /// Files whose bytes are gone, by their paths.
    pub gone: Vec<Vec<u8>>,
}

impl CodeStore {
    /// Writes all files of a snapshot into a folder, in which none of their names is.
    ///
    /// # Errors
    /// When a name is one that no file may have, or something can't be written. What is there by then stays.
    pub fn write_files(&self, kept: &Kept, folder: &Path) -> Result<Written, Error> {
        let how = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let root = rustix::fs::open(folder, how, Mode::empty()).map_err(Error::io("look into", folder))?;
        let private: HashSet<&[u8]> = kept.snapshot.private.iter().map(Vec::as_slice).collect();
        let mut writing =
            Writing { store: self, lender: self.lender(), place: folder, private, written: Written::default() };
        writing.folder(&root, b"", kept.tree)?;
        Ok(writing.written)
    }
}

struct Writing<'s> {
    store: &'s CodeStore,
    lender: Lender<'s>,
    place: &'s Path,
    private: HashSet<&'s [u8]>,
    written: Written,
}

impl Writing<'_> {
    fn folder(&mut self, folder: &OwnedFd, path: &[u8], tree: ObjectId) -> Result<(), Error> {
        for RawEntry { mode, name, id } in self.store.entries(tree)? {
            let path = [path, &name].concat();
            if !is_safe(&name) {
                return Err(Error::Hostile(path));
            }
            if mode != FOLDER_MODE {
                self.file(folder.as_fd(), (&name, path), mode, id)?;
                continue;
            }
            let below = self.make(folder.as_fd(), &name).map_err(Error::io("make a folder in", self.place))?;
            self.folder(&below, &[&path[..], b"/"].concat(), id)?;
        }
        Ok(())
    }

    fn make(&self, folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<OwnedFd> {
        mkdirat(folder, name, Mode::from_raw_mode(0o777))?;
        let how = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Ok(openat(folder, name, how, Mode::empty())?)
    }

    fn file(
        &mut self,
        folder: BorrowedFd<'_>,
        (name, path): (&[u8], Vec<u8>),
        mode: u32,
        id: ObjectId,
    ) -> Result<(), Error> {
        let bytes = match self.lender.bytes(&path, id) {
            Err(Error::Gone(path)) => {
                self.written.gone.push(path);
                return Ok(());
            }
            read => read?,
        };
        let is_private = self.private.contains(path.as_slice());
        let placed = place(folder, name, (mode, &bytes), is_private);
        self.written.files += 1;
        placed.map_err(Error::io("write a file in", self.place))
    }
}

/// Makes a file, or a link, of a name that nothing has.
pub(super) fn place(
    folder: BorrowedFd<'_>,
    name: &[u8],
    (mode, bytes): (u32, &[u8]),
    is_private: bool,
) -> io::Result<()> {
    match mode {
        LINK => Ok(symlinkat(bytes, folder, name)?),
        mode => write(folder, name, bytes, permissions(mode, is_private)),
    }
}

const fn permissions(mode: u32, is_private: bool) -> u32 {
    match (mode == EXECUTABLE, is_private) {
        (true, true) => 0o700,
        (false, true) => 0o600,
        (true, false) => 0o777,
        (false, false) => 0o666,
    }
}

fn write(folder: BorrowedFd<'_>, name: &[u8], bytes: &[u8], permissions: u32) -> io::Result<()> {
    let how = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(folder, name, how, Mode::from_raw_mode(permissions))?;
    File::from(file).write_all(bytes)
}
