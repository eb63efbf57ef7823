//! The first line of a rollout, `session_meta`: when and where the session began, and where it comes from.
//!
//! Which session it is, the file's name says: Codex finds it by that, whatever id stands in the line.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Refusal;
use super::flat_meta::SIDE_CHAT;
use super::json::Object;
use super::record::RecordType;
use crate::model::{CHUNK_LIMIT, ObjectId, Origin, SessionId};

/// The key under which a fork made by codex-git keeps what it starts from. Codex ignores it.
pub(super) const FORK_KEY: &str = "x_codex_git";

/// What a rollout's first line says.
#[derive(Clone, Debug)]
pub struct SessionMeta {
    /// The line's bytes, with its line feed.
    pub line: Vec<u8>,
    /// The id that stands in it.
    pub id: SessionId,
    /// When the session was made, in seconds since 1970.
    pub created: i64,
    /// The directory it was started in.
    pub cwd: Option<String>,
    /// The provider of its model.
    pub model_provider: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// The commit that codex-git forked it at.
    pub forked_at: Option<ObjectId>,
    /// How many bytes that fork was made with after this line, where it is a lean one.
    pub made_with: Option<u64>,
    /// The point of another file that the session goes on from, when its own holds only what came after.
    pub base: Option<HistoryBase>,
    /// Whether the file's lines have no envelope (Codex before 0.34).
    pub bare: bool,
    /// The version of Codex that began it.
    pub cli_version: Option<String>,
    /// The branch and the commit that its directory was on.
    pub git: (Option<String>, Option<String>),
    /// The address of its directory's repository.
    pub repository: Option<String>,
    /// Whether its settings stand in lines of their own, the last of which counts.
    pub is_paginated: bool,
    /// Whether Codex shows it only beside the session that it was asked in (`/side`).
    pub is_side_chat: bool,
}

/// A point in another rollout: the conversation up to there comes before a file's own lines (`history_base`, Codex 0.148 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryBase {
    /// The other rollout, by the last id in its name.
    pub rollout: SessionId,
    /// How many of its bytes come before.
    pub end: u64,
}

impl SessionMeta {
    /// Reads a first line, with its line feed.
    pub(super) fn parse(line: Vec<u8>) -> Result<Self, Refusal> {
        if line.len() as u64 > CHUNK_LIMIT {
            return Err(Refusal::LongFirstLine);
        }
        if line.starts_with(b"\xef\xbb\xbf") {
            return Err(Refusal::ByteOrderMark);
        }
        if std::str::from_utf8(&line).is_err() {
            return Err(Refusal::NotUtf8);
        }
        let object = Object::parse(&line).ok_or(Refusal::NoSessionMeta)?;
        let bare = object.raw("payload").is_none();
        let payload = match object.str("type").map(|name| RecordType::of(&name)) {
            Some(RecordType::SessionMeta) => object.object("payload").ok_or(Refusal::NoSessionMeta)?,
            None if bare && object.has("id") => object,
            _ => return Err(Refusal::NoSessionMeta),
        };
        let id = payload.str("id").ok_or(Refusal::NoSessionMeta)?;
        let id = SessionId::parse(&id).ok_or(Refusal::BadId)?;
        let created = payload.str("timestamp").and_then(|text| parse_time(&text)).unwrap_or(0);
        let session = |key| payload.str(key).and_then(|text| SessionId::parse(&text));
        let origin = Origin {
            source: source(&payload),
            parent: session("parent_thread_id"),
            forked_from: session("forked_from_id"),
        };
        let forked_at = payload.object(FORK_KEY).and_then(|own| own.str("forked_at")?.parse().ok());
        let made_with = payload.object(FORK_KEY).and_then(|own| own.u64("length"));
        let base = match payload.object("history_base") {
            Some(base) => Some(history_base(&base).ok_or(Refusal::BadBase)?),
            None => None,
        };
        let text = |key| payload.str(key).map(|text| text.into_owned());
        let git = payload.object("git");
        let of_git = |key| git.as_ref().and_then(|git| Some(git.str(key)?.into_owned()));
        let (git, repository) = ((of_git("branch"), of_git("commit_hash")), of_git("repository_url"));
        let is_paginated = payload.str("history_mode").is_some_and(|mode| mode == "paginated");
        let is_side_chat = payload.str("thread_source").is_some_and(|source| source == SIDE_CHAT);
        let (cwd, model_provider, cli_version) = (text("cwd"), text("model_provider"), text("cli_version"));
        Ok(Self {
            id,
            created,
            cwd,
            model_provider,
            origin,
            forked_at,
            base,
            bare,
            cli_version,
            git,
            repository,
            is_paginated,
            is_side_chat,
            made_with,
            line,
        })
    }

