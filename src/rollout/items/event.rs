//! Events: what happened, as Codex tells people.

use super::call::Call;
use super::entry::Entry;
use super::opaque::readable;
use super::output::parts_as_text;
use super::pairing::Pairing;
use super::settings::Settings;
use super::{agent, changes, command, image};
use crate::model::What;
use crate::model::item::{Agent, By, Image, Patch, Review};
use crate::rollout::json::Object;
use crate::rollout::record::RecordType;

/// Takes an event.
pub(super) fn take(entry: &Entry<'_>, settings: &Settings, pairing: &mut Pairing) {
    let payload = &entry.record.payload;
    let text = |key| entry.text(key).map(|text| entry.keep.text(text));
    match entry.record.inner {
        RecordType::UserMessage => prompt(entry, pairing, text("message").unwrap_or_default(), payload),
        RecordType::AgentMessage => {
            said(entry, pairing, What::Answer { text: text("message").unwrap_or_default(), phase: text("phase") });
        }
        RecordType::AgentReasoning => {
            said(entry, pairing, What::Reasoning { text: text("text").unwrap_or_default() });
        }
        RecordType::TurnAborted => pairing.tell(entry, What::Stopped { reason: text("reason").unwrap_or_default() }),
        RecordType::TurnComplete => {
            let error = payload.object("error").and_then(|error| error.str("message").map(|text| text.into_owned()));
            error
                .into_iter()
                .for_each(|message| said(entry, pairing, What::Failed { message: entry.keep.text(message) }));
        }
        RecordType::RolledBack => {
            pairing.tell(entry, What::TakenBack { prompts: payload.u64("num_turns").unwrap_or(1) });
        }
        RecordType::EnteredReview => pairing.tell(entry, What::Review(Review::Began)),
        RecordType::ExitedReview => pairing.tell(entry, What::Review(Review::Ended)),
        RecordType::ItemCompleted => {
            if let Some(item) = payload.object("item") {
                completed(entry, &item, settings, pairing);
            }
        }
        RecordType::PatchEnd => patch(entry, payload, entry.text("call_id"), settings, pairing),
        RecordType::CommandEnd => ran(entry, payload, entry.text("call_id"), pairing),
        RecordType::McpEnd => mcp(entry, payload, entry.text("call_id"), pairing),
        RecordType::SearchEnd => searched(entry, payload, pairing),
        RecordType::Unknown => pairing.tell(entry, What::Unknown { kind: entry.text("type").unwrap_or_default() }),
        _ => {}
    }
}

/// Takes an item that is done (0.148 and later).
fn completed(entry: &Entry<'_>, item: &Object<'_>, settings: &Settings, pairing: &mut Pairing) {
    let text = |key: &str| item.str(key).map(|text| text.into_owned());
    let (kind, id) = (text("type").unwrap_or_default(), text("id"));
    let content = || entry.keep.text(item.content("content"));
    match RecordType::of(&kind) {
        RecordType::UserItem => prompt(entry, pairing, content(), item),
        RecordType::AgentItem => said(entry, pairing, What::Answer { text: content(), phase: text("phase") }),
        RecordType::ReasoningItem => {
            let parts = command::words(item, "summary_text").unwrap_or_default();
            said(entry, pairing, What::Reasoning { text: entry.keep.text(parts.join("\n\n")) });
        }
        RecordType::CommandItem => ran(entry, item, id, pairing),
        RecordType::PatchItem => patch(entry, item, id, settings, pairing),
        RecordType::McpItem => mcp(entry, item, id, pairing),
        RecordType::SearchItem => searched(entry, item, pairing),
        RecordType::ImageItem => pairing.event(entry, id.as_deref(), |_| {
            What::Image(Image::File { path: image::path(&text("path").unwrap_or_default()) })
        }),
        RecordType::EnteredReviewItem => pairing.tell(entry, What::Review(Review::Began)),
        RecordType::ExitedReviewItem => pairing.tell(entry, What::Review(Review::Ended)),
        RecordType::AgentCallItem => {
            pairing.event(entry, id.as_deref(), |_| What::Agent(agent::called(item, id.clone())))
        }
        RecordType::AgentActivityItem => pairing.event(entry, id.as_deref(), |call| {
            let task = call.and_then(|call| call.argument("message"));
            What::Agent(Agent { task, ..agent::active(item, id.clone()) })
        }),
        RecordType::Unknown => pairing.tell(entry, What::Unknown { kind }),
        _ => {}
    }
}

