//! Blame: how many lines that patches wrote it finds, how many of those that it names are right, and how long it takes beside git's own blame and
//! a pass over the store.
//!
//! The past is this repository's own: each version of a file is dealt to a patch with line numbers, a patch without, a command, or a person, and
//! every third is a commit of the project. Merges count as one step, as in the work tree that they were made in: laid in a row, the commits of two
//! branches take away and put back what no work tree ever lost. Which lines came with which version is known from the differences that the patches are made of.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::Scale;
use crate::corpus::{self, Random};
use crate::run::{Table, Unit, median, ours, output, run};

#[path = "../tests/support/unified.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod unified;

/// When the past begins, and how far apart versions are.
const BEGIN: usize = 1_795_556_769;
const APART: usize = 10;

/// Who makes a version of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Maker {
    Patch,
    PatchWithoutNumbers,
    Command,
    Person,
}

/// A file's versions, oldest first, each with its maker, and who brought each line of the last: the number of a version.
struct Life {
    path: String,
    versions: Vec<(Vec<String>, Maker)>,
    lines: Vec<usize>,
}

/// What came of the lines of all files.
#[derive(Default)]
struct Score {
    patched: usize,
    found: usize,
    named: usize,
    right: usize,
}

pub fn blames(scale: Scale, table: &mut Table) {
    let (mut usual, mut strict, mut last) = (Score::default(), Score::default(), None);
    for seed in 1..=3 {
        let lives = lives(if scale.rounds > 10 { 25 } else { 3 }, seed);
        if lives.is_empty() {
            return eprintln!("  this copy has no history");
        }
        let (project, home) = (table.folder(), table.folder());
        commit(&project, &lives);
        for (number, life) in lives.iter().enumerate() {
            session(&home, number, life, &project);
        }
        run(ours(&home, &["-q", "init", "--no-hooks"]));
        score(&home, &project, &lives, &[], &mut usual);
        score(&home, &project, &lives, &["--strict"], &mut strict);
        last = Some((home, project, lives));
    }
    let lost = |score: &Score| 1.0 - score.found as f64 / score.patched.max(1) as f64;
    let wrong = |score: &Score| 1.0 - score.right as f64 / score.named.max(1) as f64;
    let lines = strict.patched;
    table.limit(&format!("lines of patches that are not found, of {lines}"), lost(&usual), 0.03, Unit::Share);
    table.limit("… without what is marked", lost(&strict), 0.05, Unit::Share);
    table.limit("named lines that are wrong, without what is marked", wrong(&strict), 0.01, Unit::Share);
    table.limit("named lines that are wrong, with it", wrong(&usual), 0.07, Unit::Share);
    let (home, project, lives) = last.unwrap();
    time(scale, table, &home, &project, &lives);
}

/// How long it takes, in a store with more than these sessions.
fn time(scale: Scale, table: &mut Table, home: &Path, project: &Path, lives: &[Life]) {
    corpus::many(home, scale.large.0 / 5, scale.large.1 / 5, false);
    run(ours(home, &["-q", "record"]));
    let life = lives.iter().max_by_key(|life| life.versions.len()).unwrap();
    let at = |mut command: Command| {
        command.current_dir(project);
        run(command)
    };
    let (mut blamed, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds.min(9) {
        blamed.push(at(ours(home, &["--no-pager", "blame", &life.path])));
        let mut git = Command::new("git");
        git.args(["blame", "--porcelain", &life.path]);
        let pass: Duration = at(git) + at(ours(home, &["--no-pager", "stats", "--by", "file"]));
        reference.push(pass);
    }
    let what = format!("`blame` of a file of {} versions", life.versions.len());
    table.compare(&what, median(blamed), ("`git blame` and `stats --by file`", median(reference)), 1.2, Unit::Seconds);
}

fn git(folder: &Path, words: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(words).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", "/nonexistent");
    git
}

/// The files of this repository that have the most versions.
fn lives(most: usize, seed: u64) -> Vec<Life> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(told) = git(root, &["log", "--first-parent", "--format=", "--name-only", "-n", "3000"]).output() else {
        return Vec::new();
    };
    let mut counts = std::collections::BTreeMap::new();
    for path in String::from_utf8_lossy(&told.stdout).lines() {
        *counts.entry(path.to_owned()).or_insert(0) += 1;
    }
    let is_text = |path: &str| [".rs", ".md", ".toml"].iter().any(|end| path.ends_with(end));
    let mut paths: Vec<(usize, String)> = counts
        .into_iter()
        .filter(|(path, count)| *count >= 6 && is_text(path) && root.join(path).exists())
        .map(|(path, count)| (count, path))
        .collect();
    paths.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut random = Random::new(seed);
    paths.into_iter().take(most).filter_map(|(_, path)| life(root, path, &mut random)).collect()
}

