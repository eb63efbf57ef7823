//! What `search` finds, and what it says of it: the same as a reader that looks at every line of every chunk, whatever became of the text log.
//!
//! `tests/fixtures/search` holds what must be printed; `UPDATE_SNAPSHOTS=1 cargo test --test suite search::` writes it anew.

mod naive;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use codex_git::Workspace;
use codex_git::model::{screen, text};
use codex_git::ops::{Filter, FoundSession, Needle, Search, Spelling};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::lineage::rolled_back;
use crate::support::snapshot::fixtures;
use crate::support::story::{Written, family, id};
use crate::support::synthetic::Synthetic;
use crate::support::{Fixture, Home, Ran, ran, snapshot};

/// A family, and all sessions that real Codex wrote.
fn everything() -> Home {
    let home = family();
    Fixture::all().iter().map(|case| Fixture::named(case)).for_each(|case| drop(home.put(&case.name, &case.bytes)));
    fixtures().iter().for_each(|(_, rollout)| drop(home.put(&rollout.name, &rollout.bytes)));
    let mut session = Written::new(40).stopped("serve it");
    session.command("serve", "listening on the port\n", -1);
    session.put(&home);
    home.ok("record -q");
    home
}

fn log(home: &Home) -> PathBuf {
    home.store().join("codex-git.text")
}

fn frames(home: &Home) -> PathBuf {
    let entries = fs::read_dir(log(home)).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("frames-")).max().unwrap()
}

/// Runs a search that prints for programs.
fn lines(home: &Home, words: &str) -> Vec<Value> {
    let ran = home.run(["search", "--json"].into_iter().chain(words.split_whitespace()));
    assert!(ran.code <= 1, "{words}: {}", ran.stderr);
    ran.json()
}

/// What programs get, without what depends on when it was asked.
fn said(home: &Home, words: &str) -> String {
    let ran = home.run(["search", "--json"].into_iter().chain(words.split_whitespace()));
    format!("{} {}", ran.code, ran.stdout)
}

fn looking_for(needle: Needle) -> Search {
    Search {
        needle,
        kinds: Vec::new(),
        filter: Filter::default(),
        file: None,
        point: None,
        most: usize::MAX,
        around: (0, 0),
    }
}

fn search(workspace: &Workspace, needle: &Needle) -> Vec<FoundSession> {
    let mut all = Vec::new();
    let take = &mut |session| {
        all.push(session);
        true
    };
    workspace.search(&looking_for(needle.clone()), take, &mut |_, _| {}).unwrap();
    all
}

/// What a search found, as the naive reader tells it. Each turn must be told once.
fn as_naive(turns: &naive::Turns, found: &[FoundSession]) -> BTreeSet<naive::Found> {
    let mut all = BTreeSet::new();
    let mut chunks = BTreeSet::new();
    for turn in found.iter().flat_map(|session| &session.turns) {
        let chunk = turns.chunks[&turn.commit.to_string()].clone();
        assert!(chunks.insert(chunk.clone()), "turn {} is told twice", turn.commit);
        assert_eq!(turn.lines, turn.hits.len());
        all.extend(turn.hits.iter().map(|hit| (chunk.clone(), hit.kind.name(), hit.line, hit.text.clone())));
    }
    all
}

