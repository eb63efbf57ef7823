//! The envelope of a line, read from the left: a rollout's time goes into looking at long texts, so none is looked at twice.
//!
//! Codex writes the keys of an envelope in one order. A line in any other is read as JSON like all JSON, and says the same.

use serde::de::IgnoredAny;

use crate::rollout::json::Object;

/// A line in its envelope.
pub(super) struct Envelope<'a> {
    /// When it was written down, as text.
    pub timestamp: &'a str,
    /// The type of its record.
    pub kind: &'a str,
    /// The payload, and what follows it.
    rest: &'a str,
}

impl<'a> Envelope<'a> {
    /// The envelope of a line; `None` if it is none, or not in the usual order.
    pub fn read(line: &'a str) -> Option<Self> {
        let (timestamp, rest) = line.strip_prefix(r#"{"timestamp":""#)?.split_once('"')?;
        let rest = match rest.strip_prefix(r#","ordinal":"#) {
            Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => rest,
        };
        let (kind, rest) = rest.strip_prefix(r#","type":""#)?.split_once('"')?;
        let rest = rest.strip_prefix(r#","payload":"#)?;
        let is_plain = !timestamp.contains('\\') && !kind.contains('\\');
        is_plain.then_some(Self { timestamp, kind, rest })
    }

    /// What the payload begins with.
    pub fn payload_head(&self) -> &'a str {
        self.rest
    }

    /// The payload, if the line is whole.
    pub fn payload(&self) -> Option<Object<'a>> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Object<'a>>();
        let payload = values.next()?.ok()?;
        is_end(&self.rest[values.byte_offset()..]).then_some(payload)
    }
}

/// Whether an object can end so: with its brace, or with keys that change nothing.
fn is_end(rest: &str) -> bool {
    match rest.strip_prefix(',') {
        None => rest.trim_end() == "}",
        Some(keys) => {
            let known = ["timestamp", "type", "payload"].iter().any(|key| keys.contains(&format!("\"{key}\"")));
            !known && serde_json::from_str::<IgnoredAny>(&format!("{{{keys}")).is_ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(line: &str) -> Option<String> {
        let envelope = Envelope::read(line)?;
        assert_eq!((envelope.timestamp, envelope.kind), ("t", "k"));
        Some(envelope.payload()?.str("a")?.into_owned())
    }

    #[test]
    fn a_line_in_the_usual_order_is_read_from_the_left() {
        for line in [
            r#"{"timestamp":"t","type":"k","payload":{"a":"x"}}"#,
            r#"{"timestamp":"t","ordinal":12,"type":"k","payload":{"a":"x"}}"#,
            r#"{"timestamp":"t","type":"k","payload":{"a":"x"},"metadata":{"b":[1]}}"#,
        ] {
            assert_eq!(payload(line).as_deref(), Some("x"), "{line}");
        }
    }

    #[test]
    fn all_other_lines_are_left_to_a_whole_reading() {
        for line in [
            r#"{"type":"k","timestamp":"t","payload":{"a":"x"}}"#,
            r#"{"timestamp":"t","type":"k","payload":{"a":"x"}"#,
            r#"{"timestamp":"t","type":"k","payload":{"a":"x"}}}"#,
            r#"{"timestamp":"t","type":"k","payload":{"a":"x"},"payload":{}}"#,
            r#"{"timestamp":"t","type":"k","payload":{"a":"x"},"metadata":{"b":[1]}"#,
            r#"{"timestamp":"t","type":"k","payload":[]}"#,
            "",
        ] {
            assert_eq!(payload(line), None, "{line}");
        }
    }
}
