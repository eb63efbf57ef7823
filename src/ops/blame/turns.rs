//! The turns that touched files: with a patch of one, or with a command that names one.

use std::collections::HashSet;
use std::path::Path;

use super::super::stats::turn_id;
use super::super::{Error, Filter, FoundSession, FoundTurn, LogEntry, Needle, Search, Spelling, Superseded, Workspace};
use crate::model::What;
use crate::model::command_line::{FORMATTERS, is_formatter, only_reads};
use crate::model::item::Command;
use crate::model::patch::Change;
use crate::model::piece::PieceKind;
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
        let needle = Needle::new(&pattern(wanted.names), Spelling { ignores_case: Some(false), ..Spelling::default() });
        // Names are escaped, so there is always a pattern; one that is too large looks everywhere.
        let Some(needle) = needle.or_else(|_| "".parse()).ok() else { return Ok(Default::default()) };
        let search = Search {
            needle,
            kinds: vec![PieceKind::Patch, PieceKind::Command],
            filter: Filter::default(),
            file: None,
            point: None,
            most: 0,
            around: (0, 0),
        };
        let mut turns: Vec<FoundTurn> = Vec::new();
        let take = &mut |session: FoundSession| {
            turns.extend(session.turns);
            true
        };
        let mut unreadable = self.search(&search, take, &mut |_, _| {})?.unreadable;
        let (mut told, mut found) = (HashSet::new(), Vec::new());
        for turn in turns {
            let toucher = self.store.commit(turn.commit).map_err(Error::from).and_then(|commit| {
                // A rollout that was rewritten tells turns once more, in other bytes.
                let again = turn_id(&commit).is_some_and(|turn| !told.insert(turn));
                if again { Ok(None) } else { self.toucher(commit, wanted) }
            });
            match toucher {
                Ok(Some(mut toucher)) => {
                    toucher.turn.superseded = turn.superseded.filter(|aside| *aside == Superseded::LeftBehind);
                    found.push(toucher);
                }
                Ok(None) => {}
                Err(_) => unreadable += 1,
            }
        }
        Ok((found, unreadable))
    }

    /// What a turn did to the files, if anything.
    fn toucher(&self, commit: Commit, wanted: &Wanted<'_>) -> Result<Option<Toucher>, Error> {
        let chunk = self.bytes_of(&self.store.turn_blobs(commit.id)?)?;
        let formats = commit.message.cwd.as_deref().is_some_and(wanted.is_ours);
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
        // Lines after a session's last turn are told with that.
        let turn = match commit.before().filter(|_| commit.message.kind.is_pending()) {
            Some(before) => self.store.commit(before)?,
            None => commit,
        };
        Ok(is_any.then(|| Toucher { turn: LogEntry::of(turn), changes, commands }))
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

/// What stands in the patches and commands of turns that touched files of these names.
fn pattern(names: &HashSet<String>) -> String {
    let longest = |name: &String| {
        // What a screen must not get is in no text that is searched.
        let parts = name.split(|c: char| !(c.is_alphanumeric() || c.is_ascii_graphic() || c == ' '));
        regex::escape(parts.max_by_key(|part| part.len()).unwrap_or_default())
    };
    names.iter().map(longest).chain(FORMATTERS.map(regex::escape)).collect::<Vec<_>>().join("|")
}
