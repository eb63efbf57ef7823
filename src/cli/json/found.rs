//! What a search found.

use codex_git::model::{piece, rfc3339};
use codex_git::ops::{FoundSession, FoundTurn, Hit};
use serde_json::{Value, json};

/// The lines that were found in a session; or only how many there are.
pub fn found(session: &FoundSession, only_counted: bool) -> Vec<Value> {
    if only_counted {
        let lines: usize = session.turns.iter().map(|turn| turn.lines).sum();
        let turns = session.turns.len();
        return vec![json!({ "session": session.session.to_string(), "turns": turns, "lines": lines })];
    }
    session.turns.iter().flat_map(|turn| turn.hits.iter().map(|hit| line(session, turn, hit))).collect()
}

fn line(session: &FoundSession, turn: &FoundTurn, hit: &Hit) -> Value {
    let first = hit.places.first().cloned().unwrap_or_default();
    json!({
        "session": session.session.to_string(),
        "title": session.title,
        "turn": turn.turn,
        "commit": turn.commit.to_string(),
        "prompt": turn.prompt,
        "at": rfc3339(hit.at.unwrap_or(turn.ended)),
        "in": hit.kind.name(),
        "line": hit.line,
        "path": hit.path.as_deref().map(|path| piece::paths(path)).map(|(path, to)| to.unwrap_or(path)),
        "text": hit.text,
        "start": first.start,
        "end": first.end,
        "before": hit.before,
        "after": hit.after,
        "aside": turn.superseded.map(codex_git::ops::Superseded::name),
        "also": turn.also.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
