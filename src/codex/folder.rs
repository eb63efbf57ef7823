//! A folder of a home: the names in it, as far as rollouts go, and what tells that they are still the same.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::held::HeldFile;
#[cfg(unix)]
use crate::disk::each::of_each;
#[cfg(unix)]
use crate::disk::times;
use crate::rollout::{Error, RolloutName};

/// A folder that changed less than that before it was read may have changed again, in the same tick of its file system's clock.
const TICK: Duration = Duration::from_secs(2);

/// So many folders are worth a thread that asks about them.
#[cfg(unix)]
const MANY: usize = 400;

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Folder {
    /// `None` where the system can't tell this state of the folder from one that may follow.
    pub stamp: Option<FolderStamp>,
    pub folders: Vec<OsString>,
    /// Links to folders.
    pub links: Vec<OsString>,
    /// The files that are named as Codex names rollouts.
    pub rollouts: Vec<String>,
    /// Files that are held, and such as are named nearly like a rollout.
    pub others: Vec<OsString>,
}

/// What the system says of a folder. As long as that is the same, the names in it are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FolderStamp {
    pub device: u64,
    pub inode: u64,
    /// The last write and the last change of any kind, in nanoseconds since 1970.
    pub written: i64,
    pub changed: i64,
}

impl FolderStamp {
    #[cfg(unix)]
    pub fn of(data: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self {
            device: data.dev(),
            inode: data.ino(),
            written: times::written(data)?,
            changed: times::changed(data)?,
        })
    }

    #[cfg(not(unix))]
    pub fn of(_: &Metadata) -> Option<Self> {
        None
    }

    /// What the system says of folders below a home, which it looks up once for all of them.
    #[cfg(unix)]
    pub fn of_each(home: &Path, folders: &[(PathBuf, Folder)]) -> Vec<Option<Self>> {
        let home = fs::File::open(home).ok();
        let stat = |path: &Path| rustix::fs::statat(home.as_ref()?, path, rustix::fs::AtFlags::empty()).ok();
        of_each(folders, MANY, |(path, _)| Self::of_stat(&stat(path)?))
    }

    #[cfg(not(unix))]
    pub fn of_each(_: &Path, folders: &[(PathBuf, Folder)]) -> Vec<Option<Self>> {
        vec![None; folders.len()]
    }

    #[cfg(unix)]
    #[allow(clippy::unnecessary_cast, reason = "how wide these are differs from system to system")]
    fn of_stat(stat: &rustix::fs::Stat) -> Option<Self> {
        Some(Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            written: times::nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64)?,
            changed: times::nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64)?,
        })
    }

    /// Whether the folder has been as it is for so long that no later change can look the same.
    fn is_settled(&self) -> bool {
        let last = u64::try_from(self.written.max(self.changed)).unwrap_or(0);
        let age = (SystemTime::UNIX_EPOCH + Duration::from_nanos(last)).elapsed();
        age.is_ok_and(|age| age > TICK)
    }
}

impl Folder {
    /// Reads a folder; `None` if it is not there.
    pub fn read(path: &Path) -> Result<Option<Self>, Error> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        // What is asked for before the names are read is never newer than they are.
        let data = fs::metadata(path).map_err(Error::io("read", path))?;
        let mut folder = Self { stamp: FolderStamp::of(&data).filter(FolderStamp::is_settled), ..Self::default() };
        for entry in entries {
            let entry = entry.map_err(Error::io("read", path))?;
            let kind = entry.file_type().map_err(Error::io("read", path))?;
            if kind.is_dir() {
                folder.folders.push(entry.file_name());
            } else if kind.is_symlink() && entry.path().is_dir() {
                folder.links.push(entry.file_name());
            } else {
                folder.file(entry.file_name());
            }
        }
        Ok(Some(folder))
    }

    fn file(&mut self, file_name: OsString) {
        let name = file_name.to_string_lossy();
        if RolloutName::parse(&name).is_some() {
            self.rollouts.push(name.into_owned());
        } else if HeldFile::is_named(&name)
            || (name.starts_with("rollout-") && (name.ends_with(".jsonl") || name.ends_with(".jsonl.zst")))
        {
            self.others.push(file_name);
        }
    }

    /// How many names were read.
    pub fn len(&self) -> usize {
        self.folders.len() + self.links.len() + self.rollouts.len() + self.others.len()
    }
}