/// Tells what was said, unless it is nothing.
pub(super) fn said(entry: &Entry<'_>, pairing: &mut Pairing, what: What) {
    let is_empty = match &what {
        What::Prompt { text, images } => text.trim().is_empty() && images.is_empty(),
        What::Answer { text, .. } | What::Reasoning { text } => text.trim().is_empty(),
        What::Failed { message } => message.is_empty(),
        _ => false,
    };
    if !is_empty {
        pairing.tell(entry, what);
    }
}

fn prompt(entry: &Entry<'_>, pairing: &mut Pairing, text: String, holder: &Object<'_>) {
    let images = image::attached(holder);
    // An image that the model looked at comes back as if the person had sent it (0.98).
    if text.is_empty() && pairing.ends_with_image() {
        return;
    }
    said(entry, pairing, What::Prompt { text, images });
}

fn ran(entry: &Entry<'_>, event: &Object<'_>, id: Option<String>, pairing: &mut Pairing) {
    let told = |tool| command::told(event, id.clone(), tool, entry);
    let person = told(None);
    if person.by == By::Person {
        return pairing.twin_event(entry, format!("command {}", person.text.trim()), What::Command(person));
    }
    pairing.event(entry, id.as_deref(), |call| What::Command(told(call.map(|call| call.name))));
}

fn patch(entry: &Entry<'_>, event: &Object<'_>, id: Option<String>, settings: &Settings, pairing: &mut Pairing) {
    let text = |key: &str| event.str(key).filter(|text| !text.is_empty()).map(|text| text.into_owned());
    let done = text("status").map_or(event.raw("success") == Some("true"), |status| status == "completed");
    let reason = || ["stderr", "stdout", "status"].into_iter().find_map(text).unwrap_or_default();
    let refused = (!done).then(reason);
    pairing.event(entry, id.as_deref(), |call| {
        let cwd = settings.directory().map(str::to_owned);
        let asked = call.map(Call::what);
        let asked = if let Some(What::Patch(patch)) = asked { patch.changes } else { Vec::new() };
        What::Patch(Patch { id: id.clone(), cwd, changes: changes::whole(changes::of(event), asked), refused })
    });
}

fn mcp(entry: &Entry<'_>, event: &Object<'_>, id: Option<String>, pairing: &mut Pairing) {
    let inner = event.object("invocation");
    let call = inner.as_ref().unwrap_or(event);
    let text = |key: &str| call.str(key).map(|text| text.into_owned()).unwrap_or_default();
    let arguments = entry.keep.text(readable(call.raw("arguments").unwrap_or_default()));
    let result = event.raw("result").filter(|raw| *raw != "null").or_else(|| event.raw("error"));
    let result = result.filter(|raw| *raw != "null").map(|raw| entry.keep.text(answer(raw)));
    pairing.event(entry, id.as_deref(), |_| What::Mcp {
        id: id.clone(),
        server: text("server"),
        tool: text("tool"),
        arguments,
        result,
    });
}

/// What a tool of an MCP server answered: `{"Ok":{"content":[…]}}`, the same without `Ok`, or an error.
fn answer(raw: &str) -> String {
    let outer = Object::parse(raw.as_bytes());
    let inner = outer.as_ref().and_then(|outer| outer.raw("Ok").or_else(|| outer.raw("Err"))).unwrap_or(raw);
    let Some(object) = Object::parse(inner.as_bytes()) else {
        return serde_json::from_str::<String>(inner).unwrap_or_else(|_| readable(inner));
    };
    match (object.array("content"), object.str("message")) {
        (Some(parts), _) => parts_as_text(parts.iter().map(|part| part.get())),
        (None, Some(message)) => message.into_owned(),
        (None, None) => readable(inner),
    }
}

fn searched(entry: &Entry<'_>, event: &Object<'_>, pairing: &mut Pairing) {
    let query = query(event);
    pairing.twin_event(entry, format!("search {query}"), What::Search { query });
}

/// What was searched for, or the page that was opened.
pub(super) fn query(search: &Object<'_>) -> String {
    let text = |object: &Object<'_>, key| object.str(key).filter(|text| !text.is_empty()).map(|text| text.into_owned());
    let of_action = |action: Object<'_>| ["query", "url", "pattern"].into_iter().find_map(|key| text(&action, key));
    text(search, "query").or_else(|| of_action(search.object("action")?)).unwrap_or_default()
}