#[test]
fn the_same_is_found_as_by_reading_every_chunk() {
    let home = everything();
    let turns = naive::turns(&home);
    let words: Vec<String> = turns.texts.iter().flat_map(|(_, text)| text.lines()).map(str::to_owned).collect();
    assert!(words.iter().any(|line| line == "listening on the port"), "lines after the last turn");
    assert_eq!(lines(&home, "listening")[0]["turn"], 1, "they are told with it");
    let workspace = Workspace::open(&home.path(), &home.store()).unwrap();
    let part = (0..words.len(), 0..60_usize, 1..9_usize).prop_map(move |(line, from, len)| {
        words[line].trim_start_matches('\0').chars().skip(from).take(len).collect::<String>()
    });
    let spelling = (any::<bool>(), any::<bool>(), any::<Option<bool>>());
    let pattern = prop_oneof![
        3 => part.clone().prop_map(|part| regex::escape(&part)),
        1 => (part.clone(), part.clone()).prop_map(|(a, b)| format!("{}|^{}", regex::escape(&a), regex::escape(&b))),
        1 => (part.clone(), part.clone()).prop_map(|(a, b)| format!("{}[^:]*{}", regex::escape(&a), regex::escape(&b))),
        1 => part.prop_map(|part| format!(r"\s{}\W*$", regex::escape(&part))),
    ];
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let check = |(pattern, (is_fixed, is_word, ignores_case)): (String, (bool, bool, Option<bool>))| {
        let needle = Needle::new(&pattern, Spelling { is_fixed, is_word, ignores_case }).unwrap();
        let found = search(&workspace, &needle);
        prop_assert_eq!(as_naive(&turns, &found), naive::found(&turns.texts, &needle), "{}", pattern);
        Ok(())
    };
    runner.run(&(pattern, spelling), check).unwrap();
}

#[test]
fn answers_are_right_whatever_became_of_the_text_log() {
    let home = everything();
    let answer = said(&home, "the -n 3");
    assert!(answer.starts_with("0 ") && log(&home).join("index").exists());
    let (index, frames) = (log(&home).join("index"), frames(&home));
    let (whole_index, whole_frames) = (fs::read(&index).unwrap(), fs::read(&frames).unwrap());
    let check = |what: &str| {
        assert_eq!(said(&home, "the -n 3"), answer, "{what}");
        assert_eq!(said(&home, "the -n 3"), answer, "{what}, and once more");
    };
    let put_back = || {
        fs::remove_dir_all(log(&home)).unwrap();
        assert_eq!(said(&home, "the -n 3"), answer);
    };
    for part in 0..10 {
        for (file, whole) in [(&index, &whole_index), (&frames, &whole_frames)] {
            let at = whole.len() * part / 10;
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (part % 8);
            fs::write(file, &flipped).unwrap();
            check(&format!("bit {} of byte {at} of {}", part % 8, file.display()));
            put_back();
            fs::write(file, &whole[..at]).unwrap();
            check(&format!("{} cut at {at}", file.display()));
            put_back();
        }
    }
    fs::write(&frames, [whole_frames.as_slice(), b"a frame that a kill left unfinished"].concat()).unwrap();
    fs::write(&index, &whole_index).unwrap();
    check("an unfinished frame");
    fs::remove_file(&frames).unwrap();
    check("no frames");
    fs::remove_dir_all(log(&home)).unwrap();
    fs::write(log(&home), "in the way").unwrap();
    check("no folder");
}

#[test]
fn what_is_new_is_found_and_the_log_is_told_only_that() {
    let home = Home::empty();
    let session = Written::new(1).turn("first question");
    session.put(&home);
    home.ok("init -q --no-hooks");
    let prompts = |words: &str| -> Vec<String> {
        lines(&home, words).iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(prompts("question --in prompt"), ["first question"]);
    let before = fs::read(frames(&home)).unwrap();
    let session = session.turn("second question");
    session.put(&home);
    assert_eq!(prompts("question --in prompt"), ["second question", "first question"]);
    let after = fs::read(frames(&home)).unwrap();
    assert!(after.starts_with(&before) && after.len() > before.len());
    // A turn that runs is found while it does, and once when it has ended.
    session.clone().open("third question").put(&home);
    assert_eq!(prompts("question --in prompt"), ["third question", "second question", "first question"]);
    session.turn("third question").put(&home);
    assert_eq!(prompts("question --in prompt"), ["third question", "second question", "first question"]);
    assert_eq!(prompts("question --in prompt").len(), 3);
}

#[test]
fn what_was_added_alone_and_not_finished_is_added_once_more() {
    let home = Home::empty();
    let session = Written::new(1).turn("first question");
    session.put(&home);
    home.ok("init -q --no-hooks");
    let count = || lines(&home, "question --in prompt").len();
    assert_eq!(count(), 1);
    let (index, before) = (log(&home).join("index"), fs::read(frames(&home)).unwrap());
    let named = fs::read(&index).unwrap();
    session.turn("second question").put(&home);
    assert_eq!(count(), 2);
    let whole = fs::read(frames(&home)).unwrap();
    assert!(whole.len() > before.len() && fs::read(&index).unwrap() == named, "no new index was written");
    for len in before.len()..whole.len() {
        fs::write(frames(&home), &whole[..len]).unwrap();
        assert_eq!(count(), 2, "{len}");
        assert!(fs::read(frames(&home)).unwrap() == whole, "{len}");
    }
    for at in before.len()..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        fs::write(frames(&home), flipped).unwrap();
        assert_eq!(count(), 2, "byte {at}");
        fs::remove_dir_all(log(&home)).unwrap();
        fs::create_dir(log(&home)).unwrap();
        fs::write(&index, &named).unwrap();
        fs::write(frames_at(&home, 1), &whole).unwrap();
    }
}

