//! What is known of a file, in the order of time, under the names that it had at each.

use std::collections::HashSet;
use std::path::Path;

use super::places::{Key, Places};
use super::turns::Toucher;
use crate::model::blame::{Event, Known};
use crate::model::patch::{Change, Edit};
use crate::store::work_tree::Version;

/// A file's past.
pub(super) struct Timeline<'t> {
    /// Its edits, oldest first.
    pub edits: Vec<FileEdit<'t>>,
    /// Its commits, oldest first; each at a time that is no earlier than that of the one before.
    pub versions: Vec<Version>,
    /// From which of the commits on its content counts: what was long before the first edit is git's alone.
    first: usize,
}

/// An edit of the file.
#[derive(Clone, Copy)]
pub(super) struct FileEdit<'t> {
    /// When, in seconds since 1970.
    pub at: i64,
    /// The number of its turn.
    pub toucher: usize,
    pub change: &'t Change,
    /// Whether it was made in another work tree: what reaches this one does so by a commit.
    pub is_elsewhere: bool,
}

impl<'t> Timeline<'t> {
    /// The past of the file that has one of these names, in its `own` work tree. `followed` are its commits as git follows it back, newest first; `others` those of names
    /// that patches tell it had before, which count as far as it had them.
    pub fn of(
        (places, own): (&Places, Option<&Path>),
        names: &[Key],
        touchers: &'t [Toucher],
        followed: Vec<Version>,
        others: Vec<Version>,
    ) -> Self {
        let mut all: Vec<FileEdit<'t>> = touchers.iter().enumerate().flat_map(edits_of).collect();
        for edit in &mut all {
            let tree = places.work_tree(&edit.change.path);
            edit.is_elsewhere = tree.is_some() && tree.as_deref() != own;
        }
        // Of two at the same time, those of one session stay together.
        all.sort_by_key(|edit| (edit.at, touchers[edit.toucher].turn.session));
        let known: HashSet<&String> = followed.iter().map(|version| &version.commit).collect();
        let others = in_time(others.iter().filter(|version| !known.contains(&version.commit)).cloned().collect());
        let mut commits: Vec<(Version, bool)> = in_time(followed).into_iter().map(|version| (version, true)).collect();
        commits.extend(others.into_iter().map(|version| (version, false)));
        commits.sort_by_key(|(version, _)| version.at);
        let mut names: HashSet<Key> = names.iter().cloned().collect();
        let (mut edits, mut versions) = (Vec::new(), Vec::new());
        let mut commits = commits.into_iter().rev().peekable();
        for edit in all.into_iter().rev().map(Some).chain([None]) {
            let since = edit.map_or(i64::MIN, |edit| edit.at);
            while let Some((version, is_followed)) = commits.next_if(|(version, _)| version.at >= since) {
                if is_followed || names.contains(&version.path) {
                    names.insert(version.path.clone());
                    versions.push(version);
                }
            }
            // Between two commits of which one renamed it, it had either name.
            names.extend(
                commits.peek().filter(|(_, is_followed)| *is_followed).map(|(version, _)| version.path.clone()),
            );
            edits.extend(edit.filter(|edit| is_of(places, edit, &mut names)));
        }
        edits.reverse();
        versions.reverse();
        let commands = touchers.iter().flat_map(|toucher| &toucher.commands).map(|(at, _)| *at);
        let begin = edits.iter().map(|edit| edit.at).chain(commands).min().unwrap_or(i64::MAX);
        let first = versions.partition_point(|version| version.at < begin).saturating_sub(1);
        Self { edits, versions, first }
    }

    /// The commits whose contents count.
    pub fn states(&self) -> Vec<&Version> {
        self.versions[self.first..].iter().collect()
    }

    /// The edits and the contents of commits, in the order of time.
    pub fn events<'e>(&'e self, contents: &'e [Option<String>]) -> Vec<Event<'e>> {
        let edit =
            |(number, edit): (usize, &'e FileEdit<'t>)| Event { at: edit.at, known: Known::Edit(number, edit.change) };
        let state = |(number, (version, text)): (usize, (&Version, &'e Option<String>))| {
            let (since, lines) = (version.authored.min(version.at), text.as_ref()?.lines().collect());
            Some(Event { at: version.at, known: Known::State { number, since, lines } })
        };
        let states = self.versions[self.first..].iter().zip(contents).enumerate().filter_map(state);
        let mut events: Vec<Event<'e>> = self.edits.iter().enumerate().map(edit).chain(states).collect();
        // A commit is told by the second: what else happened in it comes before, until it is seen what the commit holds.
        events.sort_by_key(|event| (event.at, matches!(event.known, Known::State { .. })));
        events
    }
}

/// Commits, newest first, as the oldest first, each at a time that is no earlier than that of the one before: clocks differ, and no commit is
/// older than the one that it stands on.
fn in_time(mut versions: Vec<Version>) -> Vec<Version> {
    versions.reverse();
    let mut last = i64::MIN;
    for version in &mut versions {
        last = last.max(version.at);
        version.at = last;
    }
    versions
}

fn edits_of((toucher, of): (usize, &Toucher)) -> impl Iterator<Item = FileEdit<'_>> {
    of.changes.iter().map(move |(at, change)| FileEdit { at: *at, toucher, change, is_elsewhere: false })
}

/// Whether an edit is one of the file, which has these names after it; then they become those before it.
fn is_of(places: &Places, edit: &FileEdit<'_>, names: &mut HashSet<Key>) -> bool {
    let path = places.key(&edit.change.path);
    match &edit.change.edit {
        Edit::Update { to: Some(to), .. } => {
            let to = places.key(to);
            if names.remove(&to) {
                names.insert(path);
                return true;
            }
            // Another file went from here before this one came.
            names.remove(&path);
            false
        }
        _ => names.contains(&path),
    }
}
