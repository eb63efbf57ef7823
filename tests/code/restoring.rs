//! Going back in place: the rule, case by case. What the agent did is taken back, and nothing else.

use std::fs;

use codex_git::model::code::Spared;

use super::stage::{Stage, chmod, link, mode, put};
use super::{files, git_in};

/// A session whose first turn began with some files, all committed.
fn stage(files: &[(&str, &str)]) -> Stage {
    let stage = Stage::new();
    files.iter().for_each(|(path, text)| stage.put(path, text));
    stage.put("keep", "k\n");
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "x"]);
    stage
}

fn left(path: &str, why: Spared) -> Vec<(String, Spared)> {
    vec![(path.to_owned(), why)]
}

#[test]
fn what_a_turn_changed_made_and_deleted_is_taken_back_and_undone_exactly() {
    let mut stage = stage(&[("a", "1\n"), ("gone", "g\n"), ("d/x", "x\n")]);
    let before = stage.files();
    stage.turn(&|root| {
        put(root, "a", "agent\n");
        put(root, "new/deep/file", "n\n");
        fs::remove_file(root.join("gone")).unwrap();
        fs::remove_dir_all(root.join("d")).unwrap();
    });
    let after = stage.files();
    assert_eq!(stage.restore(0), []);
    assert_eq!(stage.files(), before);
    assert!(!stage.root().join("new").exists(), "folders that became empty are gone");
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.files(), after);
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.files(), before, "undone twice, it is done again");
}

#[test]
fn only_the_turns_after_the_one_are_taken_back() {
    let mut stage = stage(&[("a", "0\n")]);
    for n in 1..=3 {
        stage.turn(&|root| put(root, "a", format!("{n}\n")));
    }
    assert_eq!(stage.restore(1), []);
    assert_eq!(stage.read("a").unwrap(), "1\n");
    assert_eq!(stage.restore(1), []);
    assert_eq!(stage.read("a").unwrap(), "1\n", "twice is once");
}

#[test]
fn what_a_person_changed_after_the_turn_stays() {
    let mut stage = stage(&[("a", "1\n"), ("b", "1\n"), ("c", "1\n"), ("d", "1\n")]);
    stage.turn(&|root| {
        ["a", "b", "c"].iter().for_each(|path| put(root, path, "agent\n"));
        fs::remove_file(root.join("d")).unwrap();
    });
    stage.put("a", "agent\nand me\n");
    stage.remove("c");
    stage.put("d", "mine now\n");
    let spared = stage.restore(0);
    let changed = |path: &str| (path.to_owned(), Spared::Changed);
    assert_eq!(spared, ["a", "c", "d"].map(changed));
    assert_eq!((stage.read("a").unwrap(), stage.read("b").unwrap()), ("agent\nand me\n".into(), "1\n".into()));
    assert_eq!((stage.read("c"), stage.read("d").unwrap()), (None, "mine now\n".into()));
}

#[test]
fn what_a_person_changed_before_or_between_the_turns_stays() {
    let mut stage = stage(&[("a", "1\n"), ("b", "1\n"), ("mine", "1\n")]);
    stage.put("a", "before\n");
    stage.turn(&|root| put(root, "b", "agent\n"));
    stage.put("mine", "between\n");
    stage.put("also-mine", "between\n");
    stage.turn(&|root| put(root, "b", "agent again\n"));
    assert_eq!(stage.restore(0), []);
    assert_eq!(stage.read("a").unwrap(), "before\n");
    assert_eq!((stage.read("b").unwrap(), stage.read("mine").unwrap()), ("1\n".into(), "between\n".into()));
    assert!(stage.read("also-mine").is_some());
}

#[test]
fn what_a_person_already_took_back_is_nothing_to_do() {
    let mut stage = stage(&[("a", "1\n")]);
    stage.turn(&|root| put(root, "a", "agent\n"));
    stage.put("a", "1\n");
    let wanted = stage.wanted(0, 0);
    let plan = stage.plan(&wanted).unwrap();
    assert!(plan.steps.is_empty() && plan.spared.is_empty());
    stage.workspace.drop_plan(&plan).unwrap();
}

