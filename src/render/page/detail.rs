//! How much of a conversation a page tells.

use crate::model::item::{Item, What};
use crate::render::words::{count, size};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// What was asked, and the last answer to it.
    Prompts,
    /// Everything, but of outputs only some lines.
    Brief,
    /// Everything.
    Full,
}

/// What of a conversation is told, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// How much.
    pub amount: Amount,
    /// Whether outputs of commands and tools are told at all.
    pub outputs: bool,
    /// Whether summaries of what the model thought are.
    pub reasoning: bool,
    /// How many lines of an output are told at the most; those that are left out are counted.
    pub most_lines: usize,
}

/// A part of an output that is told: its beginning, what is left out behind that, in words, and its end.
pub(in crate::render) struct Cut<'t> {
    pub first: &'t str,
    pub left_out: Option<String>,
    pub last: &'t str,
}

/// Where not everything is told, no more bytes than this are told of what stands before a gap and behind it: a line can be a whole file.
const MOST_BYTES: usize = 16 << 10;

impl Detail {
    /// How many lines of an output are told where the talk counts.
    pub const FEW_LINES: usize = 40;

    /// The detail of an amount.
    pub const fn of(amount: Amount) -> Self {
        let most_lines = if matches!(amount, Amount::Full) { usize::MAX } else { Self::FEW_LINES };
        Self { amount, outputs: true, reasoning: true, most_lines }
    }

    /// The items of a turn that are told, with their places among all.
    pub fn told<'i>(&self, items: &'i [Item]) -> impl Iterator<Item = (usize, &'i Item)> + use<'i> {
        let detail = *self;
        let last = items.iter().rposition(|item| matches!(item.what, What::Answer { .. }));
        items.iter().enumerate().filter(move |(at, item)| detail.tells(&item.what, Some(*at) == last))
    }

    fn tells(&self, what: &What, is_last_answer: bool) -> bool {
        match what {
            What::Prompt { .. } | What::Stopped { .. } | What::Failed { .. } | What::TakenBack { .. } => true,
            What::Answer { .. } => is_last_answer || self.amount != Amount::Prompts,
            What::Reasoning { .. } => self.reasoning && self.amount != Amount::Prompts,
            What::Unknown { .. } => self.amount == Amount::Full,
            _ => self.amount != Amount::Prompts,
        }
    }

    /// Whether of some output of these items only a part is told.
    pub fn leaves_out(&self, items: &[Item]) -> bool {
        let is_cut = |text: &&str| self.cut(text, false).left_out.is_some();
        self.told(items).any(|(_, item)| outputs(&item.what).iter().any(is_cut))
    }

    /// What is told of an output. Of what failed more of the end is, where the reason stands.
    pub(in crate::render) fn cut<'t>(&self, text: &'t str, failed: bool) -> Cut<'t> {
        let text = if self.outputs { text.trim_end() } else { "" };
        let (mut first, mut last, mut lines_left_out) = (text, "", 0);
        // One line is never left out alone: its count would take as much room.
        if lines(text) > self.most_lines.saturating_add(1) {
            let end = if failed { self.most_lines * 3 / 4 } else { self.most_lines / 4 };
            first = &text[..after_lines(text, self.most_lines - end)];
            last = &text[before_lines(text, end)..];
            lines_left_out = lines(text) - self.most_lines;
        }
        let told = first.len() + last.len();
        if self.amount != Amount::Full {
            first = &first[..at_letter(first, first.len().min(MOST_BYTES))];
            last = &last[at_letter(last, last.len().saturating_sub(MOST_BYTES))..];
        }
        let left_out = match told - first.len() - last.len() {
            0 if lines_left_out == 0 => None,
            0 => Some(count(lines_left_out, "line")),
            _ => Some(size((text.len() - first.len() - last.len()) as u64)),
        };
        Cut { first, left_out, last }
    }
}

/// The place, or the nearest before it, where a letter begins.
fn at_letter(text: &str, mut place: usize) -> usize {
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// The texts of an item of which a part can be left out.
fn outputs(what: &What) -> Vec<&str> {
    match what {
        What::Command(command) => command.refused.as_deref().or(command.output.as_deref()).into_iter().collect(),
        What::Patch(patch) => patch.refused.as_deref().into_iter().collect(),
        What::Script { source: given, output: came, .. }
        | What::Mcp { arguments: given, result: came, .. }
        | What::Tool { arguments: given, output: came, .. } => {
            std::iter::once(given.as_str()).chain(came.as_deref()).collect()
        }
        _ => Vec::new(),
    }
}

/// How many lines a text has.
pub(super) fn lines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count() + usize::from(!text.is_empty())
}

/// Where so many lines end, without the last line feed.
pub(super) fn after_lines(text: &str, lines: usize) -> usize {
    let feed = lines.checked_sub(1).and_then(|at| memchr::memchr_iter(b'\n', text.as_bytes()).nth(at));
    feed.unwrap_or(if lines == 0 { 0 } else { text.len() })
}

/// Where the last so many lines begin.
fn before_lines(text: &str, lines: usize) -> usize {
    let feed = lines.checked_sub(1).and_then(|at| memchr::memrchr_iter(b'\n', text.as_bytes()).nth(at));
    feed.map_or(if lines == 0 { text.len() } else { 0 }, |feed| feed + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_output_the_ends_are_told() {
        let text: String = (1..=100).map(|line| format!("{line}\n")).collect();
        let detail = Detail { most_lines: 8, ..Detail::of(Amount::Brief) };
        let cut = detail.cut(&text, false);
        assert_eq!((cut.first, cut.left_out.as_deref(), cut.last), ("1\n2\n3\n4\n5\n6", Some("92 lines"), "99\n100"));
        let cut = detail.cut(&text, true);
        assert_eq!(
            (cut.first, cut.left_out.as_deref(), cut.last),
            ("1\n2", Some("92 lines"), "95\n96\n97\n98\n99\n100")
        );
        let whole = Detail { most_lines: 99, ..detail }.cut(&text, false);
        assert_eq!((whole.first, whole.left_out), (text.trim_end(), None));
        let line = "ä".repeat(20_000);
        let cut = detail.cut(&line, false);
        assert_eq!((cut.first.len(), cut.left_out.as_deref()), (MOST_BYTES, Some("23.6 kB")));
        assert_eq!(Detail::of(Amount::Full).cut(&line, false).left_out, None);
        assert_eq!(Detail { outputs: false, ..detail }.cut(&text, false).first, "");
    }
}