fn life(root: &Path, path: String, random: &mut Random) -> Option<Life> {
    let commits = output(git(root, &["log", "--first-parent", "--reverse", "--format=%H", "--", &path]));
    let mut versions: Vec<(Vec<String>, Maker)> = Vec::new();
    let mut lines: Vec<usize> = Vec::new();
    for commit in commits.lines() {
        let told = git(root, &["show", &format!("{commit}:{path}")]).output().unwrap();
        let text = String::from_utf8_lossy(&told.stdout);
        let new: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
        let Some((old, _)) = versions.last().filter(|_| told.status.success()) else {
            if told.status.success() {
                lines = vec![0; new.len()];
                versions.push((new, if random.below(10) < 7 { Maker::Patch } else { Maker::Person }));
            }
            continue;
        };
        let number = versions.len();
        let rows = unified::rows(old, &new);
        let came = rows.iter().filter(|row| row.0 != '-').map(|row| if row.0 == '+' { number } else { lines[row.1] });
        lines = came.collect();
        let maker = match random.below(100) {
            0..45 => Maker::Patch,
            45..60 => Maker::PatchWithoutNumbers,
            60..70 => Maker::Command,
            _ => Maker::Person,
        };
        versions.push((new, maker));
    }
    (versions.len() >= 5).then_some(Life { path, versions, lines })
}

fn at(version: usize) -> usize {
    BEGIN + version * APART
}

