//! Patches of sessions that real Codex holds: it edits files, and git takes its edits back.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::edits::Tree;
use super::read;
use crate::support::codex::{CURRENT, Codex};
use crate::support::ran;

/// The files of the project, but git's own.
fn files(codex: &Codex) -> Tree {
    let mut tree = BTreeMap::new();
    read(&codex.home.work(), &codex.home.work(), &mut tree);
    tree.retain(|path, _| !path.starts_with(".git/"));
    tree
}

/// A prompt that has the model apply a patch.
fn patch(body: &str) -> String {
    format!("please [[shell:apply_patch <<'EOF'\n*** Begin Patch\n{body}\n*** End Patch\nEOF]]")
}

/// Has git apply what `patch` prints; gives what it says where it refuses.
fn apply(codex: &Codex, words: &str) -> Result<(), String> {
    let patch = codex.home.ok(&format!("patch {words}")).stdout;
    let file = codex.home.path().join("printed.diff");
    fs::write(&file, patch).unwrap();
    let mut git = Command::new("git");
    let told = ran(git.args(["apply"]).arg(&file).current_dir(codex.home.work()).output().unwrap());
    if told.code == 0 { Ok(()) } else { Err(told.stderr) }
}

#[test]
fn git_takes_the_edits_of_real_codex_back() {
    let codex = Codex::new(CURRENT);
    let work = codex.home.work();
    fs::create_dir_all(work.join("src")).unwrap();
    let lines: String = (1..=40).map(|number| format!("line {number}\n")).collect();
    fs::write(work.join("src/long.txt"), &lines).unwrap();
    fs::write(work.join("torn"), "a\nb\nlast").unwrap();
    fs::write(work.join("dos"), "a\r\nb\r\nc\r\n").unwrap();
    fs::write(work.join("gone"), "x\ny").unwrap();
    let id = codex.start("hello");
    codex.home.ok("init -q");
    let before = files(&codex);
    let steps = [
        "*** Add File: new file.txt\n+one\n+two\n*** Update File: src/long.txt\n@@\n line 9\n-line 10\n+ten\n line 11\n@@\n line 30\n-line 31\n",
        "*** Update File: torn\n@@\n-a\n+A\n b\n*** Update File: dos\n@@\n-b\r\n+B\r\n*** Delete File: gone",
        "*** Update File: src/long.txt\n*** Move to: src/漢字.txt\n@@\n-ten\n+TEN\n line 11\n*** Update File: new file.txt\n@@\n one\n+and a half\n two",
        "*** Add File: gone\n+again\n*** Update File: src/漢字.txt\n@@\n-line 1\n+first\n line 2",
    ];
    for (number, step) in steps.iter().enumerate() {
        codex.turn(&id, &patch(step.trim_end_matches('\n')));
        assert_ne!(files(&codex), before, "turn {} edits nothing", number + 2);
    }
    let after = files(&codex);
    assert_eq!((after["gone"].as_str(), after.contains_key("src/long.txt")), ("again\n", false));
    assert!(after["src/漢字.txt"].starts_with("first\n") && after["new file.txt"] == "one\nand a half\ntwo\n");
    apply(&codex, "1..@ -R").unwrap();
    assert_eq!(files(&codex), before);
    apply(&codex, "1..@").unwrap();
    assert_eq!(files(&codex), after);
    // Only the last turn, and where somebody edited the same lines since, nothing.
    apply(&codex, "-R").unwrap();
    assert!(files(&codex)["src/漢字.txt"].starts_with("line 1\n"));
    let edited = fs::read_to_string(work.join("src/漢字.txt")).unwrap().replace("TEN", "11 - 1");
    fs::write(work.join("src/漢字.txt"), edited).unwrap();
    let standing = files(&codex);
    assert!(apply(&codex, "1..4 -R").unwrap_err().contains("patch does not apply"));
    assert_eq!(files(&codex), standing);
    assert_eq!(codex.home.run(["patch", "1..4", "-R", "--check"]).code, 1);
}
