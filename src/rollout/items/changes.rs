//! The changes of files that an event names, with their line numbers.

use crate::model::patch::{Change, Edit, hunks};
use crate::rollout::json::Object;

/// The changes in an event: a path each, with what happens to it.
pub(super) fn of(payload: &Object<'_>) -> Vec<Change> {
    let Some(changes) = payload.object("changes") else { return Vec::new() };
    changes.entries().filter_map(|(path, raw)| change(path, &Object::parse(raw.as_bytes())?)).collect()
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
    let content = || change.str("content").map(|text| lines(&text));
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

/// The lines of a file.
fn lines(text: &str) -> Vec<String> {
    text.split_inclusive('\n').map(|line| line.strip_suffix('\n').unwrap_or(line).to_owned()).collect()
}
