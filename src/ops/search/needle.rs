//! Needle: what is looked for, and the lines that have it.
//!
//! A pattern is run over the text of many turns at once, which is many times as fast as line by line, and finds the same: a match that goes
//! beyond its line says only where to look line by line. Where letters that every match has are rare in a text, only the lines that have those
//! are looked at.

use std::ops::Range;
use std::str::FromStr;

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};
use regex::bytes::{Regex, RegexBuilder};

use super::capital::has_capital;
use super::nowhere;
use super::required::Required;
use crate::model::piece::HEAD;
use crate::store::Filter;

/// How what was typed is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spelling {
    /// As these very letters, not as a regular expression.
    pub is_fixed: bool,
    /// Whether a word is to stand alone.
    pub is_word: bool,
    /// Whether upper and lower case are the same; where nothing is said, they are unless a capital letter was typed.
    pub ignores_case: Option<bool>,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Needle {
    regex: Regex,
    /// Whether the pattern asks where the text begins or ends, which is meant of each line.
    is_by_line: bool,
    required: Required,
    /// Letters that are in every match, and are not all that is looked for.
    leads: Vec<Finder<'static>>,
}

/// How much of a text tells how rare something is in it; and it is rare if there is one in so many bytes.
const SAMPLE: usize = 64 << 10;
const RARE: usize = 256;

impl FromStr for Needle {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, String> {
        Self::new(typed, Spelling::default())
    }
}

impl Needle {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none, on one line.
    pub fn new(typed: &str, spelling: Spelling) -> Result<Self, String> {
        Self::any_of(&[typed], spelling)
    }

    /// Reads patterns of which a line is to have one.
    ///
    /// # Errors
    /// Why one is none, on one line.
    pub fn any_of(typed: &[&str], spelling: Spelling) -> Result<Self, String> {
        if let [typed] = typed {
            return Self::read(typed, spelling);
        }
        typed.iter().try_for_each(|typed| Self::read(typed, spelling).map(drop))?;
        let escaped = |typed: &&str| if spelling.is_fixed { regex::escape(typed) } else { (*typed).to_owned() };
        let ways: Vec<String> = typed.iter().map(|typed| format!("(?:{})", escaped(typed))).collect();
        let has_capital = typed.iter().any(|typed| has_capital(typed, spelling.is_fixed));
        let ignores_case = spelling.ignores_case.or(Some(!has_capital));
        Self::read(&ways.join("|"), Spelling { is_fixed: false, ignores_case, ..spelling })
    }

    fn read(typed: &str, spelling: Spelling) -> Result<Self, String> {
        let pattern = if spelling.is_fixed { regex::escape(typed) } else { typed.to_owned() };
        let pattern = if spelling.is_word { format!(r"\b{{start-half}}(?:{pattern})\b{{end-half}}") } else { pattern };
        let ignores_case = spelling.ignores_case.unwrap_or_else(|| !has_capital(typed, spelling.is_fixed));
        let regex = RegexBuilder::new(&pattern).case_insensitive(ignores_case).multi_line(true).build();
        let is_by_line = !spelling.is_fixed && asks_for_ends(typed);
        match regex {
            Ok(regex) => match nowhere::reason(&pattern) {
                None => {
                    let required = Required::by(&pattern, ignores_case);
                    let is_plain = (spelling.is_fixed || regex::escape(typed) == typed) && !spelling.is_word;
                    let leads = if is_plain { Vec::new() } else { required.exact() };
                    let leads = leads.into_iter().map(|letters| Finder::new(letters).into_owned()).collect();
                    Ok(Self { regex, is_by_line, required, leads })
                }
                Some(reason) => Err(format!("`{typed}` matches nothing: {reason}")),
            },
            Err(error) => {
                let words = error.to_string();
                let reason = words.lines().last().unwrap_or_default();
                Err(format!("`{typed}` is no regular expression: {}", reason.trim_start_matches("error: ")))
            }
        }
    }

