//! What stands at the right, read from the store.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};

use codex_git::model::screen;
use codex_git::ops::{About, Filter, Point};
use codex_git::render::{self, Fold, Lanes, Layout, Line, Style};
use codex_git::{Error, SessionId, Workspace};

use crate::cli::context::Context;
use crate::cli::conversation::{Printer, place};
use crate::cli::filters::Dates;
use crate::cli::history::Teller;
use crate::cli::picture::Picture;
use crate::cli::words::{count, short};
use crate::picker::{Page, Wanted, What};

/// A graph is drawn up to so many turns.
const MOST: usize = 500;

/// Reads a page. `stop`: nobody waits for it any more. What is found is no page of the store: see `searcher.rs`.
///
/// # Errors
/// When the store can't be read.
pub fn read(context: &Context, workspace: &Workspace, wanted: &Wanted, stop: &AtomicBool) -> Result<Page, Error> {
    let session = wanted.session();
    let point = workspace.head(session)?;
    let point = point.ok_or_else(|| Error::NotFound { text: session.to_string(), near: Vec::new() })?;
    let mut page = Page {
        of: wanted.clone(),
        head: head(context, workspace, &point, wanted.width)?,
        lines: Vec::new(),
        turns: Vec::new(),
        is_whole: true,
    };
    match wanted.what {
        What::Talk { turns, .. } => talk(context, workspace, (&point, turns), &mut page, stop)?,
        What::Graph { .. } => page.lines = graph(context, workspace, &point, wanted.width)?,
        What::Hits { .. } => {}
    }
    Ok(page)
}

/// A page that tells why there is none.
pub fn failed(wanted: &Wanted, error: &Error) -> Page {
    let words = Line::of(Style::Warning, &format!("{error}"));
    let lines = render::wrap(words, Some(wanted.width));
    Page { of: wanted.clone(), head: Vec::new(), lines, turns: Vec::new(), is_whole: true }
}

fn talk(
    context: &Context,
    workspace: &Workspace,
    (point, turns): (&Point, usize),
    page: &mut Page,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let conversation = workspace.show(point, Some(turns))?;
    let read = conversation.turns();
    page.is_whole = read.len() < turns || read.first().is_none_or(|first| first.turn <= 1);
    let hanging: Vec<SessionId> = read.iter().flat_map(|turn| turn.forks.iter().chain(&turn.agents)).copied().collect();
    let layout = Layout { width: Some(page.of.width), fold: Fold::Short, every_kind: false };
    let printer = Printer::new(layout, Vec::new(), context.now.offset(), workspace.titles(&hanging));
    let numbers: Vec<u32> = read.iter().map(|turn| turn.turn).collect();
    for (number, shown) in numbers.into_iter().zip(conversation) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if !page.lines.is_empty() {
            page.lines.push(Line::default());
        }
        page.turns.push((number, page.lines.len()));
        match shown {
            Ok(shown) => {
                let Ok(()) = printer.each_line::<Infallible>(&Line::default(), shown, &mut |line| {
                    page.lines.push(line);
                    Ok(())
                });
            }
            Err(error) => {
                let words = Line::of(Style::Warning, &format!("turn {number} can't be read: {error}"));
                page.lines.extend(render::wrap(words, Some(page.of.width)));
            }
        }
    }
    if page.lines.is_empty() {
        page.lines.push(Line::of(Style::Dim, "no turn yet"));
    }
    Ok(())
}

fn graph(context: &Context, workspace: &Workspace, point: &Point, width: usize) -> Result<Vec<Line>, Error> {
    let graph = workspace.graph(Some(point), &Filter::default())?;
    let teller = Teller { context, dates: Dates::wanted(None, workspace) };
    let lanes = Lanes::new(Some(width), context.is_ascii);
    Ok(Picture::of(&graph, false, Some(MOST)).lines(lanes, width, &teller))
}

/// What the session is, and the saves on it.
fn head(context: &Context, workspace: &Workspace, point: &Point, width: usize) -> Result<Vec<Line>, Error> {
    let about = workspace.about(point).unwrap_or_default();
    let id = point.message.session;
    let title = about.name.as_deref().or(point.message.called()).unwrap_or_default();
    let mut lines = vec![Line::of(Style::Strong, &screen::line(title)).fit(Some(width))];
    lines.extend(render::facts(&facts(context, &about, point), Some(width)));
    let mut saves = Line::default();
    for save in workspace.saves()?.iter().filter(|save| save.session == id) {
        saves = saves.with(Style::Name, &format!("[{}]", save.name)).with(Style::Dim, &format!(" {}  ", save.turn));
    }
    if !saves.is_empty() {
        lines.extend(render::wrap(saves.trimmed(), Some(width)));
    }
    lines.push(Line::default());
    Ok(lines)
}

fn facts(context: &Context, about: &About, point: &Point) -> Vec<String> {
    let mut facts = vec![short(point.message.session), count(point.message.turn as usize, "turn")];
    facts.extend(place(about, &context.person_home));
    facts.extend(about.version.as_deref().map(|version| format!("Codex {}", screen::line(version))));
    facts.extend(about.origin.forked_from.map(|id| format!("fork of {}", short(id))));
    facts.extend(about.origin.parent.map(|id| format!("agent of {}", short(id))));
    facts
}
