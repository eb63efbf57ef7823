//! What is set for remotes: names, addresses, and rules of what goes there.

use super::{Shared, git, go_on, turns, written};
use crate::support::story::{Written, id};
use crate::support::{Home, ran};

#[test]
fn nothing_goes_to_a_remote_that_no_rule_names() {
    let shared = Shared::new();
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    go_on(&home, 1, &["one"]);
    let none = home.run(["push"]);
    assert!(none.code == 1 && none.stderr.contains("there is no remote yet"), "{none:?}");
    let added = home.ok(&format!("remote add origin {}", shared.address()));
    assert!(
        added.stderr.contains("nothing yet") && added.stderr.contains("hint: codex-git remote set origin --share all")
    );
    let told = home.run(["push"]);
    assert!(told.code == 1 && told.stderr.contains("nothing is shared with `origin` yet"), "{told:?}");
    assert_eq!(shared.git("for-each-ref"), "");
    home.ok("remote set origin --share all --exclude session:@");
    assert!(!home.ok("push").stderr.contains("pushed"));
    home.ok(&format!("remote set origin --drop session:{}", id(1)));
    assert!(home.ok("push").stderr.contains("pushed 1 session to origin"));
}

#[test]
fn a_rule_names_a_project_a_directory_or_a_session() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    home.ok("remote set origin --drop all");
    let begun = |number: u32, cwd: &str, url: &str| {
        Written::new(number).begun_in(cwd).begun_in_clone_of(url).turn("one").put(&home);
    };
    begun(1, "/work/a", "git@github.com:acme/widget.git");
    begun(2, "/work/b", "https://github.com/acme/other");
    begun(3, "/work/b/sub", "https://github.com/acme/widget");
    begun(4, "/work/bb", "https://example.org/x");
    home.ok("-q record");
    let pushed = |rules: &str| {
        home.ok(&format!("remote set origin {rules}"));
        let told = home.ok("--json push --dry-run").json();
        let mut all: Vec<String> = told.iter().map(|one| one["session"].as_str().unwrap().to_owned()).collect();
        all.sort();
        let all: Vec<u32> = (1..=4).filter(|number| all.contains(&id(*number))).collect();
        all
    };
    assert_eq!(pushed("--share project:https://github.com/acme/widget.git"), [1, 3]);
    assert_eq!(pushed("--drop project:github.com/acme/widget --share dir:/work/b"), [2, 3]);
    assert_eq!(pushed("--exclude project:github.com/acme/other"), [3]);
    assert_eq!(pushed(&format!("--share session:{}", id(4))), [3, 4]);
    home.ok(&format!("save here {}", id(1)));
    assert_eq!(pushed("--share save:here"), [1, 3, 4]);
    home.ok(&format!("save here {}", id(2)));
    assert_eq!(pushed("--drop dir:/work/b"), [4], "what a save is moved to can be excluded");
    assert_eq!(pushed("--drop project:github.com/acme/other"), [2, 4]);
    home.ok("save --delete here");
    assert_eq!(pushed("--drop save:here --share dir:/work/b --exclude project:github.com/acme/other"), [3, 4]);
    let shown = home.ok("remote show").stdout;
    assert!(shown.contains(", dir:/work/b") && shown.contains("except"), "{shown}");
    for bad in ["--share everything", "--share save:x", "--take save:x", "--take dir:/work", "--drop all"] {
        let told = home.run(format!("remote set origin {bad}").split(' '));
        assert!(told.code != 0 && told.stderr.contains("hint:"), "{bad}: {told:?}");
    }
}

#[test]
fn the_repository_of_a_directory_is_a_rule() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    let work = home.work();
    git(&["init", "-q", work.to_str().unwrap()]);
    git(&["-C", work.to_str().unwrap(), "remote", "add", "origin", "git@github.com:acme/widget.git"]);
    let added = home.ok("remote add origin /srv/shared.git");
    assert!(added.stderr.contains("remote set origin --share project:github.com/acme/widget"), "{added:?}");
    home.ok("remote set origin --share project");
    assert!(home.ok("remote").stdout.contains("shares project:github.com/acme/widget"));
}

