//! A file's past, played.

use super::event::{Event, Known, bare, words};
use super::runs;
use super::state::{Appearance, Origin, State, Traced};
use crate::model::patch::Edit;

/// A file's past, as it was played.
#[derive(Debug)]
pub struct Past<'t> {
    /// Its lines as they are.
    pub lines: Vec<Traced>,
    current: Vec<&'t str>,
    pub(super) appearances: Vec<Appearance<'t>>,
}

/// Plays what is known of a file, in its order, up to the lines that it has now. `by_likeness`: whether lines that a patch added together
/// elsewhere are found.
pub fn trace<'t>(events: &[Event<'t>], current: &[&'t str], by_likeness: bool) -> Past<'t> {
    let mut state = State::unknown();
    for event in events {
        match &event.known {
            Known::State(number, lines) => {
                let lines: Vec<&str> = lines.iter().map(|line| bare(line)).collect();
                state.become_known(&lines, Origin::Commit(*number), event.at);
            }
            Known::Edit(number, change) => match &change.edit {
                Edit::Add(lines) => {
                    state.hold(lines.iter().map(|line| bare(line)), Origin::Edit(*number));
                    state.at = event.at;
                }
                Edit::Delete(_) => {
                    state.lines = Some(Vec::new());
                    state.at = event.at;
                }
                Edit::Update { hunks, .. } => state.update(hunks, *number, event.at),
            },
        }
    }
    let current: Vec<&str> = current.iter().map(|line| bare(line)).collect();
    state.become_known(&current, Origin::Work, i64::MAX);
    let lines = state.lines.unwrap_or_default();
    let mut past =
        Past { lines: lines.into_iter().map(|line| line.traced).collect(), current, appearances: state.appearances };
    if by_likeness {
        runs::find(&mut past.lines, &past.current, events);
    }
    past
}

impl<'t> Past<'t> {
    /// The lines that came at an unknown time, from nobody known: their numbers, and when that was.
    pub(super) fn unexplained(&self) -> impl Iterator<Item = (usize, &Appearance<'t>)> {
        self.lines.iter().enumerate().filter_map(|(at, line)| {
            let is_open = matches!(line.origin, Origin::Between(_) | Origin::Commit(_) | Origin::Work);
            Some((at, self.appearances.get(line.appeared.filter(|_| is_open)?)?))
        })
    }

    /// The words of a line.
    pub(super) fn words(&self, at: usize) -> impl Iterator<Item = &'t str> {
        words(self.current.get(at).copied().unwrap_or_default())
    }
}
