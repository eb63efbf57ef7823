//! `code diff` and `code log`: what is different, as a patch that git takes; how much; and what can't be told.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use super::stage::{Stage, chmod, link, put};
use super::{git_in, ok};
use crate::support::{Ran, ran};

/// Has git apply a patch in the stage's project.
fn apply(stage: &Stage, patch: &str, options: &[&str]) {
    let place = stage.root().parent().unwrap().join("patch");
    fs::write(&place, patch).unwrap();
    let words = [&["apply", "--whitespace=nowarn"], options, &[place.to_str().unwrap()]].concat();
    git_in(&stage.root(), &words);
}

fn code(stage: &Stage, words: &[&str]) -> Ran {
    ok(stage.home.command().arg("code").args(words))
}

#[test]
fn what_code_diff_prints_git_takes_back_and_applies_again() {
    let mut stage = Stage::new();
    let odd = ["a b", " leading", "tab\there", "quote\"d", "back\\slash", "übergröße", "line\nfeed"];
    for path in odd.into_iter().chain(["cr", "unended", "gone", "script", "d/deep/x"]) {
        stage.put(path, format!("one\ntwo\nthree\nof {path}\n"));
    }
    stage.put("cr", "one\r\ntwo\r\nthree\r\n");
    stage.put("empty-gone", "");
    fs::write(stage.root().join(OsStr::from_bytes(b"bytes-\xff")), "one\n").unwrap();
    link(&stage.root(), "pointer", "a b");
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "x"]);
    let before = stage.files();
    stage.turn(&|root| {
        odd.iter().for_each(|path| put(root, path, format!("one\nTWO\nthree\nof {path}\n")));
        put(root, "cr", "one\r\n2\r\nthree\r\n");
        put(root, "unended", "one\ntwo\nthree");
        for path in ["gone", "empty-gone", "pointer", "d/deep/x"] {
            fs::remove_file(root.join(path)).unwrap();
        }
        link(root, "pointer", "cr");
        chmod(root, "script", 0o755);
        put(root, "new/empty", "");
        put(root, "new/full", "\u{1b}[31mnot red\u{1b}[0m\n");
        fs::write(root.join(OsStr::from_bytes(b"bytes-\xff")), "two\n").unwrap();
    });
    let after = stage.files();
    let session = stage.talks[0].id.to_string();
    let patch = ok(stage.home.command().env("CODEX_THREAD_ID", &session).args(["code", "diff"])).stdout;
    apply(&stage, &patch, &["-R"]);
    assert_eq!(stage.files(), before);
    apply(&stage, &patch, &[]);
    assert_eq!(stage.files(), after);
}

#[test]
fn a_range_is_told_as_two_points() {
    let stage = Stage::new();
    let session = stage.talks[0].id.to_string();
    for (typed, hint) in
        [(vec!["1..2"], "1 2"), (vec!["..2", "--stat"], "--stat @ 2"), (vec!["@~1...@", "--", "a b"], "@~1 @ -- 'a b'")]
    {
        let mut diff = stage.home.command();
        let told = ran(diff.env("CODEX_THREAD_ID", &session).args(["code", "diff"]).args(&typed).output().unwrap());
        assert!(told.stderr.contains("is a range, and one point is asked for"), "{told:?}");
        assert!(told.stderr.ends_with(&format!("hint: codex-git code diff {hint}\n")), "{told:?}");
    }
}

/// Git itself takes such a change back as a file that holds the link's target.
#[test]
fn a_file_that_became_a_link_and_a_link_that_became_a_file_are_deleted_and_made() {
    let mut stage = Stage::new();
    stage.put("was-file", "a\n");
    link(&stage.root(), "was-link", "nowhere");
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "x"]);
    stage.turn(&|root| {
        fs::remove_file(root.join("was-file")).unwrap();
        fs::remove_file(root.join("was-link")).unwrap();
        link(root, "was-file", "a b");
        put(root, "was-link", "a file now\n");
    });
    let after = stage.files();
    let session = stage.talks[0].id.to_string();
    let patch = ok(stage.home.command().env("CODEX_THREAD_ID", &session).args(["code", "diff"])).stdout;
    let kinds: Vec<&str> = patch.lines().filter(|line| line.contains(" file mode ")).collect();
    let [file, link] = ["100644", "120000"];
    let wanted = [(file, link), (link, file)].map(|(old, new)| format!("deleted file mode {old} new file mode {new}"));
    assert_eq!(kinds.join(" "), wanted.join(" "));
    stage.git(&["reset", "-q", "--hard"]);
    apply(&stage, &patch, &[]);
    assert_eq!(stage.files(), after);
}

