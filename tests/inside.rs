//! Real Codex with codex-git among its hooks: turns record themselves, and words are typed in its terminal.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::app_server::AppServer;
use crate::support::codex::{CURRENT, Codex};
use crate::support::executable::copy_program;
use crate::support::terminal::Terminal;
use crate::support::{copy_folder, ran};

/// A Codex that runs codex-git at its events.
fn codex() -> Codex {
    let codex = Codex::new(CURRENT);
    let told = codex.ok("init --trust").stderr;
    assert!(told.contains("Codex trusts codex-git's 7 hooks now"), "{told}");
    codex
}

/// Codex's terminal.
fn tui(codex: &Codex, args: &[&str]) -> Terminal {
    let mut command = codex.command();
    let terminal = Terminal::run(command.env("PATH", codex.path()).arg("--no-daemon").args(args));
    terminal.shows("Ask Codex to do anything");
    terminal
}

/// Has a prompt answered, and its turn ended: the answer stands on the screen a moment before that, and what is typed then steers the turn.
fn ask(terminal: &Terminal, prompt: &str) {
    terminal.line(prompt);
    terminal.shows(&format!("reply to: {prompt}"));
    terminal.lacks("esc to interrupt");
}

/// The turns of a session as the store holds them: nothing is recorded by looking.
fn kept(codex: &Codex, session: &str) -> Vec<String> {
    let heads = codex.home.git("for-each-ref --format=%(refname:short) refs/heads");
    if !heads.lines().any(|head| head == session) {
        return Vec::new();
    }
    let log = codex.home.git(&format!("log --format=%(trailers:key=Codex-Status,valueonly,separator=)|%s {session}"));
    log.lines()
        .rev()
        .filter(|line| !line.starts_with('|'))
        .map(|line| line.split_once('|').unwrap().1.to_owned())
        .collect()
}

