//! The id of a session, as Codex writes it: a UUID in lower case with hyphens.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The version of the ids of masked forks.
const MASKED: usize = 8;

/// A session's id. It names a branch and a file, so only the one canonical spelling of a UUID is ever accepted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(Uuid);

impl SessionId {
    /// The length of an id in characters.
    pub const LEN: usize = 36;

    /// Reads an id; `None` for anything but 36 characters of lower-case hyphenated UUID.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(Uuid::try_parse(text).ok()?);
        (id.written(&mut [0; Self::LEN]) == text).then_some(id)
    }

    /// The sixteen bytes of an id.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// The id of sixteen bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Whether it begins like a text, hyphens included.
    pub fn begins_with(self, text: &str) -> bool {
        self.written(&mut [0; Self::LEN]).starts_with(text)
    }

    /// The id as Codex writes it, in a place for it.
    pub fn written(self, place: &mut [u8; Self::LEN]) -> &str {
        self.0.as_hyphenated().encode_lower(place)
    }

    /// The first id that can begin like a text; `None` if none can.
    pub fn first_like(text: &str) -> Option<Self> {
        const FIRST: &str = "00000000-0000-0000-0000-000000000000";
        let rest = FIRST.get(text.len()..)?;
        Self::parse(&format!("{text}{rest}"))
    }

    /// A new id for a session made at this time (UUID version 7: it begins with the time, as Codex's own ids do).
    pub fn new_at(seconds: u64, nanoseconds: u32) -> Self {
        Self(Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanoseconds)))
    }

    /// The id of a masked fork: one of version 8, which Codex makes none of. The bytes are what tells it from others.
    pub const fn masked(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Whether it is that of a masked fork.
    pub fn is_masked(self) -> bool {
        self.0.get_version_num() == MASKED
    }

    /// When the session was made, in seconds since 1970, if its id tells.
    pub fn made(self) -> Option<i64> {
        let (seconds, _) = self.0.get_timestamp().filter(|_| self.0.get_version_num() == 7)?.to_unix();
        i64::try_from(seconds).ok()
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SessionId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::parse(text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_fork_is_told_from_all_that_codex_makes() {
        let id = SessionId::masked([255; 16]);
        assert!(id.is_masked() && id != SessionId::masked([0; 16]) && id.made().is_none());
        assert!(!SessionId::new_at(1_795_388_179, 0).is_masked());
        assert_eq!(SessionId::parse(&id.to_string()), Some(id));
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        let id = "01a20579-8247-72d2-b159-c5492aec819f";
        assert_eq!(SessionId::parse(id).unwrap().to_string(), id);
        for other in [
            "01A20579-8247-72D2-B159-C5492AEC819F",
            "01a20579824772d2b159c5492aec819f",
            "{01a20579-8247-72d2-b159-c5492aec819f}",
            "../../etc/passwd",
            "my-own-id",
            "",
        ] {
            assert_eq!(SessionId::parse(other), None, "{other}");
        }
    }
}
