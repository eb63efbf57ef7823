//! The lines of a unit that have what is looked for, turn by turn.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

use super::found::Hit;
use super::needle::line_around;
use super::question::Search;
use super::scan::Text;
use super::select::Selection;
use crate::model::piece::{self, HEAD, PieceHead, PieceKind};
use crate::model::screen;
use crate::store::TextRow;

/// How many places of a line are told.
const PLACES: usize = 64;

/// How much of a prompt is told.
const PROMPT: usize = 400;

/// What was found in a turn.
pub(super) struct TurnHits {
    /// The row that it is told as.
    pub row: usize,
    /// The row that holds its text.
    pub holder: usize,
    /// What was asked; `None` where nobody asked anything.
    pub prompt: Option<String>,
    pub hits: Vec<Hit>,
    pub lines: usize,
}

/// Looks for it.
pub(super) struct Looker<'s> {
    search: &'s Search,
    selection: &'s Selection,
}

impl<'s> Looker<'s> {
    pub fn new(search: &'s Search, selection: &'s Selection) -> Self {
        Self { search, selection }
    }

    /// The turns of a unit that have it.
    pub fn look(&self, unit: &Text<'_>) -> Vec<TurnHits> {
        let (mut turns, mut current): (Vec<TurnHits>, Option<Turn<'_>>) = (Vec::new(), None);
        self.search.needle.lines(unit.text, &mut |line| {
            if current.as_ref().is_none_or(|turn| !turn.row.text.contains(&line.start)) {
                turns.extend(current.take().and_then(Turn::done));
                current = self.turn(unit, line.start);
            }
            // What is no turn's text is nobody's.
            let Some(turn) = &mut current else { return unit.text.len() };
            turn.take(self.search, line)
        });
        turns.extend(current.and_then(Turn::done));
        turns
    }

    /// The turn whose text a place is in.
    fn turn<'t>(&self, unit: &'t Text<'_>, at: usize) -> Option<Turn<'t>> {
        let row = unit.rows.partition_point(|row| row.text.end <= at);
        let found = unit.rows.get(row).filter(|row| row.text.contains(&at))?;
        let told_as = self.selection.told_as(unit.first + row);
        let text = unit.text.get(found.text.clone())?;
        let is_wanted = told_as.is_some() && self.search.file.as_ref().is_none_or(|file| touches(text, file));
        Some(Turn {
            row: found,
            holder: unit.first + row,
            text: unit.text,
            piece: 0..0,
            head: None,
            counted: (0, 1),
            told_as: told_as.filter(|_| is_wanted),
            hits: Vec::new(),
            lines: 0,
        })
    }
}

/// A turn while its lines go by.
struct Turn<'t> {
    row: &'t TextRow,
    holder: usize,
    /// The text of the unit.
    text: &'t [u8],
    /// The piece that was met last: its lines, and its head if those count.
    piece: Range<usize>,
    head: Option<PieceHead>,
    /// A line of that piece: its beginning, and its number.
    counted: (usize, usize),
    told_as: Option<usize>,
    hits: Vec<Hit>,
    lines: usize,
}

