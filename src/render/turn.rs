//! A turn as lines: its items with a blank line between, and what hangs on it.

use std::collections::VecDeque;

use super::item::item;
use super::layout::Layout;
use super::line::{Line, Style};
use super::words::count;
use crate::model::screen;
use crate::model::{Item, What};

/// The lines of a turn, made while they are asked for: no more of them is held than one item has.
pub struct Turn<'t> {
    items: std::slice::Iter<'t, Item>,
    layout: &'t Layout,
    ready: VecDeque<Line>,
    begun: bool,
    unknown: usize,
}

impl<'t> Turn<'t> {
    /// The lines of these items.
    pub fn new(items: &'t [Item], layout: &'t Layout) -> Self {
        Self { items: items.iter(), layout, ready: VecDeque::new(), begun: false, unknown: 0 }
    }

    fn block(&mut self, lines: Vec<Line>) {
        if !lines.is_empty() {
            self.ready.extend(self.begun.then(Line::default));
            self.ready.extend(lines);
            self.begun = true;
        }
    }
}

impl Iterator for Turn<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        while self.ready.is_empty() {
            match self.items.next() {
                Some(next) => {
                    self.unknown += usize::from(matches!(next.what, What::Unknown { .. }));
                    self.block(item(&next.what, self.layout));
                }
                None => {
                    let unknown = std::mem::take(&mut self.unknown);
                    if unknown == 0 || self.layout.every_kind {
                        return None;
                    }
                    let words = format!("• {} of a kind that this version does not know", count(unknown, "record"));
                    self.block(vec![Line::of(Style::Dim, &words).fit(self.layout.width)]);
                }
            }
        }
        self.ready.pop_front()
    }
}

/// A fork of a turn.
pub fn fork(title: &str, id: &str, layout: &Layout) -> Line {
    pointer("fork", title, id, layout)
}

/// An agent that a turn started.
pub fn agent(title: &str, id: &str, layout: &Layout) -> Line {
    pointer("agent", title, id, layout)
}

/// Where the conversation went on elsewhere. The id is never cut: it is what one types.
fn pointer(what: &str, title: &str, id: &str, layout: &Layout) -> Line {
    let title = screen::line(title);
    let (start, end) = (format!("⑂ {what}"), format!(" ({id})"));
    let words = if title.is_empty() { start } else { format!("{start}: {title}") };
    let end = Line::of(Style::Dim, &end);
    Line::of(Style::Dim, &words).fit(layout.behind(end.width())).then(&end)
}