#[test]
fn a_file_that_others_changed_between_the_turns_is_named() {
    let mut stage = stage(&[("a", "1\n")]);
    stage.turn(&|root| put(root, "a", "agent\n"));
    stage.put("a", "agent\nme\n");
    stage.turn(&|root| put(root, "a", "agent\nme\nagent\n"));
    let wanted = stage.wanted(0, 0);
    let plan = stage.plan(&wanted).unwrap();
    assert!(plan.between.contains(&b"a"[..]));
    stage.go(&plan);
    assert_eq!(stage.read("a").unwrap(), "1\n");
}

#[test]
fn merging_never_takes_out_what_others_changed_between_the_turns() {
    let lines = |at: usize, word: &str, text: &str| {
        let all = text.lines().enumerate().map(|(n, line)| if n == at { word } else { line });
        all.map(|line| format!("{line}\n")).collect::<String>()
    };
    let text: String = (0..30).map(|n| format!("{n}\n")).collect();
    let mut stage = stage(&[("a", &text)]);
    let change = |stage: &Stage, at, word: &str| stage.put("a", lines(at, word, &stage.read("a").unwrap()));
    let turn = |at, word: &'static str| {
        move |root: &std::path::Path| put(root, "a", lines(at, word, &fs::read_to_string(root.join("a")).unwrap()))
    };
    stage.turn(&turn(3, "first"));
    change(&stage, 10, "between");
    stage.turn(&turn(20, "second"));
    change(&stage, 28, "since");
    let before = stage.read("a");
    let mut wanted = stage.wanted(0, 0);
    wanted.merge = true;
    assert_eq!(stage.restore_so(&wanted), left("a", Spared::Between));
    assert_eq!(stage.read("a"), before);
}

#[test]
fn what_may_be_anothers_in_a_file_that_goes_back_is_said_to_stay() {
    let mut stage = stage(&[("a", "1\n"), ("b", "1\n")]);
    stage.begin(0);
    stage.put("a", "1\nfailed\n");
    stage.put("b", "1\nfailed\n");
    stage.end_with(0, false);
    stage.put("a", "1\nfailed\nmine\n");
    stage.turn(&|root| put(root, "a", "1\nfailed\nmine\nthird\n"));
    let wanted = stage.wanted(0, 0);
    let plan = stage.plan(&wanted).unwrap();
    assert!(plan.partly.contains(&b"a"[..]) && plan.spared[&b"b"[..]] == Spared::Unsure);
    stage.go(&plan);
    assert_eq!(stage.read("a").unwrap(), "1\nfailed\nmine\n");
}

#[test]
fn a_file_that_was_deleted_and_made_again_is_as_it_was() {
    let mut stage = stage(&[("a", "1\n")]);
    stage.turn(&|root| fs::remove_file(root.join("a")).unwrap());
    stage.turn(&|root| put(root, "a", "again\n"));
    assert_eq!(stage.restore(1), []);
    assert_eq!(stage.read("a"), None);
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.restore(0), []);
    assert_eq!(stage.read("a").unwrap(), "1\n");
}

#[test]
fn turns_that_were_left_behind_count() {
    let mut stage = stage(&[("a", "0\n"), ("b", "0\n")]);
    stage.turn(&|root| put(root, "a", "1\n"));
    stage.turn(&|root| put(root, "a", "2\n"));
    stage.turn(&|root| put(root, "b", "3\n"));
    stage.rewind(0, 1);
    stage.turn(&|root| put(root, "new", "4\n"));
    assert_eq!(stage.restore(1), []);
    assert_eq!((stage.read("a").unwrap(), stage.read("b").unwrap()), ("1\n".into(), "0\n".into()));
    assert_eq!(stage.read("new"), None);
    stage.undo();
    // As after the turn that came after the rewind: what was left behind is older, and stays.
    assert_eq!(stage.restore(2), []);
    assert_eq!((stage.read("a").unwrap(), stage.read("b").unwrap()), ("2\n".into(), "3\n".into()));
}

