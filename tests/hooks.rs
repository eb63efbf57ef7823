//! What Codex runs, run without Codex: events on standard input, the answers to words typed as a prompt, `hooks.json`, the log.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

#[cfg(target_os = "linux")]
use crate::support::shim;
use crate::support::{Fixture, Home, Ran, ran};

const CASE: &str = "0.169";

/// A home with one session, recorded, and the path of its rollout.
fn home() -> (Home, String) {
    let home = Home::with(&[CASE]);
    home.ok("init -q --no-hooks");
    let path = home.place(&Fixture::named(CASE).name);
    (home, path.to_str().unwrap().to_owned())
}

/// Runs a hook as Codex would.
fn hook(home: &Home, input: &[u8]) -> Ran {
    // Codex does not pass its home on.
    let mut child = home
        .command()
        .env_remove("CODEX_HOME")
        .arg("hook")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it has read all.
    let _ = child.stdin.take().unwrap().write_all(input);
    ran(child.wait_with_output().unwrap())
}

fn event(kind: &str, rollout: &str, extra: &Value) -> Vec<u8> {
    let mut event = json!({ "session_id": "01a20577-cc6c-7b41-89d2-63fc5537d6db", "transcript_path": rollout, "hook_event_name": kind });
    event.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    event.to_string().into_bytes()
}

/// What Codex would show for a prompt.
fn typed(home: &Home, rollout: &str, prompt: &str) -> String {
    let ran =
        hook(home, &event("UserPromptSubmit", rollout, &json!({ "prompt": prompt, "turn_id": "one-that-begins" })));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let answer = &ran.json()[0];
    assert_eq!(answer["continue"], false, "no model is asked");
    let words = answer["stopReason"].as_str().unwrap();
    let (words, price) = words.rsplit_once('\n').unwrap();
    assert!(price.starts_with("Esc Esc can miss its turn") && price.contains("!codex-git"), "{price}");
    words.to_owned()
}

/// Waits until the log's last line tells something.
fn logged(home: &Home, words: &str) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let log = fs::read_to_string(home.path().join("log/codex-git.log")).unwrap_or_default();
        if let Some(line) = log.lines().find(|line| line.contains(words)) {
            return line.to_owned();
        }
        assert!(Instant::now() < until, "`{words}` was never logged:\n{log}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_hook_says_nothing_and_ends_well_whatever_it_is_told() {
    let (home, rollout) = home();
    let broken = [
        b"".to_vec(),
        b"{".to_vec(),
        b"\xff\xfe".to_vec(),
        b"[]".to_vec(),
        vec![b' '; 3 << 20],
        event("StopFailure", &rollout, &json!({})),
        event("Stop", "/nowhere/rollout-x.jsonl", &json!({})),
        event("Stop", "../../etc/passwd", &json!({})),
        event("Stop", &rollout, &json!({ "transcript_path": null })),
        event("Stop", &rollout, &json!({ "transcript_path": 7, "turn_id": [] })),
        event("UserPromptSubmit", &rollout, &json!({ "prompt": "what is \u{1b}[31m /save x" })),
        event("PostCompact", &rollout, &json!({ "trigger": "auto" })),
        event("SessionEnd", &rollout, &json!({})),
    ];
    for input in broken {
        let ran = hook(&home, &input);
        let told = String::from_utf8_lossy(&input[..input.len().min(200)]).into_owned();
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""), "{told}");
    }
    logged(&home, "SessionEnd ok nothing new");
}

#[test]
fn what_a_hook_can_not_do_is_in_the_log_and_in_the_status() {
    let (home, rollout) = home();
    fs::remove_dir_all(home.store()).unwrap();
    assert_eq!(hook(&home, &event("Stop", &rollout, &json!({}))).stdout, "");
    assert!(logged(&home, "Stop error").contains("there is no store at"));
    fs::write(home.store(), "in the way").unwrap();
    hook(&home, &event("SessionEnd", &rollout, &json!({})));
    logged(&home, "SessionEnd error");
    assert_eq!(fs::read(home.store()).unwrap(), b"in the way");
    let status = home.ok("hooks status");
    assert!(status.stdout.contains("Stop              not installed"), "{}", status.stdout);
    assert!(status.stderr.contains("last error, just now at SessionEnd: "), "{}", status.stderr);
    let told = home.ok("hooks --json").json();
    assert!(told.len() == 7 && told[6]["lastError"].as_str().is_some_and(|error| !error.is_empty()), "{told:?}");
    assert_eq!((&told[6]["installed"], &told[0]["lastRunAt"]), (&json!(false), &Value::Null));
}

