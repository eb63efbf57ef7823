//! Patches one after the other, as one change of each file.
//!
//! `git apply` takes each file of its input from the tree that it finds, so a file that is made and deleted, or renamed twice, within one
//! input comes out wrong. Therefore all edits of a file become one, wherever they follow on from each other. Where something else changed a
//! file in between, its edits stay several, and git finds their places, or refuses.

use std::collections::{HashMap, HashSet};

use super::change::{Change, Edit, Hunk};
use super::git::FileDiff;
use super::lines::Lines;
use super::sketch::{Misfit, Sketch};

/// Why a file's edits are no part of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeftOut {
    /// Its lines have no numbers, and the file is not known otherwise.
    NoPlace,
    /// What it held when it went is not written down.
    NoContent,
    /// Something else changed it between edits that can't be told one by one.
    Changed,
    /// Its lines hold carriage returns, which Codex takes for line ends and git does not.
    Returns,
    /// It lies outside the project.
    Outside,
    /// Its path is one that git refuses.
    Unsafe,
}

impl LeftOut {
    /// The reason's name in output that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoPlace => "no-place",
            Self::NoContent => "no-content",
            Self::Changed => "changed-between",
            Self::Returns => "carriage-returns",
            Self::Outside => "outside",
            Self::Unsafe => "unsafe-path",
        }
    }
}

/// Edits of files, in their order.
#[derive(Debug, Default)]
pub struct Series {
    tracks: Vec<Track>,
    /// The tracks by the paths that their files have now, or had last.
    at: HashMap<String, usize>,
}

/// What became of one file.
#[derive(Debug)]
struct Track {
    before: Option<String>,
    after: Option<String>,
    /// Its name, whatever became of it.
    name: String,
    /// What changed in runs of edits that follow on from each other.
    runs: Vec<Sketch>,
    left_out: Option<LeftOut>,
}

impl Series {
    /// Adds an edit.
    pub fn take(&mut self, change: &Change) {
        match &change.edit {
            Edit::Add(lines) => self.add(&change.path, lines),
            Edit::Delete(lines) => self.delete(&change.path, lines.as_ref()),
            Edit::Update { to, hunks } => self.update(&change.path, to.as_deref(), hunks),
        }
    }

    /// Says that a file was edited in a way that no patch tells.
    pub fn leave_out(&mut self, path: &str, reason: LeftOut) {
        let at = self.track(path);
        self.tracks[at].leave_out(reason);
    }

    /// What became of all files; those that can't be told, with the reason; reversed, the newest first.
    pub fn finish(self, reverse: bool) -> (Vec<FileDiff>, Vec<(String, LeftOut)>) {
        let (mut groups, mut left_out, mut unsure) = (Vec::new(), Vec::new(), HashSet::new());
        for track in self.tracks {
            let (name, names) = (track.name.clone(), [track.before.clone(), track.after.clone()]);
            match track.diffs(reverse) {
                Ok(diffs) if diffs.is_empty() => {}
                Ok(diffs) => groups.push((name, names, diffs)),
                Err(reason) => {
                    left_out.push((name, reason));
                    unsure.extend(names.into_iter().flatten());
                }
            }
        }
        // What stands where a file stood that can't be told can't be told either.
        while let Some(at) =
            groups.iter().position(|(_, names, _)| names.iter().flatten().any(|name| unsure.contains(name)))
        {
            let (name, names, _) = groups.remove(at);
            left_out.push((name, LeftOut::Changed));
            unsure.extend(names.into_iter().flatten());
        }
        let mut groups: Vec<Vec<FileDiff>> = groups.into_iter().map(|(.., diffs)| diffs).collect();
        // What goes makes room for what comes in its place.
        groups.sort_by_key(|group| {
            let first = group.first();
            (first.is_some_and(|diff| diff.after.is_some()), first.map(|diff| diff.path().to_owned()))
        });
        (groups.into_iter().flatten().collect(), left_out)
    }

    /// The track of the file at a path; a new one for a file that no edit told of.
    fn track(&mut self, path: &str) -> usize {
        if let Some(at) = self.at.get(path).copied() {
            let track = &mut self.tracks[at];
            if track.after.replace(path.to_owned()).is_none() {
                // Something else made it anew.
                track.leave_out(LeftOut::Changed);
            }
            return at;
        }
        self.begin(path, Some(path), Sketch::unknown())
    }

