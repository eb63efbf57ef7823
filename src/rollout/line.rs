//! One line of a rollout: what it means for where turns begin and end.
//!
//! The classes are those of the turn rule in `docs/codex.md`. They depend on the line alone, so a line means the same whenever
//! it is read. What a line says of its turn (the prompt, the model, tokens) is read in [`super::turn`].

use super::json::Object;
use super::meta::parse_time;
use super::record::RecordType;

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
    pub kind: RecordType,
    /// The payload's own type.
    pub inner: RecordType,
    pub payload: Object<'a>,
}

/// Reads a line, without its line feed. `bare` says that the file is of the first era, whose lines have no envelope.
pub(super) fn read(bytes: &[u8], bare: bool) -> Line<'_> {
    read_if(bytes, bare, |_| true)
}

/// Reads a line as far as the turn rule needs it: of what says nothing of turns, only the time.
pub(crate) fn skim(bytes: &[u8], bare: bool) -> Line<'_> {
    read_if(bytes, bare, |payload| !RecordType::leading(payload).is_some_and(RecordType::is_silent))
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
    payload.ends_with(r#""output":"attached local image path"}"#)
        && RecordType::leading(payload) == Some(RecordType::FunctionCallOutput)
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
pub(super) fn glued(bytes: &[u8]) -> Option<Object<'_>> {
    let at = memchr::memmem::rfind(bytes, br#"{"timestamp":""#)?;
    if at == 0 { None } else { Object::parse(&bytes[at..]) }
}

fn record(object: Object<'_>) -> Option<Record<'_>> {
    let kind = own_type(&object);
    if let (Some(kind), true) = (kind, object.raw("payload").is_some()) {
        let payload = object.object("payload")?;
        let inner = own_type(&payload).unwrap_or(RecordType::Unknown);
        return Some(Record { kind, inner, payload });
    }
    // The first era wrote the items themselves, and a first line of only an id and a time.
    let inner = kind.unwrap_or(RecordType::Unknown);
    let kind = match kind {
        Some(RecordType::Message) => RecordType::Response,
        None if object.raw("id").is_some() && object.raw("timestamp").is_some() && object.raw("type").is_none() => {
            RecordType::SessionMeta
        }
        _ => return None,
    };
    Some(Record { kind, inner, payload: object })
}

/// What an object says of itself.
pub(super) fn own_type(object: &Object<'_>) -> Option<RecordType> {
    Some(RecordType::of(&object.str("type")?))
}

impl Record<'_> {
    fn class(&self, bare: bool) -> Class {
        match self.kind {
            RecordType::SessionMeta => Class::Prelude,
            RecordType::Event => self.event_class(),
            RecordType::Response => self.response_class(bare),
            _ => Class::Other,
        }
    }

    fn event_class(&self) -> Class {
        match self.inner {
            RecordType::TurnStarted => Class::Start,
            RecordType::TurnComplete | RecordType::TurnAborted => Class::End,
            RecordType::UserMessage => Class::Prompt,
            RecordType::EnteredReview => Class::EnterReview,
            RecordType::ExitedReview => Class::ExitReview,
            RecordType::SettingsApplied => Class::Prelude,
            RecordType::ItemCompleted => match self.item() {
                Some(RecordType::EnteredReviewItem) => Class::EnterReview,
                Some(RecordType::ExitedReviewItem) => Class::ExitReview,
                _ => Class::Other,
            },
            _ => Class::Other,
        }
    }

    fn response_class(&self, bare: bool) -> Class {
        let role = self.payload.str("role");
        match (self.inner, role.as_deref()) {
            (RecordType::Message, Some("user")) if bare && !is_context(&self.payload.content("content")) => {
                Class::Prompt
            }
            (RecordType::Message, Some("user" | "developer" | "system")) => Class::Message,
            _ => Class::Other,
        }
    }

    /// The type of the item that it tells of.
    pub fn item(&self) -> Option<RecordType> {
        own_type(&self.payload.object("item")?)
    }

    /// Whether it starts a turn towards a goal, which has no prompt.
    pub fn seeks_goal(&self) -> bool {
        let trigger = self.payload.object("turn_attribution").and_then(|of| Some(of.str("turn_trigger")? == "goal"));
        trigger == Some(true)
    }
}

/// Whether a user message is not the user's words but what Codex puts before them.
pub(super) fn is_context(text: &str) -> bool {
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
