//! How things stand, for programs: the status, the examination of an installation, and what was counted.

use std::path::Path;

use codex_git::model::rfc3339;
use codex_git::ops::{Amounts, Checked, Checkup, Hidden, Status};
use serde_json::{Value, json};

use super::save;
use crate::cli::code_health::CodeHealth;
use crate::cli::recording::Recording;
use crate::cli::words::misfit;

/// How things stand.
pub fn status(recording: &Recording, status: Option<&Status>) -> Value {
    let why = match recording {
        Recording::On | Recording::Watched(_) => None,
        Recording::Off(off) => Some(off.why()),
        Recording::Unknown(why) => Some(why.clone()),
    };
    let current = status.and_then(|status| status.current.as_ref());
    let unrecorded = status.and_then(|status| status.unrecorded.as_ref().ok());
    json!({
        "recording": recording.name(),
        "recordingReason": why,
        "unrecorded": unrecorded.map(|unrecorded| unrecorded.sessions),
        "behind": unrecorded.map(|unrecorded| unrecorded.behind),
        "unrecordable": unrecorded.map(|unrecorded| {
            unrecorded.failed.iter().map(ToString::to_string).collect::<Vec<_>>()
        }),
        "sessions": status.map(|status| status.sessions),
        "newestAt": status.and_then(|status| status.newest).map(rfc3339),
        "onlyInStore": status.and_then(|status| status.only_kept),
        "verifiedAt": status.and_then(|status| status.verified).map(|verified| rfc3339(verified.at)),
        "problems": status.and_then(|status| status.verified).map(|verified| verified.problems),
        "rollouts": status.map(|status| status.rollouts.files),
        "rolloutBytes": status.map(|status| status.rollouts.bytes),
        "storeBytes": status.map(|status| status.store_bytes),
        "saves": status.map(|status| status.saves),
        "lastSave": status.and_then(|status| status.last_save.as_ref()).map(save),
        "session": current.map(|current| current.session.to_string()),
        "title": current.and_then(|current| current.title.clone()),
        "turn": current.map(|current| current.turn),
        "sessionSave": current.and_then(|current| current.save.as_ref()).map(save),
    })
}

/// An examination.
pub fn checkup(checkup: &Checkup, code: &CodeHealth, codex: Option<&str>, home: &Path, store: &Path) -> Value {
    let stored = checkup.store.as_ref();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "gitVersion": checkup.git,
        "codexVersion": codex,
        "codexHome": home.to_string_lossy(),
        "rollouts": checkup.rollouts.files,
        "rolloutBytes": checkup.rollouts.bytes,
        "heldFiles": checkup.held.files,
        "heldBytes": checkup.held.bytes,
        "unreadable": checkup.unreadable.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "hollow": checkup.hollow.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
        "hooks": checkup.hooks.as_ref().ok().map(|(ours, all)| ours == all),
        "store": store.to_string_lossy(),
        "storeError": stored.err().map(ToString::to_string),
        "sessions": stored.ok().map(|stored| stored.sessions),
        "saves": stored.ok().map(|stored| stored.saves),
        "writable": stored.ok().map(|stored| stored.size.writable),
        "storeBytes": stored.ok().map(|stored| stored.size.bytes),
        "looseObjects": stored.ok().map(|stored| stored.size.loose_objects),
        "packedObjects": stored.ok().map(|stored| stored.size.packed_objects),
        "packs": stored.ok().map(|stored| stored.size.packs),
        "settingProblems": stored.ok().map(|stored| {
            stored.settings_damage.iter().cloned().chain(stored.misfits.iter().map(misfit)).collect::<Vec<_>>()
        }),
        "unreadableSessions": stored.ok().map(|stored| stored.unreadable.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "behind": stored.ok().map(|stored| stored.behind),
        "hidden": stored.ok().map(|stored| stored.hidden.iter().map(hidden).collect::<Vec<_>>()),
        "code": self::code(code),
        "leftovers": stored.ok().map(|stored| stored.leftovers.iter().map(|left| left.path.to_string_lossy()).collect::<Vec<_>>()),
    })
}

/// A store in which nothing is wrong.
pub fn verified(checked: &Checked, health: &CodeHealth) -> Value {
    let Checked { sessions, turns, bytes, .. } = checked;
    json!({ "sessions": sessions, "turns": turns, "bytes": bytes, "problems": 0, "code": code(health) })
}

/// What there is of code snapshots; `null` if there are none.
fn code(health: &CodeHealth) -> Option<Value> {
    let all = json!({
        "stores": health.stores,
        "snapshots": health.snapshots,
        "borrowedFiles": health.borrowed,
        "lostFiles": health.lost,
        "lackingSnapshots": health.lacking,
        "problems": health.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.what)).collect::<Vec<_>>(),
    });
    (health.stores > 0).then_some(all)
}

/// A session that Codex does not show.
fn hidden(hidden: &Hidden) -> Value {
    json!({
        "session": hidden.session.to_string(),
        "provider": hidden.provider,
        "directory": hidden.directory.as_deref().map(Path::to_string_lossy),
    })
}

/// What was counted of a key.
pub fn amounts(by: &str, key: &str, amounts: &Amounts, with_usage: bool) -> Value {
    let usage = |count: u64| with_usage.then_some(count);
    json!({
        "by": by,
        "key": key,
        "tokens": amounts.tokens,
        "inputTokens": usage(amounts.usage.input),
        "cachedTokens": usage(amounts.usage.cached),
        "outputTokens": usage(amounts.usage.output),
        "reasoningTokens": usage(amounts.usage.reasoning),
        "turns": amounts.turns,
        "seconds": amounts.seconds,
        "sessions": amounts.sessions,
        "failed": amounts.failed,
        "calls": amounts.calls,
        "added": amounts.added,
        "removed": amounts.removed,
    })
}
