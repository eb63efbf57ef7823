//! A chunk made readable: who said what, which tools ran, in the order of the lines.
//!
//! Codex writes the same message as an item for the model and as an event for the screen. The events are what people saw, so
//! messages are taken from them, and tool calls, which every era writes as items, from the items.

use super::json::Object;
use super::line::{Class, Record, read};
use super::record::RecordType;

/// One thing that was said or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// By whom.
    pub role: Role,
    /// The words, exactly as in the rollout: not yet safe for a terminal.
    pub text: String,
}

/// Who said or did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The model, to itself.
    Reasoning,
    /// The model called a tool.
    Tool,
    /// What a tool gave back.
    Output,
    /// Codex: an error, an abort, a compaction.
    Note,
}

impl Role {
    /// The role's name in output that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Reasoning => "reasoning",
            Self::Tool => "tool",
            Self::Output => "output",
            Self::Note => "note",
        }
    }
}

/// The messages in the whole lines of a chunk. `bare` says that the lines have no envelope.
pub fn messages(chunk: &[u8], bare: bool) -> Vec<Message> {
    let lines = chunk.split(|byte| *byte == b'\n');
    lines.filter_map(|line| message(line, bare)).filter(|message| !message.text.trim().is_empty()).collect()
}

fn message(line: &[u8], bare: bool) -> Option<Message> {
    let line = read(line, bare);
    let record = line.record?;
    let (role, text) = match record.kind {
        RecordType::Event => event(&record)?,
        RecordType::Response if bare && record.inner == RecordType::Message => spoken(&record, line.class)?,
        RecordType::Response => item(&record)?,
        RecordType::Compacted => (Role::Note, "the conversation was compacted".to_owned()),
        _ => return None,
    };
    Some(Message { role, text })
}

fn event(record: &Record<'_>) -> Option<(Role, String)> {
    let text = |key: &str| record.payload.str(key).map(|text| text.into_owned());
    Some(match record.inner {
        RecordType::UserMessage => (Role::User, text("message")?),
        RecordType::AgentMessage => (Role::Assistant, text("message")?),
        RecordType::AgentReasoning => (Role::Reasoning, text("text")?),
        RecordType::TurnAborted => (Role::Note, format!("aborted: {}", text("reason").unwrap_or_default())),
        RecordType::TurnComplete => (Role::Note, format!("error: {}", record.payload.object("error")?.str("message")?)),
        RecordType::RolledBack => {
            (Role::Note, format!("the last {} turns were taken back", record.payload.u64("num_turns")?))
        }
        RecordType::ItemCompleted => return completed(&record.payload.object("item")?),
        _ => return None,
    })
}

fn completed(item: &Object<'_>) -> Option<(Role, String)> {
    Some(match RecordType::of(&item.str("type")?) {
        RecordType::UserItem => (Role::User, item.content("content")),
        RecordType::AgentItem => (Role::Assistant, item.content("content")),
        RecordType::ReasoningItem => {
            let parts = item.array("summary_text")?;
            let texts = parts.iter().filter_map(|part| serde_json::from_str::<String>(part.get()).ok());
            (Role::Reasoning, texts.collect::<Vec<_>>().join("\n"))
        }
        RecordType::CommandItem if item.str("source").as_deref() == Some("user_shell") => {
            let command = item.array("command")?;
            (Role::User, format!("!{}", serde_json::from_str::<String>(command.last()?.get()).ok()?))
        }
        _ => return None,
    })
}

fn spoken(record: &Record<'_>, class: Class) -> Option<(Role, String)> {
    let text = record.payload.content("content");
    match record.payload.str("role")?.as_ref() {
        "assistant" => Some((Role::Assistant, text)),
        "user" if class == Class::Prompt => Some((Role::User, text)),
        _ => None,
    }
}

fn item(record: &Record<'_>) -> Option<(Role, String)> {
    let payload = &record.payload;
    Some(match record.inner {
        RecordType::FunctionCall => (Role::Tool, call(&payload.str("name")?, &payload.str("arguments")?)),
        RecordType::CustomToolCall => (Role::Tool, format!("{}: {}", payload.str("name")?, payload.str("input")?)),
        RecordType::LocalShellCall => {
            (Role::Tool, format!("shell: {}", command(&payload.object("action")?, "command")?))
        }
        RecordType::FunctionCallOutput | RecordType::CustomToolCallOutput => (Role::Output, output(payload)),
        _ => return None,
    })
}

/// A tool call: the command where it is one, else the arguments as they are.
fn call(name: &str, arguments: &str) -> String {
    let parsed = Object::parse(arguments.as_bytes());
    let command = parsed
        .and_then(|object| object.str("cmd").map(|text| text.into_owned()).or_else(|| command(&object, "command")));
    format!("{name}: {}", command.as_deref().unwrap_or(arguments))
}

fn command(object: &Object<'_>, key: &str) -> Option<String> {
    if let Some(text) = object.str(key) {
        return Some(text.into_owned());
    }
    let words = object.array(key)?;
    let words: Vec<String> = words.iter().filter_map(|word| serde_json::from_str(word.get()).ok()).collect();
    match words.as_slice() {
        [_, flag, script] if flag.starts_with('-') => Some(script.clone()),
        words => Some(words.join(" ")),
    }
}

/// A tool's output: text, text in JSON (old versions), or parts with text.
fn output(payload: &Object<'_>) -> String {
    let text = payload.content("output");
    let inner = Object::parse(text.as_bytes()).and_then(|object| Some(object.str("output")?.into_owned()));
    inner.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_stands_twice_is_told_once() {
        let chunk = br#"{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}}
{"type":"event_msg","payload":{"type":"item_completed","item":{"type":"UserMessage","content":[{"type":"text","text":"hi"}]}}}
{"type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{\"command\":[\"bash\",\"-lc\",\"ls\"]}"}}
{"type":"response_item","payload":{"type":"function_call_output","output":"{\"output\":\"a.txt\\n\"}"}}
{"type":"event_msg","payload":{"type":"agent_message","message":"one file"}}
{"type":"event_msg","payload":{"type":"task_complete","error":{"message":"boom"}}}
"#;
        let told: Vec<_> = messages(chunk, false).into_iter().map(|m| (m.role, m.text)).collect();
        let expected = [
            (Role::User, "hi"),
            (Role::Tool, "shell: ls"),
            (Role::Output, "a.txt\n"),
            (Role::Assistant, "one file"),
            (Role::Note, "error: boom"),
        ];
        assert_eq!(told, expected.map(|(role, text)| (role, text.to_owned())));
    }
}
