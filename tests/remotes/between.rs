//! What one machine pushes and the others pull.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Shared, ends, git, go_on, outcomes, turns, written};
use crate::support::story::{Written, id};
use crate::support::{Fixture, Home};

#[test]
fn every_session_of_every_era_is_the_same_on_every_machine() {
    let shared = Shared::new();
    let all = Fixture::all();
    let here = shared.joined(Home::with(&all.iter().map(String::as_str).collect::<Vec<_>>()), "desk");
    let pushed = here.ok("push");
    assert!(pushed.stderr.contains("pushed ") && pushed.stderr.contains(" sessions to origin"), "{pushed:?}");
    assert!(here.ok("push").stderr.contains("nothing new for origin"));
    let refs = shared.git("for-each-ref --format=%(refname)");
    let names: Vec<&str> = refs.lines().map(|name| name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["index", "keep"], "{refs}");

    let there = Home::empty();
    there.ok(&format!("clone --no-hooks {}", shared.address()));
    assert_eq!(ends(&there), ends(&here));
    assert!(there.ok("pull").stderr.contains("nothing new from origin"));
    assert_eq!(there.ok("verify").code, 0);
    there.git("fsck --strict");
    shared.git("fsck --strict");
}

#[test]
fn a_clone_can_share_at_once_and_a_dry_sync_moves_nothing() {
    let shared = Shared::new();
    let here = shared.machine("desk");
    go_on(&here, 1, &["one"]);
    here.ok("push");
    let there = Home::empty();
    written(2, &["two"]).put(&there);
    there.ok("init -q --no-hooks");
    there.ok("-q config label laptop");
    there.ok(&format!("-q clone --no-hooks --share all {}", shared.address()));
    go_on(&here, 1, &["one", "more"]);
    here.ok("push");
    let (before, at_remote) = (ends(&there), shared.git("for-each-ref"));
    let told = there.ok("sync --dry-run");
    assert!(told.stderr.contains("would take 1 session") && told.stderr.contains("would push 2 sessions"), "{told:?}");
    assert_eq!((ends(&there), shared.git("for-each-ref")), (before, at_remote));
    assert!(there.ok("sync").stderr.contains("pushed 1 session"));
}

#[test]
fn plain_git_reads_what_is_there() {
    let shared = Shared::new();
    let here = shared.machine("desk");
    go_on(&here, 1, &["one", "two"]);
    here.ok("push");
    let refs = shared.git("for-each-ref --format=%(refname)");
    let (index, keep) = refs.trim().split_once('\n').unwrap();
    assert_eq!(shared.git(&format!("show {index}:format")), "1\n");
    assert!(shared.git(&format!("show {index}:machine")).starts_with("desk\t"));
    let line = shared.git(&format!("show {index}:sessions/{}", &id(1)[34..]));
    let fields: Vec<&str> = line.trim_end().split('\t').collect();
    let tip = here.git(&format!("rev-parse refs/heads/{}", id(1)));
    assert_eq!((fields[0], fields[1], fields[3], fields[9]), (id(1).as_str(), tip.trim(), "2", "one"), "{line}");
    assert_eq!(shared.git(&format!("log --format=%s {}", tip.trim())).lines().next(), Some("two"));
    assert!(shared.git(&format!("rev-list {keep}")).contains(tip.trim()), "what is told is kept");
}

#[test]
fn what_went_on_there_goes_on_here() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    go_on(&here, 1, &["one", "two"]);
    here.ok("push");
    assert_eq!(outcomes(&there.ok("--json pull")), ["new"]);
    there.ok(&format!("restore {}", id(1)));
    go_on(&there, 1, &["one", "two", "three", "four"]);
    there.ok("push");
    let dry = here.ok("pull --dry-run");
    assert!(dry.stderr.contains("+2 turns from laptop") && dry.stderr.contains("would take 1 session"), "{dry:?}");
    assert_eq!(turns(&here, &id(1)), ["one", "two"], "nothing changed");
    let told = here.ok("pull");
    assert!(told.stderr.contains("+2 turns from laptop") && told.stderr.contains("added 2 turns to"), "{told:?}");
    assert_eq!(turns(&here, &id(1)), ["one", "two", "three", "four"]);
    assert_eq!(ends(&here), ends(&there));
    let rollout = |home: &Home| {
        std::fs::read(home.ok(&format!("--json restore {}", id(1))).json()[0]["rolloutPath"].as_str().unwrap()).unwrap()
    };
    assert_eq!(rollout(&here), rollout(&there));
    here.ok("push");
    assert!(there.ok("pull").stderr.contains("nothing new"), "nothing came back");
    let told = there.ok("--json list --remote").json();
    assert_eq!(told[0]["machines"].as_array().unwrap().len(), 2, "both tell where it ends: {told:?}");
}

