//! Sessions that real Codex goes on with, on two machines in turn.

use super::Shared;
use crate::support::codex::{CURRENT, Codex, LEGACY};
use crate::support::ran;

/// The codex homes become machines of these names.
fn join(shared: &Shared, machines: &[(&Codex, &str)]) {
    for (codex, label) in machines {
        codex.ok("init -q --no-hooks");
        codex.ok(&format!("-q config label {label}"));
        codex.ok(&format!("-q remote add origin {} --share all", shared.address()));
    }
}

#[test]
fn a_session_goes_from_machine_to_machine_and_back() {
    for version in [CURRENT, LEGACY] {
        let shared = Shared::new();
        let (here, there) = (Codex::new(version), Codex::new(version));
        let id = here.start("one");
        here.turn(&id, "two");
        join(&shared, &[(&here, "desk"), (&there, "laptop")]);
        here.ok("push");
        there.ok("pull");
        let resumed =
            ran(there.resuming("three").args(["resume", &id]).current_dir(there.home.work()).output().unwrap());
        assert_eq!(resumed.code, 0, "{version}: {resumed:?}");
        there.turn(&id, "four");
        assert_eq!(there.asked(), ["one", "two", "three", "four"], "{version}");
        there.ok("push");
        let told = here.ok("pull");
        assert!(told.stderr.contains("+2 turns from laptop"), "{version}: {told:?}");
        assert_eq!(here.rollout_bytes(&id), there.rollout_bytes(&id), "{version}");
        here.turn(&id, "five");
        assert_eq!(here.asked(), ["one", "two", "three", "four", "five"], "{version}");
        here.ok("push");
        there.ok("pull");
        let heads = |codex: &Codex| codex.home.git(&format!("for-each-ref refs/heads/{id} refs/open/{id}"));
        assert_eq!(heads(&there), heads(&here), "{version}");
    }
}

#[test]
fn codex_goes_on_from_the_other_end_of_a_session() {
    let shared = Shared::new();
    let (here, there) = (Codex::new(CURRENT), Codex::new(CURRENT));
    let id = here.start("one");
    join(&shared, &[(&here, "desk"), (&there, "laptop")]);
    here.ok("push");
    there.ok("pull");
    there.ok(&format!("restore {id}"));
    there.turn(&id, "there");
    here.turn(&id, "here");
    there.ok("push");
    let told = here.ok("pull");
    assert!(told.stderr.contains("went on in two places after turn 1"), "{told:?}");
    let fork = here.ok(&format!("fork {id}@{{laptop}}")).stdout.trim().to_owned();
    here.turn(&fork, "and on");
    assert_eq!(here.asked(), ["one", "there", "and on"]);
    here.turn(&id, "as ever");
    assert_eq!(here.asked(), ["one", "here", "as ever"]);
}
