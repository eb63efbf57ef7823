//! Masking: what was found in lines is overwritten, and each line stays as long as it was, so that every number of bytes in it stays true.
//!
//! A secret is overwritten wherever it is spelled out, and so is any beginning of it that is long enough to be an echo of it. What is found and not
//! spelled out is wrapped in something: then what is overwritten is the block, the line or, if need be, the whole string that it is wrapped in.
//! JSON stays JSON. What can't be overwritten stays, so who lets a masked line go looks at it once more.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError};

use super::finding::Finding;
use super::fingerprint::{Fingerprint, FingerprintKey};
use super::raw::{RawString, lines_of, raw_strings, whole_escapes};
use super::ruleset::Rules;

/// A beginning of a secret is an echo of it from so many bytes on; of those, so many must be its own.
const ECHO: usize = 12;
const OWN: usize = 4;

/// How often a secret can have been written into a string of another.
const WRAPPED: usize = 3;

/// What stands in the place of a secret that has room for it.
const BEGIN: &[u8] = b"[masked";

/// The keys whose values say what a record is: without them Codex reads none of it.
const STRUCTURE: [&[u8]; 3] = [b"type", b"role", b"timestamp"];

/// Between which marks the block of a key stands.
const BLOCK_BEGIN: &[u8] = b"-----BEGIN";
const BLOCK_END: &[u8] = b"-----END";
const BLOCK_MARK: &[u8] = b"-----";

/// The secrets that are to be masked, as far as they are known.
pub struct Mask<'r> {
    rules: &'r Rules,
    /// Whether a finding is to be masked at all.
    counts: Box<dyn Fn(&Finding) -> bool + 'r>,
    known: Vec<Finding>,
    seen: HashSet<Vec<u8>>,
}

/// A secret as it can be spelled, and how much of it is an echo.
struct Spelling {
    bytes: Vec<u8>,
    least: usize,
}

/// A mask for all that was learned.
pub struct ReadyMask<'m> {
    mask: &'m Mask<'m>,
    spellings: Vec<Spelling>,
    beginnings: AhoCorasick,
}

impl<'r> Mask<'r> {
    /// A mask for what the rules find, of that only what `counts`.
    pub fn new(rules: &'r Rules, counts: impl Fn(&Finding) -> bool + 'r) -> Self {
        Self { rules, counts: Box::new(counts), known: Vec::new(), seen: HashSet::new() }
    }

    /// Takes in what a line holds, without its line feed.
    pub fn learn(&mut self, line: &[u8]) {
        let mut found = Vec::new();
        self.rules.scan_line(line, &mut |finding| found.push(finding));
        for finding in found.into_iter().filter(|finding| (self.counts)(finding)) {
            if self.seen.insert(finding.secret.clone()) {
                self.known.push(finding);
            }
        }
    }

    /// What stands for something in which all that was learned is masked.
    pub fn tag(&self, key: &FingerprintKey, of: &[u8]) -> [u8; 16] {
        let known: BTreeSet<Fingerprint> = self.known.iter().map(|finding| finding.fingerprint(key)).collect();
        let known: String = known.iter().map(Fingerprint::to_string).collect();
        let hash = key.hmac(&[of, &[0], known.as_bytes()]);
        std::array::from_fn(|at| hash[at])
    }

    /// Makes the mask ready for use.
    ///
    /// # Errors
    /// When the secrets are more than fit.
    pub fn ready(&self) -> Result<ReadyMask<'_>, BuildError> {
        let spellings: Vec<Spelling> = self.known.iter().flat_map(spellings).collect();
        let beginnings = AhoCorasick::new(spellings.iter().map(|one| &one.bytes[..one.least]))?;
        Ok(ReadyMask { mask: self, spellings, beginnings })
    }

    /// Whether a line holds what is to be masked.
    fn is_in(&self, line: &[u8]) -> bool {
        let mut is_in = false;
        self.rules.scan_line(line, &mut |finding| is_in |= (self.counts)(&finding));
        is_in
    }

    fn is_in_text(&self, text: &[u8]) -> bool {
        let mut is_in = false;
        self.rules.scan_text(&String::from_utf8_lossy(text), &mut |finding| is_in |= (self.counts)(&finding));
        is_in
    }
}

