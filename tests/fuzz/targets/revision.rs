//! Revisions: whatever is typed means a point or nothing.
#![no_main]

use std::sync::LazyLock;

use codex_git::{Here, Workspace};
use libfuzzer_sys::fuzz_target;

const ID: &str = "01a20579-8247-72d2-b159-c5492aec819f";

/// A home with one session of three turns, and a save.
static HOME: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("sessions");
    std::fs::create_dir(&folder).unwrap();
    let mut lines = format!("{{\"type\":\"session_meta\",\"payload\":{{\"id\":\"{ID}\",\"timestamp\":\"2026-11-22T22:56:19Z\",\"cwd\":\"/w\"}}}}\n");
    for turn in 0..3 {
        for event in ["task_started", "user_message", "task_complete"] {
            lines += &format!("{{\"type\":\"event_msg\",\"payload\":{{\"type\":\"{event}\",\"turn_id\":\"{turn}\",\"message\":\"m\"}}}}\n");
        }
    }
    std::fs::write(folder.join(format!("rollout-2026-11-22T22-56-19-{ID}.jsonl")), lines).unwrap();
    let workspace = Workspace::init(home.path(), &home.path().join("sessions.git")).unwrap();
    let point = workspace.resolve(&Here::default(), ID).unwrap().point;
    workspace.save(&Workspace::save_name("alpha").unwrap(), &point, 0).unwrap();
    home
});

fuzz_target!(|text: &str| {
    let workspace = Workspace::open(HOME.path(), &HOME.path().join("sessions.git")).unwrap();
    match workspace.resolve(&Here::default(), text) {
        Ok(resolved) => assert_eq!(resolved.session.to_string(), ID),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
