//! The two parsers of patches: what a parsed patch is written as reads back as the same patch.
#![no_main]

use codex_git::model::patch::{Change, Edit, changes, envelope, hunks};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = hunks(text);
    let change = Change { path: "a".to_owned(), edit: Edit::Update { to: None, hunks: parsed.clone() } };
    assert_eq!(hunks(&change.diff()), parsed);
    if let Some(parsed) = changes(text) {
        assert_eq!(changes(&envelope(&parsed)), Some(parsed));
    }
});
