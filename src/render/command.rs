//! Commands: what ran, how it ended if not well, how long it took, and what it printed.

use super::layout::Layout;
use super::line::{Line, Style};
use super::output::output;
use super::words::duration;
use super::wrap::wrap;
use crate::model::item::{By, Command};
use crate::model::screen;

/// A first line that needs more lines than this is cut.
const WRAPPED: usize = 3;

/// A command as lines.
pub(super) fn command(command: &Command, layout: &Layout) -> Vec<Line> {
    let failed = command.has_failed();
    let mut lines = words(command, &tag(command, failed), layout);
    let printed = command.refused.as_deref().or(command.output.as_deref());
    lines.extend(output(printed.unwrap_or_default(), failed, layout));
    lines
}

/// What stands at the right: the exit code of a failure, and the time.
fn tag(command: &Command, failed: bool) -> Line {
    let mut tag = Line::default();
    if command.refused.is_some() {
        tag.push(Style::Warning, "refused");
    }
    if let Some(exit) = command.exit.filter(|_| failed) {
        tag.push(Style::Warning, &format!("exit {exit}"));
    }
    if let Some(took) = command.took.and_then(duration) {
        tag.push(Style::Dim, &format!("{}{took}", if tag.is_empty() { "" } else { " · " }));
    }
    tag
}

fn words(command: &Command, tag: &Line, layout: &Layout) -> Vec<Line> {
    let mark = if command.by == By::Person { Line::of(Style::Prompt, "! ") } else { Line::of(Style::Plain, "$ ") };
    let indent = Line::of(Style::Plain, "  ");
    let text = screen::lines(&command.text, 8);
    let mut rest = text.trim().split('\n');
    let first = Line::of(Style::Strong, rest.next().unwrap_or_default());
    let room = layout.behind(2 + if tag.is_empty() { 0 } else { tag.width() + 2 });
    let mut first = wrap(first, room);
    if first.len() > WRAPPED && !layout.is_full() {
        first = vec![Line::of(Style::Strong, text.trim().split('\n').next().unwrap_or_default()).fit(room)];
    }
    let mut lines = Vec::new();
    for (number, part) in first.into_iter().enumerate() {
        let line =
            if number == 0 { at_the_right(mark.clone().then(&part), tag, layout) } else { indent.clone().then(&part) };
        lines.push(line);
    }
    let rest: Vec<&str> = rest.collect();
    let (most, shown) = layout.command_lines();
    let shown = if rest.len() < most { rest.len() } else { shown - 1 };
    lines.extend(rest[..shown].iter().flat_map(|line| layout.long(&indent, &indent, Line::of(Style::Strong, line))));
    if shown < rest.len() {
        lines.push(Line::of(Style::Dim, &format!("  … {} more lines", rest.len() - shown)));
    }
    lines
}

/// A line, with something at its right end.
fn at_the_right(line: Line, tag: &Line, layout: &Layout) -> Line {
    if tag.is_empty() {
        return line;
    }
    let blanks = layout.width.map_or(2, |width| width.saturating_sub(line.width() + tag.width()).max(2));
    line.with(Style::Plain, &" ".repeat(blanks)).then(tag)
}
