//! Writing a snapshot's files into a new folder: exactly their bytes, and nothing outside of it.
//!
//! First all trees are read. No name is written that leads elsewhere or that git takes for its own; with one of them, nothing is. Then some threads
//! write the files, each a few of one folder after the other. Folders are made and opened one below the other, by descriptors. No file that exists is
//! written to, and no link is followed.
//!
//! Most files still stand in the project as they were, and the system has them in memory. To take them from there, and to see by their ids that they
//! are the same, is less work than to put them together from what git packed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::fs::{Mode, OFlags, fchmod, openat, symlinkat};

use super::Error;
use super::below::{Below, Obstacle};
use super::content;
use super::store::CodeStore;
use super::trees::{Kept, Lender};
use crate::git::object::{Kind, object_id};
use crate::git::tree::{FOLDER_MODE, RawEntry};
use crate::model::ObjectId;
use crate::model::code::{EXECUTABLE, LINK, is_safe};
use crate::model::moves::Moves;

/// So many threads write. More wait for each other in the file system.
const THREADS: usize = 2;
/// So many files a thread writes, before it looks for more: they lie in few folders, and are like each other.
const AT_ONCE: usize = 256;

/// Larger files are not looked for in the project.
const MOST: u64 = 16 << 20;
/// After so many files that are others by now, or not in memory, one after the other, a thread looks for no more of them.
const MISSES: u32 = 32;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// How many files.
    pub files: u64,
    /// Files whose bytes are gone, by their paths.
    pub gone: Vec<Vec<u8>>,
}

/// A file that is to be written.
struct Wanted {
    path: Vec<u8>,
    mode: u32,
    id: ObjectId,
}

impl CodeStore {
    /// Writes all files of a snapshot into a folder, in which none of their names is.
    ///
    /// # Errors
    /// When a name is one that no file may have, or something can't be written. What is there by then stays.
    pub fn write_files(&self, kept: &Kept, folder: &Path) -> Result<Written, Error> {
        let mut wanted = Vec::new();
        self.list(b"", kept.tree, &mut wanted)?;
        let job = Job {
            store: (self.path(), &self.moves),
            project: kept.root(),
            place: folder,
            closed: kept.snapshot.closed.iter().map(|(path, mode)| (path.as_slice(), *mode)).collect(),
            wanted: wanted.chunks(AT_ONCE).collect(),
            next: AtomicUsize::new(0),
        };
        let parts: Vec<Result<Written, Error>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS.min(job.wanted.len())).map(|_| scope.spawn(|| job.part())).collect();
            let broken = |_| Err(Error::io("write files into", folder)(io::Error::from(io::ErrorKind::Interrupted)));
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(broken)).collect()
        });
        let mut written = Written::default();
        for part in parts {
            let part = part?;
            written.files += part.files;
            written.gone.extend(part.gone);
        }
        written.gone.sort_unstable();
        Ok(written)
    }

    /// All files of a tree, in the order of their paths; with a name that no file may have, none.
    fn list(&self, folder: &[u8], tree: ObjectId, wanted: &mut Vec<Wanted>) -> Result<(), Error> {
        for RawEntry { mode, name, id } in self.entries(tree)? {
            let path = [folder, &name].concat();
            match mode {
                _ if !is_safe(&name) => return Err(Error::Hostile(path)),
                FOLDER_MODE => self.list(&[&path[..], b"/"].concat(), id, wanted)?,
                mode => wanted.push(Wanted { path, mode, id }),
            }
        }
        Ok(())
    }
}

/// What all threads share.
struct Job<'s> {
    /// Where the code store is, and what was moved: each thread opens it for itself.
    store: (&'s Path, &'s Arc<Moves>),
    project: &'s Path,
    place: &'s Path,
    /// The permissions of files that not everybody may read.
    closed: HashMap<&'s [u8], u32>,
    wanted: Vec<&'s [Wanted]>,
    /// How many of them are taken.
    next: AtomicUsize,
}

impl Job<'_> {
    /// What one of the threads does.
    fn part(&self) -> Result<Written, Error> {
        let (path, moves) = self.store;
        let store = CodeStore::open(path)?.after(Arc::clone(moves));
        let place = Folders::of(self.place).map_err(Error::io("look into", self.place))?;
        let project = Folders::of(self.project).ok();
        let mut writing =
            Writing { job: self, lender: store.lender(), project, misses: 0, place, written: Written::default() };
        while let Some(files) = self.wanted.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            files.iter().try_for_each(|file| writing.file(file))?;
        }
        Ok(writing.written)
    }
}

