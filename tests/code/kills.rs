//! Whatever stops a snapshot, a fork or a forgetting, and whenever: the code store is sound, no name leads to half a tree, and the next run
//! completes.

use std::fs;
use std::process::Command;

use super::Project;
use crate::support::shim::{ALL, How, changes, faulty};

/// Stops a command at each of its changes below the codex home. `ready` makes a project before, `check` looks at it after.
fn stop_everywhere(
    ready: impl Fn() -> Project + Sync,
    command: impl Fn(&Project) -> Command + Sync,
    check: impl Fn(&Project, &str) + Sync,
) {
    let counted = ready();
    let (steps, ran) = changes(&counted.home, command(&counted));
    assert!(ran.code == 0 && steps >= 8, "{steps} changes: {}", ran.stderr);
    // Every second change is enough to be told of most faults; all of them on request, as in `tests/fault.rs`.
    let every = if std::env::var_os("CODEX_GIT_EXHAUSTIVE").is_some() { 1 } else { 2 };
    let all: Vec<usize> = (1..=steps).step_by(every).collect();
    std::thread::scope(|scope| {
        for part in all.chunks(all.len().div_ceil(6)) {
            let (ready, command, check) = (&ready, &command, &check);
            scope.spawn(move || {
                for at in part {
                    for how in [How::Kill, ALL[1 + at % 3]] {
                        let project = ready();
                        let ran = faulty(&project.home, command(&project), *at, how);
                        let what = format!("{how:?} at change {at} of {steps}: {}", ran.stderr);
                        if project.home.path().join("code").exists()
                            && fs::read_dir(project.home.path().join("code"))
                                .unwrap()
                                .any(|entry| entry.unwrap().path().extension().is_some_and(|end| end == "git"))
                        {
                            project.is_sound();
                        }
                        check(&project, &what);
                    }
                }
            });
        }
    });
}

fn ready() -> Project {
    let project = Project::new();
    project.put("a", "1");
    project.commit_all();
    project.put("b/c", "2");
    project
}

fn tree(project: &Project) -> String {
    project.kept(&["rev-parse", &format!("{}^{{tree}}", project.snapshots().last().unwrap())])
}

#[test]
fn a_first_snapshot() {
    let whole = ready();
    whole.after(1);
    let wanted = tree(&whole);
    stop_everywhere(
        ready,
        |project| project.event("Stop", 1),
        |project, what| {
            let has_store = project.home.path().join("code").exists();
            if has_store
                && fs::read_dir(project.home.path().join("code"))
                    .unwrap()
                    .any(|entry| entry.unwrap().path().extension().is_some_and(|end| end == "git"))
            {
                for name in project.snapshots() {
                    assert_eq!(project.kept(&["rev-parse", &format!("{name}^{{tree}}")]), wanted, "{what}");
                }
            }
            project.after(1);
            assert_eq!(tree(project), wanted, "{what}");
            project.is_sound();
        },
    );
}

#[test]
fn a_path_that_is_forgotten() {
    let ready = || {
        let project = ready();
        project.put("secret", "planted");
        project.after(1);
        project.put("b/c", "3");
        project.after(2);
        project
    };
    let forget = |project: &Project| {
        let mut command = project.home.command();
        command.args(["code", "forget", "--yes", "--path", "secret"]);
        command
    };
    stop_everywhere(ready, forget, |project, what| {
        assert_eq!(project.snapshots().len(), 2, "{what}");
        let again = forget(project).output().unwrap();
        let words = String::from_utf8_lossy(&again.stderr);
        assert!(again.status.success() || words.contains("no snapshot of this project has"), "{what}: {words}");
        for turn in [1, 2] {
            let tree = project.tree(turn, "after");
            assert_eq!(project.kept(&["ls-tree", "-r", "--name-only", &tree]), "a\nb/c\n", "{what}");
        }
        // Whether there was anything left to do or not: what no name reaches goes at the next prune at the latest.
        project.home.ok("code forget --yes --older-than 1h -q");
        project.home.ok("code prune -q");
        project.is_sound();
    });
}

#[test]
fn a_fork_into_a_folder() {
    let ready = || {
        let project = ready();
        project.after(1);
        project
    };
    // Below the codex home, so that each of its changes counts.
    let fork = |project: &Project| {
        let mut command = project.home.command();
        let place = project.home.path().join("folder");
        command.args(["fork", "-q", &project.session, "--turn", "1", "--worktree"]).arg(place);
        command
    };
    stop_everywhere(ready, fork, |project, what| {
        let place = project.home.path().join("folder");
        if place.exists() {
            assert_eq!(super::files(&place), super::files(&project.root()), "{what}");
            fs::remove_dir_all(&place).unwrap();
        }
        project.home.ok("record -q");
        let ran = fork(project).output().unwrap();
        assert!(ran.status.success(), "{what}");
        assert_eq!(super::files(&place), super::files(&project.root()), "{what}");
    });
}
