//! The line above a turn: its number and saves at the left, how it ended and what it cost at the right.

use super::line::{Line, Style};
use crate::model::text;

/// What is told above a turn. What is not known is empty.
#[derive(Clone, Debug, Default)]
pub struct Ruler {
    /// The turn's number.
    pub number: u32,
    /// The saves on it.
    pub saves: Vec<String>,
    /// What is special about it: that it failed, was stopped, was taken back.
    pub warnings: Vec<String>,
    /// The model that answered.
    pub model: String,
    /// When it began.
    pub when: String,
    /// How long it took.
    pub took: String,
    /// What it cost.
    pub tokens: String,
}

impl Ruler {
    /// The line. When it is too narrow, the tokens go first, then the time, then the model; saves are cut last.
    pub fn line(&self, width: Option<usize>) -> Line {
        let left = self.left();
        let mut right = self.right(0);
        for given_up in 1..=4 {
            let too_wide = |width| left.width() + right.width() + 4 > width;
            if !width.is_some_and(too_wide) {
                break;
            }
            right = self.right(given_up);
        }
        let Some(width) = width else {
            return if right.is_empty() { left } else { left.with(Style::Dim, " ──").then(&right) };
        };
        let room = width.saturating_sub(right.width() + 1);
        let left = left.fit(Some(room));
        let rule = room.saturating_sub(left.width());
        left.with(Style::Dim, &format!(" {}", "─".repeat(rule))).then(&right).fit(Some(width)).trimmed()
    }

    fn left(&self) -> Line {
        let mut left = Line::of(Style::Dim, "── ").with(Style::Strong, &self.number.to_string());
        self.saves.iter().for_each(|save| left.push(Style::Name, &format!(" [{}]", text::plain(save))));
        left
    }

    fn right(&self, given_up: usize) -> Line {
        let facts = [&self.tokens, &self.took, &self.when, &self.model];
        let kept = facts.iter().skip(given_up).rev().filter(|fact| !fact.is_empty());
        let warnings = self.warnings.iter().map(|warning| (Style::Warning, warning.as_str()));
        let mut right = Line::default();
        for (style, fact) in warnings.chain(kept.map(|fact| (Style::Dim, fact.as_str()))) {
            right.push(Style::Dim, if right.is_empty() { " " } else { " · " });
            right.push(style, fact);
        }
        right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_ruler_gives_up_tokens_then_time_then_the_model() {
        let ruler = Ruler {
            number: 3,
            saves: vec!["shipped".into()],
            warnings: vec!["failed".into()],
            model: "gpt-5.5".into(),
            when: "Nov 24 21:46".into(),
            took: "12 s".into(),
            tokens: "67.4k tokens".into(),
        };
        for (width, line) in [
            (66, "── 3 [shipped] ── failed · gpt-5.5 · Nov 24 21:46 · 12 s · 67.4k tokens"),
            (60, "── 3 [shipped] ──────── failed · gpt-5.5 · Nov 24 21:46 · 12 s"),
            (50, "── 3 [shipped] ───── failed · gpt-5.5 · Nov 24 21:46"),
            (40, "── 3 [shipped] ──────── failed · gpt-5.5"),
            (30, "── 3 [shipped] ─────── failed"),
            (16, "── 3 […  failed"),
        ] {
            let told = ruler.line(Some(width)).text();
            assert!(text::width(&told) <= width.max(1), "{width}: {told}");
            let facts = |line: &str| line.split_once("] ").map(|(_, right)| right.trim_start_matches('─').to_owned());
            if width > 66 {
                assert_eq!(facts(&told), facts(line));
            }
        }
        assert_eq!(ruler.line(None).text(), "── 3 [shipped] ── failed · gpt-5.5 · Nov 24 21:46 · 12 s · 67.4k tokens");
    }
}
