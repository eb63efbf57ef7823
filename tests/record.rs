//! Recording, on rollouts that real Codex versions wrote: the right turns, the same commits however it is done, every byte kept.

use std::fs;
use std::io::Write;

use crate::support::{Fixture, Home};
use proptest::prelude::*;

/// The commits of a session, oldest first, the open lines' last.
fn commits(home: &Home, id: &str) -> Vec<String> {
    let refs = home.refs();
    let tip =
        if refs.contains(&format!("refs/open/{id}")) { format!("refs/open/{id}") } else { format!("refs/heads/{id}") };
    home.git(&format!("rev-list --reverse {tip}")).lines().map(str::to_owned).collect()
}

fn at_once(fixture: &Fixture) -> String {
    let home = Home::empty();
    home.put(&fixture.name, &fixture.bytes);
    home.ok("init -q");
    home.refs()
}

#[test]
fn every_era_gives_the_turns_that_were_seen() {
    for case in Fixture::all() {
        let (home, fixture) = (Home::with(&[&case]), Fixture::named(&case));
        home.ok("init -q");
        let mut log = home.ok(&format!("log --json {}", fixture.id())).json();
        log.reverse();
        let told = |key: &str| log.iter().map(|turn| turn[key].clone()).collect::<Vec<_>>();
        let expected = |key: &str| fixture.turns.iter().map(|turn| turn[key].clone()).collect::<Vec<_>>();
        for key in ["kind", "status", "model"] {
            assert_eq!(told(key), expected(key), "{case}: {key}");
        }
        let ends: Vec<u64> = fixture
            .turns
            .iter()
            .filter(|turn| turn["status"] != "open")
            .map(|turn| turn["end"].as_u64().unwrap())
            .collect();
        let offsets =
            home.git(&format!("log --reverse --format=%(trailers:key=Codex-Offset,valueonly) {}", fixture.id()));
        let offsets: Vec<u64> = offsets.split_whitespace().skip(1).map(|offset| offset.parse().unwrap()).collect();
        assert_eq!(offsets, ends, "{case}: where turns end");
        assert_eq!(home.ok("verify").stdout, "", "{case}");
    }
}

#[test]
fn restoring_gives_every_byte_back() {
    for case in Fixture::all() {
        let (home, fixture) = (Home::empty(), Fixture::named(&case));
        // A torn last line is not there yet.
        let place = home.put(&fixture.name, &[&fixture.bytes[..], b"{\"torn"].concat());
        home.ok("init -q");
        fs::remove_file(&place).unwrap();
        // There is no `codex` on the path here that could be told.
        let ran = home.command().env("PATH", "").args(["restore", &fixture.id()]).output().unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && told.contains("restored") && told.contains("could not be notified"), "{told}");
        assert_eq!(fs::read(&place).unwrap(), fixture.bytes, "{case}");
        assert_eq!(home.ok("record").stdout, "");
    }
}

#[test]
fn the_files_of_a_tree_are_the_rollout() {
    let (home, fixture) = (Home::with(&["0.148"]), Fixture::named("0.148"));
    home.ok("init -q");
    let names = home.git(&format!("ls-tree -r --name-only {}", fixture.id()));
    assert_eq!(
        names,
        "0000-meta.jsonl\n0000/01.jsonl\n0000/02.jsonl\n0000/03.jsonl\n0000/04.jsonl\n0000/05.jsonl\n0000/06.jsonl\n"
    );
    let bytes: String = names.lines().map(|name| home.git(&format!("cat-file blob {}:{name}", fixture.id()))).collect();
    assert_eq!(bytes.as_bytes(), fixture.bytes);
}

