//! The rollouts of a codex home, as they were when all of its files were asked about: one a session.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::held::HeldFile;
use crate::model::SessionId;
use crate::rollout::{Error, Refusal, RolloutFile};

/// The rollouts of a home.
#[derive(Debug, Default)]
pub struct Rollouts {
    all: Vec<RolloutFile>,
    refused: Mutex<Vec<Error>>,
    held: Vec<HeldFile>,
    sessions: OnceLock<HashMap<SessionId, usize>>,
}

impl Rollouts {
    /// Puts files together that were found.
    pub(super) fn of(mut files: Vec<RolloutFile>, mut refused: Vec<Error>, held: Vec<HeldFile>) -> Self {
        files.sort_unstable_by_key(|file| file.name.id);
        let mut all = Vec::with_capacity(files.len());
        let mut files = files.into_iter().peekable();
        while let Some(first) = files.next() {
            if files.peek().is_none_or(|next| next.name.id != first.name.id) {
                all.push(first);
                continue;
            }
            let mut session = vec![first];
            while let Some(next) = files.next_if(|next| next.name.id == session[0].name.id) {
                session.push(next);
            }
            all.extend(of_session(session, &mut |error| refused.push(error)));
        }
        all.sort_unstable_by(|a: &RolloutFile, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
        Self { all, refused: Mutex::new(refused), held, sessions: OnceLock::new() }
    }

    /// One a session, in the order of their names: oldest first.
    pub fn all(&self) -> &[RolloutFile] {
        &self.all
    }

    /// The rollouts that were moved aside, to be removed later.
    pub fn held(&self) -> &[HeldFile] {
        &self.held
    }

    /// The files that are named like rollouts but are none, and the folders that can't be read; given once.
    pub fn take_refused(&self) -> Vec<Error> {
        std::mem::take(&mut self.refused.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The rollout of a session.
    pub fn session(&self, id: SessionId) -> Option<&RolloutFile> {
        let by_id = || self.all.iter().enumerate().map(|(at, file)| (file.name.id, at)).collect();
        self.sessions.get_or_init(by_id).get(&id).map(|at| &self.all[*at])
    }
}

/// A session's rollout, from all files of it that were found; `refused` is told of those that are too many.
pub(super) fn of_session(mut files: Vec<RolloutFile>, refused: &mut dyn FnMut(Error)) -> Option<RolloutFile> {
    // In the order that the session went through them; of several of one name the first counts: text before packed, active before archived.
    files.sort_by_cached_key(|file| (file.name.segment, file.compression, file.archived, file.path.clone()));
    let mut files = files.into_iter();
    let mut last = files.next()?;
    for file in files {
        if last.name.segment < file.name.segment {
            last = last.followed_by(file);
        } else if last.name != file.name || last.compression == file.compression {
            // While Codex compresses, the same rollout is there twice for a moment.
            refused(Error::refused(&file.path)(Refusal::Duplicate));
        }
    }
    Some(last)
}

/// The rollout at a path in a home. A link to one is none.
pub(super) fn file_at(path: &Path) -> Result<RolloutFile, Error> {
    let data = fs::symlink_metadata(path).map_err(Error::io("read", path))?;
    RolloutFile::of(path, &path.file_name().unwrap_or_default().to_string_lossy(), &data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codex::CodexHome;

    const ID: &str = "01a20579-8247-72d2-b159-c5492aec819f";

    fn write(home: &Path, path: &str) {
        let path = home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    fn look(home: &Path) -> (Vec<RolloutFile>, Vec<Error>) {
        let rollouts = CodexHome::new(home).rollouts();
        let refused = rollouts.take_refused();
        (rollouts.all().to_vec(), refused)
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
        assert_eq!(files[0].stamps().unwrap().to_string().split('+').count(), 3);
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
