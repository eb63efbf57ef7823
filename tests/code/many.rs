//! Many hooks at once, in one project and in several: each moment gets its name, and Codex waits for none of them.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{CASE, Project};
use crate::support::Fixture;

#[test]
fn sixteen_at_once_lose_none() {
    let projects: Vec<Project> = (0..4).map(|_| Project::new()).collect();
    for project in &projects {
        (0..200).for_each(|n| project.put(&format!("f{n}/x"), format!("{n}")));
    }
    let mut running = Vec::new();
    for project in &projects {
        for turn in 1..=2 {
            for kind in ["UserPromptSubmit", "Stop"] {
                running.push(project.event(kind, turn).spawn().unwrap());
            }
        }
    }
    for child in &mut running {
        assert!(child.wait().unwrap().success());
    }
    for project in &projects {
        assert_eq!(project.snapshots().len(), 4);
        assert_eq!(project.tree(1, "before"), project.tree(2, "after"));
        project.is_sound();
    }
}

#[test]
fn sixteen_at_once_in_one_project() {
    let project = Project::new();
    (0..500).for_each(|n| project.put(&format!("f{n}/x"), format!("{n}")));
    let events: Vec<(usize, &str)> =
        (1..=project.turns.len().min(8)).flat_map(|turn| [(turn, "UserPromptSubmit"), (turn, "Stop")]).collect();
    let mut running: Vec<_> =
        events.iter().cycle().take(16).map(|(turn, kind)| project.event(kind, *turn).spawn().unwrap()).collect();
    for child in &mut running {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(project.snapshots().len(), events.len().min(16));
    project.is_sound();
}

/// The hook itself only starts the work: it ends at once, however large the project is.
#[test]
fn codex_waits_for_nothing() {
    let project = Project::new();
    (0..3000).for_each(|n| project.put(&format!("f{}/{n}", n % 50), format!("{n}")));
    let rollout = project.home.place(&Fixture::named(CASE).name);
    let event = json!({ "hook_event_name": "Stop", "transcript_path": rollout, "turn_id": project.turns[0], "cwd": project.root() });
    let began = Instant::now();
    let mut hook: Command = project.home.command();
    let mut child =
        hook.env_remove("CODEX_HOME").arg("hook").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty());
    assert!(began.elapsed() < Duration::from_secs(2));
    let until = Instant::now() + Duration::from_secs(20);
    while project.home.ok("code --json").json()[0]["stores"][0]["snapshots"] != 1 {
        assert!(Instant::now() < until, "nothing was kept");
        std::thread::sleep(Duration::from_millis(50));
    }
}