fn keeps(codex: &Codex, session: &str, turns: &[&str], patience: Duration) {
    let until = Instant::now() + patience;
    while kept(codex, session) != turns {
        assert!(Instant::now() < until, "{:?} are not {turns:?}", kept(codex, session));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The newest session by hand, from its file's name.
fn newest(codex: &Codex) -> String {
    codex.home.ok("list --json").json()[0]["session"].as_str().unwrap().to_owned()
}

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(20);

#[test]
fn a_turn_is_in_the_store_within_a_second_of_its_end() {
    let codex = codex();
    let id = codex.start("one");
    keeps(&codex, &id, &["one"], SECOND);
    codex.turn(&id, "two [[shell:echo hi]]");
    keeps(&codex, &id, &["one", "two [[shell:echo hi]]"], SECOND);
    codex.turn(&id, "an error [[fail]]");
    codex.turn(&id, "last");
    // An error runs no hook: the next event brings it in.
    keeps(&codex, &id, &["one", "two [[shell:echo hi]]", "an error [[fail]]", "last"], SECOND);
    let status = codex.ok("hooks --json").json();
    let stop = status.iter().find(|hook| hook["event"] == "Stop").unwrap();
    assert_eq!((&stop["installed"], &stop["trusted"], &stop["lastError"]), (&true.into(), &true.into(), &Value::Null));
    codex.home.ok("verify");
}

#[test]
fn saved_and_forked_in_the_terminal_and_resumed_by_name() {
    let codex = codex();
    let mut terminal = tui(&codex, &[]);
    for prompt in ["one", "two", "three"] {
        ask(&terminal, prompt);
    }
    wait_for_name(&codex, "one");
    terminal.line(" /save");
    terminal.shows("Usage: /save <name>");
    terminal.line(" /save alpha");
    terminal.shows("Saved session 'alpha'");
    let id = newest(&codex);
    assert!(terminal.shows("), turn 3.").contains(&id));
    ask(&terminal, "four");
    terminal.line(" /saves");
    terminal.shows("alpha  turn 3 of");
    keeps(&codex, &id, &["one", "two", "three", "four"], LONG);
    let asked = codex.server.count();
    terminal.line(" :save beta");
    terminal.shows("Saved session 'beta'");
    assert_eq!(codex.server.count(), asked, "a save asks no model");
    terminal.press("\x04");
    terminal.wait();

    let forked = codex.ok("fork alpha --json").json()[0].clone();
    // Codex titles sessions by itself, here by the prompt, as no model tells a title.
    assert_eq!(forked["name"], "one (fork of alpha, turn 3)", "a name that is there stays");
    wait_for_name(&codex, "one (fork of alpha, turn 3)");
    let terminal = tui(&codex, &["resume", "one (fork of alpha, turn 3)"]);
    terminal.shows("reply to: three");
    ask(&terminal, "in the fork");
    let expected = ["one", "two", "three"]
        .map(|prompt| [format!("user: {prompt}"), format!("assistant: reply to: {prompt}")])
        .concat();
    assert_eq!(codex.server.history_of("in the fork"), [&expected[..], &["user: in the fork".to_owned()]].concat());
    let fork = forked["session"].as_str().unwrap();
    keeps(&codex, fork, &["one", "two", "three", "in the fork"], LONG);
    keeps(&codex, &id, &["one", "two", "three", "four"], LONG);
    codex.home.ok("verify");
}

#[test]
fn a_session_without_a_title_takes_the_name_of_its_first_save() {
    let codex = codex();
    let id = codex.start("one");
    codex.ok(&format!("save -q alpha {id}"));
    wait_for_name(&codex, "alpha");
    let ran = codex.turn("alpha", "two");
    assert_eq!(ran.code, 0, "{ran:?}");
    keeps(&codex, &id, &["one", "two"], LONG);
    codex.ok(&format!("save -q beta {id}"));
    wait_for_name(&codex, "alpha");
}

#[test]
fn a_fork_typed_in_the_terminal_stands_in_the_picker() {
    let codex = codex();
    let mut terminal = tui(&codex, &[]);
    ask(&terminal, "one");
    wait_for_name(&codex, "one");
    terminal.line(" /save alpha");
    terminal.shows("Saved session 'alpha'");
    terminal.line(" /fork alpha");
    terminal.shows("codex resume");
    wait_for_name(&codex, "one (fork of alpha, turn 1)");
    terminal.press("\x04");
    terminal.wait();
    let mut command = codex.command();
    let picker = Terminal::run(command.env("PATH", codex.path()).args(["--no-daemon", "resume"]));
    picker.shows("one (fork of alpha, turn 1)");
}

fn wait_for_name(codex: &Codex, name: &str) {
    let until = Instant::now() + LONG;
    let named = || codex.home.ok("list --all --json").json().iter().any(|session| session["name"] == name);
    while !named() {
        assert!(Instant::now() < until, "no session is called {name}\n{}", codex.ok("list --all").stdout);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_save_typed_while_a_turn_runs_ends_nothing_and_holds_what_there_is() {
    let codex = codex();
    let terminal = tui(&codex, &[]);
    ask(&terminal, "one");
    let id = newest(&codex);
    let asked = codex.server.count();
    let long = "long [[shell:sleep 2; echo A]] [[shell:sleep 2; echo B]]";
    terminal.line(long);
    let until = Instant::now() + LONG;
    while codex.server.count() == asked && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    terminal.line(" /save midturn");
    assert!(terminal.shows("Saved session 'midturn'").contains("turn 2."));
    terminal.line(&format!("!{} save from-the-shell", env!("CARGO_BIN_EXE_codex-git")));
    terminal.shows("saved from-the-shell: turn 2");
    let screen = terminal.shows("reply to: long");
    terminal.lacks("esc to interrupt");
    assert!(!screen.contains("Messages to be submitted") && !screen.contains("Hook stopped"), "{screen}");
    keeps(&codex, &id, &["one", long], LONG);
    let log = codex.home.ok(&format!("log --json {id}")).json();
    assert_eq!(
        (&log[0]["status"], &log[0]["saves"]),
        (&"complete".into(), &serde_json::json!(["from-the-shell", "midturn"]))
    );
    let history = codex.server.last_history();
    assert!(["tool: A", "tool: B"].iter().all(|tool| history.iter().any(|said| said == tool)), "{history:?}");
    // What was saved is the turn as far as it had come.
    let saved = codex.home.ok("log --json midturn").json();
    assert_eq!((&saved[0]["status"], &saved[0]["prompt"]), (&"open".into(), &long.into()));
    // The next prompt begins a turn, and a save between turns is answered without the model.
    ask(&terminal, "two");
    let asked = codex.server.count();
    terminal.line(" /save between");
    terminal.shows("Saved session 'between'");
    terminal.shows("!codex-git does the same without that");
    assert_eq!(codex.server.count(), asked);
    codex.home.ok("verify");
}

#[test]
fn a_binary_that_was_moved_is_told_by_every_command_that_notices() {
    let codex = Codex::new(CURRENT);
    let moved = codex.home.work().join("bin/codex-git");
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    copy_program(Path::new(env!("CARGO_BIN_EXE_codex-git")), &moved);
    let mut command = codex.home.command();
    let path =
        command.env("PATH", codex.path()).get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
    let mut init = Command::new(&moved);
    init.env("PATH", path)
        .env("CODEX_HOME", codex.home.path())
        .env("HOME", codex.home.path())
        .args(["init", "--trust"]);
    assert_eq!(ran(init.current_dir(codex.home.work()).output().unwrap()).code, 0);
    codex.start("one");
    fs::remove_file(&moved).unwrap();
    let id = codex.start("two");
    let doctor = ran(codex.home.command().env("PATH", codex.path()).arg("doctor").output().unwrap());
    for told in [
        "recording is off since ",
        "which does not exist; 1 session holds turns that are not recorded",
        "hint: codex-git hooks install",
    ] {
        assert!(doctor.code == 1 && doctor.stderr.contains(told), "{}", doctor.stderr);
    }
    let hooks = ran(codex.home.command().env("PATH", codex.path()).arg("hooks").output().unwrap());
    assert!(hooks.code == 1 && hooks.stderr.contains("recording is off since "), "{}", hooks.stderr);
    assert!(codex.home.ok(&format!("log {id}")).stderr.contains("warning: recording is off since "));
    codex.ok("hooks install --trust");
    assert_eq!(codex.home.ok("list --all").stderr, "");
    assert_eq!(ran(codex.home.command().env("PATH", codex.path()).arg("doctor").output().unwrap()).code, 0);
}

#[test]
fn hooks_that_are_not_trusted_are_told() {
    let codex = Codex::new(CURRENT);
    codex.ok("init");
    codex.start("one");
    let doctor = ran(codex.home.command().env("PATH", codex.path()).arg("doctor").output().unwrap());
    assert!(
        doctor.code == 1 && doctor.stderr.contains("Codex does not trust codex-git's hooks; 1 session holds"),
        "{}",
        doctor.stderr
    );
    assert!(doctor.stderr.contains("hint: codex-git hooks install --trust"), "{}", doctor.stderr);
}

#[test]
fn other_people_s_hooks_are_not_trusted_and_not_removed() {
    let codex = Codex::new(CURRENT);
    let ran_by_codex = codex.home.work().join("was-run");
    let own = format!("touch {}; true codex-git hook", ran_by_codex.display());
    let hooks = serde_json::json!({ "hooks": { "Stop": [{ "hooks": [{ "type": "command", "command": own }] }] } });
    fs::write(codex.home.path().join("hooks.json"), hooks.to_string()).unwrap();
    let told = codex.ok("init --trust").stderr;
    assert!(told.contains("Codex trusts codex-git's 7 hooks now"), "{told}");
    let id = codex.start("one");
    keeps(&codex, &id, &["one"], LONG);
    assert!(!ran_by_codex.exists(), "nobody trusted it");
    codex.ok("hooks remove");
    let left: Value = serde_json::from_slice(&fs::read(codex.home.path().join("hooks.json")).unwrap()).unwrap();
    assert_eq!(left, hooks);
}

#[test]
fn hooks_of_others_run_on_when_ours_go_and_come_again() {
    let codex = Codex::new(CURRENT);
    codex.ok("init --trust");
    let (file, config) = (codex.home.path().join("hooks.json"), codex.home.path().join("config.toml"));
    let ran_by = |word: &str| codex.home.work().join(word);
    let touching = |word: &str| json!({ "type": "command", "command": format!("touch {}", ran_by(word).display()) });
    let mut hooks: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    // One in an entry behind ours, one in the same entry as ours.
    hooks["hooks"]["Stop"].as_array_mut().unwrap().push(json!({ "hooks": [touching("behind")] }));
    hooks["hooks"]["UserPromptSubmit"][0]["hooks"].as_array_mut().unwrap().push(touching("beside"));
    fs::write(&file, hooks.to_string()).unwrap();
    trust_all(&codex);
    let ran_both = |prompt: &str| {
        codex.start(prompt);
        let ran = ["behind", "beside"].map(|word| fs::remove_file(ran_by(word)).is_ok());
        assert_eq!(ran, [true, true], "{prompt}");
    };
    ran_both("with ours");
    let told = codex.ok("hooks remove").stderr;
    assert!(told.contains("an empty entry stays at Stop: ") && !told.contains("warning"), "{told}");
    ran_both("without ours");
    let kept = fs::read_to_string(&config).unwrap();
    assert_eq!(kept.matches("trusted_hash").count(), 2, "Codex keeps nothing of ours: {kept}");
    codex.ok("hooks install --trust");
    ran_both("with ours again");
    assert_eq!(codex.ok("hooks").stdout.matches(" trusted").count(), 7);
    codex.ok("hooks remove");
    ran_both("without ours again");
    assert_eq!(fs::read_to_string(&config).unwrap(), kept);
}

/// Has Codex trust all hooks, as a person does who answers its question so.
fn trust_all(codex: &Codex) {
    let mut server = AppServer::of(codex);
    let known = server.ask("hooks/list", json!({ "cwds": [codex.home.path()] }));
    let states: serde_json::Map<String, Value> = known["data"][0]["hooks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hook| {
            (hook["key"].as_str().unwrap().to_owned(), json!({ "enabled": true, "trusted_hash": hook["currentHash"] }))
        })
        .collect();
    let edit = json!({ "keyPath": "hooks.state", "mergeStrategy": "upsert", "value": states });
    server.ask("config/batchWrite", json!({ "edits": [edit], "reloadUserConfig": true }));
}

#[test]
fn what_ends_without_a_stop_hook_is_recorded_too() {
    let codex = codex();
    let terminal = tui(&codex, &[]);
    ask(&terminal, "one");
    terminal.line("stopped [[hang]]");
    terminal.shows("esc to interrupt");
    std::thread::sleep(Duration::from_millis(500));
    terminal.press("\x1b");
    terminal.shows("Conversation interrupted");
    let id = newest(&codex);
    keeps(&codex, &id, &["one", "stopped [[hang]]"], LONG);
    terminal.line("an error [[fail]]");
    terminal.shows("\u{25a0} We");
    terminal.line("!echo from-the-shell");
    terminal.shows("You ran echo from-the-shell");
    ask(&terminal, "two");
    let so_far = ["one", "stopped [[hang]]", "an error [[fail]]", "shell: echo from-the-shell", "two"];
    keeps(&codex, &id, &so_far, LONG);
    terminal.line("/compact");
    terminal.shows("Context compacted");
    keeps(&codex, &id, &[&so_far[..], &["compact"]].concat(), LONG);
    // Inside of a shell command, the session is known and the command itself is its turn.
    terminal.line(&format!("!{} save from-the-shell", env!("CARGO_BIN_EXE_codex-git")));
    terminal.shows("saved from-the-shell: turn 6");
    codex.home.ok("verify");
}

#[test]
fn a_codex_that_is_killed_in_a_turn_loses_nothing() {
    let codex = codex();
    let terminal = tui(&codex, &[]);
    ask(&terminal, "one");
    let id = newest(&codex);
    terminal.line("killed [[hang]]");
    terminal.shows("esc to interrupt");
    std::thread::sleep(Duration::from_millis(500));
    terminal.kill();
    let log = codex.home.ok(&format!("log --json {id}")).json();
    assert_eq!((log[0]["prompt"].as_str(), log[0]["status"].as_str()), (Some("killed [[hang]]"), Some("open")));
    codex.turn(&id, "two");
    keeps(&codex, &id, &["one", "killed [[hang]]", "two"], LONG);
    assert_eq!(codex.home.ok(&format!("log --json {id}")).json()[1]["status"], "unterminated");
    codex.home.ok("verify");
}

#[test]
fn two_terminals_at_once() {
    let codex = codex();
    let terminals = ["left", "right"].map(|side| (side, tui(&codex, &[])));
    for turn in 1..=3 {
        for (side, terminal) in &terminals {
            terminal.line(&format!("{side} {turn}"));
        }
        for (side, terminal) in &terminals {
            terminal.shows(&format!("reply to: {side} {turn}"));
        }
    }
    for (side, terminal) in &terminals {
        terminal.line(&format!(" /save {side}"));
        terminal.shows("), turn 3.");
    }
    let saves = codex.home.ok("saves --json").json();
    assert_ne!(saves[0]["conversationId"], saves[1]["conversationId"]);
    for save in saves {
        let (session, side) = (save["conversationId"].as_str().unwrap(), save["name"].as_str().unwrap());
        let turns: Vec<String> = (1..=3).map(|turn| format!("{side} {turn}")).collect();
        keeps(&codex, session, &turns.iter().map(String::as_str).collect::<Vec<_>>(), LONG);
    }
    codex.home.ok("verify");
}

#[test]
fn a_broken_store_disturbs_no_turn() {
    let codex = codex();
    let (id, without) = (codex.start("one"), Codex::new(CURRENT));
    let other = without.start("one");
    keeps(&codex, &id, &["one"], LONG);
    fs::remove_dir_all(codex.home.store()).unwrap();
    fs::write(codex.home.store(), "in the way").unwrap();
    // What Codex says, without its own lines about hooks and what differs from run to run.
    let said = |codex: &Codex, id: &str| {
        let ran = codex.turn(id, "two");
        let differs =
            |line: &&str| ["hook: ", "session id: ", "workdir: ", "WARNING: "].iter().all(|own| !line.starts_with(own));
        (ran.code, ran.stdout.clone(), ran.stderr.lines().filter(differs).map(str::to_owned).collect::<Vec<_>>())
    };
    let broken = said(&codex, &id);
    assert_eq!(broken, said(&without, &other));
    assert!(!broken.2.iter().any(|line| line.contains("codex-git")));
    assert_eq!(codex.server.last_history(), without.server.last_history());
    let log = || fs::read_to_string(codex.home.path().join("log/codex-git.log")).unwrap();
    let until = Instant::now() + LONG;
    while !log().contains("Stop error") {
        assert!(Instant::now() < until, "{}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_name_that_a_person_gave_stays() {
    let codex = codex();
    let id = codex.start("one");
    codex.ok(&format!("rename {id} mine"));
    codex.ok("save alpha");
    let name = |session: &str| {
        let listed = codex.home.ok("list --all --json").json();
        listed.iter().find(|known| known["session"] == session).unwrap()["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(name(&id), "mine");
    let fork = codex.ok("fork mine --name kept").stdout.trim().to_owned();
    wait_for_name(&codex, "kept");
    assert_eq!(name(&fork), "kept");
    let again = codex.ok(&format!("fork {fork}")).stdout.trim().to_owned();
    wait_for_name(&codex, &format!("kept (fork of {}, turn 1)", &fork[..13]));
    assert_eq!(name(&again), format!("kept (fork of {}, turn 1)", &fork[..13]));
    // Codex is told of a name a moment later: the next fork gets another all the same.
    let told: Vec<String> = (0..3).map(|_| codex.ok(&format!("fork {fork}")).stderr).collect();
    for (told, number) in told.iter().zip(2..) {
        assert!(told.contains(&format!("turn 1) #{number}\n")), "{told}");
    }
    codex.turn(&fork, "two");
    assert_eq!(codex.server.last_history()[0], "user: one");
}

#[test]
fn watching_records_turns_without_hooks() {
    let codex = Codex::new(CURRENT);
    codex.home.ok("init -q --no-hooks");
    let mut command = codex.home.command();
    let watch = command.args(["watch", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let id = codex.start("one");
    keeps(&codex, &id, &["one"], LONG);
    codex.turn(&id, "two");
    keeps(&codex, &id, &["one", "two"], SECOND);
    codex.interrupt(&id, "stopped [[hang]]");
    keeps(&codex, &id, &["one", "two", "stopped [[hang]]"], SECOND);
    ran(Command::new("kill").args(["-TERM", &watch.id().to_string()]).output().unwrap());
    let told = ran(watch.wait_with_output().unwrap());
    assert_eq!(told.code, 0);
    let prompts: Vec<Value> = told.json().iter().map(|turn| turn["prompt"].clone()).collect();
    assert_eq!(prompts, ["one", "two", "stopped [[hang]]"]);
}

#[test]
fn the_repository_is_a_marketplace_with_the_plugin() {
    let codex = Codex::new(CURRENT);
    codex.home.ok("init -q --no-hooks");
    let market = codex.home.work().join("market");
    for part in [".agents", "hooks"] {
        copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(part), &market.join(part));
    }
    assert_eq!(codex.exec(&["plugin", "marketplace", "add", market.to_str().unwrap()]).code, 0);
    assert_eq!(codex.exec(&["plugin", "add", "codex-git@codex-git"]).code, 0);
    let told = codex.ok("hooks install --trust").stderr;
    assert!(told.contains("the Codex plugin's are installed") && told.contains("codex-git's 7 hooks"), "{told}");
    let own = Path::new(env!("CARGO_BIN_EXE_codex-git")).parent().unwrap();
    let path =
        std::env::join_paths(std::iter::once(own.to_owned()).chain(std::env::split_paths(&codex.path()))).unwrap();
    let told = ran(codex.command().env("PATH", path).args(["exec", "one"]).output().unwrap());
    let id = told.stderr.lines().find_map(|line| line.strip_prefix("session id: ")).unwrap().to_owned();
    keeps(&codex, &id, &["one"], SECOND);
}
