//! Files that are not as most are.

use std::fs;

use serde_json::{Value, json};

use crate::support::Home;
use crate::support::story::{Written, added, at, id, updated};

/// How each line of a file came, and in which turn.
fn told(home: &Home, words: &[&str]) -> Vec<(String, Value)> {
    let told = home.run([&["blame", "--json"], words].concat());
    assert_eq!(told.code, 0, "{}", told.stderr);
    told.json().into_iter().map(|line| (line["how"].as_str().unwrap().to_owned(), line["turn"].clone())).collect()
}

fn by(turn: u32) -> (String, Value) {
    ("patch".to_owned(), turn.into())
}

fn how(how: &str) -> (String, Value) {
    (how.to_owned(), Value::Null)
}

fn session(home: &Home, number: u32) -> Written {
    Written::new(number).cwd(home.work().to_str().unwrap())
}

fn write(home: &Home, path: &str, text: &str) {
    let file = home.work().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[test]
fn a_file_outside_any_repository_is_told_by_its_patches_alone() {
    let home = Home::empty();
    session(&home, 1)
        .changed("one", &[added(&home, "a", "1\n2\n")])
        .changed("two", &[updated(&home, "a", "@@ -2 +2,2 @@\n 2\n+3\n")])
        .put(&home);
    write(&home, "a", "1\n2\n3\n4\n");
    home.ok("init -q --no-hooks");
    assert_eq!(told(&home, &["a"]), [by(1), by(1), by(2), how("between")]);
    assert_eq!(told(&home, &[&at(&home, "a"), "-L", "2,+2"]), [by(1), by(2)]);
}

#[test]
fn line_ends_make_no_difference() {
    let home = Home::empty();
    session(&home, 1).changed("one", &[added(&home, "a", "1\r\n2\r\n3")]).put(&home);
    write(&home, "a", "1\r\n2\n3");
    home.ok("init -q --no-hooks");
    assert_eq!(told(&home, &["a"]), [by(1), by(1), by(1)]);
}

#[test]
fn a_file_that_was_deleted_and_made_again_is_the_newer_one() {
    let home = Home::empty();
    let gone = json!({ at(&home, "a"): { "type": "delete", "content": "1\n2\n" } });
    let moved = json!({ at(&home, "a"): { "type": "update", "unified_diff": "", "move_path": at(&home, "b") } });
    session(&home, 1)
        .changed("one", &[added(&home, "a", "1\n2\n")])
        .changed("two", &[gone])
        .changed("three", &[added(&home, "a", "1\n3\n")])
        .changed("four", &[moved])
        .changed("five", &[added(&home, "a", "1\n")])
        .put(&home);
    write(&home, "a", "1\n");
    write(&home, "b", "1\n3\n");
    home.ok("init -q --no-hooks");
    assert_eq!(told(&home, &["a"]), [by(5)]);
    assert_eq!(told(&home, &["b"]), [by(3), by(3)]);
}

#[test]
fn two_sessions_that_edit_at_once_each_have_their_lines() {
    let home = Home::empty();
    let mut other = session(&home, 2);
    other.clock = 3;
    session(&home, 1)
        .changed("one", &[added(&home, "a", "1\n2\n3\n4\n5\n")])
        .changed("two", &[updated(&home, "a", "@@ -4,2 +4,2 @@\n 4\n-5\n+five\n")])
        .put(&home);
    other.clock = 30;
    other.changed("other", &[updated(&home, "a", "@@ -1,2 +1,2 @@\n-1\n+one\n 2\n")]).put(&home);
    write(&home, "a", "one\n2\n3\n4\nfive\n");
    home.ok("init -q --no-hooks");
    let lines = home.ok("blame --json a").json();
    let sessions: Vec<_> = lines.iter().map(|line| line["session"].as_str().unwrap().to_owned()).collect();
    assert_eq!(sessions, [id(2), id(1), id(1), id(1), id(1)]);
    assert_eq!((&lines[0]["turn"], &lines[4]["turn"]), (&json!(1), &json!(2)));
}

#[cfg(unix)]
#[test]
fn a_link_and_another_work_tree_lead_to_the_same_file() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let home = Home::empty();
    let git = |folder: &str, words: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=A", "-c", "user.email=a@b"]).args(words).current_dir(home.work().join(folder));
        assert!(git.output().unwrap().status.success(), "{words:?}");
    };
    fs::create_dir_all(home.work().join("main")).unwrap();
    git("main", &["init", "-q"]);
    git("main", &["commit", "-q", "--allow-empty", "-m", "begin"]);
    git("main", &["worktree", "add", "-q", "../tree"]);
    symlink(home.work().join("main"), home.work().join("link")).unwrap();
    session(&home, 1)
        .changed("one", &[added(&home, "tree/src/a", "1\n")])
        .changed("two", &[updated(&home, "link/src/a", "@@ -1 +1,2 @@\n 1\n+2\n")])
        .put(&home);
    write(&home, "main/src/a", "1\n2\n");
    home.ok("init -q --no-hooks");
    // What was written in another work tree, and came here without a commit, is found by likeness.
    let moved = ("moved".to_owned(), 1.into());
    assert_eq!(told(&home, &["link/src/a"]), [moved.clone(), by(2)]);
    assert_eq!(told(&home, &["main/src/../src/a"]), [moved, by(2)]);
    assert_eq!(told(&home, &["--strict", "main/src/a"]), [how("uncommitted"), by(2)]);
    git("main", &["add", "-A"]);
    git("main", &["commit", "-q", "-m", "both"]);
    assert_eq!(told(&home, &["main/src/a"]), [by(1), by(2)]);
}