#[test]
fn two_ends_of_a_session_are_both_kept_and_either_can_be_gone_on_from() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    go_on(&here, 1, &["one", "two"]);
    here.ok("push");
    there.ok("pull");
    there.ok(&format!("restore {}", id(1)));
    go_on(&there, 1, &["one", "two", "there"]);
    go_on(&here, 1, &["one", "two", "here", "again"]);
    there.ok("push");
    let told = here.ok("pull");
    assert!(told.stderr.contains("went on in two places after turn 2"), "{told:?}");
    assert!(told.stderr.contains("here    2 turns") && told.stderr.contains("laptop  1 turn"), "{told:?}");
    assert!(told.stderr.contains(&format!("fork {}@{{laptop}}", &id(1)[..13])), "{told:?}");
    assert_eq!(turns(&here, &id(1)), ["one", "two", "here", "again"], "it stays what it is");
    assert_eq!(turns(&here, &format!("{}@{{laptop}}", id(1))), ["one", "two", "there"]);
    assert_eq!(here.ok("strands --json").json().len(), 1);
    for _ in 0..2 {
        let found = here.ok("search --json --in prompt there").json();
        assert_eq!((found.len(), &found[0]["prompt"]), (1, &"there".into()), "{found:?}");
        assert_eq!(turns(&here, found[0]["commit"].as_str().unwrap()), ["one", "two", "there"]);
        assert_eq!(here.ok("search -c --in prompt one").stdout.lines().count(), 1, "what both have is told once");
    }
    let fork = here.ok(&format!("fork {}@{{laptop}}", id(1))).stdout.trim().to_owned();
    assert_eq!(turns(&here, &fork), ["one", "two", "there"]);
    here.ok("push");
    assert_eq!(outcomes(&there.ok("--json pull")).len(), 2, "the other end, and the fork");
    assert_eq!(turns(&there, &format!("{}@{{desk}}", id(1))), ["one", "two", "here", "again"]);
    for home in [&here, &there] {
        assert_eq!(home.ok("verify").code, 0);
        assert!(home.ok("pull").stderr.contains("nothing new"));
    }
}

/// Two machines that have a session of one turn, and its rollout at the second.
fn both_have_it() -> (Shared, Home, Home, PathBuf) {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    go_on(&here, 1, &["one"]);
    here.ok("push");
    there.ok("pull");
    there.ok(&format!("-q restore {}", id(1)));
    let path = there.place(&format!("rollout-2026-11-24T21-46-09-{}.jsonl", id(1)));
    (shared, here, there, path)
}

/// Adds what Codex writes when it opens a session. Gives the whole rollout.
fn look(path: &Path) -> String {
    let line = json!({ "type": "event_msg", "payload": { "type": "thread_settings_applied", "thread_settings": {} } });
    let rollout = std::fs::read_to_string(path).unwrap() + &format!("{line}\n");
    std::fs::write(path, &rollout).unwrap();
    rollout
}

