//! One line of a rollout: what it means for where turns begin and end.
//!
//! The classes are those of the turn rule in `docs/codex.md`. They depend on the line alone, so a line means the same whenever
//! it is read. What a line says of its turn (the prompt, the model, tokens) is read in [`super::turn`].

use super::meta::parse_time;
use super::object::Object;

/// What a line means for the turn rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A turn begins.
    Start,
    /// A turn ends.
    End,
    /// The user's prompt, in eras without a start marker also the begin of a turn.
    Prompt,
    /// A review begins.
    EnterReview,
    /// A review ends.
    ExitReview,
    /// A message of the user, developer or system to the model: may belong to the prompt that follows.
    Message,
    /// Settings that belong to the turn that follows.
    Prelude,
    /// All else, broken lines too.
    Other,
}

/// A line that was read.
pub(crate) struct Line<'a> {
    pub class: Class,
    /// When it was written, in seconds since 1970.
    pub at: Option<i64>,
    /// The record, if the line is one.
    pub record: Option<Record<'a>>,
    /// Whether it is the output of a tool that gave the model an image (0.98): the image follows as if the person had sent it.
    pub gives_image: bool,
}

/// A record: its type and its payload.
pub(crate) struct Record<'a> {
    pub kind: RecordKind,
    /// The payload's own type.
    pub name: String,
    pub payload: Object<'a>,
}

/// The record types that matter here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RecordKind {
    SessionMeta,
    Event,
    Response,
    TurnContext,
    Compacted,
    TokenUsage,
    Unknown,
}

/// What most of a rollout's bytes are, and what says nothing of turns: the beginnings of their payloads.
const SILENT: [&str; 6] = [
    r#"{"type":"reasoning","#,
    r#"{"type":"function_call","#,
    r#"{"type":"function_call_output","#,
    r#"{"type":"custom_tool_call","#,
    r#"{"type":"custom_tool_call_output","#,
    r#"{"type":"web_search_call","#,
];

/// Reads a line, without its line feed. `bare` says that the file is of the first era, whose lines have no envelope.
pub(super) fn read(bytes: &[u8], bare: bool) -> Line<'_> {
    read_if(bytes, bare, |_| true)
}

/// Reads a line as far as the turn rule needs it: of what says nothing of turns, only the time.
pub(crate) fn skim(bytes: &[u8], bare: bool) -> Line<'_> {
    read_if(bytes, bare, |payload| !SILENT.iter().any(|silent| payload.starts_with(silent)))
}

fn read_if(bytes: &[u8], bare: bool, is_read: impl Fn(&str) -> bool) -> Line<'_> {
    let Some(object) = Object::parse(bytes).or_else(|| glued(bytes)) else {
        return Line { class: Class::Other, at: None, record: None, gives_image: false };
    };
    let gives_image = object.raw("payload").is_some_and(gives_image);
    let at = object.str("timestamp").and_then(|text| parse_time(&text));
    let record = if object.raw("payload").is_none_or(is_read) { record(object) } else { None };
    let class = record.as_ref().map_or(Class::Other, |record| record.class(bare));
    Line { class, at, record, gives_image }
}

