//! Going back to a turn in a new folder: its files, its history, the conversation up to it.

use std::fs;

use super::{CASE, Project, files, git_in, ok};
use crate::support::story::id;
use crate::support::{Fixture, ran};

/// Three turns, each with a commit or without, and a person's edits between.
fn grown() -> Project {
    let project = Project::new();
    project.put("a", "0\n");
    project.commit_all();
    project.before(1);
    project.put("a", "0\n1\n");
    project.put("new", "by turn 1\n");
    project.after(1);
    project.put("a", "0\n1\nby hand\n");
    project.before(2);
    project.commit_all();
    fs::remove_file(project.root().join("new")).unwrap();
    project.after(2);
    project.before(3);
    project.after(3);
    project
}

#[test]
fn a_fork_has_the_files_and_the_history_of_its_turn() {
    let project = grown();
    let (first, second) = (project.git(&["rev-parse", "HEAD~1"]), project.git(&["rev-parse", "HEAD"]));
    for (turn, options, a, has_new, head, status) in [
        (1, &["--before"][..], "", false, "", ""),
        (1, &[], "0\n1\n", true, first.as_str(), " M a\n?? new\n"),
        (2, &["--before"], "0\n1\nby hand\n", true, &first, " M a\n?? new\n"),
        (2, &[], "0\n1\nby hand\n", false, &second, " D new\n"),
    ] {
        let (ran, place) = project.fork(turn, options);
        if a.is_empty() {
            assert_eq!(ran.code, 2, "{}", ran.stderr);
            assert!(ran.stderr.contains("before turn 1 there is no conversation"), "{}", ran.stderr);
            continue;
        }
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(fs::read_to_string(place.join("a")).unwrap(), a, "turn {turn}");
        assert_eq!(place.join("new").exists(), has_new, "turn {turn}");
        assert_eq!(git_in(&place, &["rev-parse", "HEAD"]), head);
        assert_eq!(git_in(&place, &["status", "--short"]), status, "turn {turn}");
        let session = ran.stdout.trim();
        let listed = project.home.ok("list --all --json").json();
        let fork = listed.iter().find(|one| one["session"] == session).unwrap();
        assert_eq!(fork["cwd"], place.to_str().unwrap(), "the fork works there");
        let turns = if options.is_empty() { turn } else { turn - 1 };
        assert_eq!(fork["turns"], turns);
        // A turn that a fork took over has its snapshots as well.
        let again = place.with_extension("again");
        let words = ["fork", "-q", session, "--turn", "1", "--worktree", again.to_str().unwrap()];
        let ran = project.home.run(words);
        assert_eq!(ran.code, 0, "turn {turn}: {}", ran.stderr);
        assert_eq!(fs::read_to_string(again.join("a")).unwrap(), "0\n1\n");
        fs::remove_dir_all(again).unwrap();
    }
    assert_eq!(project.git(&["worktree", "list"]).lines().count(), 1);
}

#[test]
fn a_turn_without_an_end_has_the_files_that_the_next_began_with() {
    let project = Project::new();
    project.before(1);
    project.put("a", "1");
    project.before(2);
    let (ran, place) = project.fork(1, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("that of the turn beside it counts"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(place.join("a")).unwrap(), "1");
    let (ran, place) = project.fork(3, &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("there is no code snapshot after turn 3") && !place.exists(), "{}", ran.stderr);
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let project = grown();
    let (_, place) = project.fork(1, &[]);
    fs::remove_dir_all(place.join(".git")).unwrap();
    let before = files(&place);
    let sessions = project.home.ok("list --all --json").stdout;
    let (ran, _) = project.fork(1, &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("is no empty folder") && ran.stderr.contains("hint: "), "{}", ran.stderr);
    let within = project.root().join(".git/try");
    let refused = project.home.run(["fork", &project.session, "--turn", "1", "--worktree", within.to_str().unwrap()]);
    assert!(refused.code == 1 && refused.stderr.contains("git keeps a repository there"), "{refused:?}");
    assert!(!within.exists());
    assert_eq!(files(&place), before);
    assert_eq!(project.home.ok("list --all --json").stdout, sessions, "no fork was made");
    let left = fs::read_dir(place.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().starts_with(".codex-git-")));
}