#[test]
fn a_turn_is_recorded_when_its_end_marker_comes() {
    let fixture = Fixture::named(CASE);
    let text = String::from_utf8(fixture.bytes.clone()).unwrap();
    let end = text.find("\"type\":\"task_complete\"").unwrap();
    let line = text[..end].rfind('\n').unwrap() + 1;
    let turn = text[end..].split("\"turn_id\":\"").nth(1).unwrap().split('"').next().unwrap();
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    let path = home.put(&fixture.name, &fixture.bytes[..line]);
    hook(&home, &event("Stop", path.to_str().unwrap(), &json!({ "turn_id": turn })));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(home.refs(), "", "nothing is recorded before the turn has ended");
    // As Codex does it: the line comes when the hook has ended.
    let rest = line + text[line..].find('\n').unwrap() + 1;
    append(&path, &fixture.bytes[line..rest]);
    logged(&home, "Stop ok turn 1 of");
    assert_eq!(home.ok(&format!("log --json {}", fixture.id())).json().len(), 1);
}

fn append(path: &Path, bytes: &[u8]) {
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

#[test]
fn a_session_that_begins_brings_in_what_was_missed() {
    let (home, rollout) = home();
    home.put(&Fixture::named("0.47").name, &Fixture::named("0.47").bytes);
    hook(&home, &event("SessionStart", &rollout, &json!({ "source": "startup" })));
    logged(&home, "SessionStart ok turn 5 of");
    assert_eq!(home.ok("list --all --json").json().len(), 2);
}

#[test]
fn a_save_is_typed_where_prompts_are_typed() {
    let (home, rollout) = home();
    let fixture = Fixture::named(CASE);
    let last = fixture.turns.iter().filter(|turn| turn["kind"] != "empty").count();
    let saved = format!("Saved session 'alpha' ({}), turn {last}.\n{rollout}", fixture.id());
    assert_eq!(typed(&home, &rollout, "/save alpha"), saved);
    assert_eq!(typed(&home, &rollout, ":save alpha"), saved, "the same point is no move");
    assert_eq!(typed(&home, &rollout, "/save"), "Usage: /save <name>");
    typed(&home, &rollout, "/save noted -m 'as it was'");
    assert_eq!(
        home.ok("saves --json").json().iter().find(|save| save["name"] == "noted").unwrap()["note"],
        "as it was"
    );
    typed(&home, &rollout, "/undo-save noted");
    assert!(typed(&home, &rollout, "/save ..").starts_with("error: `..` can't be the name of a save"));
    assert!(typed(&home, &rollout, "/saves").starts_with(&format!("alpha  turn {last} of ")));
    assert_eq!(home.ok("saves --json").json()[0]["turn"], last);
}

#[test]
fn a_save_that_moves_says_from_where_and_can_be_taken_back() {
    let (home, rollout) = home();
    let id = Fixture::named(CASE).id();
    home.ok(&format!("save alpha {id}~2"));
    let first = home.ok("saves --json").json()[0].clone();
    let answer = typed(&home, &rollout, "/save alpha");
    assert!(
        answer.contains(&format!("It was on turn {} before; /undo-save takes it back there.", first["turn"])),
        "{answer}"
    );
    assert!(typed(&home, &rollout, "/undo-save").starts_with(&format!("'alpha' is back on turn {}", first["turn"])));
    assert_eq!(home.ok("saves --json").json()[0], first);
    // Undone once more, the save before is undone, too; the shell has the same.
    assert!(home.ok("save --undo alpha --dry-run").stderr.contains("would delete it"));
    assert!(home.ok("save --undo alpha").stderr.contains("deleted the save alpha"));
    assert_eq!(home.ok("saves --json").json().len(), 0);
    home.ok("save alpha");
    typed(&home, &rollout, ":save beta");
    assert!(typed(&home, &rollout, "/undo-save beta").starts_with("'beta' is gone; its turn stays."));
    assert_eq!(home.ok("saves --json").json().len(), 1);
}

#[test]
fn a_fork_is_typed_where_prompts_are_typed() {
    let (home, rollout) = home();
    typed(&home, &rollout, "/save alpha");
    let answer = typed(&home, &rollout, "/fork alpha");
    let id = answer.split("codex resume ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(home.ok(&format!("log --json {id}")).json().len() > 1);
    assert!(typed(&home, &rollout, "/fork nowhere").contains("no saved session or rollout found for `nowhere`"));
    assert!(typed(&home, &rollout, "/fork 1").starts_with("Forked '1': turn 1 of"), "a turn of this session");
    assert!(typed(&home, &rollout, "/fork").starts_with("Usage: /fork"));
}

#[test]
fn before_the_first_turn_there_is_nothing_to_save() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    let fixture = Fixture::named(CASE);
    let first = fixture.bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let path = home.put(&fixture.name, &fixture.bytes[..first]);
    let not_ready = "Nothing to save yet: /save works once the first turn of this session has begun.";
    assert_eq!(typed(&home, path.to_str().unwrap(), "/save alpha"), not_ready);
    fs::remove_file(&path).unwrap();
    // Without a file nobody knows whether a turn runs, so the prompt is not stopped.
    let prompt = json!({ "prompt": "/save alpha", "turn_id": "x" });
    let ran = hook(&home, &event("UserPromptSubmit", path.to_str().unwrap(), &prompt));
    assert_eq!(ran.json()[0], json!({ "systemMessage": not_ready }));
    assert_eq!(home.ok("saves").stdout, "");
}

#[test]
fn a_save_without_a_store_says_how_to_make_one() {
    let home = Home::with(&[CASE]);
    let path = home.place(&Fixture::named(CASE).name);
    let answer = typed(&home, path.to_str().unwrap(), "/save alpha");
    assert!(answer.starts_with("error: there is no store at") && answer.ends_with("hint: codex-git init"), "{answer}");
}

#[test]
fn hooks_go_beside_those_that_stand_there_and_out_again() {
    let home = Home::empty();
    let file = home.path().join("hooks.json");
    let before = "{\n \"hooks\": { \"Stop\": [ {\"hooks\":[{\"type\":\"command\",\"command\":\"say done\"}]} ]\n }\n}";
    fs::write(&file, before).unwrap();
    fs::write(home.path().join("config.toml"), "notify = [\"prog\"]\n").unwrap();
    home.ok("init");
    let hooks: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(hooks["hooks"]["Stop"].as_array().unwrap().len(), 2);
    assert_eq!(hooks["hooks"]["Stop"][0]["hooks"][0]["command"], "say done");
    let command = hooks["hooks"]["UserPromptSubmit"][0]["hooks"][0]["command"].as_str().unwrap();
    assert!(command.ends_with("/codex-git hook || true"), "{command}");
    assert!(home.ok("hooks").stdout.contains("Stop              installed"));
    assert!(home.ok("hooks remove").stderr.starts_with("hooks: removed from"));
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    assert_eq!(fs::read_to_string(home.path().join("config.toml")).unwrap(), "notify = [\"prog\"]\n");
}

#[test]
fn a_hooks_file_that_codex_would_not_read_is_left_as_it_is() {
    let home = Home::empty();
    let file = home.path().join("hooks.json");
    fs::write(&file, "{ \"hooks\": ").unwrap();
    let ran = home.run(["hooks", "install"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("is not a hooks file as Codex reads it; nothing was changed"),
        "{ran:?}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "{ \"hooks\": ");
    assert_eq!(home.run(["doctor"]).code, 1);
}

#[cfg(unix)]
#[test]
fn a_hooks_file_that_is_a_link_stays_one() {
    let home = Home::empty();
    let real = home.work().join("my-hooks.json");
    fs::write(&real, "{}").unwrap();
    std::os::unix::fs::symlink(&real, home.path().join("hooks.json")).unwrap();
    home.ok("hooks install");
    assert!(fs::symlink_metadata(home.path().join("hooks.json")).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("codex-git hook"));
    home.ok("hooks remove");
    assert!(home.path().join("hooks.json").is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "{}");
}

#[test]
fn a_hooks_file_that_held_none_stays() {
    let home = Home::empty();
    let file = home.path().join("hooks.json");
    for before in ["{ \"hooks\": { } }", "{\n}\n", ""] {
        fs::write(&file, before).unwrap();
        home.ok("hooks remove");
        assert_eq!(fs::read_to_string(&file).unwrap(), before);
        home.ok("hooks install");
        home.ok("hooks remove");
        let after: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!(after, json!({}), "{before}");
    }
    fs::remove_file(&file).unwrap();
    home.ok("hooks install");
    home.ok("hooks remove");
    assert!(!file.exists(), "one that codex-git made goes");
}

#[test]
fn another_store_is_named_in_the_hooks_command() {
    let home = Home::with(&[CASE]);
    let store = home.work().join("my store.git");
    let named = store.to_str().unwrap();
    assert_eq!(home.run(["--store", named, "init", "-q"]).code, 0);
    let hooks: Value = serde_json::from_slice(&fs::read(home.path().join("hooks.json")).unwrap()).unwrap();
    let command = hooks["hooks"]["Stop"][0]["hooks"][0]["command"].as_str().unwrap();
    assert!(command.ends_with(&format!("--store '{named}' hook || true")), "{command}");
    let rollout = home.place(&Fixture::named(CASE).name);
    let typed = json!({ "prompt": "/save alpha", "turn_id": "one-that-begins" });
    let input = event("UserPromptSubmit", rollout.to_str().unwrap(), &typed);
    let file = home.work().join("event");
    fs::write(&file, input).unwrap();
    let shell =
        std::process::Command::new("sh").arg("-c").arg(command).stdin(fs::File::open(file).unwrap()).output().unwrap();
    assert!(String::from_utf8_lossy(&shell.stdout).contains("Saved session 'alpha'"), "{shell:?}");
    assert_eq!(home.run(["--store", named, "saves", "-q"]).stdout.lines().count(), 1);
}

#[test]
fn names_given_in_codex_are_shown_and_are_revisions() {
    let home = Home::with(&[CASE, "0.47", "0.80"]);
    home.ok("init -q --no-hooks");
    let ids: Vec<String> = [CASE, "0.47", "0.80"].iter().map(|case| Fixture::named(case).id()).collect();
    let line = |id: &str, name: &str| {
        format!("{{\"id\":\"{id}\",\"thread_name\":\"{name}\",\"updated_at\":\"2026-11-22T22:58:27Z\"}}\n")
    };
    let index = [line(&ids[0], "the parser~2"), line(&ids[1], "twice"), line(&ids[2], "twice")].concat();
    fs::write(home.path().join("session_index.jsonl"), index).unwrap();
    let listed = home.ok("list --all --json").json();
    assert!(listed.iter().any(|session| session["session"] == *ids[0] && session["name"] == "the parser~2"));
    assert!(home.ok("list --all").stdout.contains("the parser~2  "));
    let log = ran(home.command().args(["log", "--json", "the parser~2"]).output().unwrap()).json();
    assert_eq!(log[0]["session"], *ids[0]);
    let before = ran(home.command().args(["log", "--json", "the parser~2~1"]).output().unwrap()).json();
    assert_eq!(before.len() + 1, log.len());
    let two = home.run(["log", "twice"]);
    assert!(
        two.code == 1 && two.stderr.contains("`twice` is the name of 2 sessions") && two.stderr.contains(&ids[2]),
        "{two:?}"
    );
    assert!(home.run(["log", "twise"]).stderr.contains("did you mean `twice`?"));
}

#[cfg(unix)]
#[test]
fn a_rename_without_codex_says_what_is_missing() {
    let (home, _) = home();
    let ran = ran(home.command().env("PATH", "/nowhere").args(["rename", "@", "x"]).output().unwrap());
    assert_eq!(
        ran.stderr,
        "error: codex's app server: the program `codex` is not on the path\nhint: npm install -g @openai/codex\n"
    );
    assert_eq!(ran.code, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn in_a_sandbox_the_hint_is_to_type_it_as_a_prompt() {
    let (home, _) = home();
    let mut command = home.command();
    let fixture = Fixture::named(CASE);
    // In Codex's sandbox the codex home is a read-only file system (seen by hand; a test machine need not have what it is made with).
    const EROFS: i32 = 30;
    command.env("CODEX_THREAD_ID", fixture.id()).args(["save", "alpha"]);
    let ran = shim::faulty(&home, command, 1, shim::How::Fail(EROFS));
    assert!(ran.code == 1 && ran.stderr.contains("` /save NAME`"), "{ran:?}");
}
