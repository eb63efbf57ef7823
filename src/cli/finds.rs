//! What a search found, as a person reads it: sessions, their turns, and the lines.

use std::io::{self, Write};

use codex_git::model::screen;
use codex_git::ops::{FoundSession, FoundTurn};
use codex_git::render::{Line, Row, Rows, Style, found};

use super::context::Context;
use super::filters::Dates;
use super::words::{count, short};
use crate::ui::paint;

/// How wide the names of kinds are, and what stands behind them.
const KIND: usize = 9;
const GAP: usize = 2;

/// Tells what was found.
pub struct Teller<'c> {
    pub context: &'c Context,
    pub dates: Dates,
    /// How wide lines are; `None` where nothing is cut.
    pub width: Option<usize>,
    /// Whether to name the sessions that have a turn, too, instead of counting them.
    pub names_forks: bool,
}

/// A session, as it is told.
pub struct Told {
    pub lines: Vec<Line>,
    /// The line that each of its turns begins with.
    pub turns: Vec<usize>,
}

impl Teller<'_> {
    /// Writes a session.
    pub fn session(&self, out: &mut dyn Write, session: &FoundSession, is_first: bool) -> io::Result<()> {
        if !is_first {
            paint(out, &Line::default())?;
        }
        self.told(session).lines.iter().try_for_each(|line| paint(out, line))
    }

    /// A session: the head, and what was found in each turn.
    pub fn told(&self, session: &FoundSession) -> Told {
        let head = Row {
            words: session.title.clone().unwrap_or_default(),
            columns: vec![self.dates.brief(session.ended, self.context), short(session.session)],
            ..Row::default()
        };
        let rows: Vec<Row> = session.turns.iter().map(|turn| self.row(turn)).collect();
        let layout = Rows::of(rows.iter().chain([&head]), self.width);
        let mut told = Told { lines: vec![layout.line(&head)], turns: Vec::with_capacity(rows.len()) };
        for (turn, row) in session.turns.iter().zip(&rows) {
            told.turns.push(told.lines.len());
            told.lines.push(layout.line(row));
            self.turn(&mut told.lines, turn);
        }
        told
    }

    fn row(&self, turn: &FoundTurn) -> Row {
        let mut marks = Vec::new();
        marks.extend(turn.superseded.map(|aside| (Style::Warning, aside.words().to_owned())));
        if self.names_forks {
            marks.extend(turn.also.iter().map(|fork| (Style::Dim, format!("also {}", short(*fork)))));
        } else if !turn.also.is_empty() {
            marks.push((Style::Dim, format!("also in {}", count(turn.also.len(), "fork"))));
        }
        Row {
            number: turn.turn.to_string(),
            words: turn.prompt.clone(),
            is_aside: turn.superseded.is_some(),
            marks,
            columns: vec![String::new(), turn.commit.short()],
            ..Row::default()
        }
    }

    fn turn(&self, out: &mut Vec<Line>, turn: &FoundTurn) {
        // The line that was written last: its piece and its number there. Lines around two hits are written once.
        let (mut last, mut above) = (None, None);
        for (at, hit) in turn.hits.iter().enumerate() {
            let written = last.filter(|(piece, _)| *piece == hit.piece).map_or(0, |(_, number)| number);
            let mut name = if above == Some(hit.kind) { "" } else { hit.kind.name() };
            let begins = hit.number - hit.before.len();
            if written > 0 && begins > written + 1 && !(hit.before.is_empty() && hit.after.is_empty()) {
                out.push(line("", &Line::of(Style::Dim, "⋯")));
            }
            // A line of a patch alone doesn't tell whose it is.
            if let Some(path) = hit.path.as_deref().filter(|_| written == 0 && begins > 1) {
                out.push(line(std::mem::take(&mut name), &self.dim(path)));
            }
            for (_, text) in (begins..).zip(&hit.before).skip_while(|(number, _)| *number <= written) {
                out.push(line(std::mem::take(&mut name), &self.dim(text)));
            }
            out.push(line(name, &found(&hit.text, &hit.places, self.room(), hit.path.is_some())));
            let next = turn.hits.get(at + 1).filter(|next| next.piece == hit.piece).map(|next| next.number);
            let after = next.map_or(hit.after.len(), |next| hit.after.len().min(next - hit.number - 1));
            out.extend(hit.after[..after].iter().map(|text| line("", &self.dim(text))));
            (last, above) = (Some((hit.piece, hit.number + after)), Some(hit.kind));
        }
        let more = turn.lines - turn.hits.len();
        out.extend((more > 0).then(|| line("", &Line::of(Style::Dim, &format!("… {more} more in this turn")))));
    }

    fn room(&self) -> Option<usize> {
        self.width.map(|width| width.saturating_sub(KIND + GAP).max(8))
    }

    fn dim(&self, text: &str) -> Line {
        Line::of(Style::Dim, &screen::lines(text, 8)).fit(self.room())
    }
}

fn line(name: &str, line: &Line) -> Line {
    Line::of(Style::Dim, &format!("{name:>KIND$}{:GAP$}", "")).then(line).trimmed()
}
