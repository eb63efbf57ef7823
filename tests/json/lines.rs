//! Every command with `--json`, run on real homes: what it printed, and the entry of the schema that this must fit.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};

use crate::share::server::Server;
use crate::support::codex::{CURRENT, Codex};
use crate::support::snapshot::fixtures;
use crate::support::story::{Written, family, id};
use crate::support::synthetic::Synthetic;
use crate::support::{Fixture, Home, Ran, line_ends, ran};

/// A line that a command printed.
pub struct Line {
    pub command: String,
    pub entry: String,
    pub object: Value,
}

/// What sessions that real Codex wrote have commands print.
pub static FIXTURES: LazyLock<Vec<Line>> = LazyLock::new(of_fixtures);

/// What commands print besides.
static OTHERS: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let homes = [
        of_what_no_fixture_has,
        of_a_family,
        of_patches,
        of_blamed_lines,
        of_saves,
        of_damage,
        of_missing_files,
        of_evicted_files,
        of_shared_files,
        of_remotes,
        of_how_things_stand,
        of_settings,
        of_secrets,
        of_code,
        of_a_watch,
        of_a_codex,
    ];
    homes.into_iter().flat_map(|lines| lines()).collect()
});

/// What every command printed.
pub fn all() -> impl Iterator<Item = &'static Line> {
    FIXTURES.iter().chain(OTHERS.iter())
}

/// The lines of some commands in one home.
struct Told<'h> {
    home: &'h Home,
    lines: Vec<Line>,
}

impl<'h> Told<'h> {
    fn by(home: &'h Home) -> Self {
        Self { home, lines: Vec::new() }
    }

    /// Runs a command, which prints lines of one entry whatever its exit code is.
    fn run(&mut self, words: &str, entry: &str) {
        self.sorted(words, |_| entry.to_owned());
    }

    /// Runs a command whose lines are of several entries.
    fn sorted(&mut self, words: &str, entry: impl Fn(&Value) -> String) {
        let ran = self.home.run(words.split_whitespace().chain(["--json"]));
        self.take(words, &ran, entry);
    }

    fn take(&mut self, words: &str, ran: &Ran, entry: impl Fn(&Value) -> String) {
        assert!(!ran.stdout.is_empty(), "{words} prints nothing: {}", ran.stderr);
        let line = |object: Value| Line { command: words.to_owned(), entry: entry(&object), object };
        self.lines.extend(ran.json().into_iter().map(line));
    }
}

fn of_item(object: &Value) -> String {
    format!("item-{}", object["kind"].as_str().unwrap_or_default())
}

fn of_save(object: &Value) -> String {
    if object.get("broken").is_some() { "broken-save" } else { "save" }.to_owned()
}

fn of_difference(object: &Value) -> String {
    let keys = [("forkPoint", "fork-point"), ("path", "side-file")];
    keys.iter().find(|(key, _)| object.get(key).is_some()).map_or("side-turn", |(_, entry)| entry).to_owned()
}

fn of_verify(object: &Value) -> String {
    let keys = [("objectsLost", "repaired"), ("problems", "verified")];
    keys.iter().find(|(key, _)| object.get(key).is_some()).map_or("problem", |(_, entry)| entry).to_owned()
}

/// All sessions that real Codex wrote.
fn of_fixtures() -> Vec<Line> {
    let home = Home::empty();
    let cases =
        Fixture::all().into_iter().map(|case| Fixture::named(&case)).map(|fixture| (fixture.name, fixture.bytes));
    let items = fixtures().into_iter().map(|(_, rollout)| (rollout.name, rollout.bytes));
    let families = ["forks", "revert", "rewind-0.148"].into_iter().flat_map(Fixture::lineage);
    let demo = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/commands/demo")).unwrap();
    let demo = demo
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()));
    cases.chain(items).chain(families).chain(demo).for_each(|(name, bytes)| drop(home.put(&name, &bytes)));
    let mut told = Told::by(&home);
    told.run("init --no-hooks", "recorded");
    told.run("record", "recorded");
    told.run("list --all --subagents", "session");
    for session in sessions(&home) {
        told.sorted(&format!("show {session}"), of_item);
        told.run(&format!("log --all-turns --stat {session}"), "turn-with-files");
    }
    told.run("log --all", "turn");
    for by in ["project", "day", "week", "month", "model", "session", "tool", "file"] {
        told.run(&format!("stats --by {by}"), "counted");
    }
    told.run("stats --tokens", "counted");
    told.lines
}

