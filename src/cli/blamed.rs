//! A file with who wrote its lines, for a person: a column of turns and commits, the lines, and what each of these was about.

use std::io::{self, Write};

use codex_git::model::{screen, text};
use codex_git::ops::{Blame, BlamedLine, Source};
use codex_git::render::{Line, Style};

use super::words::{count, short};
use crate::ui::paint;

/// The widths of a session's id, and of a commit's.
const ID: usize = 13;
const COMMIT: usize = 8;

/// From this width on, the prompt stands beside the id.
const WIDE: usize = 100;

/// What is printed.
pub struct Page<'p> {
    pub blame: &'p Blame,
    /// The lines, with their numbers.
    pub lines: Vec<(usize, &'p BlamedLine)>,
    pub width: Option<usize>,
    /// Whether each line tells its turn, and not only the first of a run.
    pub every_line: bool,
}

impl Page<'_> {
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let numbers = self.lines.last().map_or(0, |(number, _)| number.to_string().len()).max(3);
        let beside = self.width.filter(|width| *width >= WIDE).map(|width| width / 4 - 2);
        let mut before: Option<&Source> = None;
        for (number, line) in &self.lines {
            let is_told = self.every_line || before.is_none_or(|before| !before.is_same_run(&line.source));
            before = Some(&line.source);
            let mut row =
                if is_told { self.source(&line.source) } else { Line::of(Style::Plain, &" ".repeat(self.margin())) };
            if let Some(room) = beside {
                let words = if is_told { self.about(&line.source).fit(Some(room)) } else { Line::default() };
                row = row.then(&words).with(Style::Plain, &" ".repeat(room.saturating_sub(words.width()) + 1));
            }
            row = row.with(Style::Dim, &format!("{number:>numbers$}")).with(Style::Plain, " ");
            let shown = screen::lines(&line.text, 8).replace('\n', " ");
            paint(out, &row.with(Style::Plain, &shown).trimmed().fit(self.width))?;
        }
        self.legend(out)
    }

    /// What the turns and commits were about, in the order in which they stand in the file, and how many lines turns wrote.
    fn legend(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut told: Vec<&Source> = Vec::new();
        for (_, line) in &self.lines {
            let is_known = line.source.turn().is_some() || matches!(line.source, Source::Commit(_));
            if is_known && !told.iter().any(|told| told.is_same_place(&line.source)) {
                told.push(&line.source);
            }
        }
        if !told.is_empty() {
            writeln!(out)?;
        }
        for source in &told {
            let place = self.place(source);
            let blanks = " ".repeat(self.margin().saturating_sub(place.width()));
            paint(out, &place.with(Style::Plain, &blanks).then(&self.about(source)).fit(self.width))?;
        }
        let by_turns = self.lines.iter().filter(|(_, line)| line.source.turn().is_some()).count();
        let turns = told.iter().filter(|source| source.turn().is_some()).count();
        let words = format!("{by_turns} of {} by {}", count(self.lines.len(), "line"), count(turns, "turn"));
        writeln!(out)?;
        paint(out, &Line::of(Style::Dim, &words).fit(self.width))
    }

    /// How wide the numbers of turns are.
    fn digits(&self) -> usize {
        self.blame.turns.iter().map(|turn| turn.turn.to_string().len()).max().unwrap_or(0).max(2)
    }

    /// How wide what stands before a line is: the id, the number, the mark.
    fn margin(&self) -> usize {
        ID + 1 + self.digits() + 3
    }

    /// Who wrote a line, as wide as the margin.
    fn source(&self, source: &Source) -> Line {
        let mark = match source {
            Source::Moved(..) => "≈",
            Source::Command(_) => "~",
            _ => " ",
        };
        let place = self.place(source);
        let blanks = " ".repeat((self.margin() - 2).saturating_sub(place.width()));
        place.with(Style::Plain, &blanks).with(Style::Warning, mark).with(Style::Plain, " ")
    }

    /// The id and the number of a turn, the id of a commit, or why there is none.
    fn place(&self, source: &Source) -> Line {
        let words = match source {
            Source::Commit(id) => return Line::of(Style::Dim, id.get(..COMMIT).unwrap_or(id)),
            Source::Uncommitted => "not committed",
            Source::Between => "between turns",
            Source::Before => "before turns",
            Source::Unknown => "unknown",
            Source::Patch(..) | Source::Moved(..) | Source::Command(_) => "",
        };
        let Some(turn) = source.turn().and_then(|turn| self.blame.turns.get(turn)) else {
            return Line::of(Style::Dim, words);
        };
        // A turn that was left behind has no other name than its commit.
        let id = if turn.superseded.is_some() { turn.commit.short() } else { short(turn.session) };
        let digits = self.digits();
        Line::of(Style::Name, &format!("{id:ID$}")).with(Style::Plain, &format!(" {:>digits$}", turn.turn))
    }

    /// What a turn was asked, or what a commit says.
    fn about(&self, source: &Source) -> Line {
        if let Some(turn) = source.turn().and_then(|turn| self.blame.turns.get(turn)) {
            return Line::of(Style::Plain, &screen::line(&turn.subject));
        }
        let Source::Commit(id) = source else { return Line::default() };
        let head = |key| text::plain(self.blame.head(id, key).unwrap_or_default()).into_owned();
        Line::of(Style::Dim, &format!("{}: {}", head("author"), head("summary")))
    }
}