/// The file of frames with a number, whether it is there or not.
fn frames_at(home: &Home, number: u32) -> PathBuf {
    log(home).join(format!("frames-{number}"))
}

#[test]
fn sessions_stand_in_the_same_order_with_the_text_log_and_without() {
    let home = Home::empty();
    let (old, new) = (Written::new(1).turn("first question"), Written::new(2).turn("first question"));
    new.put(&home);
    // A turn that has just begun, and has no text yet.
    let start = "{\"timestamp\":\"2027-01-01T00:00:00.000Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"task_started\",\"turn_id\":\"t\"}}\n";
    old.put(&home);
    let place = home.place(&format!("rollout-2026-11-24T21-46-09-{}.jsonl", old.id));
    fs::write(&place, format!("{}{start}", fs::read_to_string(&place).unwrap())).unwrap();
    home.ok("init -q --no-hooks");
    let order = || home.ok("search -l question").stdout;
    let first = order();
    assert!(first.starts_with(&old.id[..13]) && first.lines().count() == 2, "{first}");
    assert_eq!(order(), first);
}

#[test]
fn sessions_of_one_second_stand_in_the_order_of_lists() {
    let home = Home::empty();
    for number in 1..4 {
        Written::new(number).turn("a question").put(&home);
    }
    home.ok("init -q --no-hooks");
    let listed = home.ok("list --all --json").json();
    let listed: Vec<&str> = listed.iter().map(|session| session["session"].as_str().unwrap()).collect();
    let found = home.ok("search -l question").stdout;
    assert_eq!(found.lines().collect::<Vec<_>>(), listed);
    assert_eq!(listed[0], id(3), "the newest first");
}

#[test]
fn two_searches_at_once_both_answer() {
    let home = everything();
    let answer = said(&home, "the -n 2");
    for _ in 0..5 {
        fs::remove_dir_all(log(&home)).unwrap();
        let start = || home.command().args(["search", "--json", "the", "-n", "2"]).stdout(Stdio::piped()).spawn();
        let both = [start().unwrap(), start().unwrap()];
        for child in both {
            let ran = ran(child.wait_with_output().unwrap());
            assert_eq!(format!("{} {}", ran.code, ran.stdout), answer, "{}", ran.stderr);
        }
        assert_eq!(said(&home, "the -n 2"), answer);
    }
}

