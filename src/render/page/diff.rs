//! Patches as markup: a file each, open, its lines with their numbers. Numbers and signs are drawn by the style sheet, so that what is copied
//! from a page is code.

use super::detail::{Amount, Detail};
use super::markup::Markup;
use super::output::output;
use crate::model::item::Patch;
use crate::model::patch::{Change, Edit, Hunk, Sign, near};

/// A change with more lines than this is closed at first.
const OPEN_LINES: usize = 200;

/// Adds a patch.
pub(super) fn patch(out: &mut Markup, patch: &Patch, detail: &Detail) {
    for change in &patch.changes {
        file(out, change, patch, detail);
    }
    if let Some(reason) = &patch.refused {
        if patch.changes.is_empty() {
            out.tags("<p class=run><code>apply_patch</code> <b class=bad>refused</b></p>");
        }
        out.tags("<div class=reason>");
        output(out, reason, true, detail);
        out.tags("</div>");
    }
}

fn file(out: &mut Markup, change: &Change, patch: &Patch, detail: &Detail) {
    let (added, removed) = change.counts();
    let mut body = Markup::default();
    lines(&mut body, change, detail);
    let is_open = patch.is_done() && added + removed <= OPEN_LINES;
    out.tags(match (body.is_empty(), is_open) {
        (true, _) => "<div class=file><p>",
        (false, true) => "<details class=file open><summary>",
        (false, false) => "<details class=file><summary>",
    });
    head(out, change, patch, (added, removed));
    if body.is_empty() {
        out.tags("</p></div>");
    } else {
        out.tags("</summary><pre class=diff><code>").add(&body).tags("</code></pre></details>");
    }
}

fn head(out: &mut Markup, change: &Change, patch: &Patch, counts: (usize, usize)) {
    let shown = |path| near(path, patch.cwd.as_deref());
    match &change.edit {
        Edit::Add(_) => _ = out.tags("<small>new</small> "),
        Edit::Delete(_) => _ = out.tags("<small>deleted</small> "),
        Edit::Update { to: Some(_), .. } => _ = out.tags("<small>moved</small> "),
        Edit::Update { to: None, .. } => {}
    }
    out.tags("<b>").line(shown(change.path.as_str()));
    if let Edit::Update { to: Some(to), .. } = &change.edit {
        out.tags(" → ").line(shown(to));
    }
    out.tags("</b>");
    if patch.is_done() {
        self::counts(out, counts);
    } else {
        out.tags(" <b class=bad>refused</b>");
    }
}

/// Adds how many lines came and went.
pub(super) fn counts(out: &mut Markup, (added, removed): (usize, usize)) {
    if added + removed == 0 {
        return;
    }
    out.tags("<span class=counts>");
    if added > 0 {
        out.tags("<ins>+").number(added as u64).tags("</ins>");
    }
    if removed > 0 {
        out.tags(if added > 0 { " <del>−" } else { "<del>−" }).number(removed as u64).tags("</del>");
    }
    out.tags("</span>");
}

fn lines(out: &mut Markup, change: &Change, detail: &Detail) {
    match &change.edit {
        Edit::Add(lines) => {
            for (number, text) in (1..).zip(lines) {
                line(out, Some(number), Sign::Added, text);
            }
        }
        // What a deleted file held says little about the talk.
        Edit::Delete(Some(lines)) if detail.amount == Amount::Full => {
            for (number, text) in (1..).zip(lines) {
                line(out, Some(number), Sign::Removed, text);
            }
        }
        Edit::Delete(_) => {}
        Edit::Update { hunks, .. } => {
            for (at, hunk) in hunks.iter().enumerate() {
                self::hunk(out, hunk, at > 0);
            }
        }
    }
}

fn hunk(out: &mut Markup, hunk: &Hunk, follows: bool) {
    if follows || !hunk.heading.is_empty() {
        out.tags("<i>").line(&hunk.heading).tags("\n</i>");
    }
    let (mut old, mut new) = (hunk.at.map(|(old, _)| old), hunk.at.map(|(_, new)| new));
    let step = |number: &mut Option<usize>| *number = number.map(|number| number.saturating_add(1));
    for (sign, text) in &hunk.lines {
        line(out, if *sign == Sign::Removed { old } else { new }, *sign, text);
        if *sign != Sign::Added {
            step(&mut old);
        }
        if *sign != Sign::Removed {
            step(&mut new);
        }
    }
}

fn line(out: &mut Markup, number: Option<usize>, sign: Sign, text: &str) {
    let (open, close) = match sign {
        Sign::Kept => ("<span", "\n</span>"),
        Sign::Added => ("<ins", "\n</ins>"),
        Sign::Removed => ("<del", "\n</del>"),
    };
    out.tags(open);
    if let Some(number) = number {
        out.tags(" data-n=").number(number as u64);
    }
    // What a patch calls a line has no line feed; one would pass for another line.
    out.tags(">").text(&text.replace('\n', " ")).tags(close);
}
