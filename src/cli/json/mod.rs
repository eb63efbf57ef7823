//! The JSON that programs read: one object a line, keys in camel case. `docs/json.md` lists them; they only ever grow.

mod carried;
#[cfg(unix)]
mod code;
mod found;
mod health;
mod project;
mod remotes;
mod secrets;
mod settings;

#[cfg(feature = "links")]
pub use carried::posted;
pub use carried::{imported, put, shared, strand};
#[cfg(unix)]
pub use code::{code_entry, code_file, code_freed, code_kept, code_restored, code_snapshot, code_state, code_turn};
pub use found::found;
pub use health::{amounts, checkup, status, verified};
pub use project::{blamed, edited, left_out, patch_checked};
pub use remotes::{dropped_machine, held, pulled, pushed, remote, session_elsewhere, unshared};
pub use secrets::{allowed_secret, found_secret, secret_rule};
pub use settings::{moved, setting};

use std::path::Path;

use codex_git::SessionId;
use codex_git::model::item::{Agent, By, Command, Image, Patch, Review, Step, StepState};
use codex_git::model::patch::{Change, Edit, Touched};
use codex_git::model::{Item, Save, What, rfc3339};
use codex_git::ops::{
    Advanced, BrokenSave, Collected, Difference, Dropped, Evicted, Forked, LastRun, Listed, LogEntry, Problem,
    Recorded, Repaired, Restored, Superseded, Undone,
};
use serde_json::{Map, Value, json};

use super::news;
use super::said::{self, Role};

/// A session whose rollout was recorded.
pub fn recorded(recorded: &Recorded) -> Value {
    json!({
        "session": recorded.session.to_string(),
        "turns": recorded.turns,
        "lastTurn": recorded.last,
        "changed": recorded.changed,
        "news": recorded.news.map(news::name),
    })
}

/// A save.
pub fn save(save: &Save) -> Value {
    json!({
        "name": save.name.as_str(),
        "session": save.session.to_string(),
        "note": save.note,
        "conversationId": save.session.to_string(),
        "rolloutPath": save.rollout_path,
        "cwd": save.cwd,
        "model": save.model,
        "modelProvider": save.model_provider,
        "savedAt": rfc3339(save.saved_at),
        "createdAt": rfc3339(save.created_at),
        "turn": save.turn,
        "commit": save.commit.to_string(),
    })
}

/// A save that can't be read.
pub fn broken_save(save: &BrokenSave) -> Value {
    json!({
        "name": save.name.as_str(),
        "broken": true,
        "reason": save.reason,
        "tag": save.tag.map(|tag| tag.to_string()),
    })
}

/// A save that was taken away, or would be.
pub fn dropped(dropped: &Dropped, dry_run: bool) -> Value {
    json!({
        "name": dropped.name.as_str(),
        "session": dropped.session.map(|session| session.to_string()),
        "commit": dropped.commit.to_string(),
        "removed": !dry_run,
    })
}

/// A save that was taken back, or would be: where the name stands then.
pub fn undone(undone: &Undone) -> Value {
    json!({
        "name": undone.name.as_str(),
        "commit": undone.commit.to_string(),
        "back": undone.back.as_ref().map(save),
    })
}

/// A turn of the log, with all that was asked, and the files that it touched where these are wanted.
pub fn turn(entry: &LogEntry, prompt: &str, files: Option<&[Touched]>) -> Value {
    let mut turn = json!({
        "session": entry.session.to_string(),
        "turn": entry.turn,
        "commit": entry.commit.to_string(),
        "kind": entry.kind.map(|kind| kind.to_string()),
        "status": entry.status.to_string(),
        "model": entry.model,
        "tokens": entry.tokens,
        "startedAt": rfc3339(entry.started),
        "endedAt": rfc3339(entry.ended),
        "prompt": prompt,
        "saves": entry.saves.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "forks": entry.forks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "agents": entry.agents.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "aside": entry.superseded.map(Superseded::name),
        "parent": entry.parent.map(|parent| parent.to_string()),
        "cwd": entry.cwd,
    });
    if let (Some(files), Some(keys)) = (files, turn.as_object_mut()) {
        keys.insert("files".to_owned(), files.iter().map(touched).collect());
    }
    turn
}

/// Up to where two points are the same.
pub fn fork_point(difference: &Difference) -> Value {
    let point = difference.common.as_ref();
    let point = point.map(|turn| json!({ "turn": turn.turn, "commit": turn.commit.to_string() }));
    json!({ "forkPoint": point, "alike": difference.alike })
}

