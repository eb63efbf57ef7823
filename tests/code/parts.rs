//! Projects that have too many files: only the directory that Codex works in is looked at, by the rules of the whole project.

use std::fs;

use super::{Project, git_in};
use crate::support::{Ran, ran};

/// A project of which only a few files are looked at, with one that its own rules leave out.
fn wide() -> Project {
    let project = Project::new();
    project.home.ok("config -q code.files 6");
    project.put(".gitignore", "*.log\n/sub/out/\n!kept.log\n");
    (0..9).for_each(|n| project.put(&format!("many/{n}"), format!("{n}\n")));
    ["a", "deep/b"].iter().for_each(|path| project.put(&format!("sub/{path}"), "0\n"));
    project.put("other/c", "0\n");
    project.commit_all();
    project
}

fn before(project: &Project, folder: &str, turn: usize) {
    assert!(project.event_in(folder, "UserPromptSubmit", turn).status().unwrap().success());
}

fn after(project: &Project, folder: &str, turn: usize) {
    assert!(project.event_in(folder, "Stop", turn).status().unwrap().success());
}

/// Runs the program in a folder of the project.
fn run_in(project: &Project, folder: &str, words: &[&str]) -> Ran {
    ran(project.home.command().current_dir(project.root().join(folder)).args(words).output().unwrap())
}

fn names(project: &Project, turn: usize, moment: &str) -> Vec<String> {
    let tree = project.tree(turn, moment);
    project.kept(&["ls-tree", "-r", "--name-only", &tree]).lines().map(str::to_owned).collect()
}

/// A turn in `sub`, of which all is known, while somebody else works elsewhere.
fn a_turn_in_sub() -> Project {
    turn_in_sub(wide(), 1)
}

fn turn_in_sub(project: Project, turn: usize) -> Project {
    for path in ["sub/x.log", "sub/kept.log", "sub/out/o", "many/x.log"] {
        project.put(path, "0\n");
    }
    before(&project, "sub", turn);
    project.put("sub/a", "1\n");
    project.put("sub/new", "1\n");
    project.put("other/c", "mine\n");
    after(&project, "sub", turn);
    project
}

