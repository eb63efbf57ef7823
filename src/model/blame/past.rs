//! A file's past, played.

use std::collections::VecDeque;

use super::event::{Event, Known, bare, words};
use super::gone::Gone;
use super::order::{Waiting, held};
use super::runs;
use super::state::{Appearance, Origin, State, Traced};

/// A file's past, as it was played.
#[derive(Debug)]
pub struct Past<'t> {
    /// Its lines as they are.
    pub lines: Vec<Traced>,
    current: Vec<&'t str>,
    pub(super) appearances: Vec<Appearance<'t>>,
}

/// Plays what is known of a file, in its order, up to the lines that it has now. `by_likeness`: whether lines are found that were gone, and that
/// a patch added together elsewhere.
pub fn trace<'t>(events: &[Event<'t>], current: &[&'t str], by_likeness: bool) -> Past<'t> {
    let mut state = State::unknown();
    let mut waiting: VecDeque<Waiting<'t>> = VecDeque::new();
    let mut gone = Gone::default();
    let play = |state: &mut State<'t>, gone: &Gone<'t>, edit: &Waiting<'t>| {
        state.play(edit);
        gone.give(state, Origin::Between(edit.number));
    };
    let become_known = |gone: &mut Gone<'t>, state: &mut State<'t>, lines: &[&'t str], origin, at| {
        if by_likeness {
            gone.take(state, lines);
        }
        state.become_known(lines, origin, at);
        gone.give(state, origin);
    };
    for event in events {
        match &event.known {
            Known::Edit(number, change) => waiting.push_back(Waiting { at: event.at, number: *number, change }),
            Known::State { number, since, lines } => {
                let lines: Vec<&str> = lines.iter().map(|line| bare(line)).collect();
                let count = held(&state, waiting.make_contiguous(), *since, &lines);
                waiting.drain(..count).for_each(|edit| play(&mut state, &gone, &edit));
                let at = waiting.front().map_or(event.at, |next| next.at.min(event.at));
                become_known(&mut gone, &mut state, &lines, Origin::Commit(*number), at);
            }
        }
    }
    waiting.iter().for_each(|edit| play(&mut state, &gone, edit));
    let current: Vec<&str> = current.iter().map(|line| bare(line)).collect();
    become_known(&mut gone, &mut state, &current, Origin::Work, i64::MAX);
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