/// A project whose commits hold every third version of each file, and whose files are the last versions.
fn commit(project: &Path, lives: &[Life]) {
    run(git(project, &["init", "-q", "-b", "main"]));
    let mut stream = Vec::new();
    let most = lives.iter().map(|life| life.versions.len()).max().unwrap();
    for version in (2..most).step_by(3) {
        for life in lives {
            let Some((lines, _)) = life.versions.get(version) else { continue };
            let text = lines.concat();
            let head =
                format!("commit refs/heads/main\ncommitter A <a@example.org> {} +0000\ndata 1\nx\n", at(version) + 1);
            stream.extend(format!("{head}M 100644 inline {}\ndata {}\n{text}\n", life.path, text.len()).into_bytes());
        }
    }
    let mut import = git(project, &["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut import.stdin.take().unwrap(), &stream).unwrap();
    assert!(import.wait().unwrap().success());
    run(git(project, &["reset", "-q", "--hard"]));
    for life in lives {
        let file = project.join(&life.path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, life.versions.last().unwrap().0.concat()).unwrap();
    }
}

/// The session that edited a file.
fn session(home: &Path, number: usize, life: &Life, project: &Path) {
    let id = format!("01a20f86-{number:04x}-7000-8000-{number:012x}");
    let file = project.join(&life.path);
    let mut text = String::new();
    let mut line = |version: usize, kind: &str, payload: Value| {
        let time = codex_git::model::rfc3339(at(version) as i64);
        text += &format!("{}\n", json!({ "timestamp": time, "type": kind, "payload": payload }));
    };
    line(
        0,
        "session_meta",
        json!({ "id": id, "timestamp": "2026-11-24T21:46:09Z", "cwd": project, "originator": "codex-tui", "cli_version": "0.169.0", "source": "cli" }),
    );
    for (version, (new, maker)) in life.versions.iter().enumerate() {
        if *maker == Maker::Person {
            continue;
        }
        line(version, "event_msg", json!({ "type": "task_started", "turn_id": format!("{number}-{version}") }));
        line(version, "turn_context", json!({ "cwd": project, "model": "mock" }));
        line(version, "event_msg", json!({ "type": "user_message", "message": format!("version {version}") }));
        for (kind, payload) in edit(version, life, new, *maker, &file) {
            line(version, kind, payload);
        }
        line(version, "event_msg", json!({ "type": "task_complete", "turn_id": format!("{number}-{version}") }));
    }
    corpus::put(home, &format!("rollout-2026-11-22T22-56-19-{id}.jsonl"), &text);
}

/// The lines that tell of an edit.
fn edit(version: usize, life: &Life, new: &[String], maker: Maker, file: &Path) -> Vec<(&'static str, Value)> {
    let Some((old, _)) = version.checked_sub(1).map(|before| &life.versions[before]) else {
        let changes = json!({ file.to_str().unwrap(): { "type": "add", "content": new.concat() } });
        return vec![("event_msg", patched(version, &changes))];
    };
    let rows = unified::rows(old, new);
    let call = format!("c{version}");
    match maker {
        Maker::Patch => {
            let diff = unified::hunks(&rows, 1);
            let changes =
                json!({ file.to_str().unwrap(): { "type": "update", "unified_diff": diff, "move_path": null } });
            vec![("event_msg", patched(version, &changes))]
        }
        Maker::PatchWithoutNumbers => {
            let bare = |line: &str| if line.starts_with("@@ -") { "@@".to_owned() } else { line.to_owned() };
            let body: Vec<String> = unified::hunks(&rows, 3).lines().map(bare).collect();
            let input = format!("*** Begin Patch\n*** Update File: {}\n{}\n*** End Patch", life.path, body.join("\n"));
            let done = "Success. Updated the following files:\n";
            vec![
                (
                    "response_item",
                    json!({ "type": "custom_tool_call", "name": "apply_patch", "call_id": call, "input": input }),
                ),
                ("response_item", json!({ "type": "custom_tool_call_output", "call_id": call, "output": done })),
            ]
        }
        Maker::Command | Maker::Person => {
            let item = json!({
                "type": "CommandExecution", "id": call, "command": ["bash", "-lc", format!("./rewrite {}", life.path)],
                "aggregated_output": "", "exit_code": 0,
            });
            vec![("event_msg", json!({ "type": "item_completed", "item": item }))]
        }
    }
}

fn patched(version: usize, changes: &Value) -> Value {
    let item = json!({ "type": "FileChange", "id": format!("c{version}"), "changes": changes, "status": "completed" });
    json!({ "type": "item_completed", "item": item })
}

/// Adds how the lines of all files are told.
fn score(home: &Path, project: &Path, lives: &[Life], options: &[&str], score: &mut Score) {
    for life in lives {
        let mut command = ours(home, &["blame", "--json", &life.path]);
        command.args(options).current_dir(project);
        let told = output(command);
        let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let turns: Vec<usize> =
            (0..life.versions.len()).filter(|version| life.versions[*version].1 != Maker::Person).collect();
        assert_eq!(told.len(), life.lines.len(), "{}", life.path);
        for (line, version) in told.iter().zip(&life.lines) {
            if line["text"].as_str().unwrap().trim().len() < 2 {
                continue;
            }
            let named = line["turn"].as_u64().map(|turn| turns[turn as usize - 1]);
            let maker = life.versions[*version].1;
            let is_patched = matches!(maker, Maker::Patch | Maker::PatchWithoutNumbers);
            score.patched += usize::from(is_patched);
            score.found += usize::from(is_patched && named == Some(*version));
            score.named += usize::from(named.is_some());
            score.right += usize::from(named == Some(*version));
        }
    }
}
