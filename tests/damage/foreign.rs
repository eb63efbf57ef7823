//! Commits that somebody made with git on a session's branch, where codex-git alone writes.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{home, sound};
use crate::support::synthetic::Synthetic;
use crate::support::{Fixture, Home, ran};

/// Commits something on a session's branch, in a working tree of the store. `before`: what git does there first.
fn commit(home: &Home, session: &str, before: &[&str]) -> String {
    let tree = home.work().join("tree");
    let git = |folder: &Path, words: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(folder).args(["-c", "user.name=me", "-c", "user.email=me@example.com"]).args(words);
        let ran = ran(git.output().unwrap());
        assert_eq!(ran.code, 0, "git {words:?}: {}", ran.stderr);
    };
    if !tree.exists() {
        let store = home.store();
        git(&home.work(), &["--git-dir", store.to_str().unwrap(), "worktree", "add", "-q", "tree", session]);
    }
    if !before.is_empty() {
        git(&tree, before);
    }
    git(&tree, &["commit", "-q", "--allow-empty", "-m", "my note"]);
    home.git(&format!("rev-parse {session}")).trim().to_owned()
}

fn tip(home: &Home, session: &Synthetic) -> String {
    home.git(&format!("rev-parse refs/heads/{}", session.id))
}

#[test]
fn a_commit_on_a_sessions_branch_is_kept_aside_and_the_session_goes_on() {
    for (packed, logged) in [(false, true), (false, false), (true, true), (true, false)] {
        let (home, session) = home(packed);
        let before = tip(&home, &session);
        if !logged {
            fs::remove_dir_all(home.store().join("logs")).unwrap();
        }
        commit(&home, &session.id, &[]);
        let foreign = commit(&home, &session.id, &[]);
        for words in [format!("log {}", session.id), "doctor".to_owned(), "verify".to_owned()] {
            let told = home.run(words.split(' '));
            assert!(told.code == 1 && told.stderr.contains(&foreign), "{words}: {told:?}");
            assert!(told.stderr.contains("hint: codex-git verify --repair\n"), "{words}: {told:?}");
        }
        let mended = home.ok("verify --repair").stderr;
        let kept = format!("refs/kept/{}/{foreign}", session.id);
        assert!(mended.starts_with("repaired: 1 commit taken off a branch\n"), "{mended}");
        let told = format!(
            "commit {}, which codex-git did not make, was on the branch of session {}: it is kept as {kept}, and the branch is back on {}\n",
            &foreign[..10],
            &session.id[..13],
            &before[..10]
        );
        assert!(mended.contains(&told), "{mended}");
        assert_eq!(home.git(&format!("rev-parse {kept}")).trim(), foreign);
        assert_eq!(tip(&home, &session), before);
        assert!(!home.run(["doctor"]).stderr.contains(&foreign));
        assert!(home.ok("verify --repair").stderr.contains("nothing to repair"));
        // It is recorded on as ever, and what is kept stays.
        home.put(&session.name, session.rollout(5, 300).as_bytes());
        home.ok(&format!("save on {}", session.id));
        assert_eq!(home.git(&format!("rev-parse {}~1", session.id)), before);
        home.ok("gc");
        assert_eq!(home.git(&format!("rev-parse {kept}")).trim(), foreign);
        sound(&home);
    }
}

#[test]
fn a_commit_that_is_kept_aside_is_of_no_session() {
    let (home, session) = home(false);
    let foreign = commit(&home, &session.id, &[]);
    home.ok("verify --repair");
    for named in [&*foreign, &format!("{}@{{1}}", session.id), &format!("refs/kept/{}/{foreign}", session.id)] {
        let told = home.run(["show", named]);
        assert!(told.code == 1 && told.stderr.contains("is of no session"), "{named}: {told:?}");
        assert!(told.stderr.contains("hint: codex-git log "), "{named}: {told:?}");
    }
}

#[test]
fn a_branch_that_somebody_took_back_before_committing_holds_its_newest_turn_again() {
    let (home, session) = home(false);
    let before = tip(&home, &session);
    fs::remove_file(home.place(&session.name)).unwrap();
    commit(&home, &session.id, &["reset", "-q", "--hard", "HEAD~2"]);
    home.ok("verify --repair");
    assert_eq!(tip(&home, &session), before);
}

#[test]
fn a_session_that_has_no_commit_left_is_recorded_anew() {
    let (home, session) = home(false);
    let (before, branch) = (tip(&home, &session), format!("refs/heads/{}", session.id));
    let tree = home.git(&format!("rev-parse {branch}^{{tree}}"));
    let foreign = home.git(&format!("commit-tree -m alone {}", tree.trim()));
    let other = Synthetic::new(8);
    for (name, told) in
        [(&branch, "the branch is back on "), (&format!("refs/heads/{}", other.id), "nothing of the session is left")]
    {
        home.git(&format!("update-ref {name} {}", foreign.trim()));
        fs::remove_dir_all(home.store().join("logs")).unwrap();
        let mended = home.ok("verify --repair").stderr;
        assert!(mended.contains(told), "{mended}");
        let kept = name.replace("heads", "kept");
        assert_eq!(home.git(&format!("rev-parse {kept}/{}", foreign.trim())), foreign);
    }
    assert_eq!(tip(&home, &session), before);
    assert!(!home.refs().contains(&other.id));
    sound(&home);
}

#[test]
fn what_a_newer_codex_git_recorded_is_never_taken_off() {
    let (home, session) = home(false);
    let message = home.git(&format!("log -1 --format=%B {}", session.id));
    let newer = home.work().join("message");
    fs::write(&newer, message.replace("Codex-Format: 1", "Codex-Format: 2")).unwrap();
    let branch = format!("refs/heads/{}", session.id);
    let made = home.git(&format!("commit-tree -p {branch} -F {} {branch}^{{tree}}", newer.display()));
    home.git(&format!("update-ref {branch} {}", made.trim()));
    // With nothing behind it, and with somebody's commit on it.
    for _ in 0..2 {
        let now = tip(&home, &session);
        for words in ["verify", "verify --repair", "doctor"] {
            assert_eq!(home.run(words.split(' ')).code, 1, "{words}");
            assert_eq!(tip(&home, &session), now, "{words}");
        }
        let told = home.run(["log", &session.id]);
        if now == made {
            assert!(told.stderr.contains("written in format 2"), "{told:?}");
            assert!(told.stderr.contains("hint: cargo install codex-git-cli\n"), "{told:?}");
            assert!(home.run(["doctor"]).stderr.contains("hint: cargo install codex-git-cli\n"));
        }
        commit(&home, &session.id, &[]);
    }
    home.ok(&format!("log {}", Fixture::named("0.47").id()));
}