fn sessions(home: &Home) -> Vec<String> {
    let listed = home.ok("list --all --subagents --json").json();
    listed.iter().map(|session| session["session"].as_str().unwrap().to_owned()).collect()
}

/// A session with each kind of item that no fixture has.
fn of_what_no_fixture_has() -> Vec<Line> {
    let (home, session) = (Home::empty(), Synthetic::new(1));
    let line = |kind: &str, payload: Value| {
        json!({ "timestamp": "2026-11-23T00:01:00.000Z", "type": kind, "payload": payload }).to_string() + "\n"
    };
    let records = [
        session.meta(),
        line("turn_context", json!({ "model": "one" })),
        session.turn(1, 10),
        line("turn_context", json!({ "model": "another" })),
        line("event_msg", json!({ "type": "entered_review_mode" })),
        line("event_msg", json!({ "type": "exited_review_mode" })),
        line("event_msg", json!({ "type": "thread_rolled_back", "num_turns": 1 })),
        line("event_msg", json!({ "type": "brand_new" })),
        line("response_item", json!({ "type": "function_call_output", "call_id": "gone", "output": "alone" })),
        session.turn(2, 10),
    ];
    home.put(&session.name, records.concat().as_bytes());
    home.ok("init -q --no-hooks");
    let mut told = Told::by(&home);
    told.sorted(&format!("show {}", session.id), of_item);
    told.run(&format!("log {}", session.id), "turn");
    told.lines
}

/// Forks, a rewind, an agent, and a save on a session's first line.
fn of_a_family() -> Vec<Line> {
    let home = family();
    let (one, three, alone) = (id(1), id(3), id(9));
    home.ok(&format!("save -q beginning {}", home.git(&format!("rev-parse {alone}~1"))));
    let mut told = Told::by(&home);
    told.run(&format!("log {one}"), "turn");
    told.run("log beginning", "turn");
    told.run("log --graph --all --all-turns", "turn");
    told.run("list --all --subagents", "session");
    told.sorted(&format!("diff {one} {three}"), of_difference);
    told.sorted(&format!("diff {one} {alone}"), of_difference);
    told.run(&format!("fork {one}~1"), "fork");
    told.run("fork shipped --name again", "fork");
    told.run("search words -C 1", "found-line");
    told.run("search new --in patch", "found-line");
    told.run("search -l words", "found-session");
    told.run("search -c words", "found-session");
    told.run(&format!("restore --as-fork {three}"), "fork");
    told.lines
}

/// Patches that made, changed, moved and deleted files, and one that git would refuse.
fn of_patches() -> Vec<Line> {
    let home = Home::empty();
    let at = |path: &str| home.work().join(path).to_str().unwrap().to_owned();
    let add = |path: &str| json!({ at(path): { "type": "add", "content": "x\n" } });
    let update = |to: Value| json!({ "type": "update", "unified_diff": "@@ -1 +1 @@\n-x\n+y\n", "move_path": to });
    let turn = [
        add("new"),
        add(".git/x"),
        json!({ at("changed"): update(Value::Null) }),
        json!({ at("moved"): update(at("there").into()) }),
        json!({ at("gone"): { "type": "delete", "content": "x\n" } }),
    ];
    Written::new(1).cwd(home.work().to_str().unwrap()).changed("go", &turn).put(&home);
    home.ok("init -q --no-hooks");
    let mut told = Told::by(&home);
    told.run("patch", "edited-file");
    told.run("patch --check", "patch-check");
    for name in ["changed", "moved", "gone"] {
        fs::write(home.work().join(name), "x\n").unwrap();
    }
    told.run("patch --check", "patch-check");
    told.lines
}

/// Lines of each origin.
fn of_blamed_lines() -> Vec<Line> {
    let life = crate::blame::story::life();
    let was = format!("--was {}={}", crate::blame::story::CWD, life.home.work().display());
    let mut told = Told::by(&life.home);
    told.run(&format!("blame {was} {}", life.path), "blamed-line");
    told.sorted(&format!("blame {was} {}:2", life.path), of_item);
    told.lines
}

