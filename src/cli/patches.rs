//! Patches as `patch` and `code diff` print them: the exact bytes for programs, colours for people, or only how much changes.

use std::io::{self, Write};

use codex_git::model::{screen, text};
use codex_git::render::{Line, Style};

use super::context::Context;
use super::failure::Outcome;
use super::words::count;
use crate::ui::paint;

/// The widest bar of `--stat`.
const BAR: usize = 40;

/// Prints a patch of many files, each as git writes it.
pub fn print(context: &Context, files: impl Iterator<Item = String>) -> Outcome {
    if !context.ui.is_terminal() && !context.ui.is_coloured() {
        return Ok({ files }.try_for_each(|file| context.ui.bytes(file.as_bytes()))?);
    }
    Ok(context.ui.page(|out| {
        for file in files {
            let mut is_head = true;
            for line in file.split_terminator('\n') {
                is_head = (is_head || line.starts_with("diff --git ")) && !line.starts_with("@@ ");
                paint(out, &if is_head { Line::of(Style::Strong, &screen::line(line)) } else { coloured(line) })?;
            }
        }
        Ok(())
    })?)
}

fn coloured(line: &str) -> Line {
    let style = match line.as_bytes().first() {
        Some(b'+') => Style::Added,
        Some(b'-') => Style::Removed,
        Some(b'@') => Style::Name,
        _ => Style::Plain,
    };
    Line::of(style, &screen::lines(line, 8).replace('\n', " "))
}

/// How much of a file changes.
pub struct Amount {
    /// What it is called, fit for a screen.
    pub name: String,
    /// How many lines come; or what is said where that is no matter of lines.
    pub lines: Result<(usize, usize), String>,
}

/// How many lines change in each file, with a bar, and in all.
pub fn stat(out: &mut dyn Write, files: &[Amount], width: Option<usize>) -> io::Result<()> {
    let counts = || files.iter().filter_map(|file| file.lines.as_ref().ok());
    let most = counts().map(|(added, removed)| added + removed).max().unwrap_or(0);
    let (digits, bar) = (most.to_string().len(), most.min(BAR));
    let widest = files.iter().map(|file| text::width(&file.name)).max().unwrap_or(0);
    let room = width.map_or(widest, |width| width.saturating_sub(bar + digits + 5).max(8)).min(widest);
    for Amount { name, lines } in files {
        let signs = |number: &usize| if most > BAR { (number * BAR).div_ceil(most.max(1)) } else { *number };
        let name = Line::of(Style::Plain, &format!(" {name}")).fit(Some(room + 1));
        let blanks = " ".repeat((room + 1).saturating_sub(name.width()));
        let line = match lines {
            Ok((added, removed)) => name
                .with(Style::Plain, &format!("{blanks} | {:>digits$} ", added + removed))
                .with(Style::Added, &"+".repeat(signs(added)))
                .with(Style::Removed, &"-".repeat(signs(removed))),
            Err(words) => name.with(Style::Plain, &format!("{blanks} | {words}")),
        };
        paint(out, &line.trimmed().fit(width))?;
    }
    let sum = |of: fn(&(usize, usize)) -> usize| counts().map(of).sum::<usize>();
    let (added, removed) = (count(sum(|counts| counts.0), "insertion"), count(sum(|counts| counts.1), "deletion"));
    let all = format!(" {} changed, {added}(+), {removed}(-)", count(files.len(), "file"));
    paint(out, &Line::of(Style::Dim, &all).fit(width))
}
