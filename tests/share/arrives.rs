//! What arrives, and what becomes of it.

use std::fs;

use super::{fresh, import, outcome, share};
use crate::support::story::{Written, id};
use crate::support::{Fixture, Home};

fn written(turns: &[&str]) -> Written {
    turns.iter().fold(Written::new(1), |session, prompt| session.turn(prompt))
}

/// A home with a session of these turns, recorded.
fn with(turns: &[&str]) -> Home {
    let home = fresh();
    go_on(&home, turns);
    home
}

/// The session has these turns in a home, from now on.
fn go_on(home: &Home, turns: &[&str]) {
    written(turns).put(home);
    home.ok("-q record");
}

fn rollout(home: &Home) -> Vec<u8> {
    home.ok(&format!("-q restore {}", id(1)));
    let told = home.ok(&format!("--json restore {}", id(1)));
    fs::read(told.json()[0]["rolloutPath"].as_str().unwrap()).unwrap()
}

#[test]
fn every_session_of_every_era_arrives_with_the_same_commits() {
    let all = Fixture::all();
    let home = Home::with(&all.iter().map(String::as_str).collect::<Vec<_>>());
    home.ok("init -q --no-hooks");
    let other = fresh();
    for session in home.ok("list --all --json").json() {
        if session["turns"] == 0 {
            continue;
        }
        let session = session["session"].as_str().unwrap();
        assert_eq!(outcome(&other, &share(&home, session, "it.bundle")), "new", "{session}");
        let heads = format!("for-each-ref refs/heads/{session} refs/open/{session}");
        assert_eq!(other.git(&heads), home.git(&heads), "{session}");
        let bytes = |home: &Home| home.ok(&format!("show --raw {session}")).stdout;
        assert_eq!(bytes(&other), bytes(&home), "{session}");
    }
    assert_eq!(other.ok("verify").code, 0);
}

#[test]
fn a_conversation_arrives_turn_by_turn_in_whatever_order() {
    let home = with(&["one", "two", "three"]);
    let file = |back: usize| share(&home, &format!("{}~{back}", id(1)), &format!("{back}.bundle"));
    let files: Vec<_> = (0..3).map(file).collect();
    let other = fresh();
    assert_eq!(outcome(&other, &files[2]), "new");
    assert_eq!(outcome(&other, &files[2]), "known");
    assert_eq!(outcome(&other, &files[0]), "longer");
    assert_eq!(outcome(&other, &files[1]), "known");
    let earlier = import(&other, &files[1]);
    assert_eq!(
        earlier.stdout.trim(),
        other.git(&format!("rev-parse {}~1", id(1))).trim(),
        "it means what is in the file"
    );
    assert_eq!(other.git("for-each-ref refs/heads"), home.git("for-each-ref refs/heads"));
}

#[test]
fn what_went_on_elsewhere_goes_on_here_and_its_rollout_gains_it() {
    let (here, there) = (with(&["one", "two"]), fresh());
    let imported = import(&there, &share(&here, &id(1), "it.bundle"));
    assert_eq!((imported.code, imported.stdout.trim()), (0, id(1).as_str()), "{imported:?}");
    assert!(imported.stderr.contains("2 turns, new here"), "{imported:?}");
    there.ok(&format!("restore {}", id(1)));
    go_on(&there, &["one", "two", "three", "four"]);
    let back = share(&there, &id(1), "back.bundle");
    let dry = here.run(["import".as_ref(), "-n".as_ref(), back.as_os_str()]);
    assert!(dry.stderr.contains("would import") && dry.stderr.contains("2 turns more than here"), "{dry:?}");
    assert_eq!(here.ok(&format!("--json log {}", id(1))).stdout.lines().count(), 2);
    let told = import(&here, &back);
    assert!(told.stderr.contains("2 turns more than here"), "{told:?}");
    assert!(told.stderr.contains("added 2 turns to 01a20f86-0001"), "what is replaced is told: {told:?}");
    assert_eq!(rollout(&here), rollout(&there));
    assert_eq!(here.git("for-each-ref refs/heads"), there.git("for-each-ref refs/heads"));
    assert!(here.ok("-q record").stderr.is_empty());
}

#[test]
fn what_went_on_in_two_places_is_a_strand_from_where_a_fork_starts() {
    let (here, there) = (with(&["one", "two"]), fresh());
    import(&there, &share(&here, &id(1), "it.bundle"));
    there.ok(&format!("restore {}", id(1)));
    go_on(&there, &["one", "two", "three there", "four there"]);
    go_on(&here, &["one", "two", "three here"]);
    let before = here.git("for-each-ref refs/heads");
    let three = share(&there, &format!("{}~1", id(1)), "three.bundle");
    let told = import(&here, &three);
    assert!(told.stderr.contains("it went on in two places after turn 2"), "{told:?}");
    assert!(told.stderr.contains("here   1 turn") && told.stderr.contains("there  1 turn"), "{told:?}");
    assert_eq!(here.git("for-each-ref refs/heads"), before, "the session is what it was");
    let strand = |home: &Home| home.git("for-each-ref --format=%(objectname) refs/strands");
    assert_eq!(strand(&here).trim(), told.stdout.trim());
    assert_eq!(outcome(&here, &three), "known");
    assert_eq!(import(&here, &three).stdout, told.stdout, "it is found as often as one looks");
    assert_eq!(outcome(&here, &share(&there, &id(1), "four.bundle")), "strand");
    assert_eq!(strand(&here).lines().count(), 1, "the strand goes on");
    assert_eq!(strand(&here).trim(), there.git(&format!("rev-parse {}", id(1))).trim());
    let strands = here.ok("strands");
    assert!(strands.stdout.contains("after turn 2  2 turns  four there"), "{strands:?}");
    assert!(there.ok(&format!("strands {}", id(1))).stderr.contains("no session went on in two places"));
    let fork = here.ok(&format!("-q --no-codex fork {}", strand(&here).trim()));
    let prompts = here.ok(&format!("--json log {}", fork.stdout.trim()));
    let prompts: Vec<_> = prompts.json().iter().map(|turn| turn["prompt"].as_str().unwrap().to_owned()).collect();
    assert_eq!(prompts, ["four there", "three there", "two", "one"]);
    assert_eq!(here.ok("verify").code, 0);
    here.ok("gc");
    assert_eq!(here.ok("verify").code, 0);
}

