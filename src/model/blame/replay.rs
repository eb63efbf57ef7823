//! Replaying a patch: its hunks are set where they stand, or where the file says that they must have stood.

use std::collections::{BTreeMap, HashMap};

use super::differ::differences;
use super::event::bare;
use super::state::{Line, Origin, State, Traced};
use crate::model::patch::{Hunk, Sign};

/// How far around the likeliest place of a hunk without a number the rest of its lines is looked for.
const SLACK: usize = 8;

/// What a line is worth that stands in one place.
const WEIGHT: usize = 1000;

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
            let old = old_lines(hunk);
            let wanted = hunk.at.map(|(first, _)| wanted(first, old.is_empty(), shift, lines.len()));
            let place = match place(&lines, &old, wanted, from, &hunk.heading) {
                Some(place) if wanted.is_none_or(|wanted| wanted == place) => place,
                Some(place) => {
                    self.is_certain = false;
                    without_copy(&mut lines, &old, hunk, wanted.unwrap_or(place), place)
                }
                None => {
                    self.is_certain = false;
                    self.make_fit(&mut lines, &old, wanted, unknown, at)
                }
            };
            let new = replayed(&lines[place..place + old.len()], hunk, place, edit);
            from = place + new.len();
            shift += new.len().cast_signed() - old.len().cast_signed();
            lines.splice(place..place + old.len(), new);
            // Codex shows a line below what changes, wherever there is one.
            if hunk.at.is_some() && hunk.lines.last().is_some_and(|(sign, _)| *sign != Sign::Kept) {
                self.is_certain &= lines.len() == from;
                lines.truncate(from);
            }
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
        let (near, wanted) = match wanted {
            Some(wanted) => (NEAR, Some(wanted)),
            None => (SLACK + old.len() / 2, likeliest(lines, old)),
        };
        let window = wanted.map_or(0..0, |wanted| {
            wanted.saturating_sub(near).min(lines.len())..(wanted + old.len() + near).min(lines.len())
        });
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

/// The lines that a hunk found.
pub(super) fn old_lines(hunk: &Hunk) -> Vec<&str> {
    but(hunk, Sign::Added)
}

/// The lines that a hunk left.
pub(super) fn new_lines(hunk: &Hunk) -> Vec<&str> {
    but(hunk, Sign::Removed)
}

/// The lines of a hunk but those of one sign.
fn but(hunk: &Hunk, without: Sign) -> Vec<&str> {
    hunk.lines.iter().filter(|(sign, _)| *sign != without).map(|(_, text)| bare(text)).collect()
}

/// Whether lines stand in a file, one below the other.
pub(super) fn stand(lines: &[&str], wanted: &[&str]) -> bool {
    wanted.is_empty() || lines.windows(wanted.len()).any(|part| part == wanted)
}

/// Where a hunk stands that is further down than its number says. If the lines by which it is are lines that it adds, they went before it added
/// them again: nobody adds what is there.
fn without_copy(lines: &mut Vec<Line<'_>>, old: &[&str], hunk: &Hunk, wanted: usize, place: usize) -> usize {
    let Some(extra) = place.checked_sub(wanted) else { return place };
    let same = |(line, old): &(&Line<'_>, &&str)| line.text == **old;
    let kept = lines[wanted..].iter().zip(old).take_while(same).count();
    let copy = wanted + kept..place + kept;
    let added: Vec<&str> =
        hunk.lines.iter().filter(|(sign, _)| *sign == Sign::Added).map(|(_, text)| bare(text)).collect();
    let is_copy = kept > 0
        && added.windows(extra).any(|part| part.iter().copied().eq(lines[copy.clone()].iter().map(|line| line.text)));
    if !is_copy {
        return place;
    }
    lines.drain(copy);
    wanted
}

/// Where most of a hunk's lines stand that stand in few places.
fn likeliest(lines: &[Line<'_>], old: &[&str]) -> Option<usize> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    lines.iter().enumerate().for_each(|(at, line)| places.entry(line.text).or_default().push(at));
    let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, line) in old.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let places = places.get(line).map_or(&[][..], Vec::as_slice);
        for at in places.iter().filter_map(|at| at.checked_sub(number)) {
            *votes.entry(at).or_default() += WEIGHT / places.len();
        }
    }
    votes.into_iter().rev().max_by_key(|(_, votes)| *votes).map(|(at, _)| at)
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

#[cfg(test)]
mod tests {
    use super::super::event::{Event, Known};
    use super::super::past::trace;
    use super::*;
    use crate::model::patch::{Change, Edit, changes, hunks};

    fn change(diff: &str) -> Change {
        if diff.starts_with("@@\n") {
            return changes(&format!("*** Begin Patch\n*** Update File: f\n{diff}*** End Patch")).unwrap().remove(0);
        }
        Change { path: "f".into(), edit: Edit::Update { to: None, hunks: hunks(diff) } }
    }

    /// The origins of the lines of a file that was in a commit, then edited, and is this now.
    fn traced(committed: &str, diffs: &[&str], now: &str) -> Vec<Origin> {
        let changes: Vec<Change> = diffs.iter().map(|diff| change(diff)).collect();
        let state = Event { at: 0, known: Known::State { number: 0, since: 0, lines: committed.split(' ').collect() } };
        let edit = |(at, change)| Event { at: at as i64 + 1, known: Known::Edit(at, change) };
        let events: Vec<Event<'_>> = std::iter::once(state).chain(changes.iter().enumerate().map(edit)).collect();
        let lines: Vec<&str> = now.split(' ').collect();
        trace(&events, &lines, false).lines.iter().map(|line| line.origin).collect()
    }

    const C: Origin = Origin::Commit(0);
    const E: fn(usize) -> Origin = Origin::Edit;

    #[test]
    fn a_hunk_stands_at_its_number_or_where_its_lines_are() {
        let at_number = traced("a b c d", &["@@ -2,2 +2,3 @@\n b\n+x\n c\n"], "a b x c d");
        assert_eq!(at_number, [C, C, E(0), C, C]);
        let below = traced("new new2 a b c d", &["@@ -2,2 +2,3 @@\n b\n+x\n c\n"], "new new2 a b x c d");
        assert_eq!(below, [C, C, C, C, E(0), C, C]);
        let without_number = traced("a b c b d", &["@@\n b\n-d\n+x\n"], "a b c b x");
        assert_eq!(without_number, [C, C, C, C, E(0)]);
    }

    #[test]
    fn what_a_hunk_shows_and_nobody_knew_came_in_between() {
        let told = traced("a b c d", &["@@ -2,3 +2,4 @@\n b\n hers\n+x\n d\n"], "a b hers x d");
        assert_eq!(told, [C, C, Origin::Between(0), E(0), C]);
    }

    #[test]
    fn nobody_adds_what_is_there() {
        let block = "@@ -2,2 +2,5 @@\n b\n+one\n+two\n+three\n c\n";
        assert_eq!(traced("a b c", &[block, block], "a b one two three c"), [C, C, E(1), E(1), E(1), C]);
    }

    #[test]
    fn nothing_stands_below_a_hunk_that_ends_without_a_line_that_stays() {
        let told = traced("a b c d e", &["@@ -2,1 +2,2 @@\n b\n+x\n"], "a b x");
        assert_eq!(told, [C, C, E(0)]);
    }

    #[test]
    fn a_hunk_that_stands_nowhere_takes_no_other_line_with_it() {
        let told = traced("a b c d e f g h", &["@@\n p\n-q\n+x\n r\n"], "a b c d e f g h");
        assert_eq!(told, [C; 8]);
    }
}
