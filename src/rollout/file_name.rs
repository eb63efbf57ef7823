//! The name of a rollout: `rollout-<local time>-<session id>.jsonl`, with `_<segment id>` for rewinds and `.zst` when packed.

use std::fmt;

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::model::SessionId;

const STAMP: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]-[minute]-[second]");
const STAMP_LEN: usize = 19;

/// What the names begin with.
const PREFIX: &str = "rollout-";

/// The folder of a codex home that holds the rollouts of sessions that are not archived.
pub(crate) const ACTIVE: &str = "sessions";

/// The folder that holds the others.
pub(crate) const ARCHIVED: &str = "archived_sessions";

/// A rollout's name, without any `.zst`. The order of names is that of the times in them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RolloutName {
    stamp: String,
    /// The session.
    pub id: SessionId,
    /// The id of the segment, if the file is one.
    pub segment: Option<SessionId>,
}

/// How a rollout lies on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compression {
    /// As text.
    Plain,
    /// Compressed by Codex with zstd.
    Zstd,
}

impl RolloutName {
    /// Reads a file's name. `None` if it is not one that Codex gives.
    pub fn parse(file_name: &str) -> Option<(Self, Compression)> {
        let (name, compression) = match file_name.strip_suffix(".zst") {
            Some(name) => (name, Compression::Zstd),
            None => (file_name, Compression::Plain),
        };
        let rest = name.strip_prefix(PREFIX)?.strip_suffix(".jsonl")?;
        let (stamp, ids) = (rest.get(..STAMP_LEN)?, rest.get(STAMP_LEN..)?.strip_prefix('-')?);
        time::PrimitiveDateTime::parse(stamp, STAMP).ok()?;
        let (id, segment) = match ids.split_once('_') {
            Some((id, segment)) => (id, Some(SessionId::parse(segment)?)),
            None => (ids, None),
        };
        Some((Self { stamp: stamp.to_owned(), id: SessionId::parse(id)?, segment }, compression))
    }

    /// Whether a file that is named like a rollout is one of a session.
    pub fn is_of(file_name: &str, id: SessionId) -> bool {
        const AT: usize = PREFIX.len() + STAMP_LEN + 1;
        file_name.get(AT..AT + SessionId::LEN) == Some(id.written(&mut [0; SessionId::LEN]))
    }

    /// The name of a new session's file, made at this (local) time.
    pub fn new(now: OffsetDateTime, id: SessionId) -> Self {
        // The format has no component that can fail for a date in range.
        let stamp = now.format(STAMP).unwrap_or_else(|_| "1970-01-01T00-00-00".to_owned());
        Self { stamp, id, segment: None }
    }

    /// The id that other rollouts know the file by: the last in its name.
    pub fn rollout_id(&self) -> SessionId {
        self.segment.unwrap_or(self.id)
    }

    /// The name of a file that holds the whole session, and goes on from no other.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { segment: None, ..self }
    }

    /// The name of another session's file, made at the same time.
    #[must_use]
    pub fn of(self, id: SessionId) -> Self {
        Self { id, ..self.alone() }
    }

    /// The folder that Codex would put it in, below `sessions`: year, month, day.
    pub fn folder(&self) -> [&str; 3] {
        [&self.stamp[..4], &self.stamp[5..7], &self.stamp[8..10]]
    }
}

impl fmt::Display for RolloutName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}-{}", self.stamp, self.id)?;
        if let Some(segment) = self.segment {
            write!(f, "_{segment}")?;
        }
        f.write_str(".jsonl")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01a20579-8247-72d2-b159-c5492aec819f";

    #[test]
    fn a_name_reads_back_as_it_was_written() {
        let plain = format!("rollout-2026-11-22T22-56-19-{ID}.jsonl");
        let (name, compression) = RolloutName::parse(&plain).unwrap();
        assert_eq!((name.to_string(), compression), (plain.clone(), Compression::Plain));
        assert_eq!(name.folder(), ["2026", "11", "22"]);
        let (same, compression) = RolloutName::parse(&format!("{plain}.zst")).unwrap();
        assert_eq!((same, compression), (name, Compression::Zstd));
        let segment = format!("rollout-2026-11-22T22-56-19-{ID}_{ID}.jsonl");
        assert_eq!(RolloutName::parse(&segment).unwrap().0.to_string(), segment);
        assert!(RolloutName::is_of(&segment, SessionId::parse(ID).unwrap()));
        assert!(!RolloutName::is_of(&segment, SessionId::from_bytes([7; 16])));
    }

    #[test]
    fn other_names_are_none_that_codex_gives() {
        for other in [
            "rollout-2026-11-22T22-56-19-my-own-id.jsonl",
            &format!("rollout-{ID}.jsonl"),
            &format!("rollout-9999-99-99T99-99-99-{ID}.jsonl"),
            "é",
        ] {
            assert_eq!(RolloutName::parse(other), None, "{other}");
        }
    }
}
