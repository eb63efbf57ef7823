//! The first line of a fork's rollout, made from the first line of what is forked.
//!
//! The recipe is the one that every Codex from 0.36 to 0.169 resumes (`docs/codex.md`): a new id and a new time, `source` so
//! that the picker shows it, and none of the keys that would make Codex look for the turns in another file.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::meta::FORK_KEY;
use crate::model::{ObjectId, SessionId};

const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// What a fork is of.
pub struct ForkOf {
    /// The session it is forked from.
    pub session: SessionId,
    /// The commit it starts at.
    pub commit: ObjectId,
}

/// The fork's first line, with its line feed. `None` if `source` is not a first line with an envelope.
pub fn fork_meta(source: &[u8], new: SessionId, of: &ForkOf, now: OffsetDateTime) -> Option<Vec<u8>> {
    let mut line: Value = serde_json::from_slice(source).ok()?;
    let time = utc(now)?;
    let envelope = line.as_object_mut()?;
    envelope.insert("timestamp".into(), json!(time));
    if envelope.contains_key("ordinal") {
        envelope.insert("ordinal".into(), json!(0));
    }
    let payload = envelope.get_mut("payload")?.as_object_mut()?;
    payload.insert("id".into(), json!(new.to_string()));
    for key in ["history_base", "forked_from_ordinal_exclusive", "parent_thread_id"] {
        payload.shift_remove(key);
    }
    for (key, value) in [("session_id", json!(new.to_string())), ("thread_source", json!("user"))] {
        payload.entry(key).and_modify(|old| *old = value);
    }
    payload.insert("timestamp".into(), json!(time));
    payload.insert("source".into(), json!("cli"));
    payload.insert("forked_from_id".into(), json!(of.session.to_string()));
    payload.insert(FORK_KEY.into(), json!({ "forked_at": of.commit.to_string() }));
    let mut bytes = serde_json::to_vec(&line).ok()?;
    bytes.push(b'\n');
    Some(bytes)
}

/// A time as rollouts write it. `None` for one that no calendar has.
pub(super) fn utc(time: OffsetDateTime) -> Option<String> {
    time.to_offset(time::UtcOffset::UTC).format(TIME).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::SessionMeta;

    #[test]
    fn a_fork_has_its_own_id_and_says_where_it_comes_from() {
        let source = br#"{"timestamp":"2026-11-22T22:56:19.078Z","ordinal":39,"type":"session_meta","payload":{"account_scoped":true,"session_id":"01a20579-8247-72d2-b159-c5492aec819f","id":"01a20579-8247-72d2-b159-c5492aec819f","timestamp":"2026-11-22T22:56:19Z","cwd":"/w","source":{"subagent":"review"},"thread_source":"subagent","parent_thread_id":"01a20579-8247-72d2-b159-c5492aec8199","context_window":258400}}
"#;
        let old = SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap();
        let new = SessionId::new_at(0, 0);
        let commit = "00ff1234567890abcdef00000000000000000009".parse().unwrap();
        let line = fork_meta(source, new, &ForkOf { session: old, commit }, OffsetDateTime::UNIX_EPOCH).unwrap();
        let text = String::from_utf8(line.clone()).unwrap();
        assert!(text.starts_with(r#"{"timestamp":"1970-01-01T00:00:00.000Z","ordinal":0,"type":"session_meta","payload":{"account_scoped":true,"session_id":""#));
        assert!(text.contains(r#""context_window":258400"#) && !text.contains("parent_thread_id"));
        let meta = SessionMeta::read(&line).unwrap();
        assert!(text.contains(&format!(r#""id":"{new}""#)));
        assert_eq!((meta.origin.forked_from, meta.forked_at), (Some(old), Some(commit)));
        assert_eq!(meta.origin.source.as_deref(), Some("cli"));
    }
}
