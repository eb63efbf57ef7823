//! Lines of the first era (before Codex 0.34) in the words of a later one, so that a Codex of today takes them.
//!
//! The items stay as they are, each in an envelope; the events by which later versions know prompts and answers are added, and what no later
//! version knows is left out. `docs/codex.md` names the versions that were seen to resume such a rollout.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::fork_meta::utc;
use super::json::Object;
use super::line::{Class, read};
use super::record::RecordType;
use crate::model::SessionId;

/// The version that the lines are those of.
const VERSION: &str = "0.47.0";

/// The first line of a fork of a session of the first era, with its line feed. `None` if `source` is not a first line of that era.
pub fn upgrade_meta(
    source: &[u8],
    new: SessionId,
    of: SessionId,
    cwd: Option<&str>,
    now: OffsetDateTime,
) -> Option<Vec<u8>> {
    let source: Value = serde_json::from_slice(source).ok()?;
    let time = utc(now)?;
    let payload = json!({
        "id": new.to_string(),
        "timestamp": time,
        "cwd": cwd.unwrap_or("/"),
        "originator": "codex-git",
        "cli_version": VERSION,
        "instructions": source.get("instructions")?,
        "source": "cli",
        "git": source.get("git"),
        "forked_from_id": of.to_string(),
    });
    Some(envelope(&time, RecordType::SessionMeta, &payload.to_string()))
}

/// The whole lines of a chunk of the first era, as they are written in a later one at this time.
pub fn upgrade(chunk: &[u8], now: OffsetDateTime) -> Vec<u8> {
    let time = utc(now).unwrap_or_default();
    let mut out = Vec::new();
    for line in chunk.split(|byte| *byte == b'\n') {
        let Some(item) = Object::parse(line).filter(|item| item.has("type")) else { continue };
        let Ok(text) = std::str::from_utf8(line) else { continue };
        let said = item.content("content");
        let event = match (read(line, true).class, item.str("role").as_deref()) {
            (Class::Prompt, _) => {
                Some(json!({ "type": RecordType::UserMessage.name(), "message": said, "kind": "plain" }))
            }
            (_, Some("assistant")) => Some(json!({ "type": RecordType::AgentMessage.name(), "message": said })),
            _ => None,
        };
        out.extend(envelope(&time, RecordType::Response, text.trim()));
        out.extend(event.into_iter().flat_map(|event| envelope(&time, RecordType::Event, &event.to_string())));
    }
    out
}

fn envelope(time: &str, kind: RecordType, payload: &str) -> Vec<u8> {
    let kind = kind.name();
    format!("{{\"timestamp\":\"{time}\",\"type\":\"{kind}\",\"payload\":{payload}}}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::split;

    #[test]
    fn an_upgraded_chunk_has_the_same_turns() {
        let bare = br#"{"record_type":"state"}
{"type":"message","id":null,"role":"user","content":[{"type":"input_text","text":"<environment_context>x"}]}
{"type":"message","id":null,"role":"user","content":[{"type":"input_text","text":"do it"}]}
{"type":"message","role":"assistant","content":[{"type":"output_text","text":"done"}]}
{broken
{"type":"message","id":null,"role":"user","content":[{"type":"input_text","text":"again"}]}
"#;
        let new = upgrade(bare, OffsetDateTime::UNIX_EPOCH);
        let turns = |bytes: &[u8], bare| {
            let split = split(bytes, 0, bare, None, &mut |_| false).unwrap();
            let facts = split.turns.into_iter().map(|turn| turn.facts).chain(split.open.unwrap().turn);
            facts.map(|facts| (facts.kind, facts.prompt)).collect::<Vec<_>>()
        };
        assert_eq!(turns(&new, false), turns(bare, true));
        assert_eq!(String::from_utf8(new).unwrap().lines().count(), 7);
    }
}
