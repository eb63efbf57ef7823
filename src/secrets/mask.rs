//! Masking: what was found in lines is overwritten, and each line stays as long as it was, so that every number of bytes in it stays true.
//!
//! A secret is overwritten wherever it is spelled out, whatever escapes, colours, percent signs or base64 it is spelled with, and so is any
//! beginning of it that is long enough to be an echo. What is found and not spelled out is wrapped in something: then what is overwritten is the
//! block, the line or, if need be, the whole string that it is wrapped in. JSON stays JSON. What can't be overwritten is told.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError};

use super::base64_run::{decoded_secret, each_run, in_base64, is_letter};
use super::finding::Finding;
use super::fingerprint::{Fingerprint, FingerprintKey};
use super::matcher::{BLOCK_BEGIN, MASKED};
use super::raw::{RawString, lines_of, raw_strings, rest_of_value, rest_of_word, whole_escapes};
use super::ruleset::Rules;
use super::undo::unwrapped;
use super::views::{View, may_be_wrapped};

/// A beginning of a secret is an echo of it from so many bytes on; of those, so many must be its own.
const ECHO: usize = 12;
const OWN: usize = 4;

/// What a secret stands for beside itself is one, too, from so many bytes on.
const LEAST: usize = 6;

/// So many letters of a block's line are enough to know it by.
const LINE: usize = 32;

/// A shorter secret is looked for in base64 as well: what that is is too short to be told from other words.
const SHORT: usize = 16;

/// So many letters of base64 can hold an echo.
const ENCODED: usize = 20;

/// The keys whose values say what a record is: without them Codex reads none of it.
const STRUCTURE: [&[u8]; 3] = [b"type", b"role", b"timestamp"];

/// Between which marks the block of a key stands; how it begins says the rule for it.
const BLOCK_END: &[u8] = b"-----END";
const BLOCK_MARK: &[u8] = b"-----";

/// The secrets that are to be masked, as far as they are known.
pub struct Mask<'r> {
    rules: &'r Rules,
    /// Whether a finding is to be masked at all.
    counts: Box<dyn Fn(&Finding) -> bool + 'r>,
    known: Vec<Finding>,
    spellings: Vec<Spelling>,
    spelled: HashSet<Vec<u8>>,
    /// Where each secret stands among those that are known.
    places: HashMap<Vec<u8>, usize>,
}

/// A secret as it is spelled, and how much of it is an echo.
struct Spelling {
    bytes: Vec<u8>,
    least: usize,
    /// Which of the known secrets it is of.
    of: usize,
    /// Whether it tells that this secret is in a text: other secrets can have it, too.
    is_own: bool,
}

/// A mask for all that was learned.
pub struct ReadyMask<'m> {
    mask: &'m Mask<'m>,
    beginnings: AhoCorasick,
    /// The known secrets that were masked.
    used: RefCell<BTreeSet<usize>>,
}

impl<'r> Mask<'r> {
    /// A mask for what the rules find, of that only what `counts`.
    pub fn new(rules: &'r Rules, counts: impl Fn(&Finding) -> bool + 'r) -> Self {
        let (spelled, places) = (HashSet::new(), HashMap::new());
        Self { rules, counts: Box::new(counts), known: Vec::new(), spellings: Vec::new(), spelled, places }
    }

    /// Takes in what a line holds, without its line feed.
    pub fn learn(&mut self, line: &[u8]) {
        let mut block = None;
        for finding in self.held_in(line) {
            if self.places.contains_key(&finding.secret) {
                continue;
            }
            let of = self.known.len();
            self.places.insert(finding.secret.clone(), of);
            self.spell(&finding, of);
            if finding.secret.starts_with(BLOCK_BEGIN) {
                block = block.or(Some(of));
            }
            self.known.push(finding);
        }
        // Once for all keys of the line.
        if let Some(of) = block {
            self.spell_blocks(line, of);
        }
    }

    /// Takes in how a secret can be spelled, and what it is made of.
    fn spell(&mut self, finding: &Finding, of: usize) {
        let secret = &finding.secret;
        self.add(secret.clone(), ECHO.max(finding.public + OWN), (of, true));
        if secret.len() < SHORT {
            in_base64(secret).into_iter().for_each(|spelled| self.add(spelled, usize::MAX, (of, true)));
        }
        for view in View::all(secret).into_iter().skip(1).filter(|view| view.bytes.len() >= LEAST) {
            self.add(view.bytes, ECHO, (of, true));
        }
        // Name and password, as a server is told them.
        if let Some(decoded) = decoded_secret(secret) {
            let password = decoded.splitn(2, |byte| *byte == b':').nth(1).unwrap_or_default().to_vec();
            [decoded, password]
                .into_iter()
                .filter(|one| one.len() >= LEAST)
                .for_each(|one| self.add(one, ECHO, (of, true)));
        }
    }

