//! A file of which only some lines are known: what patches of it tell, applied one after the other.
//!
//! Codex's hunks show one line around what they change, so of most files a few lines are known and the runs between them are not. Where the
//! hunks of a later patch stand on the lines that the earlier ones left, both are one change; where they don't, something else changed the
//! file in between.

use std::collections::BTreeMap;

use super::change::{Hunk, Sign};
use super::lines::Lines;

/// How many lines that stay are shown around those that change.
const CONTEXT: usize = 3;

/// A file as it was and as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sketch {
    /// The file as it is, from the top down.
    pieces: Vec<Piece>,
    /// Lines that it had at first and has no more, by their place then. They hold their line ends, as all lines here.
    gone: BTreeMap<usize, String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// A line, and its place in the file at first; none for a new one.
    Line { text: String, old: Option<usize> },
    /// So many lines that nobody knows, from this place in the file at first; `None` for all up to its end.
    Gap { old: usize, len: Option<usize> },
}

/// A patch does not fit on what is known of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Misfit;

/// A line of the change, or a run of lines that nobody knows.
enum Row<'s> {
    Line(Sign, &'s str),
    Gap(Option<usize>),
}

impl Sketch {
    /// A file that nothing is known of.
    pub fn unknown() -> Self {
        Self { pieces: vec![Piece::Gap { old: 0, len: None }], gone: BTreeMap::new() }
    }

    /// A file without a line.
    pub fn empty() -> Self {
        Self { pieces: Vec::new(), gone: BTreeMap::new() }
    }

    /// Whether every line is known.
    pub fn is_whole(&self) -> bool {
        !self.pieces.iter().any(|piece| matches!(piece, Piece::Gap { .. }))
    }

    /// Applies hunks. What does not fit changes nothing.
    pub fn apply(&mut self, hunks: &[Hunk]) -> Result<(), Misfit> {
        let mut changed = self.clone();
        let mut below = usize::MAX;
        // From the bottom up, no hunk moves the place of another.
        for hunk in hunks.iter().rev() {
            let (first, _) = hunk.at.ok_or(Misfit)?;
            let count = hunk.lines.iter().filter(|(sign, _)| *sign != Sign::Added).count();
            let at = if count == 0 { first } else { first.checked_sub(1).ok_or(Misfit)? };
            if at.checked_add(count).is_none_or(|end| end > below) {
                return Err(Misfit);
            }
            changed.apply_one(at, hunk)?;
            below = at;
        }
        *self = changed;
        Ok(())
    }

    fn apply_one(&mut self, at: usize, hunk: &Hunk) -> Result<(), Misfit> {
        let first = self.split(at)?;
        let (mut next, mut put, mut reaches_end) = (first, Vec::new(), false);
        for (sign, text) in with_ends(hunk) {
            reaches_end = sign != Sign::Kept || !text.ends_with('\n');
            if sign == Sign::Added {
                put.push(Piece::Line { text, old: None });
                continue;
            }
            let old = self.take(&mut next, &text)?;
            match (sign, old) {
                (Sign::Kept, old) => put.push(Piece::Line { text, old }),
                (_, Some(old)) => _ = self.gone.insert(old, text),
                (_, None) => {}
            }
        }
        // Nothing stands below a hunk that ends without a line that stays.
        if reaches_end {
            match self.pieces.get(next..) {
                Some([]) => {}
                Some([Piece::Gap { len: None, .. }]) => next += 1,
                _ => return Err(Misfit),
            }
        }
        self.pieces.splice(first..next, put);
        Ok(())
    }

    /// Makes a piece begin at a line, and finds it.
    fn split(&mut self, line: usize) -> Result<usize, Misfit> {
        let mut left = line;
        for at in 0..self.pieces.len() {
            if left == 0 {
                return Ok(at);
            }
            match self.pieces[at] {
                Piece::Line { .. } => left -= 1,
                Piece::Gap { len: Some(len), .. } if len <= left => left -= len,
                Piece::Gap { old, len } => {
                    let rest = Piece::Gap { old: old + left, len: len.map(|len| len - left) };
                    self.pieces[at] = Piece::Gap { old, len: Some(left) };
                    self.pieces.insert(at + 1, rest);
                    return Ok(at + 1);
                }
            }
        }
        if left == 0 { Ok(self.pieces.len()) } else { Err(Misfit) }
    }