#[test]
fn a_search_that_is_killed_leaves_a_log_that_is_right() {
    let home = Home::empty();
    for number in 0..30 {
        let session = Synthetic::new(number);
        home.put(&session.name, session.rollout(6, 4000).as_bytes());
    }
    home.ok("init -q --no-hooks");
    let answer = said(&home, "turn -n 1");
    for delay in (0..16).map(|step| Duration::from_millis(3 * step)) {
        fs::remove_dir_all(log(&home)).unwrap();
        let mut command = home.command();
        let mut child = command.args(["search", "turn"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(said(&home, "turn -n 1"), answer, "killed after {delay:?}");
    }
}

#[test]
fn a_turn_that_forks_share_is_told_once() {
    let home = Home::empty();
    let base = Written::new(1).turn("the shared question").turn("another shared question");
    base.put(&home);
    let forks = 20;
    for number in 2..2 + forks {
        Written::fork(number, &base, 2).turn("a question of its own").put(&home);
    }
    let first = Written::fork(50, &base, 1).turn("early");
    first.put(&home);
    Written::fork(51, &first, 1).turn("a fork of a fork").put(&home);
    home.ok("init -q --no-hooks");
    let also = |words: &str| -> Vec<usize> {
        lines(&home, words).iter().map(|line| line["also"].as_array().unwrap().len()).collect()
    };
    assert_eq!(also("shared.question --in prompt"), [forks as usize, forks as usize + 2]);
    assert_eq!(also("early --in prompt"), [1]);
    let shown = home.ok("search shared --in prompt").stdout;
    assert!(shown.contains("also in 20 forks") && shown.contains("also in 22 forks"), "{shown}");
    assert!(home.ok("search early --in prompt --all-forks").stdout.contains("also 01a20f86-0033"));
    // In the conversation of a fork, the turns that it shares are found.
    assert_eq!(lines(&home, &format!("shared --in prompt --session {}", id(50))).len(), 1);
}

#[test]
fn a_fork_of_a_fork_that_left_its_base_behind_has_nothing_of_it() {
    let home = Home::empty();
    let base = Written::new(1).turn("the first question");
    base.put(&home);
    let fork = Written::fork(2, &base, 1).turn("its own");
    fork.put(&home);
    let rewound = fork.rewound_to_nothing(3, Some(&base)).turn("all anew");
    rewound.put(&home);
    Written::fork(4, &fork, 1).turn("from before that").put(&home);
    home.ok("init -q --no-hooks");
    home.ok(&format!("fork {}", id(2)));
    let found = lines(&home, "first.question --in prompt");
    let also: Vec<&str> = found[0]["also"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!((found.len(), also), (1, vec![&*id(2), &*id(4)]));
}

#[test]
fn what_was_left_behind_taken_back_or_deleted_is_found() {
    let home = family();
    let found = lines(&home, "options: --in prompt");
    assert_eq!((found.len(), found[0]["aside"].as_str()), (1, Some("left-behind")));
    assert!(home.ok("search options: --in prompt").stdout.contains("left behind"));
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    assert_eq!(lines(&home, "options: --in prompt"), found);
    let (home, fixture) = rolled_back("0.117", "second with tools", 2);
    let words = format!(". --in prompt -n 1 --session {}", fixture.id());
    let aside: Vec<Value> = lines(&home, &words).iter().rev().map(|line| line["aside"].clone()).collect();
    assert_eq!(aside[..3], ["taken-back".into(), "taken-back".into(), Value::Null]);
}

#[test]
fn hits_name_what_other_commands_take() {
    let home = family();
    for line in lines(&home, "words") {
        let (commit, turn) = (line["commit"].as_str().unwrap(), line["turn"].as_u64().unwrap());
        let shown = home.ok(&format!("show --turn {turn} {commit} --json")).stdout;
        assert!(shown.contains("words"), "{line}");
        let text = line["text"].as_str().unwrap();
        let range = line["start"].as_u64().unwrap() as usize..line["end"].as_u64().unwrap() as usize;
        assert_eq!(text[range].to_lowercase(), "words");
    }
    let commit = lines(&home, "rename --in prompt")[0]["commit"].as_str().unwrap().to_owned();
    assert_eq!(home.ok(&format!("fork -q {commit}")).code, 0);
}

#[test]
fn a_search_can_be_narrowed() {
    let home = family();
    let count = |words: &str| lines(&home, words).len();
    let all = count("step --in prompt");
    assert_eq!(all, 9);
    for (words, expected) in [
        ("step --in answer", 9),
        ("step --in prompt,answer", 18),
        ("step --in command", 0),
        ("STEP --in prompt", 0),
        ("STEP -i --in prompt", 9),
        ("step --in prompt -n 1", 9),
        ("Step -s --in prompt", 0),
        ("-F step.3 --in prompt", 0),
        ("-w ste --in prompt", 0),
        ("step --in prompt --model sol", 9),
        ("step --in prompt --model gpt-5.5", 0),
        ("own --in prompt --cwd /work/elsewhere", 1),
        ("own --in prompt --cwd /work/tally", 0),
        ("step --in prompt --since 2020-01-01", 9),
        ("step --in prompt --until 2020-01-01", 0),
        ("new --in patch --file 数える.py", 5),
        ("new --in patch --file src/数える.py", 5),
        ("new --in patch --file tally.p", 0),
        ("new --in patch --file src", 5),
        ("new --in patch --file src/", 5),
        ("new --in patch --file sr", 0),
        ("before-options", 0),
    ] {
        assert_eq!(count(words), expected, "{words}");
    }
    let up_to = |words: &str| count(&format!(". --in prompt {words}"));
    assert_eq!(up_to("--session before-options"), 2);
    assert_eq!(up_to(&format!("--session {}", id(1))), 6, "with what it left behind");
}

#[test]
fn what_nobody_typed_is_found_only_on_request() {
    let home = everything();
    assert_eq!(lines(&home, "environment_context"), [Value::Null; 0]);
    let told = lines(&home, "environment_context --in context");
    assert!(!told.is_empty() && told.iter().all(|line| line["in"] == "context"));
    let both = lines(&home, "a --in context,prompt");
    assert_eq!(both.iter().filter(|line| line["in"] == "prompt").count(), lines(&home, "a --in prompt").len());
}

#[test]
fn results_fit_any_width() {
    let home = family();
    for (name, words) in
        [("words", "words"), ("context", "-C1 -n 4 new"), ("forks", "stop --all-forks"), ("many", "step|new|old")]
    {
        let shown = |width: &str, color: &str| {
            let mut command = home.command();
            command.arg("search").args(words.split_whitespace()).args(["--date", "iso", "--color", color]);
            let ran: Ran = ran(command.env("COLUMNS", width).env("TZ", "UTC").output().unwrap());
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            ran.stdout
        };
        for width in ["60", "80", "140"] {
            let plain = shown(width, "never");
            let most = width.parse().unwrap();
            let is_good = |line: &str| text::width(line) <= most && !line.ends_with(' ');
            assert!(plain.lines().all(is_good), "{name} at {width}:\n{plain}");
            snapshot::check(&format!("search/{name}-{width}.txt"), &plain);
        }
        let coloured = shown("80", "always");
        snapshot::check(&format!("search/{name}-80-colour.txt"), &coloured);
        assert_eq!(screen::lines(&coloured, 8), shown("80", "never"), "colours change nothing else");
    }
}

#[test]
fn sessions_can_be_listed_and_counted() {
    let home = family();
    let ids = home.ok("search -l step").stdout;
    assert_eq!(ids, format!("{}\n", id(3)));
    assert_eq!(home.ok("search -c step").stdout, format!("{}:18\n", id(3)));
    let counted = home.ok("search -c step --json").json();
    assert_eq!((&counted[0]["turns"], &counted[0]["lines"]), (&9.into(), &18.into()));
    assert!(home.ok("search step -n 1").stderr.starts_with("18 lines in 9 turns of 1 session, out of "));
}

#[test]
fn what_was_searched_is_counted_alike_with_the_log_and_without() {
    let home = everything();
    let told = || home.run(["search", "nothing-has-this"]).stderr.split(", in ").next().unwrap().to_owned();
    let first = told();
    assert!(first.starts_with("nothing in ") && told() == first, "{first}, then {}", told());
}

#[test]
fn it_ends_as_grep_does() {
    let home = family();
    let ends = |words: &str| home.run(["search"].into_iter().chain(words.split_whitespace())).code;
    assert_eq!(home.run(["search", "step", "--file", ""]).code, 2);
    assert_eq!((ends("step"), ends("nothing-has-this"), ends("("), ends("step --in walls")), (0, 1, 2, 2));
    assert_eq!((ends("step --session no-such"), ends("-e nothing-has-this -e step"), ends("-e step x")), (2, 0, 2));
    let told = home.run(["search", "("]).stderr;
    assert_eq!(told, "error: `(` is no regular expression: unclosed group\nhint: codex-git search -F -- '('\n");
    let told = home.run(["search", "-F", "--", "no\nstep 3"]).stderr;
    let hint = told.lines().find_map(|line| line.strip_prefix("hint: codex-git ")).expect(&told);
    assert_eq!(hint, "search -F -e no -e 'step 3'  # the lines that have any of these");
    assert_eq!(home.run(["search", "-F", "-e", "no", "-e", "step 3"]).code, 0);
    let told = home.run(["search", "step 3\n"]).stderr;
    assert!(told.ends_with("hint: codex-git search -F -- 'step 3'\n"), "{told}");
    assert!(home.run(["search", "nothing-has-this"]).stderr.starts_with("nothing in "));
    // A reader that goes away is no failure.
    let pipe = format!("(\"{}\" search .; echo ended with $? >&2) | head -n 1", env!("CARGO_BIN_EXE_codex-git"));
    let ran = ran(Command::new("sh").args(["-c", &pipe]).env("CODEX_HOME", home.path()).output().unwrap());
    assert!(ran.stdout.lines().count() == 1 && ran.stderr.contains("ended with 0"), "{}", ran.stderr);
}

#[test]
fn the_text_log_is_private_and_leaves_with_what_it_tells_of() {
    let home = family();
    home.ok("search step");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(log(&home)), mode(frames(&home)), mode(log(&home).join("index"))), (0o700, 0o600, 0o600));
    }
    // A session that somebody took out of the store is not found, and gc drops its text.
    assert_eq!(lines(&home, "elsewhere|own --in prompt").len(), 1);
    let size = fs::metadata(frames(&home)).unwrap().len();
    home.git(&format!("update-ref -d refs/heads/{}", id(9)));
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    assert_eq!(lines(&home, "own --in prompt").len(), 0);
    home.ok("gc -q");
    assert!(fs::metadata(frames(&home)).unwrap().len() < size);
    assert_eq!(lines(&home, "step --in prompt").len(), 9);
}

