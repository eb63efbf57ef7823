//! What the ignore rules and a person's words kept out of a snapshot is neither new nor deleted, wherever the rules stand and whoever changes them.

use std::fs;

use codex_git::model::code::Spared;

use super::stage::{Stage, chmod, mode, put};
use super::{git_in, ok};

/// A session in a project in whose settings the person's own file of ignore rules is one beside it.
fn stage() -> Stage {
    let stage = Stage::new();
    let rules = stage.root().parent().unwrap().join("rules");
    fs::write(&rules, "glob.txt\n").unwrap();
    stage.git(&["config", "core.excludesFile", rules.to_str().unwrap()]);
    stage.put(".git/info/exclude", "# comment\nmine.txt\n");
    for path in ["a", "doc.txt"] {
        stage.put(path, "1\n");
    }
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "x"]);
    ok(stage.home.command().args(["code", "ignore", "-q", "/own.txt"]));
    ok(stage.home.command().args(["code", "ignore", "-q", "/doc.txt"]));
    for path in ["glob.txt", "mine.txt", "own.txt"] {
        stage.put(path, "was there\n");
    }
    stage
}

fn no_rules(stage: &Stage) {
    stage.put(".git/info/exclude", "");
    fs::write(stage.root().parent().unwrap().join("rules"), "").unwrap();
    for path in ["/own.txt", "/doc.txt"] {
        ok(stage.home.command().args(["code", "ignore", "-q", "--remove", path]));
    }
}

#[test]
fn files_that_were_ignored_are_not_new_when_the_rules_go() {
    let mut stage = stage();
    stage.begin(0);
    no_rules(&stage);
    stage.put("a", "2\n");
    stage.put("new", "2\n");
    stage.finish(0);
    let session = stage.talks[0].id.to_string();
    let json = ok(stage.home.command().args(["code", "log", "--json", &session])).json();
    let files = json[0]["files"].as_array().unwrap();
    let left: Vec<_> = files.iter().map(|file| (file["path"].as_str().unwrap(), file["leftOut"].as_str())).collect();
    let before = Some("before");
    assert_eq!(
        left,
        [
            ("a", None),
            ("doc.txt", before),
            ("glob.txt", before),
            ("mine.txt", before),
            ("new", None),
            ("own.txt", before)
        ]
    );
    let ignored = ["doc.txt", "glob.txt", "mine.txt", "own.txt"].map(|path| (path.to_owned(), Spared::Ignored));
    let mut all = stage.wanted(0, 0);
    all.all = true;
    let plan = stage.plan(&all).unwrap();
    assert_eq!(plan.spared.len(), 4, "{:?}", plan.spared);
    stage.workspace.drop_plan(&plan).unwrap();
    assert_eq!(stage.restore(0), ignored);
    assert_eq!((stage.read("a").unwrap(), stage.read("new")), ("1\n".into(), None));
    assert_eq!(stage.read("mine.txt").unwrap(), "was there\n");
}

#[test]
fn files_that_become_ignored_are_not_told_as_deleted() {
    let mut stage = Stage::new();
    for path in ["un.txt", "dist/one", "gone", "x.o"] {
        stage.put(path, "1\n");
    }
    stage.put(".gitignore", "*.o\n");
    stage.git(&["add", "-A"]);
    stage.git(&["commit", "-q", "-m", "x"]);
    stage.turn(&|root| {
        put(root, ".gitignore", "un.txt\n/dist/\n");
        git_in(root, &["rm", "-q", "--cached", "-r", "dist", "un.txt"]);
        fs::remove_file(root.join("gone")).unwrap();
    });
    let session = stage.talks[0].id.to_string();
    let log = ok(stage.home.command().args(["code", "log", &session])).stdout;
    let lines: Vec<&str> = log.lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            "  M .gitignore +2 -1",
            "  M dist/one 2 bytes → left out",
            "  D gone +0 -1",
            "  M un.txt 2 bytes → left out",
            "  M x.o left out → 2 bytes"
        ]
    );
    let patch = ok(stage.home.command().env("CODEX_THREAD_ID", &session).args(["code", "diff"])).stdout;
    let place = stage.root().parent().unwrap().join("patch");
    fs::write(&place, patch).unwrap();
    git_in(&stage.root(), &["apply", "-R", place.to_str().unwrap()]);
    assert_eq!(stage.read("gone").unwrap(), "1\n");
}

#[test]
fn a_forks_folder_has_a_committed_file_that_a_person_had_left_out() {
    let mut stage = stage();
    stage.turn(&|root| put(root, "a", "2\n"));
    let place = stage.root().parent().unwrap().join("fork");
    let session = stage.talks[0].id.to_string();
    let told = ok(stage.home.command().args(["fork", &session, "--worktree"]).arg(&place)).stderr;
    assert_eq!(git_in(&place, &["status", "--short"]), " M a\n", "{told}");
    assert!(told.contains("as the commit has them, since the snapshot does without them: doc.txt"), "{told}");
}

#[test]
fn what_not_everybody_may_read_comes_back_so() {
    let modes = [("g", 0o640), ("gx", 0o750), ("o", 0o600), ("ox", 0o700), ("all", 0o644)];
    let mut stage = Stage::new();
    for (path, mode) in modes {
        stage.put(path, "1\n");
        chmod(&stage.root(), path, mode);
    }
    stage.turn(&|root| {
        for path in ["g", "gx", "o", "all"] {
            fs::remove_file(root.join(path)).unwrap();
        }
        chmod(root, "ox", 0o644);
    });
    stage.turn(&|_| {});
    assert_eq!(stage.restore(0), []);
    for (path, wanted) in modes {
        assert_eq!(mode(&stage.root(), path), wanted, "{path}");
    }
    stage.turn(&|root| put(root, "all", "2\n"));
    let place = stage.root().parent().unwrap().join("fork");
    ok(stage.home.command().args(["fork", &stage.talks[0].id.to_string(), "--worktree"]).arg(&place));
    for (path, wanted) in modes {
        assert_eq!(mode(&place, path), wanted, "{path}");
    }
}
