//! Going back more than once, and what is typed for it.

use std::fs;

use codex_git::model::code::Spared;

use super::ok;
use super::stage::{Stage, put};
use crate::support::{Ran, ran};

/// A session whose three turns wrote 1, 2 and 3 into a file.
fn three() -> Stage {
    let mut stage = Stage::new();
    stage.put("a", "0\n");
    for n in 1..=3 {
        stage.turn(&|root| put(root, "a", format!("{n}\n")));
    }
    stage
}

/// Runs the program in a folder below the root.
fn run_in(stage: &Stage, folder: &str, words: &[&str]) -> Ran {
    let mut command = stage.home.command();
    ran(command.current_dir(stage.root().join(folder)).args(words).output().unwrap())
}

#[test]
fn one_goes_back_step_by_step_and_forward_again() {
    let mut stage = three();
    for (turn, holds) in [(2, "2\n"), (1, "1\n"), (0, "0\n"), (2, "2\n"), (1, "1\n")] {
        assert_eq!(stage.restore(turn), [], "to turn {turn}");
        assert_eq!(stage.read("a").unwrap(), holds);
    }
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.restore(0), []);
    assert_eq!(stage.read("a").unwrap(), "0\n", "an undo is a restore, too");
}

#[test]
fn forward_again_is_exactly_as_after_the_turn_up_to_the_last() {
    let mut stage = Stage::new();
    stage.put("a", "0\n");
    stage.put("gone", "0\n");
    let mut states = vec![stage.files()];
    for n in 1..=4 {
        stage.turn(&|root| {
            put(root, "a", format!("{n}\n"));
            put(root, &format!("n{n}"), "new\n");
            if n == 2 {
                fs::remove_file(root.join("gone")).unwrap();
            }
        });
        states.push(stage.files());
    }
    for turn in [1, 2, 3, 4, 2, 4, 0, 3, 4] {
        assert_eq!(stage.restore(turn), [], "to turn {turn}");
        assert_eq!(stage.files(), states[turn], "as after turn {turn}");
    }
    // Another session has its own turns: what this one put back is no business of its.
    let other = stage.talk();
    stage.turn_of(other, &|root| put(root, "theirs", "1\n"));
    assert_eq!(stage.restore(1), []);
    let wanted = stage.wanted(other, 0);
    assert_eq!(stage.restore_so(&wanted), []);
    assert_eq!(stage.files(), states[1]);
    stage.put("n1", "mine\n");
    assert_eq!(stage.restore(4), [("n1".to_owned(), Spared::Changed)], "what a person changed since stays");
    assert_eq!((stage.read("n1").unwrap(), stage.read("n4").unwrap()), ("mine\n".into(), "new\n".into()));
}

#[test]
fn a_restore_is_not_taken_back_where_it_made_what_is_wanted() {
    let mut stage = three();
    stage.put("a", "mine\n");
    let mut all = stage.wanted(0, 3);
    all.all = true;
    assert_eq!(stage.restore_so(&all), []);
    assert_eq!(stage.read("a").unwrap(), "3\n");
    assert_eq!(stage.restore(3), []);
    assert_eq!(stage.read("a").unwrap(), "3\n", "what the person wrote was given up by going back");
    // Nor what another session did before somebody went back.
    let other = stage.talk();
    stage.turn_of(other, &|root| put(root, "a", "theirs\n"));
    let theirs = stage.wanted(other, 0);
    assert_eq!(stage.restore_so(&theirs), []);
    assert_eq!(stage.restore(3), []);
    assert_eq!(stage.read("a").unwrap(), "3\n");
}

#[test]
fn what_a_person_wrote_between_two_restores_stays() {
    let mut stage = three();
    assert_eq!(stage.restore(2), []);
    stage.put("a", "mine\n");
    assert_eq!(stage.restore(1), [("a".to_owned(), Spared::Changed)]);
    assert_eq!(stage.read("a").unwrap(), "mine\n");
}

#[test]
fn merging_keeps_what_others_wrote_between_the_turns() {
    let mut stage = Stage::new();
    let add = |root: &std::path::Path, text: &str| {
        let before = fs::read_to_string(root.join("a")).unwrap_or_default();
        put(root, "a", before + text);
    };
    stage.turn(&|root| add(root, "m1\n"));
    stage.turn(&|root| add(root, "m2\n"));
    add(&stage.root(), "own\n");
    stage.turn(&|root| add(root, "m3\n"));
    let mut wanted = stage.wanted(0, 1);
    wanted.merge = true;
    assert_eq!(stage.restore_so(&wanted), [("a".to_owned(), Spared::Between)]);
    assert_eq!(stage.read("a").unwrap(), "m1\nm2\nown\nm3\n");
}

#[test]
fn turns_that_a_person_had_codex_run_are_passed_over() {
    let mut stage = three();
    stage.own_turn(0);
    stage.own_turn(0);
    let shown = run_in(&stage, "", &["code", "show", &stage.talks[0].id.to_string(), "a"]);
    assert_eq!((shown.code, shown.stdout.as_str()), (0, "3\n"), "{shown:?}");
    let told = run_in(&stage, "", &["code", "restore", "--before", &stage.talks[0].id.to_string(), "--yes"]);
    assert_eq!((told.code, stage.read("a").unwrap().as_str()), (0, "2\n"), "{told:?}");
}

