//! What is said of remotes: hints are commands that run, and counts are those of the commands that they name.

use super::{Shared, git, go_on, written};
use crate::support::story::{Written, id};
use crate::support::{Home, Ran};

/// The words of the command that a hint says, without what it does.
fn hinted(told: &Ran) -> Vec<String> {
    let hint = told
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("hint: codex-git "))
        .unwrap_or_else(|| panic!("{told:?}"));
    let command = hint.split("  # ").next().unwrap();
    command.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect()
}

#[test]
fn of_several_remotes_the_hint_names_one_in_a_command_that_runs() {
    let (shared, other) = (Shared::new(), Shared::new());
    let (here, there) = (shared.machine("desk"), shared.machine("old"));
    go_on(&there, 1, &["one"]);
    there.ok("push");
    here.ok("pull");
    here.ok("remote remove origin");
    here.ok(&format!("remote add cp {}", shared.address()));
    here.ok(&format!("remote add um {}", other.address()));
    let told = here.run(["unshare", "--machine", "old"]);
    assert!(told.code == 1 && told.stderr.contains("which is meant?"), "{told:?}");
    assert!(here.run(hinted(&told)).stderr.contains("what old had at cp is gone"), "{told:?}");
}

#[test]
fn a_hint_names_the_remote_the_option_and_the_repository_that_were_meant() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    home.ok("-q remote add r /srv/shared.git");
    let told = |words: &str| {
        let told = home.run(words.split(' '));
        assert_ne!(told.code, 0, "{told:?}");
        told.stderr
    };
    let bogus = told("remote set r --share bogus");
    assert!(bogus.contains("`bogus` says nothing of which sessions are meant"), "{bogus}");
    assert!(bogus.contains("hint: codex-git remote set r --share all"), "{bogus}");
    assert!(told("remote set r --exclude bogus").contains("hint: codex-git remote set r --exclude all"));
    assert!(told("remote add s /srv/other.git --take bogus").contains("hint: --take all"));
    assert!(told("remote set r --take project").contains("hint: codex-git remote set r --take project:HOST/PATH"));
    assert!(told("push r").contains("hint: codex-git remote set r --share all"));
    let work = home.work();
    git(&["init", "-q", work.to_str().unwrap()]);
    git(&["-C", work.to_str().unwrap(), "remote", "add", "origin", "git@github.com:acme/widget.git"]);
    assert!(told("push r").contains("hint: codex-git remote set r --share project:github.com/acme/widget"));
}

#[test]
fn the_word_that_git_has_for_it_is_understood() {
    let home = Home::empty();
    let told = home.run(["fetch"]);
    assert!(told.stderr.contains("there is no command `fetch`") && hinted(&told) == ["pull"], "{told:?}");
}

#[cfg(feature = "links")]
#[test]
fn an_address_that_nothing_is_sent_to_is_no_broken_link() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    go_on(&home, 1, &["one"]);
    let told = home.run(["share", &id(1), "--post", "http://example.org/x"]);
    assert!(told.stderr.contains("`http://example.org/x` is no address to send a conversation to"), "{told:?}");
    assert!(told.stderr.contains("only https is spoken"), "{told:?}");
    assert!(told.stderr.contains("hint: codex-git share --post https://HOST/PATH"), "{told:?}");
}

#[test]
fn what_was_told_besides_turns_is_not_guessed() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    go_on(&home, 1, &["one"]);
    home.ok("push");
    home.ok("config label tower");
    let told = home.ok("push");
    assert!(told.stderr.contains("told origin what changed besides turns\n"), "{told:?}");
}

#[test]
fn what_was_taken_is_counted_by_sessions_and_as_the_list_counts() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    let parent = written(1, &["one"]);
    parent.put(&here);
    Written::agent(2, &parent).turn("do a part").put(&here);
    here.ok("-q record");
    here.ok("push");
    there.ok("pull");
    there.ok(&format!("-q restore {}", id(1)));
    go_on(&there, 1, &["one", "there"]);
    there.ok("push");
    go_on(&here, 1, &["one", "here"]);
    here.ok("push");
    let third = Home::empty();
    let told = third.ok(&format!("clone --no-hooks {}", shared.address()));
    assert!(told.stderr.contains("went on in two places") && told.stderr.contains("took 2 sessions from"), "{told:?}");
    let none = third.ok("list");
    assert!(none.stderr.contains("`codex-git list --all` shows all 1 session"), "{none:?}");
    assert_eq!(third.ok("list --all --json").json().len(), 1);
    assert!(third.ok("list --subagents").stderr.contains("shows all 2 sessions"));
}

#[test]
fn a_second_clone_says_that_a_remote_can_be_called_otherwise() {
    let (shared, other) = (Shared::new(), Shared::new());
    let there = shared.machine("laptop");
    go_on(&there, 1, &["one"]);
    let told = there.run(["clone", "--no-hooks", &other.address()]);
    assert!(told.code == 1 && told.stderr.contains("there is a remote `origin` already"), "{told:?}");
    let mut again = hinted(&told);
    assert_eq!(again, ["clone", &other.address(), "NAME"]);
    again.extend(["--no-hooks".to_owned()]);
    again[2] = "second".to_owned();
    there.ok(&again.join(" "));
    assert!(there.ok("remote").stdout.contains("second"));
}

#[test]
fn who_asks_for_quiet_is_told_what_failed_and_what_helps_and_no_more() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("old"));
    go_on(&there, 1, &["one"]);
    there.ok("push");
    assert_eq!(here.ok("-q pull").stderr, "");
    go_on(&there, 1, &["two"]);
    there.ok("push");
    assert!(here.ok("pull").stderr.contains("hint: codex-git resume"));
    let failed = here.run(["-q", "push", "elsewhere"]);
    assert!(failed.stderr.contains("error: ") && failed.stderr.contains("hint: "), "{failed:?}");
}
