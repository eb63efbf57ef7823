//! A conversation as it is printed: what it is about, and its turns one after the other.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Write};
use std::time::Duration;

use codex_git::SessionId;
use codex_git::model::item::{Agent, What};
use codex_git::model::{Item, screen, text};
use codex_git::ops::{About, LogEntry, Point, Shown, Superseded};
use codex_git::render::{self, Layout, Line, Ruler, Style, Turn};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::context::Context;
use super::words::{count, short, status, tilde};
use crate::ui::paint;

/// How turns are printed.
pub struct Printer {
    pub layout: Layout,
    /// The kinds of items that are; all, if there are none.
    pub only: Vec<String>,
    /// The local time zone.
    offset: UtcOffset,
    /// What sessions that hang on turns are called.
    titles: HashMap<SessionId, String>,
    /// The year of the turn that was printed last: only another one is told.
    year: Cell<Option<i32>>,
}

impl Printer {
    /// A printer that prints these kinds of items, or all.
    pub fn new(layout: Layout, only: Vec<String>, offset: UtcOffset, titles: HashMap<SessionId, String>) -> Self {
        Self { layout, only, offset, titles, year: Cell::default() }
    }

    /// Whether an item is printed.
    pub fn wants(&self, item: &Item) -> bool {
        self.only.is_empty() || self.only.iter().any(|kind| kind == item.what.kind())
    }

    /// Whether there is anything to print of a turn.
    pub fn tells(&self, shown: &Shown) -> bool {
        self.only.is_empty() || shown.items.iter().any(|item| self.wants(item))
    }

    /// Prints a turn: its ruler, its items, and the sessions that hang on it.
    pub fn turn(&self, out: &mut dyn Write, shown: Shown) -> io::Result<()> {
        self.turn_behind(out, &Line::default(), shown)
    }

    /// The same, each line behind what stands before it.
    pub fn turn_behind(&self, out: &mut dyn Write, before: &Line, shown: Shown) -> io::Result<()> {
        self.each_line(before, shown, &mut |line| paint(out, &line))?;
        out.flush()
    }

    /// Hands over each line of a turn, while it is made.
    ///
    /// # Errors
    /// When `take` fails.
    pub fn each_line<E>(
        &self,
        before: &Line,
        mut shown: Shown,
        take: &mut dyn FnMut(Line) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut write = |line: &Line| take(before.clone().then(line).trimmed());
        let layout = Layout { width: self.layout.behind(before.width()), ..self.layout };
        shown.items.retain(|item| self.wants(item));
        write(&self.ruler(&shown.turn).line(layout.width))?;
        // What is no part of the conversation any more stands back.
        let is_aside = shown.turn.superseded.is_some();
        let mut lines = Turn::new(&shown.items, &layout).map(|line| if is_aside { line.dimmed() } else { line });
        lines.try_for_each(|line| write(&line))?;
        if self.only.is_empty() {
            self.hanging(&shown, &layout)
                .iter()
                .try_for_each(|line| write(&Line::default()).and_then(|()| write(line)))?;
        }
        Ok(())
    }

    fn ruler(&self, turn: &LogEntry) -> Ruler {
        ruler(turn, self.when(turn.started))
    }

    fn when(&self, seconds: i64) -> String {
        let same_year = format_description!("[month repr:short] [day padding:none] [hour]:[minute]");
        let other_year = format_description!("[month repr:short] [day padding:none] [year] [hour]:[minute]");
        let Ok(time) = OffsetDateTime::from_unix_timestamp(seconds) else { return String::new() };
        let time = time.to_offset(self.offset);
        let form = if self.year.replace(Some(time.year())) == Some(time.year()) { same_year } else { other_year };
        time.format(form).unwrap_or_default()
    }

