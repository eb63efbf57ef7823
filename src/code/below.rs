//! Names below a root, reached folder by folder through no link: what stands at a path, and the folder that a file is written in.
//!
//! No part of a path may lead elsewhere, nor be one that git takes for its own.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, Dir, DirEntry, FileType, Mode, OFlags, mkdirat, openat, statat};
use rustix::io::Errno;

use super::content;
use super::files::Stamp;
use crate::git::object::{Kind, object_id};
use crate::model::code::{EXECUTABLE, LINK, PLAIN, Standing, Version, is_safe};

/// Of a larger file that no snapshot has, it is not told which it is.
const MOST: u64 = 256 << 20;

/// A root that is open.
pub(super) struct Below {
    root: OwnedFd,
}

/// Why a path can't be reached.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// A folder on the way is not there.
    Missing,
    /// A file or a link is in the place of one.
    Barred,
    /// The path has a part that no file may be called.
    Name,
    /// The system said no.
    System(io::Error),
}

/// How folders are opened.
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);

impl Below {
    pub fn open(root: &Path) -> io::Result<Self> {
        Ok(Self { root: rustix::fs::open(root, FOLDER, Mode::empty())? })
    }

    /// The folder that a path is in, and the path's name there. With `make`, folders that are missing are made.
    pub fn parent<'p>(&self, path: &'p [u8], make: bool) -> Result<(OwnedFd, &'p [u8]), Obstacle> {
        if !path.split(|byte| *byte == b'/').all(is_safe) {
            return Err(Obstacle::Name);
        }
        let mut parts = path.split(|byte| *byte == b'/');
        let name = parts.next_back().unwrap_or_default();
        let mut folder = self.root.try_clone().map_err(Obstacle::System)?;
        for part in parts {
            folder = match openat(&folder, part, FOLDER, Mode::empty()) {
                Err(Errno::NOENT) if make => {
                    match mkdirat(&folder, part, Mode::from_raw_mode(0o777)) {
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(error) => return Err(Obstacle::System(error.into())),
                    }
                    openat(&folder, part, FOLDER, Mode::empty()).map_err(obstacle)?
                }
                opened => opened.map_err(obstacle)?,
            };
        }
        Ok((folder, name))
    }

    /// What stands at a path, where the snapshot of the root has `kept` there.
    pub fn standing(&self, path: &[u8], kept: Option<Version>) -> Standing {
        if let Some(version) = kept {
            return Standing::Kept(version);
        }
        let Ok((folder, name)) = self.parent(path, false) else { return Standing::Nothing };
        let Ok(stat) = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) else { return Standing::Nothing };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Standing::Folder { unkept: false },
            FileType::RegularFile if Stamp::of(&stat).size > MOST => Standing::Unkept(None),
            FileType::RegularFile | FileType::Symlink => Standing::Unkept(version(folder.as_fd(), name).ok().flatten()),
            _ => Standing::Other,
        }
    }

    /// Whether all files in the folder at a path, and below it, are among those that `is_kept` knows.
    pub fn holds_only(&self, path: &[u8], is_kept: &dyn Fn(&[u8]) -> bool) -> bool {
        let Ok((folder, name)) = self.parent(path, false) else { return true };
        let opened = openat(&folder, name, FOLDER, Mode::empty());
        opened.is_ok_and(|folder| all_kept(folder, path, is_kept).unwrap_or(false))
    }
}

fn all_kept(folder: OwnedFd, path: &[u8], is_kept: &dyn Fn(&[u8]) -> bool) -> io::Result<bool> {
    for (name, kind) in entries(&folder)? {
        let path = [path, b"/", &name].concat();
        let fits = match kind {
            FileType::Directory => all_kept(openat(&folder, &*name, FOLDER, Mode::empty())?, &path, is_kept)?,
            _ => is_kept(&path),
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The names in a folder, each with what it is.
pub(super) fn entries(folder: &OwnedFd) -> io::Result<Vec<(Box<[u8]>, FileType)>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name: Box<[u8]> = entry.file_name().to_bytes().into();
        if matches!(&*name, b"." | b"..") {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::Unknown => {
                let stat = statat(folder, &*name, AtFlags::SYMLINK_NOFOLLOW)?;
                FileType::from_raw_mode(stat.st_mode)
            }
            kind => kind,
        };
        names.push((name, kind));
    }
    Ok(names)
}

/// What is in a folder, sorted by the names.
pub(super) fn sorted(entries: &mut Dir) -> io::Result<Vec<DirEntry>> {
    let mut names = Vec::new();
    while let Some(entry) = entries.read() {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            names.push(entry);
        }
    }
    names.sort_unstable_by(|one, other| one.file_name().cmp(other.file_name()));
    Ok(names)
}

/// Opens a folder in one.
pub(super) fn folder_in(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<OwnedFd> {
    Ok(openat(folder, name, FOLDER, Mode::empty())?)
}

/// Which file has a name in a folder, read anew; none, where no file has it.
pub(super) fn version(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<Option<Version>> {
    let stat = match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(None),
        stat => stat?,
    };
    let unreadable = |_| io::Error::from(io::ErrorKind::ResourceBusy);
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Symlink => {
            let target = content::link(folder, name).map_err(unreadable)?;
            Ok(Some((LINK, object_id(Kind::Blob, &target))))
        }
        FileType::RegularFile => {
            let (id, stamp) = content::id(folder, name, &|| false).map_err(unreadable)?;
            Ok(Some((if stamp.is_executable() { EXECUTABLE } else { PLAIN }, id)))
        }
        _ => Err(io::ErrorKind::AlreadyExists.into()),
    }
}

fn obstacle(error: Errno) -> Obstacle {
    match error {
        Errno::NOENT => Obstacle::Missing,
        Errno::LOOP | Errno::NOTDIR => Obstacle::Barred,
        error => Obstacle::System(error.into()),
    }
}
