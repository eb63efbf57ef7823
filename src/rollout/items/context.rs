//! What the model was told that nobody typed: instructions, files such as `AGENTS.md`, the surroundings, and what comes before a summary.

use std::collections::HashSet;

use super::entry::at_of;
use super::reader::{BEFORE_SUMMARY, Reader};
use crate::model::What;
use crate::model::piece::{PieceHead, PieceKind};
use crate::rollout::json::Object;
use crate::rollout::record::RecordType;

/// Something that nobody typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    head: PieceHead,
    text: String,
}

impl Context {
    /// Adds it to a text that is searched.
    pub fn put(&self, out: &mut String) {
        self.head.put(&self.text, out);
    }
}

/// What in a chunk nobody typed, in order.
pub fn contexts(chunk: &[u8]) -> Vec<Context> {
    let mut typed: HashSet<String> = HashSet::new();
    for item in Reader::default().items(chunk) {
        if let What::Prompt { text, .. } = item.what {
            typed.insert(text.trim().to_owned());
        }
    }
    let lines = (1..).zip(chunk.split(|byte| *byte == b'\n'));
    let context = |(line, bytes): (usize, &[u8])| {
        let record = Object::parse(bytes)?;
        let payload = record.object("payload");
        let text = text_of(&record, payload.as_ref().unwrap_or(&record))?;
        let is_typed = text.trim().is_empty() || typed.contains(text.trim());
        let head = PieceHead { kind: PieceKind::Context, line, at: at_of(&record) };
        (!is_typed).then_some(Context { head, text })
    };
    lines.filter_map(context).collect()
}

/// The text of a message that is not the model's, or of what comes before a summary.
fn text_of(record: &Object<'_>, payload: &Object<'_>) -> Option<String> {
    let kind = |object: &Object<'_>| object.str("type").map(|name| RecordType::of(&name));
    if kind(record) == Some(RecordType::Compacted) {
        let message = payload.str("message")?;
        return message.find(BEFORE_SUMMARY).map(|end| message[..end + BEFORE_SUMMARY.len()].to_owned());
    }
    let is_message = kind(payload) == Some(RecordType::Message);
    let is_told = matches!(payload.str("role").as_deref(), Some("user" | "developer" | "system"));
    (is_message && is_told).then(|| payload.content("content"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_nobody_typed_is_told_and_what_somebody_did_is_not() {
        let message = |role: &str, text: &str| {
            json!({ "timestamp": "2026-11-22T22:54:25.928Z", "type": "response_item", "payload": { "type": "message", "role": role,
                "content": [{ "type": "input_text", "text": text }] } })
        };
        let lines = [
            message("developer", "be brief"),
            message("user", "# AGENTS.md instructions"),
            message("user", "fix it"),
            json!({ "type": "event_msg", "payload": { "type": "user_message", "message": "fix it" } }),
            message("assistant", "done"),
            json!({ "type": "compacted", "payload": { "message": format!("Another model began.{BEFORE_SUMMARY}short") } }),
        ];
        let chunk: String = lines.iter().map(|line| line.to_string() + "\n").collect();
        let told: Vec<String> = contexts(chunk.as_bytes()).into_iter().map(|context| context.text).collect();
        assert_eq!(told[..2], ["be brief", "# AGENTS.md instructions"]);
        assert_eq!((told.len(), told[2].starts_with("Another model began.")), (3, true));
    }
}
