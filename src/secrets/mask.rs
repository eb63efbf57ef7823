//! Masking: what was found in lines is overwritten, and each line stays as long as it was, so that every number of bytes in it stays true.
//!
//! A secret is overwritten wherever it is spelled out, whatever escapes, colours, percent signs or base64 it is spelled with, and so is any
//! beginning of it that is long enough to be an echo. What is found and not spelled out is wrapped in something: then what is overwritten is the
//! block, the line or, if need be, the whole string that it is wrapped in. JSON stays JSON. What can't be overwritten is told.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError};

use super::base64_run::{decoded_secret, each_run, is_letter};
use super::finding::Finding;
use super::fingerprint::{Fingerprint, FingerprintKey};
use super::raw::{RawString, lines_of, raw_strings, rest_of_word, whole_escapes};
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

/// So many letters of base64 can hold an echo.
const ENCODED: usize = 20;

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
    spellings: Vec<Spelling>,
    /// Where each secret stands among those that are known.
    places: HashMap<Vec<u8>, usize>,
}

/// A secret as it is spelled, and how much of it is an echo.
struct Spelling {
    bytes: Vec<u8>,
    least: usize,
    /// Which of the known secrets it is of.
    of: usize,
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
        Self { rules, counts: Box::new(counts), known: Vec::new(), spellings: Vec::new(), places: HashMap::new() }
    }

    /// Takes in what a line holds, without its line feed.
    pub fn learn(&mut self, line: &[u8]) {
        for finding in self.held_in(line) {
            if self.places.contains_key(&finding.secret) {
                continue;
            }
            let of = self.known.len();
            self.places.insert(finding.secret.clone(), of);
            self.spell(&finding, of);
            if finding.secret.starts_with(BLOCK_BEGIN) {
                self.spell_blocks(line, of);
            }
            self.known.push(finding);
        }
    }

    /// Takes in how a secret can be spelled, and what it is made of.
    fn spell(&mut self, finding: &Finding, of: usize) {
        let secret = &finding.secret;
        self.add(secret.clone(), ECHO.max(finding.public + OWN), of);
        for view in View::all(secret).into_iter().skip(1).filter(|view| view.bytes.len() >= LEAST) {
            self.add(view.bytes, ECHO, of);
        }
        // Name and password, as a server is told them.
        if let Some(decoded) = decoded_secret(secret) {
            let password = decoded.splitn(2, |byte| *byte == b':').nth(1).unwrap_or_default().to_vec();
            [decoded, password].into_iter().filter(|one| one.len() >= LEAST).for_each(|one| self.add(one, ECHO, of));
        }
    }

    fn add(&mut self, bytes: Vec<u8>, least: usize, of: usize) {
        let least = least.min(bytes.len());
        if least > 0 && !self.spellings.iter().any(|known| known.bytes == bytes) {
            self.spellings.push(Spelling { bytes, least, of });
        }
    }

    /// Takes in the lines of a key, each of which is a secret wherever it stands.
    fn spell_blocks(&mut self, line: &[u8], of: usize) {
        let mut runs = Vec::new();
        for text in unwrapped(line) {
            for block in blocks(&text).into_iter().filter(|block| self.is_in_text(&text[block.clone()])) {
                let own = text[block].split(|byte| !is_letter(*byte)).filter(|run| run.len() >= LINE);
                // Marks of patches are letters as well.
                runs.extend(own.map(|run| run[run.len() % 4..].to_vec()));
            }
        }
        runs.into_iter().for_each(|run| self.add(run, LINE, of));
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
        let places = self.spelled_out(line);
        if !places.is_empty() {
            overwrite(line, places);
        }
        // From what hides least to what hides most.
        for wrapping in [blocks, lines_of, whole] {
            let held = self.mask.held_in(line);
            if held.is_empty() {
                return true;
            }
            self.used.borrow_mut().extend(held.iter().filter_map(|finding| self.mask.places.get(&finding.secret)));
            let places = self.wrapped(line, wrapping);
            overwrite(line, places);
        }
        !self.mask.is_in(line)
    }

    /// Where secrets are spelled out, and long beginnings of them.
    fn spelled_out(&self, line: &[u8]) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        for string in strings(line) {
            let raw = &line[string.place.clone()];
            let mut take = |part: Range<usize>| {
                let end = rest_of_word(raw, part.end);
                places.push(string.place.start + part.start..string.place.start + end);
            };
            self.spelled_in(raw, &mut take);
            if may_be_wrapped(raw) {
                for view in View::all(raw).iter().skip(1) {
                    self.spelled_in(&view.bytes, &mut |part| take(view.at[part.start]..view.at[part.end]));
                }
            }
        }
        places
    }

    /// The same in one text, also where it stands in base64: then that goes.
    fn spelled_in(&self, text: &[u8], take: &mut dyn FnMut(Range<usize>)) {
        for hit in self.beginnings.find_overlapping_iter(text) {
            let Spelling { bytes, of, .. } = &self.mask.spellings[hit.pattern().as_usize()];
            let same = text[hit.start()..].iter().zip(bytes).take_while(|(byte, own)| byte == own).count();
            self.used.borrow_mut().insert(*of);
            take(hit.start()..hit.start() + same);
        }
        each_run(text, ENCODED, &mut |run, decoded| {
            for hit in self.beginnings.find_overlapping_iter(decoded) {
                self.used.borrow_mut().insert(self.mask.spellings[hit.pattern().as_usize()].of);
                take(run.clone());
            }
        });
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
    if place.len() > BEGIN.len() {
        place[..BEGIN.len()].copy_from_slice(BEGIN);
        let last = place.len() - 1;
        place[last] = b']';
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use serde_json::json;

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

    fn encoded(text: &str) -> String {
        base64::engine::general_purpose::STANDARD.encode(text)
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
    fn what_is_known_is_overwritten_however_it_is_spelled() {
        let plain = format!(r#"{{"text":"{}"}}"#, token());
        let escaped: String = token().chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect();
        let percents = token().replace('_', "%5F");
        let colour = format!("{}\\u001b[1m{}", &token()[..20], &token()[20..]);
        for other in [
            format!("{{\\\"a\\\":\\\"{}\\\"}}", token().replace('_', "\\\\u005f")),
            escaped,
            percents,
            colour,
            format!("data {} end", encoded(&format!("xx{}", token()))),
            format!("half {} end", encoded(&format!("user:{}", &token()[..20]))),
        ] {
            let line = json!({ "text": "" }).to_string().replace("\"\"", &format!("\"{other}\""));
            let told = masked(&[plain.clone(), line]).remove(1);
            assert!(told.contains("[masked") && serde_json::from_str::<serde_json::Value>(&told).is_ok(), "{told}");
            assert!(!told.contains(&token()[20..32]), "{told}");
        }
    }

    #[test]
    fn no_end_of_a_secret_is_left_that_is_spelled_otherwise() {
        let secret = format!("wJalrX{}q7Kd9Zp2", "UtnFEMIt7Nb3Vc");
        let line =
            json!({ "text": format!("Output:\n{{\"AWS_SECRET_ACCESS_KEY\": \"{}\\u002Bsye9b2Rann76/dE\"}}", secret) });
        let told = masked(&[line.to_string()]).remove(0);
        assert!(!told.contains("sye9b2R"), "{told}");
    }

    #[test]
    fn what_a_password_is_made_of_is_overwritten_beside_it() {
        let header = format!("Authorization: Basic {}", encoded("bob:k9Qz7vLm2RtX4wBn"));
        let lines = masked(&[
            json!({ "text": header }).to_string(),
            json!({ "text": "curl -u bob:k9Qz7vLm2RtX4wBn x" }).to_string(),
        ]);
        assert!(!lines[1].contains("k9Qz7v"), "{lines:?}");
    }

    #[test]
    fn a_line_of_a_key_is_overwritten_wherever_it_stands() {
        let body: Vec<String> =
            (0..5).map(|line| encoded(&format!("{line} some bytes of a key that is none, {line}"))).collect();
        let kind = ["-----BEGIN ", "PRIVATE KEY-----"].concat();
        let key = format!("{kind}\n{}\n{}", body.join("\n"), kind.replace("BEGIN", "END"));
        let lines = masked(&[
            json!({ "text": key }).to_string(),
            json!({ "text": format!("> {}\n> {}$", body[1], body[3]) }).to_string(),
        ]);
        assert!(body.iter().all(|line| !lines.iter().any(|told| told.contains(&line[8..40]))), "{lines:?}");
    }

    #[test]
    fn a_name_of_a_field_is_overwritten_as_well() {
        let lines = masked(&[format!(r#"{{"changes":{{"/work/{}.txt":{{"type":"add"}}}}}}"#, token())]);
        assert!(
            lines[0].starts_with(r#"{"changes":{"/work/[masked*"#) && lines[0].ends_with(r#".txt":{"type":"add"}}}"#),
            "{lines:?}"
        );
    }

    #[test]
    fn what_says_what_a_record_is_stays_and_that_is_told() {
        let rules = Rules::new(Vec::new()).unwrap();
        let mut mask = Mask::new(&rules, |_| true);
        let mut line = format!(r#"{{"type":"{}","text":"{0}"}}"#, token()).into_bytes();
        mask.learn(&line);
        assert!(!mask.ready().unwrap().apply(&mut line));
        let line = String::from_utf8(line).unwrap();
        assert!(line.starts_with(&format!(r#"{{"type":"{}","#, token())) && line.contains("[masked"), "{line}");
    }

    #[test]
    fn of_what_is_wrapped_no_more_than_that_is_hidden() {
        let encoded = encoded(&format!("the token is {} today", token()));
        let lines = masked(&[format!(r#"{{"text":"before\nsee {encoded} there\nafter"}}"#)]);
        assert!(lines[0].starts_with(r#"{"text":"before\nsee [masked*"#), "{lines:?}");
        assert!(lines[0].ends_with(r#"*]= there\nafter"}"#), "{lines:?}");
    }

    #[test]
    fn a_line_that_is_no_json_is_masked_as_well() {
        assert!(!masked(&[format!("{{\"text\":\"{}", token())])[0].contains("ghp_"));
    }
}
