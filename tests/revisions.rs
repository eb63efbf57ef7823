//! What a person types to mean a point: turns are counted as people count them, whatever commits lie between, and a mistake is told as one.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::support::story::{Written, id};
use crate::support::{Fixture, Home, ran};

const ID: &str = "01a205b3-8ce9-7090-9d48-3971a49ed352";

/// The turn that a revision means.
fn turn(home: &Home, revision: &str) -> u64 {
    let ran = ran(home.command().args(["log", "-n", "1", "--json", revision]).output().unwrap());
    assert_eq!(ran.code, 0, "{revision}: {}", ran.stderr);
    ran.json()[0]["turn"].as_u64().unwrap()
}

fn home(case: &str) -> Home {
    let home = Home::empty();
    Fixture::lineage(case).iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
    home.ok("init -q --no-hooks");
    home
}

#[test]
fn a_step_back_is_a_turn_in_forks_of_forks() {
    let (home, fixture) = (Home::with(&["0.169"]), Fixture::named("0.169"));
    home.ok("init -q --no-hooks");
    let last = turn(&home, &fixture.id());
    home.ok(&format!("save point {}~2", fixture.id()));
    assert_eq!(turn(&home, "point"), last - 2);
    let fork = home.ok("fork -q point").stdout.trim().to_owned();
    let again = home.ok(&format!("fork -q {fork}")).stdout.trim().to_owned();
    for session in [&fork, &again] {
        for back in 0..last - 2 {
            assert_eq!(turn(&home, &format!("{session}~{back}")), last - 2 - back);
        }
        assert_eq!(turn(&home, &format!("{session}^")), last - 3);
        assert_eq!(turn(&home, &format!("{session}^^~0")), last - 4);
    }
    let commit = home.git(&format!("rev-parse {again}"));
    assert_eq!(turn(&home, &format!("{}~1", commit.trim())), last - 3, "of a commit, too");
    assert_eq!(turn(&home, "point~1"), last - 3);
}

#[test]
fn a_step_back_is_a_turn_after_a_rewind_and_in_what_was_left_behind() {
    let home = home("revert");
    assert_eq!((turn(&home, ID), turn(&home, &format!("{ID}~1"))), (2, 1));
    assert_eq!(turn(&home, &format!("{ID}@{{before}}")), 3);
    assert_eq!(turn(&home, &format!("{ID}@{{before}}~2")), 1);
}

#[test]
fn a_session_s_name_hides_no_turn_and_not_what_was_recorded_last() {
    let home = Home::empty();
    Written::new(1).turn("one").turn("two").put(&home);
    Written::new(2).turn("another").put(&home);
    home.ok("init -q --no-hooks");
    let call = |name: &str| {
        let line = format!("{{\"id\":\"{}\",\"thread_name\":\"{name}\"}}\n", id(2));
        fs::write(home.path().join("session_index.jsonl"), line).unwrap();
    };
    let shown = |revision: &str| {
        let told = ran(home
            .command()
            .env("CODEX_THREAD_ID", id(1))
            .args(["log", "-n", "1", "--json", revision])
            .output()
            .unwrap());
        told.json()[0]["prompt"].as_str().unwrap().to_owned()
    };
    home.git(&format!("symbolic-ref HEAD refs/heads/{}", id(1)));
    for (name, means) in [("1", "one"), ("HEAD", "two"), ("3", "another"), ("other", "another")] {
        call(name);
        assert_eq!(shown(name), means, "{name}");
    }
}