/// Snapshots of a project's files.
fn of_code() -> Vec<Line> {
    let project = crate::code::Project::new();
    let session = project.session.clone();
    let mut told = Told::by(&project.home);
    project.put("a", "1\n");
    project.put(".env", "secret");
    project.before(1);
    project.put("a", "2\n");
    project.put("b", "\0");
    project.after(1);
    told.run("code", "code-state");
    told.run("code on --here", "code-state");
    told.run("code off --here", "code-state");
    told.run("code ignore /data/", "code-state");
    told.run("code snap", "code-snapshot");
    told.run("code snap --list", "code-kept");
    told.run(&format!("code log {session}"), "code-turn");
    let log = project.home.ok(&format!("log --json {session}")).json();
    let turn = log.iter().find(|turn| turn["turn"] == 1).unwrap()["commit"].as_str().unwrap().to_owned();
    told.run(&format!("code show {turn}"), "code-entry");
    std::fs::remove_file(project.root().join("a")).unwrap();
    project.put("c", "new\n");
    told.run(&format!("code diff {turn}"), "code-file");
    told.run(&format!("code restore --yes --all {turn}"), "code-restored");
    told.run("code undo --yes", "code-restored");
    let place = project.root().with_extension("fork");
    told.run(&format!("fork {turn} --worktree {}", place.display()), "fork");
    told.run("code forget --yes --path b", "code-freed");
    told.run("code prune", "code-freed");
    told.lines
}

/// Saves: made, moved, undone, deleted, broken.
fn of_saves() -> Vec<Line> {
    let home = Home::with(&["0.169", "0.47"]);
    home.ok("init -q --no-hooks");
    let session = Fixture::named("0.169").id();
    let mut told = Told::by(&home);
    told.run(&format!("save alpha {session}~1 -m note"), "save");
    told.run(&format!("save alpha {session}"), "save");
    told.run(&format!("save beta {}", Fixture::named("0.47").id()), "save");
    told.run("save --undo alpha --dry-run", "undone-save");
    told.run("save --undo alpha", "undone-save");
    told.run("save --undo alpha", "undone-save");
    fs::write(home.store().join("refs/tags/gamma"), "no id\n").unwrap();
    told.sorted("saves", of_save);
    told.run("save --delete beta --dry-run", "deleted-save");
    told.run("save --delete beta", "deleted-save");
    told.lines
}

/// A store that lost a turn: while a rollout has it, and when none has.
fn of_damage() -> Vec<Line> {
    let (home, session) = (Home::empty(), Synthetic::new(7));
    home.put(&session.name, session.meta().as_bytes());
    home.ok("init -q --no-hooks");
    let rollout = home.put(&session.name, session.rollout(2, 300).as_bytes());
    home.ok("record -q");
    let turn = home.git(&format!("rev-parse {}:0000/02.jsonl", session.id));
    let turn = home.store().join("objects").join(&turn[..2]).join(turn[2..].trim());
    let mut told = Told::by(&home);
    told.sorted("verify", of_verify);
    fs::remove_file(&turn).unwrap();
    told.sorted("verify", of_verify);
    told.sorted("verify --repair", of_verify);
    fs::remove_file(&rollout).unwrap();
    fs::remove_file(&turn).unwrap();
    told.sorted("verify --repair", of_verify);
    told.run("gc", "collected");
    told.lines
}

/// Rollouts that are there, that are behind, and that are gone.
fn of_missing_files() -> Vec<Line> {
    let (home, fixture) = (Home::with(&["0.169", "0.80"]), Fixture::named("0.169"));
    home.ok("init -q --no-hooks");
    let (session, place) = (fixture.id(), home.place(&fixture.name));
    let mut told = Told::by(&home);
    told.run(&format!("restore {session}"), "restored");
    fs::remove_file(&place).unwrap();
    told.run("list --all", "session");
    told.run(&format!("export {session} --out page.html --max-bytes 1"), "written-file");
    told.run("graph --pages site", "written-file");
    told.run("restore --deleted --dry-run", "restored");
    told.run(&format!("restore {session}"), "restored");
    fs::write(&place, &fixture.bytes[..line_ends(&fixture.bytes)[20]]).unwrap();
    told.run("record", "recorded");
    told.run("list --all", "session");
    told.run("restore --advance --dry-run", "advanced");
    told.run("restore --advance", "advanced");
    // A file in the place of a folder can't be read as one, whoever asks.
    fs::write(home.path().join("archived_sessions"), "x").unwrap();
    fs::remove_file(&place).unwrap();
    told.run("list --all", "session");
    told.run("status", "status");
    told.run("doctor", "examined");
    told.lines
}

