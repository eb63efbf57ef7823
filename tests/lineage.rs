//! Sessions that go on from each other: Codex's own forks, rewinds, rewrites, and turns that are taken back, on files that real Codex wrote.

use std::fs;

use proptest::prelude::*;
use serde_json::Value;

use crate::support::{Fixture, Home, Ran, line_ends};

const FORKS: [&str; 3] = ["forks", "revert", "rewind-0.148"];

/// A home with the files of a case.
fn home(case: &str) -> Home {
    let home = Home::empty();
    Fixture::lineage(case).iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
    home
}

fn id(name: &str) -> &str {
    &name[28..64]
}

/// The value of a trailer in a session's last commit.
fn trailer(home: &Home, revision: &str, key: &str) -> String {
    home.git(&format!("log -1 --format=%(trailers:key={key},valueonly) {revision}")).trim().to_owned()
}

fn json(ran: &Ran, key: &str) -> Vec<Value> {
    ran.json().iter().map(|line| line[key].clone()).collect()
}

/// A native fork of `base` at a byte of it, as Codex writes one, with lines of its own.
fn native_fork(base: &(String, Vec<u8>), end: usize, new: &str, own: &[u8]) -> (String, Vec<u8>) {
    let first = base.1.split_inclusive(|byte| *byte == b'\n').next().unwrap();
    let mut meta: Value = serde_json::from_slice(first).unwrap();
    let rollout = base.0.strip_suffix(".jsonl").unwrap();
    let rollout = &rollout[rollout.len() - 36..];
    meta["payload"]["id"] = new.into();
    meta["payload"]["forked_from_id"] = id(&base.0).into();
    meta["payload"]["history_base"] =
        serde_json::json!({"thread_id": rollout, "end_ordinal_exclusive": 99, "end_byte_offset": end});
    let mut bytes = serde_json::to_vec(&meta).unwrap();
    bytes.push(b'\n');
    bytes.extend(own);
    (format!("rollout-2026-11-23T10-00-00-{new}.jsonl"), bytes)
}

const NEW: &str = "01a20600-0000-7000-8000-000000000001";
const NEWER: &str = "01a20600-0000-7000-8000-000000000002";

#[test]
fn what_goes_on_from_another_file_comes_back_byte_for_byte() {
    for case in FORKS {
        let home = home(case);
        home.ok("init -q");
        assert_eq!(home.ok("verify").stdout, "", "{case}");
        fs::remove_dir_all(home.path().join("sessions")).unwrap();
        home.ok("restore --deleted");
        for (name, bytes) in Fixture::lineage(case) {
            assert!(fs::read(home.place(&name)).unwrap() == bytes, "{case}: {name}");
        }
        assert!(home.ok("record").stderr.contains("nothing new"), "{case}");
    }
}

#[test]
fn a_native_fork_starts_at_its_base_and_has_the_same_turns() {
    let home = home("forks");
    home.ok("init -q");
    let (base, fork) = ("01a20588-d175-7837-8cd4-e8b95d77de6f", "01a20588-d269-7eb0-8506-cbc879d39c67");
    assert_eq!(home.git(&format!("merge-base {base} {fork}")).trim(), home.git(&format!("rev-parse {base}")).trim());
    for turn in 1..=3 {
        let blob = |session| home.git(&format!("rev-parse {session}:0000/0{turn}.jsonl"));
        assert_eq!(blob(base), blob(fork), "turn {turn}");
    }
    let listed = home.ok("list --all --json").json();
    let listed = listed.iter().find(|listed| listed["session"] == fork).unwrap();
    assert_eq!((&listed["inherited"], &listed["turns"], &listed["forkedFrom"]), (&3.into(), &4.into(), &base.into()));
    // A fork through a turn stands on that turn.
    let early = "01a205ac-b867-7f83-92de-14ca7cd77cfa";
    assert_eq!(trailer(&home, &format!("{early}~1"), "Codex-Inherited"), "1");
}

#[test]
fn a_fork_of_a_native_fork_is_a_whole_file() {
    let home = home("forks");
    home.ok("init -q");
    let forked = home.ok("fork --json 01a20588-d269").json().remove(0);
    let bytes = fs::read(forked["rolloutPath"].as_str().unwrap()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains("history_base") && text.matches("\"session_meta\"").count() == 1);
    for prompt in ["alpha one", "alpha two", "alpha three"] {
        assert!(text.contains(prompt), "{prompt}");
    }
    assert_eq!(home.ok(&format!("log --json {}", forked["session"].as_str().unwrap())).json().len(), 4);
    home.ok("verify");
}