#[test]
fn who_only_looked_at_a_session_has_not_gone_on_with_it() {
    let (_shared, here, there, path) = both_have_it();
    let looked_at = look(&path);
    there.ok("push");
    assert!(here.ok("pull").stderr.contains("nothing new"), "nothing of the conversation came");
    go_on(&here, 1, &["one", "two"]);
    here.ok("push");
    let dry = there.ok("pull --dry-run");
    assert!(dry.stderr.contains("+1 turn from desk"), "{dry:?}");
    let told = there.ok("sync");
    assert!(told.stderr.contains("+1 turn from desk") && told.stderr.contains("added 1 turn to"), "{told:?}");
    assert_eq!(turns(&there, &id(1)), ["one", "two"]);
    let listed = there.ok("list --all --json");
    assert_eq!(listed.json()[0]["behind"], serde_json::Value::Null, "the rollout has all of it: {listed:?}");
    let kept = there.git(&format!("for-each-ref --format=%(objectname) refs/kept/{}", id(1)));
    let line = looked_at.lines().last().unwrap();
    assert!(there.git(&format!("show --no-textconv {}", kept.trim())).contains(line), "no byte is lost");
    assert!(here.ok("sync").stderr.contains("nothing new"));
    for home in [&here, &there] {
        assert!(home.ok("strands --json").json().is_empty());
        assert_eq!(home.ok("verify").code, 0);
    }
}

#[test]
fn what_a_native_fork_stands_on_stays_what_it_is() {
    let (_shared, here, there, path) = both_have_it();
    let looked_at = look(&path);
    let mut base = written(1, &["one"]);
    base.ends[1] = looked_at.len();
    Written::fork(2, &base, 1).turn("forked").put(&there);
    there.ok("-q record");
    go_on(&here, 1, &["one", "two"]);
    here.ok("push");
    let told = there.ok("pull");
    assert!(told.stderr.contains("went on in two places"), "{told:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), looked_at);
    assert_eq!(turns(&there, &id(2)), ["one", "forked"]);
    assert_eq!(there.ok("verify").code, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn what_waits_is_found_and_is_found_once_when_it_has_gone_on() {
    let (_shared, here, there, path) = both_have_it();
    let input = std::process::Stdio::from(std::fs::File::open(&path).unwrap());
    let mut holder = std::process::Command::new("sleep").arg("120").stdin(input).spawn().unwrap();
    written(1, &["one"]).open("two").put(&here);
    here.ok("push");
    assert!(there.ok("pull").stderr.contains("open in Codex"));
    let found = || there.ok("search --json --in prompt two").json();
    assert_eq!(found().len(), 1, "a turn that runs on the other machine");
    holder.kill().unwrap();
    holder.wait().unwrap();
    there.ok("-q list");
    let log = || {
        let files = std::fs::read_dir(there.store().join("codex-git.text")).unwrap();
        files.map(|file| file.unwrap().file_name()).collect::<std::collections::BTreeSet<_>>()
    };
    let before = (found().len(), log());
    go_on(&here, 1, &["one", "two"]);
    here.ok("push");
    there.ok("pull");
    assert_eq!(found().len(), 1, "{:?}", found());
    assert!(found()[0]["aside"].is_null(), "{:?}", found());
    assert_eq!(before, (1, log()), "the text log is not made anew");
}

#[test]
fn a_rewind_elsewhere_is_another_end_here() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    go_on(&here, 1, &["one", "two", "three"]);
    here.ok("push");
    there.ok("pull");
    there.ok(&format!("restore {}", id(1)));
    written(1, &["one", "two", "three"]).rewound(0xf1, 1).turn("instead").put(&there);
    there.ok("-q record");
    there.ok("push");
    let told = here.ok("pull");
    assert!(told.stderr.contains("goes back to there"), "{told:?}");
    assert_eq!(turns(&here, &id(1)), ["one", "two", "three"]);
    assert_eq!(turns(&here, &format!("{}@{{laptop}}", id(1))), ["one", "instead"]);
}

#[test]
fn names_saves_and_the_sessions_that_a_session_started_travel_with_it() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    let parent = written(1, &["one", "two"]);
    parent.put(&here);
    Written::agent(2, &parent).turn("do a part").put(&here);
    here.name(&id(1), "parser");
    here.ok("-q record");
    here.ok(&format!("save before {}~1", id(1)));
    let pushed = here.ok("push");
    assert!(pushed.stderr.contains("pushed 2 sessions and 1 save"), "{pushed:?}");
    let pulled = there.ok("pull");
    assert!(pulled.stderr.contains("took 2 sessions and 1 save"), "{pulled:?}");
    assert_eq!(turns(&there, "parser"), ["one", "two"], "its name means it");
    for revision in ["before", "desk/before", "before~0"] {
        assert_eq!(turns(&there, revision), ["one"], "{revision}");
    }
    assert_eq!(there.ok("verify --repair").code, 0);
    assert_eq!(there.git("for-each-ref refs/tags"), "", "it stays the save of another machine");
    there.ok(&format!("save before {}", id(1)));
    assert_eq!(turns(&there, "before"), ["one", "two"], "one of its own comes first");
    assert_eq!(turns(&there, "desk/before"), ["one"]);
    assert_eq!(there.ok("saves --json").json().len(), 1);
    here.ok("save --delete before");
    here.ok("push");
    there.ok("pull");
    assert_ne!(there.run(["log", "desk/before"]).code, 0, "it is gone where it was made");
    assert!(
        there.ok("list --all --subagents").stdout.contains("agent of"),
        "{there:?}",
        there = there.ok("list --all --subagents")
    );
}

#[test]
fn a_name_means_the_same_point_wherever_it_is_read() {
    let shared = Shared::new();
    let (home, there) = (shared.machine("desk"), shared.machine("laptop"));
    written(1, &["one", "two"]).put(&home);
    home.ok("-q record");
    home.ok(&format!("save keypoint {}~1", id(1)));
    // What Codex is given with it: the session's name.
    home.name(&id(1), "keypoint");
    home.ok("push");
    there.ok("pull");
    there.name(&id(1), "keypoint");
    for machine in [&home, &there] {
        assert_eq!(turns(machine, "keypoint"), ["one"]);
    }
    assert!(there.ok("saves").stdout.starts_with("desk/keypoint "), "{:?}", there.ok("saves"));
    assert_eq!(turns(&there, "desk/keypoint"), ["one"]);
    there.name(&id(1), "another-name");
    assert_eq!(turns(&there, "another-name"), ["one", "two"]);
}

#[test]
fn a_new_name_travels_without_a_new_turn() {
    let shared = Shared::new();
    let (home, there) = (shared.machine("desk"), shared.machine("laptop"));
    go_on(&home, 1, &["one"]);
    for name in ["first", "second"] {
        home.name(&id(1), name);
        home.ok("push");
        there.ok("pull");
        assert_eq!(there.ok("list --all --json").json()[0]["name"], name);
        assert_eq!(turns(&there, name), ["one"]);
    }
    // What Codex calls it there goes before that.
    there.name(&id(1), "third");
    assert_eq!(there.ok("list --all --json").json()[0]["name"], "third");
}

#[test]
fn a_save_travels_whoever_tells_of_its_session() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    go_on(&here, 1, &["one", "two"]);
    here.ok(&format!("save mine {}~1", id(1)));
    here.ok("push");
    there.ok("pull");
    there.ok(&format!("save theirs {}", id(1)));
    assert!(there.ok("push").stderr.contains("and 1 save to origin"));
    go_on(&here, 2, &["other"]);
    here.ok("sync");
    there.ok("sync");
    assert_eq!(turns(&here, "laptop/theirs"), ["one", "two"]);
    assert_eq!(turns(&there, "desk/mine"), ["one"]);
}