/// What `view_image` of Codex 0.98 answers.
fn gives_image(payload: &str) -> bool {
    payload.starts_with(r#"{"type":"function_call_output","#)
        && payload.ends_with(r#""output":"attached local image path"}"#)
}

impl Line<'_> {
    /// Whether it is a prompt of nothing but images.
    pub fn is_image_alone(&self) -> bool {
        let Some(record) = self.record.as_ref().filter(|_| self.class == Class::Prompt) else { return false };
        let images = record.payload.array("images").is_some_and(|images| !images.is_empty());
        images && record.payload.str("message").is_some_and(|message| message.is_empty())
    }
}

/// Old versions of Codex append straight onto a torn line. The record at its end still counts.
fn glued(bytes: &[u8]) -> Option<Object<'_>> {
    let at = memchr::memmem::rfind(bytes, br#"{"timestamp":""#)?;
    if at == 0 { None } else { Object::parse(&bytes[at..]) }
}

fn record(object: Object<'_>) -> Option<Record<'_>> {
    let kind = object.str("type");
    if let (Some(kind), true) = (&kind, object.raw("payload").is_some()) {
        let payload = object.object("payload")?;
        let name = payload.str("type").unwrap_or_default().into_owned();
        return Some(Record { kind: RecordKind::of(kind), name, payload });
    }
    // The first era wrote the items themselves, and a first line of only an id and a time.
    let kind = match kind.as_deref() {
        Some("message") => RecordKind::Response,
        None if object.raw("id").is_some() && object.raw("timestamp").is_some() && object.raw("type").is_none() => {
            RecordKind::SessionMeta
        }
        _ => return None,
    };
    let name = object.str("type").unwrap_or_default().into_owned();
    Some(Record { kind, name, payload: object })
}

impl RecordKind {
    fn of(name: &str) -> Self {
        match name {
            "session_meta" => Self::SessionMeta,
            "event_msg" => Self::Event,
            "response_item" => Self::Response,
            "turn_context" => Self::TurnContext,
            "compacted" => Self::Compacted,
            "token_usage_record" => Self::TokenUsage,
            _ => Self::Unknown,
        }
    }
}

impl Record<'_> {
    fn class(&self, bare: bool) -> Class {
        match self.kind {
            RecordKind::SessionMeta => Class::Prelude,
            RecordKind::Event => self.event_class(),
            RecordKind::Response => self.response_class(bare),
            _ => Class::Other,
        }
    }

    fn event_class(&self) -> Class {
        match self.name.as_str() {
            "task_started" | "turn_started" => Class::Start,
            "task_complete" | "turn_complete" | "turn_aborted" => Class::End,
            "user_message" => Class::Prompt,
            "entered_review_mode" => Class::EnterReview,
            "exited_review_mode" => Class::ExitReview,
            "thread_settings_applied" => Class::Prelude,
            "item_completed" => match self.item_type().as_deref() {
                Some("EnteredReviewMode") => Class::EnterReview,
                Some("ExitedReviewMode") => Class::ExitReview,
                _ => Class::Other,
            },
            _ => Class::Other,
        }
    }

    fn response_class(&self, bare: bool) -> Class {
        let role = self.payload.str("role");
        match (self.name.as_str(), role.as_deref()) {
            ("message", Some("user")) if bare && !is_context(&self.payload.content("content")) => Class::Prompt,
            ("message", Some("user" | "developer" | "system")) => Class::Message,
            _ => Class::Other,
        }
    }

    fn item_type(&self) -> Option<String> {
        Some(self.payload.object("item")?.str("type")?.into_owned())
    }
}

/// Whether a user message is not the user's words but what Codex puts before them.
fn is_context(text: &str) -> bool {
    let text = text.trim_start();
    [
        "<environment_context>",
        "<user_instructions>",
        "# AGENTS.md",
        "<permissions",
        "<skills_instructions>",
        "<INSTRUCTIONS>",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(line: &str) -> Class {
        read(line.as_bytes(), false).class
    }

    #[test]
    fn the_class_follows_from_the_line_alone() {
        for (line, expected) in [
            (r#"{"type":"event_msg","payload":{"type":"task_started","turn_id":"a"}}"#, Class::Start),
            (r#"{"type":"event_msg","payload":{"type":"turn_aborted"}}"#, Class::End),
            (r#"{"type":"event_msg","payload":{"type":"user_message","message":"x"}}"#, Class::Prompt),
            (
                r#"{"type":"event_msg","payload":{"type":"item_completed","item":{"type":"EnteredReviewMode"}}}"#,
                Class::EnterReview,
            ),
            (r#"{"type":"event_msg","payload":{"type":"item_completed","item":{"type":"UserMessage"}}}"#, Class::Other),
            (r#"{"type":"event_msg","payload":{"type":"thread_settings_applied"}}"#, Class::Prelude),
            (r#"{"type":"session_meta","payload":{}}"#, Class::Prelude),
            (
                r#"{"type":"response_item","payload":{"type":"message","role":"developer","content":[]}}"#,
                Class::Message,
            ),
            (r#"{"type":"response_item","payload":{"type":"message","role":"assistant","content":[]}}"#, Class::Other),
            (r#"{"type":"something_new","payload":{"type":"task_started"}}"#, Class::Other),
            ("not json", Class::Other),
            ("", Class::Other),
        ] {
            assert_eq!(class(line), expected, "{line}");
        }
    }

    #[test]
    fn a_record_glued_to_a_torn_line_counts() {
        let line = r#"{"timestamp":"2026-11-22T22:56:19.078Z","type":"event_m{"timestamp":"2026-11-22T22:56:20.078Z","type":"event_msg","payload":{"type":"user_message"}}"#;
        assert_eq!(class(line), Class::Prompt);
    }

    #[test]
    fn without_envelopes_a_user_message_is_the_prompt() {
        let prompt = r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}"#;
        let context =
            r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>"}]}"#;
        assert_eq!(read(prompt.as_bytes(), true).class, Class::Prompt);
        assert_eq!(read(context.as_bytes(), true).class, Class::Message);
        assert_eq!(read(prompt.as_bytes(), false).class, Class::Message);
    }
}