#[test]
fn compressed_and_archived_rollouts_are_the_same_session() {
    let fixture = Fixture::named("0.169");
    let expected = at_once(&fixture);
    let compressed = Home::empty();
    compressed.put(&format!("{}.zst", fixture.name), &zstd::encode_all(&fixture.bytes[..], 3).unwrap());
    compressed.ok("init -q");
    assert_eq!(compressed.refs(), expected);
    let archived = Home::empty();
    fs::create_dir_all(archived.path().join("archived_sessions")).unwrap();
    fs::write(archived.path().join("archived_sessions").join(&fixture.name), &fixture.bytes).unwrap();
    archived.ok("init -q");
    assert_eq!(archived.refs(), expected);
    assert_eq!(archived.ok("list --all --json").json()[0]["place"], "archived");
}

#[test]
fn what_can_not_be_recorded_is_named_and_the_others_go_on() {
    let home = Home::with(&["0.47"]);
    let bad = |n: u8| format!("rollout-2026-11-22T10-00-00-01a20577-0000-7000-8000-00000000000{n}.jsonl");
    let good = Fixture::named("0.169").bytes;
    home.put(&bad(1), b"");
    home.put(&bad(2), b"{\"type\":\"event_msg\",\"payload\":{}}\n");
    home.put(&bad(3), &[b"\xef\xbb\xbf", &good[..]].concat());
    home.put(&bad(4), b"\xff\xfe\n");
    home.put(&bad(5), &good);
    let base = "\"payload\":{\"history_base\":{\"thread_id\":\"x\"},";
    home.put(&bad(6), String::from_utf8(good.clone()).unwrap().replacen("\"payload\":{", base, 1).as_bytes());
    home.put("rollout-2026-11-22T10-00-00-mine.jsonl", &good);
    let ran = home.run(["init"]);
    assert_eq!(ran.code, 1);
    for (n, reason) in [(2, "not a session_meta"), (3, "byte order mark"), (4, "not UTF-8"), (6, "names no rollout")] {
        let line = ran.stderr.lines().find(|line| line.contains(&bad(n))).unwrap_or_else(|| panic!("{}", ran.stderr));
        assert!(line.starts_with("error: ") && line.contains(reason), "{line}");
    }
    assert!(ran.stderr.contains("its name is not"), "{}", ran.stderr);
    // A session is what its file's name says, whatever id stands inside; Codex finds it by the name, too.
    assert!(ran.stderr.contains("recorded 11 turns in 2 of 2 sessions"), "{}", ran.stderr);
    assert!(home.ok("log 01a20577-0000-7000-8000-000000000005").stdout.contains("sixth plain"));
    home.ok("verify");
}

#[test]
fn lines_of_any_kind_are_kept() {
    let fixture = Fixture::named("0.169");
    let lines: Vec<&[u8]> = fixture.bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let odd: [&[u8]; 7] =
        [b"\n", b"\r\n", b"\0\0\0\n", b"\xff\xfe{\n", b"{\"type\":\"event_msg\"\n", lines[0], b"[1,2,3]\n"];
    let crlf = |line: &[u8]| [line.strip_suffix(b"\n").unwrap(), b"\r\n"].concat();
    let between: Vec<u8> = lines
        .iter()
        .enumerate()
        .flat_map(|(at, line)| [*line, if at == 0 { b"" } else { odd[at % 7] }].concat())
        .collect();
    let ends: Vec<u8> = [lines[0].to_vec(), lines[1..].iter().flat_map(|line| crlf(line)).collect()].concat();
    for bytes in [between, ends] {
        let home = Home::empty();
        let place = home.put(&fixture.name, &bytes);
        home.ok("init -q");
        assert_eq!(home.ok("log --json").json().len(), 6);
        assert!(home.ok("show").stdout.contains("sixth plain"));
        assert_eq!(home.ok("verify").stdout, "");
        fs::remove_file(&place).unwrap();
        home.ok("restore --deleted");
        assert!(fs::read(&place).unwrap() == bytes);
    }
}

/// Has a file look as if it had been written an hour ago.
fn age(path: &std::path::Path) {
    let before = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    fs::File::options().append(true).open(path).unwrap().set_modified(before).unwrap();
}