#[test]
fn machines_that_are_called_the_same_are_told_apart() {
    let shared = Shared::new();
    let (here, there, third) = (shared.machine("vm"), shared.machine("vm"), shared.machine("vm"));
    go_on(&here, 1, &["one"]);
    here.ok("push");
    for (home, prompt) in [(&there, "there"), (&third, "third")] {
        home.ok("pull");
        home.ok(&format!("-q restore {}", id(1)));
        go_on(home, 1, &["one", prompt]);
    }
    there.ok("push");
    go_on(&here, 1, &["one", "here"]);
    let told = here.ok("pull");
    assert!(told.stderr.contains(&format!("fork {}@{{vm}}", &id(1)[..13])), "{told:?}");
    assert_eq!(turns(&here, &format!("{}@{{vm}}", id(1))), ["one", "there"], "another one is meant");
    third.ok("push");
    let told = here.ok("pull");
    let hint = told.stderr.lines().find_map(|line| line.strip_prefix("hint: codex-git ")).expect(&told.stderr);
    let fork = here.ok(&hint.split("  # ").next().unwrap().replace('\'', "")).stdout;
    assert_eq!(turns(&here, fork.trim()), ["one", "third"]);
    let told = here.run(["log", &format!("{}@{{vm}}", id(1))]);
    assert!(told.code == 1 && told.stderr.contains("several machines are called `vm`"), "{told:?}");
    let hint = told.stderr.lines().find_map(|line| line.strip_prefix("hint: codex-git ")).expect(&told.stderr);
    let told = here.run(hint.split(' ').map(|word| word.trim_matches('\'')));
    assert!(told.stdout.contains("one"), "{told:?}");
}