impl Turn<'_> {
    /// Takes a line that has it, and gives where to go on.
    fn take(&mut self, search: &Search, line: Range<usize>) -> usize {
        if self.told_as.is_none() {
            return self.row.text.end;
        }
        if !self.piece.contains(&line.start) {
            self.enter(search, line.start);
        }
        let Some(head) = self.head else { return self.piece.end };
        self.lines += 1;
        if self.hits.len() < search.most {
            let hit = self.hit(search, head, &line);
            self.hits.push(hit);
        }
        line.end + 1
    }

    /// Finds the piece that a place is in.
    fn enter(&mut self, search: &Search, at: usize) {
        let start = memrchr(HEAD, &self.text[..at]).unwrap_or(self.row.text.start);
        let end = memchr(HEAD, &self.text[at..self.row.text.end]).map_or(self.row.text.end, |len| at + len);
        let first = line_around(self.text, start);
        let head = PieceHead::read(&self.text[first.clone()]);
        let counts = |kind| match search.kinds.as_slice() {
            [] => kind != PieceKind::Context,
            kinds => kinds.contains(&kind),
        };
        self.piece = (first.end + 1).min(at)..end;
        self.counted = (self.piece.start, 1);
        self.head = head.filter(|head| counts(head.kind));
    }

    fn hit(&mut self, search: &Search, head: PieceHead, line: &Range<usize>) -> Hit {
        let (from, number) = self.counted;
        self.counted = (line.start, number + memchr_iter(b'\n', &self.text[from..line.start]).count());
        let text = &self.text[line.clone()];
        let (before, after) = search.around;
        let own = |range: Range<usize>| String::from_utf8_lossy(&self.text[range]).into_owned();
        let is_patch = matches!(head.kind, PieceKind::Patch | PieceKind::RefusedPatch);
        let (mut earlier, mut start) = (Vec::new(), line.start);
        while earlier.len() < before && start > self.piece.start {
            let above = line_around(self.text, start - 1);
            start = above.start;
            earlier.push(own(above));
        }
        earlier.reverse();
        let (mut later, mut next) = (Vec::new(), line.end + 1);
        while later.len() < after && next < self.piece.end {
            let below = line_around(self.text, next);
            next = below.end + 1;
            later.push(own(below));
        }
        Hit {
            kind: head.kind,
            piece: self.piece.start,
            number: self.counted.1,
            path: is_patch.then(|| own(line_around(self.text, self.piece.start))),
            line: head.line,
            at: head.at,
            text: String::from_utf8_lossy(text).into_owned(),
            places: search.needle.places(text, PLACES),
            before: earlier,
            after: later,
        }
    }

    fn done(self) -> Option<TurnHits> {
        let row = self.told_as.filter(|_| self.lines > 0)?;
        let prompt = prompt(&self.text[self.row.text.clone()]);
        Some(TurnHits { row, holder: self.holder, prompt, hits: self.hits, lines: self.lines })
    }
}

/// The pieces of a turn's text: their heads, and their lines.
fn pieces(text: &[u8]) -> impl Iterator<Item = (PieceHead, &[u8])> {
    text.split(|byte| *byte == HEAD).skip(1).filter_map(|piece| {
        let end = memchr(b'\n', piece)?;
        let head = [&[HEAD], &piece[..end]].concat();
        Some((PieceHead::read(&head)?, &piece[end + 1..]))
    })
}

/// What was asked in a turn, on one line.
fn prompt(text: &[u8]) -> Option<String> {
    let (_, asked) = pieces(text).find(|(head, _)| head.kind == PieceKind::Prompt)?;
    let asked = String::from_utf8_lossy(&asked[..asked.len().min(PROMPT)]);
    let asked = asked.trim_end_matches(char::REPLACEMENT_CHARACTER);
    Some(screen::line(asked)).filter(|line| !line.is_empty())
}

/// Whether a turn changed a file of this path, one whose path ends so, or one below a directory of this path.
fn touches(text: &[u8], file: &str) -> bool {
    let file = file.trim_start_matches("./");
    let name = file.trim_end_matches('/');
    let ends =
        |path: &str, end: &str| path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    // A whole path is meant of what Codex wrote down from its directory on, too.
    let is_it = |path: &str| ends(path, file) || (file.starts_with('/') && !path.starts_with('/') && ends(file, path));
    let is_below = |path: &str| {
        let mut places = memchr::memmem::find_iter(path.as_bytes(), name);
        places.any(|at| (at == 0 || path[..at].ends_with('/')) && path[at + name.len()..].starts_with('/'))
    };
    let ends_so = |path: &str| is_it(path) || (!name.is_empty() && is_below(path));
    pieces(text).filter(|(head, _)| head.kind == PieceKind::Patch).any(|(_, lines)| {
        let first = &lines[..memchr(b'\n', lines).unwrap_or(lines.len())];
        let first = String::from_utf8_lossy(first);
        let (path, to) = piece::paths(&first);
        ends_so(path) || to.is_some_and(ends_so)
    })
}
