//! A project's files as a look found them: folders, and in them files with a stamp that tells whether they changed, and their bytes' id.
//!
//! The same is what the next look compares with: it stands in the stat cache.

use std::iter::Peekable;
use std::vec::IntoIter;

use rustix::fs::Stat;

use crate::model::ObjectId;
use crate::model::code::{EXECUTABLE, LINK, PLAIN};

/// A name in a folder.
pub(super) type Name = Box<[u8]>;

/// What tells that a file is another than it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    pub size: u64,
    /// The last write, in nanoseconds since 1970.
    pub written: i64,
    /// The last change of any kind, which nobody can set back.
    pub changed: i64,
    pub inode: u64,
    pub mode: u32,
}

impl Stamp {
    #[allow(clippy::unnecessary_cast, reason = "how wide these are differs from system to system")]
    pub fn of(stat: &Stat) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self {
            size: u64::try_from(stat.st_size).unwrap_or(0),
            written: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            changed: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            inode: stat.st_ino as u64,
            mode: stat.st_mode as u32,
        }
    }

    /// Whether a file that has this stamp can't have changed since without getting another, if it was looked at then.
    pub fn is_settled(&self, looked: i64) -> bool {
        self.written.max(self.changed).saturating_add(RACY) <= looked
    }

    /// Its permissions, if not everybody may read the file.
    pub fn closed(&self) -> Option<u32> {
        (self.mode & 0o004 == 0).then_some(self.mode & 0o777)
    }

    /// Whether the owner may execute the file.
    pub const fn is_executable(&self) -> bool {
        self.mode & 0o100 != 0
    }
}

/// The file system that something is on.
#[allow(clippy::unnecessary_cast, reason = "how wide this is differs from system to system")]
pub(super) const fn device(stat: &Stat) -> u64 {
    stat.st_dev as u64
}

/// A file that changed so shortly before a look may change again and keep its stamp: clocks of file systems are coarse.
const RACY: i64 = 2_000_000_000;

/// Where a file's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// In the code store, or in the project's own commit.
    Yes,
    /// In the pack that is being written: if that is never put in place, nowhere.
    Now,
    /// Nowhere but in the project's folder.
    No,
    /// Nowhere, and they are not to be: the file is too large.
    Never,
}

/// A file, or a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub stamp: Stamp,
    pub id: ObjectId,
    pub kept: Kept,
    pub is_link: bool,
    /// Whether it is kept for another reason than its name: that the project's index or commit has it. Then that is asked each time.
    pub is_excused: bool,
}

impl File {
    /// Its mode in a tree.
    pub const fn mode(&self) -> u32 {
        match (self.is_link, self.stamp.is_executable()) {
            (true, _) => LINK,
            (false, true) => EXECUTABLE,
            (false, false) => PLAIN,
        }
    }
}

/// A folder. What is in it is sorted by its names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folder {
    pub files: Vec<(Name, File)>,
    pub folders: Vec<(Name, Folder)>,
    /// Its tree, if the code store has that, and all in the folder is as it was noted beside it.
    pub tree: Option<ObjectId>,
    /// The stamp of the file with its ignore rules.
    pub rules: Option<Stamp>,
}

impl Folder {
    /// The same with nothing in it, for what is found there now: as much, mostly.
    pub fn anew(&self) -> Self {
        let (files, folders) = (Vec::with_capacity(self.files.len()), Vec::with_capacity(self.folders.len()));
        Self { files, folders, tree: self.tree, rules: None }
    }

    /// Whether something in it is kept by the rules alone.
    pub fn is_free(&self) -> bool {
        self.files.iter().any(|(_, file)| !file.is_excused) || self.folders.iter().any(|(_, folder)| folder.is_free())
    }

    /// Forgets what can have changed since it was looked at, and kept its stamp.
    fn settle(&mut self, looked: i64) {
        self.tree = None;
        self.files.retain(|(_, file)| file.stamp.is_settled(looked));
        self.folders.iter_mut().for_each(|(_, folder)| folder.settle(looked));
    }

    /// Does something with every file in it and below.
    pub fn each_file(&mut self, act: &mut dyn FnMut(&mut File)) {
        self.files.iter_mut().for_each(|(_, file)| act(file));
        self.folders.iter_mut().for_each(|(_, folder)| folder.each_file(act));
    }
}

/// What the last look found in a folder, for one that goes through the names there in their order.
pub(super) struct Known {
    files: Peekable<IntoIter<(Name, File)>>,
    folders: Peekable<IntoIter<(Name, Folder)>>,
}

impl Known {
    /// The file with a name. Nothing before that is asked for again.
    pub fn file(&mut self, name: &[u8]) -> Option<(Name, File)> {
        next(&mut self.files, name)
    }

    /// The folder with a name. Nothing before that is asked for again.
    pub fn folder(&mut self, name: &[u8]) -> Option<(Name, Folder)> {
        next(&mut self.folders, name)
    }

    /// Adds what nobody asked for to what was found, as far as it can be trusted.
    pub fn carry_over(self, found: &mut Folder, looked: i64) {
        let mut rest = Folder { files: self.files.collect(), folders: self.folders.collect(), ..Folder::default() };
        rest.settle(looked);
        found.files.append(&mut rest.files);
        found.folders.append(&mut rest.folders);
    }
}

impl From<Folder> for Known {
    fn from(folder: Folder) -> Self {
        Self { files: folder.files.into_iter().peekable(), folders: folder.folders.into_iter().peekable() }
    }
}

fn next<T>(known: &mut Peekable<IntoIter<(Name, T)>>, name: &[u8]) -> Option<(Name, T)> {
    while known.next_if(|(before, _)| **before < *name).is_some() {}
    known.next_if(|(same, _)| **same == *name)
}
