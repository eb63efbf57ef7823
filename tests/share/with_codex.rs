//! A conversation that real Codex goes on with, on two machines in turn.

use super::{import, share};
use crate::support::codex::{CURRENT, Codex, LEGACY};
use crate::support::ran;

#[test]
fn a_conversation_goes_from_machine_to_machine_and_back() {
    for version in [CURRENT, LEGACY] {
        let (here, there) = (Codex::new(version), Codex::new(version));
        let id = here.start("one");
        here.turn(&id, "two");
        here.ok("init -q --no-hooks");
        there.ok("init -q --no-hooks");
        let told = import(&there.home, &share(&here.home, &id, "out.bundle"));
        assert_eq!((told.code, told.stdout.trim()), (0, id.as_str()), "{version}: {told:?}");
        let resumed =
            ran(there.resuming("three").args(["resume", &id]).current_dir(there.home.work()).output().unwrap());
        assert_eq!(resumed.code, 0, "{version}: {resumed:?}");
        assert_eq!(there.asked(), ["one", "two", "three"], "{version}");
        let told = import(&here.home, &share(&there.home, &id, "back.bundle"));
        assert!(told.stderr.contains("1 turn more than here"), "{version}: {told:?}");
        assert_eq!(here.rollout_bytes(&id), there.rollout_bytes(&id), "{version}");
        here.turn(&id, "four");
        assert_eq!(here.asked(), ["one", "two", "three", "four"], "{version}");
        let heads = |codex: &Codex| codex.home.git(&format!("for-each-ref refs/heads/{id} refs/open/{id}"));
        import(&there.home, &share(&here.home, &id, "again.bundle"));
        here.ok("-q record");
        assert_eq!(heads(&there), heads(&here), "{version}");
    }
}

/// A token that is none, made where no scanner of sources finds it.
fn token() -> String {
    ["ghp", "_", "A1b2C3d4E5f6G7h8I9j0", "K1l2M3n4O5p6Q7r8"].concat()
}

#[test]
fn codex_goes_on_with_a_masked_fork_and_sees_no_secret() {
    for version in [CURRENT, LEGACY] {
        let (here, there) = (Codex::new(version), Codex::new(version));
        let prompt = format!("log in with {} please", token());
        let id = here.start(&prompt);
        here.turn(&id, "two");
        here.ok("init -q --no-hooks");
        there.ok("init -q --no-hooks");
        let held = here.home.run(["share", &id, "--out", "held.bundle"]);
        assert!(held.code == 1 && held.stderr.contains("--mask"), "{version}: {held:?}");
        here.ok(&format!("share {id} --mask --out masked.bundle"));
        let told = import(&there.home, &here.home.work().join("masked.bundle"));
        let fork = told.stdout.trim().to_owned();
        assert!(told.code == 0 && fork != id, "{version}: {told:?}");
        there.ok(&format!("-q restore {fork}"));
        let resumed =
            ran(there.resuming("three").args(["resume", &fork]).current_dir(there.home.work()).output().unwrap());
        assert_eq!(resumed.code, 0, "{version}: {resumed:?}");
        let asked = there.asked();
        assert_eq!((asked.len(), &asked[1..]), (3, &["two".to_owned(), "three".to_owned()][..]), "{version}");
        assert_eq!(asked[0].len(), prompt.len(), "{version}: {asked:?}");
        assert!(
            asked[0].starts_with("log in with [masked*") && asked[0].ends_with("*] please"),
            "{version}: {asked:?}"
        );
        there.ok("-q record");
        there.ok("verify");
    }
}