#[test]
fn more_steps_than_there_are_turns_are_refused() {
    let home = home("revert");
    for revision in [format!("{ID}~2"), format!("{ID}~99"), format!("{ID}^^")] {
        let ran = home.run(["log", &revision]);
        assert_eq!(ran.code, 1);
        assert!(
            ran.stderr.contains("goes back further than session") && ran.stderr.contains("hint: codex-git log"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn nothing_is_wrong_usage_and_never_the_current_session() {
    let home = home("revert");
    let before = home.refs();
    for verb in ["fork", "log", "show", "resume", "restore", "rename"] {
        for nothing in ["", " "] {
            let ran =
                ran(home.command().args([verb, nothing]).args((verb == "rename").then_some("x")).output().unwrap());
            assert_eq!(ran.code, 2, "{verb}: {}", ran.stderr);
            assert!(ran.stderr.contains("error: a revision can't be empty"), "{verb}: {}", ran.stderr);
        }
    }
    assert_eq!(ran(home.command().args(["save", "x", ""]).output().unwrap()).code, 2);
    assert_eq!(home.refs(), before);
}

#[test]
fn near_misses_are_told() {
    let home = home("revert");
    home.ok(&format!("save alpha {ID}"));
    assert!(home.run(["log", "ALPHA"]).stderr.contains("did you mean `alpha`?"));
    for range in ["alpha..beta", "@~1..@", "@~9..@", "@^..", "alpha~1..alpha"] {
        let told = home.run(["fork", range]).stderr;
        assert!(told.contains(&format!("`{range}` is a range, and one point is asked for")), "{told}");
    }
    let ran = home.run(["lgo"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (2, "error: there is no command `lgo`\nhint: codex-git log\n"));
    assert!(home.ok("help fork").stdout.contains("Start a new session from a point of another"));
    assert!(home.run(["save", "a/"]).stderr.contains("a part that ends with `/`"));
}

#[test]
fn options_that_git_has_are_told_as_ours() {
    let home = home("revert");
    for (typed, option, hint) in [
        ("log -1", "-1", "log -n 1"),
        ("-q log -10 @ --stat", "-10", "-q log -n 10 @ --stat"),
        ("search -1 step", "-1", "search -n 1 step"),
        ("log --oneline", "--oneline", "log  # each is one line already"),
        ("log -S foo", "-S", "search -F foo"),
        ("log -Gfo+ --since 2026-01-01", "-G", "search fo+ --since 2026-01-01"),
        ("log --name-only -3", "--name-only", "log --stat -n 3"),
        ("list --oneline -3", "--oneline", "list -n 3  # each is one line already"),
    ] {
        let ran = home.run(typed.split(' '));
        let told = format!("error: there is no option `{option}`\nhint: codex-git {hint}\n");
        assert_eq!((ran.code, ran.stderr), (2, told), "{typed}");
    }
    assert!(
        home.run(["log", ID, "-S", "x"]).stderr.contains("unexpected argument '-S'"),
        "a search of one session is another"
    );
    assert!(home.run(["show", "--oneline"]).stderr.contains("unexpected argument '--oneline'"));
    assert!(home.run(["search", "-1"]).stderr.contains("use '-- -1'"), "a pattern is what lacks");
}

#[test]
fn hints_carry_the_options_that_were_given() {
    let home = Home::empty();
    let other = home.work().join("other home");
    std::fs::create_dir(&other).unwrap();
    let ran = ran(home.command().arg("--codex-home").arg(&other).arg("list").output().unwrap());
    assert_eq!(ran.stderr.lines().last().unwrap(), format!("hint: codex-git --codex-home '{}' init", other.display()));
}

#[test]
fn the_current_session_is_one_that_was_worked_in() {
    let home = Home::empty();
    let cwd = home.work().to_str().unwrap().to_owned();
    let base = Written::new(1).begun_in(&cwd).turn("worked in");
    let side = Written::fork(2, &base, 1).begun_in(&cwd).side_chat().turn("asked beside it");
    let opened = Written::new(3).begun_in(&cwd);
    let forked = Written::fork(4, &base, 1).begun_in(&cwd);
    for (age, session) in [(40, base), (30, side), (20, opened), (10, forked)] {
        session.put(&home);
        let file = fs::File::options().write(true).open(home.place(session.name())).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    }
    home.ok("init -q --no-hooks");
    let current = || home.run(["status", "--json"]).json()[0]["session"].as_str().unwrap().to_owned();
    assert_eq!(current(), id(1));
    home.ok("-q record");
    assert_eq!(current(), id(1));
    let listed = home.ok("list").stdout;
    assert!(!listed.contains(&id(3)[..13]) && listed.contains(&id(2)[..13]), "{listed}");
    assert_eq!(home.ok("--json list").json().len(), 4);
    // One that was rewound to before its first prompt was worked in.
    let rewound = Written::new(5).begun_in(&cwd).turn("taken back");
    rewound.put(&home);
    rewound.rewound_to_nothing(6, None).begun_in(&cwd).put(&home);
    home.ok("-q record");
    assert_eq!(current(), id(5));
    assert!(home.ok("list").stdout.contains(&id(5)[..13]));
}

#[test]
fn a_session_that_only_the_store_has_is_nearer_than_one_of_another_directory() {
    let home = Home::empty();
    let here = Written::new(1).begun_in(home.work().to_str().unwrap()).turn("here");
    let there = Written::new(2).begun_in("/elsewhere").turn("there");
    here.put(&home);
    there.put(&home);
    home.ok("init -q --no-hooks");
    let told = home.ok("evict --now @").stderr;
    assert!(told.contains(&format!("`codex-git restore {}` brings it back", &id(1)[..13])), "{told}");
    assert_eq!(home.run(["status", "--json"]).json()[0]["session"], id(1));
    home.ok("restore @");
    assert!(home.place(here.name()).exists() && home.place(there.name()).exists());
}
