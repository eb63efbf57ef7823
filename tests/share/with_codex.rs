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