    /// The agents that no item names, and the forks.
    fn hanging(&self, shown: &Shown, layout: &Layout) -> Vec<Line> {
        let named = |id: &SessionId| {
            let id = id.to_string();
            let is = |item: &Item| matches!(&item.what, What::Agent(Agent { session: Some(own), .. }) if *own == id);
            shown.items.iter().any(is)
        };
        let title = |id: &SessionId| self.titles.get(id).map_or("", String::as_str);
        let agents = shown.turn.agents.iter().filter(|id| !named(id));
        let agents = agents.map(|id| render::agent(title(id), &short(*id), layout));
        let forks = shown.turn.forks.iter().map(|id| render::fork(title(id), &short(*id), layout));
        agents.chain(forks).collect()
    }
}

/// What stands above a turn.
pub fn ruler(turn: &LogEntry, when: String) -> Ruler {
    let status = status(&turn.status);
    let aside = turn.superseded.map(|aside| match aside {
        Superseded::TakenBack => aside.words().to_owned(),
        Superseded::LeftBehind => format!("{}: {}", aside.words(), turn.commit.short()),
    });
    let took = u64::try_from(turn.ended - turn.started).ok().map(Duration::from_secs);
    Ruler {
        number: turn.turn,
        saves: turn.saves.iter().map(ToString::to_string).collect(),
        warnings: [aside, status].into_iter().flatten().map(|words| screen::line(&words)).collect(),
        model: turn.model.as_deref().map(screen::line).unwrap_or_default(),
        when,
        took: took.and_then(render::duration).unwrap_or_default(),
        tokens: turn.tokens.map(render::tokens).unwrap_or_default(),
    }
}

/// What stands above a whole conversation.
pub fn head(context: &Context, about: &About, point: &Point, turns: &[LogEntry], layout: &Layout) -> Vec<Line> {
    let first = turns.first().map_or("", |turn| turn.subject.as_str());
    let title = screen::line(about.name.as_deref().unwrap_or(first));
    let mut lines = vec![Line::of(Style::Strong, &title).fit(layout.width)];
    lines.extend(render::facts(&facts(context, about, point, turns), layout.width));
    lines.extend(point.message.missing_base.map(|base| {
        let words = format!("! its first turns are missing: they are in {}, whose rollout is not there", short(base));
        Line::of(Style::Warning, &words).fit(layout.width)
    }));
    lines
}

/// What is known of a conversation, a fact each.
pub fn facts(context: &Context, about: &About, point: &Point, turns: &[LogEntry]) -> Vec<String> {
    let tokens: u64 = turns.iter().filter_map(|turn| turn.tokens).sum();
    let mut facts = vec![short(point.message.session), count(turns.len(), "turn")];
    facts.extend((tokens > 0).then(|| render::tokens(tokens)));
    facts.extend(place(about, &context.person_home));
    facts.extend(about.version.as_deref().map(|version| format!("Codex {}", text::plain(version))));
    facts.extend(about.origin.forked_from.map(|id| format!("fork of {}", short(id))));
    facts.extend(about.origin.parent.map(|id| format!("agent of {}", short(id))));
    facts
}

/// The directory, and what it was on.
pub fn place(about: &About, home: &str) -> Option<String> {
    let mut place = screen::line(&tilde(about.cwd.as_deref()?, home));
    if let Some(branch) = &about.branch {
        place.push_str(&format!(" on {}", screen::line(branch)));
    }
    if let Some(commit) = &about.commit {
        place.push_str(&format!(" at {}", screen::line(commit).chars().take(8).collect::<String>()));
    }
    Some(place)
}

/// A session's first line, on one line.
pub fn first_line(about: &About) -> String {
    let mut facts = vec![format!("session {}", about.session.map(|id| id.to_string()).unwrap_or_default())];
    facts[0].push_str(&place(about, "").map(|place| format!(" in {place}")).unwrap_or_default());
    facts.extend(about.version.as_deref().map(|version| format!("Codex {}", text::plain(version))));
    facts.extend(about.origin.forked_from.map(|id| format!("fork of {id}")));
    facts.extend(about.origin.parent.map(|id| format!("agent of {id}")));
    facts.join(" · ")
}
