//! Keywords, all of them found in one pass. What finds them is made twice: quickly for a little text, and once there is more of it, so that it is quick.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};

/// From so many bytes on, there is much to scan.
const MUCH: usize = 512 << 10;

/// Keywords in any case of letters, each with what it belongs to.
pub(super) struct Keywords {
    words: Vec<&'static str>,
    owners: Vec<Vec<usize>>,
    few: AhoCorasick,
    many: OnceLock<Option<AhoCorasick>>,
    /// How many bytes were scanned.
    scanned: AtomicUsize,
}

impl Keywords {
    /// The keywords of several owners, who are numbered in their order.
    pub fn new(all: impl Iterator<Item = &'static [&'static str]>) -> Result<Self, BuildError> {
        let (mut words, mut owners, mut places) = (Vec::new(), Vec::<Vec<usize>>::new(), HashMap::new());
        for (owner, own) in all.enumerate() {
            for word in own {
                let place = *places.entry(word.to_ascii_lowercase()).or_insert(words.len());
                if place == words.len() {
                    words.push(*word);
                    owners.push(Vec::new());
                }
                owners[place].push(owner);
            }
        }
        let few = machine(&words, AhoCorasickKind::ContiguousNFA)?;
        Ok(Self { words, owners, few, many: OnceLock::new(), scanned: AtomicUsize::new(0) })
    }

    /// Hands over where a keyword stands, and each of its owners.
    pub fn each(&self, text: &[u8], take: &mut dyn FnMut(Range<usize>, usize)) {
        for hit in self.machine(text.len()).find_overlapping_iter(text) {
            self.owners[hit.pattern().as_usize()].iter().for_each(|owner| take(hit.range(), *owner));
        }
    }

    /// Whether there is any in a text.
    pub fn are_in(&self, text: &[u8]) -> bool {
        self.machine(text.len()).is_match(text)
    }

    fn machine(&self, len: usize) -> &AhoCorasick {
        if self.scanned.fetch_add(len, Ordering::Relaxed) < MUCH {
            return &self.few;
        }
        let many = self.many.get_or_init(|| machine(&self.words, AhoCorasickKind::DFA).ok());
        many.as_ref().unwrap_or(&self.few)
    }
}

fn machine(words: &[&str], kind: AhoCorasickKind) -> Result<AhoCorasick, BuildError> {
    AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(kind)).build(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_however_much_was_scanned() {
        let keywords = Keywords::new([&["ab", "abc"][..], &["ABC"], &["x"]].into_iter()).unwrap();
        for _ in 0..3 {
            let mut found = Vec::new();
            keywords.each(b"zAbCx", &mut |place, owner| found.push((place, owner)));
            assert_eq!(found, [(1..3, 0), (1..4, 0), (1..4, 1), (4..5, 2)]);
            assert!(!keywords.are_in(&vec![b'-'; MUCH]) && keywords.are_in(b"X"));
        }
    }
}