#[test]
fn a_text_stays_as_long_as_any_session_has_it() {
    let home = Home::empty();
    let (one, other) = (Synthetic::new(1), Synthetic::new(2));
    let text = one.rollout(3, 50);
    let (_, lines_after) = text.split_once('\n').unwrap();
    home.put(&one.name, text.as_bytes());
    home.put(&other.name, format!("{}{lines_after}", other.meta()).as_bytes());
    home.ok("init -q --no-hooks");
    let of = |id: &str| lines(&home, &format!(". --in prompt --session {id}")).len();
    assert_eq!((of(&one.id), of(&other.id), lines(&home, ". --in prompt").len()), (3, 3, 3), "each turn once");
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    for gone in [&one.id, &other.id] {
        let copy = home.copy();
        copy.git(&format!("update-ref -d refs/heads/{gone}"));
        copy.ok("gc -q");
        assert_eq!(lines(&copy, ". --in prompt").len(), 3, "without {gone}");
    }
}

#[test]
fn a_turn_of_the_first_versions_is_found_when_the_next_began() {
    // They write no end of a turn: its bytes are the same while it runs and when it has ended.
    let fixture = Fixture::named("0.98");
    let text = String::from_utf8(fixture.bytes.clone()).unwrap();
    let ends: Vec<usize> =
        text.match_indices("\"type\":\"user_message\"").map(|(at, _)| text[..at].rfind('\n').unwrap() + 1).collect();
    let home = Home::empty();
    let all = |home: &Home| lines(home, ". --in prompt").len();
    for (number, end) in ends.iter().skip(1).chain([&text.len()]).enumerate() {
        home.put(&fixture.name, &text.as_bytes()[..*end]);
        home.ok(if number == 0 { "init -q --no-hooks" } else { "record -q" });
        let found = all(&home);
        home.ok("gc -q");
        assert_eq!(all(&home), found, "after {} turns", number + 1);
    }
    let found = all(&home);
    fs::remove_dir_all(log(&home)).unwrap();
    assert_eq!((all(&home), found > 2), (found, true));
}

