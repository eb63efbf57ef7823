//! What `patch` prints: the edits of turns as one patch, which git applies to the tree before them and, reversed, to the tree after.

mod edits;
mod real;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use codex_git::model::What;
use codex_git::model::patch::{FileDiff, LeftOut, Series};
use codex_git::ops::chunk_items;
use proptest::prelude::*;
use serde_json::{Value, json};

use edits::{Edit, Tree, edit, tree};

use crate::support::story::{Written, added, at, updated};
use crate::support::{Home, Ran, ran};

/// A line of a rollout that tells of a patch.
fn line(changes: &Value) -> String {
    let item = json!({ "type": "FileChange", "id": "x", "changes": changes, "status": "completed" });
    json!({ "type": "event_msg", "payload": { "type": "item_completed", "item": item } }).to_string() + "\n"
}

/// The patch of some edits as Codex tells them, and what is left out of it.
fn patch(changes: &[Value], reverse: bool) -> (String, Vec<(String, LeftOut)>) {
    let mut series = Series::default();
    for change in changes {
        for item in chunk_items(line(change).as_bytes()) {
            let What::Patch(patch) = item.what else { panic!("{item:?}") };
            patch.changes.iter().for_each(|change| series.take(change));
        }
    }
    let (files, left_out) = series.finish(reverse);
    (files.iter().map(|file: &FileDiff| file.head() + &file.diff()).collect(), left_out)
}