#[test]
fn what_is_taken_can_be_less_than_what_is_there() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    go_on(&here, 1, &["one"]);
    go_on(&here, 2, &["two"]);
    here.ok("push");
    there.ok(&format!("remote set origin --take session:{}", id(2)));
    // The session is not here yet, so it is named in full.
    there.ok("pull");
    assert_eq!(turns(&there, &id(2)), ["two"]);
    assert!(!there.git("for-each-ref").contains(&id(1)));
    there.ok(&format!("remote set origin --drop session:{}", id(2)));
    there.ok("pull");
    assert_eq!(turns(&there, &id(1)), ["one"], "another rule takes what was left");
}

#[test]
fn a_session_that_only_others_have_is_named_as_it_is_listed_and_taken_with_those_that_it_started() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    let parent = written(1, &["one"]);
    let agent = Written::agent(2, &parent).turn("do a part");
    let agents = Written::agent(3, &agent).turn("do a part of that");
    for session in [&parent, &agent, &agents] {
        session.put(&here);
    }
    go_on(&here, 4, &["other"]);
    here.ok("push");
    let unknown = there.run(["remote", "set", "origin", "--take", "session:01a20f86-0001"]);
    assert!(unknown.code != 0 && unknown.stderr.contains("hint: codex-git list --remote origin"), "{unknown:?}");
    assert!(there.ok("list --remote").stdout.contains("01a20f86-0001"));
    let several = there.run(["remote", "set", "origin", "--take", "session:01a20f86"]);
    assert!(several.code == 1 && several.stderr.contains("is the beginning of 4 session ids"), "{several:?}");
    assert!(several.stderr.contains(&id(1)), "{several:?}");
    there.ok("remote set origin --take session:01a20f86-0001");
    there.ok("pull");
    let has = |number: u32| there.git("for-each-ref refs/heads").contains(&id(number));
    assert_eq!([1, 2, 3, 4].map(has), [true, true, true, false]);
    // One that is started later comes, too, though nothing is told anew of those that started it.
    Written::agent(5, &agent).turn("later").put(&here);
    here.ok("push");
    there.ok("pull");
    assert!(has(5));
    there.ok("remote set origin --drop session:01a20f86-0001");
    there.ok("pull");
    assert!(has(4), "there is no rule any more");
}

#[test]
fn the_repository_of_the_code_is_refused_unless_it_is_meant() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    Written::new(1).begun_in_clone_of(&format!("file://{}", shared.address())).turn("one").put(&home);
    home.ok("-q record");
    let told = home.run(["push"]);
    assert!(told.code == 1 && told.stderr.contains("everybody who can read the code"), "{told:?}");
    assert_eq!(shared.git("for-each-ref"), "");
    home.ok("remote set origin --same-repository");
    home.ok("push");
}

#[test]
fn names_and_addresses_that_are_none_are_refused() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    for words in [
        "remote add ../x /srv/a",
        "remote add Origin /srv/a",
        "remote add x ext::sh",
        "remote add x http://example.org/a",
        "remote add x git://example.org/a",
        "remote add x ftp://example.org/a",
        "remote add -- x -oProxyCommand=x",
        "remote show nothing",
        "remote remove nothing",
        "clone ext::sh",
    ] {
        let told = home.run(words.split(' '));
        assert!(told.code == 1 && told.stderr.contains("hint:"), "{words}: {told:?}");
    }
    assert_eq!(home.ok("--json remote").json().len(), 0);
    home.ok("remote add nas https://me:secret@example.org/a");
    for words in ["remote", "--json remote", "remote show nas"] {
        let told = home.ok(words);
        assert!(!format!("{told:?}").contains("secret") && told.stdout.contains("example.org/a"), "{words}: {told:?}");
    }
    assert!(home.run(["remote", "add", "nas", "/srv/a"]).stderr.contains("there is a remote `nas` already"));
    assert!(home.run(["remote", "show", "nsa"]).stderr.contains("remote show nas"));
    home.ok("remote add other /srv/b");
    assert!(home.run(["push"]).stderr.contains("there are 2 remotes"));
    home.ok("remote remove nas");
    home.ok("remote remove other");
    assert!(home.ok("remote").stderr.contains("there is no remote yet"));
}

