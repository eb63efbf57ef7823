//! What `verify`, `gc` and `doctor` tell of code stores.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::Project;
use crate::support::ran;

fn two_snapshots() -> Project {
    let project = Project::new();
    project.put("lent", "the project has it");
    project.commit_all();
    project.after(1);
    project.put("own", "only the code store has it");
    project.after(2);
    project
}

#[test]
fn each_object_is_proven_and_what_is_borrowed_is_there() {
    let project = two_snapshots();
    let ran = project.home.ok("verify");
    assert!(ran.stderr.contains("code: 2 snapshots in 1 code store"), "{}", ran.stderr);
    let told = project.home.ok("verify --json").json();
    let code = &told[0]["code"];
    assert_eq!((code["snapshots"].as_u64(), code["borrowedFiles"].as_u64()), (Some(2), Some(1)), "{code}");
    assert_eq!((code["lostFiles"].as_u64(), code["problems"].as_array().map(Vec::len)), (Some(0), Some(0)));
}

#[test]
fn a_damaged_object_is_named() {
    let project = two_snapshots();
    let id = project.kept(&["hash-object", "--no-filters", project.root().join("own").to_str().unwrap()]);
    spoil(&project, id.trim());
    let ran = project.home.run(["verify"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains(&format!("object {} is broken", id.trim())), "{}", ran.stderr);
    assert!(project.home.run(["doctor"]).stdout.contains("2 snapshots in 1 code store"));
}

/// Flips the last byte of an object's entry in its pack.
fn spoil(project: &Project, id: &str) {
    let packs = project.store().join("objects/pack");
    let files = fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path());
    for idx in files.filter(|path| path.extension().is_some_and(|end| end == "idx")).collect::<Vec<PathBuf>>() {
        let listed = project.kept(&["verify-pack", "-v", idx.to_str().unwrap()]);
        let Some(line) = listed.lines().find(|line| line.starts_with(id)) else { continue };
        let numbers: Vec<usize> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [_, packed, offset] = numbers[..] else { panic!("{line}") };
        let pack = idx.with_extension("pack");
        let mut bytes = fs::read(&pack).unwrap();
        bytes[offset + packed - 1] ^= 1;
        fs::remove_file(&pack).unwrap();
        fs::write(&pack, bytes).unwrap();
        return;
    }
    panic!("{id} is in no pack");
}

#[test]
fn what_the_project_no_longer_has_is_counted_and_is_no_damage() {
    let project = two_snapshots();
    project.git(&["checkout", "-q", "--orphan", "other"]);
    project.git(&["rm", "-rqf", "."]);
    project.put("new", "another history");
    project.commit_all();
    project.git(&["branch", "-D", "-q", "main"]);
    project.git(&["reflog", "expire", "--expire=now", "--all"]);
    project.git(&["prune", "--expire=now"]);
    let words = "2 snapshots in 1 code store; 2 snapshots lack files: 1 of the 1 that are borrowed are gone";
    let ran = project.home.ok("verify");
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    assert!(project.home.run(["doctor"]).stdout.contains(words));
}

#[test]
fn of_a_project_that_is_not_where_it_was_nothing_is_said_to_be_gone() {
    let project = two_snapshots();
    let (root, there) = (project.root(), project.root().with_file_name("elsewhere"));
    fs::rename(&root, &there).unwrap();
    let run = |words: &[&str]| {
        let told = crate::support::ran(project.home.command().args(words).current_dir(&there).output().unwrap());
        assert_eq!(told.code, 0, "{told:?}");
        told.stderr
    };
    assert!(run(&["verify"]).contains("that are borrowed are in a project that is gone, or was moved"));
    run(&["moved", root.to_str().unwrap(), there.to_str().unwrap()]);
    let told = run(&["verify"]);
    assert!(told.contains("2 snapshots in 1 code store") && !told.contains("borrowed"), "{told}");
}

#[test]
fn gc_forgets_what_is_older_than_the_settings_say() {
    let project = two_snapshots();
    assert!(!project.home.ok("gc").stderr.contains("code:"), "nothing is old");
    age(&project, 1);
    let told = project.home.ok("gc --json").json();
    assert_eq!(told[0]["codeSnapshotsForgotten"].as_u64(), Some(1), "{}", told[0]);
    assert_eq!(project.snapshots().len(), 1, "the newest stays");
    project.is_sound();
}

/// Has a turn's snapshot be one of the year 2001.
fn age(project: &Project, turn: usize) {
    let name = format!("refs/code/{}/{}/after", project.session, project.turns[turn - 1]);
    let message = project.kept(&["log", "-1", "--format=%B", &name]);
    let mut old = Command::new("git");
    old.arg("--git-dir").arg(project.store()).args(["commit-tree", &project.tree(turn, "after"), "-m", message.trim()]);
    for person in ["AUTHOR", "COMMITTER"] {
        old.env(format!("GIT_{person}_NAME"), "a").env(format!("GIT_{person}_EMAIL"), "a@b");
        old.env(format!("GIT_{person}_DATE"), "@1000000000 +0000");
    }
    let commit = ran(old.output().unwrap());
    assert_eq!(commit.code, 0, "{commit:?}");
    project.kept(&["update-ref", &name, commit.stdout.trim()]);
}