#[test]
fn paths_are_seen_from_the_current_directory() {
    let mut stage = Stage::new();
    for path in ["a", "sub/a", "sub/b", "other"] {
        stage.put(path, "1\n");
    }
    stage.turn(&|root| ["a", "sub/a", "sub/b", "other"].iter().for_each(|path| put(root, path, "2\n")));
    let session = stage.talks[0].id.to_string();
    let state = |stage: &Stage| ["a", "sub/a", "sub/b", "other"].map(|path| stage.read(path).unwrap()).concat();
    let restore =
        |stage: &Stage, path: &str| run_in(stage, "sub", &["code", "restore", "--before", &session, path, "--yes"]);
    for typed in ["", "/", "../..", "/etc/passwd"] {
        let told = restore(&stage, typed);
        assert_eq!((told.code, state(&stage).as_str()), (2, "2\n2\n2\n2\n"), "{typed}: {told:?}");
    }
    assert_eq!(restore(&stage, "a").code, 0);
    assert_eq!(state(&stage), "2\n1\n2\n2\n");
    assert_eq!(restore(&stage, "../other").code, 0);
    assert_eq!(state(&stage), "2\n1\n2\n1\n");
    assert_eq!(restore(&stage, ".").code, 0);
    assert_eq!(state(&stage), "2\n1\n1\n1\n");
    let whole = stage.root().join("a");
    assert_eq!(restore(&stage, whole.to_str().unwrap()).code, 0);
    assert_eq!(state(&stage), "1\n1\n1\n1\n");
    let told = run_in(&stage, "sub", &["code", "diff", "--", "a"]);
    assert!(told.stdout.contains("a/sub/a") && !told.stdout.contains("other"), "{told:?}");
}

#[test]
fn what_was_kept_apart_from_turns_is_listed_and_shown() {
    let mut stage = three();
    assert_eq!(stage.restore(2), []);
    stage.put("a", "mine\n");
    ok(stage.home.command().args(["code", "snap", "-q"]));
    stage.put("a", "else\n");
    let listed = ok(stage.home.command().args(["code", "snap", "--list"])).stdout;
    let id = |why: &str| {
        let line = listed.lines().find(|line| line.contains(why)).unwrap();
        line.split(' ').next().unwrap().to_owned()
    };
    let shown = |id: &str| ok(stage.home.command().args(["code", "show", id, "a"])).stdout;
    assert_eq!((shown(&id("asked for")), shown(&id("before a restore"))), ("mine\n".into(), "3\n".into()));
    let told = ok(stage.home.command().args(["code", "diff", &id("asked for")])).stdout;
    assert!(told.contains("-mine") && told.contains("+else"), "{told}");
    let told = ok(stage.home.command().args(["code", "undo", "--dry-run"])).stderr;
    assert!(told.contains("taking back the last restore or undo here"), "{told}");
}

#[test]
fn files_go_back_to_a_snapshot_that_was_asked_for() {
    let mut stage = three();
    stage.put("a", "mine\n");
    stage.put("mine", "1\n");
    let id = ok(stage.home.command().args(["code", "snap", "--json"])).json()[0]["commit"].as_str().unwrap().to_owned();
    let at_snap = stage.files();
    stage.turn(&|root| ["a", "new", "mine"].iter().for_each(|path| put(root, path, "4\n")));
    let after = stage.files();
    for (words, told) in [
        (&["code", "restore", &id[..9], "--yes"][..], "name the files, or take all"),
        (&["code", "restore", &id[..9], "--yes", "--before", "a"], "are about a turn"),
        (&["code", "restore", &id[..9], "--yes", "nowhere"], "neither the code snapshot nor the folder has"),
    ] {
        let ran = run_in(&stage, "", words);
        assert!(ran.code != 0 && ran.stderr.contains(told), "{words:?}: {}", ran.stderr);
        assert_eq!(stage.files(), after);
    }
    ok(stage.home.command().args(["code", "restore", &id[..9], "--yes", "a"]));
    assert_eq!((stage.read("a").unwrap(), stage.read("mine").unwrap()), ("mine\n".into(), "4\n".into()));
    ok(stage.home.command().args(["code", "restore", "--all", &id, "--yes"]));
    assert_eq!(stage.files(), at_snap);
    ok(stage.home.command().args(["code", "undo", "--yes"]));
    ok(stage.home.command().args(["code", "undo", "--yes"]));
    assert_eq!(stage.files(), at_snap);
    let other = stage.root().parent().unwrap().join("other");
    std::fs::create_dir(&other).unwrap();
    let elsewhere =
        ran(stage.home.command().current_dir(&other).args(["code", "restore", "--all", &id]).output().unwrap());
    assert_ne!(elsewhere.code, 0);
}

#[test]
fn a_misspelled_word_after_code_is_looked_for_there() {
    let stage = Stage::new();
    let told = run_in(&stage, "", &["code", "restroe"]);
    assert!(told.code == 2 && told.stderr.contains("codex-git code restore"), "{told:?}");
    assert!(run_in(&stage, "", &["restroe"]).stderr.contains("hint: codex-git restore"));
}