#[test]
fn a_base_that_is_cut_inside_a_turn_lends_what_it_has() {
    let base = Fixture::lineage("forks").remove(0);
    let own = Fixture::lineage("forks").remove(2).1;
    let own = &own[line_ends(&own)[0]..];
    for end in line_ends(&base.1).into_iter().step_by(2) {
        let fork = native_fork(&base, end, NEW, own);
        let refs = |order: &[&(String, Vec<u8>)]| {
            let home = Home::empty();
            for (at, (name, bytes)) in order.iter().enumerate() {
                home.put(name, bytes);
                home.ok(if at == 0 { "init -q" } else { "record -q" });
            }
            assert_eq!(home.ok("verify").stdout, "", "cut at {end}");
            home
        };
        let home = refs(&[&base, &fork]);
        // Bytes of the conversation: what the base had up to there, then the fork's own lines.
        let conversation = home.git(&format!("ls-tree -r --name-only {NEW}"));
        let stored: String =
            conversation.lines().skip(1).map(|name| home.git(&format!("cat-file blob {NEW}:{name}"))).collect();
        let meta = line_ends(&base.1)[0];
        let expected = [&base.1[meta.min(end)..end], own].concat();
        assert!(stored.as_bytes() == expected, "cut at {end}");
        // The fork was recorded when its base had just these bytes: the same commits.
        let home = {
            let early = (base.0.clone(), base.1[..end].to_vec());
            let home = refs(&[&early, &fork]);
            home.put(&base.0, &base.1);
            home.ok("record -q");
            home.refs()
        };
        let at_once = refs(&[&base, &fork]);
        assert_eq!(home, at_once.refs(), "cut at {end}");
        let home = at_once;
        fs::remove_file(home.place(&fork.0)).unwrap();
        home.ok(&format!("restore {NEW}"));
        assert!(fs::read(home.place(&fork.0)).unwrap() == fork.1, "cut at {end}");
    }
}

#[test]
fn a_fork_can_go_on_from_any_kind_of_file() {
    let own = Fixture::lineage("forks").remove(2).1;
    let own = &own[line_ends(&own)[0]..];
    // A segment, a native fork, and a fork that codex-git made, at a turn that it took over.
    let revert = home("revert");
    revert.ok("init -q");
    let segment = Fixture::lineage("revert").remove(1);
    let fork = native_fork(&segment, segment.1.len(), NEW, own);
    revert.put(&fork.0, &fork.1);
    let again = native_fork(&fork, fork.1.len(), NEWER, own);
    revert.put(&again.0, &again.1);
    revert.ok("record");
    assert_eq!(trailer(&revert, NEW, "Codex-Turn"), "3");
    assert_eq!(trailer(&revert, NEWER, "Codex-Turn"), "4");
    revert.ok("verify");

    let made = home("forks");
    made.ok("init -q");
    let forked = made.ok("fork --json 01a20587-14ac").json().remove(0);
    let path = forked["rolloutPath"].as_str().unwrap().to_owned();
    let name = path.rsplit('/').next().unwrap().to_owned();
    let bytes = fs::read(&path).unwrap();
    let ends = line_ends(&bytes);
    let cut = String::from_utf8(bytes.clone()).unwrap().find("alpha three").unwrap();
    let end = *ends.iter().rfind(|end| **end < cut).unwrap();
    let fork = native_fork(&(name, bytes), end, NEW, own);
    made.put(&fork.0, &fork.1);
    made.ok("record");
    assert_eq!(trailer(&made, &format!("{NEW}~1"), "Codex-Inherited"), "2");
    made.ok("verify");
    fs::remove_file(made.place(&fork.0)).unwrap();
    made.ok(&format!("restore {NEW}"));
    assert!(fs::read(made.place(&fork.0)).unwrap() == fork.1);
}

