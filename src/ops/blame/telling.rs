//! Telling whose lines are: origins become turns, commits of the project, or a word for what is not known.

use std::collections::HashMap;

use super::super::LogEntry;
use super::source::{BlamedLine, Source};
use super::timeline::Timeline;
use super::turns::Toucher;
use crate::model::blame::Origin;
use crate::model::patch::Change;
use crate::store::work_tree::{self, Version};

/// A commit's head, where git's blame did not print it.
pub(super) fn head_of(version: &Version) -> Vec<String> {
    vec![
        format!("author {}", version.author),
        "author-mail <>".to_owned(),
        format!("author-time {}", version.authored),
        "author-tz +0000".to_owned(),
        format!("committer {}", version.author),
        "committer-mail <>".to_owned(),
        format!("committer-time {}", version.at),
        "committer-tz +0000".to_owned(),
        format!("summary {}", version.summary),
        format!("filename {}", version.path),
    ]
}

/// How lines are told.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// Whether the file is in a repository.
    pub in_repository: bool,
    /// Whether a turn is named that is not proven.
    pub guesses: bool,
}

/// Telling lines, with the turns and changes that they need.
pub(super) struct Telling<'b> {
    timeline: &'b Timeline<'b>,
    touchers: &'b [Toucher],
    blame: &'b work_tree::Blame,
    asked: Asked,
    turns: Vec<LogEntry>,
    changes: Vec<Change>,
    /// The numbers that turns and changes have, by those of the touchers and edits.
    turn_numbers: HashMap<usize, usize>,
    change_numbers: HashMap<usize, usize>,
}

impl<'b> Telling<'b> {
    pub fn new(timeline: &'b Timeline<'b>, touchers: &'b [Toucher], blame: &'b work_tree::Blame, asked: Asked) -> Self {
        Self {
            timeline,
            touchers,
            blame,
            asked,
            turns: Vec::new(),
            changes: Vec::new(),
            turn_numbers: HashMap::new(),
            change_numbers: HashMap::new(),
        }
    }

    /// Tells a line.
    pub fn line(&mut self, at: usize, text: &str, origin: Origin, number: usize) -> BlamedLine {
        let (source, number) = match origin {
            // Nothing but a commit brings a line from another work tree.
            Origin::Edit(edit) if self.timeline.edits[edit].is_elsewhere && !self.is_committed(at) => {
                match self.asked.guesses {
                    true => (Source::Moved(self.turn_of(edit), self.change(edit)), number),
                    false => self.by_git(at, Origin::Work, at + 1),
                }
            }
            Origin::Edit(edit) => (Source::Patch(self.turn_of(edit), self.change(edit)), number),
            Origin::Moved(edit) => (Source::Moved(self.turn_of(edit), self.change(edit)), number),
            Origin::Command(command) => (Source::Command(self.turn_of_command(command)), number),
            Origin::Between(_) => (Source::Between, at + 1),
            Origin::Commit(_) | Origin::Before | Origin::Work => self.by_git(at, origin, number),
        };
        BlamedLine { text: text.to_owned(), source, number }
    }

    /// The turns and the changes that the lines name.
    pub fn turns_and_changes(self) -> (Vec<LogEntry>, Vec<Change>) {
        (self.turns, self.changes)
    }

    /// Whether git has a line from a commit.
    fn is_committed(&self, at: usize) -> bool {
        self.blame.lines.get(at).is_some_and(|blamed| blamed.commit.bytes().any(|byte| byte != b'0'))
    }

    /// What git says of a line; else what is known without it.
    fn by_git(&self, at: usize, origin: Origin, number: usize) -> (Source, usize) {
        if let Some(blamed) = self.blame.lines.get(at) {
            let source =
                if self.is_committed(at) { Source::Commit(blamed.commit.clone()) } else { Source::Uncommitted };
            return (source, blamed.number);
        }
        let source = match origin {
            Origin::Commit(state) => Source::Commit(self.timeline.states()[state].commit.clone()),
            Origin::Before => Source::Before,
            _ if self.asked.in_repository => Source::Uncommitted,
            _ if self.timeline.edits.is_empty() => Source::Unknown,
            _ => Source::Between,
        };
        (source, number)
    }

    fn turn_of(&mut self, edit: usize) -> usize {
        self.turn(self.timeline.edits[edit].toucher)
    }

    fn turn_of_command(&mut self, command: usize) -> usize {
        let mut left = command;
        let of = |toucher: &Toucher| {
            let is_its = left < toucher.commands.len();
            left = if is_its { left } else { left - toucher.commands.len() };
            is_its
        };
        let toucher = self.touchers.iter().position(of).unwrap_or_default();
        self.turn(toucher)
    }

    /// The number of a turn; told for the first time it gets one.
    fn turn(&mut self, toucher: usize) -> usize {
        if let Some(number) = self.turn_numbers.get(&toucher) {
            return *number;
        }
        self.turns.push(self.touchers[toucher].turn.clone());
        self.turn_numbers.insert(toucher, self.turns.len() - 1);
        self.turns.len() - 1
    }

    fn change(&mut self, edit: usize) -> usize {
        let number = self.changes.len();
        let known = *self.change_numbers.entry(edit).or_insert(number);
        if known == number {
            self.changes.push(self.timeline.edits[edit].change.clone());
        }
        known
    }
}