    /// Finds a line at a piece, and goes on to the next; gives its place in the file at first.
    fn take(&mut self, next: &mut usize, text: &str) -> Result<Option<usize>, Misfit> {
        let place = match self.pieces.get_mut(*next).ok_or(Misfit)? {
            Piece::Line { text: known, old } if known == text => *old,
            Piece::Line { .. } => return Err(Misfit),
            Piece::Gap { old, len } => {
                let place = *old;
                (*old, *len) = (place + 1, len.map(|len| len.saturating_sub(1)));
                if *len != Some(0) {
                    let line = Piece::Line { text: text.to_owned(), old: Some(place) };
                    self.pieces.insert(*next, line);
                }
                Some(place)
            }
        };
        *next += 1;
        Ok(place)
    }

    /// Takes in what the whole file holds.
    pub fn reveal(&mut self, content: &Lines) -> Result<(), Misfit> {
        let mut lines = content.with_ends();
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Line { text, .. } if lines.next().as_ref() == Some(text) => pieces.push(piece.clone()),
                Piece::Line { .. } => return Err(Misfit),
                Piece::Gap { old, len } => {
                    let taken = lines.by_ref().take(len.unwrap_or(usize::MAX)).enumerate();
                    let before = pieces.len();
                    pieces.extend(taken.map(|(at, text)| Piece::Line { text, old: Some(old + at) }));
                    if len.is_some_and(|len| pieces.len() - before < len) {
                        return Err(Misfit);
                    }
                }
            }
        }
        if lines.next().is_some() {
            return Err(Misfit);
        }
        self.pieces = pieces;
        Ok(())
    }

    /// Gives the file other lines, all of them. Every line that it had must be known.
    pub fn replace(&mut self, content: &Lines) -> Result<(), Misfit> {
        if !self.is_whole() {
            return Err(Misfit);
        }
        for piece in std::mem::take(&mut self.pieces) {
            if let Piece::Line { text, old: Some(old) } = piece {
                self.gone.insert(old, text);
            }
        }
        self.pieces = content.with_ends().map(|text| Piece::Line { text, old: None }).collect();
        Ok(())
    }

    /// Hunks without numbers, with the numbers that they have if their lines stand at one place each.
    pub fn place(&self, hunks: &[Hunk]) -> Result<Vec<Hunk>, Misfit> {
        let line = |piece: &Piece| match piece {
            Piece::Line { text, .. } => text.strip_suffix('\n').map(str::to_owned).ok_or(Misfit),
            Piece::Gap { .. } => Err(Misfit),
        };
        let lines = self.pieces.iter().map(line).collect::<Result<Vec<String>, Misfit>>()?;
        let mut from = 0;
        let mut placed = Vec::new();
        for hunk in hunks {
            if !hunk.heading.is_empty() {
                from = the_one(&lines, &[hunk.heading.as_str()], from)? + 1;
            }
            let old: Vec<&str> =
                hunk.lines.iter().filter(|(sign, _)| *sign != Sign::Added).map(|(_, text)| text.as_str()).collect();
            // Codex puts lines that have nothing to stand on at the end.
            let at = if old.is_empty() { lines.len() } else { the_one(&lines, &old, from)? };
            from = at + old.len();
            let mut hunk = Hunk { at: Some((at + usize::from(!old.is_empty()), 0)), ..hunk.clone() };
            // The model need not show what stands below; Codex does, wherever something does.
            if let Some(below) = lines.get(from) {
                hunk.push(Sign::Kept, below.clone());
            }
            placed.push(hunk);
        }
        Ok(placed)
    }

    /// What changed from the file at first to the file as it is.
    pub fn hunks(&self) -> Vec<Hunk> {
        let rows = self.rows();
        let (mut hunks, mut from) = (Vec::new(), 0);
        let is_change = |row: &Row<'_>| matches!(row, Row::Line(Sign::Added | Sign::Removed, _));
        let is_kept = |row: &&Row<'_>| matches!(row, Row::Line(Sign::Kept, _));
        while let Some(first) = rows[from..].iter().position(is_change).map(|at| from + at) {
            let mut last = first;
            for (at, row) in rows.iter().enumerate().skip(first + 1) {
                if matches!(row, Row::Gap(_)) || at - last > 2 * CONTEXT {
                    break;
                }
                last = if is_change(row) { at } else { last };
            }
            let before = rows[from..first].iter().rev().take(CONTEXT).take_while(is_kept).count();
            let after = rows[last + 1..].iter().take(CONTEXT).take_while(is_kept).count();
            hunks.push(hunk(&rows, first - before, last + 1 + after));
            from = last + 1 + after;
        }
        hunks
    }

    /// The lines that changed, those that are known around them, and the gaps.
    fn rows(&self) -> Vec<Row<'_>> {
        let (mut rows, mut added, mut next) = (Vec::new(), Vec::new(), 0);
        for piece in &self.pieces {
            match piece {
                Piece::Line { text, old: None } => added.push(text.as_str()),
                Piece::Line { text, old: Some(old) } => {
                    self.changed(&mut rows, next..*old, std::mem::take(&mut added));
                    rows.push(Row::Line(Sign::Kept, text));
                    next = old + 1;
                }
                Piece::Gap { old, len } => {
                    self.changed(&mut rows, next..*old, std::mem::take(&mut added));
                    rows.push(Row::Gap(*len));
                    next = len.map_or(usize::MAX, |len| old + len);
                }
            }
        }
        self.changed(&mut rows, next..usize::MAX, added);
        rows
    }

    /// Adds the lines of a run that changed: those that went, then those that came. What went and came again stays.
    fn changed<'s>(&'s self, rows: &mut Vec<Row<'s>>, places: std::ops::Range<usize>, mut added: Vec<&'s str>) {
        let range = self.gone.range(places.start..places.end.max(places.start));
        let mut removed: Vec<&str> = range.map(|(_, text)| text.as_str()).collect();
        let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
        let top = removed.iter().zip(&added).take_while(same).count();
        rows.extend(removed.drain(..top).map(|text| Row::Line(Sign::Kept, text)));
        added.drain(..top);
        let bottom = removed.iter().rev().zip(added.iter().rev()).take_while(same).count();
        let kept = removed.split_off(removed.len() - bottom);
        added.truncate(added.len() - bottom);
        rows.extend(removed.into_iter().map(|text| Row::Line(Sign::Removed, text)));
        rows.extend(added.into_iter().map(|text| Row::Line(Sign::Added, text)));
        rows.extend(kept.into_iter().map(|text| Row::Line(Sign::Kept, text)));
    }
}