#[test]
fn two_pushes_of_one_store_at_once_are_both_done() {
    let shared = Shared::new();
    let here = shared.machine("desk");
    go_on(&here, 1, &["one"]);
    for round in 0..4 {
        go_on(&here, 10 + round, &["more"]);
        let start = || here.command().arg("push").stderr(std::process::Stdio::piped()).spawn().unwrap();
        for child in [start(), start(), start()] {
            let told = child.wait_with_output().unwrap();
            assert!(told.status.success(), "round {round}: {}", String::from_utf8_lossy(&told.stderr));
        }
    }
    assert_eq!(shared.git("for-each-ref").lines().count(), 2, "one machine");
    let there = shared.machine("laptop");
    there.ok("pull");
    assert_eq!(ends(&there), ends(&here));
}

#[test]
fn of_a_session_that_has_not_ended_its_turn_all_lines_travel() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    written(1, &["one"]).open("two").put(&here);
    here.ok("push");
    there.ok("pull");
    assert_eq!(ends(&there), ends(&here));
    assert!(ends(&here).contains("refs/open/"));
    go_on(&here, 1, &["one", "two", "three"]);
    here.ok("push");
    assert_eq!(outcomes(&there.ok("--json pull")), ["longer"]);
    assert_eq!(ends(&there), ends(&here));
}

#[test]
fn what_a_remote_has_is_listed_without_fetching_it() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    go_on(&here, 1, &["one", "two"]);
    go_on(&there, 2, &["other"]);
    here.ok("push");
    there.ok("push");
    let listed = there.ok("list --remote").stdout;
    assert!(listed.contains("desk") && listed.contains("(only there) one") && listed.contains("laptop"), "{listed}");
    let told = there.ok("--json list --remote origin").json();
    assert_eq!(told.len(), 2);
    assert_eq!(told.iter().filter(|one| one["here"] == true).count(), 1);
    assert!(there.git("for-each-ref refs/heads").lines().count() == 1, "nothing was fetched");
}

#[test]
fn sync_pulls_and_pushes() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    go_on(&here, 1, &["one"]);
    go_on(&there, 2, &["two"]);
    here.ok("sync");
    there.ok("sync");
    here.ok("sync");
    assert_eq!(ends(&here), ends(&there));
}

#[test]
fn a_push_that_was_killed_half_way_is_finished_by_the_next() {
    let shared = Shared::new();
    shared.git("config receive.advertiseAtomic false");
    let here = shared.machine("desk");
    go_on(&here, 1, &["one"]);
    here.ok("push");
    let before = shared.git("for-each-ref");
    go_on(&here, 1, &["one", "two"]);
    here.ok("push");
    // What keeps is there, and what tells of it is not: git moves one ref after the other.
    let index = before.lines().find(|line| line.ends_with("/index")).unwrap();
    let name = index.rsplit('\t').next().unwrap();
    git(&["--git-dir", &shared.address(), "update-ref", name, &index[..40]]);
    let side = here.store().join("remotes/origin.git");
    git(&["--git-dir", side.to_str().unwrap(), "update-ref", "refs/own/index", &index[..40]]);
    go_on(&here, 1, &["one", "two", "three"]);
    here.ok("push");
    let there = shared.machine("laptop");
    there.ok("pull");
    assert_eq!(ends(&there), ends(&here));
}

