//! Turns as rows: what stands at the right of each, and what can follow it.

use std::io::{self, Write};

use codex_git::model::patch::{Touched, touched};
use codex_git::model::screen;
use codex_git::model::text::SUBJECT_WIDTH;
use codex_git::ops::{LogEntry, Superseded};
use codex_git::render::{Fold, Layout, Line, Row, Style};
use codex_git::{Error, Workspace};

use super::context::Context;
use super::conversation::Printer;
use super::filters::Dates;
use super::words::{short, status};
use crate::ui::paint;

/// So many turns are given whole prompts: to read a chunk for each row of a longer list costs more than it helps.
pub const LENGTHENED: usize = 500;

/// Whether a row has room for more of a prompt than its commit's subject tells.
pub fn has_room(context: &Context) -> bool {
    context.ui.width().is_some_and(|width| width > SUBJECT_WIDTH)
}

/// Gives turns the whole prompts whose beginnings they tell, where there is room for more.
pub fn lengthen<'t>(context: &Context, workspace: &Workspace, turns: impl Iterator<Item = &'t mut LogEntry>) {
    for turn in turns.take(if has_room(context) { LENGTHENED } else { 0 }) {
        turn.subject = workspace.whole_subject(turn);
    }
}

/// How turns are told.
pub struct Teller<'c> {
    pub context: &'c Context,
    pub dates: Dates,
}

impl Teller<'_> {
    /// A turn's row. `names_session`: whether it tells whose turn it is.
    pub fn row(&self, turn: &LogEntry, names_session: bool) -> Row {
        let tokens = turn.tokens.map(codex_git::render::tokens).unwrap_or_default();
        let session = if names_session { short(turn.session) } else { String::new() };
        let columns = vec![
            tokens.trim_end_matches(" tokens").to_owned(),
            turn.model.clone().unwrap_or_default(),
            session,
            self.dates.brief(turn.ended, self.context),
        ];
        let mut marks = self.marks(turn);
        marks.extend(forks(turn.forks.len()).map(|forks| (Style::Dim, forks)));
        marks.extend((!turn.agents.is_empty()).then(|| (Style::Dim, format!("◇{}", turn.agents.len()))));
        Row {
            number: turn.turn.to_string(),
            words: turn.subject.clone(),
            is_aside: turn.superseded.is_some(),
            marks,
            columns,
            ..Row::default()
        }
    }

    /// A turn's row in a graph, where forks and agents are drawn.
    pub fn row_in_graph(&self, turn: &LogEntry, names_session: bool) -> Row {
        let mut row = self.row(turn, names_session);
        row.columns.drain(..2);
        row.marks = self.marks(turn);
        row
    }

    /// The saves on a turn, why it is no part of the conversation any more, and how it ended.
    fn marks(&self, turn: &LogEntry) -> Vec<(Style, String)> {
        let mut marks: Vec<_> = turn.saves.iter().map(|name| (Style::Name, format!("[{name}]"))).collect();
        // Its commit is the only name that it has.
        marks.extend(turn.superseded.map(|aside| match aside {
            Superseded::LeftBehind => (Style::Warning, format!("{} {}", aside.words(), turn.commit.short())),
            Superseded::TakenBack => (Style::Warning, aside.words().to_owned()),
        }));
        marks.extend(status(&turn.status).map(|words| (Style::Warning, words)));
        marks
    }
}

fn forks(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("⑂".to_owned()),
        _ => Some(format!("⑂{count}")),
    }
}

/// What follows each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Below {
    Nothing,
    /// The files that the turn touched.
    Files,
    /// The turn itself.
    Turn,
}

/// Tells what follows rows.
pub struct Follower<'w> {
    pub workspace: &'w Workspace,
    pub below: Below,
    printer: Printer,
}

impl<'w> Follower<'w> {
    pub fn new(context: &Context, workspace: &'w Workspace, below: Below, turns: &[&LogEntry]) -> Self {
        let hanging =
            turns.iter().filter(|_| below == Below::Turn).flat_map(|turn| turn.forks.iter().chain(&turn.agents));
        let titles = workspace.titles(&hanging.copied().collect::<Vec<_>>());
        let layout = Layout { width: context.ui.width(), fold: Fold::Short, every_kind: false };
        let printer = Printer::new(layout, Vec::new(), context.now.offset(), titles);
        Self { workspace, below, printer }
    }

    /// Writes what follows a turn's row. What can't be read is told, and the rest goes on.
    pub fn write(&self, out: &mut dyn Write, before: &Line, turn: &LogEntry) -> io::Result<()> {
        match self.below {
            Below::Nothing => Ok(()),
            Below::Files => match self.files(turn) {
                Ok(files) => files.iter().try_for_each(|file| paint(out, &self.file(before, file))),
                Err(error) => paint(out, &self.failed(before, &error)),
            },
            Below::Turn => {
                match self.workspace.shown(turn) {
                    Ok(shown) => self.printer.turn_behind(out, before, shown)?,
                    Err(error) => paint(out, &self.failed(before, &error))?,
                }
                paint(out, &before.clone().trimmed())
            }
        }
    }

    /// The files that a turn touched.
    pub fn files(&self, turn: &LogEntry) -> Result<Vec<Touched>, Error> {
        Ok(touched(&self.workspace.shown(turn)?.items))
    }

    fn file(&self, before: &Line, file: &Touched) -> Line {
        let counts = counts(file);
        let room = self.printer.layout.behind(before.width() + 4 + counts.width());
        let path = Line::of(Style::Plain, &screen::line(&file.path)).fit(room);
        before.clone().with(Style::Plain, "    ").then(&path).then(&counts)
    }

    fn failed(&self, before: &Line, error: &Error) -> Line {
        before.clone().with(Style::Warning, &format!("    {error}")).fit(self.printer.layout.width)
    }
}

/// How many lines of a file came and went, behind a blank each.
fn counts(file: &Touched) -> Line {
    let mut counts = Line::of(Style::Plain, " ");
    for (number, style, sign) in [(file.added, Style::Added, '+'), (file.removed, Style::Removed, '−')] {
        if number > 0 {
            counts = counts.with(Style::Plain, " ").with(style, &format!("{sign}{number}"));
        }
    }
    counts.trimmed()
}