#[test]
fn a_fork_without_its_base_is_kept_and_joined_when_the_base_appears() {
    let files = Fixture::lineage("forks");
    let (base, fork) = (&files[1], &files[2]);
    let home = Home::empty();
    home.put(&fork.0, &fork.1);
    let ran = home.ok("init");
    assert!(ran.stderr.contains("continues a rollout that is missing (01a20588-d175"), "{}", ran.stderr);
    assert_eq!(home.ok(&format!("log --json {}", id(&fork.0))).json().len(), 1);
    home.ok("verify");
    let alone = home.git(&format!("rev-parse {}", id(&fork.0)));
    fs::remove_file(home.place(&fork.0)).unwrap();
    home.ok(&format!("restore {}", id(&fork.0)));
    assert!(fs::read(home.place(&fork.0)).unwrap() == fork.1);
    home.put(&base.0, &base.1);
    let ran = home.ok("record");
    assert!(ran.stderr.contains("was joined to the rollout"), "{}", ran.stderr);
    assert_eq!(home.ok(&format!("log --json {}", id(&fork.0))).json().len(), 4);
    assert_eq!(home.git(&format!("rev-parse {}~1", id(&fork.0))), alone);
    assert!(home.ok("record").stderr.contains("nothing new in 2 sessions"));
    home.ok("verify");
    fs::remove_file(home.place(&fork.0)).unwrap();
    home.ok(&format!("restore {}", id(&fork.0)));
    assert!(fs::read(home.place(&fork.0)).unwrap() == fork.1);
}

#[test]
fn going_back_to_a_turn_leaves_the_later_ones_in_reach() {
    let home = home("revert");
    home.ok("init -q");
    let session = "01a205b3-8ce9-7090-9d48-3971a49ed352";
    let prompts = |words: &str| json(&home.ok(words), "prompt");
    assert_eq!(prompts(&format!("log --json {session}")), ["rv two again", "rv one"]);
    let all = home.ok(&format!("log --json --all-turns {session}")).json();
    let told: Vec<_> = all.iter().map(|turn| (turn["prompt"].as_str().unwrap(), turn["aside"].clone())).collect();
    let left = Value::from("left-behind");
    let none = Value::Null;
    assert_eq!(told, [("rv two again", none.clone()), ("rv one", none), ("rv three", left.clone()), ("rv two", left)]);
    assert_eq!(home.git(&format!("log -1 --format=%s {session}~1")).trim(), "back to turn 1");
    assert_eq!(home.git(&format!("rev-list --parents -1 {session}~1")).split_whitespace().count(), 3);
    let three = all[2]["commit"].as_str().unwrap();
    let fork = home.ok(&format!("fork {three}"));
    assert_eq!(prompts(&format!("log --json {}", fork.stdout.trim())), ["rv three", "rv two", "rv one"]);
    assert_eq!(prompts(&format!("log --json {session}@{{before}}")), ["rv three", "rv two", "rv one"]);
    // A fork stands on the turn that it was made of, not on the one that has its number now.
    let two = home.ok(&format!("fork {}", all[3]["commit"].as_str().unwrap()));
    let forks = json(&home.ok(&format!("log --json --all-turns {session}")), "forks");
    let one = |fork: &Ran| Value::from(vec![fork.stdout.trim()]);
    assert_eq!(forks, [Value::from([0; 0]), Value::from([0; 0]), one(&fork), one(&two)]);
    // Codex can hold only one state of a session, but any folder can have another.
    let ran = home.run(["restore", &format!("{session}@{{before}}")]);
    assert!(ran.code == 1 && ran.stderr.contains("--as-fork"), "{}", ran.stderr);
    let out = home.work().join("out");
    home.run(["restore", &format!("{session}@{{before}}"), "--to", out.to_str().unwrap()]);
    let (name, bytes) = Fixture::lineage("revert").remove(0);
    assert!(fs::read(out.join("sessions/2026/11/22").join(name)).unwrap() == bytes);
    home.ok("verify");
}

#[test]
fn a_rewind_is_told_and_recorded_as_at_once() {
    let files = Fixture::lineage("revert");
    let at_once = home("revert");
    at_once.ok("init -q");
    for cut in line_ends(&files[1].1) {
        let home = Home::empty();
        home.put(&files[0].0, &files[0].1);
        home.ok("init -q");
        home.put(&files[1].0, &files[1].1[..cut]);
        let ran = home.ok("record");
        assert!(ran.stderr.contains("went back to turn 1"), "{}", ran.stderr);
        let path = home.put(&files[1].0, &files[1].1);
        home.ok(&format!("record {}", path.display()));
        assert_eq!(home.refs(), at_once.refs());
    }
    // Without the first file the store still knows what came before, and without the second one nothing changes.
    let home = Home::empty();
    let first = home.put(&files[0].0, &files[0].1);
    home.ok("init -q");
    fs::remove_file(&first).unwrap();
    let second = home.put(&files[1].0, &files[1].1);
    home.ok("record");
    assert_eq!(home.refs(), at_once.refs());
    fs::remove_file(second).unwrap();
    home.put(&files[0].0, &files[0].1);
    assert!(home.ok("record").stderr.contains("nothing new"));
    assert_eq!(home.refs(), at_once.refs());
}

