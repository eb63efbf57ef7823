//! The rollouts of a codex home, as they were when it was looked through: by session, and by the id that other rollouts know a file by.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
#[cfg(not(unix))]
use std::time::SystemTime;

use super::CodexHome;
use super::held::HeldFile;
use crate::model::SessionId;
use crate::rollout::{ACTIVE, ARCHIVED, Error, Refusal, RolloutFile};

/// What a look through a codex home found.
#[derive(Debug, Default)]
pub struct Rollouts {
    all: Vec<RolloutFile>,
    refused: Vec<Error>,
    held: Vec<HeldFile>,
    sessions: OnceLock<HashMap<SessionId, usize>>,
    segments: OnceLock<HashMap<SessionId, usize>>,
}

impl Rollouts {
    /// One a session, in the order of their names: oldest first.
    pub fn all(&self) -> &[RolloutFile] {
        &self.all
    }

    /// The rollouts that were moved aside, to be removed later.
    pub fn held(&self) -> &[HeldFile] {
        &self.held
    }

    /// The rollouts, without what was found besides.
    pub fn into_all(self) -> Vec<RolloutFile> {
        self.all
    }

    /// The files that are named like rollouts but are none, and the folders that can't be read; given once.
    pub fn take_refused(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.refused)
    }

    /// The rollout of a session.
    pub fn session(&self, id: SessionId) -> Option<&RolloutFile> {
        let by_id = || self.all.iter().enumerate().map(|(at, file)| (file.name.id, at)).collect();
        self.sessions.get_or_init(by_id).get(&id).map(|at| &self.all[*at])
    }

    /// The session that a rollout of this id is a file of.
    pub fn owner(&self, rollout: SessionId) -> Option<&RolloutFile> {
        let ids = |(at, session): (usize, &RolloutFile)| {
            session.files().map(|file| (file.name.rollout_id(), at)).collect::<Vec<_>>()
        };
        let by_id = || self.all.iter().enumerate().flat_map(ids).collect();
        self.segments.get_or_init(by_id).get(&rollout).map(|at| &self.all[*at])
    }
}

impl CodexHome {
    /// Looks through the home. What can't be read is named and left out. Folders are followed through links, each once; files are not.
    pub fn rollouts(&self) -> Rollouts {
        self.rollouts_like("")
    }

    /// The rollouts whose names hold a text, such as a session's id or the beginning of one. The system is asked about no other file.
    pub fn rollouts_like(&self, text: &str) -> Rollouts {
        let mut scan = Scan { like: text.to_owned(), ..Scan::default() };
        for folder in [ACTIVE, ARCHIVED] {
            scan.folders.push(self.path().join(folder));
        }
        scan.run();
        scan.sorted()
    }

    /// The rollout of a session, if it has one.
    pub fn rollout_of(&self, id: SessionId) -> Option<RolloutFile> {
        self.rollouts_like(&id.to_string()).into_all().into_iter().find(|file| file.name.id == id)
    }
}

#[derive(Default)]
struct Scan {
    /// What a file's name must hold.
    like: String,
    folders: Vec<PathBuf>,
    /// Links to folders. They are followed last, so that a folder is found under its own name if it has one here.
    links: Vec<PathBuf>,
    seen: HashSet<(u64, u64)>,
    files: Vec<RolloutFile>,
    refused: Vec<Error>,
    held: Vec<HeldFile>,
}

impl Scan {
    fn run(&mut self) {
        while let Some(folder) = self.folders.pop().or_else(|| self.links.pop()) {
            if let Err(error) = self.folder(&folder) {
                self.refused.push(error);
            }
        }
    }

    fn folder(&mut self, folder: &Path) -> Result<(), Error> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io("read", folder)(error)),
        };
        let data = fs::metadata(folder).map_err(Error::io("read", folder))?;
        if !self.seen.insert(identity(&data)) {
            return Ok(());
        }
        for entry in entries {
            let entry = entry.map_err(Error::io("read", folder))?;
            let kind = entry.file_type().map_err(Error::io("read", folder))?;
            if kind.is_dir() {
                self.folders.push(entry.path());
            } else if kind.is_symlink() && entry.path().is_dir() {
                self.links.push(entry.path());
            } else {
                self.file(&entry);
            }
        }
        Ok(())
    }

    fn file(&mut self, entry: &fs::DirEntry) {
        let file_name = entry.file_name();
        let name = file_name.to_string_lossy();
        if !name.contains(&self.like) {
            return;
        }
        if let Some(held) = HeldFile::at(&entry.path()) {
            return self.held.push(held);
        }
        if !name.starts_with("rollout-") || !(name.ends_with(".jsonl") || name.ends_with(".jsonl.zst")) {
            return;
        }
        // A file that vanished since the folder was read was moved or deleted by Codex: it is simply not there.
        let Ok(data) = entry.metadata() else { return };
        match RolloutFile::of(&entry.path(), &name, &data) {
            Ok(file) => self.files.push(file),
            Err(refused) => self.refused.push(refused),
        }
    }

    fn sorted(mut self) -> Rollouts {
        // A session's files in the order that it went through them; of several of one name the first counts: text before packed, active
        // before archived.
        let order =
            |file: &RolloutFile| (file.name.id, file.name.segment, file.packing, file.archived, file.path.clone());
        self.files.sort_by_cached_key(order);
        let mut kept: Vec<RolloutFile> = Vec::with_capacity(self.files.len());
        for file in self.files {
            match kept.pop_if(|last| last.name.id == file.name.id) {
                None => kept.push(file),
                Some(last) if last.name.segment < file.name.segment => kept.push(last.followed_by(file)),
                Some(last) => {
                    // While Codex compresses, the same rollout is there twice for a moment.
                    if last.name != file.name || last.packing == file.packing {
                        self.refused.push(Error::refused(&file.path)(Refusal::Duplicate));
                    }
                    kept.push(last);
                }
            }
        }
        kept.sort_by_cached_key(|file| (file.name.to_string(), file.path.clone()));
        Rollouts { all: kept, refused: self.refused, held: self.held, ..Rollouts::default() }
    }
}