#[test]
fn other_sessions_files_stay() {
    let mut stage = stage(&[("a", "1\n"), ("theirs", "1\n")]);
    stage.turn(&|root| put(root, "a", "agent\n"));
    let other = stage.talk();
    stage.turn_of(other, &|root| put(root, "theirs", "other\n"));
    assert_eq!(stage.restore(0), []);
    assert_eq!((stage.read("a").unwrap(), stage.read("theirs").unwrap()), ("1\n".into(), "other\n".into()));
}

#[test]
fn while_two_sessions_worked_at_once_only_what_patches_name_is_taken_back() {
    let mut stage = stage(&[("a", "1\n"), ("by-shell", "1\n"), ("theirs", "1\n")]);
    let other = stage.talk();
    stage.begin(0);
    stage.begin(other);
    stage.put("a", "agent\n");
    stage.patch(0, &["a"]);
    stage.put("by-shell", "agent\n");
    stage.put("theirs", "other\n");
    stage.finish(other);
    stage.finish(0);
    let unsure = |path: &str| (path.to_owned(), Spared::Unsure);
    assert_eq!(stage.restore(0), ["by-shell", "theirs"].map(unsure));
    assert_eq!((stage.read("a").unwrap(), stage.read("by-shell").unwrap()), ("1\n".into(), "agent\n".into()));
}

#[test]
fn a_turn_without_a_snapshot_before_it_is_refused_by_its_number() {
    let mut stage = stage(&[("a", "1\n")]);
    stage.turn(&|root| put(root, "a", "2\n"));
    stage.begin_with(0, false);
    stage.put("a", "3\n");
    stage.end_with(0, true);
    let wanted = stage.wanted(0, 1);
    let error = stage.plan(&wanted).err().unwrap().to_string();
    assert!(error.contains("turn 2 has no code snapshot before it"), "{error}");
    assert_eq!(stage.read("a").unwrap(), "3\n");
    assert!(!git_in(&stage.store(), &["for-each-ref"]).contains("refs/undo"), "no snapshot keeps a name");
    let mut wanted = stage.wanted(0, 1);
    wanted.all = true;
    assert_eq!(stage.restore_so(&wanted), []);
    assert_eq!(stage.read("a").unwrap(), "2\n");
}

#[test]
fn of_a_turn_that_ended_without_a_word_only_what_patches_name_is_taken_back() {
    let mut stage = stage(&[("a", "1\n"), ("b", "1\n"), ("mine", "1\n")]);
    stage.begin(0);
    stage.put("a", "agent\n");
    stage.patch(0, &["a"]);
    stage.put("b", "agent\n");
    stage.end_with(0, false);
    stage.put("mine", "me\n");
    stage.turn(&|_| {});
    let unsure = |path: &str| (path.to_owned(), Spared::Unsure);
    assert_eq!(stage.restore(0), ["b", "mine"].map(unsure));
    assert_eq!((stage.read("a").unwrap(), stage.read("mine").unwrap()), ("1\n".into(), "me\n".into()));
}

