//! Scanning one line or text: what it says is unwrapped, and what was found is told once, by the rule that knows it best.

use super::base64_run::{each_decoded, is_in_opaque, is_opaque};
use super::finding::Finding;
use super::found::Match;
use super::json::{each_string, looks_like_json};
use super::ruleset::Rules;
use super::undo::{colourless, is_coloured, is_spelled, unescaped, unwrapped, without_percents};

/// JSON is read in the strings of JSON so many times.
const NESTED: usize = 3;

/// Longer keys name no secret, and of what they are given the beginning is looked at together with them.
const KEY: usize = 64;
const PAIRED: usize = 1024;

/// What nobody can read without a key, and Codex writes a lot of.
const ENCRYPTED: &[u8] = b"encrypted_content";

/// How a picture begins.
const PICTURE: &[u8] = b"data:image/";

/// A line or a text while it is scanned.
pub(super) struct Sift<'r> {
    rules: &'r Rules,
    found: Vec<Match>,
    pair: Vec<u8>,
}

impl<'r> Sift<'r> {
    pub fn new(rules: &'r Rules) -> Self {
        Self { rules, found: Vec::new(), pair: Vec::new() }
    }

    /// Scans a line of a rollout.
    pub fn line(&mut self, line: &[u8]) {
        if !self.json(line, 0) {
            self.text(line);
        }
    }

    /// Scans the strings of a text, if it is JSON.
    fn json(&mut self, text: &[u8], depth: usize) -> bool {
        if !looks_like_json(text) {
            return false;
        }
        let before = self.found.len();
        let is_json = each_string(text, &mut |key, value| self.string(key, value, depth));
        if !is_json {
            self.found.truncate(before);
        }
        is_json
    }

    fn string(&mut self, key: Option<&[u8]>, value: &[u8], depth: usize) {
        if key == Some(ENCRYPTED) || value.starts_with(PICTURE) || is_opaque(value) {
            return;
        }
        if let Some(key) = key.filter(|key| key.len() <= KEY && self.rules.has_keyword(key)) {
            self.pair(key, value);
        }
        if depth >= NESTED || !self.json(value, depth + 1) {
            self.text(value);
        }
    }

    /// Scans what the key of an object is given, as if it were written down as `key="value"`.
    fn pair(&mut self, key: &[u8], value: &[u8]) {
        let mut pair = std::mem::take(&mut self.pair);
        pair.clear();
        pair.extend(key);
        pair.extend(b"=\"");
        pair.extend(&value[..value.len().min(PAIRED)]);
        pair.push(b'"');
        let found = &mut self.found;
        self.rules.each_match(&pair, 0..key.len(), &mut |one, _| found.push(one));
        self.pair = pair;
    }

    /// Scans a text, and what is encoded in it.
    pub fn text(&mut self, text: &[u8]) {
        self.plain_or_coloured(text);
        let mut encoded = Vec::new();
        each_decoded(text, &mut |decoded| encoded.push(decoded.to_vec()));
        encoded.iter().for_each(|decoded| {
            if !self.json(decoded, NESTED - 1) {
                self.plain_or_coloured(decoded);
            }
        });
    }

    /// Colours can stand within a word, and between two; and links, titles and what else is told a terminal hold text of their own.
    fn plain_or_coloured(&mut self, text: &[u8]) {
        if !is_coloured(text) {
            return self.plain_or_spelled(text);
        }
        self.plain_or_spelled(&colourless(text, b""));
        self.once_more(&colourless(text, b" "));
        self.once_more(text);
    }

    /// Letters and strokes can be spelled with escapes, or with percent signs.
    fn plain_or_spelled(&mut self, text: &[u8]) {
        self.plain(text);
        if is_spelled(text)
            && let Some(plain) = unescaped(text)
        {
            self.once_more(&plain);
        }
        if let Some(plain) = without_percents(text) {
            self.once_more(&plain);
        }
    }

    /// Scans a text in another form: what was found before is not found again.
    fn once_more(&mut self, text: &[u8]) {
        let own = self.found.len();
        self.plain(text);
        let more = self.found.split_off(own);
        let is_new = |one: &Match| !self.found.iter().any(|other| other.rule == one.rule && other.secret == one.secret);
        let new: Vec<Match> = more.into_iter().filter(is_new).collect();
        self.found.extend(new);
    }

    fn plain(&mut self, text: &[u8]) {
        let found = &mut self.found;
        self.rules.each_match(text, 0..text.len(), &mut |one, at| {
            if !is_in_opaque(text, at) {
                found.push(one);
            }
        });
        self.own_rules(text);
    }

    /// A person's own rules have no keywords: they are tried on all of a text, and with its escapes undone.
    fn own_rules(&mut self, text: &[u8]) {
        if self.rules.own().is_empty() {
            return;
        }
        let found = &mut self.found;
        let before = found.len();
        for text in unwrapped(text) {
            self.rules.each_own_match(&text, &mut |one| found.push(one));
            if found.len() > before {
                return;
            }
        }
    }

    /// Hands over what was found in a line or text. Of several rules that found the same, the surest counts, and of these the first.
    pub fn finish(self, text: &[u8], take: &mut dyn FnMut(Finding)) {
        let is_new = |one: &&Match| {
            let better: Vec<&Match> = self.found.iter().filter(|other| other.knows_better(one)).collect();
            better.is_empty() || one.stands_alone(&better, text)
        };
        for one in self.found.iter().filter(is_new) {
            let (rule, secret) = (self.rules.id(one.rule), one.secret.clone());
            take(Finding { rule, tier: one.tier, secret, public: one.public });
        }
    }
}