    /// Reads a first line that is known to be one, for what it tells. `None` if it isn't.
    pub fn read(line: &[u8]) -> Option<Self> {
        Self::parse(line.to_vec()).ok()
    }

    /// Whether the Codex that began the session locks those that it writes to (0.160 and later).
    pub fn has_writer_locks(&self) -> bool {
        let mut numbers = self.cli_version.as_deref().unwrap_or_default().split(['.', '-']).map(str::parse::<u32>);
        let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0);
        (next(), next()) >= (0, 160)
    }

    /// How many bytes the line takes.
    pub fn len(&self) -> u64 {
        self.line.len() as u64
    }
}

fn history_base(base: &Object<'_>) -> Option<HistoryBase> {
    Some(HistoryBase { rollout: SessionId::parse(&base.str("thread_id")?)?, end: base.u64("end_byte_offset")? })
}

/// `source` is a word, or an object whose key is the word.
fn source(payload: &Object<'_>) -> Option<String> {
    if let Some(word) = payload.str("source") {
        return Some(word.into_owned());
    }
    payload.object("source").map(|object| if object.has("subagent") { "subagent" } else { "other" }.to_owned())
}

/// A time as rollouts write it (RFC 3339), in seconds since 1970.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<SessionMeta, Refusal> {
        SessionMeta::parse(line.as_bytes().to_vec())
    }

    const ID: &str = "01a20579-8247-72d2-b159-c5492aec819f";

    #[test]
    fn every_era_has_a_first_line() {
        let new = format!(
            r#"{{"timestamp":"2026-11-22T22:56:19.078Z","type":"session_meta","payload":{{"id":"{ID}","timestamp":"2026-11-22T22:56:19Z","cwd":"/w","source":{{"subagent":"review"}}}}}}"#
        );
        let meta = parse(&new).unwrap();
        assert_eq!((meta.created, meta.bare), (1_795_388_179, false));
        assert_eq!(meta.origin.source.as_deref(), Some("subagent"));
        assert!(parse(&format!(r#"{{"id":"{ID}","timestamp":"2026-11-22T22:56:19Z"}}"#)).unwrap().bare);
    }

    #[test]
    fn a_native_fork_names_its_base() {
        let base = parse(&format!(
            r#"{{"type":"session_meta","payload":{{"id":"{ID}","history_base":{{"thread_id":"{ID}","end_ordinal_exclusive":3,"end_byte_offset":77}}}}}}"#
        ));
        assert_eq!(base.unwrap().base, Some(HistoryBase { rollout: SessionId::parse(ID).unwrap(), end: 77 }));
    }

    #[test]
    fn what_is_no_first_line_is_refused_with_the_reason() {
        let with = |extra: &str| format!(r#"{{"type":"session_meta","payload":{{"id":"{ID}"{extra}}}}}"#);
        assert_eq!(parse(&with(r#","history_base":{"thread_id":"x"}"#)).unwrap_err(), Refusal::BadBase);
        assert_eq!(parse(&with("").replace(ID, "../x")).unwrap_err(), Refusal::BadId);
        assert_eq!(parse(&format!("\u{feff}{}", with(""))).unwrap_err(), Refusal::ByteOrderMark);
        assert_eq!(parse("{\"type\":\"event_msg\",\"payload\":{}}").unwrap_err(), Refusal::NoSessionMeta);
        assert_eq!(SessionMeta::parse(b"{\"id\":\"\xff\"}".to_vec()).unwrap_err(), Refusal::NotUtf8);
    }
}