#[test]
fn a_directory_is_an_address_and_need_not_be_whole() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    git(&["init", "-q", "--bare", home.work().join("stick.git").to_str().unwrap()]);
    written(1, &["one"]).put(&home);
    home.ok("remote add stick stick.git --share all");
    assert!(home.ok("push").stderr.contains("pushed 1 session to stick"));
    home.ok("remote add gone gone.git --share all");
    let told = home.run(["push", "gone"]);
    assert!(told.code == 1 && told.stderr.contains("can't fetch from the remote"), "{told:?}");
}

#[test]
fn no_plain_push_reaches_a_remote() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    go_on(&home, 1, &["one"]);
    assert_eq!(home.git("remote"), "", "git knows no remote in the store");
    let mut push = std::process::Command::new("git");
    push.arg("--git-dir").arg(home.store()).args(["push", "-q", &shared.address(), "refs/heads/*:refs/heads/*"]);
    let told = ran(push.output().unwrap());
    assert!(told.code != 0 && told.stderr.contains("codex-git push looks for secrets first"), "{told:?}");
    assert_eq!(shared.git("for-each-ref"), "");
}

#[test]
fn what_a_hook_recorded_goes_by_itself_where_that_is_wanted() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    home.ok("remote set origin --auto push");
    let hook = |turns: &[&str]| {
        let path = home.place(&format!("rollout-2026-11-24T21-46-09-{}.jsonl", id(1)));
        written(1, turns).put(&home);
        home.ok(&format!("hook --after Stop -- {}", path.display()));
    };
    let log = || std::fs::read_to_string(home.path().join("log/codex-git.log")).unwrap_or_default();
    let waited = |done: &dyn Fn() -> bool| {
        (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            done()
        })
    };
    hook(&["one"]);
    assert!(waited(&|| log().contains("push:origin ok")), "{}", log());
    let before = shared.git("for-each-ref");
    assert_ne!(before, "");
    // The next one waits for its turn.
    hook(&["one", "two"]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(shared.git("for-each-ref"), before);
    home.ok("push");
    home.ok("remote set origin --auto off");
    assert!(home.ok("remote show").stdout.contains("takes"));
}

#[test]
fn what_failed_by_itself_is_told_where_one_looks() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    go_on(&home, 1, &["one"]);
    home.ok("remote set origin --auto push");
    std::fs::rename(shared.path(), shared.folder.path().join("away")).unwrap();
    assert_eq!(home.run(["push", "--auto", "origin"]).code, 1);
    let shown = home.ok("remote show").stdout;
    assert!(shown.contains("last") && shown.contains("failed: "), "{shown}");
    let told = home.run(["doctor"]);
    assert!(told.stderr.contains("the last push by itself with `origin` failed: "), "{told:?}");
    assert!(told.stderr.contains("hint: codex-git push origin"), "{told:?}");
    std::fs::rename(shared.folder.path().join("away"), shared.path()).unwrap();
    std::fs::remove_dir_all(home.store().join("remotes")).unwrap();
    home.ok("push --auto origin");
    assert!(!home.ok("remote show").stdout.contains("failed"));
}

#[test]
fn what_was_typed_stands_in_the_command_that_is_hinted_at() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    let code = home.work().join("code");
    git(&["init", "-q", code.to_str().unwrap()]);
    let address = code.to_str().unwrap();
    let told = home.run(["remote", "add", "origin", address, "--share", "all", "--auto", "push"]);
    let hint = format!("hint: codex-git remote add --same-repository --share all --auto push origin {address}\n");
    assert!(told.code == 1 && told.stderr.ends_with(&hint), "{told:?}");
}

#[test]
fn a_repository_that_holds_code_is_refused_unless_it_is_meant() {
    let shared = Shared::new();
    let code = Home::empty();
    let work = code.work();
    let at = work.to_str().unwrap();
    git(&["init", "-q", "-b", "main", at]);
    git(&["-C", at, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "code"]);
    git(&["-C", at, "push", "-q", &shared.address(), "main"]);
    let home = shared.machine("desk");
    go_on(&home, 1, &["a question"]);
    let refused = home.run(["push"]);
    assert!(refused.code == 1 && refused.stderr.contains("`origin` has a branch `main`"), "{refused:?}");
    assert!(!shared.holds("a question"));
    home.ok("-q remote set origin --same-repository");
    home.ok("push");
    assert!(shared.holds("a question"));
    // Whoever comes later finds that it is used for this.
    let there = shared.machine("laptop");
    go_on(&there, 2, &["another one"]);
    there.ok("push");
}
