//! The JSON output and its schema: each line that a command prints fits its entry in `docs/json.schema.json`, and `docs/json.md` names the same
//! keys and words.
//!
//! The schema forbids no key, since keys are only ever added; here, a key that it does not name is a fault.

mod lines;
mod page;
mod schema;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use lines::Line;
use schema::Schema;

/// The kinds of items that no session of the fixtures has. Whoever adds one takes it from here.
const WITHOUT_A_FIXTURE: [&str; 4] = ["item-review", "item-switched", "item-taken-back", "item-unknown"];

#[test]
fn every_line_fits_its_entry() {
    let schema = Schema::read();
    for Line { command, entry, object } in lines::all() {
        let faults = schema.faults(entry, object);
        assert!(faults.is_empty(), "codex-git {command} --json is no `{entry}`:\n{}\n{object}", faults.join("\n"));
    }
}

#[test]
fn every_entry_is_printed_by_a_command() {
    let printed: BTreeSet<String> = lines::all().map(|line| line.entry.clone()).collect();
    assert_eq!(printed, Schema::read().lines());
}

#[test]
fn every_command_of_the_page_is_run() {
    let [rows, _] = page::rows();
    let commands = rows.iter().flat_map(|row| row.of.split('`').skip(1).step_by(2));
    let is_run =
        |command: &&str| lines::all().any(|line| format!("{} ", line.command).starts_with(&format!("{command} ")));
    assert_eq!(commands.filter(|command| !is_run(command)).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_kind_of_item_stands_in_a_session_that_codex_wrote() {
    let fixtures: BTreeSet<String> = lines::FIXTURES.iter().map(|line| line.entry.clone()).collect();
    let items = Schema::read().lines().into_iter().filter(|entry| entry.starts_with("item-"));
    assert_eq!(items.filter(|entry| !fixtures.contains(entry)).collect::<Vec<_>>(), WITHOUT_A_FIXTURE);
}

#[test]
fn every_key_is_always_there() {
    for (name, entry) in Schema::read().entries() {
        let keys = entry["properties"].as_object().unwrap().keys().map(String::as_str);
        let required: Vec<&str> =
            entry["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        // The kind of an item is required where all items are described.
        let is_required = |key: &&str| required.contains(key) || (*key == "kind" && name.starts_with("item-"));
        assert_eq!(keys.filter(|key| !is_required(key)).collect::<Vec<_>>(), [""; 0], "{name}");
    }
}

#[test]
fn the_page_names_the_keys_of_each_entry_and_no_other() {
    let schema = Schema::read();
    let [commands, items] = page::rows();
    let entry_of = |command: &String| {
        let row = commands.iter().find(|row| row.of == format!("`{command}`"));
        row.unwrap_or_else(|| panic!("no row of {command}")).entries[0].clone()
    };
    for row in commands.iter().chain(&items) {
        let mut named = row.keys.clone();
        named.extend(row.those_of.iter().flat_map(|command| schema.keys(&entry_of(command))));
        assert_eq!(named, row.entries.iter().flat_map(|entry| schema.keys(entry)).collect(), "{}", row.of);
    }
    let mut entries: BTreeSet<String> = commands.into_iter().chain(items).flat_map(|row| row.entries).collect();
    assert!(entries.remove("item"), "it is no line: each item is of a kind");
    assert_eq!(entries, schema.lines());
}

#[test]
fn the_page_and_the_schema_name_the_same_keys_and_words() {
    let (names, page) = (Schema::read().names(), page::named());
    assert_eq!(names.iter().filter(|name| !page.contains(name.as_str())).collect::<Vec<_>>(), [""; 0]);
    let [commands, items] = page::rows();
    let is_known = |word: &&String| {
        // Options, commands, files, `aborted:REASON` and `!` are neither.
        let is_name = word.chars().all(|c| c.is_ascii_alphabetic() || c == '-') && !word.starts_with("--");
        !is_name || names.contains(*word) || commands.iter().any(|row| row.of.contains(&format!("`{word}`")))
    };
    let words = commands.iter().chain(&items).flat_map(|row| &row.words);
    assert_eq!(words.filter(|word| !is_known(word)).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_line_that_differs_is_found() {
    let schema = Schema::read();
    let sample = |entry: &str| lines::all().filter(|line| line.entry == entry).last().unwrap().object.clone();
    let differs = |entry: &str, change: &dyn Fn(&mut Value)| {
        let mut object = sample(entry);
        change(&mut object);
        schema.faults(entry, &object).len() == 1
    };
    assert!(differs("save", &|save| drop(save.as_object_mut().unwrap().remove("note"))), "a key is missing");
    assert!(differs("save", &|save| save["more"] = Value::Null), "a key is not named");
    assert!(differs("item-patch", &|patch| patch["files"] = json!([{ "path": "a" }])), "a key within is missing");
    assert!(differs("save", &|save| save["turn"] = json!("1")), "a number is a text");
    assert!(differs("save", &|save| save["savedAt"] = json!("2026-11-23 00:00")), "a time is none");
    assert!(differs("save", &|save| save["session"] = json!("01a20579")), "an id is cut");
    assert!(differs("save", &|save| save["name"] = Value::Null), "a text is missing");
    assert!(differs("session", &|session| session["place"] = json!("elsewhere")), "a word is another");
    assert!(differs("undone-save", &|undone| undone["back"] = json!({ "name": "alpha" })), "an object is not whole");
    let touching = lines::all().find(|line| line.object["files"][0]["path"].is_string()).unwrap();
    let mut object = touching.object.clone();
    object["files"][0]["more"] = json!(1);
    assert_eq!(schema.faults(&touching.entry, &object), ["/files/more is not named"], "a key within is not named");
}
