//! Saves over time: made, moved, undone, deleted; and what a name means then.

use std::fs;

use serde_json::Value;

use crate::support::story::Written;
use crate::support::{Fixture, Home, line_ends};

const CASE: &str = "0.169";

fn home() -> (Home, String) {
    let home = Home::with(&[CASE]);
    home.ok("init -q --no-hooks");
    (home, Fixture::named(CASE).id())
}

/// The turn that a save stands on; `None` if it is gone.
fn turn(home: &Home, name: &str) -> Option<u64> {
    let saves = home.ok("saves --json").json();
    saves.iter().find(|save| save["name"] == name).map(|save| save["turn"].as_u64().unwrap())
}

#[test]
fn undo_takes_back_one_save_after_the_other() {
    let (home, id) = home();
    for back in [2, 1, 0] {
        home.ok(&format!("save alpha {id}~{back}"));
    }
    let last = turn(&home, "alpha").unwrap();
    let mut seen = Vec::new();
    while let Some(turn) = turn(&home, "alpha") {
        seen.push(turn);
        home.ok("save --undo alpha");
    }
    assert_eq!(seen, [last, last - 1, last - 2]);
    assert!(home.run(["save", "--undo", "alpha"]).stderr.contains("there is no save `alpha`"));
    home.ok(&format!("save alpha {id}~1"));
    home.ok(&format!("save alpha {id}"));
    let told = home.ok("save --undo alpha").stderr;
    assert_eq!(told, format!("alpha is back on turn {} of {}\n", last - 1, &id[..13]));
    let told = home.ok("save --undo alpha").stderr;
    assert!(told.starts_with("deleted the save alpha; its turn stays\nto undo: codex-git save alpha "), "{told}");
    // A name that was saved twice at the same point is gone after two.
    home.ok(&format!("save dup {id}"));
    home.ok(&format!("save dup {id}"));
    home.ok("save --undo dup");
    home.ok("save --undo dup");
    assert_eq!(turn(&home, "dup"), None);
}

#[test]
fn of_several_saves_in_one_second_the_last_is_undone_first() {
    let (home, id) = home();
    for name in ["b", "c", "a"] {
        home.ok(&format!("save -q {name} {id}"));
    }
    for name in ["a", "c", "b"] {
        let told = home.ok("save --undo").stderr;
        assert!(told.contains(&format!("deleted the save {name};")), "{name}: {told}");
    }
}

#[test]
fn undo_and_save_again_and_undo() {
    let (home, id) = home();
    home.ok(&format!("save a {id}~2"));
    home.ok(&format!("save a {id}~1"));
    home.ok("save --undo a");
    home.ok(&format!("save a {id}"));
    let first = turn(&home, "a").unwrap() - 2;
    home.ok("save --undo a");
    assert_eq!(turn(&home, "a"), Some(first));
    home.ok("save --undo a");
    assert_eq!(turn(&home, "a"), None);
}

#[test]
fn the_name_that_a_save_gave_to_its_session_goes_with_it() {
    let (home, id) = home();
    home.ok(&format!("save alpha {id}~1"));
    // As Codex does when it is asked to name the session.
    let line = format!("{{\"id\":\"{id}\",\"thread_name\":\"alpha\",\"updated_at\":\"2026-11-22T22:58:27Z\"}}\n");
    fs::write(home.path().join("session_index.jsonl"), line).unwrap();
    assert_eq!(home.ok("list --all --json").json()[0]["name"], "alpha");
    home.ok("save --delete alpha");
    let ran = home.run(["fork", "alpha"]);
    assert!(ran.code == 1 && ran.stderr.contains("no saved session or rollout found for `alpha`"), "{}", ran.stderr);
    assert_eq!(home.ok("list --all --json").json()[0]["name"], Value::Null);
    // A name that a person gave stays, whatever saves come and go.
    let line = format!("{{\"id\":\"{id}\",\"thread_name\":\"mine\",\"updated_at\":\"2026-11-22T22:58:27Z\"}}\n");
    fs::write(home.path().join("session_index.jsonl"), line).unwrap();
    home.ok("save mine");
    home.ok("save --delete mine");
    assert_eq!(home.ok("list --all --json").json()[0]["name"], "mine");
}

#[test]
fn a_fork_that_nobody_has_opened_is_not_the_current_session() {
    let (home, id) = home();
    let fork = home.ok(&format!("fork -q {id}~1")).stdout.trim().to_owned();
    home.ok("save here");
    assert_eq!(home.ok("saves --json").json()[0]["session"], *id);
    // Once it has a turn of its own, it is.
    let fixture = Fixture::named(CASE);
    let place = walk(&home.path().join("sessions")).into_iter().find(|path| path.contains(&fork)).unwrap();
    let ends = line_ends(&fixture.bytes);
    let last = &fixture.bytes[ends[ends.len() - 12]..];
    let mut bytes = fs::read(&place).unwrap();
    bytes.extend(last);
    fs::write(&place, bytes).unwrap();
    home.ok("save there");
    let saves = home.ok("saves --json").json();
    assert_eq!(saves.iter().find(|save| save["name"] == "there").unwrap()["session"], *fork);
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(walk(&path));
        } else {
            all.push(path.to_str().unwrap().to_owned());
        }
    }
    all
}

