//! Watching a codex home for rollouts that grow: the system tells which files change, and where it can't, the folders are looked through.
//!
//! What is told is only a reason to look: an event may be missed or come for nothing.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use memchr::memmem;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{CodexHome, Error};
use crate::disk::regular;
use crate::rollout::{ACTIVE, RolloutFile, RolloutName, Stamp, turn_endings};

/// How many bytes are searched at once, and how many of them are looked at again with the next.
const PIECE: usize = 1 << 20;
const OVERLAP: usize = 16;

/// A codex home that is watched.
pub struct HomeWatch {
    sessions: PathBuf,
    sender: UnboundedSender<PathBuf>,
    changes: UnboundedReceiver<PathBuf>,
    watcher: Option<RecommendedWatcher>,
    /// What was last seen of each rollout: how far it was searched, and what the system said of the file.
    seen: HashMap<PathBuf, (u64, Option<Stamp>)>,
}

impl HomeWatch {
    /// Begins to watch. What the rollouts hold so far is not looked at.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn begin(home: &CodexHome) -> Result<Self, Error> {
        let (sender, changes) = unbounded_channel();
        let mut watch =
            Self { sessions: home.path().join(ACTIVE), sender, changes, watcher: None, seen: HashMap::new() };
        watch.listen();
        watch.seen = home.rollouts().into_all().into_iter().map(|file| (file.path, (file.len, file.stamp))).collect();
        Ok(watch)
    }

    /// Whether the system tells of changes. It can't before there is a folder of sessions, or where it has no means to; then this tries
    /// again.
    pub fn listen(&mut self) -> bool {
        if self.watcher.is_none() && self.sessions.is_dir() {
            let sender = self.sender.clone();
            let told = move |event: notify::Result<notify::Event>| {
                let event = event.unwrap_or_default();
                let looks = matches!(event.kind, EventKind::Access(_));
                for path in event.paths.into_iter().filter(|_| !looks) {
                    // Nobody listens any more when the watch ends.
                    let _ = sender.send(path);
                }
            };
            let watcher = notify::recommended_watcher(told)
                .and_then(|mut watcher| watcher.watch(&self.sessions, RecursiveMode::Recursive).map(|()| watcher));
            match watcher {
                Ok(watcher) => self.watcher = Some(watcher),
                Err(error) => tracing::info!(%error, "the system does not tell of changes"),
            }
        }
        self.watcher.is_some()
    }

    /// Waits for changes, and gives the rollouts in which a turn may have ended.
    pub async fn changes(&mut self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.changes.recv().await.into_iter().collect();
        while let Ok(path) = self.changes.try_recv() {
            paths.push(path);
        }
        paths.sort_unstable();
        paths.dedup();
        paths.retain(|path| is_rollout(path) && self.may_have_ended(path));
        paths
    }

    /// Looks through the folders, and gives the rollouts in which a turn may have ended since they were looked at.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub fn sweep(&mut self, home: &CodexHome) -> Result<Vec<PathBuf>, Error> {
        let mut ended = Vec::new();
        for RolloutFile { path, stamp, .. } in home.rollouts().into_all() {
            let known = self.seen.get(&path).is_some_and(|(_, seen)| seen.is_some() && *seen == stamp);
            if known {
                continue;
            }
            if self.may_have_ended(&path) {
                ended.push(path.clone());
            }
            self.seen.entry(path).or_default().1 = stamp;
        }
        Ok(ended)
    }

    /// Searches what a file gained for what can end a turn; all of one that is seen for the first time, or became shorter.
    fn may_have_ended(&mut self, path: &Path) -> bool {
        let known = self.seen.get(path).map_or(0, |(at, _)| *at);
        let Ok((end, ended)) = search(path, known) else { return false };
        self.seen.entry(path.to_owned()).or_default().0 = end;
        ended
    }
}

fn is_rollout(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| RolloutName::parse(name).is_some())
}

/// Whether a file holds an ending after an offset (all of it is searched if it is shorter), and how long it is.
fn search(path: &Path, from: u64) -> std::io::Result<(u64, bool)> {
    let mut file = regular::open(path)?;
    let len = file.metadata()?.len();
    let mut at = if from > len { 0 } else { from.saturating_sub(OVERLAP as u64) };
    file.seek(SeekFrom::Start(at))?;
    let (mut piece, mut kept, mut ended) = (vec![0; PIECE], 0, false);
    loop {
        let read = file.read(&mut piece[kept..])?;
        if read == 0 {
            return Ok((at, ended));
        }
        let filled = kept + read;
        ended |= turn_endings().any(|ending| memmem::find(&piece[..filled], ending.as_bytes()).is_some());
        at += read as u64;
        let keep = filled.saturating_sub(OVERLAP);
        piece.copy_within(keep..filled, 0);
        kept = filled - keep;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn an_ending_is_found_wherever_the_pieces_are_cut() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&vec![b'x'; PIECE - 5]).unwrap();
        file.write_all(b"task_comp").unwrap();
        let (end, ended) = search(file.path(), 0).unwrap();
        assert_eq!((end, ended), (PIECE as u64 + 4, false));
        file.write_all(b"lete").unwrap();
        assert_eq!(search(file.path(), end).unwrap(), (end + 4, true));
        assert_eq!(search(file.path(), end + 4 + OVERLAP as u64).unwrap(), (end + 4, true), "it became shorter");
        assert!(turn_endings().all(|ending| ending.len() <= OVERLAP));
    }
}
