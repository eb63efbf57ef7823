//! What a search found, as a person reads it: sessions, their turns, and the lines.

use std::io::{self, Write};

use codex_git::model::screen;
use codex_git::ops::{FoundSession, FoundTurn, Hit, Superseded};
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
    /// Whether to name the sessions that have a turn, too, instead of counting them.
    pub names_forks: bool,
}

impl Teller<'_> {
    /// Writes a session.
    pub fn session(&self, out: &mut dyn Write, session: &FoundSession, is_first: bool) -> io::Result<()> {
        if !is_first {
            paint(out, &Line::default())?;
        }
        let head = Row {
            words: session.title.clone().unwrap_or_default(),
            columns: vec![self.dates.brief(session.ended, self.context), short(session.session)],
            ..Row::default()
        };
        let rows: Vec<Row> = session.turns.iter().map(|turn| self.row(turn)).collect();
        let width = self.context.ui.width();
        let layout = Rows::of(rows.iter().chain([&head]), width);
        paint(out, &layout.line(&head))?;
        for (turn, row) in session.turns.iter().zip(&rows) {
            paint(out, &layout.line(row))?;
            self.lines(out, turn)?;
        }
        Ok(())
    }

    fn row(&self, turn: &FoundTurn) -> Row {
        let mut marks = Vec::new();
        marks.extend(turn.superseded.map(|aside| match aside {
            Superseded::LeftBehind => (Style::Warning, "left behind".to_owned()),
            Superseded::TakenBack => (Style::Warning, "taken back".to_owned()),
        }));
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

    fn lines(&self, out: &mut dyn Write, turn: &FoundTurn) -> io::Result<()> {
        let mut above: Option<&Hit> = None;
        let mut written = 0;
        for (at, hit) in turn.hits.iter().enumerate() {
            let is_same = above.is_some_and(|above| above.piece == hit.piece);
            written = if is_same { written } else { 0 };
            let mut name = if above.is_some_and(|above| above.kind == hit.kind) { "" } else { hit.kind.name() };
            let begins = hit.number - hit.before.len();
            if is_same && (begins > written + 1) && !(hit.before.is_empty() && hit.after.is_empty()) {
                self.line(out, "", Line::of(Style::Dim, "⋯"))?;
            }
            for (number, text) in (begins..).zip(&hit.before).filter(|(number, _)| *number > written) {
                self.line(out, std::mem::take(&mut name), self.dim(text))?;
                written = number;
            }
            self.line(out, name, found(&hit.text, &hit.places, self.room()))?;
            written = hit.number;
            let next = turn.hits.get(at + 1).filter(|next| next.piece == hit.piece).map(|next| next.number);
            for (number, text) in (hit.number + 1..).zip(&hit.after) {
                if next.is_some_and(|next| next <= number) {
                    break;
                }
                self.line(out, "", self.dim(text))?;
                written = number;
            }
            above = Some(hit);
        }
        match turn.lines - turn.hits.len() {
            0 => Ok(()),
            more => self.line(out, "", Line::of(Style::Dim, &format!("… {more} more in this turn"))),
        }
    }

    fn room(&self) -> Option<usize> {
        self.context.ui.width().map(|width| width.saturating_sub(KIND + GAP).max(8))
    }

    fn dim(&self, text: &str) -> Line {
        Line::of(Style::Dim, &screen::lines(text, 8)).fit(self.room())
    }

    fn line(&self, out: &mut dyn Write, name: &str, line: Line) -> io::Result<()> {
        let head = Line::of(Style::Dim, &format!("{name:>KIND$}{:GAP$}", ""));
        paint(out, &head.then(&line).trimmed())
    }
}
