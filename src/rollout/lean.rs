//! Lines without what takes much room in what the model gets: outputs of tools above a size, and images. What people see of them, and all other
//! lines, stay as they are.

use serde_json::value::RawValue;

use super::fields::{Fields, quoted};
use super::json::Object;
use super::record::RecordType;

/// What is no larger stays: the words that would stand there instead are as long.
const LEAST: usize = 256;

/// Some lines, made lean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lean {
    /// The lines.
    pub lines: Vec<u8>,
    /// How many outputs and images were left out, and how many bytes they had.
    pub left_out: usize,
    pub bytes: u64,
}

/// Leaves out of the items for the model outputs and images that have more than so many bytes. `whole` tells where all of it is.
pub fn lean(lines: &[u8], most: usize, whole: &str) -> Lean {
    let most = most.max(LEAST);
    let mut lean = Lean::default();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        match leaner(line, most, whole, &mut lean) {
            Some(less) => lean.lines.extend(less.into_bytes()),
            None => lean.lines.extend_from_slice(line),
        }
    }
    lean
}

/// An item for the model without what is too large in it; `None` if nothing is.
fn leaner(line: &[u8], most: usize, whole: &str, lean: &mut Lean) -> Option<String> {
    if line.len() <= most {
        return None;
    }
    let object = Object::parse(line)?;
    if RecordType::of(&object.str("type")?) != RecordType::Response {
        return None;
    }
    let payload = object.object("payload")?;
    let before = lean.left_out;
    let mut fields = Fields::of(&payload);
    for key in ["output", "content"] {
        if let Some(raw) = payload.raw(key).filter(|raw| raw.len() > most)
            && let Some(less) = value(raw, key == "output", most, whole, lean)
        {
            fields.set(key, &less);
        }
    }
    if lean.left_out == before {
        return None;
    }
    let mut envelope = Fields::of(&object);
    envelope.set("payload", &fields.render());
    let end = if line.ends_with(b"\n") { "\n" } else { "" };
    Some(format!("{}{end}", envelope.render()))
}

/// An output or a content without what is too large in it.
fn value(raw: &str, is_output: bool, most: usize, whole: &str, lean: &mut Lean) -> Option<String> {
    if raw.starts_with('"') {
        return is_output.then(|| lean.leave_out("output", raw.len(), whole));
    }
    if let Ok(parts) = serde_json::from_str::<Vec<&RawValue>>(raw) {
        let parts: Vec<String> =
            parts.into_iter().map(|part| self::part(part.get(), is_output, most, whole, lean)).collect();
        return Some(format!("[{}]", parts.join(",")));
    }
    // An output with what the tool said of it beside.
    let object = Object::parse(raw.as_bytes())?;
    let content = object.raw("content").filter(|content| content.len() > most)?;
    let mut fields = Fields::of(&object);
    fields.set("content", &value(content, is_output, most, whole, lean)?);
    Some(fields.render())
}

/// A part of a content: a text, or an image.
fn part(raw: &str, is_output: bool, most: usize, whole: &str, lean: &mut Lean) -> String {
    let Some(object) = Object::parse(raw.as_bytes()).filter(|_| raw.len() > most) else { return raw.to_owned() };
    let text = |words: String, kind: &str| {
        let mut fields = Fields::of(&object);
        for key in ["image_url", "detail", "text"] {
            fields.remove(key);
        }
        fields.set("type", kind);
        fields.set("text", &words);
        fields.render()
    };
    match object.str("type").as_deref() {
        Some("input_image") => text(lean.leave_out("image", raw.len(), whole), "\"input_text\""),
        Some("input_text" | "output_text") if is_output => {
            let kind = object.raw("type").unwrap_or_default().to_owned();
            text(lean.leave_out("output", raw.len(), whole), &kind)
        }
        _ => raw.to_owned(),
    }
}

impl Lean {
    /// Notes that something was left out, and gives the words that stand there instead, as JSON.
    fn leave_out(&mut self, what: &str, bytes: usize, whole: &str) -> String {
        self.left_out += 1;
        self.bytes += bytes as u64;
        quoted(&format!("[{what} of {bytes} bytes left out; {whole}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(line: &str) -> Lean {
        lean(format!("{line}\n").as_bytes(), 40, "see x")
    }

    fn item(payload: &str) -> String {
        format!(r#"{{"timestamp":"t","ordinal":7,"type":"response_item","payload":{payload}}}"#)
    }

    #[test]
    fn large_outputs_and_images_of_every_shape_are_left_out() {
        let long = "x".repeat(1000);
        for (payload, left) in [
            (format!(r#"{{"type":"function_call_output","call_id":"c","output":"{long}"}}"#), "[output of 1002 bytes"),
            (
                format!(r#"{{"type":"function_call_output","output":{{"content":"{long}","success":true}}}}"#),
                "[output of 1002",
            ),
            (
                format!(r#"{{"type":"function_call_output","output":[{{"type":"input_text","text":"{long}"}}]}}"#),
                "[output of",
            ),
            (
                format!(
                    r#"{{"type":"function_call_output","output":[{{"type":"input_image","image_url":"{long}"}}]}}"#
                ),
                "[image of",
            ),
            (
                format!(
                    r#"{{"type":"message","role":"user","content":[{{"type":"input_image","image_url":"{long}"}}]}}"#
                ),
                "[image of",
            ),
        ] {
            let lean = made(&item(&payload));
            let text = String::from_utf8(lean.lines).unwrap();
            assert!(text.contains(left) && text.contains("see x]") && !text.contains(&long), "{payload}\n{text}");
            assert!(text.ends_with("}\n") && Object::parse(text.as_bytes()).is_some() && lean.left_out == 1, "{text}");
            assert!(
                text.starts_with(r#"{"timestamp":"t","ordinal":7,"type":"response_item","payload":{"type":""#),
                "{text}"
            );
        }
    }

    #[test]
    fn what_people_and_the_model_said_stays() {
        let long = "x".repeat(1000);
        for line in [
            item(&format!(r#"{{"type":"message","role":"user","content":[{{"type":"input_text","text":"{long}"}}]}}"#)),
            item(&format!(
                r#"{{"type":"message","role":"assistant","content":[{{"type":"output_text","text":"{long}"}}]}}"#
            )),
            item(&format!(r#"{{"type":"function_call","arguments":"{long}"}}"#)),
            item(&format!(r#"{{"type":"reasoning","encrypted_content":"{long}"}}"#)),
            item(r#"{"type":"function_call_output","output":"short"}"#),
            format!(r#"{{"type":"event_msg","payload":{{"type":"exec_command_end","output":"{long}"}}}}"#),
            format!("no json {long}"),
        ] {
            assert_eq!(made(&line), Lean { lines: format!("{line}\n").into_bytes(), ..Lean::default() });
        }
    }
}
