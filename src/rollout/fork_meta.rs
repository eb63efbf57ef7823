//! The first line of a fork's rollout, made from the first line of what is forked.
//!
//! The recipe is the one that every Codex from 0.36 to 0.171 resumes (`docs/codex.md`): a new id and a new time, `source` so
//! that the picker shows it, and none of the keys that would make Codex look for the turns in another file.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::fields::{Fields, quoted};
use super::flat_meta::ATTACHED;
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
    /// How many bytes it is made with after its first line, where these are not those of the commit.
    pub len: Option<u64>,
}

/// What a fork has otherwise than what is forked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// The provider of its model.
    pub provider: Option<String>,
    /// The directory that it works in.
    pub directory: Option<String>,
}

/// The fork's first line, with its line feed. `None` if `source` is not a first line with an envelope. Values that stay keep their bytes,
/// whatever they hold.
pub fn fork_meta(
    source: &[u8],
    new: SessionId,
    of: &ForkOf,
    elsewhere: &Elsewhere,
    now: OffsetDateTime,
) -> Option<Vec<u8>> {
    let line = Object::parse(source)?;
    let (time, new, from) = (quoted(&utc(now)?), quoted(&new.to_string()), quoted(&of.session.to_string()));
    let mut payload = Fields::of(&line.object("payload")?);
    for key in ["history_base", "forked_from_ordinal_exclusive", "parent_thread_id", ATTACHED] {
        payload.remove(key);
    }
    payload.set("id", &new);
    payload.change("session_id", &new);
    payload.change("thread_source", "\"user\"");
    payload.set("timestamp", &time);
    payload.set("source", "\"cli\"");
    payload.set("forked_from_id", &from);
    let len = of.len.map_or_else(String::new, |len| format!(",\"length\":{len}"));
    payload.set(FORK_KEY, &format!("{{\"forked_at\":{}{len}}}", quoted(&of.commit.to_string())));
    if let Some(provider) = &elsewhere.provider {
        payload.set("model_provider", &quoted(provider));
    }
    if let Some(directory) = &elsewhere.directory {
        payload.set("cwd", &quoted(directory));
        payload.change("runtime_workspace_roots", &format!("[{}]", quoted(directory)));
    }
    let mut envelope = Fields::of(&line);
    envelope.set("timestamp", &time);
    envelope.change("ordinal", "0");
    envelope.set("payload", &payload.render());
    Some(format!("{}\n", envelope.render()).into_bytes())
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
        let source = br#"{"timestamp":"2026-11-22T22:56:19.078Z","ordinal":39,"type":"session_meta","payload":{"account_scoped":true,"session_id":"01a20579-8247-72d2-b159-c5492aec819f","id":"01a20579-8247-72d2-b159-c5492aec819f","timestamp":"2026-11-22T22:56:19Z","cwd":"/w","source":{"subagent":"review"},"thread_source":"subagent","attached_thread":true,"parent_thread_id":"01a20579-8247-72d2-b159-c5492aec8199","context_window":258400}}
"#;
        let old = SessionId::parse("01a20579-8247-72d2-b159-c5492aec819f").unwrap();
        let new = SessionId::new_at(0, 0);
        let commit = "00ff1234567890abcdef00000000000000000009".parse().unwrap();
        let line = fork_meta(
            source,
            new,
            &ForkOf { session: old, commit, len: None },
            &Elsewhere::default(),
            OffsetDateTime::UNIX_EPOCH,
        )
        .unwrap();
        let text = String::from_utf8(line.clone()).unwrap();
        assert!(text.starts_with(r#"{"timestamp":"1970-01-01T00:00:00.000Z","ordinal":0,"type":"session_meta","payload":{"account_scoped":true,"session_id":""#));
        assert!(text.contains(r#""context_window":258400"#) && !text.contains("parent_thread_id"));
        assert!(text.contains(r#""thread_source":"user""#) && !text.contains("attached_thread"));
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
        let line = fork_meta(
            source.as_bytes(),
            new,
            &ForkOf { session: old, commit, len: None },
            &Elsewhere::default(),
            OffsetDateTime::UNIX_EPOCH,
        )
        .unwrap();
        let text = String::from_utf8(line).unwrap();
        assert!(text.contains("\"huge\":1e400") && text.contains(&deep) && text.contains("\\u00e4"));
        assert!(text.contains(&format!("\"id\":\"{new}\"")));
    }
}