#[test]
fn an_edit_far_from_the_end_is_noticed_where_the_file_did_not_just_grow() {
    let (home, fixture) = (Home::with(&["0.169", "0.80"]), Fixture::named("0.169"));
    home.ok("init -q");
    home.ok("record");
    let text = String::from_utf8(fixture.bytes.clone()).unwrap();
    let edited = text.replacen("first plain turn", "FIRST plain turn", 1);
    assert_eq!(edited.len(), text.len());
    // Written in place, and by another file in its place that also grew.
    home.put(&fixture.name, edited.as_bytes());
    assert!(home.ok(&format!("log {}", fixture.id())).stderr.contains("was rewritten"));
    assert!(home.ok("record").stderr.contains("nothing new"));
    let line = "{\"timestamp\":\"2026-11-22T23:00:00.000Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"x\"}}\n";
    let aside = home.work().join("aside");
    fs::write(&aside, format!("{text}{line}")).unwrap();
    fs::rename(&aside, home.place(&fixture.name)).unwrap();
    assert!(home.ok("record").stderr.contains("was rewritten"));
    home.ok("verify");
}

#[test]
fn a_file_that_codex_is_unpacking_is_not_taken_for_rewritten() {
    let (home, fixture) = (Home::with(&["0.169"]), Fixture::named("0.169"));
    home.ok("init -q");
    let refs = home.refs();
    let packed = home.put(&format!("{}.zst", fixture.name), &zstd::encode_all(&fixture.bytes[..], 1).unwrap());
    for half in [2, 200] {
        home.put(&fixture.name, &fixture.bytes[..fixture.bytes.len() / half]);
        assert!(!home.ok("record").stderr.contains("rewritten") && home.refs() == refs);
    }
    home.put(&fixture.name, &fixture.bytes);
    fs::remove_file(packed).unwrap();
    home.ok("record");
    assert_eq!(home.refs(), refs);
}

/// What a session's conversation is, whatever commits led there.
fn tree(home: &Home, session: &str) -> String {
    home.git(&format!("rev-parse {session}^{{tree}}"))
}

#[test]
fn an_earlier_file_that_appears_late_is_recorded_and_joined() {
    let (files, at_once) = (Fixture::lineage("revert"), home("revert"));
    at_once.ok("init -q");
    let session = id(&files[0].0);
    let late = Home::empty();
    late.put(&files[1].0, &files[1].1);
    late.ok("init -q");
    assert_ne!(tree(&late, session), tree(&at_once, session));
    late.put(&files[0].0, &files[0].1);
    assert!(late.ok("record").stderr.contains("was joined to the rollout that it goes on from"));
    assert_eq!(tree(&late, session), tree(&at_once, session));
    assert!(late.ok("record").stderr.contains("nothing new"));
    late.ok("verify");
    fs::remove_dir_all(late.path().join("sessions")).unwrap();
    late.ok("restore --deleted");
    for (name, bytes) in &files {
        assert!(fs::read(late.place(name)).unwrap() == *bytes, "{name}");
    }
}

#[test]
fn an_earlier_file_that_nobody_misses_is_kept_too() {
    // Two rewinds to the same turn: the second goes on from the first file, not from the first rewind's.
    let files = Fixture::lineage("revert");
    let segment = |new: &str| {
        let name = files[1].0.replace(&files[1].0[65..101], new);
        let bytes = String::from_utf8(files[1].1.clone()).unwrap().replace("rv two again", &format!("again {new}"));
        (name, bytes.into_bytes())
    };
    let (first, second) = (segment(NEW), segment(NEWER));
    let home = Home::empty();
    home.put(&files[0].0, &files[0].1);
    home.put(&second.0, &second.1);
    home.ok("init -q");
    let before = tree(&home, id(&first.0));
    home.put(&first.0, &first.1);
    home.ok("record");
    assert_eq!(tree(&home, id(&first.0)), before, "the conversation is what its last file says");
    assert!(home.ok("record").stderr.contains("nothing new"));
    let all = home.ok(&format!("log --json --all-turns {}", id(&first.0)));
    assert!(json(&all, "prompt").contains(&Value::from(format!("again {NEW}"))), "{}", all.stdout);
    home.ok("verify");
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    home.ok("restore --deleted");
    assert!(fs::read(home.place(&first.0)).unwrap() == first.1);
}