fn write(tree: &Tree, folder: &Path) {
    for (path, text) in tree {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn read(folder: &Path, below: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let path = entry.path();
        if path.is_dir() {
            read(&path, below, tree);
        } else {
            let name = path.strip_prefix(below).unwrap().to_str().unwrap().to_owned();
            tree.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// What real git makes of a tree with a patch, or why it refuses.
fn applied(tree: &Tree, patch: &str) -> Result<Tree, String> {
    let folder = tempfile::tempdir().unwrap();
    write(tree, folder.path());
    let mut git = Command::new("git");
    git.args(["-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "--allow-empty"]).current_dir(folder.path());
    let mut child = git.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(patch.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut after = BTreeMap::new();
    read(folder.path(), folder.path(), &mut after);
    Ok(after)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn git_makes_the_later_tree_of_the_earlier_one_and_takes_it_back(
        before in tree(), edits in prop::collection::vec(edit(), 1..12)
    ) {
        let (mut after, mut changes) = (before.clone(), Vec::new());
        changes.extend(edits.iter().filter_map(|edit: &Edit| edit.make(&mut after)));
        for reverse in [false, true] {
            let (text, left_out) = patch(&changes, reverse);
            prop_assert_eq!(&left_out, &[]);
            let (from, to) = if reverse { (&after, &before) } else { (&before, &after) };
            let made = applied(from, &text);
            prop_assert_eq!(made.as_ref(), Ok(to), "{}\n{:#?}", text, changes);
        }
    }
}

/// A home with a project that git keeps, and a session that worked there.
fn home(session: impl FnOnce(Written) -> Written) -> Home {
    let home = Home::empty();
    ran(Command::new("git").args(["init", "-q"]).current_dir(home.work()).output().unwrap());
    session(Written::new(1).cwd(home.work().to_str().unwrap())).put(&home);
    home.ok("init -q --no-hooks");
    home
}

/// A project with four turns: a file is made, changed twice, and renamed.
fn project() -> Home {
    let home = Home::empty();
    let written = Written::new(1).cwd(home.work().to_str().unwrap());
    let moved = json!({ at(&home, "a"): { "type": "update", "unified_diff": "", "move_path": at(&home, "src/b") } });
    ran(Command::new("git").args(["init", "-q"]).current_dir(home.work()).output().unwrap());
    written
        .changed("make it", &[added(&home, "a", "1\n2\n3\n4\n")])
        .changed("change it", &[updated(&home, "a", "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n")])
        .changed("change it again", &[updated(&home, "a", "@@ -3,2 +3,3 @@\n 3\n-4\n+four\n+5\n")])
        .changed("move it", &[moved])
        .put(&home);
    home.ok("init -q --no-hooks");
    home
}

fn told(home: &Home, words: &str) -> Ran {
    home.run(format!("patch {words}").split_whitespace())
}

#[test]
fn all_edits_of_a_file_are_one_change() {
    let home = project();
    assert_eq!(
        told(&home, "1..@").stdout,
        "diff --git a/a b/src/b\nrename from a\nrename to src/b\n--- a/a\n+++ b/src/b\n\
         @@ -1,4 +1,5 @@\n 1\n-2\n+two\n 3\n-4\n+four\n+5\n"
    );
    assert_eq!(told(&home, "2").stdout, "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n");
    assert_eq!(told(&home, "").stdout, "diff --git a/a b/src/b\nrename from a\nrename to src/b\n");
    let none = told(&home, "1..1");
    assert!(none.code == 1 && none.stderr.contains("error: there is no turn in this range\nhint: "), "{none:?}");
    let all = "diff --git a/src/b b/src/b\nnew file mode 100644\n--- /dev/null\n+++ b/src/b\n@@ -0,0 +1,5 @@\n";
    assert_eq!(told(&home, "--all").stdout, format!("{all}+1\n+two\n+3\n+four\n+5\n"));
    assert_eq!(told(&home, "--all 1").stdout, told(&home, "1").stdout);
    assert_eq!(told(&home, "--all 1..2").code, 2);
}

#[test]
fn taken_back_it_is_printed_so_already() {
    let home = project();
    assert_eq!(
        told(&home, "-R 2..3").stdout,
        "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -3,3 +3,2 @@\n 3\n-four\n-5\n+4\n"
    );
}

#[test]
fn the_amounts_are_told_as_git_tells_them() {
    let home = project();
    let shown = told(&home, "1..@ --stat").stdout;
    assert_eq!(shown, " a → src/b | 5 +++--\n 1 file changed, 3 insertions(+), 2 deletions(-)\n");
}

#[test]
fn whether_it_applies_here_is_told_without_touching_anything() {
    let home = project();
    let refused = told(&home, "2 --check");
    assert!(refused.code == 1 && refused.stderr.contains("does not apply here"), "{refused:?}");
    fs::write(home.work().join("a"), "1\n2\n3\n4\n").unwrap();
    let fits = told(&home, "2 --check");
    assert_eq!((fits.code, fits.stdout.as_str()), (0, ""), "{}", fits.stderr);
    assert_eq!(fs::read_to_string(home.work().join("a")).unwrap(), "1\n2\n3\n4\n");
    let objects = home.run(["patch", "2", "--check", "-R", "--json"]);
    assert_eq!((objects.code, &objects.json()[0]["applies"]), (1, &json!(false)));
}

#[test]
fn edits_outside_the_project_and_paths_that_git_refuses_are_left_out() {
    let home = Home::empty();
    let session = |written: Written, home: &Home| {
        written.changed(
            "many",
            &[
                added(home, "../elsewhere", "x\n"),
                added(home, ".git/hooks/pre-commit", "x\n"),
                json!({ "/etc/passwd": { "type": "update", "unified_diff": "@@ -1 +1 @@\n-a\n+b\n", "move_path": null } }),
                added(home, "inside", "x\n"),
            ],
        )
    };
    ran(Command::new("git").args(["init", "-q"]).current_dir(home.work()).output().unwrap());
    session(Written::new(1).cwd(home.work().to_str().unwrap()), &home).put(&home);
    home.ok("init -q --no-hooks");
    let told = told(&home, "");
    assert_eq!(
        told.stdout,
        "diff --git a/inside b/inside\nnew file mode 100644\n--- /dev/null\n+++ b/inside\n@@ -0,0 +1,1 @@\n+x\n"
    );
    for words in [
        "elsewhere` is left out: git refuses its path",
        "pre-commit` is left out: git refuses",
        "`/etc/passwd` is left out: it is outside the project",
    ] {
        assert!(told.stderr.contains(words), "{}", told.stderr);
    }
    let objects = home.ok("patch --json").json();
    assert_eq!(objects.iter().filter(|object| object["leftOut"].is_string()).count(), 3);
}

#[test]
fn what_no_patch_tells_is_named() {
    let home = home(|written| {
        let mut written = written.turn("before").open("format it");
        written.command("sed -i s/a/b/ c", "", 0);
        written.command("cat a | head -3", "", 0);
        written
    });
    let told = told(&home, "");
    assert_eq!((told.code, told.stdout.as_str()), (1, ""));
    assert!(told.stderr.contains("which no patch tells:\n  sed -i s/a/b/ c\n"), "{}", told.stderr);
    assert!(
        told.stderr.contains("error: none of the turns that were asked for (1) changed a file through a patch")
            && told.stderr.contains("hint: codex-git show "),
        "{}",
        told.stderr
    );
    assert!(!told.stderr.contains("cat a"), "{}", told.stderr);
}

#[test]
fn a_patch_that_was_declined_is_no_edit() {
    let home = Home::empty();
    let mut written = Written::new(1).cwd(home.work().to_str().unwrap());
    written.patch(&added(&home, "no", "x\n"), "declined");
    written.changed("do it", &[added(&home, "yes", "x\n")]).put(&home);
    home.ok("init -q --no-hooks");
    assert!(!told(&home, "").stdout.contains("no\n") && told(&home, "").stdout.contains("b/yes"));
}

#[test]
fn turns_that_were_taken_back_count_and_turns_that_were_left_behind_are_named() {
    let home = Home::empty();
    let written = Written::new(1).cwd(home.work().to_str().unwrap());
    let mut taken = written.changed("one", &[added(&home, "a", "x\n")]).changed("two", &[added(&home, "b", "x\n")]);
    let left = taken.clone();
    taken.open_turn("three");
    taken.event(&json!({ "type": "thread_rolled_back", "num_turns": 1 }));
    taken.patch(&added(&home, "c", "x\n"), "completed");
    taken.close().put(&home);
    home.ok("init -q --no-hooks");
    let ran = told(&home, "1..@");
    assert!(ran.stdout.contains("b/b") && ran.stdout.contains("b/c") && !ran.stdout.contains("b/a"), "{ran:?}");

    let other = Home::empty();
    left.put(&other);
    left.rewound(2, 1).cwd(other.work().to_str().unwrap()).changed("three", &[added(&other, "c", "x\n")]).put(&other);
    other.ok("init -q --no-hooks");
    // A number means the session as it is: where it went back to the turn, the turns that it left are before that.
    assert_eq!(told(&other, "1..@").stderr, "");
    let one = other.ok("log --json").json().last().unwrap()["commit"].as_str().unwrap().to_owned();
    let ran = told(&other, &format!("{one}..@"));
    assert!(ran.stdout.contains("b/c") && !ran.stdout.contains("b/b"), "{ran:?}");
    assert!(
        ran.stderr.contains("1 turn that the session left behind among these can have changed files too"),
        "{ran:?}"
    );
}

#[test]
fn edits_that_do_not_follow_on_from_each_other_stay_apart() {
    let (one, two) = ("@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n", "@@ -1,3 +1,3 @@\n 1\n-zwei\n+deux\n 3\n");
    let change = |diff: &str| json!({ "f": { "type": "update", "unified_diff": diff, "move_path": null } });
    let (forward, left_out) = patch(&[change(one), change(two)], false);
    assert_eq!((forward.matches("diff --git a/f b/f").count(), left_out.as_slice()), (2, &[][..]));
    let (back, _) = patch(&[change(one), change(two)], true);
    assert!(back.find("-deux").unwrap() < back.find("-two").unwrap(), "{back}");
    // A file that is made, changed by something else and edited can't be unmade.
    let made = json!({ "f": { "type": "add", "content": "1\n" } });
    assert_eq!(patch(&[made.clone(), change(two)], true).1, [("f".to_owned(), LeftOut::Changed)]);
    let tree = applied(&Tree::new(), &patch(&[made, change("@@ -1,1 +1,2 @@\n 1\n+2\n")], false).0).unwrap();
    assert_eq!(tree["f"], "1\n2\n");
}

#[test]
fn patches_without_line_numbers_are_placed_where_the_file_is_known() {
    let home = Home::empty();
    ran(Command::new("git").args(["init", "-q"]).current_dir(home.work()).output().unwrap());
    let call = |patch: &str| json!({ "type": "custom_tool_call", "name": "apply_patch", "call_id": patch, "input": format!("*** Begin Patch\n{patch}\n*** End Patch") });
    let output = |patch: &str| json!({ "type": "custom_tool_call_output", "call_id": patch, "output": "Success. Updated the following files:" });
    let patches =
        ["*** Add File: a\n+x\n+1\n+y\n+1\n+z", "*** Update File: a\n@@ y\n-1\n+2", "*** Update File: old\n-a\n+b"];
    let mut written = Written::new(1).cwd(home.work().to_str().unwrap()).open("edit");
    for patch in patches {
        written.response(&call(patch));
        written.response(&output(patch));
    }
    written.put(&home);
    home.ok("init -q --no-hooks");
    let told = told(&home, "");
    assert!(told.stdout.ends_with("@@ -0,0 +1,5 @@\n+x\n+1\n+y\n+2\n+z\n"), "{told:?}");
    assert!(
        told.stderr.contains("`old` is left out: Codex before 0.130 wrote down no line numbers"),
        "{}",
        told.stderr
    );
}

#[test]
fn a_path_that_a_patch_names_twice_is_told_as_the_model_asked() {
    // An event has one change for each path: the last of them, as if the others had not been made.
    let home = Home::empty();
    ran(Command::new("git").args(["init", "-q"]).current_dir(home.work()).output().unwrap());
    let body = "*** Begin Patch\n*** Update File: a\n@@\n-1\n+one\n*** Update File: a\n@@\n-9\n+nine\n*** Add File: b\n+x\n*** End Patch";
    let mut written = Written::new(1).cwd(home.work().to_str().unwrap()).open("edit");
    written.response(&json!({ "type": "custom_tool_call", "name": "apply_patch", "call_id": "c", "input": body }));
    let mut changes = updated(&home, "a", "@@ -8,2 +8,2 @@\n 8\n-9\n+nine\n");
    changes.as_object_mut().unwrap().extend(added(&home, "b", "x\n").as_object().unwrap().clone());
    written.event(&json!({ "type": "patch_apply_end", "call_id": "c", "success": true, "changes": changes }));
    written.put(&home);
    home.ok("init -q --no-hooks");
    let told = told(&home, "");
    assert!(told.stdout.contains("b/b") && !told.stdout.contains("nine"), "{told:?}");
    assert!(told.stderr.contains("`a` is left out"), "{told:?}");
}

#[test]
fn what_stands_where_an_unknown_file_stood_is_left_out_as_well() {
    let moved = json!({ "a": { "type": "update", "unified_diff": "", "move_path": "b" } });
    let made = json!({ "a": { "type": "add", "content": "x\n" } });
    let odd = json!({ "b": { "type": "update", "unified_diff": "@@ -1 +1 @@\n-a\r-b\n", "move_path": null } });
    let (text, left_out) = patch(&[moved, made, odd], false);
    assert_eq!((text.as_str(), left_out.len()), ("", 2));
}

#[test]
fn only_the_paths_that_are_asked_for_are_printed() {
    let home = project();
    assert!(told(&home, "1..@ --path src").stdout.contains("b/src/b"));
    let none = told(&home, "1..@ --path sr");
    assert!(none.code == 1 && none.stderr.contains("these turns changed no file at `sr`\nhint: "), "{none:?}");
    fs::create_dir_all(home.work().join("src/deep")).unwrap();
    let whole = home.work().join("src/b");
    assert_eq!(ran(home.command().args(["patch", "1..@", "--path", ""]).output().unwrap()).code, 2);
    // A dot says that it is meant from here.
    let elsewhere = home.command().args(["patch", "1..@", "--path", "./b"]).output().unwrap();
    assert_eq!(ran(elsewhere).code, 1);
    let told = home.command().args(["patch", "1..@"]).current_dir(home.work().join("src")).output().unwrap();
    let root = home.work().canonicalize().unwrap();
    assert!(ran(told).stderr.contains(&format!("hint: git -C {} apply", root.display())));
    for (folder, path) in [
        ("src", "b"),
        ("src", "./b"),
        ("src", "."),
        ("src/deep", "../b"),
        ("src/deep", ".."),
        ("", "./src/../src/"),
        ("", "."),
        ("", whole.to_str().unwrap()),
        ("src/deep", whole.parent().unwrap().to_str().unwrap()),
    ] {
        let mut below = home.command();
        let told = below.args(["patch", "1..@", "--path", path]).current_dir(home.work().join(folder)).output();
        let told = ran(told.unwrap());
        assert!(told.stdout.contains("b/src/b"), "{folder} {path}: {told:?}");
    }
}

#[test]
fn nothing_in_a_patch_steers_a_terminal() {
    let home = Home::empty();
    ran(Command::new("git").args(["init", "-q"]).current_dir(home.work()).output().unwrap());
    let text = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}2J\rb\u{202e}\n";
    Written::new(1)
        .cwd(home.work().to_str().unwrap())
        .changed(
            "go",
            &[added(&home, "a\u{1b}[2Jb", text), updated(&home, "\u{202e}c", &format!("@@ -1 +1 @@\n-a\n+{text}"))],
        )
        .put(&home);
    home.ok("init -q --no-hooks");
    for words in ["--color always", "--stat", "--json", "--stat --color always"] {
        let shown = told(&home, words).stdout;
        let plain = shown.replace("\u{1b}[", "").replace("\u{1b}", "!");
        let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!plain.contains(bad) && !shown.contains("2J\u{1b}"), "{words}: {shown:?}");
    }
    // Programs get every byte.
    assert!(told(&home, "").stdout.contains(&format!("+{text}")));
}

#[test]
fn what_was_changed_in_a_submodule_is_applied_and_checked_there() {
    let home = Home::empty();
    let lib = home.work().join("lib");
    fs::create_dir_all(&lib).unwrap();
    for folder in [&home.work(), &lib] {
        ran(Command::new("git").args(["init", "-q"]).current_dir(folder).output().unwrap());
    }
    let change = updated(&home, "lib/cfg", "@@ -1 +1 @@\n-v=1\n+v=2\n");
    Written::new(1).cwd(home.work().to_str().unwrap()).changed("change it", &[change]).put(&home);
    home.ok("init -q --no-hooks");
    fs::write(home.work().join("cfg"), "v=2\n").unwrap();
    fs::write(lib.join("cfg"), "v=1\n").unwrap();
    assert_eq!(told(&home, "-R --check").code, 1, "the file of that name here is another one");
    fs::write(lib.join("cfg"), "v=2\n").unwrap();
    assert_eq!(told(&home, "-R --check").code, 0);
    let told = told(&home, "-R");
    let place = lib.canonicalize().unwrap();
    assert!(told.stderr.contains(&format!("hint: git -C {} apply", place.display())), "{told:?}");
}
