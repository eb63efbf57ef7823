//! Replaying a patch: its hunks are set where they stand, or where the file says that they must have stood.

use super::differ::differences;
use super::event::bare;
use super::state::{Line, Origin, State, Traced};
use crate::model::patch::{Hunk, Sign};

/// How far from its number a hunk whose lines are nowhere is looked for.
const NEAR: usize = 60;

impl<'t> State<'t> {
    /// An edit changes lines of the file.
    pub fn update(&mut self, hunks: &'t [Hunk], edit: usize, at: i64) {
        let is_first = self.lines.is_none();
        let mut lines = self.lines.take().unwrap_or_default();
        // What a hunk shows and nobody knew of.
        let unknown = if is_first { Origin::Before } else { Origin::Between(edit) };
        let (mut shift, mut from) = (0_isize, 0);
        for hunk in hunks {
            let old: Vec<&str> =
                hunk.lines.iter().filter(|(sign, _)| *sign != Sign::Added).map(|(_, text)| bare(text)).collect();
            let wanted = hunk.at.map(|(first, _)| wanted(first, old.is_empty(), shift, lines.len()));
            let place = place(&lines, &old, wanted, from, &hunk.heading);
            let place = place.unwrap_or_else(|| self.make_fit(&mut lines, &old, wanted, unknown, at));
            let new = replayed(&lines[place..place + old.len()], hunk, place, edit);
            from = place + new.len();
            shift += new.len().cast_signed() - old.len().cast_signed();
            lines.splice(place..place + old.len(), new);
        }
        self.lines = Some(lines);
        self.at = at;
    }

    /// Makes a part of the file what a hunk says it was, where most of it is, and gives the place.
    fn make_fit(
        &mut self,
        lines: &mut Vec<Line<'t>>,
        old: &[&'t str],
        wanted: Option<usize>,
        origin: Origin,
        at: i64,
    ) -> usize {
        let window = match wanted {
            Some(wanted) => wanted.saturating_sub(NEAR).min(lines.len())..(wanted + old.len() + NEAR).min(lines.len()),
            None => 0..lines.len(),
        };
        let around = &lines[window.clone()];
        let texts = || around.iter().map(|line| line.text);
        let mut kept: Vec<(usize, usize)> = Vec::new();
        let (mut next, mut at_old) = (0, 0);
        for (gone, came) in differences(texts(), old.iter().copied())
            .into_iter()
            .chain([(around.len()..around.len(), old.len()..old.len())])
        {
            kept.extend((next..gone.start).zip(at_old..came.start));
            (next, at_old) = (gone.end, came.end);
        }
        kept.retain(|(_, of_old)| !old[*of_old].trim().is_empty());
        let part = match (kept.first(), kept.last()) {
            (Some((first, of_first)), Some((last, of_last))) => {
                let start = (window.start + first).saturating_sub(*of_first);
                start..(window.start + last + old.len() - of_last).min(lines.len())
            }
            _ => {
                let place = wanted.unwrap_or(lines.len()).min(lines.len());
                place..place
            }
        };
        let before: Vec<Line<'t>> = lines[part.clone()].to_vec();
        let fitting = self.merged(&before, old, part.start, origin, at);
        let place = part.start;
        lines.splice(part, fitting);
        place
    }
}

/// Where a hunk's number says that it begins, after what the hunks above did.
fn wanted(first: usize, is_empty: bool, shift: isize, len: usize) -> usize {
    let first = if is_empty { first } else { first.saturating_sub(1) };
    first.saturating_add_signed(shift).min(len)
}

/// Where a hunk's old lines stand.
fn place(lines: &[Line<'_>], old: &[&str], wanted: Option<usize>, from: usize, heading: &str) -> Option<usize> {
    if old.is_empty() {
        return Some(wanted.unwrap_or(lines.len()));
    }
    let stands = |at: usize, same: &dyn Fn(&str, &str) -> bool| {
        lines.get(at..at + old.len()).is_some_and(|lines| lines.iter().zip(old).all(|(line, old)| same(line.text, old)))
    };
    let exact: &dyn Fn(&str, &str) -> bool = &|a, b| a == b;
    let last = lines.len().checked_sub(old.len())?;
    if let Some(wanted) = wanted {
        if stands(wanted, exact) {
            return Some(wanted);
        }
        let nearest = (0..=last).filter(|at| stands(*at, exact)).min_by_key(|at| at.abs_diff(wanted));
        return nearest.or_else(|| (0..=last).filter(|at| stands(*at, &indented)).min_by_key(|at| at.abs_diff(wanted)));
    }
    let below = lines.iter().skip(from).position(|line| !heading.is_empty() && line.text.trim() == heading.trim());
    let starts = [below.map(|below| from + below), Some(from), Some(0)];
    let found = starts.into_iter().flatten().find_map(|start| (start..=last).find(|at| stands(*at, exact)));
    found.or_else(|| (0..=last).find(|at| stands(*at, &indented)))
}

/// Whether two lines are the same but for their indentation.
fn indented(a: &str, b: &str) -> bool {
    a.trim() == b.trim()
}

/// The lines that a hunk makes of those that it stands on.
fn replayed<'t>(old: &[Line<'t>], hunk: &'t Hunk, before: usize, edit: usize) -> Vec<Line<'t>> {
    let mut left = old.iter();
    let mut lines: Vec<Line<'t>> = Vec::new();
    for (sign, text) in &hunk.lines {
        match sign {
            Sign::Kept => lines.extend(left.next().cloned()),
            Sign::Removed => _ = left.next(),
            Sign::Added => {
                let traced = Traced { origin: Origin::Edit(edit), number: before + lines.len() + 1, appeared: None };
                lines.push(Line { text: bare(text), traced });
            }
        }
    }
    lines
}