#[test]
fn where_the_look_before_a_turn_came_late_the_one_after_the_turn_before_counts() {
    let mut stage = stage(&[("a", "1\n"), ("late", "1\n"), ("mine", "1\n")]);
    stage.turn(&|_| {});
    stage.put("mine", "me\n");
    stage.begin_with(0, false);
    stage.put("late", "agent\n");
    stage.patch(0, &["late"]);
    // A tool was called before the look: it is marked as torn.
    stage.hook_late(0);
    stage.put("a", "agent\n");
    stage.finish(0);
    // Whose the change was that the late look saw, no snapshot says; a patch does.
    assert_eq!(stage.restore(1), left("mine", Spared::Unsure));
    assert_eq!((stage.read("a").unwrap(), stage.read("late").unwrap()), ("1\n".into(), "1\n".into()));
    assert_eq!(stage.read("mine").unwrap(), "me\n");
    // Without a turn before, nothing counts.
    let mut first = self::stage(&[("a", "1\n")]);
    first.begin_with(0, false);
    first.patch(0, &["a"]);
    first.hook_late(0);
    first.finish(0);
    let wanted = first.wanted(0, 0);
    let error = first.plan(&wanted).err().unwrap().to_string();
    assert!(error.contains("turn 1 may have changed files before its snapshot was taken"), "{error}");
    let mut typed = first.home.command();
    typed.args(["code", "restore", "--before", "--merge", "1"]).current_dir(first.root());
    let told = String::from_utf8(typed.output().unwrap().stderr).unwrap();
    let hint = "hint: codex-git code restore --before --all --dry-run 1  # makes all files what they were then";
    assert!(told.contains(hint), "{told}");
}

#[test]
fn ignored_files_are_never_touched() {
    let mut stage = stage(&[(".gitignore", "out/\n*.log\n"), ("a", "1\n")]);
    stage.put("out/built", "old\n");
    stage.put("x.log", "old\n");
    stage.turn(&|root| {
        put(root, "a", "agent\n");
        put(root, "out/built", "agent\n");
        put(root, "y.log", "agent\n");
    });
    assert_eq!(stage.restore(0), []);
    assert_eq!((stage.read("a").unwrap(), stage.read("out/built").unwrap()), ("1\n".into(), "agent\n".into()));
    assert_eq!((stage.read("x.log").unwrap(), stage.read("y.log").unwrap()), ("old\n".into(), "agent\n".into()));
    // Nor do they go because a turn no longer ignored them, or had the index take them.
    stage.turn(&|root| {
        put(root, ".gitignore", "out/\n");
        git_in(root, &["add", "-f", "out/built"]);
    });
    let mut wanted = stage.wanted(0, 1);
    let ignored = |path: &str| (path.to_owned(), Spared::Ignored);
    let all = ["out/built", "x.log", "y.log"].map(ignored);
    assert_eq!(stage.restore_so(&wanted), all);
    assert_eq!(stage.read("x.log").unwrap(), "old\n");
    stage.undo();
    wanted.all = true;
    assert_eq!(stage.restore_so(&wanted), all);
    assert_eq!(stage.read("y.log").unwrap(), "agent\n");
}

#[test]
fn a_file_that_is_ignored_now_is_in_no_snapshot_and_stays() {
    let mut stage = stage(&[("a", "1\n"), ("b.log", "1\n")]);
    stage.turn(&|root| put(root, "new.log", "agent\n"));
    stage.put(".gitignore", "*.log\n");
    assert_eq!(stage.restore(0), left("new.log", Spared::Unkept));
    assert_eq!(stage.read("new.log").unwrap(), "agent\n");
}

#[test]
fn what_a_snapshot_left_out_is_neither_replaced_nor_removed() {
    let mut stage = stage(&[("a", "1\n")]);
    stage.put(".env", "secret\n");
    stage.put("big", vec![b'x'; 11 << 20]);
    stage.turn(&|root| {
        put(root, "a", "agent\n");
        put(root, "big", "small now\n");
        put(root, ".env", "agent\n");
    });
    assert_eq!(stage.restore(0), left("big", Spared::LeftOut));
    assert_eq!((stage.read("big").unwrap(), stage.read(".env").unwrap()), ("small now\n".into(), "agent\n".into()));
    let mut wanted = stage.wanted(0, 0);
    wanted.all = true;
    assert_eq!(stage.restore_so(&wanted), left("big", Spared::LeftOut));
    // And what has become too large since is in no snapshot.
    stage.turn(&|root| put(root, "a", "agent\n"));
    stage.put("a", vec![b'x'; 11 << 20]);
    assert_eq!(stage.restore(1), left("a", Spared::Unkept));
    assert_eq!(stage.read("a").unwrap().len(), 11 << 20);
}

