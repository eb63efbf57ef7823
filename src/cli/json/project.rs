//! What turns did to the files of a project: their edits as one patch, and the lines that they wrote.

use codex_git::model::patch::{FileDiff, LeftOut};
use codex_git::model::rfc3339;
use codex_git::ops::{Blame, BlamedLine, Source, Superseded};
use serde_json::{Value, json};

/// A file that patches edited, told by one patch.
pub fn edited(file: &FileDiff) -> Value {
    let kind = match (&file.before, &file.after) {
        (None, _) => "add",
        (_, None) => "delete",
        (before, after) if before != after => "rename",
        _ => "update",
    };
    let (added, removed) = file.counts();
    json!({
        "path": file.path(),
        "from": file.before,
        "change": kind,
        "added": added,
        "removed": removed,
        "diff": file.diff(),
        "leftOut": null,
    })
}

/// A file that was edited in a way that no patch tells.
pub fn left_out(path: &str, reason: LeftOut) -> Value {
    json!({
        "path": path,
        "from": null,
        "change": null,
        "added": null,
        "removed": null,
        "diff": null,
        "leftOut": reason.name(),
    })
}

/// A line of a file, and who wrote it; `prompt` is what its turn asked.
pub fn blamed(number: usize, line: &BlamedLine, blame: &Blame, prompt: Option<&str>) -> Value {
    let turn = line.source.turn().and_then(|turn| blame.turns.get(turn));
    let commit = if let Source::Commit(id) = &line.source { Some(id) } else { None };
    let head = |key: &str| blame.head(commit?, key);
    let at = turn.map(|turn| turn.started).or_else(|| head("committer-time")?.parse().ok());
    json!({
        "line": number,
        "text": line.text,
        "how": line.source.name(),
        "session": turn.map(|turn| turn.session.to_string()),
        "turn": turn.map(|turn| turn.turn),
        "commit": turn.map(|turn| turn.commit.to_string()),
        "aside": turn.and_then(|turn| turn.superseded).map(Superseded::name),
        "prompt": prompt,
        "at": at.map(rfc3339),
        "gitCommit": commit,
        "gitAuthor": head("author"),
        "gitSummary": head("summary"),
    })
}

/// Whether a patch would apply.
pub fn patch_checked(refusal: Option<&str>) -> Value {
    json!({ "applies": refusal.is_none(), "reason": refusal })
}
