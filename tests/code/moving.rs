//! A project that was moved: what was kept of it where it was is of it where it is now, once `codex-git moved` says so.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Project, git_in};
use crate::support::{Ran, ran};

/// A project with a turn in it, which then goes elsewhere.
fn moved() -> (Project, PathBuf) {
    let (project, there) = gone_elsewhere(&[]);
    project.home.ok(&format!("moved -q {} {}", project.root().display(), there.display()));
    (project, there)
}

/// The same, before anybody said so, and after some words of a person in the old place.
fn gone_elsewhere(words: &[&str]) -> (Project, PathBuf) {
    let project = Project::new();
    (0..5).for_each(|n| project.put(&format!("f{n}"), format!("{n}\n")));
    project.commit_all();
    let last = project.turns.len();
    project.before(last);
    project.put("f1", "by the turn\n");
    project.put("new", "by the turn\n");
    project.after(last);
    words.iter().for_each(|words| drop(project.home.ok(words)));
    let there = project.root().with_extension("moved");
    fs::rename(project.root(), &there).unwrap();
    fs::create_dir(project.root()).unwrap();
    (project, there)
}

fn run_in(project: &Project, folder: &Path, words: &[&str]) -> Ran {
    ran(project.home.command().current_dir(folder).args(words).output().unwrap())
}

#[test]
fn a_fork_has_all_files_and_the_history() {
    let (project, there) = moved();
    let place = there.with_extension("fork");
    let told = run_in(&project, &there, &["fork", &project.session, "--worktree", place.to_str().unwrap()]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(!told.stderr.contains("warning"), "{}", told.stderr);
    assert_eq!(git_in(&place, &["status", "--short"]), " M f1\n?? new\n");
    assert_eq!(git_in(&place, &["rev-parse", "HEAD"]), git_in(&there, &["rev-parse", "HEAD"]));
    let shown = run_in(&project, &there, &["code", "show", &project.session, "f4"]);
    assert_eq!(shown.stdout, "4\n", "{}", shown.stderr);
    assert_eq!(run_in(&project, &there, &["verify"]).code, 0);
    let state = run_in(&project, &there, &["code"]).stdout;
    assert!(!state.contains("the project is gone"), "{state}");
}

#[test]
fn turns_in_the_new_place_are_kept_with_the_others_and_by_the_same_rules() {
    let (project, there) = moved();
    let told = run_in(&project, &there, &["code", "ignore", "-q", "/secret"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    fs::write(there.join("secret"), "s").unwrap();
    fs::write(there.join("more"), "m").unwrap();
    let id = run_in(&project, &there, &["code", "snap", "--json"]).json()[0]["commit"].as_str().unwrap().to_owned();
    // There is one store, as there was.
    let names = project.kept(&["ls-tree", "-r", "--name-only", &id]);
    assert_eq!(names, "f0\nf1\nf2\nf3\nf4\nmore\nnew\n");
    let told = run_in(&project, &there, &["code", "forget", "--here", "--yes"]);
    assert!(told.code == 0 && project.snapshots().is_empty(), "{}", told.stderr);
}

#[test]
fn files_go_back_where_they_are_now() {
    let (project, there) = moved();
    let differs = run_in(&project, &there, &["code", "diff", "--stat", &project.session]);
    assert_eq!((differs.code, differs.stdout.as_str()), (0, ""), "{}", differs.stderr);
    for _ in 0..2 {
        let told = run_in(&project, &there, &["code", "restore", "--before", "--yes", &project.session]);
        assert_eq!(told.code, 0, "{}", told.stderr);
        assert_eq!(git_in(&there, &["status", "--short"]), "");
        let told = run_in(&project, &there, &["code", "undo", "--yes"]);
        assert_eq!(told.code, 0, "{}", told.stderr);
        assert_eq!(git_in(&there, &["status", "--short"]), " M f1\n?? new\n");
    }
}

#[test]
fn what_was_to_be_left_out_still_is_where_turns_came_before_the_word() {
    let (project, there) = gone_elsewhere(&["code ignore -q /secret"]);
    fs::write(there.join("secret"), "s").unwrap();
    assert_eq!(run_in(&project, &there, &["code", "snap"]).code, 0);
    project.home.ok(&format!("moved -q {} {}", project.root().display(), there.display()));
    let told = run_in(&project, &there, &["code", "snap", "--json"]).json();
    assert_eq!(told[0]["files"], 6, "five that are committed, and one that is new: {told:?}");
    let told = run_in(&project, &there, &["code", "ignore"]).stdout;
    assert_eq!(told, "/secret\n");
    // All of it is forgotten, wherever it was kept.
    assert_eq!(run_in(&project, &there, &["code", "forget", "--here", "--yes"]).code, 0);
    let state = run_in(&project, &there, &["code", "--json"]).json()[0]["stores"].clone();
    let kept: Vec<&serde_json::Value> = state.as_array().unwrap().iter().map(|store| &store["snapshots"]).collect();
    assert_eq!(kept, [0, 0]);
}

#[test]
fn what_was_said_of_the_old_place_alone_is_said_of_the_new() {
    let (project, there) = gone_elsewhere(&["code off -q --here"]);
    let here = || run_in(&project, &there, &["code", "--json"]).json()[0]["here"].clone();
    assert_eq!(here(), "on");
    project.home.ok(&format!("moved -q {} {}", project.root().display(), there.display()));
    assert_eq!(here(), "off");
}
