//! The changes of files that an event names, with their line numbers.

use std::collections::HashSet;

use crate::model::patch::{Change, Edit, Lines, hunks};
use crate::rollout::json::Object;

/// The changes in an event: a path each, with what happens to it.
pub(super) fn of(payload: &Object<'_>) -> Vec<Change> {
    let Some(changes) = payload.object("changes") else { return Vec::new() };
    changes.entries().filter_map(|(path, raw)| change(path, &Object::parse(raw.as_bytes())?)).collect()
}

/// The changes that an event tells, with those that its call asked for and the event could not hold: it has one for each path, and Codex up to
/// 0.130 at least let a patch name a path twice.
pub(super) fn whole(mut told: Vec<Change>, mut asked: Vec<Change>) -> Vec<Change> {
    let mut seen = HashSet::new();
    let twice: HashSet<String> =
        asked.iter().filter(|change| !seen.insert(&change.path)).map(|change| change.path.clone()).collect();
    asked.retain(|change| twice.contains(&change.path));
    told.retain(|change| !twice.contains(&change.path));
    told.append(&mut asked);
    told
}

fn change(path: &str, change: &Object<'_>) -> Option<Change> {
    let edit = match change.str("type") {
        Some(kind) => edit(&kind, change)?,
        // The first form: an object whose one key is the kind.
        None => {
            let (kind, raw) = change.entries().next()?;
            edit(kind, &Object::parse(raw.as_bytes())?)?
        }
    };
    Some(Change { path: path.to_owned(), edit })
}

fn edit(kind: &str, change: &Object<'_>) -> Option<Edit> {
    let content = || change.str("content").map(|text| Lines::of(&text));
    Some(match kind {
        "add" => Edit::Add(content().unwrap_or_default()),
        "delete" => Edit::Delete(content()),
        "update" => Edit::Update {
            to: change.str("move_path").map(|path| path.into_owned()),
            hunks: hunks(&change.str("unified_diff").unwrap_or_default()),
        },
        _ => return None,
    })
}
