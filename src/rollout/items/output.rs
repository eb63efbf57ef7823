//! What a tool gave back: its text, without the lines that Codex puts before it, and what those lines say.

use std::time::Duration;

use super::{image, opaque};
use crate::rollout::json::Object;

/// What a tool gave back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Output {
    pub text: String,
    pub exit: Option<i64>,
    pub took: Option<Duration>,
}

impl Output {
    /// The output in a payload: a text, a text of JSON, or parts.
    pub fn of(payload: &Object<'_>) -> Self {
        match payload.str("output") {
            Some(text) => Self::read(text.into_owned()),
            None => match payload.array("output") {
                Some(parts) => Self::read(parts_as_text(parts.into_iter().map(|part| part.get()))),
                None => payload.object("output").map(|inner| Self::nested(&inner)).unwrap_or_default(),
            },
        }
    }

    /// Reads a text that a tool gave back.
    pub fn read(text: String) -> Self {
        let mut output = Self::default();
        let head = output.take_head(&text);
        let body = &text[head..];
        if body.starts_with(r#"{"output":"#)
            && let Some(inner) = Object::parse(body.as_bytes())
        {
            let inner = Self::nested(&inner);
            return Self { exit: inner.exit.or(output.exit), took: inner.took.or(output.took), ..inner };
        }
        output.text = match mcp_parts(body) {
            Some(parts) => parts,
            None if head == 0 => text,
            None => body.to_owned(),
        };
        output
    }

    /// The first form that outputs had: JSON with the text and what is known of it.
    fn nested(inner: &Object<'_>) -> Self {
        let about = inner.object("metadata");
        let about = about.as_ref();
        Self {
            text: inner.content("output"),
            exit: about.and_then(|about| about.raw("exit_code")?.parse().ok()),
            took: about.and_then(|about| seconds(about.raw("duration_seconds")?)),
        }
    }

    /// Takes the lines before the text, and gives where that begins. They are such only up to `Output:`, or all of the text but its last line.
    fn take_head(&mut self, text: &str) -> usize {
        let (mut at, mut head) = (0, Self::default());
        for line in text.split_inclusive('\n') {
            let known = line.strip_suffix('\n').unwrap_or(line);
            if known == "Output:" {
                (self.exit, self.took) = (head.exit, head.took);
                return if at == 0 { 0 } else { at + line.len() };
            }
            if !head.take_line(known) {
                break;
            }
            at += line.len();
        }
        // What was stopped has the time it took, and a word instead of its output.
        if head.took.is_some() && !text[at..].trim_end().contains('\n') {
            (self.exit, self.took) = (head.exit, head.took);
            return at;
        }
        0
    }

    fn take_line(&mut self, line: &str) -> bool {
        if let Some(code) = line.strip_prefix("Exit code: ").or_else(|| line.strip_prefix("Process exited with code "))
        {
            self.exit = code.parse().ok();
        } else if let Some(time) =
            ["Wall time: ", "Wall time ", "Duration: "].iter().find_map(|key| line.strip_prefix(key))
        {
            self.took = time.strip_suffix(" seconds").and_then(seconds);
        } else {
            let others = [
                "Command: ",
                "Script ",
                "Chunk ID: ",
                "Process running with session ID ",
                "Original token count: ",
                "Total output lines: ",
            ];
            return others.iter().any(|start| line.starts_with(start));
        }
        true
    }
}

/// Seconds as a time.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

/// The texts of parts, with images named.
pub(super) fn parts_as_text<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let text = |part: &str| {
        let Some(object) = Object::parse(part.as_bytes()) else { return opaque::readable(part) };
        match (image::of_part(&object), object.str("text")) {
            (Some(image), _) => image::words(&image),
            (None, Some(text)) => text.into_owned(),
            (None, None) if object.has("encrypted_content") => "[encrypted]".to_owned(),
            (None, None) => opaque::readable(part),
        }
    };
    parts.map(text).fold(String::new(), |all, part| {
        let apart = if all.is_empty() || all.ends_with('\n') { "" } else { "\n" };
        all + apart + &part
    })
}

/// The texts in what a tool of an MCP server gave back, where that is a list of parts as JSON.
fn mcp_parts(body: &str) -> Option<String> {
    if !body.starts_with(r#"[{""#) {
        return None;
    }
    let parts: Vec<&serde_json::value::RawValue> = serde_json::from_str(body).ok()?;
    let typed = |part: &str| Object::parse(part.as_bytes()).is_some_and(|part| part.has("type"));
    parts.iter().all(|part| typed(part.get())).then(|| parts_as_text(parts.iter().map(|part| part.get())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (String, Option<i64>, Option<f64>) {
        let Output { text, exit, took } = Output::read(text.to_owned());
        (text, exit, took.map(|took| took.as_secs_f64()))
    }

    #[test]
    fn the_lines_before_an_output_are_read_in_every_era() {
        for (text, body, exit, took) in [
            (r#"{"output":"a\n","metadata":{"exit_code":3,"duration_seconds":0.5}}"#, "a\n", Some(3), Some(0.5)),
            ("Exit code: 1\nWall time: 2 seconds\nTotal output lines: 9\nOutput:\na\n", "a\n", Some(1), Some(2.0)),
            (
                "Chunk ID: c0\nWall time: 0.25 seconds\nProcess exited with code 0\nOriginal token count: 3\nOutput:\nb",
                "b",
                Some(0),
                Some(0.25),
            ),
            ("Command: ls\nWall time: 1 seconds\nProcess running with session ID 7\nOutput:\n", "", None, Some(1.0)),
            (
                "Wall time: 0.5 seconds\nOutput:\n{\"output\":\"x\",\"metadata\":{\"exit_code\":0}}",
                "x",
                Some(0),
                Some(0.5),
            ),
            ("Script completed\nWall time 0.5 seconds\nOutput:\na", "a", None, Some(0.5)),
            ("Wall time: 4.5 seconds\naborted by user", "aborted by user", None, Some(4.5)),
            ("Wall time: 0.5 seconds\nOutput:\n[{\"type\":\"text\",\"text\":\"Sunny\"}]", "Sunny", None, Some(0.5)),
        ] {
            assert_eq!(told(text), (body.to_owned(), exit, took), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_such_lines_stays() {
        for text in
            ["Output:\na", "Exit code: 1\nand more\nlines", "Plan updated", "", "Wall time: 1 seconds\na\nb", "[1]"]
        {
            assert_eq!(told(text), (text.to_owned(), None, None));
        }
    }
}