#[test]
fn an_open_turn_that_was_left_behind_is_found() {
    let home = Home::empty();
    let old = Written::new(1).turn("first").turn("second");
    old.clone().open("a turn that was given up").put(&home);
    home.ok("init -q --no-hooks");
    assert_eq!(lines(&home, "given --in prompt").len(), 1);
    old.rewound(2, 1).turn("third").put(&home);
    let found = lines(&home, "given --in prompt");
    assert_eq!((found.len(), &found[0]["aside"]), (1, &"left-behind".into()));
    fs::remove_dir_all(log(&home)).unwrap();
    assert_eq!(lines(&home, "given --in prompt"), found);
}

#[test]
fn a_save_that_was_made_while_a_turn_ran_is_a_point() {
    let home = Home::empty();
    let session = Written::new(1).turn("first");
    session.clone().open("second").put(&home);
    home.ok("init -q --no-hooks");
    home.ok(&format!("save -q early {}", id(1)));
    session.turn("second").turn("third").put(&home);
    assert!(!lines(&home, "first --in prompt --session early").is_empty());
    assert_eq!(lines(&home, "third --in prompt --session early").len(), 0);
}

#[test]
fn a_branch_that_was_moved_back_loses_what_came_after() {
    let home = family();
    assert_eq!(lines(&home, "rename --in prompt").len(), 1);
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    home.git(&format!("update-ref refs/heads/{0} {0}~1", id(1)));
    assert_eq!(lines(&home, "rename --in prompt").len(), 0);
}

