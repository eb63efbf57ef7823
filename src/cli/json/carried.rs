//! Conversations that are carried from one machine to another.

use std::path::Path;

use codex_git::ops::{Arrival, Imported, Point, Strand};
use serde_json::{Value, json};

/// A conversation that was written into a file.
pub fn shared(path: &Path, bytes: u64, point: &Point) -> Value {
    json!({
        "path": path.to_string_lossy(),
        "bytes": bytes,
        "session": point.message.session.to_string(),
        "turn": point.message.turn,
        "commit": point.id.to_string(),
    })
}

/// A conversation that was put at a remote.
pub fn put(link: &str, point: &Point) -> Value {
    json!({
        "link": link,
        "session": point.message.session.to_string(),
        "turn": point.message.turn,
        "commit": point.id.to_string(),
    })
}

/// A conversation that was sent.
#[cfg(feature = "links")]
pub fn posted(link: &str, bytes: u64, point: &Point) -> Value {
    json!({
        "link": link,
        "bytes": bytes,
        "session": point.message.session.to_string(),
        "turn": point.message.turn,
        "commit": point.id.to_string(),
    })
}

/// A conversation that was taken in.
pub fn imported(imported: &Imported, dry_run: bool) -> Value {
    let (outcome, gained, after) = match imported.outcome {
        Arrival::New => ("new", imported.head.message.turn, None),
        Arrival::Known => ("known", 0, None),
        Arrival::Longer { turns } | Arrival::Waits { turns } => ("longer", turns, None),
        Arrival::Strand { after, there, .. } => ("strand", there, Some(after)),
    };
    json!({
        "session": imported.session.to_string(),
        "turn": imported.head.message.turn,
        "commit": imported.head.id.to_string(),
        "outcome": outcome,
        "gained": gained,
        "after": after,
        "written": !dry_run && imported.outcome != Arrival::Known,
    })
}

/// The other end of a session.
pub fn strand(strand: &Strand) -> Value {
    json!({
        "session": strand.head.message.session.to_string(),
        "commit": strand.head.id.to_string(),
        "after": strand.after,
        "turns": strand.turns,
        "subject": strand.head.message.subject(),
    })
}
