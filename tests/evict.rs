//! Evict beside those who use the files: real Codex of every era, whatever the moment, and processes that write to a file after it was moved
//! aside. Nothing that anybody wrote is lost, and whoever is disturbed is told.

#[path = "evict/races.rs"]
mod races;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::app_server::AppServer;
use crate::support::codex::{CURRENT, Codex, LEGACY};
use crate::support::synthetic::Synthetic;
use crate::support::{Home, Ran};

/// The versions of Codex: one that has locks and one that has none, or those that `CODEX_GIT_VERSIONS` names.
fn versions() -> Vec<&'static str> {
    match std::env::var("CODEX_GIT_VERSIONS") {
        Ok(versions) => versions.leak().split(',').collect(),
        Err(_) => vec![LEGACY, CURRENT],
    }
}

#[test]
fn a_session_that_codex_has_loaded_is_not_evicted() {
    for version in versions() {
        let codex = Codex::new(version);
        let id = codex.start("one");
        codex.home.ok("init -q --no-hooks");
        let mut server = AppServer::of(&codex);
        server.ask("thread/resume", json!({ "threadId": id }));
        let (place, before) = (codex.rollout(&id), fs::read(codex.rollout(&id)).unwrap());
        for words in ["evict", "evict --now", "evict --dry-run"] {
            let ran = codex.home.run(words.split(' ').chain([id.as_str()]));
            assert_eq!(ran.code, 1, "{version}: {words}\n{}", ran.stderr);
            let is_told = ["Codex has session", "another process has"].iter().any(|why| ran.stderr.contains(why));
            assert!(is_told && ran.stderr.contains("hint: close it"), "{version}: {}", ran.stderr);
            assert!(fs::read(&place).unwrap() == before, "{version}: {words}");
        }
        let told = codex.home.ok("evict --larger-than 1").stderr;
        assert!(told.contains("skipped 1 session") && place.exists(), "{version}: {told}");
        assert!(server.turn(&id, "two"), "{version}");
        codex.home.ok("record -q");
        let log = codex.home.ok(&format!("log --json {id}")).json();
        assert_eq!((&log[0]["prompt"], &log[1]["prompt"]), (&"two".into(), &"one".into()), "{version}");
        drop(server);
        codex.home.ok(&format!("evict {id}"));
        assert!(!place.exists(), "{version}: it can go once Codex has ended");
    }
}

#[test]
fn a_codex_that_finds_the_held_file_goes_on_in_it() {
    // Up to 0.130 Codex looks for a session's id in the names of all files.
    let codex = Codex::new(LEGACY);
    let id = codex.start("one");
    codex.home.ok("init -q --no-hooks");
    codex.home.ok(&format!("evict {id}"));
    codex.turn(&id, "two");
    assert_eq!(codex.server.last_history(), ["user: one", "assistant: reply to: one", "user: two"]);
    is_told_to_be_back(&codex.home.ok("record"));
    let log = codex.home.ok(&format!("log --json {id}")).json();
    assert_eq!((&log[0]["prompt"], &log[1]["prompt"]), (&"two".into(), &"one".into()));
    // And never an earlier state of it: whatever brought the file back, there is one.
    codex.home.ok(&format!("evict {id}"));
    codex.home.ok(&format!("restore {id}"));
    codex.home.ok(&format!("evict {id}"));
    codex.turn(&id, "three");
    assert_eq!(codex.server.last_history().len(), 5);
    codex.home.ok("verify");
}

/// A home with a session of three turns that was moved aside. Gives the session and where its file was.
fn held() -> (Home, Synthetic, PathBuf) {
    let (home, session) = (Home::empty(), Synthetic::new(7));
    let place = home.put(&session.name, session.rollout(3, 300).as_bytes());
    home.ok("init -q --no-hooks");
    let told = home.ok(&format!("evict {}", session.id)).stderr;
    assert!(told.contains("moved aside") && told.contains("frees the space a day after"), "{told}");
    assert!(!place.exists() && held_file(&place).is_some());
    (home, session, place)
}

const HELD: &str = ".codex-git-held-";

/// What holds the bytes of a file that was here.
fn held_file(place: &Path) -> Option<PathBuf> {
    let end = format!("-{}", place.file_name().unwrap().to_str().unwrap());
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(HELD) && name.ends_with(&end)
    };
    fs::read_dir(place.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).find(is_it)
}

