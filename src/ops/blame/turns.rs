//! The turns that touched files: with a patch of one, or with a command that names one.

use std::collections::HashSet;
use std::path::Path;

use regex::bytes::Regex;

use super::super::stats::turn_id;
use super::super::{Error, LogEntry, Workspace};
use crate::model::command_line::{FORMATTERS, is_formatter, only_reads};
use crate::model::item::Command;
use crate::model::patch::Change;
use crate::model::{CommitKind, ObjectId, TurnNumber, What};
use crate::rollout::Reader;
use crate::store::Commit;

/// A turn that touched files.
#[derive(Clone, Debug)]
pub(super) struct Toucher {
    /// What the log says of it.
    pub turn: LogEntry,
    /// Its patches of these files, each with its time, in their order.
    pub changes: Vec<(i64, Change)>,
    /// Its commands that name one of them, or format whatever they find, each with the time at which it ended.
    pub commands: Vec<(i64, String)>,
}

/// Which files are looked for.
pub(super) struct Wanted<'w> {
    /// The last parts of their paths.
    pub names: &'w HashSet<String>,
    /// Whether a directory is in their project.
    pub is_ours: &'w dyn Fn(&str) -> bool,
}

impl Workspace {
    /// The turns that touched files of these names, each once, however many sessions share it, and how many turns can't be read. Turns that
    /// were left behind or taken back are among them.
    pub(super) fn turns_of_files(&self, wanted: &Wanted<'_>) -> Result<(Vec<Toucher>, usize), Error> {
        let needles = Needles::of(wanted.names);
        let heads = self.store.all_heads()?.into_values();
        let mut next: Vec<ObjectId> = heads.flat_map(|(tip, open)| tip.into_iter().chain(open)).collect();
        let (mut seen, mut told, mut found, mut unreadable) = (HashSet::new(), HashSet::new(), Vec::new(), 0);
        while let Some(id) = next.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Ok(commit) = self.store.commit(id) else {
                unreadable += 1;
                continue;
            };
            next.extend(&commit.parents);
            let is_turn = matches!(commit.message.kind, CommitKind::Turn { .. });
            if !is_turn || turn_id(&commit).is_some_and(|turn| !told.insert(turn)) {
                continue;
            }
            match self.toucher(commit, wanted, &needles) {
                Ok(toucher) => found.extend(toucher),
                Err(_) => unreadable += 1,
            }
        }
        Ok((found, unreadable))
    }

    /// What a turn did to the files, if anything.
    fn toucher(&self, commit: Commit, wanted: &Wanted<'_>, needles: &Needles) -> Result<Option<Toucher>, Error> {
        let Some(number) = TurnNumber::new(commit.message.turn) else { return Ok(None) };
        let chunk = self.turn_bytes(&commit, number)?;
        let is_ours = || commit.message.cwd.as_deref().is_some_and(wanted.is_ours);
        let formats = holds(&chunk, needles.formatters.as_ref()) && is_ours();
        if !formats && !holds(&chunk, needles.names.as_ref()) {
            return Ok(None);
        }
        let (mut changes, mut commands) = (Vec::new(), Vec::new());
        let mut last = commit.author.started;
        for item in Reader::default().items(&chunk) {
            // A time that goes back within a turn is that of a clock that was set.
            last = item.at.unwrap_or(last).max(last);
            match item.what {
                What::Patch(patch) if patch.is_done() => {
                    let cwd = commit.message.cwd.as_deref();
                    let changes_here = patch.changes.into_iter().map(|change| change.rooted(cwd));
                    let ours = changes_here.filter(|change| {
                        [change.path.as_str(), change.path_after()].into_iter().any(|path| is_named(path, wanted.names))
                    });
                    changes.extend(ours.map(|change| (last, change)));
                }
                What::Command(command) if can_touch(&command, wanted.names, formats) => {
                    commands.push((last, command.text))
                }
                _ => {}
            }
        }
        let is_any = !changes.is_empty() || !commands.is_empty();
        Ok(is_any.then(|| Toucher { turn: LogEntry::of(commit), changes, commands }))
    }
}

fn is_named(path: &str, names: &HashSet<String>) -> bool {
    Path::new(path).file_name().and_then(|name| name.to_str()).is_some_and(|name| names.contains(name))
}

fn can_touch(command: &Command, names: &HashSet<String>, formats: bool) -> bool {
    let is_one =
        (formats && is_formatter(&command.text)) || names.iter().any(|name| command.text.contains(name.as_str()));
    is_one && command.refused.is_none() && !only_reads(&command.text)
}

/// What the bytes of a turn hold that touched the files. Where no pattern can be made, every turn is read.
struct Needles {
    names: Option<Regex>,
    formatters: Option<Regex>,
}

impl Needles {
    fn of(names: &HashSet<String>) -> Self {
        let longest = |name: &String| {
            // What JSON writes as an escape, in whatever way, stands between these.
            let parts = name.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-'));
            regex::escape(parts.max_by_key(|part| part.len()).unwrap_or_default())
        };
        let names = names.iter().map(longest).collect::<Vec<_>>().join("|");
        let formatters = FORMATTERS.map(regex::escape).join("|");
        Self { names: Regex::new(&names).ok(), formatters: Regex::new(&formatters).ok() }
    }
}

fn holds(chunk: &[u8], needle: Option<&Regex>) -> bool {
    needle.is_none_or(|needle| needle.is_match(chunk))
}
