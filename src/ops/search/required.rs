//! Required: the letters that a text must have, whatever it is that a pattern matches in it.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::store::Filter;

/// What a match of a pattern holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Required {
    /// These letters, one after the other, in this case or another; whether only in this.
    Letters { letters: Vec<u8>, is_exact: bool },
    /// Each of these.
    All(Vec<Required>),
    /// One of these.
    Any(Vec<Required>),
}

impl Required {
    /// What a pattern requires. What is no pattern requires nothing.
    pub fn by(pattern: &str, ignores_case: bool) -> Self {
        let parsed = ParserBuilder::new().case_insensitive(ignores_case).multi_line(true).build().parse(pattern);
        parsed.map_or(Self::All(Vec::new()), |hir| Self::of(&hir))
    }

    fn of(hir: &Hir) -> Self {
        let mut parts = Parts::default();
        parts.take(hir);
        parts.end_run();
        Self::All(parts.all)
    }

    /// Whether a text with this filter may have it.
    pub fn may_be_in(&self, filter: &Filter) -> bool {
        match self {
            Self::Letters { letters, .. } => filter.may_have(letters),
            Self::All(all) => all.iter().all(|one| one.may_be_in(filter)),
            Self::Any(any) => any.iter().any(|one| one.may_be_in(filter)),
        }
    }
}

impl Required {
    /// Letters that are in every match, just as they are.
    pub fn exact(&self) -> Vec<&[u8]> {
        match self {
            Self::Letters { letters, is_exact: true } => vec![letters],
            Self::All(all) => all.iter().flat_map(Self::exact).collect(),
            Self::Letters { .. } | Self::Any(_) => Vec::new(),
        }
    }
}

/// What was met so far of a pattern, from left to right.
#[derive(Default)]
struct Parts {
    all: Vec<Required>,
    /// Letters that stand one after the other, and whether some may be written otherwise.
    run: Vec<u8>,
    is_loose: bool,
}

impl Parts {
    fn take(&mut self, hir: &Hir) {
        match hir.kind() {
            // What looks around takes no room.
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.run.extend(&literal.0),
            HirKind::Class(class) => match letter(class) {
                Some(letter) => {
                    self.run.push(letter);
                    self.is_loose = true;
                }
                None => self.end_run(),
            },
            HirKind::Capture(capture) => self.take(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.take(part)),
            HirKind::Repetition(repetition) => {
                // The first time comes right after what stands before it.
                if repetition.min > 0 {
                    self.take(&repetition.sub);
                }
                self.end_run();
            }
            HirKind::Alternation(ways) => {
                self.end_run();
                self.all.push(Required::Any(ways.iter().map(Required::of).collect()));
            }
        }
    }

    fn end_run(&mut self) {
        let (letters, is_exact) = (std::mem::take(&mut self.run), !std::mem::take(&mut self.is_loose));
        if !letters.is_empty() {
            self.all.push(Required::Letters { letters, is_exact });
        }
    }
}

/// The letter that a class has in both cases, if it has nothing else. Those beyond ASCII are the same to a filter.
fn letter(class: &Class) -> Option<u8> {
    const MOST: usize = 4;
    let folded = |letter: char| match letter {
        '\u{212a}' => 'k',
        '\u{17f}' => 's',
        letter => letter.to_ascii_lowercase(),
    };
    let Class::Unicode(class) = class else { return None };
    let mut letters = class.iter().flat_map(|range| range.start()..=range.end()).take(MOST + 1).map(folded);
    let first = letters.next()?;
    let is_one = letters.by_ref().take(MOST).all(|letter| letter == first);
    (is_one && first.is_ascii()).then_some(first as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a pattern requires, in words.
    fn told(pattern: &str, ignores_case: bool) -> String {
        fn tell(required: &Required) -> String {
            let list = |all: &[Required], between| all.iter().map(tell).collect::<Vec<_>>().join(between);
            match required {
                Required::Letters { letters, .. } => String::from_utf8_lossy(letters).into_owned(),
                Required::All(all) => list(all, "&"),
                Required::Any(any) => format!("({})", list(any, "|")),
            }
        }
        tell(&Required::by(pattern, ignores_case))
    }

    #[test]
    fn letters_that_stand_together_are_required_together() {
        for (pattern, required) in [
            ("word", "word"),
            (r"a word\.", "a word."),
            (r"fn [a-z]+\(&self, [a-z]+: &ko", "fn &(&self, &: &ko"),
            ("(ab)(cd)", "abcd"),
            (r"\bab\b", "ab"),
            ("ab+c", "ab&c"),
            ("(abc){2,}d", "abc&d"),
            ("ab?c", "a&c"),
            ("a.c", "a&c"),
            ("one|two three", "(one|two three)"),
            ("(one|)two", "(one|)&two"),
            ("(one|two){0,3}", ""),
            (".*", ""),
            ("(", ""),
        ] {
            assert_eq!(told(pattern, false), required, "{pattern}");
        }
    }

    #[test]
    fn letters_in_any_case_are_required_where_nothing_else_is_the_same() {
        for (pattern, required) in [("Mikofelo", "mikofelo"), ("Ask", "ask"), ("größe", "gr&e"), ("[ab]c", "c")] {
            assert_eq!(told(pattern, true), required, "{pattern}");
        }
        assert_eq!(told("(?i)Word", false), "word");
        assert_eq!(Required::by("[Kk]o a.* bc(d|e)", false).exact(), [b" bc"]);
        assert!(Required::by("mikofelo", true).exact().is_empty());
        assert_eq!(told("größe", false), "größe");
    }
}
