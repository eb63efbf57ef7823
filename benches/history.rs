//! Histories: the newest turns of a long session beside those of a short one, what git asks of a chunk beside a process that does nothing, and
//! the graph of all sessions beside git's.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use codex_git::ops::chunk_items;

use crate::Scale;
use crate::corpus::{Session, crowd, one};
use crate::run::{Table, Unit, git, median, ours, run, store};

pub fn histories(scale: Scale, table: &mut Table) {
    newest_turns(scale, table);
    chunk(scale, table);
    items(scale, table);
    graph(scale, table);
}

/// `log -n 20` and `show -n 5`, in a session that has little more than that and in a long one.
fn newest_turns(scale: Scale, table: &mut Table) {
    let homes = [20, scale.long].map(|turns| {
        let home = table.folder();
        one(&home, turns, 2000);
        run(ours(&home, &["-q", "init"]));
        run(ours(&home, &["-q", "record"]));
        home
    });
    for (words, reach) in [(["log", "-n", "20"], 1.15), (["show", "-n", "5"], 1.3)] {
        let mut took: [Vec<Duration>; 2] = Default::default();
        for _ in 0..scale.rounds {
            for (home, took) in homes.iter().zip(&mut took) {
                took.push(run(ours(home, &[&["--no-pager"], &words[..]].concat())));
            }
        }
        let [short, long] = took.map(median);
        let what = format!("`{}` of {} turns", words.join(" "), scale.long);
        table.compare(&what, long, ("of 20", short), reach, Unit::Seconds);
    }
}

/// What git's textconv runs for a chunk of 30 KB.
fn chunk(scale: Scale, table: &mut Table) {
    let (folder, mut session) = (table.folder(), Session::new(1));
    let path = folder.join("01.jsonl");
    fs::write(&path, session.turn(30_000)).unwrap();
    let (mut told, mut empty) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        told.push(run(ours(&folder, &["show", "--chunk", path.to_str().unwrap()])));
        let mut nothing = Command::new(env!("CARGO_BIN_EXE_codex-git"));
        nothing.arg("--version");
        empty.push(run(nothing));
    }
    let reference = ("an empty process", median(empty));
    table.compare("`show --chunk` of 30 KB", median(told), reference, 1.5, Unit::Seconds);
}

/// How long it takes to make items of turns, at 300 MB a second on one processor.
fn items(scale: Scale, table: &mut Table) {
    let mut session = Session::new(1);
    let turns: Vec<String> = (0..scale.long / 5).map(|_| session.turn(60_000)).collect();
    let bytes: usize = turns.iter().map(String::len).sum();
    let took = (0..scale.rounds.min(9)).map(|_| {
        let start = Instant::now();
        let told: usize = turns.iter().map(|turn| chunk_items(turn.as_bytes()).len()).sum();
        assert!(told >= turns.len());
        start.elapsed()
    });
    let what = format!("items of {} MB of turns", bytes / 1_000_000);
    table.limit(&what, median(took.collect()), bytes as f64 / 300e6, Unit::Seconds);
}

/// `log --graph --all`.
fn graph(scale: Scale, table: &mut Table) {
    let (home, sessions) = (table.folder(), scale.look[1]);
    crowd(&home, sessions, 1);
    run(ours(&home, &["-q", "init"]));
    run(ours(&home, &["-q", "record"]));
    let (mut drawn, mut by_git) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds.min(9) {
        drawn.push(run(ours(&home, &["--no-pager", "log", "--graph", "--all"])));
        by_git.push(run(git(&store(&home), &["log", "--graph", "--all", "--oneline"])));
    }
    let what = format!("`log --graph --all` of {sessions} sessions");
    table.compare(&what, median(drawn), ("`git log --graph --all --oneline`", median(by_git)), 1.5, Unit::Seconds);
}