#[test]
fn a_rollout_without_a_whole_line_is_no_failure() {
    let home = Home::with(&["0.47"]);
    home.ok("init -q --no-hooks");
    let name = |n: u8| format!("rollout-2026-11-22T10-00-00-01a20577-0000-7000-8000-00000000000{n}.jsonl");
    let (empty, torn) = (home.put(&name(1), b""), home.put(&name(2), &Fixture::named("0.169").bytes[..300]));
    let says_nothing = |verb: &str| {
        let ran = home.ok(verb);
        assert!(
            ["can't", "could not", "whole", "empty"].iter().all(|word| !ran.stderr.contains(word)),
            "{verb}: {ran:?}"
        );
        ran
    };
    let say_nothing = || {
        for verb in ["record", "list --all", "log"] {
            says_nothing(verb);
        }
        // Without hooks it fails, and says nothing else.
        let status = home.run(["status"]);
        assert!(status.stdout.contains("unrecorded  nothing") && !status.stderr.contains("can't"), "{status:?}");
    };
    say_nothing();
    assert_eq!(
        says_nothing("doctor --json").json()[0]["hollow"],
        serde_json::json!([]),
        "Codex may have made them just now"
    );
    [&empty, &torn].into_iter().for_each(|path| age(path));
    say_nothing();
    let told = home.ok("doctor");
    for path in [&empty, &torn] {
        let hint = format!("hint: rm {}", path.display());
        assert!(
            told.stderr.contains("holds no whole line, and no process has it open") && told.stderr.contains(&hint),
            "{told:?}"
        );
    }
    assert_eq!(home.ok("doctor --json").json()[0]["hollow"].as_array().unwrap().len(), 2);
    let asked = home.run(["record", torn.to_str().unwrap()]);
    assert!(asked.code == 1 && asked.stderr.contains("can't be recorded: it holds no whole line"), "{asked:?}");
    let holder = fs::File::open(&torn).unwrap();
    let mut reader = std::process::Command::new("sleep").arg("60").stdin(holder).spawn().unwrap();
    assert_eq!(
        home.ok("doctor --json").json()[0]["hollow"],
        serde_json::json!([empty]),
        "somebody has the other one open"
    );
    reader.kill().unwrap();
    reader.wait().unwrap();
    // A session went on in one that holds nothing, if it did: what it was before is recorded.
    let (bytes, first) = (Fixture::named("0.169").bytes, name(3));
    home.put(&first, &bytes);
    home.put(
        &first.replace("10-00-00", "11-00-00").replace(".jsonl", "_01a20577-0000-7000-8000-000000000009.jsonl"),
        b"",
    );
    home.ok("record");
    assert_eq!(home.ok("log --json 01a20577-0000-7000-8000-000000000003").json().len(), 6);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let home = Home::with(&["0.169"]);
    let pipe = home.place("rollout-2026-11-22T10-00-00-01a20577-0000-7000-8000-000000000001.jsonl");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let ran = home.run(["init"]);
    assert!(ran.code == 1 && ran.stderr.contains("is not a regular file"), "{}", ran.stderr);
    let ran = home.run([std::ffi::OsStr::new("record"), pipe.as_os_str()]);
    assert!(ran.code == 1 && ran.stderr.contains("is not a regular file"), "{}", ran.stderr);
    assert_eq!(home.ok("log --json").json().len(), 6);
}