#[test]
fn without_a_place_the_folder_is_beside_those_that_codex_makes() {
    let project = grown();
    let ran = project.home.run(["fork", &project.session, "--turn", "2", "--worktree"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let made = fs::read_dir(project.home.path().join("worktrees")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_to_string(made.join("work/a")).unwrap(), "0\n1\nby hand\n");
    assert_eq!(made.file_name().unwrap().len(), 4);
}

/// Files are taken from the project where it has the same bytes, whatever stands there by now.
#[test]
fn a_revision_that_was_taken_for_the_folder_is_told() {
    let project = grown();
    let told = project.home.run(["fork", "--worktree", &project.session]);
    let words = format!("a fork needs a revision to start from: `{}` was taken for the folder", project.session);
    assert!(told.code == 2 && told.stderr.contains(&words), "{told:?}");
    assert!(told.stderr.ends_with(&format!("hint: codex-git fork {} --worktree\n", project.session)), "{told:?}");
}

#[test]
fn what_the_project_has_by_now_is_not_in_the_folder() {
    let project = Project::new();
    (0..90).for_each(|n| project.put(&format!("d{}/f{n}", n % 3), format!("{n}\n")));
    project.put("d0/empty", "");
    project.commit_all();
    project.before(1);
    project.put("new", "by turn 1\n");
    project.after(1);
    let kept = files(&project.root());
    let at = |path: &str| project.root().join(path);
    // As many bytes as before, and fewer; a link to the same bytes, and a folder that is one; a pipe, a folder, and nothing.
    (30..90).for_each(|n| project.put(&format!("d{}/f{n}", n % 3), "??\n"));
    project.put("d0/f9", "");
    ["d0/f0", "d0/f3", "d0/f6"].iter().for_each(|path| fs::rename(at(path), at(&format!("{path}.old"))).unwrap());
    std::os::unix::fs::symlink("f0.old", at("d0/f0")).unwrap();
    ok(std::process::Command::new("mkfifo").arg(at("d0/f3")));
    fs::create_dir(at("d0/f6")).unwrap();
    fs::rename(at("d1"), at("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", at("d1")).unwrap();
    fs::remove_file(at("new")).unwrap();
    let (ran, place) = project.fork(1, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(files(&place), kept);
}

/// Bytes that only a commit had are told as gone when that commit is gone; all others are there.
#[test]
fn what_the_project_lost_is_named() {
    let project = grown();
    let head = project.git(&["rev-parse", "HEAD~1"]);
    project.git(&["checkout", "-q", "--orphan", "fresh"]);
    project.git(&["commit", "-q", "-m", "anew"]);
    project.git(&["branch", "-D", "-q", "main"]);
    project.git(&["reflog", "expire", "--expire=now", "--all"]);
    project.git(&["gc", "-q", "--prune=now"]);
    let (ran, place) = project.fork(1, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("the commit that the project was at is gone"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(place.join("new")).unwrap(), "by turn 1\n");
    assert_ne!(git_in(&place, &["rev-parse", "HEAD"]), head);
    // The project itself can be gone.
    fs::rename(project.root(), project.root().with_extension("moved")).unwrap();
    fs::create_dir(project.root()).unwrap();
    fs::remove_dir_all(&place).unwrap();
    let (ran, place) = project.fork(1, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("the project is gone"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(place.join("a")).unwrap(), "0\n1\n");
}

#[test]
fn what_turns_changed_is_told() {
    let project = grown();
    let log = project.home.ok(&format!("code log {} --json", project.session)).json();
    let told: Vec<_> = log.iter().map(|turn| (turn["turn"].as_u64().unwrap(), turn["files"].to_string())).collect();
    assert_eq!(told[0], (3, "[]".into()));
    assert_eq!(told[1], (2, r#"[{"path":"new","added":0,"removed":1,"unsure":false,"leftOut":null}]"#.into()));
    assert_eq!(told[2], (1, r#"[{"path":"a","added":1,"removed":0,"unsure":false,"leftOut":null},{"path":"new","added":1,"removed":0,"unsure":false,"leftOut":null}]"#.into()));
    let log = project.home.ok(&format!("code log {}", project.session)).stdout;
    assert!(log.contains("+2 -0 in 2 files") && log.contains("  A new +1 -0"), "{log}");
    let turn = |number: usize| format!("{}~{}", project.session, log.matches("turn ").count().max(3) - number);
    let at = |number: usize| {
        let id = project.home.ok(&format!("log {} --json", project.session)).json();
        id.iter()
            .find(|one| one["turn"] == number)
            .map_or_else(|| turn(number), |one| one["commit"].as_str().unwrap().to_owned())
    };
    assert_eq!(project.home.ok(&format!("code show {} a", at(1))).stdout, "0\n1\n");
    assert_eq!(project.home.ok(&format!("code show --before {} a", at(1))).stdout, "0\n");
    assert_eq!(project.home.ok(&format!("code show {}", at(2))).stdout, "a\n");
    let ran = project.home.run(["code", "show", &at(2), "new"]);
    assert!(ran.code == 1 && ran.stderr.contains("has no file `new`"), "{}", ran.stderr);
    let diff = project.home.ok(&format!("code diff {} {} -- a", at(1), at(2))).stdout;
    assert_eq!(diff, "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,3 @@\n 0\n 1\n+by hand\n");
    project.put("a", "0\n");
    let refs = project.snapshots();
    let diff = project.home.ok(&format!("code diff {}", at(2))).stdout;
    assert_eq!(diff, "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1 @@\n 0\n-1\n-by hand\n");
    assert_eq!(project.snapshots(), refs, "a look leaves no name behind");
}

#[test]
fn where_history_was_rewritten_the_index_says_what_head_has() {
    let project = grown();
    project.git(&["commit", "-q", "--amend", "-m", "other"]);
    project.git(&["reflog", "expire", "--expire=now", "--all"]);
    project.git(&["gc", "-q", "--prune=now"]);
    let (ran, place) = project.fork(3, &[]);
    assert!(ran.stderr.contains("HEAD is where the project's is now"), "{}", ran.stderr);
    assert!(!git_in(&place, &["ls-files"]).is_empty());
    assert_eq!(git_in(&place, &["rev-parse", "HEAD"]), project.git(&["rev-parse", "HEAD"]));
    assert_eq!(git_in(&place, &["rev-parse", "--abbrev-ref", "HEAD"]).trim(), "HEAD");
}

#[test]
fn a_session_of_a_folder_in_the_project_goes_on_in_that_folder() {
    let project = Project::new();
    project.put("pkg/a", "1");
    project.put("b", "1");
    project.commit_all();
    let package = project.root().join("pkg");
    // The same session, as of another id and in the package.
    let name = Fixture::named(CASE).name;
    let text = fs::read_to_string(project.home.place(&name)).unwrap();
    let meta: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let cwd = meta["payload"]["cwd"].as_str().unwrap();
    let text = text.replace(cwd, package.to_str().unwrap()).replace(&project.session, &id(7));
    let path = project.home.put(&name.replace(&project.session, &id(7)), text.as_bytes());
    project.home.ok("-q record");
    let mut event = project.home.command();
    event.args(["hook", "--after", "Stop", "--turn", &project.turns[0], "--cwd"]).arg(&package).arg("--").arg(path);
    assert!(event.status().unwrap().success());
    let place = project.home.path().join("made");
    let mut fork = project.home.command();
    fork.args(["--json", "fork", &id(7), "--turn", "1", "--worktree"]).arg(&place);
    let forked = ran(fork.output().unwrap());
    assert_eq!(forked.code, 0, "{forked:?}");
    assert_eq!(forked.json()[0]["directory"], place.join("pkg").to_str().unwrap());
    let fork = forked.json()[0]["session"].as_str().unwrap().to_owned();
    let rollout = std::fs::read_to_string(forked.json()[0]["rolloutPath"].as_str().unwrap()).unwrap();
    assert!(rollout.lines().next().unwrap().contains(&format!("\"cwd\":\"{}\"", place.join("pkg").display())));
    let log = project.home.ok(&format!("code log {fork} --json")).json();
    assert_ne!(log[0]["prompt"], "");
}

#[test]
fn a_folder_within_the_project_is_made_and_warned_of() {
    let project = grown();
    let inner = project.root().join("inner");
    let words = ["fork", &project.session, "--turn", "1", "--worktree", inner.to_str().unwrap()];
    let told = project.home.run(words);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(told.stderr.contains("warning: the folder lies in the project"), "{}", told.stderr);
    assert!(!project.fork(1, &[]).0.stderr.contains("lies in the project"));
}

#[test]
fn a_new_folder_keeps_refs_in_files_whatever_a_person_prefers() {
    let project = grown();
    let own = tempfile::tempdir().unwrap();
    fs::write(own.path().join(".gitconfig"), "[init]\n\tdefaultRefFormat = reftable\n").unwrap();
    let place = project.home.path().join("made");
    let mut fork = project.home.command();
    fork.args(["fork", &project.session, "--turn", "1", "--worktree"]).arg(&place).env("HOME", own.path());
    let forked = ran(fork.output().unwrap());
    assert!(forked.code == 0 && !forked.stderr.contains("warning"), "{forked:?}");
    assert_eq!(git_in(&place, &["status", "--short"]), " M a\n?? new\n");
    assert_eq!(git_in(&place, &["rev-parse", "HEAD"]), project.git(&["rev-parse", "HEAD~1"]));
}

/// Where the system has another file system than that of temporary files.
#[test]
fn a_new_folder_may_be_on_another_file_system() {
    use std::os::unix::fs::MetadataExt;
    let project = grown();
    let device = |path: &std::path::Path| fs::metadata(path).map(|data| data.dev()).ok();
    let others = ["/dev/shm", "/var/tmp", "/tmp", "/run"].map(std::path::Path::new);
    let is_other = |other: &&std::path::Path| device(other).is_some_and(|other| Some(other) != device(&project.root()));
    let Some(other) = others.iter().filter(|other| is_other(other)).find_map(|other| tempfile::tempdir_in(other).ok())
    else {
        return;
    };
    let place = other.path().join("there");
    let made = project.home.run(["fork", &project.session, "--turn", "1", "--worktree", place.to_str().unwrap()]);
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(git_in(&place, &["status", "--short"]), " M a\n?? new\n");
}

#[test]
fn the_turns_that_a_fork_took_over_are_its_own_however_fast_they_followed() {
    let mut stage = super::stage::Stage::new();
    for number in 1..=3 {
        stage.now -= 10;
        stage.begin(0);
        stage.put("a", format!("{number}\n"));
        stage.now -= 9;
        stage.finish(0);
    }
    let fork = stage.home.ok(&format!("fork -q {} --turn 2", id(1))).stdout;
    let log = stage.home.command().args(["code", "log", fork.trim()]).current_dir(stage.root()).output().unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    assert!(log.contains("turn 1 ") && log.contains("M a ") && !log.contains("another session"), "{log}");
}

#[test]
fn where_code_is_kept_of_the_project_alone_the_new_folder_says_how_to_keep_its() {
    let project = grown();
    project.home.ok("code off -q");
    project.home.ok("code on -q --here");
    let (made, place) = project.fork(1, &[]);
    let hint = made.stderr.lines().find(|line| line.starts_with("hint: cd ")).unwrap_or_else(|| panic!("{made:?}"));
    assert!(hint.contains(place.to_str().unwrap()) && hint.contains("&& codex-git code on --here"), "{hint}");
    project.home.ok("code on -q");
    assert!(!project.fork(2, &[]).0.stderr.contains("hint: cd "));
}
