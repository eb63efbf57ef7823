//! Patches: which files change, and their lines with the numbers that they have after.

use super::layout::Layout;
use super::line::{Line, Style};
use super::output::output;
use crate::model::item::Patch;
use crate::model::patch::{Change, Edit, Hunk, Sign, near};
use crate::model::screen;

/// A patch as lines: its files one after the other.
pub(super) fn patch(patch: &Patch, layout: &Layout) -> Vec<Line> {
    let mut lines = Vec::new();
    for change in &patch.changes {
        lines.push(head(change, patch, layout));
        if patch.is_done() || layout.is_full() {
            lines.extend(body(change, layout));
        }
    }
    if let Some(reason) = &patch.refused {
        if patch.changes.is_empty() {
            lines.push(Line::of(Style::Plain, "± ").with(Style::Warning, "refused"));
        }
        lines.extend(output(reason, true, layout));
    }
    lines
}

fn head(change: &Change, patch: &Patch, layout: &Layout) -> Line {
    let (added, removed) = change.counts();
    let mut tail = Line::of(Style::Plain, " ");
    if !patch.is_done() {
        tail.push(Style::Warning, " refused");
    } else {
        match change.edit {
            Edit::Add(_) => tail.push(Style::Plain, " new"),
            Edit::Delete(_) => tail.push(Style::Plain, " deleted"),
            Edit::Update { .. } => {}
        }
        for (number, style, sign) in [(added, Style::Added, '+'), (removed, Style::Removed, '−')] {
            if number > 0 {
                tail = tail.with(Style::Plain, " ").with(style, &format!("{sign}{number}"));
            }
        }
    }
    let shown = |path: &str| screen::line(near(path, patch.cwd.as_deref()));
    let mut path = shown(&change.path);
    if let Edit::Update { to: Some(to), .. } = &change.edit {
        path = format!("{path} → {}", shown(to));
    }
    let path = Line::of(Style::Strong, &path).fit(layout.behind(2 + tail.width()));
    Line::of(Style::Plain, "± ").then(&path).then(&tail).trimmed()
}

/// A line of a change: its number where it has one, or a gap between hunks.
enum Row<'c> {
    Line(Option<usize>, Sign, &'c str),
    Gap,
}

fn body(change: &Change, layout: &Layout) -> Vec<Line> {
    let rows = rows(change, layout);
    let (most, shown) = layout.patch_lines();
    let shown = if rows.len() <= most { rows.len() } else { shown };
    let mut lines: Vec<Line> = rows[..shown].iter().flat_map(|row| line(row, layout)).collect();
    if shown < rows.len() {
        lines.push(Line::of(Style::Dim, &format!("      … {} more lines", rows.len() - shown)));
    }
    lines
}

fn rows<'c>(change: &'c Change, layout: &Layout) -> Vec<Row<'c>> {
    match &change.edit {
        Edit::Add(lines) => (1..).zip(lines).map(|(number, line)| Row::Line(Some(number), Sign::Added, line)).collect(),
        Edit::Delete(Some(lines)) if layout.is_full() => {
            lines.iter().map(|line| Row::Line(None, Sign::Removed, line)).collect()
        }
        Edit::Delete(_) => Vec::new(),
        Edit::Update { hunks, .. } => {
            let mut rows = Vec::new();
            for hunk in hunks {
                if !rows.is_empty() {
                    rows.push(Row::Gap);
                }
                add_hunk(&mut rows, hunk);
            }
            rows
        }
    }
}

fn add_hunk<'c>(rows: &mut Vec<Row<'c>>, hunk: &'c Hunk) {
    let mut number = hunk.at.map(|(_, new)| new);
    for (sign, text) in &hunk.lines {
        rows.push(Row::Line(number.filter(|_| *sign != Sign::Removed), *sign, text));
        if *sign != Sign::Removed {
            number = number.map(|number| number.saturating_add(1));
        }
    }
}

fn line(row: &Row<'_>, layout: &Layout) -> Vec<Line> {
    let Row::Line(number, sign, text) = row else { return vec![Line::of(Style::Dim, "    ⋯")] };
    let style = match sign {
        Sign::Kept => Style::Dim,
        Sign::Added => Style::Added,
        Sign::Removed => Style::Removed,
    };
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    let before =
        |number: &str| Line::of(Style::Dim, &format!("{number:>5} ")).with(style, &format!("{} ", sign.letter()));
    let text = screen::lines(text, 4).replace('\n', " ");
    layout.long(&before(&number), &before(""), Line::of(style, &text))
}