#[test]
fn a_rewritten_rollout_is_recorded_beside_what_it_was() {
    let fixture = Fixture::named("0.169");
    let text = String::from_utf8(fixture.bytes.clone()).unwrap();
    let longer = text.replacen("first plain turn", "FIRST plain turn!", 9);
    let rewrites = [
        longer,
        text.replacen("\"cli_version\":\"0.169.0\"", "\"cli_version\":\"0.169.1\"", 1),
        text.replace("sixth plain", "SIXTH plain"),
    ];
    for rewritten in rewrites {
        assert_ne!(rewritten, text);
        let home = Home::with(&["0.169"]);
        home.ok("init -q");
        let (id, before) = (fixture.id(), home.refs().split_whitespace().last().unwrap().to_owned());
        home.put(&fixture.name, rewritten.as_bytes());
        let ran = home.ok("record");
        assert!(ran.stderr.contains("warning: ") && ran.stderr.contains("was rewritten"), "{}", ran.stderr);
        // It is told once.
        assert!(home.ok("record").stderr.contains("nothing new in 1 session"));
        assert_eq!(home.ok(&format!("log {id}")).stderr, "");
        // What the session was is the commit before, in git's words and in ours.
        assert_eq!(home.git(&format!("rev-parse {id}~1")).trim(), before);
        let old = home.ok(&format!("log {id}@{{before}}"));
        assert_eq!(old.stdout.lines().count(), 6, "{}", old.stdout);
        assert!(old.stdout.contains("sixth plain"));
        let state = |home: &Home| home.git(&format!("rev-parse {id}^{{tree}}"));
        let alone = Home::empty();
        alone.put(&fixture.name, rewritten.as_bytes());
        alone.ok("init -q");
        assert_eq!(state(&home), state(&alone), "what it is now is what it would be alone");
        assert_eq!(home.ok(&format!("log --json {id}")).json().len(), alone.ok("log --json").json().len());
        // Turns that are the same in both are the same commits.
        let left = home.ok(&format!("log --all-turns --json {id}")).json();
        let aside = left.iter().filter(|turn| turn["aside"] == "left-behind").count();
        assert!((1..=6).contains(&aside), "{aside}");
        let fork = home.ok(&format!("fork {id}@{{before}}~1"));
        assert!(home.ok(&format!("log {}", fork.stdout.trim())).stdout.contains("fifth"));
        home.ok("verify");
    }
}

#[test]
fn an_edit_that_keeps_length_and_time_is_noticed() {
    let (home, fixture) = (Home::with(&["0.169", "0.80"]), Fixture::named("0.169"));
    home.ok("init -q");
    assert!(home.ok("record").stderr.contains("nothing new in 2 sessions"));
    let note = home.store().join("codex-git.seen");
    assert_eq!(fs::read_to_string(&note).unwrap().lines().count(), 4);
    let place = home.place(&fixture.name);
    let written = fs::metadata(&place).unwrap().modified().unwrap();
    let edited = String::from_utf8(fixture.bytes.clone()).unwrap().replace("sixth plain", "sixth PLAIN");
    fs::write(&place, edited).unwrap();
    fs::File::options().write(true).open(&place).unwrap().set_modified(written).unwrap();
    assert!(home.ok("record").stderr.contains("was rewritten"));
    home.put(&fixture.name, &fixture.bytes);
    assert!(home.ok("record").stderr.contains("was rewritten"));
    // A branch that was moved by hand is looked at, too; and without the note, or with another's, all is.
    let tip = home.git(&format!("rev-parse {}", fixture.id()));
    home.git(&format!("update-ref refs/heads/{0} {0}^2~2", fixture.id()));
    home.ok("record");
    assert_eq!(
        home.git(&format!("rev-parse {}", fixture.id())),
        home.git(&format!("rev-parse {}", tip.trim().to_owned() + "^2"))
    );
    for other in ["", "codex-git seen 2\n", "codex-git seen 1\nnonsense\n\u{0}"] {
        fs::write(&note, other).unwrap();
        assert!(home.ok("record").stderr.contains("nothing new in 2 sessions"));
    }
}

#[test]
fn an_edit_in_the_middle_that_keeps_length_and_time_is_noticed() {
    let (home, fixture) = (Home::with(&["0.169"]), Fixture::named("0.169"));
    home.ok("init -q");
    let place = home.place(&fixture.name);
    let written = fs::metadata(&place).unwrap().modified().unwrap();
    let text = String::from_utf8(fixture.bytes.clone()).unwrap();
    let prompt =
        home.ok(&format!("log --json {}", fixture.id())).json().pop().unwrap()["prompt"].as_str().unwrap().to_owned();
    let edited = text.replace(&prompt, &prompt.to_uppercase());
    assert!(edited != text && edited.len() == text.len());
    let file = fs::File::options().write(true).open(&place).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, edited.as_bytes(), 0).unwrap();
    file.set_modified(written).unwrap();
    assert!(home.ok("record").stderr.contains("was rewritten"));
}

