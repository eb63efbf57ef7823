//! Code snapshots, for programs.

use codex_git::model::code::{CodeMoment, Snapshot, Version, quoted};
use codex_git::model::rfc3339;
use codex_git::ops::code::{
    CodeState, Content, FileChange, Freed, GoingBack, Happened, KeptSnapshot, StoreState, Taken, TurnChange, WentBackTo,
};
use serde_json::{Value, json};

/// A path as text; one that is none, or begins as quoted ones do, is quoted.
fn told(path: &[u8]) -> String {
    match std::str::from_utf8(path) {
        Ok(path) if !path.starts_with('"') => path.to_owned(),
        _ => quoted(path),
    }
}

/// How things stand.
pub fn code_state(state: &CodeState) -> Value {
    let store = |store: &StoreState| {
        json!({
            "path": store.path.to_string_lossy(),
            "project": store.project.as_ref().map(|path| path.to_string_lossy()),
            "orphan": store.is_orphan,
            "snapshots": store.snapshots,
            "bytes": store.bytes,
            "ignored": store.ignored,
        })
    };
    json!({
        "projects": state.general.word(),
        "here": state.here.word(),
        "root": state.root.as_ref().ok().map(|root| root.to_string_lossy()),
        "problem": state.root.as_ref().err(),
        "part": state.part.as_ref().map(|path| path.to_string_lossy()),
        "givenUp": state.given_up,
        "stores": state.stores.iter().flatten().map(store).collect::<Vec<_>>(),
        "storeProblems": state.stores.iter().filter_map(|store| store.as_ref().err()).collect::<Vec<_>>(),
    })
}

/// A snapshot that is of no turn.
pub fn code_kept(kept: &KeptSnapshot, moment: CodeMoment) -> Value {
    let Snapshot { root, .. } = &kept.snapshot;
    json!({ "commit": kept.commit.to_string(), "at": rfc3339(kept.at), "moment": moment.to_string(), "root": told(root) })
}

/// A snapshot that was taken.
pub fn code_snapshot(taken: &Taken) -> Value {
    let Snapshot { root, parts, head, branch, files, left_out, .. } = &taken.snapshot;
    let left = left_out
        .iter()
        .map(|left| json!({ "path": told(&left.path), "bytes": left.bytes, "reason": left.reason.word() }));
    json!({
        "commit": taken.commit.to_string(),
        "ref": taken.name,
        "root": told(root),
        "parts": parts.iter().map(|part| told(part)).collect::<Vec<_>>(),
        "head": head.map(|head| head.to_string()),
        "branch": branch,
        "files": files,
        "newBytes": taken.new,
        "unchanged": taken.unchanged,
        "leftOut": left.collect::<Vec<_>>(),
    })
}

/// What a turn changed.
pub fn code_turn(turn: &TurnChange) -> Value {
    let commit = |kept: &Option<KeptSnapshot>| kept.as_ref().map(|kept| kept.commit.to_string());
    let file = |file: &FileChange| json!({ "path": told(&file.path), "added": file.added, "removed": file.removed, "unsure": file.unsure, "leftOut": left_out(file) });
    let is_one = |(_, is): &(&str, bool)| *is;
    let neighbours: Vec<&str> =
        ["before", "after"].into_iter().zip(turn.neighbours).filter(is_one).map(|(moment, _)| moment).collect();
    json!({
        "turn": turn.turn,
        "prompt": turn.subject,
        "before": commit(&turn.before),
        "after": commit(&turn.after),
        "neighbours": neighbours,
        "files": turn.files.iter().map(file).collect::<Vec<_>>(),
    })
}

/// A file that differs.
pub fn code_file(file: &FileChange) -> Value {
    let change = match file.happened() {
        Happened::Added => "add",
        Happened::Deleted => "delete",
        Happened::Updated => "update",
    };
    let mode = |version: Option<Version>| version.map(|(mode, _)| format!("{mode:o}"));
    json!({
        "path": told(&file.path),
        "change": change,
        "added": file.added,
        "removed": file.removed,
        "modes": file.versions.map(mode),
        "diff": file.hunks(),
        "leftOut": left_out(file),
    })
}

/// Which of the two snapshots left a file out.
fn left_out(file: &FileChange) -> Option<&'static str> {
    match &file.contents {
        [Content::LeftOut, _] => Some("before"),
        [_, Content::LeftOut] => Some("after"),
        _ => None,
    }
}

/// A file of a snapshot.
pub fn code_entry(path: &[u8], (mode, id): Version) -> Value {
    json!({ "path": told(path), "mode": format!("{mode:o}"), "blob": id.to_string() })
}

/// What forgetting came to.
pub fn code_freed(freed: Freed) -> Value {
    json!({ "snapshots": freed.snapshots, "changed": freed.changed, "bytes": freed.bytes })
}

/// What going back did, or would do.
pub fn code_restored(plan: &GoingBack, done: Option<&WentBackTo>) -> Value {
    let steps = done.map_or(&plan.steps, |went| &went.done);
    let step = |(path, step): (&Vec<u8>, &codex_git::model::code::Step)| json!({ "path": told(path), "change": step.word(), "merged": plan.merged.contains(path), "partly": plan.partly.contains(path) });
    let failed = done.map(|went| went.failed.as_slice()).unwrap_or_default();
    let undo = done.filter(|went| !went.done.is_empty() || !went.failed.is_empty()).map(|_| &plan.undo);
    json!({
        "root": plan.root.to_string_lossy(),
        "turns": plan.turns,
        "elsewhere": plan.elsewhere,
        "undoes": plan.undoes.map(rfc3339),
        "dryRun": done.is_none(),
        "changed": steps.iter().map(step).collect::<Vec<_>>(),
        "left": plan.spared.iter().map(|(path, why)| json!({ "path": told(path), "reason": why.word() })).collect::<Vec<_>>(),
        "failed": failed.iter().map(|one| json!({ "path": told(&one.path), "error": one.why.to_string() })).collect::<Vec<_>>(),
        "undo": undo,
    })
}
