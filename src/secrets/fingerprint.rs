//! A fingerprint stands for a secret where the secret must not: in what is printed, and in the list of those that are allowed.
//!
//! It is a keyed hash: who sees it, and does not have the key, can't try passwords against it.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// The bytes of a fingerprint.
const LEN: usize = 6;

/// How long SHA-256's blocks are.
const BLOCK: usize = 64;

/// A secret's fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; LEN]);

/// The key that fingerprints are made with: one a store, and known to nobody else.
#[derive(Clone)]
pub struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    /// A key of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The fingerprint of a rule's secret: the beginning of HMAC-SHA256 over the rule's id, a zero byte and the secret.
    pub(super) fn fingerprint(&self, rule: &str, secret: &[u8]) -> Fingerprint {
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(self.0).for_each(|(byte, key)| *byte ^= key);
            block
        };
        let inner = Sha256::new().chain_update(padded(0x36)).chain_update(rule).chain_update([0]).chain_update(secret);
        let outer = Sha256::new().chain_update(padded(0x5c)).chain_update(inner.finalize()).finalize();
        let mut fingerprint = [0; LEN];
        fingerprint.iter_mut().zip(outer).for_each(|(byte, hash)| *byte = hash);
        Fingerprint(fingerprint)
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text.len() != 2 * LEN || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(());
        }
        let number = u64::from_str_radix(text, 16).map_err(drop)?;
        let [_, _, bytes @ ..] = number.to_be_bytes();
        Ok(Self(bytes))
    }
}

/// A secret that a person let go, as the settings have it: `<fingerprint> <note>`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allowed {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Why it may go; empty where nobody said.
    pub note: String,
}

impl Allowed {
    /// What a value of the settings allows; `None` if it makes no sense.
    pub fn parse(value: &str) -> Option<Self> {
        let (fingerprint, note) = value.split_once(' ').unwrap_or((value, ""));
        Some(Self { fingerprint: fingerprint.parse().ok()?, note: note.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second case of RFC 4231 has a key of four bytes, which HMAC fills up with zeros as it does ours.
    #[test]
    fn it_is_the_keyed_hash_of_the_standard() {
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        // The rule, the zero byte and the secret, as one message.
        let fingerprint = FingerprintKey::new(key).fingerprint("what do ya want for nothing?", b"");
        let other = FingerprintKey::new(key).fingerprint("what do ya want for nothing?", b"x");
        assert_ne!(fingerprint, other);
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
    }

    #[test]
    fn only_twelve_digits_are_one() {
        for text in ["", "3f2a91c07be", "3f2a91c07be4a", "3f2a91c07beg", "+f2a91c07be4"] {
            assert_eq!(text.parse::<Fingerprint>(), Err(()), "{text}");
        }
        assert_eq!(Allowed::parse("3f2a91c07be4").unwrap().note, "");
        let allowed = Allowed::parse("3F2a91c07be4  test token").unwrap();
        assert_eq!((allowed.fingerprint.to_string().as_str(), allowed.note.as_str()), ("3f2a91c07be4", "test token"));
        assert_eq!(Allowed::parse("test token"), None);
    }
}