#[test]
fn an_edit_of_a_file_that_was_behind_and_came_back_is_noticed() {
    let (home, session) = (Home::empty(), crate::support::synthetic::Synthetic::new(7));
    let whole = session.rollout(2, 300);
    let place = home.put(&session.name, whole.as_bytes());
    home.ok("init -q --no-hooks");
    fs::write(&place, session.rollout(1, 300)).unwrap();
    assert!(home.ok("record").stderr.contains("fewer"));
    home.ok(&format!("-q evict --now {}", session.id));
    home.ok(&format!("-q restore {}", session.id));
    assert_eq!(fs::read_to_string(&place).unwrap(), whole);
    let edited = whole.replacen("turn 1 of", "TURN 1 of", 1);
    assert!(edited != whole && edited.len() == whole.len());
    let aside = place.with_extension("new");
    fs::write(&aside, &edited).unwrap();
    fs::rename(&aside, &place).unwrap();
    assert!(home.ok("record").stderr.contains("was rewritten"));
}

#[test]
fn the_person_s_settings_leak_into_nothing() {
    let fixture = Fixture::named("0.80");
    let home = Home::with(&["0.80"]);
    let config = home.path().join("../.gitconfig");
    fs::write(&config, "[user]\nname = Eve\nemail = eve@example.com\n[core]\nautocrlf = true\n[commit]\ngpgsign = true\n[init]\ndefaultBranch = x\n").unwrap();
    let ran = home
        .command()
        .args(["init", "-q"])
        .envs([
            ("TZ", "Asia/Tokyo"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("GIT_AUTHOR_NAME", "Eve"),
            ("GIT_COMMITTER_DATE", "1"),
            ("GIT_DIR", "/nowhere"),
        ])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(home.refs(), at_once(&fixture));
}

#[test]
fn a_chunk_above_8_mib_is_kept_in_parts() {
    let fixture = Fixture::named("0.169");
    let line = format!(
        "{{\"timestamp\":\"2026-11-22T22:56:19Z\",\"type\":\"x\",\"payload\":{{\"a\":\"{}\"}}}}\n",
        "y".repeat(9 << 20)
    );
    let first = fixture.bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let bytes = [&fixture.bytes[..first], line.as_bytes(), &fixture.bytes[first..]].concat();
    let home = Home::empty();
    let place = home.put(&fixture.name, &bytes);
    home.ok("init -q");
    let names = home.git(&format!("ls-tree -r --name-only {}", fixture.id()));
    assert!(names.starts_with("0000-meta.jsonl\n0000/01.jsonl\n0000/01.jsonl.001\n0000/02.jsonl\n"), "{names}");
    home.ok("verify");
    fs::remove_file(&place).unwrap();
    home.command().env("PATH", "").args(["resume", &fixture.id()]).output().unwrap();
    assert!(fs::read(&place).unwrap() == bytes);
}

#[test]
fn many_recorders_at_once_lose_nothing_and_repeat_nothing() {
    let fixture = Fixture::named("0.169");
    let home = Home::empty();
    let place = home.put(&fixture.name, &fixture.bytes[..3000.min(fixture.bytes.len())]);
    home.run(["init", "-q"]);
    let pieces: Vec<&[u8]> = fixture.bytes[3000..].chunks(1500).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new().append(true).open(&place).unwrap();
            for piece in &pieces {
                file.write_all(piece).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(8));
            }
        });
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let ran = home.run(["record", "-q"]);
                    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
                }
            });
        }
    });
    home.ok("record -q");
    assert_eq!(home.refs(), at_once(&fixture));
    home.ok("verify");
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let home = Home::empty();
    home.ok("init -q");
    let fixture = Fixture::named("0.47");
    home.put(&fixture.name, &fixture.bytes);
    let ran = home.ok("record --dry-run --json");
    assert_eq!(ran.json()[0]["turns"], 5);
    assert_eq!(home.refs(), "");
    assert_eq!(home.git("count-objects"), "0 objects, 0 kilobytes\n");
    home.ok("record");
    assert_eq!(home.ok("record -n --json").json()[0]["changed"], false);
}

