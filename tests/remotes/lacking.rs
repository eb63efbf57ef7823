//! What a push sends: all that the remote lacks, and nothing else.

use super::{Shared, ends, go_on, turns};
use crate::support::Home;

/// Pushes, and gives how many objects git sent.
fn sent(home: &Home) -> u64 {
    let trace = home.work().join("trace");
    let _ = std::fs::remove_file(&trace);
    let pushed = home.command().args(["-q", "push"]).env("GIT_TRACE2_EVENT", &trace).output().unwrap();
    assert!(pushed.status.success(), "{pushed:?}");
    let told = std::fs::read_to_string(&trace).unwrap();
    let wrote = told.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let wrote = wrote.filter(|event| event["key"] == "write_pack_file/wrote");
    wrote.map(|event| event["value"].as_str().unwrap().parse::<u64>().unwrap()).sum()
}

#[test]
fn a_turn_a_fork_and_a_save_take_what_is_there_already_no_second_time() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    let long: Vec<String> = (0..40).map(|turn| format!("question {turn}")).collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    for number in 1..=3 {
        go_on(&home, number, &long[..30]);
    }
    let all = sent(&home);
    assert!(all > 300, "{all}");

    go_on(&home, 2, &long[..31]);
    let turn = sent(&home);
    assert!((5..=10).contains(&turn), "a turn: {turn}");

    home.ok("-q fork 01a20f86-0001~10");
    let fork = sent(&home);
    assert!((5..=12).contains(&fork), "a fork of what is there: {fork}");

    home.ok("-q save early 01a20f86-0003~25");
    let save = sent(&home);
    assert!((3..=8).contains(&save), "a save: {save}");

    home.ok("-q share --to origin 01a20f86-0003~23");
    go_on(&home, 3, &long);
    let many = sent(&home);
    assert!((30..=60).contains(&many), "ten turns: {many}");

    let there = shared.machine("laptop");
    there.ok("-q pull");
    assert_eq!(ends(&there), ends(&home));
    shared.git("fsck --strict --connectivity-only");
}

#[test]
fn a_remote_whose_keep_somebody_else_wrote_gets_what_it_lacks() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    go_on(&home, 1, &["one", "two"]);
    home.ok("-q push");
    let keep = shared.git("for-each-ref --format=%(refname) refs/codex/*/keep").trim().to_owned();
    let tree = shared.git("hash-object -w -t tree /dev/null");
    let other = shared.git(&format!("-c user.name=x -c user.email=x commit-tree {} -m x", tree.trim()));
    shared.git(&format!("update-ref {keep} {}", other.trim()));
    shared.git("gc -q --prune=now");
    go_on(&home, 1, &["one", "two", "three"]);
    assert!(sent(&home) > 10, "it is sent once more with all that it goes on from");
    let there = shared.machine("laptop");
    there.ok("-q pull");
    assert_eq!(turns(&there, "01a20f86-0001"), ["one", "two", "three"]);
}
