//! A masked fork goes in the place of a session that is held back.

use super::{Shared, git, go_on, turns};
use crate::support::Home;
use crate::support::story::{Written, id};

/// A token that is none, made where no scanner of sources finds it.
fn token(letter: char) -> String {
    ["ghp", "_", &letter.to_string(), "1b2C3d4E5f6G7h8I9j0", "K1l2M3n4O5p6Q7r8"].concat()
}

fn leaky(letter: char) -> Written {
    let mut session = Written::new(2).turn("zebra crossing");
    session.open_turn(&format!("print {}", token(letter)));
    session.command("cat .env", &format!("TOKEN={}", token(letter)), 0);
    session.close()
}

fn put(home: &Home, session: &Written) {
    session.put(home);
    home.ok("-q record");
}

/// Where a session's rollout is.
fn rollout(home: &Home, id: &str) -> std::path::PathBuf {
    let mut folders = vec![home.path().join("sessions")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false if path.to_str().unwrap().contains(id) => return path,
                false => {}
            }
        }
    }
    panic!("{id} has no rollout");
}

/// The masked forks that a machine tells of.
fn masked(home: &Home) -> Vec<String> {
    let listed = home.ok("list --remote --json").json();
    let ids = listed.iter().filter_map(|line| Some(line["session"].as_str()?.to_owned()));
    ids.filter(|id| id.as_bytes()[14] == b'8').collect()
}

#[test]
fn all_of_the_session_goes_but_its_secrets_and_its_id_goes_nowhere_else() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    go_on(&home, 1, &["harmless"]);
    put(&home, &leaky('A'));
    let head = home.git("symbolic-ref HEAD");
    let told = home.ok("push --mask");
    assert_eq!(home.git("symbolic-ref HEAD"), head, "plain git shows what somebody works in");
    assert!(told.stderr.contains("goes masked, as ") && told.stderr.contains("pushed 2 sessions"), "{told:?}");
    assert!(!shared.holds(&token('A')) && !shared.holds(&token('A')[..12]) && shared.holds("zebra crossing"));
    let there = shared.machine("laptop");
    there.ok("pull");
    let [fork] = &masked(&there)[..] else { panic!("{:?}", there.ok("list --remote --json")) };
    assert_eq!(turns(&there, fork)[0], "zebra crossing");
    assert!(turns(&there, fork)[1].starts_with("print [masked*"), "{:?}", turns(&there, fork));
    assert!(there.ok("list --all").stdout.contains("masked fork of"));
    there.ok(&format!("-q restore {fork}"));
    there.ok("-q record");
    assert!(there.ok("verify").stderr.contains("2 sessions"), "{:?}", there.ok("verify"));

    assert!(home.ok("push --mask").stderr.contains("nothing new"));
    let again = home.run(["push"]);
    assert!(again.code == 1 && again.stderr.contains("held back"), "without it, it is told: {again:?}");
    assert_eq!(masked(&there).len(), 1);
}

#[test]
fn it_goes_on_as_its_session_does_and_is_another_one_when_more_is_found() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    put(&home, &leaky('A'));
    home.ok("push --mask");
    let there = shared.machine("laptop");
    there.ok("pull");
    let first = masked(&there);
    put(&home, &leaky('A').turn("giraffe"));
    home.ok("push --mask");
    assert!(there.ok("pull").stderr.contains("+1 turn from desk"));
    assert_eq!((masked(&there), turns(&there, &first[0]).len()), (first.clone(), 3));

    put(&home, &leaky('A').turn("giraffe").turn(&format!("and {}", token('B'))));
    home.ok("push --mask");
    assert!(!shared.holds(&token('B')[..12]));
    let second = masked(&there);
    assert!(second.len() == 1 && second != first, "{second:?}");
}