    fn begin(&mut self, path: &str, before: Option<&str>, sketch: Sketch) -> usize {
        self.tracks.push(Track {
            before: before.map(str::to_owned),
            after: Some(path.to_owned()),
            name: path.to_owned(),
            runs: vec![sketch],
            left_out: None,
        });
        self.at.insert(path.to_owned(), self.tracks.len() - 1);
        self.tracks.len() - 1
    }

    fn add(&mut self, path: &str, lines: &Lines) {
        let at = match self.at.get(path) {
            Some(at) => *at,
            None => self.begin(path, None, Sketch::empty()),
        };
        let track = &mut self.tracks[at];
        track.after = Some(path.to_owned());
        if track.last().replace(lines).is_err() {
            track.leave_out(LeftOut::NoContent);
        }
    }

    fn delete(&mut self, path: &str, lines: Option<&Lines>) {
        let at = self.track(path);
        self.tracks[at].delete(lines);
    }

    fn update(&mut self, path: &str, to: Option<&str>, hunks: &[Hunk]) {
        let at = self.track(path);
        self.tracks[at].update(hunks);
        let Some(to) = to.filter(|to| *to != path) else { return };
        // A file that stood in its new place is gone.
        if let Some(other) = self.at.get(to).copied().filter(|other| *other != at) {
            self.tracks[other].delete(None);
        }
        self.at.remove(path);
        self.at.insert(to.to_owned(), at);
        let track = &mut self.tracks[at];
        (track.after, track.name) = (Some(to.to_owned()), to.to_owned());
    }
}

impl Track {
    fn last(&mut self) -> &mut Sketch {
        if self.runs.is_empty() {
            self.runs.push(Sketch::unknown());
        }
        let last = self.runs.len() - 1;
        &mut self.runs[last]
    }

    fn leave_out(&mut self, reason: LeftOut) {
        self.left_out.get_or_insert(reason);
    }

    fn update(&mut self, hunks: &[Hunk]) {
        if hunks.iter().flat_map(|hunk| &hunk.lines).any(|(_, text)| text.trim_end_matches('\r').contains('\r')) {
            return self.leave_out(LeftOut::Returns);
        }
        let is_placed = hunks.iter().all(|hunk| hunk.at.is_some());
        let placed = if is_placed { Ok(hunks.to_vec()) } else { self.last().place(hunks) };
        let Ok(hunks) = placed else { return self.leave_out(LeftOut::NoPlace) };
        if self.last().apply(&hunks) == Err(Misfit) {
            self.run_again(|sketch| sketch.apply(&hunks));
        }
    }

    fn delete(&mut self, lines: Option<&Lines>) {
        match lines {
            Some(lines) if self.last().reveal(lines).is_err() => self.run_again(|sketch| sketch.reveal(lines)),
            None if !self.last().is_whole() => self.leave_out(LeftOut::NoContent),
            _ => {}
        }
        // What can't be told has its reason already.
        let _ = self.last().replace(&Lines::default());
        self.after = None;
    }

    /// Begins another run of edits, of a file that nothing is known of.
    fn run_again(&mut self, take: impl FnOnce(&mut Sketch) -> Result<(), Misfit>) {
        let mut sketch = Sketch::unknown();
        match take(&mut sketch) {
            Ok(()) => self.runs.push(sketch),
            Err(Misfit) => self.leave_out(LeftOut::Changed),
        }
    }

    /// What became of the file, in as many changes as there are runs of edits.
    fn diffs(self, reverse: bool) -> Result<Vec<FileDiff>, LeftOut> {
        if self.before.is_none() && self.after.is_none() {
            return Ok(Vec::new());
        }
        let is_gone = if reverse { self.before.is_none() } else { self.after.is_none() };
        // git writes all that an input makes after all that it deletes, so a file that changes and goes would stay.
        if let Some(reason) = self.left_out.or((is_gone && self.runs.len() > 1).then_some(LeftOut::Changed)) {
            return Err(reason);
        }
        let mut runs = self.runs;
        let (mut before, mut after) = (self.before, self.after);
        if reverse {
            runs.reverse();
            std::mem::swap(&mut before, &mut after);
        }
        let mut diffs = Vec::new();
        for run in runs {
            let (before, after) = (std::mem::replace(&mut before, after.clone()), after.clone());
            let hunks = run.hunks();
            diffs.push(if reverse {
                FileDiff { before: after, after: before, hunks }.reversed()
            } else {
                FileDiff { before, after, hunks }
            });
        }
        diffs.retain(|diff| !diff.is_empty());
        Ok(diffs)
    }
}