/// What tells a folder from every other on this machine.
#[cfg(unix)]
fn identity(data: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (data.dev(), data.ino())
}

/// What tells a folder from every other: when it was made, as far as that goes.
#[cfg(not(unix))]
fn identity(data: &fs::Metadata) -> (u64, u64) {
    let since = |time: std::io::Result<SystemTime>| {
        time.ok()
            .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos() as u64)
    };
    (since(data.created()), since(data.modified()))
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

    fn look(home: &Path) -> (Vec<RolloutFile>, Vec<Error>) {
        let mut rollouts = CodexHome::new(home).rollouts();
        let refused = rollouts.take_refused();
        (rollouts.into_all(), refused)
    }

    #[test]
    fn rollouts_are_found_wherever_codex_keeps_them() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("rollout-2026-11-22T22-56-19-{ID}.jsonl");
        write(folder.path(), &format!("archived_sessions/{name}"));
        write(folder.path(), &format!("sessions/2026/11/22/{name}.zst"));
        write(folder.path(), "sessions/2026/11/22/rollout-2026-11-22T22-56-19-mine.jsonl");
        write(folder.path(), "sessions/2026/11/22/notes.txt");
        let (files, refused) = look(folder.path());
        assert_eq!(files.len(), 1);
        assert!(files[0].archived);
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].to_string().contains("its name is not"));
    }

    #[test]
    fn two_files_of_one_session_are_told() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &format!("sessions/2026/11/22/rollout-2026-11-22T22-56-19-{ID}.jsonl"));
        write(folder.path(), &format!("archived_sessions/rollout-2026-11-22T22-56-19-{ID}.jsonl"));
        let (files, refused) = look(folder.path());
        assert!(files.len() == 1 && !files[0].archived);
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
        let (files, refused) = look(folder.path());
        assert!(files.len() == 1 && refused.is_empty());
        let names: Vec<String> = files[0].files().map(|file| file.name.to_string()).collect();
        assert!(names.len() == 3 && names.is_sorted(), "{names:?}");
        assert_eq!(files[0].stamp.as_ref().unwrap().split('+').count(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_followed_through_links_each_once_and_files_are_not() {
        use std::os::unix::fs::symlink;
        let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let sessions = home.path().join("sessions");
        fs::create_dir_all(sessions.join("2025")).unwrap();
        write(elsewhere.path(), &format!("11/22/rollout-2026-11-22T22-56-19-{ID}.jsonl"));
        symlink(elsewhere.path(), sessions.join("2026")).unwrap();
        symlink(elsewhere.path(), sessions.join("2027")).unwrap();
        symlink(home.path(), sessions.join("2025/loop")).unwrap();
        symlink("/etc/hosts", sessions.join(format!("2025/rollout-2026-11-22T22-56-19-{ID}.jsonl"))).unwrap();
        let (files, refused) = look(home.path());
        assert_eq!(files.len(), 1);
        assert!(files[0].path.starts_with(&sessions));
        assert!(refused.len() == 1 && refused[0].to_string().contains("not a regular file"), "{refused:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_read_is_named_and_the_rest_goes_on() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        write(home.path(), &format!("sessions/2026/11/22/rollout-2026-11-22T22-56-19-{ID}.jsonl"));
        // A file in the place of a folder is no folder for anybody, root included; a closed folder is one for root.
        fs::write(home.path().join("archived_sessions"), "x").unwrap();
        let closed = home.path().join("sessions/2025");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        let (files, refused) = look(home.path());
        assert_eq!(files.len(), 1);
        assert!(!refused.is_empty() && refused.iter().all(|error| matches!(error, Error::Io { .. })), "{refused:?}");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    }
}