#[test]
fn what_is_known_of_a_remote_may_be_lost() {
    let shared = Shared::new();
    let here = shared.machine("desk");
    go_on(&here, 1, &["one"]);
    here.ok("push");
    std::fs::remove_dir_all(here.store().join("remotes")).unwrap();
    assert!(here.ok("push").stderr.contains("nothing new"), "what is there tells it");
    std::fs::remove_dir_all(here.store().join("remotes")).unwrap();
    go_on(&here, 1, &["one", "two"]);
    here.ok("push");
    let there = shared.machine("laptop");
    there.ok("pull");
    assert_eq!(ends(&there), ends(&here));
    std::fs::write(there.store().join("remotes/origin.git/HEAD"), "damaged").unwrap();
    go_on(&here, 1, &["one", "two", "three"]);
    here.ok("push");
    there.ok("pull");
    assert_eq!(ends(&there), ends(&here));
}

#[test]
fn a_remote_that_lost_what_was_pushed_gets_it_again_only_when_asked() {
    let shared = Shared::new();
    let here = shared.machine("desk");
    go_on(&here, 1, &["one"]);
    here.ok("push");
    let refs = shared.git("for-each-ref --format=%(refname)");
    refs.lines().for_each(|name| drop(git(&["--git-dir", &shared.address(), "update-ref", "-d", name])));
    go_on(&here, 1, &["one", "two"]);
    let told = here.run(["push"]);
    assert_eq!(told.code, 1);
    assert!(told.stderr.contains("no longer holds what this machine pushed there"), "{told:?}");
    assert!(told.stderr.contains("hint: codex-git push origin --anew"), "{told:?}");
    assert_eq!(shared.git("for-each-ref"), "");
    here.ok("push --anew");
    let there = shared.machine("laptop");
    there.ok("pull");
    assert_eq!(ends(&there), ends(&here));
}

#[test]
fn a_remote_that_lost_what_keeps_the_turns_says_so_and_gets_them_again() {
    let shared = Shared::new();
    let here = shared.machine("desk");
    go_on(&here, 1, &["one"]);
    here.ok("push");
    let refs = shared.git("for-each-ref --format=%(refname)");
    let keep = refs.lines().find(|name| name.ends_with("/keep")).unwrap();
    shared.git(&format!("update-ref -d {keep}"));
    shared.git("gc -q --prune=now");
    let told = here.run(["sync"]);
    assert!(told.code == 1 && told.stderr.contains("no longer holds what this machine pushed"), "{told:?}");
    assert!(told.stderr.contains("codex-git push origin --anew"), "{told:?}");
    here.ok("push origin --anew");
    let there = shared.machine("laptop");
    there.ok("pull");
    assert_eq!(ends(&there), ends(&here));
    assert!(here.ok("push").stderr.contains("nothing new"));
}

#[test]
fn a_copy_of_a_machine_becomes_another_machine() {
    let shared = Shared::new();
    let here = shared.machine("desk");
    go_on(&here, 1, &["one"]);
    here.ok("push");
    let copy = here.copy();
    go_on(&here, 1, &["one", "here"]);
    here.ok("push");
    go_on(&copy, 2, &["copied"]);
    let told = copy.ok("push");
    assert!(told.stderr.contains("this one has a new id"), "{told:?}");
    assert!(copy.ok("pull").stderr.contains("+1 turn"), "what the other has comes in");
    assert!(here.ok("pull").stderr.contains("new, 1 turn"), "and goes there");
    assert_eq!(shared.git("for-each-ref").lines().count(), 4);
}

#[test]
fn a_session_that_was_taken_back_is_in_nothing_that_this_machine_has_there() {
    for hook in ["exit 0", ONLY_FORWARD] {
        let shared = Shared::new();
        shared.hook(hook);
        let here = shared.machine("desk");
        go_on(&here, 1, &["one"]);
        go_on(&here, 2, &["mistake"]);
        here.ok("push");
        let tip = here.git(&format!("rev-parse refs/heads/{}", id(2)));
        let told = here.ok(&format!("unshare {}", id(2)));
        assert!(
            told.stderr.contains("is taken back from origin") && told.stderr.contains("may keep"),
            "{denies:?}{told:?}",
            denies = hook
        );
        assert!(!shared.git("rev-list --all").contains(tip.trim()), "no ref leads there");
        go_on(&here, 2, &["mistake", "more"]);
        here.ok("push");
        let there = shared.machine("laptop");
        there.ok("pull");
        assert_eq!(turns(&there, &id(1)), ["one"]);
        assert!(!there.git("for-each-ref").contains(&id(2)), "it does not go there again");
        let refused = here.run(["push", "origin", &id(2)]);
        assert!(refused.code == 1 && refused.stderr.contains("it is excluded"), "{refused:?}");
        assert!(here.ok(&format!("unshare {}", id(2))).stderr.contains("was not at origin"));
    }
}