/// What a commit has is kept whatever its name or size; put back after other commits, no look takes it up.
#[test]
fn what_only_an_older_commit_has_goes_back_and_is_undone_as_well() {
    let mut stage = stage(&[(".env", "committed\n"), ("big", &"x".repeat(11 << 20))]);
    stage.turn(&|root| {
        put(root, "big", "small\n");
        fs::remove_file(root.join(".env")).unwrap();
        git_in(root, &["commit", "-q", "-a", "-m", "by the agent"]);
    });
    let after = stage.files();
    assert_eq!(stage.restore(0), []);
    assert_eq!((stage.read(".env").unwrap(), stage.read("big").unwrap().len()), ("committed\n".into(), 11 << 20));
    let before = stage.files();
    for files in [&after, &before, &after] {
        assert_eq!(stage.undo(), []);
        assert!(stage.files() == *files);
    }
}

#[test]
fn commits_of_the_agent_stay_and_git_itself_is_not_touched() {
    let mut stage = stage(&[("a", "1\n")]);
    stage.turn(&|root| {
        put(root, "a", "agent\n");
        put(root, "new", "agent\n");
        git_in(root, &["add", "-A"]);
        git_in(root, &["commit", "-q", "-m", "by the agent"]);
    });
    let git = stage.root().join(".git");
    let before = files(&git);
    assert_eq!(stage.restore(0), []);
    assert_eq!(files(&git), before);
    assert_eq!(stage.git(&["status", "--short"]), " M a\n D new\n");
    assert_eq!(stage.undo(), []);
    assert_eq!(files(&git), before);
}

#[test]
fn links_and_the_right_to_execute_come_back() {
    let mut stage = stage(&[("script", "#!/bin/sh\n"), ("plain", "p\n"), ("target", "t\n")]);
    chmod(&stage.root(), "script", 0o750);
    chmod(&stage.root(), "plain", 0o640);
    link(&stage.root(), "door", "target");
    let before = stage.files();
    stage.turn(&|root| {
        chmod(root, "script", 0o640);
        put(root, "plain", "changed\n");
        chmod(root, "plain", 0o750);
        fs::remove_file(root.join("door")).unwrap();
        link(root, "door", "nowhere");
        fs::remove_file(root.join("target")).unwrap();
        link(root, "target", "plain");
    });
    let after = stage.files();
    assert_eq!(stage.restore(0), []);
    assert_eq!(stage.files(), before);
    assert_eq!((mode(&stage.root(), "script"), mode(&stage.root(), "plain")), (0o750, 0o640));
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.files(), after);
}

#[test]
fn a_private_file_comes_back_private() {
    let mut stage = stage(&[]);
    stage.put("private", "mine\n");
    chmod(&stage.root(), "private", 0o600);
    stage.turn(&|root| fs::remove_file(root.join("private")).unwrap());
    assert_eq!(stage.restore(0), []);
    assert_eq!(mode(&stage.root(), "private"), 0o600);
}

#[test]
fn files_and_folders_change_places() {
    let mut stage = stage(&[("file", "f\n"), ("folder/a", "a\n"), ("folder/b/c", "c\n")]);
    let before = stage.files();
    stage.turn(&|root| {
        fs::remove_file(root.join("file")).unwrap();
        put(root, "file/inside", "i\n");
        fs::remove_dir_all(root.join("folder")).unwrap();
        put(root, "folder", "now a file\n");
    });
    let after = stage.files();
    assert_eq!(stage.restore(0), []);
    assert_eq!(stage.files(), before);
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.files(), after);
    // With something of a person's in the folder, it stays, and so does the file that it is in the place of.
    stage.put("file/mine", "m\n");
    assert_eq!(stage.restore(0), left("file", Spared::Folder));
    assert_eq!(stage.read("file/mine").unwrap(), "m\n");
}