/// Something that only one of two points has.
pub fn of_side(side: &str, object: Value) -> Value {
    let mut keys = Map::new();
    keys.insert("side".to_owned(), side.into());
    keys.extend(object.as_object().cloned().unwrap_or_default());
    Value::Object(keys)
}

/// A file that was touched.
pub fn touched(file: &Touched) -> Value {
    json!({ "path": file.path, "added": file.added, "removed": file.removed })
}

/// A session of the list.
pub fn session(session: &Listed, title: Option<&str>, behind: Option<u32>) -> Value {
    json!({
        "session": session.id.to_string(),
        "changedAt": rfc3339(session.changed),
        "turns": session.turns,
        "inherited": session.inherited,
        "cwd": session.cwd,
        "title": title,
        "name": session.name,
        "model": session.model,
        "source": session.origin.source,
        "parent": session.origin.parent.map(|id| id.to_string()),
        "forkedFrom": session.origin.forked_from.map(|id| id.to_string()),
        "saves": session.saves.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "place": session.place.name(),
        "behind": behind,
    })
}

/// An item of a turn, and what came back from it, if it is a call.
pub fn item(turn: u32, item: &Item) -> Vec<Value> {
    let object = |role: Role, text: &str, id: Option<&str>, kind: &str| {
        let mut object = Map::new();
        object.insert("turn".to_owned(), turn.into());
        object.insert("role".to_owned(), role.name().into());
        object.insert("text".to_owned(), text.into());
        object.insert("kind".to_owned(), kind.into());
        object.insert("at".to_owned(), item.at.map(rfc3339).into());
        object.insert("line".to_owned(), item.line.into());
        object.insert("id".to_owned(), id.into());
        object
    };
    let (role, text) = said::said(&item.what);
    let mut call = object(role, &text, id(&item.what), item.what.kind());
    call.extend(details(&item.what));
    let output = said::output(&item.what).map(|(text, id)| object(Role::Output, text, id, "output"));
    [Some(call), output].into_iter().flatten().map(Value::Object).collect()
}

/// The id of the call that an item is.
fn id(what: &What) -> Option<&str> {
    match what {
        What::Command(Command { id, .. })
        | What::Patch(Patch { id, .. })
        | What::Agent(Agent { id, .. })
        | What::Script { id, .. }
        | What::Mcp { id, .. }
        | What::Tool { id, .. } => id.as_deref(),
        _ => None,
    }
}

/// The keys that items of one kind alone have.
fn details(what: &What) -> Map<String, Value> {
    let value = match what {
        What::Prompt { images, .. } => json!({ "images": images.iter().map(image).collect::<Vec<_>>() }),
        What::Answer { phase, .. } => json!({ "phase": phase }),
        What::Command(command) => json!({
            "command": command.text,
            "cwd": command.cwd,
            "exit": command.exit,
            "seconds": command.took.map(|took| took.as_secs_f64()),
            "refused": command.refused,
            "by": if command.by == By::Person { "person" } else { "model" },
        }),
        What::Patch(patch) => json!({
            "cwd": patch.cwd,
            "files": patch.changes.iter().map(change).collect::<Vec<_>>(),
            "refused": patch.refused,
        }),
        What::Plan { steps } => json!({ "steps": steps.iter().map(step).collect::<Vec<_>>() }),
        What::Script { source, .. } => json!({ "source": source }),
        What::Mcp { server, tool, arguments, .. } => json!({ "server": server, "tool": tool, "arguments": arguments }),
        What::Tool { name, arguments, .. } => json!({ "tool": name, "arguments": arguments }),
        What::Search { query } => json!({ "query": query }),
        What::Image(one) => image(one),
        What::Agent(agent) => json!({
            "session": agent.session,
            "nickname": agent.nickname,
            "task": agent.task,
            "result": agent.result,
        }),
        What::Compaction { summary } => json!({ "summary": summary }),
        What::Review(review) => json!({ "begins": *review == Review::Began }),
        What::Switched { setting, from, to } => json!({ "setting": setting.name(), "from": from, "to": to }),
        What::TakenBack { prompts } => json!({ "prompts": prompts }),
        What::Stopped { reason } => json!({ "reason": reason }),
        What::Unknown { kind } => json!({ "record": kind }),
        What::Reasoning { .. } | What::Failed { .. } => json!({}),
    };
    if let Value::Object(keys) = value { keys } else { Map::new() }
}

fn image(image: &Image) -> Value {
    match image {
        Image::File { path } => json!({ "path": path, "mediaType": null, "bytes": null }),
        Image::Data { media_type, bytes } => json!({ "path": null, "mediaType": media_type, "bytes": bytes }),
    }
}