#[test]
fn many_lines_with_lines_around_them_take_no_time() {
    let home = Home::empty();
    Written::new(1).ran("go", &"z\n".repeat(60_000), 0).put(&home);
    home.ok("init -q --no-hooks");
    assert_eq!(lines(&home, "z -C1 --in command").len(), 60_000);
}

#[test]
fn a_branch_that_somebody_wrote_anew_is_told_anew() {
    let home = family();
    assert_eq!(lines(&home, "rename --in prompt").len(), 1);
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    // Another history of the same session, without its last turn.
    let parent = home.git(&format!("rev-parse {}^", id(1))).trim().to_owned();
    let message = home.git(&format!("show -s --format=%B {parent}"));
    let tree = home.git(&format!("rev-parse {parent}^{{tree}}")).trim().to_owned();
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(home.store()).args(["commit-tree", &tree, "-m", message.trim_end()]);
    let made = command.env("GIT_AUTHOR_NAME", "x").env("GIT_AUTHOR_EMAIL", "x").env("GIT_COMMITTER_NAME", "x");
    let commit = ran(made.env("GIT_COMMITTER_EMAIL", "x").output().unwrap()).stdout.trim().to_owned();
    home.git(&format!("update-ref refs/heads/{} {commit}", id(1)));
    assert_eq!(lines(&home, "rename --in prompt").len(), 0);
    let kept = String::from_utf8_lossy(&fs::read(frames(&home)).unwrap()).into_owned();
    assert!(!kept.contains("split_words"), "the old text is gone from the disk");
}

#[test]
fn nothing_that_records_touches_the_text_log() {
    let home = family();
    for words in ["record", "list --all", "status", "doctor --no-codex"] {
        home.run(words.split(' '));
    }
    assert!(!log(&home).exists());
    home.ok("search step");
    let before = fs::read(frames(&home)).unwrap();
    Written::new(20).turn("more").put(&home);
    home.ok("record");
    assert_eq!(fs::read(frames(&home)).unwrap(), before);
}

#[test]
fn a_search_of_many_small_additions_keeps_its_log_together() {
    let home = Home::empty();
    let mut session = Written::new(1);
    for turn in 0..80 {
        session = session.turn(&format!("question number {turn}"));
        session.put(&home);
        if turn == 0 {
            home.ok("init -q --no-hooks");
        }
        assert_eq!(lines(&home, "question --in prompt").len(), turn + 1);
    }
    // Its frames are put together from time to time: an index that named each of 80 would have more than 1.9 kB.
    assert!(fs::metadata(log(&home).join("index")).unwrap().len() < 1200);
}
