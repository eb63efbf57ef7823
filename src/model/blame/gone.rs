//! Lines of turns that were gone for a while. A commit of another branch, laid between two of this one, lacks what the work tree had all along;
//! and what somebody took out can be put back.

use super::differ::differences;
use super::state::{Line, Origin, State};

/// So many of the last times at which lines of turns went are looked at.
const MOST: usize = 16;

/// What a file was before lines of turns went, the last first.
#[derive(Debug, Default)]
pub(super) struct Gone<'t> {
    before: Vec<Vec<Line<'t>>>,
}

impl<'t> Gone<'t> {
    /// Keeps a file's lines, if some of turns are not among those that it is about to have.
    pub fn take(&mut self, state: &State<'t>, new: &[&'t str]) {
        let Some(lines) = &state.lines else { return };
        let differ = differences(lines.iter().map(|line| line.text), new.iter().copied());
        let mut going = differ.into_iter().flat_map(|(gone, _)| &lines[gone]);
        if going.any(|line| turn_of(line).is_some()) {
            self.before.insert(0, lines.clone());
            self.before.truncate(MOST);
        }
    }

    /// Gives lines that came anew from `origin` to the turns that they had before they went: only where one of them with a letter or a
    /// digit came back with those beside it.
    pub fn give(&self, state: &mut State<'t>, origin: Origin) {
        let Some(lines) = &mut state.lines else { return };
        for before in &self.before {
            if !lines.iter().any(|line| line.traced.origin == origin) {
                return;
            }
            for (old, new) in same_runs(before, lines) {
                let came = |(old, new): &(&Line<'t>, &Line<'t>)| {
                    new.traced.origin == origin && turn_of(old).is_some() && new.text.chars().any(char::is_alphanumeric)
                };
                if before[old..].iter().zip(&lines[new.clone()]).any(|pair| came(&pair)) {
                    for (old, new) in before[old..].iter().zip(&mut lines[new]) {
                        if let (Some(turn), true) = (turn_of(old), new.traced.origin == origin) {
                            new.traced.origin = Origin::Moved(turn);
                        }
                    }
                }
            }
        }
    }
}

/// The edit that a line comes from.
fn turn_of(line: &Line<'_>) -> Option<usize> {
    match line.traced.origin {
        Origin::Edit(edit) | Origin::Moved(edit) => Some(edit),
        _ => None,
    }
}

/// The runs of lines that two files share: where each begins in the old one, and the lines in the new one.
fn same_runs(old: &[Line<'_>], new: &[Line<'_>]) -> Vec<(usize, std::ops::Range<usize>)> {
    let differ = differences(old.iter().map(|line| line.text), new.iter().map(|line| line.text));
    let (mut runs, mut from) = (Vec::new(), (0, 0));
    for (gone, came) in differ.into_iter().chain([(old.len()..old.len(), new.len()..new.len())]) {
        runs.push((from.0, from.1..came.start));
        from = (gone.end, came.end);
    }
    runs
}
