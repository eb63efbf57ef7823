//! A codex home: where Codex keeps its sessions, and which rollouts are there.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::write::is_aside;
use super::{Error, Packing, Refusal, RolloutName};
use crate::model::Leftover;

/// The folders of a codex home that hold rollouts.
pub(super) const ACTIVE: &str = "sessions";
pub(super) const ARCHIVED: &str = "archived_sessions";

/// How long nobody has written to a file that is left behind.
const LEFT: Duration = Duration::from_secs(60 * 60);

/// A folder in which Codex keeps its state (`$CODEX_HOME`, else `~/.codex`).
#[derive(Clone, Debug)]
pub struct CodexHome {
    path: PathBuf,
}

/// A session's rollout that was found. If Codex rewound the session, that is the file it goes on in.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// What its name says.
    pub name: RolloutName,
    /// How it is kept.
    pub packing: Packing,
    /// Whether it lies in the archive.
    pub archived: bool,
    /// How many bytes the file has.
    pub len: u64,
    /// When it was last written.
    pub modified: SystemTime,
    /// What the system says of the session's files; the same text means the same bytes. `None` where the system can't tell.
    pub stamp: Option<String>,
    /// The files that it was in before, oldest first.
    pub earlier: Vec<Found>,
}

impl Found {
    /// The rollout at a path, wherever it is.
    ///
    /// # Errors
    /// When it is not a regular file, or not named like a rollout.
    pub fn at(path: &Path) -> Result<Self, Error> {
        let data = fs::metadata(path).map_err(Error::io("read", path))?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        Self::of(path, name, &data)
    }

    pub(super) fn of(path: &Path, file_name: &str, data: &fs::Metadata) -> Result<Self, Error> {
        if !data.is_file() {
            return Err(Error::refused(path)(Refusal::NotAFile));
        }
        let (name, packing) = RolloutName::parse(file_name).ok_or_else(|| Error::refused(path)(Refusal::BadName))?;
        Ok(Self {
            path: path.to_owned(),
            name,
            packing,
            archived: path.parent().is_some_and(|folder| folder.ends_with(ARCHIVED)),
            len: data.len(),
            modified: data.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            stamp: stamp(data),
            earlier: Vec::new(),
        })
    }

    /// Whether one of the session's files is another one since the stamp was taken, or was written to without growing: more may have changed
    /// than lines that were added.
    pub fn is_suspect_since(&self, stamp: &str) -> bool {
        let now = self.stamp.as_deref().unwrap_or_default();
        let suspect = |(before, now): (&str, &str)| {
            let same = |at| before.split(' ').nth(at) == now.split(' ').nth(at);
            let [len, written, _, inode] = [0, 1, 2, 3].map(same);
            !inode || (len && !written)
        };
        stamp.split('+').zip(now.split('+')).any(suspect)
    }

    /// Whether the files that the session was in before are as they were when the stamp was taken.
    pub fn has_same_earlier(&self, stamp: &str) -> bool {
        let earlier = |stamp: &str| stamp.rsplit_once('+').map(|(earlier, _)| earlier.to_owned());
        self.stamp.as_deref().is_some_and(|now| earlier(now).is_some() && earlier(now) == earlier(stamp))
    }

    /// Whether the file can have so many bytes: of a packed one that is not known.
    pub fn packed_or_longer(&self, bytes: u64) -> bool {
        self.packing == Packing::Zstd || self.len >= bytes
    }

    /// The session's files, oldest first.
    pub fn files(&self) -> impl Iterator<Item = &Found> {
        self.earlier.iter().chain(std::iter::once(self))
    }

    /// Takes the file that the session went on in.
    pub fn followed_by(mut self, mut next: Self) -> Self {
        next.stamp = self.stamp.take().zip(next.stamp).map(|(before, stamp)| format!("{before}+{stamp}"));
        next.earlier = std::mem::take(&mut self.earlier);
        next.earlier.push(self);
        next
    }
}

impl CodexHome {
    /// A codex home at a path; nothing is read yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The home's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where Codex puts a rollout of this name.
    pub fn place_of(&self, name: &RolloutName) -> PathBuf {
        let [year, month, day] = name.folder();
        self.path.join(ACTIVE).join(year).join(month).join(day).join(name.to_string())
    }

    /// A path below the home as text, for where a rollout was last seen; `None` if it is elsewhere.
    pub fn relative(&self, path: &Path) -> Option<String> {
        Some(path.strip_prefix(&self.path).ok()?.to_str()?.to_owned())
    }

    /// Where a rollout of this name was last seen, read from text; `None` unless it is a plain path below `sessions` or
    /// `archived_sessions` that ends in that very name.
    pub fn place_from(&self, relative: &str, name: &RolloutName) -> Option<PathBuf> {
        let path = Path::new(relative.strip_suffix(".zst").unwrap_or(relative));
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        let below = path.starts_with(ACTIVE) || path.starts_with(ARCHIVED);
        let fits = below && path.file_name()?.to_str()? == name.to_string();
        (plain && fits).then(|| self.path.join(path))
    }
}

impl CodexHome {
    /// Rollouts that were being written when their process died: nobody has written to them for an hour.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn leftovers(&self) -> Result<Vec<Leftover>, Error> {
        let mut found = Vec::new();
        for folder in [ACTIVE, ARCHIVED] {
            leftovers(&self.path.join(folder), &mut found)?;
        }
        Ok(found)
    }
}

fn leftovers(folder: &Path, found: &mut Vec<Leftover>) -> Result<(), Error> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry.map_err(Error::io("read", folder))?;
        let (path, Ok(data)) = (entry.path(), entry.metadata()) else { continue };
        let age = data.modified().ok().and_then(|modified| modified.elapsed().ok()).unwrap_or_default();
        if data.is_dir() {
            leftovers(&path, found)?;
        } else if entry.file_name().to_str().is_some_and(is_aside) && age >= LEFT {
            found.push(Leftover { path, bytes: data.len() });
        }
    }
    Ok(())
}

/// Length, last write, last change of any kind, and inode: no write leaves all four as they were.
#[cfg(unix)]
fn stamp(data: &fs::Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let (written, changed) = ((data.mtime(), data.mtime_nsec()), (data.ctime(), data.ctime_nsec()));
    Some(format!("{} {}.{:09} {}.{:09} {}", data.len(), written.0, written.1, changed.0, changed.1, data.ino()))
}

#[cfg(not(unix))]
fn stamp(_: &fs::Metadata) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01a20579-8247-72d2-b159-c5492aec819f";

    #[test]
    fn a_remembered_place_must_be_a_plain_path_to_that_name() {
        let home = CodexHome::new(Path::new("/home/x/.codex"));
        let name = RolloutName::parse(&format!("rollout-2026-11-22T22-56-19-{ID}.jsonl")).unwrap().0;
        assert_eq!(
            home.place_from(&format!("sessions/old/{name}"), &name),
            Some(home.path().join(format!("sessions/old/{name}")))
        );
        for bad in
            [format!("sessions/../../{name}"), format!("/etc/{name}"), format!("archive/{name}"), "sessions/x".into()]
        {
            assert_eq!(home.place_from(&bad, &name), None, "{bad}");
        }
    }
}