#[test]
fn a_fork_that_was_rewound_is_joined_when_its_base_appears() {
    let base = Fixture::lineage("forks").remove(0);
    let own = Fixture::lineage("forks").remove(2).1;
    let own = &own[line_ends(&own)[0]..];
    let fork = native_fork(&base, base.1.len(), NEW, own);
    let mut rewound = native_fork(&fork, fork.1.len(), NEW, own);
    rewound.0 = format!("rollout-2026-11-23T10-00-01-{NEW}_{NEWER}.jsonl");
    let at_once = Home::empty();
    [&base, &fork, &rewound].into_iter().for_each(|(name, bytes)| drop(at_once.put(name, bytes)));
    at_once.ok("init -q");
    let home = Home::empty();
    home.ok("init -q");
    for (name, bytes) in [&fork, &rewound, &base] {
        home.put(name, bytes);
        home.ok("record");
    }
    assert_eq!(tree(&home, NEW), tree(&at_once, NEW));
    assert!(home.ok("record").stderr.contains("nothing new"));
    home.ok("verify");
}

#[test]
fn a_base_that_is_shorter_than_the_fork_says_is_looked_for_without_end() {
    // The first file goes on from past the end of its base; its rewind's file goes on from the first.
    let base = Fixture::lineage("forks").remove(0);
    let own = Fixture::lineage("forks").remove(2).1;
    let own = &own[line_ends(&own)[0]..];
    let fork = native_fork(&base, base.1.len() + 1000, NEW, own);
    let mut rewound = native_fork(&fork, fork.1.len(), NEW, own);
    rewound.0 = format!("rollout-2026-11-23T10-00-01-{NEW}_{NEWER}.jsonl");
    let home = Home::empty();
    [&base, &fork, &rewound].into_iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
    home.ok("init -q");
    let refs = home.refs();
    home.ok("record");
    assert_eq!(home.refs(), refs, "twice is once");
    home.ok("verify");
}

#[test]
fn a_dry_run_tells_what_the_recording_does() {
    let cases = FORKS.map(|case| (case, 0..Fixture::lineage(case).len()));
    for (case, counts) in cases {
        for count in counts {
            let home = Home::empty();
            let files = Fixture::lineage(case);
            files[..count].iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
            home.ok("init -q");
            files[count..].iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
            let (refs, objects) = (home.refs(), home.git("count-objects -v"));
            let told = home.ok("record --json --dry-run").json();
            assert_eq!((home.refs(), home.git("count-objects -v")), (refs, objects), "{case}: nothing is written");
            assert_eq!(told, home.ok("record --json").json(), "{case} after {count} files");
        }
    }
}

#[test]
fn a_file_that_is_cut_back_or_put_back_from_a_copy_is_behind() {
    for case in ["0.169", "0.98", "0.47"] {
        let (home, fixture) = (Home::with(&[case]), Fixture::named(case));
        home.ok("init -q");
        let refs = home.refs();
        for cut in line_ends(&fixture.bytes).into_iter().skip(1).step_by(3) {
            home.put(&fixture.name, &fixture.bytes[..cut.min(fixture.bytes.len() - 1)]);
            let ran = home.ok("record");
            assert!(!ran.stderr.contains("rewritten"), "{case} at {cut}: {}", ran.stderr);
            assert_eq!(home.refs(), refs, "{case} at {cut}");
            home.ok("verify");
        }
        // What Codex adds when it opens the session is no turn yet.
        let (first, end) = (line_ends(&fixture.bytes)[0], turn_end(&home, &fixture));
        let idle = "{\"timestamp\":\"2026-11-22T23:00:00.000Z\",\"ordinal\":99,\"type\":\"event_msg\",\"payload\":{\"type\":\"thread_settings_applied\"}}\n";
        home.put(&fixture.name, &[&fixture.bytes[..end], idle.as_bytes()].concat());
        home.ok("record");
        assert_eq!(home.refs(), refs, "{case}: idle lines");
        // It comes up again, and goes on as if nothing had been.
        home.put(&fixture.name, &fixture.bytes);
        home.ok("record");
        assert_eq!(home.refs(), refs, "{case}");
        // A turn that the store has not makes it another conversation.
        let other = String::from_utf8(fixture.bytes.clone()).unwrap().replace("second", "SECOND");
        assert!(first < other.len());
        home.put(&fixture.name, &other.as_bytes()[..other.len() - 1]);
        home.run(["record"]);
        assert_ne!(home.refs(), refs, "{case}");
        home.ok("verify");
    }
}