#[test]
fn only_the_directory_of_the_session_is_looked_at_by_the_rules_above_it() {
    let project = a_turn_in_sub();
    assert_eq!(names(&project, 1, "before"), ["sub/a", "sub/deep/b", "sub/kept.log"]);
    assert_eq!(names(&project, 1, "after"), ["sub/a", "sub/deep/b", "sub/kept.log", "sub/new"]);
    // What HEAD has at these paths is borrowed.
    let size = project.kept(&["cat-file", "--batch-check", "--batch-all-objects"]);
    assert_eq!(
        size.lines().filter(|line| line.contains(" blob ")).count(),
        2,
        "kept.log and new alone are stored: {size}"
    );
    let said = project.kept(&[
        "log",
        "-1",
        "--format=%B",
        &format!("refs/code/{}/{}/after", project.session, project.turns[0]),
    ]);
    assert!(
        said.contains("\nCode-Part: sub\n") && said.contains(&format!("\nCode-Root: {}\n", project.root().display())),
        "{said}"
    );
    let log = project.home.ok(&format!("code log --json {}", project.session)).json();
    let files: Vec<&str> =
        log[0]["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(files, ["sub/a", "sub/new"], "what nobody looked at is neither new nor deleted");
    let top = project.home.ok("code");
    assert!(top.stdout.contains("only those of the directory that Codex works in are"), "{}", top.stdout);
    let state = run_in(&project, "sub", &["code"]).stdout;
    assert!(state.contains("too many files: only those of ") && state.contains("/sub are"), "{state}");
    // Another session in another folder has its own part.
    before(&project, "other", 2);
    assert_eq!(names(&project, 2, "before"), ["other/c"]);
    // At the top there is nothing less to look at.
    let told = project.home.run(["code", "snap"]);
    assert!(told.code == 1 && told.stderr.contains("there are more than 6 files"), "{}", told.stderr);
    project.is_sound();
}

#[test]
fn all_is_looked_at_again_when_somebody_says_so_and_there_are_fewer() {
    let project = a_turn_in_sub();
    project.put(".git/info/exclude", "/many/\n");
    before(&project, "sub", 2);
    assert_eq!(names(&project, 2, "before"), names(&project, 1, "after"), "it was given up to look at all");
    project.git(&["rm", "-rq", "--cached", "many"]);
    project.home.ok("code on -q --here");
    before(&project, "sub", 3);
    assert!(names(&project, 3, "before").contains(&"other/c".to_owned()), "{:?}", names(&project, 3, "before"));
}

#[test]
fn a_directory_with_too_many_files_is_given_up_and_the_others_are_not() {
    let project = wide();
    for _ in 0..4 {
        before(&project, "many", 1);
    }
    let told = run_in(&project, "many", &["code"]).stdout;
    assert!(told.contains("given up"), "{told}");
    before(&project, "sub", 2);
    assert_eq!(names(&project, 2, "before"), ["sub/a", "sub/deep/b"]);
    assert!(!run_in(&project, "sub", &["code"]).stdout.contains("given up"));
    // What the words name has it be looked at again, wherever one stands.
    project.home.ok("config -q code.files 10");
    assert_eq!(run_in(&project, "many", &["code", "on", "-q", "--here"]).code, 0);
    before(&project, "many", 3);
    assert_eq!(names(&project, 3, "before").len(), 9);
}

#[test]
fn a_turn_without_an_end_is_not_compared_with_another_directory() {
    let project = wide();
    let last = project.turns.len();
    before(&project, "sub", last - 1);
    project.put("sub/a", "1\n");
    before(&project, "other", last);
    project.put("other/c", "2\n");
    after(&project, "other", last);
    let earlier = format!("{}~1", project.session);
    let log = project.home.ok(&format!("code log --json {}", project.session)).json();
    assert!(log[1]["after"].is_null(), "{log:?}");
    let told = project.home.ok(&format!("code restore --before --dry-run {earlier}")).stderr;
    assert!(told.contains("sub/a") && told.contains("other/c"), "what can't be told is said: {told}");
}

#[test]
fn all_of_a_project_is_kept_again_when_all_of_it_was_looked_at() {
    let project = a_turn_in_sub();
    project.home.ok("config -q code.files 100");
    before(&project, "sub", 2);
    assert_eq!(names(&project, 2, "before").len(), 4);
    project.home.ok("code snap -q");
    before(&project, "sub", 3);
    assert!(names(&project, 3, "before").len() > 10);
}

#[test]
fn going_back_changes_nothing_beside_the_directory() {
    let project = wide();
    let last = project.turns.len();
    let project = turn_in_sub(project, last);
    project.put("sub/x.log", "mine\n");
    let differs = project.home.ok(&format!("code diff --stat {}", project.session)).stdout;
    assert!(differs.is_empty(), "{differs}");
    for (words, from) in [
        (&["code", "restore", "--before", "--yes"][..], ""),
        (&["code", "restore", "--before", "--all", "--yes"], "sub"),
    ] {
        let told = run_in(&project, from, &[words, &[project.session.as_str()]].concat());
        assert_eq!(told.code, 0, "{words:?}: {}", told.stderr);
        let read = |path: &str| fs::read_to_string(project.root().join(path)).ok();
        assert_eq!(read("sub/a").as_deref(), Some("0\n"));
        assert_eq!(read("sub/new"), None);
        assert_eq!((read("other/c").as_deref(), read("sub/x.log").as_deref()), (Some("mine\n"), Some("mine\n")));
        assert_eq!(read("many/8").as_deref(), Some("8\n"));
        let told = run_in(&project, from, &["code", "undo", "--yes"]);
        assert_eq!((told.code, read("sub/a").as_deref()), (0, Some("1\n")), "{}", told.stderr);
        assert_eq!(read("sub/new").as_deref(), Some("1\n"));
    }
}

#[test]
fn a_fork_has_the_directory_as_it_was_and_all_else_as_the_commit_has_it() {
    let project = a_turn_in_sub();
    let (told, place) = project.fork(1, &[]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(told.stderr.contains("only of sub/, as the project has too many files"), "{}", told.stderr);
    assert!(!told.stderr.contains("many/"), "what lies beside is not named: {}", told.stderr);
    let read = |path: &str| fs::read_to_string(place.join(path)).ok();
    assert_eq!((read("sub/a").as_deref(), read("sub/new").as_deref()), (Some("1\n"), Some("1\n")));
    assert_eq!((read("other/c").as_deref(), read("many/3").as_deref()), (Some("0\n"), Some("3\n")));
    assert_eq!(git_in(&place, &["status", "--short"]), " M sub/a\n?? sub/kept.log\n?? sub/new\n");
}

/// Two turns of a session in two folders: `codex resume` takes the shell's.
fn two_turns_in_two_folders() -> Project {
    let project = wide();
    let last = project.turns.len();
    before(&project, "sub", last - 1);
    project.put("sub/a", "1\n");
    after(&project, "sub", last - 1);
    before(&project, "other", last);
    project.put("other/c", "2\n");
    project.put("other/new", "2\n");
    after(&project, "other", last);
    project
}

#[test]
fn turns_in_two_directories_go_back_together_wherever_one_stands() {
    for folder in ["", "sub", "other", "many"] {
        let project = two_turns_in_two_folders();
        let earlier = format!("{}~1", project.session);
        let read = |path: &str| fs::read_to_string(project.root().join(path)).ok();
        let told = run_in(&project, folder, &["code", "restore", "--before", "--yes", &earlier]);
        assert_eq!(told.code, 0, "{folder}: {}", told.stderr);
        assert!(told.stderr.contains("only of other/, sub/, as the project has too many files"), "{}", told.stderr);
        assert_eq!((read("sub/a").as_deref(), read("other/c").as_deref()), (Some("0\n"), Some("0\n")), "{folder}");
        assert_eq!(read("other/new"), None);
        let told = run_in(&project, folder, &["code", "undo", "--yes"]);
        assert_eq!(told.code, 0, "{folder}: {}", told.stderr);
        assert_eq!((read("sub/a").as_deref(), read("other/c").as_deref()), (Some("1\n"), Some("2\n")), "{folder}");
    }
}

#[test]
fn a_directory_that_becomes_empty_stays_and_what_was_there_comes_back() {
    let project = wide();
    let last = project.turns.len();
    fs::create_dir(project.root().join("fresh")).unwrap();
    before(&project, "fresh", last);
    project.put("fresh/main.go", "m\n");
    project.put("fresh/deep/x", "x\n");
    after(&project, "fresh", last);
    let told = run_in(&project, "fresh", &["code", "restore", "--before", "--yes", &project.session]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert_eq!(fs::read_dir(project.root().join("fresh")).unwrap().count(), 0, "it is there, and empty");
    // Also where somebody removed it.
    fs::remove_dir(project.root().join("fresh")).unwrap();
    let told = project.home.run(["code", "undo", "--yes"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert_eq!(fs::read_to_string(project.root().join("fresh/deep/x")).unwrap(), "x\n");
}

#[test]
fn what_was_kept_of_all_goes_back_when_there_are_too_many_files_by_now() {
    let project = wide();
    project.home.ok("config -q code.files 100");
    let last = project.turns.len();
    before(&project, "sub", last);
    project.put("sub/a", "1\n");
    project.put("other/c", "1\n");
    after(&project, "sub", last);
    project.home.ok("config -q code.files 6");
    for folder in ["sub", ""] {
        let told = run_in(&project, folder, &["code", "restore", "--before", "--yes", &project.session]);
        assert_eq!(told.code, 0, "{folder}: {}", told.stderr);
        assert_eq!(fs::read_to_string(project.root().join("other/c")).unwrap(), "0\n");
        let told = run_in(&project, folder, &["code", "undo", "--yes"]);
        assert_eq!(told.code, 0, "{folder}: {}", told.stderr);
        assert_eq!(fs::read_to_string(project.root().join("other/c")).unwrap(), "1\n");
    }
}

#[test]
fn what_lies_beside_is_named_nowhere_as_changed_or_left() {
    let project = turn_in_sub(wide(), 2);
    project.home.ok("config -q code.files 100");
    project.home.ok("code on -q --here");
    before(&project, "sub", 3);
    after(&project, "sub", 3);
    // A snapshot of a part, compared with one of all, and one of another part.
    let session = &project.session;
    let last = project.turns.len();
    let at = |turn: usize| format!("{session}~{}", last - turn);
    let told = project.home.ok(&format!("code diff --json {} {}", at(2), at(3)));
    assert_eq!(told.json().len(), 0, "{}", told.stdout);
    let told = project.home.ok(&format!("code diff {} -- many/1", at(2)));
    assert!(told.stderr.contains("as far as is known: `many/1` was not looked at"), "{}", told.stderr);
    let told = project.home.run(["code", "restore", &at(2), "many/1", "--yes"]);
    assert!(told.code == 1 && told.stderr.contains("`many/1` is not in the code snapshot"), "{}", told.stderr);
    let told = project.home.ok(&format!("code restore --all --dry-run {}", at(2)));
    assert!(!told.stderr.contains("many/") && !told.stderr.contains("other/c"), "{}", told.stderr);
}
