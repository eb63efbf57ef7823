//! Two sides beside each other: what only the one has, what only the other has, and the files of both.

use std::collections::BTreeSet;

use codex_git::model::patch::Touched;
use codex_git::model::{screen, text};
use codex_git::ops::{Difference, Side};
use codex_git::render::{self, Line, Style};

use super::words::count;

/// The signs of the two sides, and how what is theirs looks.
pub const SIGNS: [(&str, Style); 2] = [("−", Style::Removed), ("+", Style::Added)];

/// The widest that a side's name gets.
const NAME: usize = 29;

/// What both have.
pub fn both(difference: &Difference, width: Option<usize>) -> Vec<Line> {
    let Some(last) = &difference.common else {
        return vec![Line::of(Style::Strong, "both: no turn in common").fit(width)];
    };
    let words = format!("both: {}, up to", count(difference.both as usize, "turn"));
    let mut lines =
        vec![Line::of(Style::Strong, &words).fit(width), row(" ", Style::Dim, last.turn, &last.subject, width)];
    if difference.alike > 0 {
        let tell = if difference.alike == 1 { "tells" } else { "tell" };
        let words = format!("{} of them {tell} the same in other bytes", difference.alike);
        lines.push(Line::of(Style::Dim, &format!("  {words}")).fit(width));
    }
    lines
}

/// A turn of a side.
pub fn row(sign: &str, style: Style, number: u32, subject: &str, width: Option<usize>) -> Line {
    Line::of(style, &format!("{sign} {number:>2} ")).with(Style::Plain, &screen::line(subject)).fit(width)
}

/// What a side comes to, on as many lines as that takes.
pub fn head(at: usize, name: &str, side: &Side, width: Option<usize>) -> Vec<Line> {
    let (sign, style) = SIGNS[at];
    let mut lines: Vec<Line> = Vec::new();
    let mut line = Line::of(style, &format!("{sign} only {}: ", text::fit(&screen::line(name), NAME)));
    for (number, fact) in facts(side).iter().enumerate() {
        let longer = line.clone().with(style, if number == 0 { "" } else { " · " }).with(style, fact);
        if number > 0 && width.is_some_and(|width| longer.width() > width) {
            lines.push(std::mem::replace(&mut line, Line::of(style, &format!("    {fact}"))));
        } else {
            line = longer;
        }
    }
    lines.push(line);
    lines.into_iter().map(|line| line.fit(width)).collect()
}

fn facts(side: &Side) -> Vec<String> {
    if side.turns.is_empty() {
        return vec!["nothing".to_owned()];
    }
    let mut facts = vec![count(side.turns.len(), "turn")];
    facts.extend((side.tokens() > 0).then(|| render::tokens(side.tokens())));
    let failed = if side.failed > 0 { format!(" ({} failed)", side.failed) } else { String::new() };
    facts.extend((side.commands > 0).then(|| count(side.commands, "command") + &failed));
    facts.extend((!side.files.is_empty()).then(|| count(side.files.len(), "file")));
    let models = side.models().into_iter().map(screen::line).collect::<Vec<_>>().join(", ");
    facts.extend(Some(models).filter(|models| !models.is_empty()));
    facts.extend(render::duration(side.took));
    facts
}

/// The files of both sides, each with what each side did to it. Those that both changed are marked.
pub fn files(names: [&str; 2], sides: &[Side; 2], width: Option<usize>) -> Vec<Line> {
    let paths: BTreeSet<&str> = sides.iter().flat_map(|side| &side.files).map(|file| file.path.as_str()).collect();
    let heads = [0, 1].map(|at| {
        let (sign, style) = SIGNS[at];
        Line::of(style, &format!("{sign} {}", text::fit(&screen::line(names[at]), NAME)))
    });
    let of = |at: usize, path: &str| sides[at].files.iter().find(|file| file.path == path);
    let row = |path| {
        let files = [of(0, path), of(1, path)];
        (path, files.map(cell), files.iter().all(Option::is_some))
    };
    let rows: Vec<(&str, [Line; 2], bool)> = paths.into_iter().map(row).collect();
    let widths = [0, 1].map(|at| {
        let cells = rows.iter().map(|(_, cells, _)| cells[at].width());
        cells.chain([heads[at].width()]).max().unwrap_or(0)
    });
    let widest = rows.iter().map(|(path, ..)| text::width(&screen::line(path))).max().unwrap_or(0);
    let left = width.map_or(widest, |width| width.saturating_sub(widths[0] + widths[1] + 8).max(8)).min(widest);
    let beside = |name: Line, cells: &[Line; 2]| {
        let mut line = name;
        for (at, cell) in cells.iter().enumerate() {
            let edge = 2 + left + (0..=at).map(|at| widths[at] + 3).sum::<usize>();
            let blanks = edge.saturating_sub(line.width() + cell.width());
            line = line.with(Style::Plain, &" ".repeat(blanks)).then(cell);
        }
        line.fit(width)
    };
    let mut lines = Vec::new();
    for (path, cells, is_both) in &rows {
        let mark = if *is_both { "! " } else { "  " };
        let name = Line::of(Style::Plain, &screen::line(path)).fit(Some(left));
        lines.push(beside(Line::of(Style::Warning, mark).then(&name), cells));
    }
    if !lines.is_empty() {
        lines.insert(0, beside(Line::default(), &heads));
    }
    lines
}

/// What a side did to a file.
fn cell(file: Option<&Touched>) -> Line {
    let Some(Touched { added, removed, .. }) = file else { return Line::of(Style::Dim, "·") };
    Line::of(Style::Added, &format!("+{added}")).with(Style::Plain, " ").with(Style::Removed, &format!("−{removed}"))
}
