//! Going back where the file system lacks what that stands on: two files that change places, second names, room.

use std::process::Command;

use super::stage::{Files, Stage, link, put};
use super::{git_in, has, ok};
use crate::support::{Ran, ran};

fn stage() -> (Stage, Files) {
    let mut stage = Stage::new();
    stage.put("a", "1\n");
    stage.put("d/b", "1\n");
    stage.put("gone", "1\n");
    stage.put("big", "lines that pack well\n".repeat(100_000));
    link(&stage.root(), "l", "a");
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "x"]);
    let before = stage.files();
    stage.turn(&|root| {
        put(root, "a", "2\n");
        put(root, "big", "");
        put(root, "d/b", "2\n");
        put(root, "new", "2\n");
        std::fs::remove_file(root.join("gone")).unwrap();
        std::fs::remove_file(root.join("l")).unwrap();
        link(root, "l", "d/b");
    });
    (stage, before)
}

/// Runs a command where calls of the system are answered so.
fn answered(stage: &Stage, words: &[&str], answers: &[&str]) -> Ran {
    let rules: Vec<String> = answers.iter().map(|answer| format!("inject={answer}")).collect();
    let rules = std::iter::once("trace=renameat2,linkat").chain(rules.iter().map(String::as_str));
    super::answered(stage.home.command().args(words).current_dir(stage.root()), &rules.collect::<Vec<_>>())
}

#[test]
fn without_files_that_change_places_or_have_two_names_all_goes_back_the_same() {
    if !has("strace") {
        eprintln!("there is no strace: every system has it all");
        return;
    }
    for answers in [
        &["renameat2:error=EINVAL"][..],
        &["renameat2:error=ENOSYS", "linkat:error=EPERM"],
        &["renameat2:error=EOPNOTSUPP", "linkat:error=EOPNOTSUPP"],
    ] {
        let (stage, before) = stage();
        let after = stage.files();
        let session = stage.talks[0].id.to_string();
        let told = answered(&stage, &["code", "restore", "--before", "--yes", &session], answers);
        assert_eq!(told.code, 0, "{answers:?}: {}", told.stderr);
        assert_eq!(stage.files(), before, "{answers:?}");
        let told = answered(&stage, &["code", "undo", "--yes"], answers);
        assert_eq!(told.code, 0, "{answers:?}: {}", told.stderr);
        assert_eq!(stage.files(), after, "{answers:?}");
    }
}

#[test]
fn what_finds_no_room_is_named_and_stays_as_it_is_and_the_rest_goes_back() {
    let (stage, mut before) = stage();
    let after = stage.files();
    let session = stage.talks[0].id.to_string();
    let command = stage.home.command();
    // No file may have more than a mebibyte, and who writes one is told, not ended.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$@\"", "sh"]).arg(command.get_program());
    shell.args(["code", "restore", "--before", "--yes", &session]).current_dir(stage.root());
    command.get_envs().for_each(|(name, value)| match value {
        Some(value) => drop(shell.env(name, value)),
        None => drop(shell.env_remove(name)),
    });
    let told = ran(shell.output().unwrap());
    assert_eq!(told.code, 1, "{}", told.stderr);
    assert!(told.stderr.contains("error: can't put back `") && told.stderr.contains("big"), "{}", told.stderr);
    let whole = before.insert(b"big".to_vec(), after[&b"big"[..]].clone());
    assert_eq!(stage.files(), before, "nothing is left of what was begun");
    // With room again, the rest.
    ok(stage.home.command().args(["code", "restore", "--before", "--yes", &session, "big"]));
    before.insert(b"big".to_vec(), whole.unwrap());
    assert_eq!(stage.files(), before);
    assert_eq!(git_in(&stage.root(), &["status", "--short"]), "");
}
