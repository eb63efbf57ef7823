//! What is forgotten is gone: no object of the code store holds a byte of it.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use super::Project;
use crate::support::ran;

/// Whether any object of the code store holds a text.
fn is_kept(project: &Project, text: &str) -> bool {
    let store = project.store();
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.arg("--git-dir")
            .arg(&store)
            .args(words)
            .env("GIT_NO_LAZY_FETCH", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        git
    };
    let listed = git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]).output().unwrap().stdout;
    let mut child = git(&["cat-file", "--batch"]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(&listed));
    let output = child.wait_with_output().unwrap().stdout;
    writer.join().unwrap().unwrap();
    assert!(!output.is_empty());
    output.windows(text.len()).any(|window| window == text.as_bytes())
}

fn planted() -> Project {
    let project = Project::new();
    project.put("a", "1");
    project.commit_all();
    project.put("notes/secret.txt", "planted-one");
    project.after(1);
    project.put("notes/secret.txt", "planted-two");
    project.put("b", "stays");
    project.after(2);
    fs::remove_file(project.root().join("notes/secret.txt")).unwrap();
    project.after(3);
    assert!(is_kept(&project, "planted-one") && is_kept(&project, "planted-two"));
    project
}

#[test]
fn a_path_is_gone_from_every_snapshot() {
    let project = planted();
    let ran = project.home.ok("code forget --yes --path notes/secret.txt");
    assert!(ran.stderr.contains("changed 2 snapshots"), "{}", ran.stderr);
    assert!(!is_kept(&project, "planted") && is_kept(&project, "stays"));
    project.is_sound();
    let (ran, place) = project.fork(2, &[]);
    assert!(ran.stderr.contains("notes/secret.txt (forgotten)"), "{}", ran.stderr);
    assert!(!place.join("notes").exists() && place.join("b").exists());
    // What is forgotten is no longer known by its stamp.
    project.put("b", "stays");
    project.home.ok("code snap -q");
    project.is_sound();
}

#[test]
fn a_turn_a_session_a_project_and_what_is_old_are_gone() {
    let project = planted();
    project.home.ok(&format!("code forget --yes {} --turn 1", project.session));
    assert!(!is_kept(&project, "planted-one") && is_kept(&project, "planted-two"));
    assert_eq!(project.snapshots().len(), 2);
    project.is_sound();
    project.home.ok(&format!("code forget --yes {}", project.session));
    assert!(!project.store().join("refs/code").exists() || project.snapshots().is_empty());

    let project = planted();
    project.home.ok("code forget --yes --here");
    assert_eq!(project.snapshots(), [""; 0]);
    project.after(1);
    project.is_sound();
    assert_eq!(project.kept(&["ls-tree", "-r", "--name-only", &project.tree(1, "after")]), "a\nb\n");

    let project = planted();
    project.home.ok("code forget --yes --older-than 1h");
    assert_eq!(project.snapshots().len(), 3, "none is as old as that");
    project.home.ok(&format!("save -q kept {} --turn 1", project.session).replace(" --turn 1", "~0"));
    let ran = project.home.run(["code", "forget", "--here"]);
    assert!(ran.code == 1 && ran.stderr.contains("hint: codex-git code forget --yes"), "{}", ran.stderr);
}

#[test]
fn pruning_packs_closely_and_loses_nothing() {
    let project = Project::new();
    project.put("a", "1");
    project.commit_all();
    let text = |round: usize| {
        (0..2000).map(|line| format!("{} {line}\n", if line == round { "changed" } else { "line" })).collect::<String>()
    };
    let mut trees = Vec::new();
    for round in 0..60 {
        project.put("large", text(round));
        let told = project.home.ok("code snap --json").json();
        trees.push(project.kept(&["rev-parse", &format!("{}^{{tree}}", told[0]["commit"].as_str().unwrap())]));
    }
    let size = || {
        fs::read_dir(project.store().join("objects/pack"))
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum::<u64>()
    };
    let before = size();
    project.home.ok("code prune -q");
    let after = size();
    assert!(after * 4 < before, "{before} → {after}");
    project.is_sound();
    for (round, tree) in trees.iter().enumerate() {
        assert_eq!(project.kept(&["cat-file", "-p", &format!("{}:large", tree.trim())]), text(round));
    }
    let packs = fs::read_dir(project.store().join("objects/pack"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "pack"));
    assert_eq!(packs.count(), 1);
}

