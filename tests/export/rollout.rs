//! A rollout that stands alone: it holds the whole conversation, and Codex resumes it where nothing else of it is.

use std::fs;

use super::{ok, run, story};
use crate::support::codex::{CURRENT, Codex, LEGACY};
use crate::support::story::id;
use crate::support::{Fixture, Home};

#[test]
fn a_session_that_goes_on_from_no_other_is_written_byte_for_byte() {
    for case in ["0.169", "0.98", "0.47"] {
        let home = Home::with(&[case]);
        home.ok("init -q --no-hooks");
        let fixture = Fixture::named(case);
        let out = home.work().join("alone.jsonl");
        home.ok(&format!("export {} --format jsonl --out {}", fixture.id(), out.display()));
        assert_eq!(fs::read(out).unwrap(), fixture.bytes, "{case}");
    }
}

#[test]
fn a_native_fork_takes_along_what_it_goes_on_from() {
    let (home, _) = story();
    let alone = ok(&home, &format!("export {} --format jsonl", id(2))).stdout;
    let first = alone.lines().next().unwrap();
    assert!(!first.contains("history_base") && first.contains(&id(2)), "{first}");
    for prompt in ["count the words in a file", "run the tests", "a different design"] {
        assert!(alone.contains(&format!("\"text\":\"{prompt}\"")), "{prompt}");
    }
    assert!(!alone.contains("and document it"), "only what the fork has");
    let refused = run(&home, &format!("export {} --format jsonl --turns 2..", id(2)));
    assert!(refused.code == 2 && refused.stderr.contains("first turn"), "{refused:?}");
}

#[test]
fn codex_resumes_it_on_another_machine() {
    for version in [CURRENT, LEGACY] {
        let (here, there) = (Codex::new(version), Codex::new(version));
        let session = here.start("one");
        here.turn(&session, "two");
        here.ok("init -q --no-hooks");
        let fork = here.ok(&format!("fork {session} --turn 1")).plain().trim().to_owned();
        here.turn(&fork, "three");
        let name = here.rollout(&fork).file_name().unwrap().to_str().unwrap().to_owned();
        let place = there.home.place(&name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        here.ok(&format!("export {fork} --format jsonl --out {}", place.display()));
        there.turn(&fork, "four");
        let history = there.server.last_history();
        let told: Vec<&str> = history.iter().filter_map(|line| line.strip_prefix("user: ")).collect();
        assert_eq!(told, ["one", "three", "four"], "{version}: {history:?}");
    }
}