#[test]
fn nothing_is_written_through_a_link() {
    let mut stage = stage(&[("d/x", "1\n"), ("d/y", "1\n")]);
    let outside = stage.root().parent().unwrap().join("outside");
    put(&outside, "x", "outside\n");
    put(&outside, "y", "outside\n");
    stage.turn(&|root| {
        put(root, "d/x", "agent\n");
        fs::remove_file(root.join("d/y")).unwrap();
    });
    fs::rename(stage.root().join("d"), stage.root().join("moved")).unwrap();
    link(&stage.root(), "d", outside.to_str().unwrap());
    let spared = stage.restore(0);
    assert_eq!(spared, [("d/x".to_owned(), Spared::Changed), ("d/y".to_owned(), Spared::Above)]);
    assert_eq!(fs::read_to_string(outside.join("x")).unwrap(), "outside\n");
    // The agent itself put the link there: then the folder comes back in its place.
    let mut stage = self::stage(&[("d/x", "1\n")]);
    let place = outside.to_str().unwrap().to_owned();
    stage.turn(&|root| {
        fs::remove_dir_all(root.join("d")).unwrap();
        link(root, "d", &place);
    });
    assert_eq!(stage.restore(0), []);
    assert_eq!(stage.read("d/x").unwrap(), "1\n");
    assert_eq!(fs::read_to_string(outside.join("x")).unwrap(), "outside\n");
}

#[test]
fn names_of_all_kinds_come_back() {
    let names = ["-dash", "with space", "line\nfeed", "größe", "tab\t\"quote\"", "*", ".hidden/x"];
    let mut stage = stage(&names.map(|name| (name, "1\n")));
    let before = stage.files();
    stage.turn(&|root| names.iter().for_each(|name| put(root, name, "agent\n")));
    assert_eq!(stage.restore(0), []);
    assert_eq!(stage.files(), before);
}

#[test]
fn named_paths_are_exactly_what_they_were_whoever_changed_them() {
    let mut stage = stage(&[("d/a", "1\n"), ("d/b", "1\n"), ("e", "1\n")]);
    stage.turn(&|root| put(root, "d/a", "2\n"));
    stage.put("d/a", "me\n");
    stage.put("d/new", "me\n");
    stage.remove("d/b");
    stage.put("e", "me\n");
    let mut wanted = stage.wanted(0, 1);
    wanted.paths = vec![b"d".to_vec()];
    let mine = stage.files();
    assert_eq!(stage.restore_so(&wanted), []);
    assert_eq!((stage.read("d/a").unwrap(), stage.read("d/b").unwrap()), ("2\n".into(), "1\n".into()));
    assert_eq!((stage.read("d/new"), stage.read("e").unwrap()), (None, "me\n".into()));
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.files(), mine);
    wanted.paths = vec![b"nowhere".to_vec()];
    assert!(stage.plan(&wanted).err().unwrap().to_string().contains("has `nowhere`"));
    (wanted.paths, wanted.all) = (Vec::new(), true);
    assert_eq!(stage.restore_so(&wanted), []);
    assert_eq!((stage.read("d/new"), stage.read("e").unwrap()), (None, "1\n".into()));
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.files(), mine);
}

#[test]
fn merging_keeps_what_was_changed_since_in_other_lines() {
    let text: String = (1..=20).map(|n| format!("{n}\n")).collect();
    let mut stage = stage(&[("a", &text), ("b", &text)]);
    let agent = text.replace("\n3\n", "\nagent\n");
    stage.turn(&|root| ["a", "b"].iter().for_each(|path| put(root, path, &agent)));
    stage.put("a", agent.replace("\n18\n", "\nme\n"));
    stage.put("b", agent.replace("\nagent\n", "\nagent and me\n"));
    let mut wanted = stage.wanted(0, 0);
    wanted.merge = true;
    let mine = stage.files();
    assert_eq!(stage.restore_so(&wanted), left("b", Spared::Changed));
    assert_eq!(stage.read("a").unwrap(), text.replace("\n18\n", "\nme\n"));
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.files(), mine);
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.read("a").unwrap(), text.replace("\n18\n", "\nme\n"));
}