    /// Whether it is in a text; `^` and `$` are meant of each line.
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    /// Whether it may be in a text with this filter.
    pub(super) fn may_be_in(&self, filter: &Filter) -> bool {
        self.required.may_be_in(filter)
    }

    /// Where it is in a line, up to so many times.
    pub fn places(&self, line: &[u8], most: usize) -> Vec<Range<usize>> {
        self.regex.find_iter(line).take(most).map(|place| place.range()).collect()
    }

    /// Hands over each line of a text that has it, in order. `found` says where to go on, at the beginning of a later line.
    pub fn lines(&self, text: &[u8], found: &mut dyn FnMut(Range<usize>) -> usize) {
        match self.lead(text) {
            Some(lead) => self.lines_led(lead, text, found),
            None => self.lines_at_once(text, found),
        }
    }

    /// The letters that are the rarest in a text, if they are rare.
    fn lead(&self, text: &[u8]) -> Option<&Finder<'static>> {
        let sample = &text[..text.len().min(SAMPLE)];
        let counted = self.leads.iter().map(|lead| (lead.find_iter(sample).take(SAMPLE / RARE + 1).count(), lead));
        let (count, lead) = counted.min_by_key(|(count, _)| *count)?;
        (count <= SAMPLE / RARE).then_some(lead)
    }

    fn lines_led(&self, lead: &Finder<'_>, text: &[u8], found: &mut dyn FnMut(Range<usize>) -> usize) {
        let mut at = 0;
        while let Some(place) = text.get(at..).and_then(|rest| lead.find(rest)) {
            let line = line_around(text, at + place);
            at = if self.is_in(&text[line.clone()]) { self.take(text, line, found) } else { line.end + 1 };
        }
    }

    fn lines_at_once(&self, text: &[u8], found: &mut dyn FnMut(Range<usize>) -> usize) {
        let mut at = 0;
        while at < text.len() {
            let place = if self.is_by_line { Some(at..text.len()) } else { self.place(text, at) };
            let Some(place) = place else { return };
            let line = line_around(text, place.start);
            if line.start >= text.len() {
                return;
            }
            at = if place.end <= line.end && !self.is_by_line {
                self.take(text, line, found)
            } else {
                self.one_by_one(text, line.start..place.end, found)
            };
        }
    }

    fn place(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        self.regex.find_at(text, at).map(|place| place.range())
    }

    /// A line that has it, unless it is a head.
    fn take(&self, text: &[u8], line: Range<usize>, found: &mut dyn FnMut(Range<usize>) -> usize) -> usize {
        let next = line.end + 1;
        if text.get(line.start) == Some(&HEAD) { next } else { found(line).max(next) }
    }

    /// Looks into the lines that begin within a range, each by itself. Gives where to go on.
    fn one_by_one(&self, text: &[u8], range: Range<usize>, found: &mut dyn FnMut(Range<usize>) -> usize) -> usize {
        let mut at = range.start;
        while at < range.end.min(text.len()) {
            let line = line_around(text, at);
            at = if self.is_in(&text[line.clone()]) { self.take(text, line, found) } else { line.end + 1 };
        }
        // A match that ends where a line begins has said nothing of that line.
        at
    }
}

/// The line that a place is in, without its line feed.
pub(super) fn line_around(text: &[u8], at: usize) -> Range<usize> {
    let start = memrchr(b'\n', &text[..at]).map_or(0, |feed| feed + 1);
    let end = memchr(b'\n', &text[at..]).map_or(text.len(), |feed| at + feed);
    start..end
}

