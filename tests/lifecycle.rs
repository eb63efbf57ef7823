//! All that real Codex does to its sessions: it forks, rewinds, compacts, archives, migrates and deletes them. Nothing is lost, and what comes
//! back is what it was, as Codex and the model server see it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::app_server::AppServer;
use crate::support::codex::{CURRENT, Codex, LEGACY};

fn session() -> (Codex, String) {
    let codex = Codex::new(CURRENT);
    let id = codex.start("one");
    codex.turn(&id, "two");
    codex.turn(&id, "three");
    codex.home.ok("init -q --no-hooks");
    (codex, id)
}

/// What was asked and answered before the last prompt that the server got, as it saw it.
fn asked(codex: &Codex) -> Vec<String> {
    let history = codex.server.last_history();
    history.iter().filter_map(|line| line.strip_prefix("user: ").map(str::to_owned)).collect()
}

fn prompts(codex: &Codex, words: &str) -> Vec<String> {
    let log = codex.home.ok(&format!("log --json {words}")).json();
    log.iter().rev().map(|turn| turn["prompt"].as_str().unwrap().to_owned()).collect()
}

/// Codex's id of a turn.
fn turn_id(codex: &Codex, session: &str, turn: u32) -> String {
    codex.home.ok("record -q");
    let commit = codex.home.ok(&format!("log --json {session}")).json();
    let commit = commit.iter().find(|entry| entry["turn"] == turn).unwrap()["commit"].as_str().unwrap().to_owned();
    let ids = codex.home.git(&format!("log -1 --format=%(trailers:key=Codex-Turn-Id,valueonly) {commit}"));
    ids.split_whitespace().last().unwrap().to_owned()
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.append(&mut files(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

/// The rollouts, without those that are held to be removed later.
fn sessions(codex: &Codex) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = files(&codex.home.path().join("sessions"));
    all.append(&mut files(&codex.home.path().join("archived_sessions")));
    all.retain(|path, _| !path.file_name().unwrap().to_str().unwrap().starts_with(".codex-git-held-"));
    all
}

#[test]
fn codex_s_own_forks_and_forks_of_forks() {
    let (codex, id) = session();
    let fork = AppServer::of(&codex).fork(&id);
    codex.turn(&fork, "in the fork");
    let again = AppServer::of(&codex).fork(&fork);
    codex.turn(&again, "in the fork of the fork");
    codex.turn(&id, "in the base");
    codex.home.ok("record");
    assert_eq!(prompts(&codex, &again), ["one", "two", "three", "in the fork", "in the fork of the fork"]);
    assert_eq!(prompts(&codex, &fork), ["one", "two", "three", "in the fork"]);
    assert_eq!(prompts(&codex, &id), ["one", "two", "three", "in the base"]);
    codex.home.ok("verify");
    // What codex-git forks of it stands alone, and Codex asks the model the same.
    codex.turn(&again, "next");
    let native = codex.server.last_history();
    let own = codex.home.ok(&format!("-q fork {again}~1")).stdout.trim().to_owned();
    codex.turn(&own, "next");
    assert_eq!(codex.server.last_history(), native);
    // The bases are refused to be evicted while the fork needs them, and all of them come back for it.
    let before = sessions(&codex);
    assert_eq!(codex.home.run(["evict", &id]).code, 1);
    codex.home.ok("evict --larger-than 1");
    assert!(sessions(&codex).is_empty());
    codex.ok(&format!("restore {again}"));
    let back = sessions(&codex);
    assert_eq!(back.len(), 3);
    assert!(back.iter().all(|(path, bytes)| before[path] == *bytes));
    codex.turn(&again, "after all");
    assert_eq!(asked(&codex), ["one", "two", "three", "in the fork", "in the fork of the fork", "next", "after all"]);
}

#[test]
fn going_back_twice() {
    let (codex, id) = session();
    let third = turn_id(&codex, &id, 3);
    AppServer::of(&codex).revert(&id, &third);
    codex.turn(&id, "three again");
    assert_eq!(asked(&codex), ["one", "two", "three again"]);
    let second = turn_id(&codex, &id, 2);
    AppServer::of(&codex).revert(&id, &second);
    codex.turn(&id, "two again");
    assert_eq!(asked(&codex), ["one", "two again"]);
    assert_eq!(prompts(&codex, &id), ["one", "two again"]);
    let all = codex.home.ok(&format!("log --json --all-turns {id}")).json();
    let left: Vec<_> = all.iter().filter(|turn| turn["aside"] == "left-behind").collect();
    let told: Vec<_> = left.iter().map(|turn| turn["prompt"].as_str().unwrap()).collect();
    assert_eq!(told, ["three again", "two", "three"]);
    codex.home.ok("verify");
    for (turn, expected) in
        left.iter().zip([&["one", "two", "three again"][..], &["one", "two"], &["one", "two", "three"]])
    {
        let fork = codex.home.ok(&format!("-q fork {}", turn["commit"].as_str().unwrap())).stdout.trim().to_owned();
        codex.turn(&fork, "from there");
        assert_eq!(asked(&codex), [expected, &["from there"]].concat());
    }
    // All three files come back, and Codex goes on in the last.
    let before = files(codex.rollout(&id).parent().unwrap());
    codex.exec(&["delete", "--force", &id]);
    codex.ok(&format!("restore {id}"));
    for (path, bytes) in &before {
        assert!(fs::read(path).unwrap() == *bytes, "{}", path.display());
    }
    codex.turn(&id, "last");
    assert_eq!(asked(&codex), ["one", "two again", "last"]);
}

#[test]
fn a_compacted_and_archived_session_comes_back_after_its_deletion() {
    let (codex, id) = session();
    AppServer::of(&codex).compact(&id);
    codex.turn(&id, "after the compaction");
    let history = codex.server.last_history();
    assert_eq!(codex.exec(&["archive", &id]).code, 0);
    let listed = || codex.home.ok("list --all --json").json().remove(0);
    assert_eq!(listed()["place"], "archived");
    assert_eq!(codex.exec(&["unarchive", &id]).code, 0);
    assert_eq!(listed()["place"], "active");
    let tip = codex.home.git(&format!("rev-parse {id}"));
    codex.ok(&format!("rename {id} the-compacted-one"));
    codex.home.ok("record");
    let before = sessions(&codex);
    codex.exec(&["delete", "--force", &id]);
    assert!(sessions(&codex).is_empty());
    assert_eq!((&listed()["place"], &listed()["name"]), (&"store".into(), &"the-compacted-one".into()));
    codex.ok(&format!("restore {id}"));
    assert!(sessions(&codex) == before);
    assert_eq!(codex.home.git(&format!("rev-parse {id}")), tip);
    assert!(fs::read_to_string(codex.home.path().join("session_index.jsonl")).unwrap().contains("the-compacted-one"));
    codex.turn(&id, "after the restore");
    let expected =
        [history, vec!["assistant: reply to: after the compaction".into(), "user: after the restore".into()]];
    assert_eq!(codex.server.last_history(), expected.concat());
}

#[test]
fn a_session_that_was_archived_comes_back_into_the_archive() {
    let (codex, id) = session();
    codex.exec(&["archive", &id]);
    codex.home.ok("record");
    let before = sessions(&codex);
    codex.home.ok(&format!("evict {id}"));
    codex.ok(&format!("restore {id}"));
    assert!(sessions(&codex) == before);
    assert_eq!(codex.exec(&["unarchive", &id]).code, 0);
    codex.turn(&id, "four");
    assert_eq!(asked(&codex), ["one", "two", "three", "four"]);
}

#[test]
fn a_migrated_session_is_both_that_it_was() {
    let codex = Codex::new(LEGACY);
    let id = codex.start("one");
    codex.turn(&id, "two");
    codex.turn(&id, "three");
    let legacy = fs::read(codex.rollout(&id)).unwrap();
    codex.home.ok("init -q --no-hooks");
    let codex = codex.with_version(CURRENT);
    let ran = codex.exec(&["migrate-rollouts", "--apply"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let migrated = fs::read(codex.rollout(&id)).unwrap();
    assert!(migrated != legacy);
    let ran = codex.home.ok(&format!("log {id}"));
    assert!(ran.stderr.contains("was rewritten"), "{}", ran.stderr);
    assert_eq!(prompts(&codex, &id), ["one", "two", "three"]);
    assert_eq!(prompts(&codex, &format!("{id}@{{before}}")), ["one", "two", "three"]);
    let out = codex.home.work().join("out");
    codex.home.run(["restore", &format!("{id}@{{before}}"), "--to", out.to_str().unwrap()]);
    assert!(files(&out).into_values().eq([legacy]));
    let ran = codex.home.run(["restore", &format!("{id}@{{before}}")]);
    assert!(ran.code == 1 && ran.stderr.contains(&format!("hint: codex-git restore --as-fork {id}@{{before}}")));
    // A turn's made-up end stands after the prompt of the next: a fork there does not ask it.
    for from in [format!("{id}@{{before}}~1"), format!("{id}^2~1")] {
        let fork = codex.home.ok(&format!("-q restore --as-fork {from}")).stdout.trim().to_owned();
        codex.turn(&fork, "next");
        assert_eq!(asked(&codex), ["one", "two", "next"], "{from}");
    }
    codex.turn(&id, "four");
    assert_eq!(asked(&codex), ["one", "two", "three", "four"]);
    assert_eq!(prompts(&codex, &id), ["one", "two", "three", "four"]);
    codex.home.ok("verify");
}

#[test]
fn a_home_of_which_only_the_store_is_left() {
    let (codex, first) = session();
    let second = codex.start("second session");
    let third = AppServer::of(&codex).fork(&first);
    codex.turn(&third, "forked");
    codex.ok(&format!("rename {second} called-so"));
    codex.home.ok("record");
    let before = sessions(&codex);
    for entry in fs::read_dir(codex.home.path()).unwrap() {
        let path = entry.unwrap().path();
        match path.file_name().unwrap().to_str().unwrap() {
            "sessions.git" | "config.toml" => {}
            _ if path.is_dir() => fs::remove_dir_all(&path).unwrap(),
            _ => fs::remove_file(&path).unwrap(),
        }
    }
    codex.ok("restore --deleted");
    assert!(sessions(&codex) == before);
    assert!(codex.home.ok("restore --deleted").stderr.contains("every session"));
    codex.turn(&first, "on");
    assert_eq!(asked(&codex), ["one", "two", "three", "on"]);
    codex.turn(&third, "on");
    assert_eq!(asked(&codex), ["one", "two", "three", "forked", "on"]);
    codex.turn("called-so", "on");
    assert_eq!(asked(&codex), ["second session", "on"]);
    assert_eq!(codex.server.last_session(), second);
    codex.home.ok("verify");
}

#[test]
fn turns_that_an_older_codex_takes_back() {
    let codex = Codex::new(LEGACY);
    let id = codex.start("one");
    codex.turn(&id, "two");
    codex.turn(&id, "three");
    codex.home.ok("init -q --no-hooks");
    let mut server = AppServer::of(&codex);
    server.ask("thread/resume", json!({ "threadId": id }));
    server.ask("thread/rollback", json!({ "threadId": id, "numTurns": 2 }));
    drop(server);
    let aside = || -> Vec<bool> {
        let log = codex.home.ok(&format!("log --json {id}")).json();
        log.iter().rev().map(|turn| turn["aside"] == "taken-back").collect()
    };
    assert_eq!(aside(), [false, true, true]);
    codex.turn(&id, "two again");
    assert_eq!(asked(&codex), ["one", "two again"]);
    assert_eq!(aside(), [false, true, true, false]);
    // A fork at a turn before is what the conversation was; one after has what was taken back as Codex has it.
    let fork = codex.home.ok(&format!("-q fork {id} --turn 2")).stdout.trim().to_owned();
    codex.turn(&fork, "on");
    assert_eq!(asked(&codex), ["one", "two", "on"]);
    let fork = codex.home.ok(&format!("-q fork {id}")).stdout.trim().to_owned();
    codex.turn(&fork, "on");
    assert_eq!(asked(&codex), ["one", "two again", "on"]);
    codex.home.ok("verify");
}

#[test]
fn a_session_of_the_first_era_is_upgraded() {
    let codex = Codex::new(CURRENT);
    let fixture = crate::support::Fixture::named("0.20");
    codex.home.put(&fixture.name, &fixture.bytes);
    codex.home.ok("init -q --no-hooks");
    for words in ["fork", "resume"] {
        let ran = codex.home.run([words, &fixture.id()]);
        assert!(ran.code == 1 && ran.stderr.contains("hint: codex-git fork --upgrade"), "{}", ran.stderr);
    }
    let fork = codex.home.ok(&format!("-q fork --upgrade {}", fixture.id())).stdout.trim().to_owned();
    codex.turn(&fork, "on");
    let history = codex.server.last_history();
    assert_eq!(asked(&codex), ["first plain turn", "on"]);
    assert!(history.iter().any(
        |line| line.starts_with("assistant: reply 2 to: first plain turn") || line.contains("to: first plain turn")
    ));
    codex.home.ok("verify");
}

#[test]
fn what_codex_has_open_is_not_evicted() {
    let (codex, id) = session();
    let mut server = AppServer::of(&codex);
    server.ask("thread/resume", json!({ "threadId": id }));
    let ran = codex.home.run(["evict", &id]);
    assert!(ran.code == 1 && ran.stderr.contains("Codex has session"), "{}", ran.stderr);
    drop(server);
    let before = sessions(&codex);
    let told = codex.home.ok(&format!("evict --dry-run {id}")).stderr;
    assert!(told.contains("would free") && sessions(&codex) == before, "{told}");
    codex.home.ok(&format!("evict {id}"));
    assert!(sessions(&codex).is_empty());
    let ran = crate::support::ran(codex.resuming("four").args(["resume", &id]).output().unwrap());
    assert!(ran.code == 0 && ran.stderr.contains("restored the missing rollout"), "{}", ran.stderr);
    assert_eq!(asked(&codex), ["one", "two", "three", "four"]);
}
