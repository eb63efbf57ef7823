//! Commands: their words as one line, and what events tell of them.

use std::time::Duration;

use super::entry::Entry;
use super::image;
use super::output::Output;
use crate::model::item::{By, Command};
use crate::rollout::json::Object;

/// Who ran a command that has this source.
const PERSON: &str = "user_shell";

/// The command line in a value: a text, or words, of which a shell's script is the line.
pub(super) fn line(object: &Object<'_>, key: &str) -> Option<String> {
    if let Some(text) = object.str(key) {
        return Some(text.into_owned());
    }
    Some(joined(words(object, key)?))
}

/// The words in a value.
pub(super) fn words(object: &Object<'_>, key: &str) -> Option<Vec<String>> {
    let words = object.array(key)?;
    Some(words.iter().filter_map(|word| serde_json::from_str(word.get()).ok()).collect())
}

fn joined(words: Vec<String>) -> String {
    match words.as_slice() {
        [_, flag, script] if flag.starts_with('-') => script.clone(),
        words => words.join(" "),
    }
}

/// The command that an event tells of.
pub(super) fn told(event: &Object<'_>, id: Option<String>, tool: Option<String>, entry: &Entry<'_>) -> Command {
    let printed = event.str("aggregated_output").map(|text| text.into_owned());
    let streams = || ["stdout", "stderr"].iter().filter_map(|key| event.str(key)).collect::<String>();
    let by = if event.str("source").as_deref() == Some(PERSON) { By::Person } else { By::Model };
    Command {
        id,
        tool,
        text: entry.keep.text(line(event, "command").unwrap_or_default()),
        cwd: event.str("cwd").map(|cwd| image::path(&cwd)),
        output: Some(entry.keep.text(printed.unwrap_or_else(streams))),
        exit: event.raw("exit_code").and_then(|code| code.parse().ok()),
        took: event.object("duration").and_then(|time| duration(&time)),
        refused: None,
        by,
    }
}

fn duration(time: &Object<'_>) -> Option<Duration> {
    let nanos = u32::try_from(time.u64("nanos").unwrap_or(0)).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    Some(Duration::new(time.u64("secs")?, nanos))
}

/// The command of the person's that Codex tells the model of, in a message that it made up.
pub(super) fn told_to_model(text: &str, entry: &Entry<'_>) -> Option<Command> {
    let command = between(text, "<command>", "</command>")?.trim().to_owned();
    let result = between(text, "<result>", "</result>").unwrap_or_default();
    let Output { text: output, exit, took } = Output::read(result.trim_start_matches('\n').to_owned());
    let output = entry.keep.text(output);
    Some(Command { text: command, output: Some(output), exit, took, by: By::Person, ..Command::default() })
}

/// What stands between two marks.
pub(super) fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(open)?;
    Some(rest.split_once(close).map_or(rest, |(inner, _)| inner))
}
