//! The derived table of sessions: whatever was done to the store, by whom and how fast, and whatever the table's file holds, a command says
//! what it says without the table.

use std::fs;
use std::path::PathBuf;

use crate::support::Home;
use crate::support::synthetic::Synthetic;

const SESSIONS: usize = 150;

fn table(home: &Home) -> PathBuf {
    home.store().join("codex-git.sessions")
}

/// What commands say that stand on the table.
fn said(home: &Home) -> Vec<String> {
    let (first, later) = (Synthetic::new(1), Synthetic::new(77));
    let prefix = &later.id[..35];
    let all = ["list --all --subagents --json", "graph --html --out -"].map(str::to_owned);
    [&all[..], &[format!("log --json {}", first.id), format!("log {prefix}")]]
        .concat()
        .iter()
        .map(|words| {
            let ran = home.run(words.split(' '));
            format!("{words}: {} {} {}", ran.code, ran.stdout, ran.stderr)
        })
        .collect()
}

/// Commands say the same with the table as it is and without one.
fn check(home: &Home, after: &str) {
    let with = said(home);
    fs::remove_file(table(home)).ok();
    assert_eq!(with, said(home), "{after}");
    assert!(table(home).exists(), "{after}");
}

/// A home of many sessions that are packed, one of them with a fork.
fn home() -> Home {
    let home = Home::empty();
    for number in 0..SESSIONS {
        let session = Synthetic::new(number);
        home.put(&session.name, session.rollout(2, 50).as_bytes());
    }
    home.ok("init -q --no-hooks");
    home.ok(&format!("fork {}~1", Synthetic::new(1).id));
    home
}

fn grow(home: &Home, number: usize, turns: usize) {
    let session = Synthetic::new(number);
    home.put(&session.name, session.rollout(turns, 50).as_bytes());
}

#[test]
fn what_moves_a_ref_is_seen() {
    let home = home();
    check(&home, "an import and a fork");
    grow(&home, 3, 3);
    home.ok("record -q");
    check(&home, "a turn");
    grow(&home, SESSIONS, 1);
    home.ok(&format!("log {}", Synthetic::new(SESSIONS).id));
    check(&home, "a new session");
    home.git("pack-refs --all");
    check(&home, "git packed the refs");
    grow(&home, 4, 3);
    home.ok("record -q");
    home.ok("gc -q");
    check(&home, "a turn, and gc");
    home.git(&format!("update-ref -d refs/heads/{}", Synthetic::new(5).id));
    fs::remove_file(home.place(&Synthetic::new(5).name)).unwrap();
    check(&home, "git dropped a branch");
    for number in 10..90 {
        grow(&home, number, 3);
    }
    home.ok("record -q");
    check(&home, "many turns");
    home.ok(&format!("fork {}", Synthetic::new(1).id));
    check(&home, "another fork");
}

#[test]
fn moves_right_after_each_other_are_seen() {
    let home = home();
    for turns in 3..9 {
        grow(&home, 7, turns);
        home.ok(&format!("record -q {}", home.place(&Synthetic::new(7).name).display()));
        let listed = home.ok("list --all --json").json();
        let session = listed.iter().find(|session| session["session"] == Synthetic::new(7).id).unwrap();
        assert_eq!(session["turns"], turns);
    }
}

#[test]
fn a_table_that_is_damaged_is_made_anew() {
    let home = home();
    let expected = said(&home);
    let good = fs::read(table(&home)).unwrap();
    let step = good.len() / 40;
    for at in (0..good.len()).step_by(step) {
        let mut damaged = good.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(table(&home), damaged).unwrap();
        assert_eq!(said(&home), expected, "byte {at}");
    }
    for len in [0, 10, 4096, good.len() - 4096] {
        fs::write(table(&home), &good[..len]).unwrap();
        assert_eq!(said(&home), expected, "{len} bytes");
    }
    fs::remove_file(table(&home)).unwrap();
    fs::create_dir(table(&home)).unwrap();
    assert_eq!(said(&home), expected, "a folder");
}
