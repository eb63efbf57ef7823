//! Log: the turns up to a point, newest first, with the names and forks that stand on them.

use std::collections::HashSet;

use super::filter::Filter;
use super::log_entry::{LogEntry, Superseded};
use super::marks::{Broken, Marks};
use super::{Error, Point, Recorded, Workspace};
use crate::model::{CommitKind, ObjectId};
use crate::store::Commit;

/// The turns up to a point.
#[derive(Debug, Default)]
pub struct Log {
    /// The turns, newest first.
    pub turns: Vec<LogEntry>,
    /// The sessions that can't be read, and why: forks and agents of these turns can be among them.
    pub broken: Broken,
}

/// Which turns of a conversation are wanted; all, where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// What they must be like.
    pub filter: Filter,
    /// How many of them, the newest.
    pub most: Option<usize>,
    /// Those of another conversation are left out.
    pub without: Option<Point>,
}

impl Workspace {
    /// The turns up to a point, newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn log(&self, from: &Point) -> Result<Log, Error> {
        self.log_of(from, &Query::default())
    }

    /// The turns up to a point that are wanted, newest first. Of commits before the last that is, hardly any are read.
    ///
    /// # Errors
    /// As [`Workspace::log`].
    pub fn log_of(&self, from: &Point, query: &Query) -> Result<Log, Error> {
        let known = self.history_of(query.without.as_ref())?;
        let (mut history, mut wanted, mut left) = (Vec::new(), HashSet::new(), query.most.unwrap_or(usize::MAX));
        for commit in self.store.history(from.id) {
            if left == 0 {
                break;
            }
            let commit = commit?;
            if known.contains(&commit.id) {
                break;
            }
            let is_turn = matches!(commit.message.kind, CommitKind::Turn { .. });
            if query.filter.wants_all() || self.wants(&query.filter, &LogEntry::of(commit.clone())) {
                left -= usize::from(is_turn);
                wanted.insert(commit.id);
            }
            history.push(commit);
        }
        let (mut marks, broken) = self.marks(&history)?;
        let mut turns = self.entries(&mut marks, history)?;
        turns.retain(|turn| wanted.contains(&turn.commit));
        Ok(Log { turns, broken })
    }

    /// The turns up to a point, newest first, and after them those that the session left behind when it went back to an earlier turn or its
    /// rollout was replaced; those of them that are wanted.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn log_all(&self, from: &Point, query: &Query) -> Result<Log, Error> {
        let (mut seen, mut left, mut lines) = (self.history_of(query.without.as_ref())?, vec![from.id], Vec::new());
        while let Some(next) = left.pop() {
            let mut line = Vec::new();
            for commit in self.store.history(next) {
                let commit = commit?;
                if !seen.insert(commit.id) {
                    break;
                }
                line.push(commit);
            }
            left.extend(line.iter().rev().filter_map(Commit::left_behind));
            lines.push((next, line));
        }
        let (mut marks, broken) = self.marks(lines.iter().flat_map(|(_, line)| line))?;
        let mut turns = Vec::new();
        for (start, line) in lines {
            let superseded = (start != from.id).then_some(Superseded::LeftBehind);
            let own = self.entries(&mut marks, line)?;
            turns
                .extend(own.into_iter().map(|entry| LogEntry { superseded: entry.superseded.or(superseded), ..entry }));
        }
        turns.retain(|turn| query.filter.wants_all() || self.wants(&query.filter, turn));
        turns.truncate(query.most.unwrap_or(usize::MAX));
        Ok(Log { turns, broken })
    }

    /// The turns that a recording added, oldest first, without what stands on them.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn last_turns(&self, recorded: &Recorded) -> Result<Vec<LogEntry>, Error> {
        let Some(branch) = self.store.branch(recorded.session)? else { return Ok(Vec::new()) };
        let mut turns = Vec::new();
        for commit in self.store.history(branch.tip.id) {
            if turns.len() == recorded.turns as usize {
                break;
            }
            let commit = commit?;
            if matches!(commit.message.kind, CommitKind::Turn { .. }) {
                let parent = self.turn_before(&commit)?;
                turns.push(LogEntry { parent, ..LogEntry::of(commit) });
            }
        }
        turns.reverse();
        Ok(turns)
    }

    /// The turns of a part of a conversation, newest first; the first knows what was before it, too.
    fn entries(&self, marks: &mut Marks, line: Vec<Commit>) -> Result<Vec<LogEntry>, Error> {
        let first = line.iter().rfind(|commit| matches!(commit.message.kind, CommitKind::Turn { .. }));
        let before = first.map(|commit| self.turn_before(commit)).transpose()?.flatten();
        let mut turns = marks.entries(&self.store, line);
        turns.iter_mut().rfind(|turn| turn.turn > 0).into_iter().for_each(|first| first.parent = before);
        Ok(turns)
    }

    /// The commit of the turn before one in the conversation.
    pub(super) fn turn_before(&self, commit: &Commit) -> Result<Option<ObjectId>, Error> {
        let Some(before) = commit.before() else { return Ok(None) };
        for commit in self.store.history(before) {
            let commit = commit?;
            if matches!(commit.message.kind, CommitKind::Turn { .. }) {
                return Ok(Some(commit.id));
            }
        }
        Ok(None)
    }

    /// The commits of a conversation.
    fn history_of(&self, point: Option<&Point>) -> Result<HashSet<ObjectId>, Error> {
        let history = point.into_iter().flat_map(|point| self.store.history(point.id));
        Ok(history.map(|commit| commit.map(|commit| commit.id)).collect::<Result<_, _>>()?)
    }
}
