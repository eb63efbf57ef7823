//! Agents: what tells of them.

use super::command::between;
use super::entry::Entry;
use crate::model::item::{Agent, What};
use crate::rollout::json::Object;

fn text(object: &Object<'_>, key: &str) -> Option<String> {
    object.str(key).filter(|text| !text.is_empty()).map(|text| text.into_owned())
}

/// What an agent is called: the last part of its path.
fn nickname(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// An agent that is set to work (`CollabAgentToolCall`).
pub(super) fn called(item: &Object<'_>, id: Option<String>) -> Agent {
    let receivers = item.array("receiver_agents").unwrap_or_default();
    let receiver = receivers.first().and_then(|raw| Object::parse(raw.get().as_bytes()));
    let of_receiver = |key| receiver.as_ref().and_then(|receiver| text(receiver, key));
    Agent {
        id,
        session: of_receiver("thread_id"),
        nickname: of_receiver("agent_nickname"),
        task: text(item, "prompt"),
        result: None,
    }
}

/// An agent that began or ended (`SubAgentActivity`).
pub(super) fn active(item: &Object<'_>, id: Option<String>) -> Agent {
    let started = item.str("kind").is_none_or(|kind| kind == "started");
    Agent {
        id,
        session: text(item, "agent_thread_id"),
        nickname: text(item, "agent_path").map(|path| nickname(&path)),
        task: None,
        result: if started { None } else { text(item, "kind") },
    }
}

/// What one agent says to another: a task, or what it came to.
pub(super) fn message(entry: &Entry<'_>) -> What {
    let payload = &entry.record.payload;
    let text = payload.content("content");
    let (head, body) = text.split_once("Payload:\n").unwrap_or(("", &text));
    let body = if body.trim().is_empty() { "[encrypted]" } else { body };
    let body = Some(entry.keep.text(body.to_owned()));
    let is_task = head.contains("NEW_TASK");
    let (task, result) = if is_task { (body, None) } else { (None, body) };
    let nickname = payload.str("author").map(|author| nickname(&author)).filter(|_| !is_task);
    What::Agent(Agent { nickname, task, result, ..Agent::default() })
}

/// What an agent came to, as Codex tells the model: `{"agent_id":…,"status":{"completed":…}}` between two marks.
pub(super) fn report(text: &str) -> Option<What> {
    let inner = between(text, "<subagent_notification>", "</subagent_notification>")?.trim();
    let object = Object::parse(inner.as_bytes())?;
    let session = ["agent_id", "thread_id", "agent_path"].into_iter().find_map(|key| self::text(&object, key));
    let status = object.object("status");
    let first = status.as_ref().and_then(|status| {
        let (key, _) = status.entries().next()?;
        Some(self::text(status, key).unwrap_or_else(|| key.to_owned()))
    });
    let result = first.or_else(|| self::text(&object, "status"));
    Some(What::Agent(Agent { session, result, nickname: self::text(&object, "nickname"), ..Agent::default() }))
}
