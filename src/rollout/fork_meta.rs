//! The first line of a fork's rollout, made from the first line of what is forked.
//!
//! The recipe is the one that every Codex from 0.36 to 0.169 resumes (`docs/codex.md`): a new id and a new time, `source` so
//! that the picker shows it, and none of the keys that would make Codex look for the turns in another file.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::json::Object;
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

/// The fork's first line, with its line feed. `None` if `source` is not a first line with an envelope. Values that stay keep their bytes,
/// whatever they hold.
pub fn fork_meta(source: &[u8], new: SessionId, of: &ForkOf, now: OffsetDateTime) -> Option<Vec<u8>> {
    let line = Object::parse(source)?;
    let (time, new, from) = (quoted(&utc(now)?), quoted(&new.to_string()), quoted(&of.session.to_string()));
    let mut payload = Fields::of(&line.object("payload")?);
    for key in ["history_base", "forked_from_ordinal_exclusive", "parent_thread_id"] {
        payload.remove(key);
    }
    payload.set("id", &new);
    payload.change("session_id", &new);
    payload.change("thread_source", "\"user\"");
    payload.set("timestamp", &time);
    payload.set("source", "\"cli\"");
    payload.set("forked_from_id", &from);
    payload.set(FORK_KEY, &format!("{{\"forked_at\":{}}}", quoted(&of.commit.to_string())));
    let mut envelope = Fields::of(&line);
    envelope.set("timestamp", &time);
    envelope.change("ordinal", "0");
    envelope.set("payload", &payload.render());
    Some(format!("{}\n", envelope.render()).into_bytes())
}

/// The fields of a JSON object, their values as they were written.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(object: &Object<'_>) -> Self {
        Self(object.entries().map(|(key, raw)| (key.to_owned(), raw.to_owned())).collect())
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|(known, _)| known != key);
    }

    /// Gives a field a value, if the object has it.
    fn change(&mut self, key: &str, raw: &str) {
        self.0.iter_mut().filter(|(known, _)| known == key).for_each(|(_, value)| raw.clone_into(value));
    }

    /// Gives a field a value; one that is new comes last.
    fn set(&mut self, key: &str, raw: &str) {
        if self.0.iter().any(|(known, _)| known == key) {
            self.change(key, raw);
        } else {
            self.0.push((key.to_owned(), raw.to_owned()));
        }
    }

    fn render(&self) -> String {
        let fields: Vec<String> = self.0.iter().map(|(key, raw)| format!("{}:{raw}", quoted(key))).collect();
        format!("{{{}}}", fields.join(","))
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
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

    #[test]
    fn what_no_program_could_read_stays_as_it_is() {
        let old = SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap();
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        let source = format!(
            "{{\"type\":\"session_meta\",\"payload\":{{\"id\":\"{old}\",\"huge\":1e400,\"deep\":{deep},\"text\":\"\\u00e4\"}}}}\n"
        );
        let commit = "00ff1234567890abcdef00000000000000000009".parse().unwrap();
        let new = SessionId::new_at(0, 0);
        let line =
            fork_meta(source.as_bytes(), new, &ForkOf { session: old, commit }, OffsetDateTime::UNIX_EPOCH).unwrap();
        let text = String::from_utf8(line).unwrap();
        assert!(text.contains("\"huge\":1e400") && text.contains(&deep) && text.contains("\\u00e4"));
        assert!(text.contains(&format!("\"id\":\"{new}\"")));
    }
}
