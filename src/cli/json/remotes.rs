//! Remotes, and the sessions that go there and come from there.

use codex_git::SessionId;
use codex_git::model::repository_address::shown_address;
use codex_git::model::{IndexLine, ShareRule, rfc3339};
use codex_git::ops::{Arrival, PulledSession, PushedSession, Remote, SessionElsewhere, Unshared};
use serde_json::{Value, json};

/// A remote, and whether it was removed.
pub fn remote(remote: &Remote, held_back: usize, is_removed: bool) -> Value {
    let rules = |rules: &[ShareRule]| rules.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "remote": remote.name.as_str(),
        "address": shown_address(&remote.address),
        "share": rules(&remote.share),
        "exclude": rules(&remote.exclude),
        "take": rules(&remote.take),
        "auto": remote.auto.word(),
        "heldBack": held_back,
        "removed": is_removed,
    })
}

/// A session that was pushed.
pub fn pushed(remote: &Remote, pushed: &PushedSession) -> Value {
    json!({
        "remote": remote.name.as_str(),
        "session": pushed.line.session.to_string(),
        "commit": pushed.line.head().to_string(),
        "turns": pushed.line.turns,
        "before": pushed.before,
        "held": false,
        "maskedAs": null,
    })
}

/// A session that was held back, and the masked fork that went in its place.
pub fn held(remote: &Remote, session: SessionId, masked: Option<SessionId>) -> Value {
    json!({
        "remote": remote.name.as_str(),
        "session": session.to_string(),
        "commit": null,
        "turns": null,
        "before": null,
        "held": true,
        "maskedAs": masked.map(|fork| fork.to_string()),
    })
}

/// A session of which something came.
pub fn pulled(pulled: &PulledSession, is_written: bool) -> Value {
    let (outcome, gained, after) = match pulled.arrival {
        Arrival::New => ("new", pulled.line.turns, None),
        Arrival::Known => ("known", 0, None),
        Arrival::Longer { turns } | Arrival::Waits { turns } => ("longer", turns, None),
        Arrival::Strand { after, there, .. } => ("strand", there, Some(after)),
    };
    json!({
        "session": pulled.line.session.to_string(),
        "from": pulled.from,
        "turn": pulled.head.message.turn,
        "commit": pulled.head.id.to_string(),
        "outcome": outcome,
        "gained": gained,
        "after": after,
        "written": is_written,
    })
}

/// A session at a remote.
pub fn session_elsewhere(session: &SessionElsewhere) -> Value {
    let SessionElsewhere { line, machines, is_here, .. } = session;
    let IndexLine { turns, bytes, project, is_subagent, name, title, .. } = line;
    json!({
        "session": line.session.to_string(),
        "machines": machines,
        "commit": line.head().to_string(),
        "turns": turns,
        "bytes": bytes,
        "changedAt": rfc3339(line.changed),
        "project": project,
        "subagent": is_subagent,
        "name": name,
        "title": title,
        "here": is_here,
    })
}

/// A session that was taken back from a remote.
pub fn unshared(remote: &Remote, session: SessionId, unshared: &Unshared) -> Value {
    let outcome = match unshared {
        Unshared::Gone => "gone",
        Unshared::In(_) => "in-others",
        Unshared::WasNot => "was-not",
        Unshared::Denied => "denied",
    };
    json!({ "remote": remote.name.as_str(), "session": session.to_string(), "outcome": outcome })
}

/// A machine whose part of a remote was taken out.
pub fn dropped_machine(remote: &Remote, machine: &str) -> Value {
    json!({ "remote": remote.name.as_str(), "machine": machine })
}
