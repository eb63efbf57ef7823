//! What a single line tells: a prompt, an answer, an output. Unlike the reader of items it needs no other line, and finds a place for each.

use super::tool::Tool;
use crate::model::piece::PieceKind;
use crate::rollout::line::{self, Record};
use crate::rollout::record::RecordType as T;

/// What a line tells. One that nobody typed or answered is context.
pub fn told_in(line: &[u8]) -> PieceKind {
    let line = line::read(line, false);
    let Some(record) = &line.record else { return PieceKind::Context };
    match record.kind {
        T::Event => event(record),
        T::Response => response(record),
        T::Compacted => PieceKind::Compaction,
        _ => PieceKind::Context,
    }
}

fn event(record: &Record<'_>) -> PieceKind {
    match record.inner {
        T::UserMessage => PieceKind::Prompt,
        T::AgentMessage => PieceKind::Answer,
        T::TurnComplete if record.payload.has("error") => PieceKind::Failed,
        T::TurnComplete => PieceKind::Answer,
        T::AgentReasoning => PieceKind::Reasoning,
        T::PatchEnd => PieceKind::Patch,
        T::CommandEnd => PieceKind::Output,
        T::McpEnd | T::SearchEnd => PieceKind::Tool,
        T::ItemCompleted => {
            let kind = record.payload.object("item").and_then(|item| line::own_type(&item));
            item(kind.unwrap_or(T::Unknown))
        }
        _ => PieceKind::Context,
    }
}

fn item(kind: T) -> PieceKind {
    match kind {
        T::UserItem => PieceKind::Prompt,
        T::AgentItem => PieceKind::Answer,
        T::ReasoningItem => PieceKind::Reasoning,
        T::CommandItem => PieceKind::Output,
        T::PatchItem => PieceKind::Patch,
        T::CompactionItem => PieceKind::Compaction,
        _ => PieceKind::Tool,
    }
}

fn response(record: &Record<'_>) -> PieceKind {
    let text = |key: &str| record.payload.str(key).unwrap_or_default().into_owned();
    match record.inner {
        T::Message => match text("role").as_str() {
            "user" => PieceKind::Prompt,
            "assistant" => PieceKind::Answer,
            _ => PieceKind::Context,
        },
        T::Reasoning => PieceKind::Reasoning,
        T::LocalShellCall => PieceKind::Command,
        T::FunctionCall | T::CustomToolCall => {
            match Tool::of(&text("name"), record.payload.str("namespace").as_deref()) {
                Tool::Patch => PieceKind::Patch,
                Tool::Command => PieceKind::Command,
                _ => PieceKind::Tool,
            }
        }
        T::FunctionCallOutput | T::CustomToolCallOutput => PieceKind::Output,
        T::AgentMessage => PieceKind::Answer,
        _ => PieceKind::Tool,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn each_line_has_a_place() {
        let told =
            |kind: &str, payload: Value| told_in(json!({ "type": kind, "payload": payload }).to_string().as_bytes());
        let call = |name: &str| json!({ "type": "function_call", "name": name, "arguments": "{}" });
        for (place, found) in [
            (PieceKind::Prompt, told("event_msg", json!({ "type": "user_message", "message": "x" }))),
            (PieceKind::Prompt, told("response_item", json!({ "type": "message", "role": "user", "content": [] }))),
            (PieceKind::Answer, told("event_msg", json!({ "type": "task_complete", "last_agent_message": "x" }))),
            (PieceKind::Failed, told("event_msg", json!({ "type": "task_complete", "error": { "message": "x" } }))),
            (
                PieceKind::Patch,
                told("event_msg", json!({ "type": "item_completed", "item": { "type": "FileChange" } })),
            ),
            (PieceKind::Command, told("response_item", call("exec_command"))),
            (PieceKind::Patch, told("response_item", call("apply_patch"))),
            (PieceKind::Tool, told("response_item", call("search"))),
            (PieceKind::Output, told("response_item", json!({ "type": "function_call_output", "output": "x" }))),
            (PieceKind::Context, told("session_meta", json!({ "id": "x" }))),
            (PieceKind::Context, told_in(b"no line")),
        ] {
            assert_eq!(found, place);
        }
    }
}
