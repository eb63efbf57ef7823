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
        let [first, second, third, fourth, fifth, sixth, ..] = self.hmac(&[rule.as_bytes(), &[0], secret]);
        Fingerprint([first, second, third, fourth, fifth, sixth])
    }

    /// HMAC-SHA256 of some bytes, one after the other.
    pub(super) fn hmac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(self.0).for_each(|(byte, key)| *byte ^= key);
            block
        };
        let mut inner = Sha256::new_with_prefix(padded(0x36));
        parts.iter().for_each(|part| inner.update(part));
        Sha256::new_with_prefix(padded(0x5c)).chain_update(inner.finalize()).finalize().into()
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

    /// The second case of RFC 4231 has a key of four bytes, which HMAC fills up with zeros, as ours is here.
    #[test]
    fn it_is_the_keyed_hash_of_the_standard() {
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let key = FingerprintKey::new(key);
        let hash: String =
            key.hmac(&[b"what do ya want ", b"for nothing?"]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn it_stands_for_a_secret_of_a_rule() {
        let key = FingerprintKey::new([7; 32]);
        let fingerprint = key.fingerprint("rule", b"secret");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        assert_ne!(fingerprint, key.fingerprint("other", b"secret"));
        assert_ne!(fingerprint, FingerprintKey::new([8; 32]).fingerprint("rule", b"secret"));
        assert_eq!(format!("{key:?}"), "FingerprintKey");
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
