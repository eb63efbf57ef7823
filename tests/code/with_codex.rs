//! Real Codex: its hooks have files kept, and what is forked into a folder goes on there, with the files as they were.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::app_server::AppServer;
use crate::support::codex::{CURRENT, Codex};
use crate::support::{Ran, ran};

use super::git_in;

/// Waits until so many snapshots have names.
fn wait(codex: &Codex, count: usize) {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let stores = codex.home.ok("code --json").json()[0]["stores"].clone();
        let kept: u64 = stores.as_array().unwrap().iter().map(|store| store["snapshots"].as_u64().unwrap()).sum();
        if kept >= count as u64 {
            return;
        }
        assert!(
            Instant::now() < until,
            "{kept} of {count} snapshots: {}",
            fs::read_to_string(codex.home.path().join("log/codex-git.log")).unwrap_or_default()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn ok(codex: &Codex, words: &[&str]) -> Ran {
    let mut command = codex.home.command();
    let ran = ran(command.env("PATH", codex.path()).args(words).output().unwrap());
    assert_eq!(ran.code, 0, "{words:?}: {}{}", ran.stdout, ran.stderr);
    ran
}

#[test]
fn three_turns_have_six_snapshots_and_each_can_be_gone_back_to_in_a_folder() {
    let codex = Codex::new(CURRENT);
    let work = codex.home.work();
    codex.ok("init -q --trust");
    codex.ok("code on -q");
    fs::write(work.join("a"), "0\n").unwrap();
    for words in [&["add", "a"][..], &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x"]] {
        git_in(&work, words);
    }
    let session = codex.start("[[shell:sleep 2; echo 1 >> a; echo new > new]]");
    wait(&codex, 2);
    fs::write(work.join("by-hand"), "h").unwrap();
    codex.turn(&session, "[[shell:sleep 2; rm new; git -c user.name=a -c user.email=a@b commit -qam by-agent]]");
    wait(&codex, 4);
    codex.turn(&session, "[[shell:sleep 2; echo 3 >> a]]");
    wait(&codex, 6);
    let log = codex.ok(&format!("code log --json {session}")).json();
    let files: Vec<String> = log.iter().map(|turn| turn["files"].to_string()).collect();
    assert!(
        files[0].contains(r#""path":"a","added":1"#)
            && files[1].contains(r#""path":"new""#)
            && files[2].contains("new"),
        "{files:?}"
    );
    for (turn, a, names) in
        [(1, "0\n1\n", &["a", "new"][..]), (2, "0\n1\n", &["a", "by-hand"]), (3, "0\n1\n3\n", &["a", "by-hand"])]
    {
        let place = work.parent().unwrap().join(format!("turn-{turn}"));
        let number = turn.to_string();
        let fork = ok(&codex, &["-q", "fork", &session, "--turn", &number, "--worktree", place.to_str().unwrap()]);
        let fork = fork.stdout.trim().to_owned();
        assert_eq!(fs::read_to_string(place.join("a")).unwrap(), a);
        let mut found: Vec<String> =
            fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        found.retain(|name| name != ".git");
        found.sort();
        assert_eq!(found, names, "turn {turn}");
        // The picker there knows it, and no other.
        let mut server = AppServer::of(&codex);
        let listed = server.ask("thread/list", json!({ "cwd": place, "useStateDbOnly": true }));
        let ids: Vec<&str> =
            listed["data"].as_array().unwrap().iter().filter_map(|thread| thread["id"].as_str()).collect();
        assert_eq!(ids, [fork.as_str()], "{listed}");
        assert_eq!(listed["data"][0]["cwd"], place.to_str().unwrap());
        drop(server);
        // It goes on there: the model is told of the directory, and its commands run in it.
        let mut command: Command = codex.command();
        let went_on = ran(command
            .current_dir(&place)
            .args(["exec", "resume", &fork, "[[shell:pwd; cat a]] go on"])
            .output()
            .unwrap());
        assert_eq!(went_on.code, 0, "{went_on:?}");
        let outputs = codex.server.last_outputs().join("\n");
        assert!(outputs.contains(&format!("{}\n{a}", place.display())), "{outputs}");
    }
    assert_eq!(fs::read_to_string(work.join("a")).unwrap(), "0\n1\n3\n", "the project is as it was");
}

#[test]
fn an_interrupted_turn_has_its_files_too() {
    let codex = Codex::new(CURRENT);
    codex.ok("init -q --trust");
    codex.ok("code on -q");
    let session = codex.start("one");
    wait(&codex, 2);
    fs::write(codex.home.work().join("while-it-hung"), "x").unwrap();
    codex.interrupt(&session, "[[hang]]");
    let place = codex.home.work().with_extension("fork");
    wait(&codex, 3);
    codex.turn(&session, "two");
    wait(&codex, 5);
    ok(&codex, &["-q", "fork", &session, "--turn", "2", "--worktree", place.to_str().unwrap()]);
    assert!(place.join("while-it-hung").exists());
}
