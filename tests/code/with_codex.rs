//! Real Codex: its hooks have files kept, and what is forked into a folder goes on there, with the files as they were.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::app_server::AppServer;
use crate::support::codex::{CURRENT, Codex};
use crate::support::terminal::Terminal;
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
    let codex = codex_in_a_project();
    let work = codex.home.work();
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

/// A Codex with code on, in a project with a committed file.
fn codex_in_a_project() -> Codex {
    let codex = Codex::new(CURRENT);
    let work = codex.home.work();
    codex.ok("init -q --trust");
    codex.ok("code on -q");
    fs::write(work.join("a"), "0\n").unwrap();
    for words in [&["add", "a"][..], &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x"]] {
        git_in(&work, words);
    }
    codex
}

/// What each turn of a session is known to have changed, oldest first.
fn changed(codex: &Codex, session: &str) -> Vec<String> {
    let log = codex.ok(&format!("code log --json {session}")).json();
    let names = |turn: &serde_json::Value| {
        let files = turn["files"].as_array().unwrap().iter();
        files.map(|file| file["path"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    log.iter().rev().map(names).collect()
}

const NAME: &str = "the way not taken";

#[test]
fn the_picker_of_the_new_folder_has_the_fork_and_it_goes_on_there() {
    let codex = codex_in_a_project();
    let session = codex.start("[[shell:echo 1 >> a]] first");
    wait(&codex, 2);
    codex.turn(&session, "[[shell:echo 2 >> a]] second");
    wait(&codex, 4);
    let place = codex.home.work().with_extension("fork");
    ok(&codex, &["fork", &session, "--turn", "1", "--worktree", place.to_str().unwrap(), "--name", NAME]);
    let config = codex.home.path().join("config.toml");
    let trusted = format!("[projects.\"{}\"]\ntrust_level = \"trusted\"\n", place.display());
    fs::write(&config, fs::read_to_string(&config).unwrap() + &trusted).unwrap();
    let mut picker = codex.command();
    picker.env("PATH", codex.path()).current_dir(&place).args(["--no-daemon", "resume"]);
    let terminal = Terminal::run(&picker);
    terminal.shows(NAME);
    terminal.press("\r");
    terminal.shows("first");
    terminal.line("[[shell:pwd; cat a]] where");
    terminal.shows("reply to: [[shell:pwd");
    let outputs = codex.server.last_outputs().join("\n");
    assert!(outputs.contains(&format!("{}\n0\n1\n", place.display())), "{outputs}");
}

#[test]
fn a_turn_that_ends_in_an_error_has_the_files_of_the_next_look() {
    let codex = codex_in_a_project();
    let session = codex.start("one");
    wait(&codex, 2);
    codex.turn(&session, "[[fail]]");
    wait(&codex, 3);
    fs::write(codex.home.work().join("after-the-error"), "x").unwrap();
    codex.turn(&session, "[[shell:sleep 2; echo 3 >> a]]");
    wait(&codex, 5);
    assert_eq!(changed(&codex, &session), ["", "after-the-error", "a"]);
    let log = codex.ok(&format!("code log --json {session}")).json();
    assert_eq!(log[1]["neighbours"], json!(["after"]));
}

#[test]
fn two_sessions_in_one_folder_are_told_apart_as_far_as_that_is_known() {
    let codex = codex_in_a_project();
    let (one, two) = (codex.start("one"), codex.start("two"));
    wait(&codex, 4);
    let turn = |session: &str, prompt: &str| {
        let mut command = codex.command();
        command.args(["exec", "resume", session, prompt]).stdout(std::process::Stdio::null());
        command.stderr(std::process::Stdio::null()).spawn().unwrap()
    };
    let mut first = turn(&one, "[[shell:sleep 2; echo 1 > by-one; sleep 3]]");
    let mut second = turn(&two, "[[shell:sleep 3; echo 2 > by-two; sleep 2]]");
    assert!(first.wait().unwrap().success() && second.wait().unwrap().success());
    wait(&codex, 8);
    let log = codex.ok(&format!("code log --json {one}")).json();
    let files = log[0]["files"].as_array().unwrap();
    assert!(!files.is_empty() && files.iter().all(|file| file["unsure"] == true), "{files:?}");
    let told = ok(&codex, &["code", "restore", "--before", "--yes", &one]);
    assert!(told.stderr.contains("by-one") && codex.home.work().join("by-one").exists(), "{}", told.stderr);
}

#[test]
fn sessions_that_follow_each_other_at_once_are_told_apart() {
    let codex = codex_in_a_project();
    // Each begins as soon as the look after the other is done, and works when its own is.
    let one = codex.start("[[shell:sleep 2; echo 1 > by-one]]");
    wait(&codex, 2);
    let two = codex.start("[[shell:sleep 2; echo 2 > by-two]]");
    wait(&codex, 4);
    codex.turn(&one, "[[shell:sleep 2; echo 3 > by-one]]");
    wait(&codex, 6);
    for session in [&one, &two] {
        let log = codex.ok(&format!("code log --json {session}")).json();
        let files = log.iter().flat_map(|turn| turn["files"].as_array().unwrap());
        assert!(files.clone().count() > 0 && files.clone().all(|file| file["unsure"] == false), "{log:?}");
    }
}

/// Stops the server in the background that a terminal started, and the one that looks for updates of it.
struct Daemon<'c>(&'c Codex);

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        let noted = fs::read(self.0.home.path().join("app-server-daemon/daemon-updater.pid")).unwrap_or_default();
        self.0.command().args(["app-server", "daemon", "stop"]).output().ok();
        let noted: serde_json::Value = serde_json::from_slice(&noted).unwrap_or_default();
        if let Some(pid) = noted["pid"].as_u64() {
            Command::new("kill").arg(pid.to_string()).status().ok();
        }
    }
}

#[test]
fn turns_under_the_daemon_have_their_files() {
    let codex = codex_in_a_project();
    let _daemon = Daemon(&codex);
    let mut command = codex.command();
    let terminal = Terminal::run(command.env("PATH", codex.path()));
    terminal.shows("Ask Codex to do anything");
    terminal.line("[[shell:sleep 2; echo 1 >> a]] one");
    terminal.shows("reply to: [[shell:sleep 2");
    wait(&codex, 2);
    terminal.line("[[shell:sleep 2; echo 2 > b]] two");
    wait(&codex, 4);
    let session = codex.ok("list --json").json()[0]["session"].as_str().unwrap().to_owned();
    assert_eq!(changed(&codex, &session), ["a", "b"]);
    let told = ok(&codex, &["code", "restore", "--yes", &format!("{session}~1")]);
    assert!(!codex.home.work().join("b").exists(), "{}", told.stderr);
}