/// Whether a pattern may ask where all of the text begins or ends: by `\A`, `\z`, or by flags that take from `^` and `$` that they are meant of lines.
fn asks_for_ends(typed: &str) -> bool {
    let takes_lines = |flags: &str| {
        let flags = flags.split([')', ':']).next().unwrap_or_default();
        flags.split_once('-').is_some_and(|(_, off)| off.contains('m'))
    };
    typed.contains("\\A") || typed.contains("\\z") || typed.split("(?").skip(1).any(takes_lines)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(pattern: &str, spelling: Spelling, text: &str) -> Vec<String> {
        let needle = Needle::new(pattern, spelling).unwrap();
        let (mut lines, mut at_once) = (Vec::new(), Vec::new());
        needle.lines(text.as_bytes(), &mut |line| {
            lines.push(text[line.clone()].to_owned());
            line.end + 1
        });
        needle.lines_at_once(text.as_bytes(), &mut |line| {
            at_once.push(text[line.clone()].to_owned());
            line.end + 1
        });
        assert_eq!(lines, at_once, "{pattern}");
        at_once
    }

    /// The lines that have it, looked at one by one.
    fn found_slowly(pattern: &str, spelling: Spelling, text: &str) -> Vec<String> {
        let needle = Needle::new(pattern, spelling).unwrap();
        let Some(lines) = text.strip_suffix('\n').map(|text| text.split('\n')) else { return Vec::new() };
        let is_found = |line: &&str| !line.starts_with('\0') && needle.is_in(line.as_bytes());
        lines.filter(is_found).map(str::to_owned).collect()
    }

    #[test]
    fn a_capital_letter_makes_case_count_unless_something_else_was_said() {
        let text = "Fix\nfix\n";
        let with = |ignores_case| Spelling { ignores_case, ..Spelling::default() };
        assert_eq!(found("fix", with(None), text).len(), 2);
        assert_eq!(found("Fix", with(None), text), ["Fix"]);
        assert_eq!(found("fix", with(Some(false)), text), ["fix"]);
        assert_eq!(found("FIX", with(Some(true)), text).len(), 2);
        assert_eq!(found(r"\Six", with(None), text).len(), 2);
    }

    #[test]
    fn fixed_letters_and_whole_words_are_meant_as_such() {
        let fixed = Spelling { is_fixed: true, ..Spelling::default() };
        let word = Spelling { is_word: true, ..Spelling::default() };
        assert_eq!(found("a.c(", fixed, "a.c(d)\nabc(\n"), ["a.c(d)"]);
        assert_eq!(found("cat", word, "concat\nthe cat sat\ncat\n"), ["the cat sat", "cat"]);
        assert_eq!(found("-x", word, "a -x b\na-x\n"), ["a -x b"]);
    }

    #[test]
    fn one_of_several_patterns_is_enough() {
        let lines = |typed: &[&str], spelling| {
            let (needle, mut lines) = (Needle::any_of(typed, spelling).unwrap(), Vec::new());
            needle.lines(b"a.c\nabc\nBd\n", &mut |line| {
                lines.push(line.start);
                line.end + 1
            });
            lines
        };
        let fixed = Spelling { is_fixed: true, ..Spelling::default() };
        assert_eq!(lines(&["a.c", "d|x"], Spelling::default()), [0, 4, 8]);
        assert_eq!((lines(&["a.c", "x|d"], fixed), lines(&["bd", "A"], fixed)), (vec![0], vec![]));
        assert!(Needle::any_of(&["a", "("], Spelling::default()).unwrap_err().starts_with("`(` is no"));
    }

    #[test]
    fn a_pattern_that_is_none_is_refused_on_one_line() {
        let error = Needle::new("(", Spelling::default()).unwrap_err();
        assert!(error.starts_with("`(` is no regular expression: ") && !error.contains('\n'), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_same_lines_are_found_as_one_by_one(
            text in proptest::collection::vec("(\0P1 2|[abcA ]{0,5}|ä?b+)\n", 0..12),
            pattern in "(\\^|\\\\A|\\\\b)?([ab.]|\\[\\^a\\]|\\\\s|\\\\W|[abA]\\*|\\(a\\|b c\\)|\\\\n|ab\\?|[a-c]\\+){0,4}(\\$|\\\\z)?",
            is_word in any::<bool>(),
            ignores_case in any::<Option<bool>>(),
        ) {
            let text = text.concat();
            let spelling = Spelling { is_fixed: false, is_word, ignores_case };
            prop_assume!(Needle::new(&pattern, spelling).is_ok());
            prop_assert_eq!(found(&pattern, spelling, &text), found_slowly(&pattern, spelling, &text));
        }
    }
}