/// Conversations that are carried from one home to another.
fn of_shared_files() -> Vec<Line> {
    let (home, other) = (Home::empty(), Home::empty());
    let session = |turns: &[&str]| turns.iter().fold(Written::new(1), |session, prompt| session.turn(prompt));
    for home in [&home, &other] {
        session(&["one"]).put(home);
        home.ok("init -q --no-hooks");
    }
    session(&["one", "two", "three"]).put(&home);
    let (mut told, mut taken) = (Told::by(&home), Told::by(&other));
    told.run(&format!("share {}~1 --out two.bundle", id(1)), "shared");
    told.run(&format!("share {} --out all.bundle", id(1)), "shared");
    let file = |name: &str| home.work().join(name).to_str().unwrap().to_owned();
    taken.run(&format!("import --dry-run {}", file("two.bundle")), "imported");
    taken.sorted(&format!("import {}", file("two.bundle")), |line| {
        if line["outcome"].is_null() { "advanced" } else { "imported" }.to_owned()
    });
    taken.run(&format!("import {}", file("two.bundle")), "imported");
    session(&["one", "two", "another"]).put(&other);
    other.ok("-q record");
    taken.run(&format!("import {}", file("all.bundle")), "imported");
    taken.run("strands", "strand");
    told.run(&format!("share {} --post {}", id(1), Server::start().at("post")), "posted");
    told.lines.extend(taken.lines);
    told.lines
}

/// Sessions that two machines share through a repository.
fn of_remotes() -> Vec<Line> {
    let (home, other) = (Home::empty(), Home::empty());
    let shared = home.work().join("shared.git").to_str().unwrap().to_owned();
    assert!(std::process::Command::new("git").args(["init", "-q", "--bare", &shared]).status().unwrap().success());
    let session = |turns: &[&str]| turns.iter().fold(Written::new(1), |session, prompt| session.turn(prompt));
    session(&["one"]).put(&home);
    home.ok("init -q --no-hooks");
    let (mut told, mut taken) = (Told::by(&home), Told::by(&other));
    told.run(&format!("remote add origin {shared} --share all"), "remote");
    told.run("push --dry-run", "pushed");
    told.run("push", "pushed");
    told.run(&format!("share {} --to origin", id(1)), "put");
    taken.run(&format!("clone --no-hooks {shared}"), "pulled");
    taken.run("remote set origin --share all", "remote");
    other.ok(&format!("-q restore {}", id(1)));
    session(&["one", "two"]).put(&other);
    taken.run("sync", "pushed");
    told.sorted("pull", |line| if line["outcome"].is_null() { "advanced" } else { "pulled" }.to_owned());
    taken.run("list --remote", "session-elsewhere");
    taken.run(&format!("unshare {}", id(1)), "unshared");
    told.run("remote", "remote");
    told.run("remote show", "remote");
    let other_machine = other.git("config codexgit.machine");
    told.run(&format!("unshare --machine {}", other_machine.trim()), "dropped-machine");
    told.run("remote remove origin", "remote");
    told.lines.extend(taken.lines);
    told.lines
}

/// Rollouts that are moved aside and removed.
fn of_evicted_files() -> Vec<Line> {
    let home = Home::with(&["0.169", "0.80"]);
    home.ok("init -q --no-hooks");
    let mut told = Told::by(&home);
    told.run("evict --yes --larger-than 1 --dry-run", "evicted");
    told.run(&format!("evict --yes {}", Fixture::named("0.169").id()), "evicted");
    told.run(&format!("evict --yes --now {}", Fixture::named("0.80").id()), "evicted");
    told.run("doctor", "examined");
    told.run("gc", "collected");
    told.lines
}