fn step(step: &Step) -> Value {
    let state = match step.state {
        StepState::Pending => "pending",
        StepState::Active => "active",
        StepState::Done => "done",
    };
    json!({ "step": step.text, "state": state })
}

fn change(change: &Change) -> Value {
    let (kind, to) = match &change.edit {
        Edit::Add(_) => ("add", None),
        Edit::Delete(_) => ("delete", None),
        Edit::Update { to, .. } => ("update", to.as_deref()),
    };
    let (added, removed) = change.counts();
    json!({ "path": change.path, "to": to, "change": kind, "added": added, "removed": removed, "diff": change.diff() })
}

/// A rollout that was completed.
pub fn advanced(advanced: &Advanced, written: bool) -> Value {
    json!({
        "session": advanced.session.to_string(),
        "rolloutPath": advanced.path.to_string_lossy(),
        "bytes": advanced.bytes,
        "turns": advanced.turns,
        "kept": advanced.kept.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "written": written,
    })
}

/// A file of a session that was to be restored.
pub fn restored(file: &Restored, dry_run: bool) -> Value {
    json!({
        "session": file.session.to_string(),
        "rolloutPath": file.path.to_string_lossy(),
        "bytes": file.bytes,
        "written": file.written && !dry_run,
    })
}

/// A file that was written for a person.
pub fn written_file(path: &Path, bytes: u64) -> Value {
    json!({ "path": path.to_string_lossy(), "bytes": bytes })
}

/// A session that was evicted.
pub fn evicted(evicted: &Evicted, dry_run: bool) -> Value {
    json!({
        "session": evicted.session.to_string(),
        "files": evicted.files,
        "bytes": evicted.bytes,
        "removed": !dry_run && !evicted.held,
        "held": evicted.held,
    })
}

/// A collection.
pub fn collected(collected: &Collected, code: (usize, u64)) -> Value {
    let Collected { gathered, leftovers, before, after, .. } = collected;
    json!({
        "objectsPacked": gathered.objects,
        "packsMerged": gathered.packs,
        "refsPacked": gathered.refs,
        "objectsBroken": gathered.broken.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "packsBroken": gathered.broken_packs.iter().map(|pack| pack.to_string_lossy()).collect::<Vec<_>>(),
        "leftoversRemoved": leftovers.len(),
        "bytesBefore": before,
        "bytesAfter": after,
        "codeSnapshotsForgotten": code.0,
        "codeBytesFreed": code.1,
    })
}

/// A hook.
pub fn hook(last: &LastRun, installed: bool, plugin: bool, trusted: Option<bool>) -> Value {
    let run = last.run.as_ref();
    json!({
        "event": last.event,
        "installed": installed,
        "plugin": plugin,
        "trusted": trusted,
        "lastRunAt": run.map(|run| rfc3339(run.at)),
        "lastOutcome": run.and_then(|run| run.outcome.as_ref().ok()),
        "lastError": run.and_then(|run| run.outcome.as_ref().err()),
    })
}

/// A fork, and its name in Codex.
pub fn forked(forked: &Forked, named: Option<&str>, directory: Option<&Path>) -> Value {
    json!({
        "session": forked.session.to_string(),
        "rolloutPath": forked.path.to_string_lossy(),
        "forkedFrom": forked.from.to_string(),
        "turn": forked.turn,
        "name": named,
        "directory": directory.map(Path::to_string_lossy),
    })
}

/// A session that has a name in Codex now.
pub fn renamed(session: SessionId, name: &str) -> Value {
    json!({ "session": session.to_string(), "name": name })
}

/// What is wrong in a store.
pub fn problem(problem: &Problem) -> Value {
    json!({ "place": problem.place, "problem": problem.what })
}

/// A repair.
pub fn repaired(repaired: &Repaired) -> Value {
    let Repaired { recovered, mended, refs, taken_off, lost, .. } = repaired;
    json!({
        "objectsRecovered": recovered,
        "objectsMended": mended.objects,
        "objectsRemoved": mended.removed,
        "packsMended": mended.packs,
        "indexesMended": mended.indexes,
        "refsMended": refs,
        "commitsTakenOff": taken_off.iter().map(|taken| taken.kept.as_str()).collect::<Vec<_>>(),
        "objectsLost": lost.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// What Codex shows beside a prompt that goes on to the model.
pub fn remark(words: &str) -> Value {
    json!({ "systemMessage": words })
}

/// What has Codex show an answer instead of sending the prompt to the model.
pub fn stop(words: &str) -> Value {
    json!({ "continue": false, "stopReason": words })
}