/// What one of the threads holds.
struct Writing<'s> {
    job: &'s Job<'s>,
    lender: Lender<'s>,
    /// The project's folder, if it is there.
    project: Option<Folders<'s>>,
    /// How many of its files could not be had, since one could.
    misses: u32,
    place: Folders<'s>,
    written: Written,
}

impl<'s> Writing<'s> {
    fn file(&mut self, file: &'s Wanted) -> Result<(), Error> {
        let bytes = match self.standing(file).map_or_else(|| self.lender.bytes(&file.path, file.id), Ok) {
            Err(Error::Gone(path)) => {
                self.written.gone.push(path);
                return Ok(());
            }
            read => read?,
        };
        self.write(file, &bytes).map_err(Error::io("write a file in", self.job.place))?;
        self.written.files += 1;
        Ok(())
    }

    /// The bytes of a file, if the project has them at its path, at hand.
    fn standing(&mut self, file: &'s Wanted) -> Option<Vec<u8>> {
        let project = self.project.as_mut().filter(|_| file.mode != LINK && self.misses < MISSES)?;
        let (folder, name) = project.parent(&file.path, false).ok()?;
        let found = content::at_hand(folder, name, MOST).filter(|bytes| object_id(Kind::Blob, bytes) == file.id);
        self.misses = if found.is_some() { 0 } else { self.misses + 1 };
        found
    }

    fn write(&mut self, file: &'s Wanted, bytes: &[u8]) -> io::Result<()> {
        let closed = self.job.closed.get(file.path.as_slice()).copied();
        let (folder, name) = self.place.parent(&file.path, true).map_err(barred)?;
        place(folder, name, (file.mode, bytes), closed)
    }
}

/// Makes a file, or a link, of a name that nothing has; with its permissions, if not everybody may read it.
pub(super) fn place(
    folder: BorrowedFd<'_>,
    name: &[u8],
    (mode, bytes): (u32, &[u8]),
    closed: Option<u32>,
) -> io::Result<()> {
    match mode {
        LINK => Ok(symlinkat(bytes, folder, name)?),
        mode => write(folder, name, bytes, (mode, closed)),
    }
}

/// The folders below one, of which the last stays open: the next file is mostly in the same.
struct Folders<'s> {
    below: Below,
    last: Option<(&'s [u8], OwnedFd)>,
}

impl<'s> Folders<'s> {
    fn of(folder: &Path) -> io::Result<Self> {
        Ok(Self { below: Below::open(folder)?, last: None })
    }

    /// The folder that a path is in, and the path's name there. With `make`, folders that are missing are made.
    fn parent(&mut self, path: &'s [u8], make: bool) -> Result<(BorrowedFd<'_>, &'s [u8]), Obstacle> {
        let slash = path.iter().rposition(|byte| *byte == b'/');
        let (parent, name) = slash.map_or((&b""[..], path), |at| (&path[..at], &path[at + 1..]));
        let folder = match self.last.take() {
            Some((last, folder)) if last == parent => folder,
            _ => self.below.parent(path, make)?.0,
        };
        let (_, folder) = self.last.insert((parent, folder));
        Ok((OwnedFd::as_fd(folder), name))
    }
}

/// Nothing is in a new folder that could be in the way, unless somebody else put it there.
fn barred(obstacle: Obstacle) -> io::Error {
    match obstacle {
        Obstacle::System(error) => error,
        Obstacle::Missing | Obstacle::Barred | Obstacle::Name => io::ErrorKind::NotADirectory.into(),
    }
}

fn write(folder: BorrowedFd<'_>, name: &[u8], bytes: &[u8], (mode, closed): (u32, Option<u32>)) -> io::Result<()> {
    let how = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let open = if mode == EXECUTABLE { 0o777 } else { 0o666 };
    let first = if closed.is_some() { 0o600 } else { open };
    let mut file = File::from(openat(folder, name, how, Mode::from_raw_mode(first))?);
    file.write_all(bytes)?;
    closed.map_or(Ok(()), |closed| Ok(fchmod(&file, Mode::from_raw_mode(closed))?))
}
