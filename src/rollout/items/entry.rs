//! One line as the reader of items takes it.

use std::borrow::Cow;

use super::envelope::Envelope;
use crate::rollout::json::Object;
use crate::rollout::line::{Record, glued, own_type};
use crate::rollout::meta::parse_time;
use crate::rollout::record::RecordType;

/// Lines above this are long: of their texts only the beginning is kept.
const LONG: usize = 1 << 20;

/// How much is kept of a text in a long line.
const KEPT: usize = 256 << 10;

/// Messages of the user that Codex made up and that tell something: a command of the person, an agent's report.
const TOLD_BY_MESSAGES: [&str; 2] = ["<user_shell_command>", "<subagent_notification>"];

/// A record, and how it stands in its chunk.
pub(super) struct Entry<'a> {
    pub record: Record<'a>,
    timestamp: Option<Cow<'a, str>>,
    /// The number of its line, from 1.
    pub line: usize,
    /// Whether it has no envelope.
    pub bare: bool,
    /// What its own type is called, where that is not known.
    pub unknown: Option<String>,
    /// How much of its texts is kept.
    pub keep: Keep,
}

/// How much of a line's texts is kept: of those in a long line the beginning, and how much is missing.
#[derive(Clone, Copy)]
pub(super) struct Keep {
    long: bool,
}

impl Keep {
    /// A text as it is kept.
    pub fn text(self, mut text: String) -> String {
        if !self.long || text.len() <= KEPT {
            return text;
        }
        let end = (0..=KEPT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let missing = text.len() - end;
        text.truncate(end);
        text.shrink_to_fit();
        text + &format!("\n… {missing} more bytes")
    }
}

impl<'a> Entry<'a> {
    /// Reads a line; `None` if it holds no record, or one that tells nothing.
    pub fn read(bytes: &'a [u8], line: usize) -> Option<Self> {
        let keep = Keep { long: bytes.len() > LONG };
        let envelope = std::str::from_utf8(bytes).ok().and_then(Envelope::read);
        if let Some(envelope) = &envelope {
            let kind = RecordType::of(envelope.kind);
            if is_silent(kind, envelope.payload_head(), bytes) {
                return None;
            }
            if let Some(payload) = envelope.payload() {
                let unknown = (kind == RecordType::Unknown).then(|| envelope.kind.to_owned());
                let record = record(kind, payload);
                return Some(Self {
                    record,
                    timestamp: Some(envelope.timestamp.into()),
                    line,
                    bare: false,
                    unknown,
                    keep,
                });
            }
        }
        Self::read_whole(bytes, line, keep)
    }

    fn read_whole(bytes: &'a [u8], line: usize, keep: Keep) -> Option<Self> {
        let object = Object::parse(bytes).or_else(|| glued(bytes))?;
        let timestamp = object.str("timestamp");
        let kind = own_type(&object)?;
        let unknown = || object.str("type").filter(|_| kind == RecordType::Unknown).map(|name| name.into_owned());
        let (unknown, bare) = (unknown(), object.raw("payload").is_none());
        let record = if bare {
            Record { kind: RecordType::Response, inner: kind, payload: object }
        } else {
            record(kind, object.object("payload")?)
        };
        Some(Self { record, timestamp, line, bare, unknown, keep })
    }

    /// When it was written down, in seconds since 1970.
    pub fn at(&self) -> Option<i64> {
        parse_time(self.timestamp.as_deref()?)
    }

    /// A text of the payload.
    pub fn text(&self, key: &str) -> Option<String> {
        self.record.payload.str(key).map(|text| text.into_owned())
    }
}

/// When a record was written down, in seconds since 1970.
pub(super) fn at_of(record: &Object<'_>) -> Option<i64> {
    parse_time(&record.str("timestamp")?)
}

fn record(kind: RecordType, payload: Object<'_>) -> Record<'_> {
    Record { kind, inner: own_type(&payload).unwrap_or(RecordType::Unknown), payload }
}

/// Whether the beginning of a line shows that it tells nothing: many are such, and long ones among them.
fn is_silent(kind: RecordType, payload: &str, line: &[u8]) -> bool {
    match (kind, RecordType::leading(payload)) {
        (RecordType::SessionMeta | RecordType::TokenUsage | RecordType::Bookkeeping, _) => true,
        (RecordType::Event, Some(RecordType::TokenCount)) => true,
        (RecordType::Response, Some(RecordType::Reasoning | RecordType::Bookkeeping)) => true,
        (RecordType::Response, Some(RecordType::Message)) => {
            !TOLD_BY_MESSAGES.iter().any(|tag| memchr::memmem::find(line, tag.as_bytes()).is_some())
        }
        _ => false,
    }
}
