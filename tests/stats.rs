//! Stats: each turn counts once, however many forks share it; what was left behind was paid; and what the tokens were for adds up to them.

use serde_json::Value;

use crate::support::snapshot::fixtures;
use crate::support::story::{Written, id};
use crate::support::synthetic::Synthetic;
use crate::support::{Fixture, Home};

fn rows(home: &Home, words: &str) -> Vec<Value> {
    home.ok(&format!("stats --json {words}")).json()
}

fn sum(rows: &[Value], key: &str) -> u64 {
    rows.iter().map(|row| row[key].as_u64().unwrap()).sum()
}

/// A home with a real session of each of several versions.
fn home() -> Home {
    let home = Home::empty();
    for (_, rollout) in fixtures() {
        home.put(&rollout.name, &rollout.bytes);
    }
    home.ok("init -q --no-hooks");
    home
}

#[test]
fn whatever_turns_are_counted_by_they_are_the_same_turns() {
    let home = home();
    let turns: u64 = home.ok("list --all --json").json().iter().map(|session| session["turns"].as_u64().unwrap()).sum();
    let by_model = rows(&home, "--by model --tokens");
    assert_eq!(sum(&by_model, "turns"), turns);
    for by in ["project", "day", "week", "month", "session"] {
        let rows = rows(&home, &format!("--by {by} --tokens"));
        for key in ["tokens", "turns", "failed", "inputTokens", "outputTokens"] {
            assert_eq!(sum(&rows, key), sum(&by_model, key), "{by} {key}");
        }
    }
    assert!(sum(&by_model, "failed") > 0);
    assert_eq!(sum(&by_model, "inputTokens") + sum(&by_model, "outputTokens"), sum(&by_model, "tokens"));
}

#[test]
fn a_turn_that_forks_share_counts_once() {
    let home = Home::with(&["0.169"]);
    home.ok("init -q --no-hooks");
    let before = rows(&home, "--by model");
    let id = Fixture::named("0.169").id();
    for at in ["~1", "~2"] {
        home.ok(&format!("fork -q {id}{at}"));
    }
    assert_eq!(rows(&home, "--by model"), before);
    assert_eq!(sum(&rows(&home, "--by session"), "turns"), sum(&before, "turns"));
}

#[test]
fn a_turn_is_counted_at_the_session_that_made_it() {
    let (home, session) = (Home::empty(), Synthetic::new(3));
    let mut written = Written::new(1);
    written.open_turn("print much");
    written.called_with("print", "much", &"a line of output\n".repeat(900));
    written.close().put(&home);
    home.put(&session.name, session.rollout(1, 10).as_bytes());
    home.ok("init -q --no-hooks");
    let before = rows(&home, "--by session");
    for size in ["1k", "2k", "3k", "4k"] {
        let lean = home.ok(&format!("fork {} --lean {size}", id(1)));
        assert!(lean.stderr.contains("left 1 output"), "{lean:?}");
        assert_eq!(rows(&home, "--by session"), before, "none of its forks did anything");
    }
}

#[test]
fn turns_that_were_left_behind_count_too() {
    let home = Home::empty();
    for (name, bytes) in Fixture::lineage("revert") {
        home.put(&name, &bytes);
    }
    home.ok("init -q --no-hooks");
    let session = &home.ok("list --all --json").json()[0];
    let all = home.ok(&format!("log --json --all-turns {}", session["session"].as_str().unwrap())).json().len() as u64;
    assert!(all > session["turns"].as_u64().unwrap());
    assert_eq!(sum(&rows(&home, "--by model"), "turns"), all);
}

#[test]
fn tools_and_files_are_told_with_what_they_did() {
    let home = Home::empty();
    let (_, rollout) = fixtures().into_iter().find(|(name, _)| name == "0.169").unwrap();
    home.put(&rollout.name, &rollout.bytes);
    home.ok("init -q --no-hooks");
    let tools = rows(&home, "--by tool");
    let tool = |name: &str| tools.iter().find(|row| row["key"] == name).cloned().unwrap_or_else(|| panic!("{tools:?}"));
    assert_eq!((&tool("sed")["calls"], &tool("printf")["failed"]), (&1.into(), &1.into()));
    assert_eq!(tool("apply_patch")["failed"], 1);
    let files = rows(&home, "--by file");
    let new = files.iter().find(|row| row["key"].as_str().is_some_and(|key| key.ends_with("src/new.py"))).unwrap();
    assert!(new["added"].as_u64().unwrap() >= 4 && new["removed"].as_u64().unwrap() >= 1, "{new}");
    // A file that was renamed is told by its new name, as everywhere.
    let turns = home.ok(&format!("log --stat --json {}", rollout.id())).json();
    let named: Vec<&str> = turns
        .iter()
        .flat_map(|turn| turn["files"].as_array().unwrap())
        .filter_map(|file| file["path"].as_str())
        .collect();
    let is_named = |row: &Value| named.iter().any(|path| row["key"].as_str().unwrap().ends_with(path));
    assert!(files.len() > 1 && files.iter().all(is_named), "{files:?}\n{named:?}");
    let shown = home.ok("stats --by tool").stdout;
    assert!(shown.starts_with("tool") && shown.contains("\ntotal"), "{shown}");
}

#[test]
fn a_day_is_one_of_the_person_s() {
    let home = Home::with(&["0.169"]);
    home.ok("init -q --no-hooks");
    let day = |zone: &str| {
        let mut command = home.command();
        command.args(["stats", "--json", "--by", "day"]).env("TZ", zone);
        crate::support::ran(command.output().unwrap()).json()[0]["key"].as_str().unwrap().to_owned()
    };
    // The session was held at 22:56 UTC.
    assert_eq!((day("UTC0"), day("XXX-12")), ("2026-11-22".to_owned(), "2026-11-23".to_owned()));
}

#[test]
fn only_a_directory_or_a_conversation_is_counted_on_request() {
    let home = home();
    let (_, rollout) = fixtures().into_iter().find(|(name, _)| name == "0.36").unwrap();
    let one = rows(&home, &format!("--by session --session {}", rollout.id()));
    assert_eq!((one.len(), &one[0]["key"]), (1, &rollout.id().into()));
    let earlier = rows(&home, &format!("--by session --session {}~1", rollout.id()));
    assert_eq!(sum(&earlier, "turns") + 1, sum(&one, "turns"), "the turns up to that point");
    let projects = rows(&home, "--by project");
    let directory = projects[0]["key"].as_str().unwrap();
    assert_eq!(rows(&home, &format!("--by project --cwd {directory}")), projects[..1]);
    assert!(rows(&home, "--by project --cwd /nowhere").is_empty());
    assert_eq!(rows(&home, "--by session -n 2").len(), 2);
    assert_eq!(rows(&home, "--by day --since 2026-11-01"), rows(&home, "--by day"));
    assert!(rows(&home, "--by day --since 2099-01-01").is_empty());
}