    fn add(&mut self, bytes: Vec<u8>, least: usize, (of, is_own): (usize, bool)) {
        let least = least.min(bytes.len());
        if least > 0 && self.spelled.insert(bytes.clone()) {
            self.spellings.push(Spelling { bytes, least, of, is_own });
        }
    }

    /// Takes in the lines of a key, each of which is a secret wherever it stands. The first can be that of other keys of its kind, too.
    fn spell_blocks(&mut self, line: &[u8], of: usize) {
        let mut lines = Vec::new();
        for text in unwrapped(line) {
            for block in blocks(&text).into_iter().filter(|block| self.is_in_text(&text[block.clone()])) {
                let all: Vec<&[u8]> =
                    text[block].split(|byte| !is_letter(*byte)).filter(|run| run.len() >= LINE).collect();
                // What stands before each line, as the name of its file, is no line.
                let once = all.iter().filter(|run| all.iter().filter(|other| other == run).count() == 1);
                // Marks of patches are letters as well.
                lines.extend(once.enumerate().map(|(at, run)| (run[run.len() % 4..].to_vec(), at > 0)));
            }
        }
        lines.into_iter().for_each(|(line, is_own)| self.add(line, LINE, (of, is_own)));
    }

    /// Makes the mask ready for use.
    ///
    /// # Errors
    /// When the secrets are more than fit.
    pub fn ready(&self) -> Result<ReadyMask<'_>, BuildError> {
        let beginnings = AhoCorasick::new(self.spellings.iter().map(|one| &one.bytes[..one.least]))?;
        Ok(ReadyMask { mask: self, beginnings, used: RefCell::default() })
    }

    /// What a line holds that is to be masked.
    fn held_in(&self, line: &[u8]) -> Vec<Finding> {
        let mut held = Vec::new();
        self.rules.scan_line(line, &mut |finding| held.push(finding));
        held.retain(|finding| (self.counts)(finding));
        held
    }

    fn is_in(&self, line: &[u8]) -> bool {
        !self.held_in(line).is_empty()
    }

    fn is_in_text(&self, text: &[u8]) -> bool {
        let mut is_in = false;
        self.rules.scan_text(&String::from_utf8_lossy(text), &mut |finding| is_in |= (self.counts)(&finding));
        is_in
    }
}

impl ReadyMask<'_> {
    /// Begins with something else: nothing was masked in that yet.
    pub fn begin(&self) {
        self.used.take();
    }

    /// What stands for something, with all that was masked in it.
    pub fn tag(&self, key: &FingerprintKey, of: &[u8]) -> [u8; 16] {
        let fingerprint = |at: &usize| self.mask.known.get(*at).map(|finding| finding.fingerprint(key));
        let used: BTreeSet<Fingerprint> = self.used.borrow().iter().filter_map(fingerprint).collect();
        let used: String = used.iter().map(Fingerprint::to_string).collect();
        let hash = key.hmac(&[of, &[0], used.as_bytes()]);
        std::array::from_fn(|at| hash[at])
    }

    /// Masks a line, without its line feed. False if something in it can't be masked.
    pub fn apply(&self, line: &mut [u8]) -> bool {
        // The whole of a key goes before its lines do: what would be left of it is too short to be known.
        if memchr::memmem::find(line, BLOCK_BEGIN).is_some() {
            self.hide(line, blocks);
        }
        let places = self.spelled_out(line);
        if !places.is_empty() {
            overwrite(line, places);
        }
        // From what hides least to what hides most.
        let is_clean = [blocks, lines_of, whole].into_iter().any(|wrapping| !self.hide(line, wrapping));
        is_clean || !self.mask.is_in(line)
    }

    /// Overwrites the parts of a line that hold something which is to be masked. False if none does.
    fn hide(&self, line: &mut [u8], wrapping: fn(&[u8]) -> Vec<Range<usize>>) -> bool {
        let held = self.mask.held_in(line);
        if held.is_empty() {
            return false;
        }
        self.used.borrow_mut().extend(held.iter().filter_map(|finding| self.mask.places.get(&finding.secret)));
        let places = self.wrapped(line, wrapping);
        overwrite(line, places);
        true
    }

    /// Where secrets are spelled out, and long beginnings of them.
    fn spelled_out(&self, line: &[u8]) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        for string in strings(line) {
            let raw = &line[string.place.clone()];
            let mut take = |part: Range<usize>, is_open: bool| {
                let end = if is_open { rest_of_value(raw, part.clone()) } else { rest_of_word(raw, part.end) };
                places.push(string.place.start + part.start..string.place.start + end);
            };
            self.spelled_in(raw, &mut take);
            if may_be_wrapped(raw) {
                for view in View::all(raw).iter().skip(1) {
                    self.spelled_in(&view.bytes, &mut |part, is_open| {
                        take(view.at[part.start]..view.at[part.end], is_open)
                    });
                }
            }
        }
        places
    }

    fn use_of(&self, spelling: &Spelling) {
        if spelling.is_own {
            self.used.borrow_mut().insert(spelling.of);
        }
    }

    /// The same in one text, also where it stands in base64: then that goes. `take` is told whether more can follow that belongs to it.
    fn spelled_in(&self, text: &[u8], take: &mut dyn FnMut(Range<usize>, bool)) {
        for hit in self.beginnings.find_overlapping_iter(text) {
            let spelling = &self.mask.spellings[hit.pattern().as_usize()];
            let same = text[hit.start()..].iter().zip(&spelling.bytes).take_while(|(byte, own)| byte == own).count();
            self.use_of(spelling);
            let is_whole = same == spelling.bytes.len();
            take(hit.start()..hit.start() + same, is_whole && self.is_open(spelling));
        }
        each_run(text, ENCODED, &mut |run, decoded| {
            for hit in self.beginnings.find_overlapping_iter(decoded) {
                self.use_of(&self.mask.spellings[hit.pattern().as_usize()]);
                take(run.clone(), false);
            }
        });
    }

    /// Whether no shape says where a secret ends: a password is taken for what stands before the first mark that is seldom in one.
    fn is_open(&self, spelling: &Spelling) -> bool {
        let finding = &self.mask.known[spelling.of];
        spelling.bytes == finding.secret && self.mask.rules.ends_open(&finding.rule)
    }

    /// Where parts of a line's strings stand that hold secrets on their own.
    fn wrapped(&self, line: &[u8], parts: fn(&[u8]) -> Vec<Range<usize>>) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        for string in strings(line) {
            let raw = &line[string.place.clone()];
            let holds = |part: &Range<usize>| match part.len() == raw.len() {
                true => self.mask.is_in(&alone(&string, raw)) || self.mask.is_in_text(raw),
                false => self.mask.is_in_text(&raw[part.clone()]),
            };
            let own = parts(raw).into_iter().filter(holds);
            places.extend(own.map(|part| string.place.start + part.start..string.place.start + part.end));
        }
        places
    }
}