#[test]
fn a_rollout_and_a_session_can_be_named() {
    let (home, fixture) = (Home::with(&["0.47", "0.80"]), Fixture::named("0.80"));
    let elsewhere = home.work().join(&fixture.name);
    fs::rename(home.place(&fixture.name), &elsewhere).unwrap();
    fs::create_dir_all(home.path().join("sessions")).unwrap();
    let store = home.path().join("other.git");
    home.ok(&format!("--store {} --codex-home {} init -q", store.display(), home.work().display()));
    let told = home.ok(&format!("--store {} record --json {}", store.display(), elsewhere.display())).json();
    assert_eq!((told.len(), told[0]["turns"].as_u64()), (1, Some(5)));
    let told = home.ok(&format!("--store {} record --json 01a20577-cc6c", store.display())).json();
    assert_eq!((told.len(), told[0]["session"].as_str()), (1, Some(Fixture::named("0.47").id().as_str())));
    assert!(
        home.run(["--store", store.to_str().unwrap(), "record", "nothing-like-it"])
            .stderr
            .contains("no saved session or rollout found for `nothing-like-it`")
    );
}

#[test]
fn a_lock_that_a_kill_left_behind_is_removed_once_it_is_old() {
    let (home, fixture) = (Home::with(&["0.169"]), Fixture::named("0.169"));
    let cut = fixture.turns[2]["end"].as_u64().unwrap() as usize;
    home.put(&fixture.name, &fixture.bytes[..cut]);
    home.ok("init -q");
    home.put(&fixture.name, &fixture.bytes);
    let locks =
        [format!("refs/heads/{}.lock", fixture.id()), "HEAD.lock".to_owned(), "refs/tags/alpha.lock".to_owned()];
    locks.iter().for_each(|lock| fs::write(home.store().join(lock), "").unwrap());
    home.ok("record");
    home.ok(&format!("save alpha {}", fixture.id()));
    assert_eq!(home.refs(), at_once(&fixture));
    assert!(!home.store().join(&locks[0]).exists() && !home.store().join(&locks[2]).exists());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Recorded in any pieces, torn lines included, a rollout gives the commits that it gives at once.
    #[test]
    fn pieces_give_the_same_commits(case in prop::sample::select(Fixture::all()), mut cuts in prop::collection::vec(0.0..1.0_f64, 0..6)) {
        let fixture = Fixture::named(&case);
        cuts.sort_by(f64::total_cmp);
        let home = Home::empty();
        home.ok("init -q");
        for cut in cuts {
            home.put(&fixture.name, &fixture.bytes[..(cut * fixture.bytes.len() as f64) as usize]);
            home.run(["record", "-q"]);
        }
        home.put(&fixture.name, &fixture.bytes);
        home.ok("record -q");
        prop_assert_eq!(home.refs(), at_once(&fixture));
    }

    /// The commits of a prefix are a prefix of the commits, open lines aside.
    #[test]
    fn a_prefix_gives_a_prefix_of_the_turns(case in prop::sample::select(Fixture::all()), cut in 0.0..1.0_f64) {
        let fixture = Fixture::named(&case);
        let whole = Home::with(&[&case]);
        whole.ok("init -q");
        let home = Home::empty();
        home.put(&fixture.name, &fixture.bytes[..(cut * fixture.bytes.len() as f64) as usize]);
        home.run(["init", "-q"]);
        if home.refs().contains("refs/heads") {
            let id = fixture.id();
            let part: Vec<String> = home.git(&format!("rev-list --reverse refs/heads/{id}")).lines().map(str::to_owned).collect();
            let all = commits(&whole, &id);
            prop_assert_eq!(&all[..part.len()], &part[..]);
        }
    }
}
