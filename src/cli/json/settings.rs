//! What a person set, for programs: the settings of a store, and the directories that were moved.

use codex_git::ops::{MovedDirectory, Setting};
use serde_json::{Value, json};

/// A key, with its values.
pub fn setting(setting: &Setting) -> Value {
    json!({
        "key": setting.key.name,
        "values": setting.values,
        "default": setting.key.default,
        "list": setting.key.is_list,
        "about": setting.key.about,
    })
}

/// A directory that was moved, and how many sessions there are in the end, where it is now or, if that was forgotten, where it was.
pub fn moved(moved: &MovedDirectory, there: usize, forgotten: bool) -> Value {
    json!({
        "old": moved.old,
        "new": moved.new,
        "now": if forgotten { &moved.old } else { &moved.now },
        "sessions": moved.sessions,
        "sessionsThere": there,
        "forgotten": forgotten,
    })
}
