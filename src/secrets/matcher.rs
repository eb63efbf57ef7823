//! A rule at work: its expression is compiled when a keyword of it is met for the first time. Compiling all of them takes longer than scanning a turn.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::assigned::{assigned, is_option, rest_of_name};
use super::boundary::{is_free_after, is_free_before, word_start};
use super::likely::{is_no_code, passes};
use super::rule::{Check, Finds, Rule};
use super::undo::{block_letters, unwrapped};

/// How far a pattern is tried: farther than the longest token goes.
const REACH: usize = 4 << 10;

/// The same for blocks of lines.
const BLOCK_REACH: usize = 24 << 10;

/// Escapes are looked for so far, and undone so far.
const ESCAPES: Range<usize> = 256..2048;

/// How the block of a key begins.
pub(super) const BLOCK_BEGIN: &[u8] = b"-----BEGIN";

/// The fewest letters of a block that holds a key.
const BLOCK_LEAST: usize = 56;

/// The fewest letters of a line of a key.
const KEY_LINE: usize = 40;

/// How what stands for a secret begins.
pub(super) const MASKED: &[u8] = b"[masked";

/// What stands in names that have to do with no secret.
const HARMLESS: [&str; 14] = [
    "ize", "_type", "_count", "_id", "_name", "_limit", "_path", "_file", "_url", "_uri", "s_", "_len", "_hash", "-id",
];

/// A rule, and its expression once it is needed.
pub(super) struct Matcher {
    pub rule: &'static Rule,
    regex: OnceLock<Option<Regex>>,
}

/// A secret, and how much of it is public.
pub(super) type Secret = (Vec<u8>, usize);

impl Matcher {
    pub fn new(rule: &'static Rule) -> Self {
        Self { rule, regex: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        let compile = || {
            let pattern = format!("^(?:{})", self.rule.pattern);
            RegexBuilder::new(&pattern).unicode(false).size_limit(1 << 22).build().ok()
        };
        self.regex.get_or_init(compile).as_ref()
    }

    /// The secret of which a keyword was found at a place of a text.
    pub fn secret(&self, text: &[u8], keyword: Range<usize>) -> Option<Secret> {
        let start = match self.rule.finds {
            Finds::Start => keyword.start,
            Finds::Within(before) => keyword.start.checked_sub(before)?,
            Finds::Word => word_start(text, keyword.start),
            Finds::Value => return self.value(text, keyword),
            Finds::Group => return self.escaped(&text[keyword.start..], REACH, |text| self.group(text)),
            Finds::Block => return self.block(&text[keyword.start..]),
        };
        if !is_free_before(text, start) {
            return None;
        }
        let public = if self.rule.finds == Finds::Start { keyword.len() } else { 0 };
        self.escaped(&text[start..], REACH, |text| {
            let found = self.regex()?.find(text)?;
            let is_one = is_free_after(text, found.end()) && passes(self.rule.check, found.as_bytes(), public);
            is_one.then(|| (found.as_bytes().to_vec(), public))
        })
    }

    /// Tries a text as it is, and with its escapes undone.
    fn escaped(&self, text: &[u8], reach: usize, find: impl Fn(&[u8]) -> Option<Secret>) -> Option<Secret> {
        let text = &text[..text.len().min(reach)];
        if let Some(found) = find(text) {
            return Some(found);
        }
        memchr::memchr(b'\\', &text[..text.len().min(ESCAPES.start)])?;
        unwrapped(&text[..text.len().min(ESCAPES.end)]).skip(1).find_map(|plain| find(&plain))
    }

    fn group(&self, text: &[u8]) -> Option<Secret> {
        let group = self.regex()?.captures(text)?.get(1)?.as_bytes();
        passes(self.rule.check, group, 0).then(|| (group.to_vec(), 0))
    }

    fn block(&self, text: &[u8]) -> Option<Secret> {
        let text = &text[..text.len().min(BLOCK_REACH)];
        // Where the next one begins, this one ended: else a list of such lines would be gone through once for each of them.
        let next = memchr::memmem::find(text.get(BLOCK_BEGIN.len()..)?, BLOCK_BEGIN);
        let text = &text[..next.map_or(text.len(), |at| at + BLOCK_BEGIN.len())];
        let block = self.regex()?.captures(text)?.get(1)?;
        let letters = block_letters(block.as_bytes());
        // Of one that was masked in part, whatever line is left counts.
        let is_masked = memchr::memmem::find(block.as_bytes(), MASKED).is_some();
        let is_one = is_masked || (letters.len() >= BLOCK_LEAST && passes(Check::Real, &letters, 0));
        if !is_one || !has_key_line(block.as_bytes()) {
            return None;
        }
        let head: Vec<u8> = text.iter().copied().take(10).collect();
        let public = head.len();
        Some(([head, letters].concat(), public))
    }

    fn value(&self, text: &[u8], keyword: Range<usize>) -> Option<Secret> {
        let is_likely = self.rule.check == Check::Likely || self.rule.check == Check::Password;
        if is_likely && is_harmless(rest_of_name(text, keyword.end)) {
            return None;
        }
        let end = keyword.len();
        let option = is_option(text, keyword.start);
        let is_setting = is_setting(text, keyword.clone());
        self.escaped(&text[keyword.start..], REACH, |text| {
            let begin = assigned(text, end, option)?;
            let found = self.regex()?.find(&text[begin.at..])?;
            let (value, next) = (found.as_bytes(), text.get(begin.at + found.end()));
            let ends = if begin.quoted {
                next.is_none_or(|byte| b"\"'`\\".contains(byte))
            } else {
                next.is_none_or(|byte| byte.is_ascii_whitespace() || b",;)]}\"'\\&<`|#".contains(byte))
            };
            let is_value = begin.quoted || !is_likely || is_setting || is_no_code(value);
            let is_one = ends && is_value && passes(self.rule.check, value, 0);
            is_one.then(|| (value.to_vec(), 0))
        })
    }
}

/// Whether a name is one of the environment, which is given its value as it stands: no code is written like that.
fn is_setting(text: &[u8], keyword: Range<usize>) -> bool {
    let end = keyword.end + rest_of_name(text, keyword.end).len();
    let name = &text[word_start(text, keyword.start)..end];
    let is_given =
        matches!(text.get(end..), Some([b'=', next, ..]) if !next.is_ascii_whitespace() && !b"=$".contains(next));
    is_given && name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

/// Whether a line of a key stands in a block of lines: no name is of all kinds of letters, and a path has more strokes.
fn has_key_line(block: &[u8]) -> bool {
    let text = unwrapped(block).last().unwrap_or_default();
    let is_line = |run: &[u8]| {
        let has = |is: fn(&u8) -> bool| run.iter().any(is);
        let strokes = run.iter().filter(|byte| **byte == b'/').count();
        run.len() >= KEY_LINE
            && strokes * 8 <= run.len()
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
    };
    text.split(|byte| !byte.is_ascii_alphanumeric() && !b"+/".contains(byte)).any(is_line)
}

/// Whether a name that ends like that has to do with something about a secret, and not with one.
fn is_harmless(rest: &[u8]) -> bool {
    let rest = String::from_utf8_lossy(rest).to_ascii_lowercase();
    HARMLESS.iter().any(|part| rest.starts_with(part) || rest.ends_with(part))
}
