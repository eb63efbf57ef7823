//! Off means off: nothing of the project is even looked at.

use std::fs;
use std::process::Command;

use super::{Project, has};

/// The system calls of an event that name the project.
fn traced(project: &Project) -> Vec<String> {
    let trace = project.root().parent().unwrap().join("trace");
    let event = project.event("Stop", 1);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(&trace).arg(event.get_program()).args(event.get_args());
    // Where a hook's work is done is the codex home.
    strace.current_dir(project.home.path());
    event.get_envs().for_each(|(name, value)| match value {
        Some(value) => drop(strace.env(name, value)),
        None => drop(strace.env_remove(name)),
    });
    assert!(strace.status().unwrap().success());
    let root = project.root().display().to_string();
    let lines = fs::read_to_string(trace).unwrap();
    lines.lines().filter(|line| line.contains(&root) && !line.contains("execve(")).map(str::to_owned).collect()
}

#[test]
fn with_code_off_no_system_call_names_the_project() {
    let project = Project::new();
    project.put("a", "1");
    if !has("strace") {
        eprintln!("there is no strace: not looked at");
        return;
    }
    project.home.ok("code off -q");
    assert_eq!(traced(&project), [""; 0]);
    assert!(!project.home.path().join("code").exists());
    project.home.ok("code on -q --here");
    assert!(!traced(&project).is_empty());
    project.home.ok("code off -q --here");
    assert_eq!(traced(&project), [""; 0]);
}

#[test]
fn one_project_can_be_another_case_than_all_others() {
    let project = Project::new();
    project.put("a", "1");
    project.home.ok("code off -q --here");
    project.after(1);
    assert!(!project.home.path().join("code").exists());
    project.home.ok("code off -q");
    project.home.ok("code on -q --here");
    project.after(1);
    assert_eq!(project.snapshots().len(), 1);
    assert_eq!(project.home.ok("code --json").json()[0]["here"], "on");
    project.home.ok("code on -q --here --light");
    project.commit_all();
    project.after(2);
    assert_eq!(project.kept(&["ls-tree", &project.tree(2, "after")]), "");
    let (ran, _) = project.fork(2, &[]);
    assert!(ran.code == 1 && ran.stderr.contains("git worktree add DIR"), "{}", ran.stderr);
}

#[test]
fn what_is_said_of_a_project_counts_in_its_linked_work_trees() {
    let project = Project::new();
    project.put("a", "1");
    project.commit_all();
    project.home.ok("code off -q");
    project.home.ok("code on -q --here");
    let linked = project.root().parent().unwrap().join("linked");
    project.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let here = |directory: &std::path::Path, words: &[&str]| {
        crate::support::ran(project.home.command().current_dir(directory).args(words).output().unwrap())
    };
    let told = |directory: &std::path::Path| here(directory, &["code", "--json"]).json()[0]["here"].clone();
    assert_eq!(told(&linked), "on");
    assert_eq!(here(&linked, &["code", "off", "-q", "--here"]).code, 0);
    assert_eq!((told(&linked), told(&project.root())), ("off".into(), "on".into()));
}
