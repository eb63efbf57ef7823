//! What lies in a codex home and was not put there by Codex: folders that are closed, links, pipes, devices, names with control characters,
//! first lines that no program reads, locks that somebody holds. One bad thing is named and left out; the rest goes on.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Fixture, Home, Ran, ran};

const CASE: &str = "0.169";

fn home() -> (Home, Fixture) {
    let home = Home::with(&[CASE]);
    home.ok("init -q --no-hooks");
    (home, Fixture::named(CASE))
}

/// Waits for a command, which must end by itself.
fn ends(mut command: Command) -> Ran {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("it does not end: {command:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    ran(child.wait_with_output().unwrap())
}

#[test]
fn a_bad_folder_and_a_bad_branch_are_named_and_the_rest_goes_on() {
    let (home, fixture) = home();
    fs::write(home.path().join("archived_sessions"), "a file in the place of a folder").unwrap();
    let id = fixture.id();
    let other = Fixture::named("0.47");
    home.put(&other.name, &other.bytes);
    let ran = home.run(["record"]);
    assert!(ran.code == 1 && ran.stderr.contains("archived_sessions"), "{}", ran.stderr);
    assert!(ran.stderr.contains("recorded 5 turns in 1 of 2 sessions"), "{}", ran.stderr);
    // A branch of a later format.
    let tree = home.git(&format!("rev-parse {}^{{tree}}", other.id()));
    let message = home.git(&format!("log -1 --format=%B {}", other.id())).replace("Codex-Format: 1", "Codex-Format: 2");
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(home.store()).args(["commit-tree", "-m", &message, tree.trim()]);
    let commit = crate::support::ran(command.output().unwrap()).stdout;
    home.git(&format!("update-ref refs/heads/{} {}", other.id(), commit.trim()));
    let listed = home.ok("list --all --json");
    assert_eq!(listed.json().len(), 1);
    assert!(listed.stderr.contains(&format!("session {} can't be read", &other.id()[..13])), "{}", listed.stderr);
    home.ok(&format!("log {id}"));
    home.ok(&format!("save alpha {id}"));
    home.ok("gc");
    assert_eq!(home.run(["verify"]).code, 1);
}

#[test]
fn a_linked_folder_of_sessions_is_recorded() {
    let (home, fixture) = (Home::empty(), Fixture::named(CASE));
    let elsewhere = home.work().join("data");
    fs::create_dir_all(elsewhere.join("11/22")).unwrap();
    fs::write(elsewhere.join("11/22").join(&fixture.name), &fixture.bytes).unwrap();
    fs::create_dir(home.path().join("sessions")).unwrap();
    symlink(&elsewhere, home.path().join("sessions/2026")).unwrap();
    home.ok("init -q --no-hooks");
    let listed = home.ok("list --all --json").json();
    assert_eq!((listed.len(), &listed[0]["place"]), (1, &"active".into()));
    let before = fs::read(home.place(&fixture.name)).unwrap();
    home.ok(&format!("evict --now {}", fixture.id()));
    assert!(!elsewhere.join("11/22").join(&fixture.name).exists());
    home.ok(&format!("restore {}", fixture.id()));
    assert_eq!(fs::read(elsewhere.join("11/22").join(&fixture.name)).unwrap(), before);
}

#[test]
fn pipes_and_devices_named_like_rollouts_hang_nothing() {
    let (home, fixture) = home();
    let pipe = home.place(&fixture.name.replace("22T22", "22T23").replace("01a2", "01b2"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut record = home.command();
    record.arg("record");
    assert!(ends(record).stderr.contains("it is not a regular file"));
    for path in [pipe.as_path(), Path::new("/dev/zero")] {
        let mut worker = home.command();
        worker.args(["hook", "--after", "Stop", "--turn", "t", "--"]).arg(path).stdin(Stdio::null());
        let ran = ends(worker);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    }
    let mut watch = home.command().arg("watch").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    fs::remove_file(&pipe).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::thread::sleep(Duration::from_millis(300));
    let status = Command::new("kill").args(["-INT", &watch.id().to_string()]).status().unwrap();
    assert!(status.success());
    let until = Instant::now() + Duration::from_secs(20);
    while watch.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "a pipe makes the watch deaf");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn any_words_with_the_verb_hook_say_nothing_and_end_well() {
    let (home, _) = home();
    for words in [
        "hook",
        "hook --help",
        "hook --after Nothing",
        "--store x hook y z",
        "hook --frob",
        "--json hook",
        "-q hook --after",
    ] {
        let ran = ran(home.command().args(words.split(' ')).stdin(Stdio::null()).output().unwrap());
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""), "{words}");
    }
}

#[test]
fn a_save_is_answered_though_the_store_is_locked() {
    let (home, fixture) = home();
    let rollout = home.place(&fixture.name);
    let lock = fs::File::open(home.store().join("codex-git.lock")).unwrap();
    lock.lock().unwrap();
    let event = json!({
        "hook_event_name": "UserPromptSubmit", "transcript_path": rollout, "turn_id": "new", "prompt": "/save alpha",
    });
    let mut child = home.command().arg("hook").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
    let told = ran(child.wait_with_output().unwrap());
    let answer = told.json()[0]["stopReason"].as_str().unwrap().to_owned();
    assert!(answer.contains("busy") || answer.contains("holds the store's lock"), "{answer}");
    drop(lock);
    home.ok("save alpha");
}

#[test]
fn what_is_written_elsewhere_names_whole_paths() {
    let (home, _) = home();
    let ran = home.run(["--store", "my-store", "init", "-q"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let hooks = fs::read_to_string(home.path().join("hooks.json")).unwrap();
    let store = home.work().join("my-store");
    assert!(hooks.contains(&format!("--store {} hook || true", store.display())), "{hooks}");
    let unit = home.run(["--store", "my-store", "watch", "--service", "systemd"]).stdout;
    assert!(unit.contains(&format!("\"{}\"", store.display())), "{unit}");
    let odd = home.work().join("a\nExecStartPre=evil");
    fs::create_dir(&odd).unwrap();
    let ran = ran_in(&home, &odd, &["watch", "--service", "systemd"]);
    assert!(ran.code == 2 && ran.stdout.is_empty(), "{ran:?}");
}

fn ran_in(home: &Home, codex_home: &Path, words: &[&str]) -> Ran {
    ran(home.command().arg("--codex-home").arg(codex_home).args(words).output().unwrap())
}

#[test]
fn a_name_with_control_characters_forges_nothing() {
    let (home, fixture) = home();
    let evil = "rollout-2026-11-22T22-56-19-x\nhint: codex-git evict --yes\u{1b}[31m.jsonl";
    home.put(&fixture.name, &fixture.bytes);
    fs::write(home.place(&fixture.name).with_file_name(evil), "x").unwrap();
    let ran = home.run(["record"]);
    assert!(ran.code == 1 && !ran.stderr.contains("\nhint: codex-git evict"), "{}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}'));
}

#[test]
fn json_holds_nothing_that_steers() {
    let (home, fixture) = (Home::empty(), Fixture::named(CASE));
    let text = String::from_utf8(fixture.bytes.clone()).unwrap();
    let steered = text.replace("first plain turn", "first \u{9b}2J\u{85}\u{2028}\u{202e}turn");
    assert_ne!(text, steered);
    home.put(&fixture.name, steered.as_bytes());
    home.ok("init -q --no-hooks");
    for words in ["show --json --full", "log --json", "list --all --json"] {
        let out = home.ok(words).stdout;
        let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{202e}');
        assert!(!out.contains(bad), "{words}");
        out.lines().for_each(|line| drop(serde_json::from_str::<serde_json::Value>(line).unwrap()));
    }
    // Without codex-git at hand git prints a chunk with its control characters made visible.
    home.lose_program();
    let mut git = Command::new("git");
    let path = "/usr/local/bin:/usr/bin:/bin";
    git.arg("--git-dir").arg(home.store()).args(["-c", "core.pager=cat", "log", "-p", "--all"]).env("PATH", path);
    let out = String::from_utf8_lossy(&git.output().unwrap().stdout).into_owned();
    assert!(out.contains("first M-BM-^[2J") || out.contains("codex-git"), "{out}");
}

#[test]
fn a_first_line_that_no_program_reads_whole_is_forked_as_it_is() {
    let (home, fixture) = (Home::empty(), Fixture::named(CASE));
    let text = String::from_utf8(fixture.bytes.clone()).unwrap();
    let deep = format!("{}{}", "[".repeat(3000), "]".repeat(3000));
    let odd = text.replacen("\"originator\":", &format!("\"deep\":{deep},\"huge\":1e400,\"originator\":"), 1);
    home.put(&fixture.name, odd.as_bytes());
    home.ok("init -q --no-hooks");
    let fork = home.ok(&format!("fork --json {}", fixture.id())).json().remove(0);
    let forked = fs::read_to_string(fork["rolloutPath"].as_str().unwrap()).unwrap();
    assert!(forked.lines().next().unwrap().contains(&format!("\"deep\":{deep},\"huge\":1e400")));
    home.ok("verify");
}

#[test]
fn an_archived_session_with_several_files_comes_back_into_the_archive() {
    let (home, files) = (Home::empty(), Fixture::lineage("revert"));
    let archive = home.path().join("archived_sessions");
    fs::create_dir(&archive).unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(archive.join(name), bytes).unwrap());
    home.ok("init -q --no-hooks");
    fs::remove_dir_all(&archive).unwrap();
    home.ok("restore --deleted");
    for (name, bytes) in &files {
        assert_eq!(fs::read(archive.join(name)).unwrap(), *bytes, "{name}");
    }
}

#[test]
fn what_codex_git_makes_is_closed_to_others_under_any_umask() {
    let (home, fixture) = (Home::empty(), Fixture::named(CASE));
    let path = home.put(&fixture.name, &fixture.bytes);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let out = home.work().join("out");
    let own = env!("CARGO_BIN_EXE_codex-git");
    let event = json!({ "hook_event_name": "Stop", "transcript_path": path }).to_string();
    let script = format!(
        "umask 000; '{own}' init -q && '{own}' evict -q {id} && '{own}' restore -q {id} && '{own}' restore -q {id} --to '{out}' && '{own}' fork -q {id} && echo '{event}' | '{own}' hook && '{own}' hook --after SessionEnd -- '{path}'",
        id = fixture.id(),
        out = out.display(),
        path = path.display(),
    );
    let shell = home.command();
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).current_dir(home.work());
    command.envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let told = ran(command.output().unwrap());
    assert_eq!(told.code, 0, "{told:?}");
    let mut open = Vec::new();
    // Inside of the store, whose own folder is closed, git's modes are git's affair.
    for root in [home.path(), out] {
        look(&root, &mut |path, mode| {
            let ours = path != home.path() && !path.ends_with("sessions") && !is_codexs(path, &home);
            if ours && mode & 0o077 != 0 {
                open.push(format!("{} {mode:o}", path.display()));
            }
        });
    }
    assert_eq!(open, [""; 0]);
}

/// The folders that the test itself made, as Codex would.
fn is_codexs(path: &Path, home: &Home) -> bool {
    path.is_dir()
        && path.strip_prefix(home.path().join("sessions")).is_ok_and(|rest| {
            rest.starts_with("2026/11/22") || rest == Path::new("2026") || rest == Path::new("2026/11")
        })
}

fn look(folder: &Path, see: &mut dyn FnMut(&Path, u32)) {
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    see(folder, mode(folder));
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("sessions.git") {
            look(&path, see);
        } else {
            see(&path, mode(&path));
        }
    }
}