#[test]
fn what_somebody_changed_after_a_restore_is_not_undone() {
    let mut stage = stage(&[("a", "1\n"), ("b", "1\n")]);
    stage.turn(&|root| ["a", "b"].iter().for_each(|path| put(root, path, "agent\n")));
    stage.restore(0);
    stage.put("a", "me\n");
    assert_eq!(stage.undo(), left("a", Spared::Changed));
    assert_eq!((stage.read("a").unwrap(), stage.read("b").unwrap()), ("me\n".into(), "agent\n".into()));
}

#[test]
fn a_restore_that_was_undone_hides_nobody_elses_change() {
    let mut stage = stage(&[("a", "1\n")]);
    stage.turn(&|root| put(root, "a", "1\nagent\n"));
    let other = stage.talk();
    stage.turn_of(other, &|root| put(root, "a", "1\nagent\nother\n"));
    for _ in 0..2 {
        assert_eq!(stage.restore(0), left("a", Spared::Changed));
        let theirs = stage.wanted(other, 0);
        assert_eq!(stage.restore_so(&theirs), []);
        assert_eq!(stage.read("a").unwrap(), "1\nagent\n");
        assert_eq!(stage.undo(), []);
        assert_eq!(stage.read("a").unwrap(), "1\nagent\nother\n");
    }
    assert_eq!(stage.restore(0), left("a", Spared::Changed));
}

#[test]
fn a_folder_that_became_a_repository_in_the_turn_goes_back_as_well() {
    let mut stage = Stage::new();
    fs::remove_dir_all(stage.root().join(".git")).unwrap();
    stage.put("a", "1\n");
    stage.turn(&|root| {
        git_in(root, &["init", "-q"]);
        put(root, "a", "agent\n");
        put(root, "new", "agent\n");
    });
    assert_eq!(stage.restore(0), []);
    assert_eq!((stage.read("a").unwrap(), stage.read("new")), ("1\n".into(), None));
    assert!(stage.root().join(".git").is_dir());
    assert_eq!(stage.undo(), []);
    assert_eq!(stage.read("a").unwrap(), "agent\n");
}

#[test]
fn what_changes_between_the_plan_and_its_carrying_out_stays() {
    let mut stage = stage(&[("a", "1\n"), ("b", "1\n"), ("gone", "1\n")]);
    stage.turn(&|root| {
        put(root, "a", "agent\n");
        put(root, "b", "agent\n");
        put(root, "new", "agent\n");
        fs::remove_file(root.join("gone")).unwrap();
    });
    let wanted = stage.wanted(0, 0);
    let plan = stage.plan(&wanted).unwrap();
    stage.put("a", "just now\n");
    stage.put("new", "just now\n");
    stage.put("gone", "just now\n");
    let went = stage.go(&plan);
    let failed: Vec<&[u8]> = went.failed.iter().map(|failed| failed.path.as_slice()).collect();
    assert_eq!(failed, [&b"new"[..], b"a", b"gone"]);
    for path in ["a", "new", "gone"] {
        assert_eq!(stage.read(path).unwrap(), "just now\n");
    }
    assert_eq!(stage.read("b").unwrap(), "1\n");
    let left: Vec<_> = fs::read_dir(stage.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with(".codex-git")), "{left:?}");
}

#[test]
fn bytes_that_are_gone_are_told_and_the_rest_goes_back() {
    let mut stage = stage(&[("a", "borrowed\n"), ("b", "1\n")]);
    stage.put("b", "not committed\n");
    stage.turn(&|root| {
        put(root, "a", "agent\n");
        put(root, "b", "agent\n");
    });
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "--amend", "-m", "other"]);
    stage.git(&["reflog", "expire", "--expire=now", "--all"]);
    stage.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(stage.restore(0), left("a", Spared::Gone));
    assert_eq!((stage.read("a").unwrap(), stage.read("b").unwrap()), ("agent\n".into(), "not committed\n".into()));
}