/// The lines of a hunk, with their ends.
fn with_ends(hunk: &Hunk) -> impl Iterator<Item = (Sign, String)> {
    let last = |gone| hunk.lines.iter().rposition(|(sign, _)| *sign != gone);
    let unended = [(hunk.unended.0, last(Sign::Added)), (hunk.unended.1, last(Sign::Removed))];
    hunk.lines.iter().enumerate().map(move |(at, (sign, text))| {
        let is_unended = unended.iter().any(|(is, line)| *is && *line == Some(at));
        (*sign, if is_unended { text.clone() } else { format!("{text}\n") })
    })
}

/// The one place from which on these lines stand below each other.
fn the_one(lines: &[String], wanted: &[&str], from: usize) -> Result<usize, Misfit> {
    let rest = lines.get(from..).ok_or(Misfit)?;
    let mut places = rest.windows(wanted.len()).enumerate().filter(|(_, window)| window.iter().eq(wanted.iter()));
    match (places.next(), places.next()) {
        (Some((at, _)), None) => Ok(from + at),
        _ => Err(Misfit),
    }
}

/// The rows of a run as a hunk.
fn hunk(rows: &[Row<'_>], first: usize, end: usize) -> Hunk {
    let lines = |rows: &[Row<'_>], gone: Sign| -> usize {
        let count = |row: &Row<'_>| match row {
            Row::Line(sign, _) => usize::from(*sign != gone),
            Row::Gap(len) => len.unwrap_or(0),
        };
        rows.iter().map(count).sum()
    };
    let start = |gone| lines(&rows[..first], gone) + usize::from(lines(&rows[first..end], gone) > 0);
    let mut hunk = Hunk { at: Some((start(Sign::Added), start(Sign::Removed))), ..Hunk::default() };
    for row in &rows[first..end] {
        let Row::Line(sign, text) = row else { continue };
        match text.strip_suffix('\n') {
            Some(text) => hunk.push(*sign, text.to_owned()),
            None => {
                hunk.push(*sign, (*text).to_owned());
                hunk.end_without_line_end();
            }
        }
    }
    hunk
}
