//! `code restore` and `code undo` as a person types them: the plan, the question, the words; kills at any moment; folders that somebody swaps,
//! and code stores that somebody else wrote into.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use codex_git::model::code::Spared;

use super::hostile::{object, tree};
use super::stage::{Files, Stage, link, put};
use super::{has, ok};
use crate::support::ran;

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.put("a", "1\n");
    stage.put("d/b", "1\n");
    stage.put("gone", "1\n");
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "x"]);
    stage.turn(&|root| put(root, "a", "2\n"));
    stage.turn(&|root| {
        put(root, "a", "3\n");
        put(root, "d/b", "3\n");
        put(root, "new/c", "3\n");
        fs::remove_file(root.join("gone")).unwrap();
    });
    stage
}

#[test]
fn a_restore_shows_its_plan_and_asks_and_says_what_the_conversation_does_not_know() {
    let stage = stage();
    let session = stage.talks[0].id;
    stage.put("d/b", "mine\n");
    let before = stage.files();
    let back = format!("{session}~1");
    let ran = stage.home.run(["code", "restore", &back, "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let plan = "  M a\n  A gone\n  D new/c\nleft as it is: changed since\n  - d/b\n";
    assert_eq!(ran.stderr, format!("{plan}nothing was changed: this is what would be done\n"));
    let ran = stage.home.run(["code", "restore", &back]);
    assert_eq!(ran.code, 1);
    let hint = format!("hint: codex-git code restore --yes {back}\n");
    assert!(ran.stderr.contains("there is nobody to ask") && ran.stderr.ends_with(&hint), "{}", ran.stderr);
    assert_eq!(stage.files(), before);
    let undos = || super::git_in(&stage.store(), &["for-each-ref", "refs/undo"]).lines().count();
    assert_eq!(undos(), 0, "what was not carried out leaves no name");
    let ran = stage.home.run(["code", "restore", "--yes", &back]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("put back 2 files, removed 1 file\n"), "{}", ran.stderr);
    let fork = ran.stderr.lines().find_map(|line| line.split_once("to go back in both: codex-git fork "));
    let fork = fork.unwrap().1.to_owned();
    assert!(ran.stderr.ends_with("to take this back: codex-git code undo\n"), "{}", ran.stderr);
    assert_eq!((stage.read("a").unwrap(), stage.read("d/b").unwrap()), ("2\n".into(), "mine\n".into()));
    assert_eq!(undos(), 2);
    let forked = stage.home.ok(&format!("fork {fork} --json")).json();
    assert_eq!(forked[0]["turn"], 1, "{forked:?}");
    let undone = stage.home.ok("code undo --yes");
    assert!(!undone.stderr.contains("conversation"), "{}", undone.stderr);
    assert_eq!(stage.files(), before);
    let told = stage.home.ok("code undo --yes --json").json();
    assert_eq!(told[0]["changed"].as_array().unwrap().len(), 3);
    assert_eq!(stage.read("a").unwrap(), "2\n");
}

#[test]
fn what_has_nothing_to_do_says_what_to_type() {
    let stage = stage();
    let session = stage.talks[0].id.to_string();
    let ran = stage.home.run(["code", "restore", &session]);
    assert_eq!(ran.code, 0);
    let hint = ran.stderr.lines().next().unwrap().split_once("to take back what that turn did: codex-git ").unwrap().1;
    assert!(ran.stderr.ends_with("nothing to put back\n"), "{}", ran.stderr);
    stage.home.ok(&format!("{hint} --yes"));
    assert_eq!(stage.read("a").unwrap(), "2\n");
    let fresh = Stage::new();
    let ran = fresh.home.run(["code", "undo"]);
    assert!(ran.code == 1 && ran.stderr.contains("nothing was restored in"), "{}", ran.stderr);
    // In another project, the turns are those of another folder.
    let other = stage.root().parent().unwrap().join("other");
    fs::create_dir(&other).unwrap();
    let elsewhere = ran_in(&stage, &other, &["code", "restore", "--yes", &format!("{session}~1")]);
    assert_eq!(elsewhere.code, 1);
    assert!(elsewhere.stderr.contains("worked in `") && elsewhere.stderr.contains("hint: cd "), "{}", elsewhere.stderr);
}

fn ran_in(stage: &Stage, folder: &std::path::Path, words: &[&str]) -> crate::support::Ran {
    ran(stage.home.command().current_dir(folder).args(words).output().unwrap())
}

#[test]
fn while_a_session_works_in_the_folder_nothing_is_restored() {
    let mut stage = stage();
    let other = stage.talk();
    stage.turn_of(other, &|_| {});
    stage.begin(other);
    let session = stage.talks[0].id.to_string();
    // Another process has the rollout open, as Codex has.
    let open = fs::File::open(stage.file(other)).unwrap();
    let mut codex = Command::new("sleep").arg("60").stdin(Stdio::from(open)).spawn().unwrap();
    for words in [
        &["code", "restore", "--yes", &format!("{session}~1")][..],
        &["code", "restore", "--yes", "--all", &format!("{session}~1")],
    ] {
        let ran = stage.home.run(words);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains("is working in") && ran.stderr.contains("turn 2 has not ended"), "{}", ran.stderr);
        let plan = stage.home.run(words.iter().map(|word| if *word == "--yes" { "--dry-run" } else { word }));
        assert_eq!(plan.code, 0, "{}", plan.stderr);
        assert!(plan.stderr.contains("turn 2 has not ended") && plan.stderr.contains("  M a\n"), "{}", plan.stderr);
        assert_eq!(stage.read("a").unwrap(), "3\n");
    }
    stage.finish(other);
    let ran = stage.home.run(["code", "restore", "--yes", &format!("{session}~1")]);
    codex.kill().unwrap();
    codex.wait().unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn what_cannot_be_written_is_named_and_the_rest_goes_on() {
    let stage = stage();
    let session = stage.talks[0].id.to_string();
    if fs::metadata("/proc/self").is_ok_and(|data| std::os::unix::fs::MetadataExt::uid(&data) == 0) {
        // Whoever may do all can't be kept from writing.
        return;
    }
    super::stage::chmod(&stage.root(), "d", 0o500);
    let ran = stage.home.run(["code", "restore", "--yes", &format!("{session}~1")]);
    super::stage::chmod(&stage.root(), "d", 0o700);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("error: can't put back `"), "{}", ran.stderr);
    assert_eq!((stage.read("a").unwrap(), stage.read("d/b").unwrap()), ("2\n".into(), "3\n".into()));
}

#[test]
fn a_folder_that_becomes_a_link_meanwhile_leads_nowhere() {
    let mut stage = stage();
    let outside = stage.root().parent().unwrap().join("outside");
    put(&outside, "b", "outside\n");
    let wanted = stage.wanted(0, 1);
    let plan = stage.plan(&wanted).unwrap();
    fs::rename(stage.root().join("d"), stage.root().join("was-d")).unwrap();
    link(&stage.root(), "d", outside.to_str().unwrap());
    let went = stage.go(&plan);
    assert_eq!(went.failed.iter().map(|failed| failed.path.as_slice()).collect::<Vec<_>>(), [b"d/b"]);
    assert_eq!(fs::read_to_string(outside.join("b")).unwrap(), "outside\n");
    assert_eq!(stage.read("was-d/b").unwrap(), "3\n");
    assert_eq!(stage.read("a").unwrap(), "2\n");
}

#[test]
fn no_tree_has_something_written_into_git_or_outside() {
    let mut stage = stage();
    let store = stage.store();
    let refs = super::git_in(&store, &["for-each-ref", "--format=%(refname)"]);
    let name = refs.lines().find(|name| name.ends_with("turn-0-2/before")).unwrap();
    let text = super::git_in(&store, &["cat-file", "commit", name]);
    let evil = object(&store, "blob", b"#!/bin/sh\ntouch ran\n");
    let escape = tree(&store, &[("100644", "escaped", &evil)]);
    let hooks = tree(&store, &[("100755", "post-checkout", &evil)]);
    let hooks = tree(&store, &[("40000", "hooks", &hooks)]);
    let git = super::files(&stage.root().join(".git"));
    for (mode, part, id) in [
        ("40000", "..", &escape),
        ("40000", ".", &escape),
        ("100644", "../escaped", &evil),
        ("100644", "/tmp/escaped", &evil),
        ("40000", ".git", &hooks),
        ("40000", ".GIT", &hooks),
        ("40000", "git~1", &hooks),
        ("100644", "", &evil),
    ] {
        let tree = tree(&store, &[(mode, part, id)]);
        let old = text.lines().next().unwrap();
        let commit = object(&store, "commit", text.replace(old, &format!("tree {tree}")).as_bytes());
        super::git_in(&store, &["update-ref", name, &commit]);
        for all in [false, true] {
            let mut wanted = stage.wanted(0, 2);
            (wanted.before, wanted.all) = (true, all);
            let plan = stage.plan(&wanted).unwrap();
            assert!(plan.spared.values().any(|why| *why == Spared::Name), "{part}: {:?}", plan.spared);
            stage.go(&plan);
            let around = fs::read_dir(stage.root().parent().unwrap()).unwrap().count();
            assert_eq!((around, super::files(&stage.root().join(".git"))), (2, git.clone()), "{part}");
            assert!(!std::path::Path::new("/tmp/escaped").exists());
            stage.undo();
        }
    }
}

/// Stops a restore at each call of the system that changes something: each file is as before or as after, and undoing goes on.
#[test]
fn wherever_a_restore_is_stopped_each_file_is_old_or_new_and_undo_still_works() {
    if !has("strace") {
        eprintln!("there is no strace: nothing is stopped");
        return;
    }
    let ready = stage();
    let old = ready.files();
    let session = ready.talks[0].id.to_string();
    let words = ["code", "restore", "--yes", &format!("{session}~1")].map(str::to_owned);
    ok(ready.home.command().args(&words));
    let new = ready.files();
    for call in ["renameat2", "renameat", "unlinkat", "mkdirat", "fsync", "fchmod"] {
        for at in 1.. {
            let stage = stage();
            if !is_stopped(&stage, &words, call, at) {
                assert!(at > 1 || call == "renameat" || call == "mkdirat", "{call} is never called");
                break;
            }
            let is_left = |path: &[u8]| path.split(|byte| *byte == b'/').any(|name| name.starts_with(b".codex-git-"));
            let mut now = stage.files();
            now.retain(|path, _| !is_left(path));
            each_is_one_of(&now, &old, &new, &format!("{call} {at}"));
            let undone = stage.home.run(["code", "undo", "--yes"]);
            let is_begun = !undone.stderr.contains("nothing was restored");
            assert!(undone.code == 0 || !is_begun, "{call} {at}: {}", undone.stderr);
            if is_begun {
                assert_eq!(stage.files(), old, "{call} {at}");
            }
            assert!(is_begun || now == old, "{call} {at}: what was changed can be undone");
            stage.home.ok(&words.join(" "));
            assert_eq!(stage.files(), new, "{call} {at}");
        }
    }
}

/// Whether a command was killed as it called the system so for the n-th time.
fn is_stopped(stage: &Stage, words: &[String], call: &str, at: usize) -> bool {
    let command = stage.home.command();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    strace.args(["-e", &format!("inject={call}:signal=SIGKILL:when={at}")]).arg(command.get_program()).args(words);
    strace.current_dir(stage.root());
    command.get_envs().for_each(|(name, value)| match value {
        Some(value) => drop(strace.env(name, value)),
        None => drop(strace.env_remove(name)),
    });
    !strace.output().unwrap().status.success()
}

fn each_is_one_of(now: &Files, old: &Files, new: &Files, what: &str) {
    let paths: BTreeSet<&Vec<u8>> = now.keys().chain(old.keys()).chain(new.keys()).collect();
    for path in paths {
        let is_one = now.get(path) == old.get(path) || now.get(path) == new.get(path);
        assert!(is_one, "{what}: {:?}", String::from_utf8_lossy(path));
    }
}