impl ReadyMask<'_> {
    /// Masks a line, without its line feed.
    pub fn apply(&self, line: &mut [u8]) {
        let places = self.spelled_out(line);
        if !places.is_empty() {
            self.overwrite(line, places);
        }
        // From what hides least to what hides most.
        for wrapping in [blocks, lines_of, whole] {
            if !self.mask.is_in(line) {
                return;
            }
            let places = self.wrapped(line, wrapping);
            self.overwrite(line, places);
        }
    }

    /// Where secrets are spelled out, and long beginnings of them.
    fn spelled_out(&self, line: &[u8]) -> Vec<Range<usize>> {
        let place = |hit: aho_corasick::Match| {
            let spelling = &self.spellings[hit.pattern().as_usize()].bytes;
            let same = line[hit.start()..].iter().zip(spelling).take_while(|(byte, own)| byte == own).count();
            hit.start()..hit.start() + same
        };
        self.beginnings.find_overlapping_iter(line).map(place).collect()
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

    /// Overwrites places, as far as they are in strings that may be; no escape of those is broken.
    fn overwrite(&self, line: &mut [u8], mut places: Vec<Range<usize>>) {
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

fn spellings(finding: &Finding) -> Vec<Spelling> {
    let secret = &finding.secret;
    let least = ECHO.max(finding.public + OWN).min(secret.len());
    let mut all = vec![Spelling { bytes: secret.clone(), least }];
    if let Ok(text) = std::str::from_utf8(secret) {
        let escaped = std::iter::successors(Some(text.to_owned()), |text| Some(escaped(text)));
        for text in escaped.skip(1).take(WRAPPED) {
            if text.as_bytes() != all[0].bytes {
                let least = ECHO.max(finding.public + OWN).min(text.len());
                all.push(Spelling { bytes: text.into_bytes(), least });
            }
        }
    }
    all.retain(|spelling| spelling.least > 0);
    all
}

/// A text as it stands in a string of JSON.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
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
    if place.len() > BEGIN.len() {
        place[..BEGIN.len()].copy_from_slice(BEGIN);
        let last = place.len() - 1;
        place[last] = b']';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        ["ghp", "_", "A1b2C3d4E5f6G7h8I9j0", "K1l2M3n4O5p6Q7r8"].concat()
    }

    /// Masks lines after all of them were learned.
    fn masked(lines: &[String]) -> Vec<String> {
        let rules = Rules::new(Vec::new()).unwrap();
        let mut mask = Mask::new(&rules, |_| true);
        lines.iter().for_each(|line| mask.learn(line.as_bytes()));
        let ready = mask.ready().unwrap();
        let apply = |line: &String| {
            let mut bytes = line.clone().into_bytes();
            ready.apply(&mut bytes);
            assert_eq!(bytes.len(), line.len(), "{line}");
            String::from_utf8(bytes).unwrap()
        };
        lines.iter().map(apply).collect()
    }

    #[test]
    fn a_secret_is_overwritten_and_the_line_stays_as_long_as_it_was() {
        let line = format!(r#"{{"type":"a","text":"use {}, please"}}"#, token());
        let stars = "*".repeat(token().len() - 8);
        assert_eq!(masked(&[line]), [format!(r#"{{"type":"a","text":"use [masked{stars}], please"}}"#)]);
    }

    #[test]
    fn an_echo_of_its_beginning_is_overwritten_too() {
        let echo = format!(r#"{{"text":"it begins with {}..., and ends"}}"#, &token()[..16]);
        let lines = masked(&[format!(r#"{{"text":"{}"}}"#, token()), echo]);
        assert_eq!(lines[1], r#"{"text":"it begins with [masked********]..., and ends"}"#);
        let short = format!(r#"{{"text":"tokens begin with {}"}}"#, &token()[..6]);
        assert_eq!(masked(&[format!(r#"{{"text":"{}"}}"#, token()), short.clone()])[1], short);
    }

    #[test]
    fn what_says_what_a_record_is_stays() {
        let line = format!(r#"{{"type":"{}","text":"{0}"}}"#, token());
        let lines = masked(&[line]);
        assert!(
            lines[0].starts_with(&format!(r#"{{"type":"{}","#, token())) && lines[0].contains("[masked"),
            "{lines:?}"
        );
    }

    #[test]
    fn of_what_is_wrapped_no_more_than_its_line_is_hidden() {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("the token is {} today", token()));
        let lines = masked(&[format!(r#"{{"text":"before\n{encoded}\nafter"}}"#)]);
        assert!(
            lines[0].starts_with(r#"{"text":"before\n[masked*"#) && lines[0].ends_with(r#"*]\nafter"}"#),
            "{lines:?}"
        );
    }

    #[test]
    fn a_line_that_is_no_json_is_masked_as_well() {
        assert!(!masked(&[format!("{{\"text\":\"{}", token())])[0].contains("ghp_"));
    }
}
