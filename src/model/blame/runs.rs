//! Lines that a patch added together and that stand in the file together, whatever happened in between: they were moved, or put back.

use std::collections::HashMap;

use super::event::{Event, Known, bare};
use super::state::{Origin, Traced};
use crate::model::patch::{Edit, Sign};

/// A run is one only from so many lines, and so many letters and digits, on: less is alike by chance.
const LINES: usize = 2;
const LETTERS: usize = 40;

/// A line this short begins no run.
const SHORTEST: usize = 5;

/// Of a line that patches added more often than that, the last are looked at.
const MOST: usize = 40;

/// Lines that an edit added together.
struct Run<'t> {
    edit: usize,
    lines: Vec<&'t str>,
}

/// Gives lines without a turn the edit that added them together with those around them.
pub(super) fn find(traced: &mut [Traced], current: &[&str], events: &[Event<'_>]) {
    let runs: Vec<Run<'_>> = events.iter().flat_map(added).collect();
    let mut begins: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
    for (number, run) in runs.iter().enumerate() {
        for (at, line) in run.lines.iter().enumerate().filter(|(_, line)| line.trim().len() >= SHORTEST) {
            begins.entry(line).or_default().push((number, at));
        }
    }
    let is_taken = |line: &Traced| matches!(line.origin, Origin::Edit(_) | Origin::Moved(_));
    let mut at = 0;
    while at < current.len() {
        let places = begins
            .get(current[at])
            .filter(|_| !is_taken(&traced[at]))
            .map_or(&[][..], |all| &all[all.len().saturating_sub(MOST)..]);
        let length = |(number, first): &(usize, usize)| {
            let lines = &runs[*number].lines[*first..];
            let same = |(line, known): &(usize, &&str)| {
                current.get(at + line) == Some(*known) && !is_taken(&traced[at + line])
            };
            lines.iter().enumerate().take_while(same).count()
        };
        let letters = |count: usize| -> usize {
            current[at..at + count].iter().flat_map(|line| line.chars()).filter(|c| c.is_alphanumeric()).count()
        };
        // The longest; of those, the latest.
        let best = places
            .iter()
            .map(|place| (letters(length(place)), length(place), runs[place.0].edit))
            .max_by_key(|(letters, _, edit)| (*letters, *edit));
        match best.filter(|(letters, count, _)| *letters >= LETTERS && *count >= LINES) {
            Some((_, count, edit)) => {
                traced[at..at + count].iter_mut().for_each(|line| line.origin = Origin::Moved(edit));
                at += count;
            }
            None => at += 1,
        }
    }
}

/// The runs of lines that an event added.
fn added<'t>(event: &Event<'t>) -> Vec<Run<'t>> {
    let Known::Edit(edit, change) = event.known else { return Vec::new() };
    let run = |lines: Vec<&'t str>| Run { edit, lines };
    match &change.edit {
        Edit::Add(lines) => vec![run(lines.iter().map(|line| bare(line)).collect())],
        Edit::Delete(_) => Vec::new(),
        Edit::Update { hunks, .. } => hunks
            .iter()
            .flat_map(|hunk| hunk.lines.split(|(sign, _)| *sign == Sign::Kept))
            .map(|part| run(part.iter().filter(|(sign, _)| *sign == Sign::Added).map(|(_, text)| bare(text)).collect()))
            .filter(|run| !run.lines.is_empty())
            .collect(),
    }
}
