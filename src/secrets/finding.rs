//! A secret that was found. It is told masked or by its fingerprint, and never as it is.

use std::borrow::Cow;
use std::fmt;

use super::fingerprint::{Fingerprint, FingerprintKey};
use super::rule::Tier;

/// From so many characters on, the last two of a secret tell it from others without giving it away.
const LONG: usize = 16;

/// The longest beginning that is public.
const PUBLIC: usize = 16;

/// A secret in a line or a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    pub(super) rule: Cow<'static, str>,
    pub(super) tier: Tier,
    pub(super) secret: Vec<u8>,
    /// How many of its bytes each secret of its kind begins with.
    pub(super) public: usize,
}

impl Finding {
    /// The id of the rule that found it.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// How sure that is.
    pub const fn tier(&self) -> Tier {
        self.tier
    }

    /// Whether another one is the beginning of this, in a text that was cut.
    pub fn begins_with(&self, cut: &Self) -> bool {
        self.secret.starts_with(cut.uncut())
    }

    /// Whether a text that was cut ends within the secret.
    pub fn is_cut_in(&self, text: &str) -> bool {
        text.strip_suffix('…').is_some_and(|text| text.as_bytes().ends_with(self.uncut()))
    }

    /// The secret without what tells that it was cut.
    fn uncut(&self) -> &[u8] {
        self.secret.strip_suffix("…".as_bytes()).unwrap_or(&self.secret)
    }

    /// What stands for it wherever it is told.
    pub fn fingerprint(&self, key: &FingerprintKey) -> Fingerprint {
        key.fingerprint(&self.rule, &self.secret)
    }

    /// The secret as it may be shown: what all of its kind begin with, and of a long one its last two characters.
    pub fn masked(&self) -> String {
        let (public, own) = self.secret.split_at(self.public.min(PUBLIC).min(self.secret.len()));
        let end = own.len().checked_sub(2).filter(|_| own.len() >= LONG).map_or(&own[..0], |at| &own[at..]);
        let shown = |bytes: &[u8]| bytes.iter().map(|byte| shown(*byte)).collect::<String>();
        format!("{}…{}", shown(public), shown(end))
    }
}

/// A character that steers no terminal.
fn shown(byte: u8) -> char {
    if byte.is_ascii_graphic() { char::from(byte) } else { '?' }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Finding({self})")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rule, self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(secret: &str, public: usize) -> Finding {
        Finding { rule: "kind".into(), tier: Tier::Sure, secret: secret.into(), public }
    }

    #[test]
    fn no_more_is_shown_than_what_is_public_and_two_characters() {
        assert_eq!(finding("tok_k9Qz7vLm2RtX4wBn", 4).masked(), "tok_…Bn");
        assert_eq!(finding("tok_k9Qz7vLm", 4).masked(), "tok_…");
        assert_eq!(finding("k9Qz7vLm2RtX4wBn", 0).masked(), "…Bn");
        assert_eq!(finding("short", 9).masked(), "short…");
        assert_eq!(finding("k9Qz7vLm2RtX4wB\u{1b}", 0).masked(), "…B?");
    }

    #[test]
    fn a_finding_that_is_printed_tells_no_secret() {
        let finding = finding("tok_k9Qz7vLm2RtX4wBn", 4);
        assert_eq!(format!("{finding:?} {finding}"), "Finding(kind tok_…Bn) kind tok_…Bn");
    }
}
