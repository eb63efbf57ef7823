//! What became of the hooks that Codex ran: a line each, in `log/codex-git.log` of the codex home.
//!
//! A hook may say nothing to Codex, so this is where it says it. The log never grows above half a megabyte: past half of that it is put
//! aside as `codex-git.log.1`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::disk::private;
use crate::model::{rfc3339, text};

/// Above so many bytes a log is put aside.
const FULL: u64 = 256 * 1024;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookRun {
    /// When, in seconds since 1970.
    pub at: i64,
    /// The event's name, or what stood in its place.
    pub event: String,
    /// What was done, or why not.
    pub outcome: Result<String, String>,
}

/// The log of the codex home at `home`.
pub struct HookLog {
    path: PathBuf,
}

impl HookLog {
    /// The log of a codex home; nothing is read yet.
    pub fn of(home: &Path) -> Self {
        Self { path: home.join("log").join("codex-git.log") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line. That it can't be written is nobody's business: there is no other place to tell it.
    pub fn add(&self, run: &HookRun) {
        let (word, words) = match &run.outcome {
            Ok(words) => ("ok", words),
            Err(words) => ("error", words),
        };
        let line = format!("{} {} {word} {}\n", rfc3339(run.at), text::plain(&run.event), text::plain(words));
        if fs::metadata(&self.path).is_ok_and(|data| data.len() > FULL) {
            fs::rename(&self.path, self.aside()).ok();
        }
        if let Some(folder) = self.path.parent()
            // The codex home itself is not made: one that was removed stays removed.
            && folder.parent().is_some_and(Path::is_dir)
        {
            private::make_folder(folder).ok();
        }
        // In one write, so that two lines never mix.
        private::append(&self.path).and_then(|mut log| log.write_all(line.as_bytes())).ok();
    }

    /// All lines, oldest first.
    pub fn runs(&self) -> Vec<HookRun> {
        let text = |path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        [text(self.aside()), text(self.path.clone())].iter().flat_map(|text| text.lines()).filter_map(read).collect()
    }

    fn aside(&self) -> PathBuf {
        self.path.with_extension("log.1")
    }
}

fn read(line: &str) -> Option<HookRun> {
    let mut words = line.splitn(4, ' ');
    let at = OffsetDateTime::parse(words.next()?, &Rfc3339).ok()?.unix_timestamp();
    let event = words.next()?.to_owned();
    let (word, words) = (words.next()?, words.next().unwrap_or_default().to_owned());
    let outcome = if word == "ok" { Ok(words) } else { Err(words) };
    Some(HookRun { at, event, outcome })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_and_old_lines_go() {
        let home = tempfile::tempdir().unwrap();
        let log = HookLog::of(home.path());
        assert_eq!(log.runs(), []);
        let run = |at, outcome| HookRun { at, event: "Stop".into(), outcome };
        log.add(&run(1_795_388_179, Ok("turn 3".into())));
        log.add(&run(1_795_388_180, Err("no\nstore\u{1b}[31m".into())));
        let runs = log.runs();
        assert_eq!(runs[0], run(1_795_388_179, Ok("turn 3".into())));
        assert!(runs[1].outcome.as_ref().is_err_and(|words| words.starts_with("no") && !words.contains('\u{1b}')));
        fs::write(log.path(), vec![b'x'; FULL as usize + 1]).unwrap();
        log.add(&run(1, Ok(String::new())));
        log.add(&run(2, Ok(String::new())));
        assert_eq!(log.runs().len(), 2);
        assert!(fs::metadata(log.path()).unwrap().len() < 200);
    }
}
