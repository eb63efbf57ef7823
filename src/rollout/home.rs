//! A codex home: where Codex keeps its sessions, and which rollouts are there.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::write::is_aside;
use super::{Error, Packing, Refusal, RolloutName};
use crate::model::{Leftover, SessionId};

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

    fn of(path: &Path, file_name: &str, data: &fs::Metadata) -> Result<Self, Error> {
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

    /// Removes the file, if it is still as it was found.
    ///
    /// # Errors
    /// [`Error::Changed`] when it is not; when the system refuses.
    pub fn remove(&self) -> Result<(), Error> {
        let data = fs::symlink_metadata(&self.path).map_err(Error::io("read", &self.path))?;
        let same = data.len() == self.len && data.modified().ok() == Some(self.modified);
        if !same {
            return Err(Error::Changed { path: self.path.clone() });
        }
        fs::remove_file(&self.path).map_err(Error::io("remove", &self.path))
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

    /// The session's files, oldest first.
    pub fn files(&self) -> impl Iterator<Item = &Found> {
        self.earlier.iter().chain(std::iter::once(self))
    }

    /// Takes the file that the session went on in.
    fn followed_by(mut self, mut next: Self) -> Self {
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

    /// All rollouts, one a session, in the order of their names (oldest first); and the files that are named like rollouts but
    /// are none. Links are not followed.
    ///
    /// # Errors
    /// When a folder can't be read. A folder that doesn't exist is empty.
    pub fn rollouts(&self) -> Result<(Vec<Found>, Vec<Error>), Error> {
        let mut scan = Scan::default();
        for folder in [ACTIVE, ARCHIVED] {
            scan.folder(&self.path.join(folder))?;
        }
        Ok(scan.sorted())
    }

    /// The rollout of a session, if it has one.
    ///
    /// # Errors
    /// As [`CodexHome::rollouts`].
    pub fn rollout_of(&self, id: SessionId) -> Result<Option<Found>, Error> {
        Ok(self.rollouts()?.0.into_iter().find(|found| found.name.id == id))
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

#[derive(Default)]
struct Scan {
    found: Vec<Found>,
    refused: Vec<Error>,
}

impl Scan {
    fn folder(&mut self, folder: &Path) -> Result<(), Error> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io("read", folder)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(Error::io("read", folder))?;
            let kind = entry.file_type().map_err(Error::io("read", folder))?;
            if kind.is_dir() {
                self.folder(&entry.path())?;
            } else {
                self.file(&entry);
            }
        }
        Ok(())
    }

    fn file(&mut self, entry: &fs::DirEntry) {
        let file_name = entry.file_name();
        let name = file_name.to_string_lossy();
        if !name.starts_with("rollout-") || !(name.ends_with(".jsonl") || name.ends_with(".jsonl.zst")) {
            return;
        }
        // A file that vanished since the folder was read was moved or deleted by Codex: it is simply not there.
        let Ok(data) = entry.metadata() else { return };
        match Found::of(&entry.path(), &name, &data) {
            Ok(found) => self.found.push(found),
            Err(refused) => self.refused.push(refused),
        }
    }

    fn sorted(mut self) -> (Vec<Found>, Vec<Error>) {
        // A session's files in the order that it went through them; of several of one name the first counts: text before packed, active
        // before archived.
        let order =
            |found: &Found| (found.name.id, found.name.segment, found.packing, found.archived, found.path.clone());
        self.found.sort_by_cached_key(order);
        let mut kept: Vec<Found> = Vec::with_capacity(self.found.len());
        for found in self.found {
            match kept.pop_if(|last| last.name.id == found.name.id) {
                None => kept.push(found),
                Some(last) if last.name.segment < found.name.segment => kept.push(last.followed_by(found)),
                Some(last) => {
                    // While Codex compresses, the same rollout is there twice for a moment.
                    if last.name != found.name || last.packing == found.packing {
                        self.refused.push(Error::refused(&found.path)(Refusal::Duplicate));
                    }
                    kept.push(last);
                }
            }
        }
        kept.sort_by_cached_key(|found| (found.name.to_string(), found.path.clone()));
        (kept, self.refused)
    }
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

    fn write(home: &Path, path: &str) {
        let path = home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    #[test]
    fn rollouts_are_found_wherever_codex_keeps_them() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("rollout-2026-11-22T22-56-19-{ID}.jsonl");
        write(folder.path(), &format!("archived_sessions/{name}"));
        write(folder.path(), &format!("sessions/2026/11/22/{name}.zst"));
        write(folder.path(), "sessions/2026/11/22/rollout-2026-11-22T22-56-19-mine.jsonl");
        write(folder.path(), "sessions/2026/11/22/notes.txt");
        let (found, refused) = CodexHome::new(folder.path()).rollouts().unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].archived);
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].to_string().contains("its name is not"));
    }

    #[test]
    fn two_files_of_one_session_are_told() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &format!("sessions/2026/11/22/rollout-2026-11-22T22-56-19-{ID}.jsonl"));
        write(folder.path(), &format!("archived_sessions/rollout-2026-11-22T22-56-19-{ID}.jsonl"));
        let (found, refused) = CodexHome::new(folder.path()).rollouts().unwrap();
        assert!(found.len() == 1 && !found[0].archived);
        assert!(refused[0].to_string().contains("another file of the same session"));
    }

    #[test]
    fn a_session_that_was_rewound_has_several_files() {
        let folder = tempfile::tempdir().unwrap();
        let segment = |n| {
            format!(
                "sessions/2026/11/22/rollout-2026-11-22T22-56-2{n}-{ID}_01a20579-8247-72d2-b159-c5492aec81{n}f.jsonl"
            )
        };
        write(folder.path(), &segment(2));
        write(folder.path(), &segment(1));
        write(folder.path(), &format!("sessions/2026/11/22/rollout-2026-11-22T22-56-19-{ID}.jsonl"));
        let (found, refused) = CodexHome::new(folder.path()).rollouts().unwrap();
        assert!(found.len() == 1 && refused.is_empty());
        let names: Vec<String> = found[0].files().map(|file| file.name.to_string()).collect();
        assert!(names.len() == 3 && names.is_sorted(), "{names:?}");
        assert_eq!(found[0].stamp.as_ref().unwrap().split('+').count(), 3);
    }

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

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("sessions")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("sessions/loop")).unwrap();
        std::os::unix::fs::symlink(
            "/etc/hosts",
            folder.path().join(format!("sessions/rollout-2026-11-22T22-56-19-{ID}.jsonl")),
        )
        .unwrap();
        let (found, refused) = CodexHome::new(folder.path()).rollouts().unwrap();
        assert!(found.is_empty());
        assert!(refused[0].to_string().contains("not a regular file"));
    }
}