#[test]
fn bytes_that_are_no_text_are_named_and_not_in_the_patch() {
    let mut stage = Stage::new();
    stage.put("x", b"\0one");
    stage.put("mode", b"\0same");
    stage.put("latin", b"caf\xe9\n");
    stage.put("text", "1\n");
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "x"]);
    stage.turn(&|root| {
        put(root, "x", b"\0two");
        put(root, "new", b"\0");
        put(root, "latin", b"caf\xe9s\n");
        put(root, "text", "2\n");
        chmod(root, "mode", 0o755);
    });
    let session = stage.talks[0].id.to_string();
    let diff =
        |words: &[&str]| ok(stage.home.command().env("CODEX_THREAD_ID", &session).args(["code", "diff"]).args(words));
    let told = diff(&[]);
    let warned: Vec<&str> = told
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("warning: ")?.split_once(" differs, but is not in the patch"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(
        (told.stderr.lines().next().unwrap(), warned),
        ("what turn 1 changed:", vec!["`latin`", "`new`", "`x`"])
    );
    apply(&stage, &told.stdout, &["-R"]);
    assert_eq!((stage.read("text").unwrap(), super::stage::mode(&stage.root(), "mode")), ("1\n".into(), 0o644));
    let lines = [
        " latin | not text: 5 bytes → 6 bytes",
        " mode  | mode 100644 → 100755",
        " new   | not text: nothing → 1 byte",
        " text  | 2 +-",
        " x     | not text: 4 bytes → 4 bytes",
        " 5 files changed, 1 insertion(+), 1 deletion(-)",
    ];
    assert_eq!(diff(&["--stat"]).stdout.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn a_committed_file_that_a_snapshot_leaves_out_is_not_told_as_deleted() {
    let mut stage = Stage::new();
    stage.put(".env", "KEY=none\n");
    stage.put("a", "1\n");
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "x"]);
    stage.turn(&|root| {
        put(root, ".env", "KEY=secret\n");
        put(root, "a", "2\n");
    });
    let session = stage.talks[0].id.to_string();
    let log = code(&stage, &["log", &session]).stdout;
    assert!(log.contains("  M .env 9 bytes → left out\n"), "{log}");
    let json = code(&stage, &["log", &session, "--json"]).json();
    assert_eq!(json[0]["files"][0]["leftOut"], "after");
    let diff = ok(stage.home.command().env("CODEX_THREAD_ID", &session).args(["code", "diff"]));
    assert!(!diff.stdout.contains(".env") && diff.stdout.contains("+2"), "{}", diff.stdout);
    assert!(
        diff.stderr.contains("`.env` differs, but how is not known: a snapshot does without it"),
        "{}",
        diff.stderr
    );
    let place = stage.root().parent().unwrap().join("fork");
    let fork = ok(stage.home.command().args(["fork", &session, "--worktree"]).arg(&place));
    assert!(
        fork.stderr.contains("as the commit has them, since the snapshot does without them: .env\n"),
        "{}",
        fork.stderr
    );
    assert_eq!(git_in(&place, &["status", "--short"]), " M a\n", "git takes nothing for deleted");
    assert_eq!(fs::read_to_string(place.join(".env")).unwrap(), "KEY=none\n");
    // Going back leaves what no snapshot has.
    let ran = stage.home.run(["code", "restore", "--before", "--yes", &session]);
    assert_eq!((ran.code, stage.read(".env").unwrap().as_str()), (0, "KEY=secret\n"), "{}", ran.stderr);
}

#[test]
fn the_log_shows_as_many_turns_as_one_wants() {
    let mut stage = Stage::new();
    for n in 1..=4 {
        stage.turn(&|root| put(root, "a", format!("{n}\n")));
    }
    let session = stage.talks[0].id.to_string();
    let turns = |words: &[&str]| {
        let told = code(&stage, &[&["log", &session, "--json"], words].concat()).json();
        told.iter().map(|turn| turn["turn"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((turns(&["-n", "2"]), turns(&["-n", "0"]), turns(&[])), (vec![4, 3], vec![], vec![4, 3, 2, 1]));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut stage = Stage::new();
    stage.turn(&|root| (0..2000).for_each(|n| put(root, &format!("d/{n}"), "x\n".repeat(50))));
    let session = stage.talks[0].id.to_string();
    let mut command = stage.home.command();
    command.env("CODEX_THREAD_ID", &session).args(["code", "diff"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut ours = command.spawn().unwrap();
    let head = Command::new("head").arg("-1").stdin(ours.stdout.take().unwrap()).output().unwrap();
    assert_eq!(head.stdout, b"diff --git a/d/0 b/d/0\n");
    let ended = ours.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}
