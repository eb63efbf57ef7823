//! Items for the model: calls, outputs, and what no event tells.

use super::agent;
use super::call::Call;
use super::command::{between, told_to_model};
use super::entry::Entry;
use super::event::{query, said};
use super::pairing::Pairing;
use super::settings::Settings;
use crate::model::What;
use crate::rollout::json::Object;
use crate::rollout::line::is_context;
use crate::rollout::record::RecordType;

/// Takes an item.
pub(super) fn take(entry: &Entry<'_>, settings: &mut Settings, pairing: &mut Pairing) {
    match entry.record.inner {
        RecordType::FunctionCall | RecordType::CustomToolCall | RecordType::LocalShellCall => {
            pairing.call(Call::of(entry, settings.directory()));
        }
        RecordType::FunctionCallOutput | RecordType::CustomToolCallOutput => pairing.output(entry),
        RecordType::WebSearchCall => {
            let query = query(&entry.record.payload);
            pairing.twin_item(entry, format!("search {query}"), What::Search { query });
        }
        RecordType::AgentMessage => pairing.tell(entry, agent::message(entry)),
        RecordType::Message if entry.bare => spoken(entry, settings, pairing),
        RecordType::Message => made_up(entry, pairing),
        RecordType::Reasoning if entry.bare => {
            let parts = entry.record.payload.array("summary").unwrap_or_default();
            let text = |raw: &str| Some(Object::parse(raw.as_bytes())?.str("text")?.into_owned());
            let texts: Vec<String> = parts.iter().filter_map(|part| text(part.get())).collect();
            said(entry, pairing, What::Reasoning { text: entry.keep.text(texts.join("\n\n")) });
        }
        RecordType::Unknown => {
            let kind = entry.text("type").unwrap_or_default();
            pairing.tell(entry, What::Unknown { kind });
        }
        _ => {}
    }
}

/// A message of the first era, where no event repeats it.
fn spoken(entry: &Entry<'_>, settings: &mut Settings, pairing: &mut Pairing) {
    let text = entry.record.payload.content("content");
    match entry.text("role").as_deref() {
        Some("assistant") => said(entry, pairing, What::Answer { text: entry.keep.text(text), phase: None }),
        Some("user") if is_context(&text) => {
            between(&text, "<cwd>", "</cwd>").into_iter().for_each(|cwd| settings.enter(cwd.trim().to_owned()));
        }
        Some("user") => {
            let images = super::image::attached(&entry.record.payload);
            said(entry, pairing, What::Prompt { text: entry.keep.text(text), images });
        }
        _ => {}
    }
}

/// A message that Codex made up for the model and that tells something.
fn made_up(entry: &Entry<'_>, pairing: &mut Pairing) {
    if entry.text("role").as_deref() != Some("user") {
        return;
    }
    let text = entry.record.payload.content("content");
    let text = text.trim_start();
    if text.starts_with("<user_shell_command>") {
        if let Some(command) = told_to_model(text, entry) {
            pairing.twin_item(entry, format!("command {}", command.text), What::Command(command));
        }
    } else if text.starts_with("<subagent_notification>")
        && let Some(report) = agent::report(text)
    {
        pairing.tell(entry, report);
    }
}
