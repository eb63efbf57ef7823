//! Pushes and pulls that are killed at any moment: what was there is there, and the next one finishes the work.
//!
//! `CODEX_GIT_KILLS=ROUNDS` has more of them.

use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::Duration;

use super::{Shared, ends, go_on};
use crate::support::Home;
use crate::support::story::id;

/// Runs a command and kills it, with all that it started, after so many milliseconds.
fn killed(home: &Home, verb: &str, after: u64) {
    let mut command = home.command();
    let mut child = command.arg(verb).process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(after));
    let group = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
    child.wait().unwrap();
}

#[test]
fn a_killed_push_and_a_killed_pull_lose_nothing() {
    let rounds: u64 = std::env::var("CODEX_GIT_KILLS").map_or(24, |rounds| rounds.parse().unwrap());
    for is_together in [true, false] {
        let shared = Shared::new();
        shared.git(&format!("config receive.advertiseAtomic {is_together}"));
        let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
        let mut turns: Vec<String> = vec!["first".to_owned()];
        go_on(&here, 1, &["first"]);
        here.ok("push");
        there.ok("pull");
        there.ok(&format!("-q restore {}", id(1)));
        for round in 0..rounds / 2 {
            turns.push(format!("turn {round}"));
            go_on(&here, 1, &turns.iter().map(String::as_str).collect::<Vec<_>>());
            go_on(&here, 100 + u32::try_from(round).unwrap(), &["another"]);
            let after = 3 + round * 7 % 90;
            killed(&here, "push", after);
            killed(&there, "pull", after);
            here.ok("push");
            killed(&there, "pull", after);
            there.ok("pull");
            assert_eq!(ends(&there), ends(&here), "round {round}");
            let listed = there.ok("list --all --json").json();
            let first = listed.iter().find(|session| session["session"] == id(1)).unwrap();
            assert!(first["behind"].is_null(), "round {round}: its rollout has all of it");
        }
        for home in [&here, &there] {
            assert_eq!(home.ok("verify").code, 0);
            home.git("fsck --strict");
        }
        shared.git("fsck --strict");
    }
}