/// A home without a store, and one with all that a status can tell.
fn of_how_things_stand() -> Vec<Line> {
    let home = Home::with(&["0.169"]);
    let mut told = Told::by(&home);
    told.run("status", "status");
    told.run("doctor", "examined");
    told.run("hooks", "hook");
    home.ok("init -q");
    home.ok("save -q alpha");
    home.ok("verify -q");
    fs::create_dir_all(home.path().join("log")).unwrap();
    let log = "2026-11-23T00:00:00Z Stop ok recorded\n2026-11-23T00:00:01Z SessionEnd error no store\n";
    fs::write(home.path().join("log/codex-git.log"), log).unwrap();
    told.run("hooks", "hook");
    told.run("doctor", "examined");
    let mut command = home.command();
    command.args(["status", "--json"]).env("CODEX_THREAD_ID", Fixture::named("0.169").id());
    told.take("status", &ran(command.output().unwrap()), |_| "status".to_owned());
    told.lines
}

/// Settings, some that make no sense, and directories that were moved.
fn of_settings() -> Vec<Line> {
    let home = Home::with(&["0.169"]);
    home.ok("init -q --no-hooks");
    let mut told = Told::by(&home);
    told.run("config", "setting");
    told.run("config autogc", "setting");
    told.run("config date iso", "setting");
    told.run("moved /work/old .", "moved-directory");
    told.run("config map", "setting");
    told.run("config date --unset", "setting");
    told.run("moved", "moved-directory");
    told.run("moved --forget /work/old", "moved-directory");
    home.git("config codexgit.autogc perhaps");
    told.run("doctor", "examined");
    told.lines
}

/// Secrets that are found, allowed and held back again.
fn of_secrets() -> Vec<Line> {
    let home = Home::empty();
    let token = ["gh", "p_", "k9Qz7vLm2RtX4wBnC6yHd8JfG3sPa5TuE1oW"].concat();
    Written::new(1).turn(&format!("log in with {token}")).put(&home);
    home.ok("init -q --no-hooks");
    let mut told = Told::by(&home);
    told.run("secrets", "found-secret");
    let fingerprint = told.lines[0].object["fingerprint"].as_str().unwrap().to_owned();
    told.run(&format!("secrets allow {fingerprint} --note test"), "allowed-secret");
    told.run("secrets --all", "found-secret");
    told.run(&format!("secrets disallow {fingerprint}"), "allowed-secret");
    told.run("secrets rules", "secret-rule");
    told.lines
}

/// Turns that end while somebody watches.
fn of_a_watch() -> Vec<Line> {
    let (home, session) = (Home::empty(), Synthetic::new(1));
    home.put(&session.name, session.rollout(1, 10).as_bytes());
    home.ok("init -q --no-hooks");
    let out = home.work().join("told");
    let mut command = home.command();
    let mut watch = command.args(["watch", "-q", "--json"]).stdout(fs::File::create(&out).unwrap()).spawn().unwrap();
    // What is there when the watch begins is recorded without a word.
    let mut turns = 1;
    while fs::metadata(&out).unwrap().len() == 0 {
        turns += 1;
        assert!(turns < 100, "no turn is told");
        home.put(&session.name, session.rollout(turns, 10).as_bytes());
        std::thread::sleep(Duration::from_millis(200));
    }
    ran(Command::new("kill").args(["-TERM", &watch.id().to_string()]).output().unwrap());
    assert!(watch.wait().unwrap().success());
    let told = Ran { code: 0, stdout: fs::read_to_string(&out).unwrap(), stderr: String::new() };
    let mut lines = Told::by(&home);
    lines.take("watch", &told, |_| "turn".to_owned());
    lines.lines
}

/// What real Codex is asked for: whether it trusts hooks, and for names.
fn of_a_codex() -> Vec<Line> {
    let codex = Codex::new(CURRENT);
    let session = codex.start("one");
    let mut told = Told::by(&codex.home);
    let mut take = |words: &str, entry: &str| {
        let ran = codex.ok(&format!("{words} --json"));
        told.take(words, &ran, |_| entry.to_owned());
    };
    take("init --trust", "recorded");
    take("hooks", "hook");
    take(&format!("rename {session} mine"), "renamed");
    take(&format!("fork {session}"), "fork");
    take("list", "session");
    take("status", "status");
    take("doctor", "examined");
    told.lines
}