#[test]
fn a_save_of_a_session_of_another_directory_says_so() {
    let (home, _) = home();
    let told = home.ok("save alpha").stderr;
    assert!(told.contains("that session is in ") && told.contains(", not in this directory"), "{told}");
    assert!(!home.ok("save beta alpha").stderr.contains("not in this directory"), "a revision was named");
}

#[test]
fn a_name_that_means_something_else_already_is_warned_of() {
    let (home, id) = home();
    assert!(home.ok(&format!("save 3 {id}")).stderr.contains("warning: `3` is a turn's number, too"));
    let beginning = &id[..8];
    let told = home.ok(&format!("save {beginning} {id}")).stderr;
    assert!(told.contains("is the beginning of a session's id, too"), "{told}");
    for number in 0xa1..0xa9 {
        Written::new(number).turn("one of several").put(&home);
    }
    home.ok("record");
    let several = home.run(["log", "01a20f86"]).stderr;
    assert!(several.contains("is the beginning of 8 session ids\nhint: type more of it: "), "{several}");
    assert!(several.ends_with("00a5, … (3 more)\n"), "{several}");
    let told = home.ok(&format!("save 01a20f86 {id}")).stderr;
    assert!(told.contains("warning: `01a20f86` is the beginning of several session ids, too"), "{told}");
}

#[test]
fn a_note_is_kept_with_a_save() {
    let (home, id) = home();
    let mut command = home.command();
    command.args(["save", "alpha", &id, "-m", "before it\tbreaks"]);
    assert!(command.output().unwrap().status.success());
    assert_eq!(home.ok("saves --json").json()[0]["note"], "before it breaks");
    assert!(home.ok("saves").stdout.contains("before it breaks"));
}

#[test]
fn a_save_of_a_turn_that_runs_stands_on_that_turn_when_it_has_ended() {
    let (home, fixture) = (Home::empty(), Fixture::named(CASE));
    let text = String::from_utf8(fixture.bytes.clone()).unwrap();
    let end = text.find("\"type\":\"task_complete\"").unwrap();
    let line = text[..end].rfind('\n').unwrap() + 1;
    home.put(&fixture.name, &fixture.bytes[..line]);
    home.ok("init -q --no-hooks");
    home.ok("save running");
    home.put(&fixture.name, &fixture.bytes);
    let log = home.ok(&format!("log --json {}", fixture.id())).json();
    let first = log.last().unwrap();
    assert_eq!((&first["turn"], &first["saves"]), (&1.into(), &serde_json::json!(["running"])));
}

#[test]
fn names_of_plain_git_that_no_save_can_have_are_none() {
    let (home, id) = home();
    home.ok(&format!("save alpha {id}"));
    let tag = home.git("rev-parse refs/tags/alpha");
    fs::write(home.store().join("refs/tags/al\rpha"), tag).unwrap();
    assert_eq!(home.ok("saves --json").json().len(), 1);
}

#[test]
fn a_fork_that_takes_a_name_says_where_it_stood() {
    let (home, id) = home();
    home.ok(&format!("save keep {id}"));
    let forked = home.ok(&format!("fork {id}~1 --name keep")).stderr;
    assert!(forked.contains("saved its first point as keep\n  moved from turn "), "{forked}");
    home.ok("save --undo keep");
    assert_eq!(turn(&home, "keep"), home.ok(&format!("log --json {id}")).json()[0]["turn"].as_u64());
}

#[test]
fn a_fork_of_an_unfinished_turn_that_nobody_opened_is_not_where_the_person_is() {
    let Fixture { name, bytes, .. } = Fixture::named(CASE);
    let ends = line_ends(&bytes);
    let home = Home::empty();
    home.put(&name, &bytes[..ends[ends.len() - 3]]);
    home.ok("init -q --no-hooks");
    let id = Fixture::named(CASE).id();
    assert!(home.ok("log -n 1").stdout.contains("open"));
    home.ok(&format!("fork {id}"));
    home.ok("save here @");
    assert_eq!(home.ok("saves --json").json()[0]["session"], id.as_str());
}

#[test]
fn a_note_is_one_line() {
    let (home, id) = home();
    let note = |name: &str| {
        home.ok("saves --json").json().into_iter().find(|save| save["name"] == name).unwrap()["note"].clone()
    };
    for breaks in ["a\nb's", "a\r\nb's", "a\rb's", "a \u{2028} b's"] {
        let ran = home.run(["save", "alpha", &id, "-m", breaks]);
        assert!(ran.code == 2 && ran.stderr.contains("error: a note is one line"), "{breaks:?}: {ran:?}");
        assert!(ran.stderr.contains(&format!("hint: codex-git save -m 'a b'\\''s' alpha {id}\n")), "{ran:?}");
    }
    assert_eq!(turn(&home, "alpha"), None);
    assert_eq!(home.run(["save", "alpha", &id, "-m", "a b's\n"]).code, 0);
    assert_eq!(note("alpha"), "a b's");
}