#[test]
fn what_killed_processes_left_is_gone_as_well() {
    let project = planted();
    let packs = project.store().join("objects/pack");
    fs::write(packs.join("tmp_pack_killed"), "planted-one").unwrap();
    // One that was killed after the refs had moved: what only they had is still in the packs.
    fs::write(project.store().join("roots/forgetting"), "").unwrap();
    project.kept(&["update-ref", "-d", &format!("refs/code/{}/{}/after", project.session, project.turns[0])]);
    assert!(is_kept(&project, "planted-one"));
    let again = project.home.run(["code", "forget", "--yes", "--path", "no/such/file"]);
    assert!(!is_kept(&project, "planted-one") && !packs.join("tmp_pack_killed").exists(), "{again:?}");
    assert!(!project.store().join("roots/forgetting").exists());
    project.is_sound();
}

#[test]
fn a_path_that_no_snapshot_has_is_told_and_a_hint_means_that_path_alone() {
    let project = planted();
    let none = project.home.run(["code", "forget", "--yes", "--path", "no/such/file"]);
    assert!(none.code == 1 && none.stderr.contains("no snapshot of this project has `no/such/file`"), "{none:?}");
    for (number, name) in ["a[1].txt", "tr ", "back\\slash", "st*r"].into_iter().enumerate() {
        let bytes = format!("bytes of number {number}");
        project.put(name, &bytes);
        project.home.ok("code snap -q");
        let told = project.home.run(["code", "forget", "--yes", "--path", name]);
        let hint = told.stderr.split("unless: codex-git ").nth(1).unwrap().lines().next().unwrap();
        let typed = format!("printf %s {}", hint.strip_prefix("code ignore ").unwrap());
        let pattern = Command::new("sh").arg("-c").arg(typed).output().unwrap().stdout;
        let ignored = project.home.run(["code", "ignore", std::str::from_utf8(&pattern).unwrap()]);
        assert_eq!(ignored.code, 0, "{hint}: {ignored:?}");
        project.home.ok("code snap -q");
        assert!(!is_kept(&project, &bytes), "{hint}");
    }
    project.put("a1.txt", "innocent");
    project.home.ok("code snap -q");
    assert!(is_kept(&project, "innocent"));
}

#[test]
fn what_the_hint_says_forgets_what_was_meant() {
    let project = planted();
    let session = project.session.as_str();
    for (words, told) in [
        (&["--path", "it's a file"][..], "code forget --yes '--path=it'\\''s a file'"),
        (&["--older-than", "30d"], "code forget --yes --older-than=720h"),
        (&["--here"], "code forget --yes --here"),
        (&[session, "--turn", "1"], &format!("code forget --yes --turn=1 {session}")),
    ] {
        let held = project.home.run(["code", "forget"].iter().chain(words).copied());
        assert!(held.stderr.contains(&format!("hint: codex-git {told}\n")), "{}", held.stderr);
        let program = format!("{} {told}", env!("CARGO_BIN_EXE_codex-git"));
        let mut shell = Command::new("sh");
        shell.args(["-c", &program]).current_dir(project.root()).env("CODEX_HOME", project.home.path());
        let ran = ran(shell.output().unwrap());
        assert!(!ran.stderr.contains("unexpected") && !ran.stderr.contains("no saved session"), "{}", ran.stderr);
    }
}

#[test]
fn a_secret_is_not_kept_because_the_commit_has_another_file_of_that_name() {
    let project = Project::new();
    project.put("id_rsa", "placeholder");
    project.commit_all();
    project.before(1);
    project.put("id_rsa", "the-real-one");
    project.after(1);
    assert!(!is_kept(&project, "the-real-one"));
    assert_eq!(project.kept(&["ls-tree", "-r", &project.tree(1, "after")]), "");
}