#[test]
fn what_is_no_text_or_no_file_is_refused() {
    let home = Home::empty();
    session(&home, 1).turn("one").put(&home);
    write(&home, "binary", "a\0b");
    write(&home, "empty", "");
    home.ok("init -q --no-hooks");
    for (name, words) in [("binary", "it is not a text"), ("gone", "No such file"), (".", "directory")] {
        let told = home.run(["blame", name]);
        assert!(
            told.code == 1 && told.stderr.contains(words) && told.stderr.contains("hint: ls -l "),
            "{name}: {}",
            told.stderr
        );
    }
    assert_eq!((home.ok("blame empty").stdout.as_str(), home.run(["blame", "--was", "x", "empty"]).code), ("", 2));
}

#[test]
fn nothing_in_a_file_or_a_prompt_steers_a_terminal() {
    let home = Home::empty();
    let text = "a\u{1b}[2Jb\u{9b}2J\rc\u{202e}\n\tx\n";
    session(&home, 1).changed("go \u{1b}]0;x\u{7} on", &[added(&home, "a", text)]).put(&home);
    write(&home, "a", text);
    home.ok("init -q --no-hooks");
    for words in [&["a"][..], &["--json", "a"], &["a:1"], &["--porcelain", "a"]] {
        let mut command = home.command();
        let told = crate::support::ran(command.arg("blame").args(words).env("COLUMNS", "60").output().unwrap());
        // Programs get the lines as they are.
        let shown: String =
            told.stdout.lines().filter(|line| !words.contains(&"--porcelain") || !line.starts_with('\t')).collect();
        assert!(!shown.contains(|c: char| c.is_control() || c == '\u{202e}'), "{words:?}: {shown:?}");
    }
}

#[test]
fn a_file_that_nobody_knows_is_said_to_be_unknown() {
    let home = Home::empty();
    session(&home, 1).changed("one", &[added(&home, "a", "1\n")]).ran("make it", "echo made > c", 0).put(&home);
    write(&home, "b", "1\n");
    write(&home, "c", "made\n");
    home.ok("init -q --no-hooks");
    for file in ["b", "c"] {
        assert_eq!(told(&home, &[file]), [how("unknown")], "{file}: a command may have made it");
    }
    assert!(home.ok("blame b").stdout.starts_with("unknown "));
    assert!(home.ok("blame b:1").stdout.contains("no patch is known to have changed the file"));
}
