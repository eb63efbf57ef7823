//! Which sessions Codex has open, to be told and nothing else: no lock is taken where the system says which files are open.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::open_files::open_elsewhere;
use super::writer_lock::locks;
use super::{CodexHome, Error, Rollouts, WriterLock};
use crate::model::SessionId;
use crate::rollout::RolloutFile;

/// The sessions whose rollouts or locks another process has open; where that can't be seen, those that Codex has locked.
pub fn in_use(home: &CodexHome, rollouts: &Rollouts) -> HashSet<SessionId> {
    let locks = locks(home);
    let files = rollouts.all().iter().flat_map(RolloutFile::files).map(|file| (file.path.clone(), file.name.id));
    let sessions: HashMap<PathBuf, SessionId> = files.chain(locks.iter().cloned()).collect();
    let paths: Vec<PathBuf> = sessions.keys().cloned().collect();
    match open_elsewhere(&paths) {
        Some(open) => open.iter().filter_map(|path| sessions.get(path).copied()).collect(),
        None => {
            let is_locked = |session: &SessionId| matches!(WriterLock::probe(home, *session), Err(Error::InUse(_)));
            locks.into_iter().map(|(_, session)| session).filter(is_locked).collect()
        }
    }
}

/// Whether another process has a session's rollout or its lock open; where that can't be seen, whether Codex has it locked.
pub fn has_open(home: &CodexHome, found: &RolloutFile) -> bool {
    let session = found.name.id;
    let lock = locks(home).into_iter().filter(|(_, of)| *of == session).map(|(path, _)| path);
    let paths: Vec<PathBuf> = found.files().map(|file| file.path.clone()).chain(lock).collect();
    let is_locked = || matches!(WriterLock::probe(home, session), Err(Error::InUse(_)));
    open_elsewhere(&paths).map_or_else(is_locked, |open| !open.is_empty())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::{self, File};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_session_whose_rollout_or_lock_is_open_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let home = CodexHome::new(folder.path());
        let ids = ["01a20579-8247-72d2-b159-c5492aec819f", "01a20579-8247-72d2-b159-c5492aec8190"];
        let [by_file, by_lock] = ids.map(|id| SessionId::parse(id).unwrap());
        let (sessions, locks) = (folder.path().join("sessions/2026/11/22"), folder.path().join("thread-writer-locks"));
        [&sessions, &locks].into_iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
        let rollout = sessions.join(format!("rollout-2026-11-22T22-56-19-{by_file}.jsonl"));
        let lock = locks.join(format!("{by_lock}.lock"));
        [&rollout, &lock].into_iter().for_each(|file| fs::write(file, "{}\n").unwrap());
        assert_eq!(in_use(&home, &home.rollouts()), HashSet::new());
        let found = home.rollouts().session(by_file).unwrap().clone();
        let holder = |file| Command::new("sleep").arg("60").stdin(Stdio::from(File::open(file).unwrap())).spawn();
        for (file, session) in [(&rollout, by_file), (&lock, by_lock)] {
            let mut holder = holder(file).unwrap();
            assert_eq!(in_use(&home, &home.rollouts()), HashSet::from([session]));
            assert_eq!(has_open(&home, &found), session == by_file);
            holder.kill().unwrap();
            holder.wait().unwrap();
        }
    }
}
