//! Conversations that are put at a remote for those who get their links, and what becomes of the others when one is taken back.

use super::between::ONLY_FORWARD;
use super::{Shared, go_on, turns, written};
use crate::support::Home;
use crate::support::story::{Written, id};

/// A machine that shares nothing by a rule.
fn machine(shared: &Shared) -> Home {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    home.ok(&format!("-q remote add origin {}", shared.address()));
    home
}

fn link(home: &Home, words: &str) -> String {
    home.ok(&format!("share {words} --to origin")).stdout.trim().to_owned()
}

/// Whether somebody who has a link gets what it is to, once the host let go of all that no ref names.
fn leads_there(shared: &Shared, link: &str) -> bool {
    shared.git("gc -q --prune=now");
    let there = Home::empty();
    there.ok("init -q --no-hooks");
    let told = there.run(["import", link]);
    assert!(told.code == 0 || told.stderr.contains("not our ref"), "{told:?}");
    told.code == 0
}

#[test]
fn the_links_to_all_else_lead_there_when_a_session_is_taken_back() {
    for hook in ["exit 0", ONLY_FORWARD] {
        let shared = Shared::new();
        shared.hook(hook);
        let here = machine(&shared);
        (1..=4).for_each(|number| go_on(&here, number, &["one", "two"]));
        let links: Vec<String> = (1..=3).map(|number| link(&here, &id(number))).collect();
        let part = link(&here, &format!("{}~1", id(2)));
        assert!(here.ok(&format!("unshare {}", id(1))).stderr.contains("is taken back from origin"));
        assert!(!leads_there(&shared, &links[0]), "{hook}");
        assert!(
            leads_there(&shared, &links[1]) && leads_there(&shared, &links[2]) && leads_there(&shared, &part),
            "{hook}"
        );
        // What is pushed later, and another one that is taken back, changes nothing of that.
        here.ok(&format!("push origin {}", id(4)));
        assert!(here.ok(&format!("unshare {}", id(2))).stderr.contains("is taken back from origin"));
        assert!(
            !leads_there(&shared, &links[0]) && !leads_there(&shared, &links[1]) && !leads_there(&shared, &part),
            "{hook}"
        );
        assert!(leads_there(&shared, &links[2]), "{hook}");
        let there = shared.machine("laptop");
        there.ok("pull");
        assert_eq!(there.ok("list --all --json").json().len(), 1, "what is told is told still");
    }
}

#[test]
fn a_link_that_was_cut_short_is_said_to_be() {
    let shared = Shared::new();
    let here = machine(&shared);
    go_on(&here, 1, &["one"]);
    let link = link(&here, &id(1));
    let (address, commit) = link.rsplit_once('#').unwrap();
    for cut in [&commit[..8], "", "what"] {
        let told = here.run(["import", &format!("{address}#{cut}")]);
        let words = format!("error: what follows the `#` of `{address}` is not the whole id of a commit\n");
        assert!(told.code == 2 && told.stderr.starts_with(&words), "{told:?}");
        assert!(told.stderr.contains(&format!("hint: codex-git import '{address}#COMMIT'")), "{told:?}");
    }
    let told = here.run(["import", "git@example.org:a/b.git#deadbeef"]);
    assert!(told.stderr.contains("of `git@example.org:a/b.git` is not the whole id"), "{told:?}");
    assert!(here.run(["import", "no#file"]).stderr.contains("can't read the file"));
}

#[test]
fn a_link_to_what_took_over_turns_is_told_when_these_are_taken_back() {
    let shared = Shared::new();
    let here = machine(&shared);
    let parent = written(1, &["one", "two"]);
    parent.put(&here);
    Written::fork(3, &parent, 1).turn("on").put(&here);
    here.ok("-q record");
    let links = [link(&here, &id(1)), link(&here, &id(3))];
    let told = here.ok(&format!("unshare {}", id(1)));
    assert!(told.stderr.contains("but for turns that others took over") && told.stderr.contains("-0003"), "{told:?}");
    assert!(!leads_there(&shared, &links[0]) && leads_there(&shared, &links[1]));
    here.ok(&format!("unshare {}", id(3)));
    assert!(!leads_there(&shared, &links[1]));
    assert!(here.ok(&format!("unshare {}", id(1))).stderr.contains("was not at origin"));
}

#[test]
fn a_remote_that_lost_all_gets_links_again_when_asked() {
    let shared = Shared::new();
    let here = machine(&shared);
    [1, 2].into_iter().for_each(|number| go_on(&here, number, &["one", "two"]));
    here.ok(&format!("push origin {}", id(1)));
    let link = link(&here, &id(2));
    let refs = shared.git("for-each-ref --format=%(refname)");
    refs.lines().for_each(|name| drop(shared.git(&format!("update-ref -d {name}"))));
    assert!(!leads_there(&shared, &link));
    here.ok("push --anew");
    assert!(leads_there(&shared, &link));
    let other = shared.machine("laptop");
    other.ok("pull");
    assert_eq!(turns(&other, &id(1)), ["one", "two"]);
    assert_eq!(other.ok("list --all --json").json().len(), 1, "no pull takes in what only a link leads to");
}