/// Where a session's first turn ends in its file.
fn turn_end(home: &Home, fixture: &Fixture) -> usize {
    let turn = home.ok(&format!("log --json {}", fixture.id())).json().pop().unwrap();
    trailer(home, turn["commit"].as_str().unwrap(), "Codex-Offset").parse().unwrap()
}

#[test]
fn a_file_that_is_behind_is_told_and_brought_up_to_date() {
    let (home, fixture) = (Home::with(&["0.169"]), Fixture::named("0.169"));
    home.ok("init -q");
    home.put(&fixture.name, &fixture.bytes[..turn_end(&home, &fixture)]);
    let id = fixture.id();
    let told = home.ok(&format!("log {id}")).stderr;
    assert!(told.contains("fewer in its rollout than in the store"), "{told}");
    home.ok(&format!("evict --now {id}"));
    home.ok(&format!("restore {id}"));
    assert!(fs::read(home.place(&fixture.name)).unwrap() == fixture.bytes);
    assert!(!home.ok(&format!("log {id}")).stderr.contains("fewer"));
}

#[test]
fn a_native_fork_brings_what_it_goes_on_from_where_that_has_no_branch() {
    let files = Fixture::lineage("forks");
    let home = home("forks");
    home.ok("init -q");
    let forks: Vec<&str> = files.iter().map(|(name, _)| id(name)).collect();
    let base = "01a20588-d175-7837-8cd4-e8b95d77de6f";
    for fork in forks.iter().filter(|fork| **fork != base) {
        let home = home.copy();
        for other in forks.iter().filter(|other| *other != fork) {
            for folder in ["heads", "open"] {
                home.git(&format!("update-ref -d refs/{folder}/{other}"));
            }
        }
        fs::remove_dir_all(home.path().join("sessions")).unwrap();
        home.ok(&format!("restore {fork}"));
        let conversation = home.ok(&format!("show --raw {fork}")).stdout;
        // What is back begins what was there, and reaches to where the next file goes on from it.
        let mut next = (*fork).to_owned();
        loop {
            let (name, bytes) = files.iter().find(|(name, _)| name.contains(&next)).unwrap();
            let back = fs::read(home.place(name)).unwrap();
            assert!(bytes.starts_with(&back) && (next != *fork || back == *bytes), "{fork}: {next}");
            let meta: Value = serde_json::from_slice(bytes.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
            let Some(base) = meta["payload"]["history_base"]["thread_id"].as_str() else { break };
            let end = meta["payload"]["history_base"]["end_byte_offset"].as_u64().unwrap();
            let (name, _) = files.iter().find(|(name, _)| name.contains(base)).unwrap();
            assert_eq!(fs::metadata(home.place(name)).unwrap().len(), end, "{fork}: {base}");
            next = base.to_owned();
        }
        home.ok("record");
        home.ok("verify");
        assert_eq!(home.ok(&format!("show --raw {fork}")).stdout, conversation, "{fork}");
    }
}

#[test]
fn a_rewind_to_before_the_first_prompt_is_a_rewind() {
    let files = Fixture::lineage("revert");
    let text = String::from_utf8(files[1].1.clone()).unwrap();
    let mut lines = text.split_inclusive('\n');
    let mut meta: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    meta["payload"].as_object_mut().unwrap().remove("history_base");
    let home = Home::empty();
    home.put(&files[0].0, &files[0].1);
    home.ok("init -q");
    home.put(&files[1].0, format!("{meta}\n{}", lines.collect::<String>()).as_bytes());
    let told = home.ok("record").stderr;
    assert!(told.contains("went back to its start") && !told.contains("rewritten"), "{told}");
    assert_eq!(json(&home.ok(&format!("log --json {}", id(&files[0].0))), "prompt"), ["rv two again"]);
    assert_eq!(home.ok(&format!("log --json --all-turns {}", id(&files[0].0))).json().len(), 4);
    home.ok("verify");
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    home.ok("restore --deleted");
    assert!(fs::read(home.place(&files[0].0)).unwrap() == files[0].1);
}

#[test]
fn forks_of_forks_are_recorded_however_long_the_chain_is() {
    let base = Fixture::lineage("forks").remove(0);
    let end = line_ends(&base.1)[0];
    let depth: u32 = std::env::var("CODEX_GIT_DEPTH").map_or(3000, |depth| depth.parse().unwrap());
    let home = Home::empty();
    let name = |n: u32| format!("01a20600-0000-7000-8000-{n:012x}");
    let (mut last, mut first_line) = (base.clone(), base.1[..end].to_vec());
    home.put(&base.0, &base.1);
    for n in 0..depth {
        let (_, bytes) = native_fork(&(last.0.clone(), first_line.clone()), first_line.len(), &name(n), b"");
        // The names sort the newest first, so that each is met before what it goes on from.
        let seconds = depth - n;
        let stamp = format!("2026-11-20T{:02}-{:02}-{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        last = (format!("rollout-{stamp}-{}.jsonl", name(n)), bytes.clone());
        home.put(&last.0, &bytes);
        first_line = bytes;
    }
    home.ok("init -q");
    let told = home.ok("record").stderr;
    assert!(told.contains("nothing new"), "{told}");
    assert_eq!(home.ok(&format!("log --json {}", name(depth - 1))).code, 0);
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    home.ok(&format!("restore {}", name(depth - 1)));
    assert!(fs::read(home.place(&last.0)).unwrap() == last.1);
}

#[test]
fn files_that_go_on_from_each_other_in_a_circle_are_kept_and_come_back() {
    let base = Fixture::lineage("forks").remove(0);
    let own = |bytes: &[u8]| bytes[line_ends(bytes)[0]..].to_vec();
    let third = "01a20600-0000-7000-8000-000000000003";
    let at = |id: &str| (format!("rollout-2026-11-23T10-00-00-{id}.jsonl"), base.1.clone());
    let end = base.1.len();
    let files = [
        native_fork(&at(NEWER), end, NEW, &own(&base.1)),
        native_fork(&at(third), end, NEWER, &own(&base.1)),
        native_fork(&at(NEW), end, third, &own(&base.1)),
        // One that goes on from itself.
        native_fork(&at(id(&base.0)), end, id(&base.0), &own(&base.1)),
    ];
    let home = Home::empty();
    files.iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
    let told = home.run(["init", "-q"]);
    assert!(told.code < 2, "{}", told.stderr);
    for words in ["record", "list --all", "verify", "doctor"] {
        let ran = home.run(words.split(' '));
        assert!(ran.code < 2, "{words}\n{}", ran.stderr);
    }
    for (name, bytes) in &files {
        home.ok(&format!("log --json {}", id(name)));
        fs::remove_file(home.place(name)).unwrap();
        home.ok(&format!("restore {}", id(name)));
        assert!(fs::read(home.place(name)).unwrap() == *bytes, "{name}");
    }
    home.ok("verify");
}

/// A session of Codex 0.98 (without end markers) or 0.117 in which lines take the last prompts back.
pub fn rolled_back(case: &str, after: &str, turns: u32) -> (Home, Fixture) {
    let (home, fixture) = (Home::empty(), Fixture::named(case));
    let text = String::from_utf8(fixture.bytes.clone()).unwrap();
    let at = text.find(after).map(|at| at + text[at..].find('\n').unwrap() + 1).unwrap();
    // Without end markers a turn goes on to the next prompt.
    let at = if case == "0.98" {
        let next = text[at..].find("\"type\":\"turn_context\"").map_or(text.len(), |next| at + next);
        text[..next].rfind('\n').unwrap() + 1
    } else {
        at + text[at..].find("task_complete").map(|end| end + text[at + end..].find('\n').unwrap() + 1).unwrap()
    };
    let line = format!(
        "{{\"timestamp\":\"2026-11-22T23:00:00.000Z\",\"type\":\"event_msg\",\"payload\":{{\"type\":\"thread_rolled_back\",\"num_turns\":{turns}}}}}\n"
    );
    home.put(&fixture.name, format!("{}{line}{}", &text[..at], &text[at..]).as_bytes());
    home.ok("init -q");
    (home, fixture)
}

#[test]
fn turns_that_are_taken_back_are_marked() {
    for case in ["0.98", "0.117"] {
        let (home, fixture) = rolled_back(case, "second with tools", 2);
        let log = home.ok(&format!("log --json {}", fixture.id())).json();
        let told: Vec<_> = log.iter().rev().map(|turn| turn["aside"].clone()).collect();
        assert_eq!(&told[..3], ["taken-back".into(), "taken-back".into(), Value::Null], "{case}: {told:?}");
        let shown = home.ok(&format!("show {}", fixture.id())).stdout;
        assert_eq!(shown.matches(" ── taken back · ").count(), 2, "{case}: {shown}");
        // At a point before they were, they are a part of the conversation.
        let log = home.ok(&format!("log --json {}~{}", fixture.id(), log.len() - 2)).json();
        if case == "0.117" {
            assert!(log.iter().all(|turn| turn["aside"].is_null()), "{case}: {log:?}");
        }
        home.ok("verify");
    }
}

#[test]
fn sessions_that_others_started_are_hidden_and_pointed_to() {
    let home = Home::empty();
    let (parent, child) = (Fixture::named("0.169"), "01a20579-9247-72d2-b159-c5492aec819f");
    home.put(&parent.name, &parent.bytes);
    let text = String::from_utf8(parent.bytes.clone()).unwrap();
    let text = text.replacen("\"source\":\"exec\"", "\"source\":{\"subagent\":\"review\"}", 1).replacen(
        "\"payload\":{",
        &format!("\"payload\":{{\"parent_thread_id\":\"{}\",", parent.id()),
        1,
    );
    home.put(&format!("rollout-2026-11-22T22-56-23-{child}.jsonl"), text.as_bytes());
    home.ok("init -q");
    assert_eq!(json(&home.ok("list --all --json"), "session"), [parent.id().as_str()]);
    assert_eq!(home.ok("list --all --json --subagents").json().len(), 2);
    assert!(home.ok("list --all --subagents").stdout.contains(&format!("(agent of {}) ", &parent.id()[..13])));
    let log = home.ok(&format!("log --json {}", parent.id()));
    assert_eq!(json(&log, "agents").iter().flat_map(|agents| agents.as_array().unwrap()).count(), 1);
    let names = |command: String| home.ok(&command).stdout.matches(&format!("({})\n", &child[..13])).count();
    assert_eq!(names(format!("show {}", parent.id())), 1);
    // It belongs to the turn that started it, whichever turns are looked at.
    let by_turn: Vec<usize> =
        (1..=log.json().len()).map(|turn| names(format!("show --turn {turn} {}", parent.id()))).collect();
    assert_eq!(by_turn.iter().sum::<usize>(), 1, "{by_turn:?}");
    let alone = home.ok(&format!("log --json {}~{}", parent.id(), log.json().len() - 1));
    assert_eq!(json(&alone, "agents")[0].as_array().unwrap().len(), by_turn[0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn files_that_appear_in_any_order_give_the_same_conversations(case in 0..FORKS.len(), order in any::<[prop::sample::Index; 8]>()) {
        let at_once = home(FORKS[case]);
        at_once.ok("init -q");
        let mut left = Fixture::lineage(FORKS[case]);
        let home = Home::empty();
        home.ok("init -q");
        for index in order.iter().cycle() {
            if left.is_empty() {
                break;
            }
            let (name, bytes) = left.remove(index.index(left.len()));
            home.put(&name, &bytes);
            home.ok("record -q");
        }
        let files = Fixture::lineage(FORKS[case]);
        for (name, _) in &files {
            prop_assert_eq!(tree(&home, id(name)), tree(&at_once, id(name)), "{}", name);
        }
        let refs = home.refs();
        home.ok("record -q");
        prop_assert_eq!(home.refs(), refs);
        home.ok("verify");
        fs::remove_dir_all(home.path().join("sessions")).unwrap();
        home.ok("restore --deleted");
        for (name, bytes) in &files {
            prop_assert!(fs::read(home.place(name)).unwrap() == *bytes, "{}", name);
        }
    }

    #[test]
    fn files_that_grow_together_give_the_commits_of_an_import(case in 0..FORKS.len(), cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6)) {
        let files = Fixture::lineage(FORKS[case]);
        let at_once = home(FORKS[case]);
        at_once.ok("init -q");
        let live = Home::empty();
        let mut have = vec![0; files.len()];
        live.ok("init -q");
        for (which, upto) in cuts {
            let which = which.index(files.len());
            // A file that another goes on from was whole by then.
            have[..which].iter_mut().zip(&files).for_each(|(have, file)| *have = file.1.len());
            have[which] = have[which].max(upto.index(files[which].1.len()) + 1);
            for ((name, bytes), have) in files.iter().zip(&have).filter(|(_, have)| **have > 0) {
                live.put(name, &bytes[..*have]);
            }
            live.run(["record", "-q"]);
        }
        files.iter().for_each(|(name, bytes)| drop(live.put(name, bytes)));
        live.ok("record -q");
        prop_assert_eq!(live.refs(), at_once.refs());
        live.ok("verify");
    }
}
