//! Waiting for the end of a turn: Codex writes its marker only when the hooks that tell of it have ended.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use super::Error;
use crate::disk::regular;
use crate::rollout::{Class, next_line, skim, turn_id};

/// How much of what a file already has may hold the marker.
const LOOK_BACK: u64 = 256 * 1024;

/// How long is slept between two looks, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(100));

/// Waits until the rollout at `path` has the end marker of a turn, or, where the turn is not known, until no turn runs. Whether that came
/// within `patience`.
///
/// # Errors
/// When the file can't be read.
pub fn wait_for_end(path: &Path, turn: Option<&str>, patience: Duration) -> Result<bool, Error> {
    let until = Instant::now() + patience;
    let mut pause = PAUSE.0;
    let mut watch = Watch::begin(path, turn).map_err(Error::io("read", path))?;
    loop {
        if watch.look().map_err(Error::io("read", path))? {
            return Ok(true);
        }
        if Instant::now() >= until {
            return Ok(false);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(PAUSE.1);
    }
}

struct Watch<'a> {
    file: File,
    turn: Option<&'a str>,
    /// The first byte that was not looked at.
    at: u64,
    /// Whether `at` may stand in the middle of a line.
    inside: bool,
    ended: bool,
}

impl<'a> Watch<'a> {
    fn begin(path: &Path, turn: Option<&'a str>) -> io::Result<Self> {
        let file = regular::open(path)?;
        let at = file.metadata()?.len().saturating_sub(LOOK_BACK);
        Ok(Self { file, turn, at, inside: at > 0, ended: false })
    }

    /// Looks at the lines that came; whether the turn has ended.
    fn look(&mut self) -> io::Result<bool> {
        let len = self.file.metadata()?.len();
        self.file.seek(SeekFrom::Start(self.at))?;
        // No more than there is now: a file can grow faster than it is read.
        let (mut reader, mut line) = (BufReader::new((&self.file).take(len.saturating_sub(self.at))), Vec::new());
        while let Some(len) = next_line(&mut reader, &mut line)? {
            self.at += len;
            if std::mem::take(&mut self.inside) {
                continue;
            }
            let line = skim(&line, false);
            match (line.class, self.turn) {
                (Class::End, None) => self.ended = true,
                (Class::End, Some(turn)) => self.ended |= turn_id(&line).as_deref() == Some(turn),
                (Class::Start, None) => self.ended = false,
                _ => {}
            }
        }
        Ok(self.ended)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const SHORT: Duration = Duration::from_millis(5);

    fn marker(kind: &str, id: &str) -> String {
        format!("{{\"type\":\"event_msg\",\"payload\":{{\"type\":\"{kind}\",\"turn_id\":\"{id}\"}}}}\n")
    }

    #[test]
    fn an_end_that_is_there_is_seen_and_another_turns_is_not() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&vec![b'x'; 2 * LOOK_BACK as usize]).unwrap();
        write!(file, "\n{}{}", marker("task_started", "a"), marker("turn_aborted", "a")).unwrap();
        assert!(wait_for_end(file.path(), Some("a"), SHORT).unwrap());
        assert!(!wait_for_end(file.path(), Some("b"), SHORT).unwrap());
        assert!(wait_for_end(file.path(), None, SHORT).unwrap());
        file.write_all(marker("task_started", "b").as_bytes()).unwrap();
        assert!(!wait_for_end(file.path(), None, SHORT).unwrap());
    }

    #[test]
    fn an_end_that_comes_is_waited_for() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(marker("task_started", "a").as_bytes()).unwrap();
        let path = file.path().to_owned();
        let waiting = std::thread::spawn(move || wait_for_end(&path, Some("a"), Duration::from_secs(60)).unwrap());
        let end = marker("task_complete", "a");
        let (half, rest) = end.split_at(20);
        file.write_all(half.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(30));
        file.write_all(rest.as_bytes()).unwrap();
        assert!(waiting.join().unwrap());
    }
}