/// Overwrites places, as far as they are in strings that may be; no escape of those is broken.
fn overwrite(line: &mut [u8], mut places: Vec<Range<usize>>) {
    places.sort_unstable_by_key(|place| place.start);
    let places = joined(places);
    for string in strings(line) {
        let (from, to) = (string.place.start, string.place.end);
        let after = places.partition_point(|place| place.end <= from);
        for place in places[after..].iter().take_while(|place| place.start < to) {
            let part = place.start.max(from) - from..place.end.min(to) - from;
            let part = whole_escapes(&line[from..to], part);
            fill(&mut line[from + part.start..from + part.end]);
        }
    }
}

/// The strings of a line that may be overwritten. A line that is no JSON is one string.
fn strings(line: &[u8]) -> Vec<RawString> {
    let all = raw_strings(line).unwrap_or_else(|| vec![RawString { key: None, place: 0..line.len() }]);
    let is_structure = |string: &RawString| string.key.as_deref().is_some_and(|key| STRUCTURE.contains(&key));
    all.into_iter().filter(|string| !is_structure(string)).collect()
}

/// A string as the only one of an object.
fn alone(string: &RawString, raw: &[u8]) -> Vec<u8> {
    let key = string.key.as_deref().unwrap_or(b"");
    [b"{\"", key, b"\":\"", raw, b"\"}"].concat()
}

/// The blocks of keys, from their first line to their last; one that does not end goes to the end.
fn blocks(raw: &[u8]) -> Vec<Range<usize>> {
    let find = |mark: &[u8], from: usize| memchr::memmem::find(&raw[from..], mark).map(|at| from + at);
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(begin) = find(BLOCK_BEGIN, at) {
        let end = find(BLOCK_END, begin).and_then(|end| find(BLOCK_MARK, end + BLOCK_END.len()));
        let end = end.map_or(raw.len(), |end| end + BLOCK_MARK.len());
        all.push(begin..end);
        at = end;
    }
    all
}

fn whole(raw: &[u8]) -> Vec<Range<usize>> {
    let all = 0..raw.len();
    vec![all]
}

/// Places in their order, those that meet as one.
fn joined(places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        match joined.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => joined.push(place),
        }
    }
    joined
}

/// Writes what stands for a secret.
fn fill(place: &mut [u8]) {
    place.fill(b'*');
    if place.len() > MASKED.len() {
        place[..MASKED.len()].copy_from_slice(MASKED);
        let last = place.len() - 1;
        place[last] = b']';
    }
}