/// Has it have been moved aside so many hours before it was: the time in nanoseconds stands in the name.
fn age(place: &Path, hours: u64) {
    let held = held_file(place).unwrap();
    let name = held.file_name().unwrap().to_str().unwrap();
    let (moved, rest) = name.strip_prefix(HELD).unwrap().split_once('.').unwrap();
    let before = moved.parse::<u64>().unwrap() - hours * 3600 * 1_000_000_000;
    fs::rename(&held, held.with_file_name(format!("{HELD}{before}.{rest}"))).unwrap();
}

fn append(path: &Path, text: &str) {
    fs::File::options().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn is_told_to_be_back(ran: &Ran) {
    assert!(
        ran.stderr.contains(" was written to after it was ") && ran.stderr.contains("is back in its place"),
        "{ran:?}"
    );
}

#[test]
fn a_held_file_that_the_store_lost_is_back_and_why_is_told() {
    for words in ["evict --now", "gc"] {
        let (home, session, place) = held();
        let whole = fs::read(held_file(&place).unwrap()).unwrap();
        age(&place, 25);
        fs::remove_dir_all(home.store()).unwrap();
        home.ok("init -q --no-hooks");
        let told = home.ok(words).stderr;
        assert!(told.contains("warning: the store did not hold all of `"), "{words}: {told}");
        assert!(told.contains("is back in its place, and recorded"), "{words}: {told}");
        assert!(!told.contains("written to") && !told.contains("waiting"), "{words}: {told}");
        assert!(fs::read(&place).unwrap() == whole && held_file(&place).is_none(), "{words}");
        assert!(!home.ok(&format!("log --json {}", session.id)).json().is_empty(), "{words}");
    }
}

#[test]
fn a_held_file_that_somebody_writes_to_is_back_and_recorded_at_the_next_look() {
    let of_it =
        ["log", "show", "save alpha", "fork", "record", "fork --turn 4", "restore"].map(|verb| format!("{verb} ID"));
    let of_all = ["record", "list", "evict --now", "gc", "evict --dry-run --now"].map(str::to_owned);
    for words in of_all.into_iter().chain(of_it) {
        let (home, session, place) = held();
        let words = words.replace("ID", &session.id);
        append(&held_file(&place).unwrap(), &session.turn(4, 300));
        is_told_to_be_back(&home.ok(&words));
        assert_eq!(fs::read_to_string(&place).unwrap(), session.rollout(4, 300), "{words}");
        assert!(held_file(&place).is_none(), "{words}");
        assert_eq!(home.git(&format!("log --format=%H {}", session.id)).lines().count(), 5, "{words}");
        home.ok("verify");
    }
}

#[test]
fn what_was_written_to_a_held_file_outlives_a_copy_of_it() {
    let (home, session, place) = held();
    // Somebody writes the session's file anew, and the one that has the old file open goes on writing.
    home.put(&session.name, session.rollout(3, 300).as_bytes());
    append(&held_file(&place).unwrap(), &session.turn(4, 300));
    home.ok("record");
    fs::remove_file(&place).unwrap();
    home.run(["evict", "--now"]);
    home.ok("record");
    home.run(["restore", &session.id]);
    assert_eq!(fs::read_to_string(&place).unwrap(), session.rollout(4, 300));
    home.ok("verify");
}

#[test]
fn restore_puts_the_held_file_itself_back() {
    let (home, session, place) = held();
    home.ok(&format!("restore {}", session.id));
    assert_eq!(fs::read_to_string(&place).unwrap(), session.rollout(3, 300));
    assert!(held_file(&place).is_none(), "no second file names the session");
}

#[test]
fn gc_removes_what_was_held_for_a_day_and_nobody_touched() {
    let (home, session, place) = held();
    assert!(!home.ok("gc").stderr.contains("freed") && held_file(&place).is_some(), "it is not time yet");
    age(&place, 23);
    assert!(!home.ok("gc").stderr.contains("freed") && held_file(&place).is_some(), "it is not time yet");
    age(&place, 2);
    let told = home.ok("gc").stderr;
    assert!(told.contains("freed") && told.contains("of 1 held file"), "{told}");
    assert!(held_file(&place).is_none() && !place.exists());
    home.ok(&format!("restore {}", session.id));
    assert_eq!(fs::read_to_string(&place).unwrap(), session.rollout(3, 300));
}

#[test]
fn gc_leaves_what_a_process_has_open() {
    let (home, session, place) = held();
    age(&place, 25);
    let held = held_file(&place).unwrap();
    // This test is the process: the program is another.
    let mut open = fs::File::options().append(true).open(&held).unwrap();
    for words in [&["gc"][..], &["evict", "--now"]] {
        let ran = home.run(words);
        assert_eq!(ran.code, 1, "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("another process has") && held.exists(), "{}", ran.stderr);
    }
    open.write_all(session.turn(4, 300).as_bytes()).unwrap();
    drop(open);
    is_told_to_be_back(&home.ok("gc"));
    assert_eq!(fs::read_to_string(&place).unwrap(), session.rollout(4, 300));
}

#[test]
fn gc_puts_back_what_the_store_does_not_have() {
    let (home, session, place) = held();
    age(&place, 25);
    home.git(&format!("update-ref -d refs/heads/{}", session.id));
    home.ok("gc");
    assert_eq!(fs::read_to_string(&place).unwrap(), session.rollout(3, 300));
    home.ok(&format!("log {}", session.id));
    home.ok("verify");
}

#[test]
fn gc_leaves_what_the_store_has_broken() {
    let (home, session, place) = held();
    age(&place, 25);
    let blob = home.git(&format!("rev-parse {}:0000/02.jsonl", session.id));
    let object = home.store().join("objects").join(&blob[..2]).join(blob[2..].trim());
    fs::remove_file(&object).unwrap();
    fs::write(&object, "broken").unwrap();
    let ran = home.run(["gc"]);
    assert!(ran.stderr.contains("broken") && !ran.stderr.contains("freed"), "{}", ran.stderr);
    let left = held_file(&place).unwrap_or_else(|| place.clone());
    assert_eq!(fs::read_to_string(left).unwrap(), session.rollout(3, 300));
    home.run(["verify", "--repair"]);
    home.ok("verify");
}

#[test]
fn what_is_held_is_told_and_freed_on_demand() {
    let (home, session, place) = held();
    let told = home.ok("doctor").stdout;
    assert!(told.contains("1 evicted file, ") && told.contains("the first can go in 24 hours"), "{told}");
    let told = home.ok("doctor --json").json().remove(0);
    let bytes = session.rollout(3, 300).len();
    assert_eq!((&told["heldFiles"], &told["heldBytes"]), (&1.into(), &bytes.into()));
    age(&place, 25);
    let told = home.ok("doctor").stdout;
    assert!(told.contains("`codex-git gc` frees them"), "{told}");
    let told = home.ok("evict --now --dry-run").stderr;
    assert!(told.contains("would free") && told.contains("of 1 held file") && held_file(&place).is_some(), "{told}");
    let told = home.ok("evict --now").stderr;
    assert!(told.contains("freed") && held_file(&place).is_none(), "{told}");
    assert!(home.ok("evict --now").stderr.contains("no rollout is waiting to be removed"));
    assert!(!home.ok("doctor").stdout.contains("evicted file"));
    home.ok(&format!("restore {}", session.id));
    assert_eq!(fs::read_to_string(&place).unwrap(), session.rollout(3, 300));
}

#[test]
fn a_session_that_was_moved_aside_is_freed_by_its_name() {
    let (home, session, place) = held();
    let told = home.ok(&format!("evict {} --now", session.id)).stderr;
    assert!(told.starts_with("freed ") && told.contains(" of 1 held file") && held_file(&place).is_none(), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    // Now there is nothing to free, and no file of it.
    let again = home.run(["evict", &session.id, "--now"]);
    assert!(again.code == 1 && again.stderr.contains("has no rollout"), "{again:?}");
    home.ok(&format!("restore {}", session.id));
    assert!(place.exists());
}

#[test]
fn what_is_moved_aside_and_what_is_not_are_freed_together() {
    let (home, session, place) = held();
    let other = Synthetic::new(8);
    let there = home.put(&other.name, other.rollout(2, 300).as_bytes());
    let told = home.ok(&format!("evict {} {} --now", session.id, other.id)).stderr;
    assert!(told.contains(" of 1 held file\n") && told.contains(" of 1 session "), "{told}");
    assert!(held_file(&place).is_none() && !there.exists(), "{told}");
}
