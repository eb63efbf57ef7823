//! The whole way with real Codex: it writes sessions, codex-git saves and forks them, it continues them, and the model server sees
//! exactly the history that it should.

use std::fs;

use crate::support::codex::{CURRENT, Codex, LEGACY};
use crate::support::ran;

/// What the server sees of prompts that were answered, then of a new prompt.
fn history(answered: &[&str], prompt: &str) -> Vec<String> {
    let mut all: Vec<String> = answered
        .iter()
        .flat_map(|prompt| [format!("user: {prompt}"), format!("assistant: reply to: {prompt}")])
        .collect();
    all.push(format!("user: {prompt}"));
    all
}

/// A session of two turns, recorded.
fn session() -> (Codex, String) {
    let codex = Codex::new(CURRENT);
    let id = codex.start("one");
    codex.turn(&id, "two");
    codex.home.ok("init -q");
    (codex, id)
}

fn fork(codex: &Codex, revision: &str) -> String {
    codex.home.ok(&format!("-q fork {revision}")).stdout.trim().to_owned()
}

fn prompts(codex: &Codex, revision: &str) -> Vec<String> {
    let log = codex.home.ok(&format!("log --json {revision}")).json();
    log.iter().rev().map(|turn| turn["prompt"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn save_and_resume_by_name() {
    let (codex, id) = session();
    codex.home.ok("save alpha");
    let output = ran(codex.resuming("three").args(["resume", "alpha"]).output().unwrap());
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stderr.contains(&format!("codex resume {id}")));
    assert_eq!(codex.server.last_history(), history(&["one", "two"], "three"));
    assert_eq!(codex.server.last_session(), id);
    assert_eq!(prompts(&codex, &id), ["one", "two", "three"]);
}

#[test]
fn fork_by_name_after_save() {
    let (codex, id) = session();
    codex.home.ok("save alpha");
    let fork = fork(&codex, "alpha");
    assert_ne!(fork, id);
    let answer = codex.turn(&fork, "three");
    assert!(answer.stdout.contains("reply to: three"), "{answer:?}");
    assert_eq!(codex.server.last_session(), fork);
}

#[test]
fn fork_by_id() {
    let (codex, id) = session();
    let fork = fork(&codex, &id[..13]);
    codex.turn(&fork, "three");
    assert_eq!(codex.server.last_history(), history(&["one", "two"], "three"));
}

#[test]
fn fork_and_resume_at_once() {
    let (codex, _) = session();
    codex.home.ok("save alpha");
    let output = ran(codex.resuming("three").args(["fork", "alpha", "--resume"]).output().unwrap());
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(codex.server.last_history(), history(&["one", "two"], "three"));
}

#[test]
fn the_fork_extends_the_base_and_the_source_stays_unchanged() {
    let (codex, id) = session();
    let before = fs::read(codex.rollout(&id)).unwrap();
    let fork = fork(&codex, &id);
    codex.turn(&fork, "three");
    assert_eq!(fs::read(codex.rollout(&id)).unwrap(), before);
    let (base, extended) = (before, fs::read(codex.rollout(&fork)).unwrap());
    let after_first_line = |bytes: &[u8]| bytes[bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1..].to_vec();
    assert!(after_first_line(&extended).starts_with(&after_first_line(&base)));
    let metas =
        String::from_utf8(extended).unwrap().lines().filter(|line| line.contains("\"type\":\"session_meta\"")).count();
    assert_eq!(metas, 1);
    assert_eq!(prompts(&codex, &fork), ["one", "two", "three"]);
    assert_eq!(codex.home.git(&format!("merge-base {id} {fork}")), codex.home.git(&format!("rev-parse {id}")));
    codex.home.ok("verify");
}

#[test]
fn messages_in_a_fork_do_not_touch_the_original() {
    let (codex, id) = session();
    let fork = fork(&codex, &id);
    codex.turn(&fork, "only in the fork");
    codex.turn(&id, "only in the original");
    assert_eq!(codex.server.last_history(), history(&["one", "two"], "only in the original"));
    assert_eq!(prompts(&codex, &id), ["one", "two", "only in the original"]);
    assert_eq!(prompts(&codex, &fork), ["one", "two", "only in the fork"]);
}

#[test]
fn turns_after_a_save_are_in_a_fork_of_the_session_but_not_in_one_of_the_save() {
    let (codex, id) = session();
    codex.home.ok("save alpha");
    codex.turn(&id, "three");
    let (of_save, of_session) = (fork(&codex, "alpha"), fork(&codex, &id));
    codex.turn(&of_save, "four");
    assert_eq!(codex.server.last_history(), history(&["one", "two"], "four"));
    codex.turn(&of_session, "four");
    assert_eq!(codex.server.last_history(), history(&["one", "two", "three"], "four"));
}

#[test]
fn same_name_twice() {
    let (codex, id) = session();
    codex.home.ok("save alpha");
    codex.turn(&id, "three");
    let told = codex.home.ok("save alpha").stderr;
    assert!(told.contains("saved alpha: turn 3") && told.contains("moved from turn 2"), "{told}");
    assert_eq!(codex.home.ok("saves --json").json().len(), 1);
    codex.turn(&fork(&codex, "alpha"), "four");
    assert_eq!(codex.server.last_history(), history(&["one", "two", "three"], "four"));
}

#[test]
fn two_names_one_session() {
    let (codex, id) = session();
    codex.home.ok("save alpha");
    codex.turn(&id, "three");
    codex.home.ok("save beta");
    let saves = codex.home.ok("saves --json").json();
    assert!(saves.iter().all(|save| save["conversationId"] == id.as_str()) && saves.len() == 2);
    assert_eq!(prompts(&codex, "alpha"), ["one", "two"]);
    assert_eq!(prompts(&codex, "beta"), ["one", "two", "three"]);
}

#[test]
fn the_request_after_resuming_a_fork_holds_exactly_the_history_up_to_the_save() {
    let codex = Codex::new(CURRENT);
    let id = codex.start("first [[shell:echo tool-$((6*7))]]");
    codex.turn(&id, "second");
    codex.home.ok("init -q");
    codex.home.ok("save alpha");
    codex.turn(&id, "not this one");
    codex.turn(&fork(&codex, "alpha"), "new prompt");
    let expected = [
        "user: first [[shell:echo tool-$((6*7))]]",
        "tool: tool-42",
        "assistant: reply to: first [[shell:echo tool-$((6*7))]]",
        "user: second",
        "assistant: reply to: second",
        "user: new prompt",
    ];
    assert_eq!(codex.server.last_history(), expected);
    codex.turn(&fork(&codex, "alpha~1"), "from the first turn");
    assert_eq!(codex.server.last_history()[3..], ["user: from the first turn"]);
}

#[test]
fn a_deleted_rollout_comes_back_and_goes_on() {
    let (codex, id) = session();
    let path = codex.rollout(&id);
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let output = ran(codex.resuming("three").args(["resume", &id]).output().unwrap());
    assert!(output.code == 0 && output.stderr.contains("restored the missing rollout"), "{output:?}");
    assert_eq!(codex.server.last_history(), history(&["one", "two"], "three"));
    assert!(fs::read(&path).unwrap().starts_with(&bytes));
    codex.home.ok("record");
    codex.home.ok("verify");
}

#[test]
fn a_fork_of_a_lost_session_goes_on() {
    let (codex, id) = session();
    codex.home.ok("save alpha");
    fs::remove_file(codex.rollout(&id)).unwrap();
    codex.turn(&fork(&codex, "alpha"), "three");
    assert_eq!(codex.server.last_history(), history(&["one", "two"], "three"));
}

#[test]
fn live_recording_gives_the_commits_of_an_import() {
    let codex = Codex::new(CURRENT);
    codex.home.ok("init -q");
    let id = codex.start("one");
    codex.home.ok("record");
    codex.interrupt(&id, "stopped [[hang]]");
    codex.home.ok("record");
    codex.turn(&id, "an error [[fail]]");
    codex.home.ok("record");
    codex.turn(&id, "last");
    codex.home.ok("record");
    let log = codex.home.ok(&format!("log --json {id}")).json();
    let statuses: Vec<_> = log.iter().rev().map(|turn| turn["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["complete", "aborted:interrupted", "error", "complete"]);
    let live = codex.home.refs();
    fs::remove_dir_all(codex.home.store()).unwrap();
    codex.home.ok("init -q");
    assert_eq!(codex.home.refs(), live);
    codex.home.ok("verify");
}

#[test]
fn sessions_of_an_old_version_are_kept_forked_and_continued_by_both() {
    let codex = Codex::new(LEGACY);
    let id = codex.start("one");
    codex.turn(&id, "two");
    codex.home.ok("init -q");
    // Without end markers the last turn stays open, and still is part of a save.
    codex.home.ok("save alpha");
    assert_eq!(prompts(&codex, "alpha"), ["one", "two"]);
    let (old, new) = (fork(&codex, "alpha"), fork(&codex, "alpha~1"));
    codex.turn(&old, "three");
    assert_eq!(codex.server.last_history(), history(&["one", "two"], "three"));
    let codex = codex.with_version(CURRENT);
    codex.turn(&new, "three");
    assert_eq!(codex.server.last_history(), history(&["one"], "three"));
    assert_eq!(prompts(&codex, &old), ["one", "two", "three"]);
    assert_eq!(prompts(&codex, &new), ["one", "three"]);
    codex.home.ok("verify");
}
