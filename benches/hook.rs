//! What a hook costs Codex, which waits for it: a whole process that is told of a prompt and leaves the recording to another.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::Scale;
use crate::corpus::{one, place};
use crate::run::{Table, Unit, fed, median, ours, run};

/// How long the process that a hook leaves its work to may take before the next one is measured.
const PAUSE: Duration = Duration::from_millis(30);

pub fn hooks(scale: Scale, table: &mut Table) {
    let home = table.folder().join("hook");
    let session = one(&home, 10, 30_000);
    run(ours(&home, &["-q", "init", "--no-hooks"]));
    let rollout = place(&home, &session.name);
    let event = home.join("event.json");
    let told = format!(
        r#"{{"hook_event_name":"UserPromptSubmit","transcript_path":"{}","prompt":"go on"}}"#,
        rollout.display()
    );
    fs::write(&event, told).unwrap();
    let (mut hook, mut nothing) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds * 3 {
        nothing.push(fed(Command::new("true"), &event));
        let mut command = Command::new(env!("CARGO_BIN_EXE_codex-git"));
        command.arg("hook").env_remove("CODEX_THREAD_ID");
        hook.push(fed(command, &event));
        std::thread::sleep(PAUSE);
    }
    table.compare("a hook, as Codex waits for it", median(hook), ("`true`", median(nothing)), 3.0, Unit::Seconds);
}