#[test]
fn a_remote_that_lets_nothing_go_says_so() {
    let shared = Shared::new();
    shared.hook(&format!("{ONLY_FORWARD}\ntest \"${{3#0000000}}\" = \"$3\""));
    let here = shared.machine("desk");
    go_on(&here, 1, &["mistake"]);
    here.ok("push");
    let told = here.run(["unshare", &id(1)]);
    assert!(told.code == 1 && told.stderr.contains("takes nothing back"), "{told:?}");
}

/// Lets refs be made, go, and move forward.
pub(super) const ONLY_FORWARD: &str = r#"case "$2$3" in *0000000000000000000000000000000000000000*) ;; *) git merge-base --is-ancestor "$2" "$3" || exit 1;; esac"#;

#[test]
fn what_a_session_started_and_what_took_it_over_are_not_forgotten_when_it_is_taken_back() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    let parent = written(1, &["one", "two"]);
    parent.put(&here);
    Written::agent(2, &parent).turn("do a part").put(&here);
    Written::fork(3, &parent, 1).turn("on").put(&here);
    here.ok("-q record");
    here.ok(&format!("save kept {}", id(3)));
    here.ok("push");
    // The other machine goes on, so that this one tells of it no longer, and keeps it all the same.
    there.ok("pull");
    there.ok(&format!("-q restore {}", id(1)));
    go_on(&there, 1, &["one", "two", "three"]);
    there.ok(&format!("remote set origin --drop all --share session:{}", id(1)));
    there.ok("push");
    here.ok("pull");
    here.ok("push");
    let told = here.ok(&format!("unshare {}", id(1)));
    assert!(
        told.stderr.contains("but for turns that others took over") && told.stderr.contains("01a20f86-0003"),
        "{told:?}"
    );
    let keep = shared.git("for-each-ref --format=%(refname)");
    let machine = here.git("config codexgit.machine").trim().to_owned();
    let keep = keep.lines().find(|name| name.contains(&machine) && name.ends_with("/keep")).unwrap();
    let kept = shared.git(&format!("rev-list {keep}"));
    let tip = |number: u32| here.git(&format!("rev-parse refs/heads/{}", id(number))).trim().to_owned();
    assert!(!kept.contains(&tip(1)) && !kept.contains(&tip(2)) && kept.contains(&tip(3)));
    let third = shared.machine("third");
    third.ok("pull");
    assert_eq!(turns(&third, "kept"), ["one", "on"], "saves of what stays are kept");
}

#[test]
fn one_conversation_is_put_at_a_remote_for_those_who_know_of_it() {
    let shared = Shared::new();
    let here = Home::empty();
    here.ok("init -q --no-hooks");
    go_on(&here, 1, &["one", "two", "three"]);
    here.ok(&format!("remote add origin {}", shared.address()));
    let told = here.ok(&format!("share {}~1 --to origin", id(1)));
    let link = told.stdout.trim().to_owned();
    assert!(told.stderr.contains("put 2 turns of 01a20f86-0001 at origin") && link.contains('#'), "{told:?}");
    let there = shared.machine("laptop");
    assert!(there.ok("list --remote").stderr.contains("no machine has a session there"), "nobody tells of it");
    let taken = there.run(["import", &link]);
    assert_eq!((taken.code, taken.stdout.trim()), (0, id(1).as_str()), "{taken:?}");
    assert_eq!(turns(&there, &id(1)), ["one", "two"]);
    assert!(there.run(["import", &link]).stderr.contains("all of it was here already"));
    for (bad, code, why) in [
        ("0123456789012345678901234567890123456789", 1, "not our ref"),
        (&link[link.len() - 39..], 2, "is not the whole id of a commit"),
    ] {
        let told = there.run(["import", &format!("{}#{bad}", shared.address())]);
        assert!(told.code == code && told.stderr.contains(why), "{bad}: {told:?}");
    }
    // What this machine pushes later keeps it there; taken back, it is gone.
    here.ok("remote set origin --share all");
    here.ok("push");
    here.ok(&format!("unshare {}", id(1)));
    assert!(!shared.git("rev-list --all").contains(link.split('#').nth(1).unwrap()));
}