#[test]
fn a_dry_run_makes_none_and_json_names_it() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    put(&home, &leaky('A'));
    let would = home.ok("push --mask -n");
    assert!(would.stderr.contains("would go masked") && !would.stderr.contains("besides"), "{would:?}");
    assert!(home.run(["push"]).stderr.contains("nothing new for origin"), "all of it is held back");
    assert_eq!(home.ok("list --all --json").json().len(), 1);
    let pushed = home.ok("push --mask --json").json();
    let held = pushed.iter().find(|line| line["session"] == id(2)).unwrap();
    assert_eq!((&held["held"], &held["maskedAs"]), (&true.into(), &pushed[0]["session"]));
}

#[test]
fn what_one_session_knows_is_masked_in_all_and_an_id_goes_by_what_is_in_its_session() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    put(&home, &leaky('A'));
    home.ok("push --mask");
    let there = shared.machine("laptop");
    let alone = masked(&there);
    // Another session has another secret, and the beginning of the first one's.
    put(&home, &Written::new(3).turn(&format!("{} and {} as before", token('B'), &token('A')[..20])));
    home.ok("push --mask");
    let both = masked(&there);
    assert!(both.len() == 2 && both.contains(&alone[0]), "{both:?}");
    assert!(!shared.holds(&token('A')[..12]) && shared.holds("as before"));
}

#[test]
fn what_is_continued_elsewhere_comes_back() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    put(&home, &leaky('A'));
    home.ok("push --mask");
    let there = shared.machine("laptop");
    there.ok("pull");
    let fork = masked(&there).remove(0);
    there.ok(&format!("-q restore {fork}"));
    type_into(&there, &fork, "and here");
    assert!(there.ok("push").stderr.contains("pushed 1 session"), "it is a session like any other there");
    assert!(home.ok("pull").stderr.contains("+1 turn from laptop"));
}

/// Goes on with a session in its rollout.
fn type_into(home: &Home, session: &str, prompt: &str) {
    let elsewhere = Home::empty();
    Written::new(9).turn(prompt).put(&elsewhere);
    let path = rollout(home, session);
    let text = std::fs::read_to_string(&path).unwrap();
    let added = std::fs::read_to_string(rollout(&elsewhere, &id(9))).unwrap();
    std::fs::write(&path, text + added.split_once('\n').unwrap().1).unwrap();
    home.ok("-q record");
}

#[test]
fn one_that_went_on_elsewhere_is_never_written_again_and_its_turns_go_to_no_other_remote() {
    let (shared, other) = (Shared::new(), Shared::new());
    let home = shared.machine("desk");
    put(&home, &leaky('A'));
    home.ok("push --mask");
    let there = shared.machine("laptop");
    there.ok("pull");
    let first = masked(&there).remove(0);
    there.ok(&format!("-q restore {first}"));
    type_into(&there, &first, "typed on the laptop");
    there.ok("push");
    home.ok("pull");
    let went_on = turns(&home, &first);
    assert_eq!(went_on[2], "typed on the laptop");

    put(&home, &leaky('A').turn("giraffe"));
    let told = home.ok("push --mask").stderr;
    assert_eq!((turns(&home, &first), home.ok("-q verify").code), (went_on.clone(), 0), "{told}");
    there.ok("pull");
    assert_eq!(turns(&there, &first), went_on);
    let second: Vec<String> = masked(&there).into_iter().filter(|id| *id != first).collect();
    assert_eq!((second.len(), &turns(&there, &second[0])[2]), (1, &"giraffe".to_owned()));

    home.ok(&format!("-q remote add other {} --share session:{}", other.address(), id(2)));
    home.ok("push other --mask");
    assert!(other.holds("giraffe") && !other.holds("typed on the laptop"));
    assert!(home.ok("push --mask").stderr.contains("nothing new"));
}

#[test]
fn one_that_is_gone_on_with_here_is_never_written_again() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    put(&home, &leaky('A'));
    home.ok("push --mask");
    let first = masked(&home).remove(0);
    home.ok(&format!("-q restore {first}"));
    type_into(&home, &first, "typed into it");
    for prompt in ["giraffe", "lion"] {
        put(
            &home,
            &if prompt == "lion" { leaky('A').turn("giraffe").turn("lion") } else { leaky('A').turn("giraffe") },
        );
        home.ok("push --mask");
        assert!(home.ok("push --mask").stderr.contains("nothing new"), "after {prompt}");
        assert_eq!((turns(&home, &first).len(), &turns(&home, &first)[2]), (3, &"typed into it".to_owned()));
    }
    let there = shared.machine("laptop");
    there.ok("pull");
    let others: Vec<String> = masked(&there).into_iter().filter(|id| *id != first).collect();
    assert_eq!((others.len(), turns(&there, &others[0]).len()), (1, 4));
}