#[test]
fn a_fork_and_a_rewound_session_bring_what_they_go_on_from() {
    let home = fresh();
    let base = written(&["one", "two", "three"]);
    base.put(&home);
    Written::fork(2, &base, 2).turn("another way").put(&home);
    base.rewound(3, 1).turn("once more").put(&home);
    home.ok("-q record");
    let other = fresh();
    for session in [id(2), id(1)] {
        assert_eq!(outcome(&other, &share(&home, &session, "it.bundle")), "new");
        let told = |home: &Home| home.ok(&format!("show --raw {session}")).stdout;
        assert_eq!(told(&other), told(&home));
    }
    other.ok(&format!("restore {} {}", id(1), id(2)));
    assert!(other.ok("-q record").stderr.is_empty());
    assert_eq!(other.git("for-each-ref refs/heads"), home.git("for-each-ref refs/heads"));
}

#[test]
fn a_fork_that_went_back_to_before_its_first_prompt_arrives_and_so_do_its_forks() {
    let home = fresh();
    let base = written(&["one", "two"]);
    base.put(&home);
    let fork = Written::fork(2, &base, 1).turn("another way");
    fork.put(&home);
    let rewound = fork.rewound_to_nothing(3, Some(&base)).turn("all anew").turn("and on");
    rewound.put(&home);
    home.ok("-q record");
    home.ok(&format!("fork {}~1", id(2)));
    let other = fresh();
    for session in home.git("for-each-ref refs/heads --format=%(refname:short)").split_whitespace() {
        assert_eq!(outcome(&other, &share(&home, session, "it.bundle")), "new", "{session}");
    }
    assert_eq!(other.git("for-each-ref refs/heads"), home.git("for-each-ref refs/heads"));
    assert_eq!(other.ok("verify").code, 0);
}

#[test]
fn an_earlier_state_of_a_session_is_known_wherever_it_ended() {
    let home = fresh();
    let file = |session: &Written, name: &str| {
        session.put(&home);
        home.ok("-q record");
        share(&home, &id(1), name)
    };
    // In the middle of a turn, with lines after the last one, and with the turn that was open ended.
    let files = [
        file(&written(&["one"]).open("two"), "open.bundle"),
        file(&written(&["one", "two"]), "two.bundle"),
        file(&written(&["one", "two"]).open("three"), "three.bundle"),
        file(&written(&["one", "two", "three", "four"]), "all.bundle"),
    ];
    let other = fresh();
    let all: Vec<String> = files.iter().map(|file| outcome(&other, file)).collect();
    assert_eq!(all, ["new", "longer", "longer", "longer"]);
    for file in &files {
        assert_eq!(outcome(&other, file), "known");
        assert_eq!(outcome(&home, file), "known");
    }
    assert_eq!(other.git("for-each-ref refs/strands"), "");
}

#[test]
fn nothing_of_other_sessions_is_in_the_file() {
    let home = with(&["one", "two"]);
    Written::new(7).turn("nobody else's business").put(&home);
    home.ok("-q record");
    let file = share(&home, &id(1), "it.bundle");
    let other = fresh();
    import(&other, &file);
    assert_eq!(other.ok("list --all --json").stdout.lines().count(), 1);
    let objects = other.git("cat-file --batch-all-objects --batch-check");
    let reached = other.git("rev-list --objects --all");
    // The tree without a turn is made by every store.
    assert_eq!(objects.lines().count(), reached.lines().count());
}

#[test]
fn what_can_not_be_shared_or_taken_in_is_said() {
    let home = with(&["one"]);
    let file = share(&home, &id(1), "it.bundle");
    let again = home.run(["share", &id(1), "--out", "it.bundle"]);
    assert!(again.code == 2 && again.stderr.contains("exists already"), "{again:?}");
    let inside = home.run(["share", &id(1), "--out", home.path().join("it").to_str().unwrap()]);
    assert!(inside.code == 2 && inside.stderr.contains("codex home"), "{inside:?}");
    let streamed = home.command().args(["share", &id(1), "--out", "-"]).output().unwrap();
    assert_eq!(streamed.stdout, fs::read(&file).unwrap());
    assert_eq!(home.run(["import", "nothing-here"]).code, 1);
    assert!(home.run(["import", "."]).stderr.contains("directory"));
    let empty = Home::empty();
    let told = import(&empty, &file);
    assert!(told.code == 1 && told.stderr.contains("hint: codex-git init"), "{told:?}");
}