#[cfg(target_os = "linux")]
#[test]
fn what_codex_has_open_gains_its_turns_when_it_is_closed_unless_it_went_on_there() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("laptop"));
    for number in [1, 2] {
        go_on(&here, number, &["one"]);
    }
    here.ok("push");
    there.ok("pull");
    for number in [1, 2] {
        there.ok(&format!("-q restore {}", id(number)));
        go_on(&there, number, &["one", "elsewhere"]);
    }
    there.ok("push");
    let open = |number: u32| {
        let path = here.place(&format!("rollout-2026-11-24T21-46-09-{}.jsonl", id(number)));
        let input = std::process::Stdio::from(std::fs::File::open(path).unwrap());
        std::process::Command::new("sleep").arg("120").stdin(input).spawn().unwrap()
    };
    let holders = [open(1), open(2)];
    let told = here.ok("pull");
    assert_eq!(told.stderr.matches("open in Codex: 1 turn from laptop").count(), 2, "{told:?}");
    assert!(here.ok("pull").stderr.contains("nothing new"));
    here.ok("list --all");
    assert_eq!(turns(&here, &id(1)), ["one"], "it stays what it is");
    // One of them goes on here. The file stays the same one.
    let path = here.place(&format!("rollout-2026-11-24T21-46-09-{}.jsonl", id(2)));
    let whole = here.work().join("whole");
    let other = Home::empty();
    written(2, &["one", "here"]).put(&other);
    std::fs::copy(other.place(&format!("rollout-2026-11-24T21-46-09-{}.jsonl", id(2))), &whole).unwrap();
    std::fs::write(&path, std::fs::read(&whole).unwrap()).unwrap();
    here.ok("-q record");
    for mut holder in holders {
        holder.kill().unwrap();
        holder.wait().unwrap();
    }
    let told = here.ok("list --all");
    assert!(told.stderr.contains("added 1 turn to 01a20f86-0001"), "{told:?}");
    assert!(!told.stderr.contains("rewritten"), "{told:?}");
    assert_eq!(turns(&here, &id(1)), ["one", "elsewhere"]);
    assert_eq!(turns(&here, &id(2)), ["one", "here"]);
    assert_eq!(turns(&here, &format!("{}@{{laptop}}", id(2))), ["one", "elsewhere"]);
    assert_eq!(here.ok("strands --json").json().len(), 1);
    assert_eq!(here.ok("verify").code, 0);
}

#[test]
fn what_a_machine_left_behind_that_is_gone_is_taken_out_once_all_of_it_is_here() {
    let shared = Shared::new();
    let (here, there) = (shared.machine("desk"), shared.machine("old"));
    go_on(&there, 1, &["one"]);
    go_on(&here, 2, &["two"]);
    there.ok("push");
    here.ok("push");
    let early = here.run(["unshare", "--machine", "old"]);
    assert!(early.code == 1 && early.stderr.contains("`old` has 1 session there that this store has not"), "{early:?}");
    here.ok("pull");
    for name in ["nobody", "desk"] {
        let told = here.run(["unshare", "--machine", name]);
        assert!(
            told.code == 1 && told.stderr.contains("no other machine is called") && told.stderr.contains("(old)"),
            "{told:?}"
        );
    }
    here.ok("unshare --machine old");
    assert_eq!(shared.git("for-each-ref").lines().count(), 2, "its own refs");
    assert_eq!(turns(&here, &id(1)), ["one"]);
    // It goes on from here, as it would from the machine that is gone.
    here.ok("push");
    let third = shared.machine("third");
    third.ok("pull");
    assert_eq!(turns(&third, &id(1)), ["one"]);
}