#[test]
fn keys_of_one_kind_leave_each_other_alone() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    let key = |letter: &str| {
        let lines: String = (0..5).map(|line| format!("{}{line}xY+/zQw7\n", letter.repeat(54))).collect();
        let (begin, end) = (["-----BEGIN ", "PRIVATE KEY-----"].concat(), ["-----END ", "PRIVATE KEY-----"].concat());
        format!("{begin}\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC{letter}4u\n{lines}{end}")
    };
    put(&home, &Written::new(2).turn(&key("aB3dE5fG7h")[..500]));
    home.ok("push --mask");
    let first = masked(&home);
    put(&home, &Written::new(3).turn(&key("Kl9mN1pQ2r")[..500]));
    home.ok("push --mask");
    assert!(masked(&home).len() == 2 && masked(&home).contains(&first[0]), "{first:?}");
}

#[test]
fn a_session_that_may_go_needs_no_masked_fork() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    put(&home, &leaky('A'));
    home.ok("push --mask");
    let told = home.run(["push"]);
    let fingerprint = told.stderr.split("fingerprint ").nth(1).unwrap()[..12].to_owned();
    home.ok(&format!("secrets allow {fingerprint} --note test"));
    let pushed = home.ok("push");
    assert!(pushed.stderr.contains("no longer tells of 1 session") && pushed.stderr.contains("unshare"), "{pushed:?}");
    let there = shared.machine("laptop");
    assert!(masked(&there).is_empty());
    put(&home, &Written::new(3).turn(&format!("another one: {}", token('B'))));
    home.ok("push --mask");
    assert_eq!(masked(&there).len(), 1, "only that of what is held back");
}

#[test]
fn no_rule_sends_it_elsewhere_and_what_excludes_its_session_takes_it_back() {
    let (shared, other) = (Shared::new(), Shared::new());
    let home = shared.machine("desk");
    put(&home, &leaky('A'));
    home.ok("push --mask");
    home.ok(&format!("-q remote add other {} --share all", other.address()));
    assert_eq!(home.run(["push", "other"]).code, 1);
    assert!(!other.holds("zebra"));
    home.ok(&format!("unshare {} origin", id(2)));
    let there = shared.machine("laptop");
    assert!(masked(&there).is_empty());
}

#[test]
fn what_can_not_be_masked_is_held_back() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    let store = home.store();
    git(&["--git-dir", store.to_str().unwrap(), "config", "codexgit.rule", "kind session_meta"]);
    put(&home, &leaky('A'));
    let told = home.run(["push", "--mask"]);
    assert!(told.code == 1 && told.stderr.contains("1 session is held back"), "{told:?}");
    assert!(told.stderr.contains("not all that is secret in session"), "{told:?}");
    assert_eq!(home.ok("list --all --json").json().len(), 1, "nothing is made that can't go");
    assert!(!shared.holds("zebra") && masked(&home).is_empty());
}

#[test]
fn a_masked_fork_that_a_link_leads_to_is_taken_back_with_its_session() {
    let shared = Shared::new();
    let home = shared.machine("desk");
    put(&home, &leaky('A'));
    let link = home.ok(&format!("share {} --mask --to origin", id(2))).stdout.trim().to_owned();
    let import = |link: &str| {
        shared.git("gc -q --prune=now");
        let there = Home::empty();
        there.ok("init -q --no-hooks");
        there.run(["import", link])
    };
    assert_eq!(import(&link).code, 0);
    let told = home.ok(&format!("unshare {}", id(2)));
    assert!(told.stderr.contains("is taken back from origin"), "{told:?}");
    assert!(import(&link).stderr.contains("not our ref"));
}
