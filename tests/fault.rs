//! Whatever fails, and whenever the program is killed: nothing is lost, and the next run completes.
//!
//! Each verb is stopped at every single change that it makes to a file, by a kill and by errors of the system. After each,
//! git finds the store sound, and the verb run again comes to what it comes to when nothing fails.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::support::shim::{ALL, ENOSPC, How, changes, faulty, without_locks};
use crate::support::{Fixture, Home};

#[test]
fn an_import_without_room_says_what_could_not_be_made() {
    let home = Home::with(&["0.47"]);
    home.ok("init -q --no-hooks");
    home.ok(&format!("share -q {} --out {}", Fixture::named("0.47").id(), home.work().join("it").display()));
    let import = || {
        let mut import = home.command();
        import.args(["import", "it"]);
        import
    };
    let (steps, _) = changes(&home, import());
    let told: Vec<String> = (1..=steps).map(|at| faulty(&home, import(), at, How::Fail(ENOSPC)).stderr).collect();
    assert!(told.iter().any(|told| told.contains("error: can't make a temporary store: No space left")), "{told:?}");
}

#[test]
fn a_fork_that_fails_leaves_no_session() {
    let (home, fixture) = grown(1);
    home.ok("record -q");
    let fork = |home: &Home| {
        let mut fork = home.command();
        fork.args(["fork", "-q", &fixture.id()]);
        fork
    };
    let counted = home.copy();
    let (steps, _) = changes(&counted, fork(&counted));
    for at in 1..=steps {
        let home = home.copy();
        let ran = faulty(&home, fork(&home), at, How::Fail(ENOSPC));
        let sessions = home.ok("list --all --json").json().len();
        assert_eq!(sessions, if ran.code == 0 { 2 } else { 1 }, "at {at} of {steps}: {ran:?}");
    }
}

#[test]
fn where_files_can_not_be_locked_that_is_told() {
    let home = Home::with(&["0.47"]);
    for verb in [&["init", "--no-hooks"][..], &["record"], &["gc"]] {
        let mut command = home.command();
        command.args(verb);
        let ran = without_locks(&home, command);
        let told = &ran.stderr;
        assert!(ran.code == 1 && told.contains("error: can't lock the store: No locks available"), "{verb:?}: {told}");
        assert!(["nothing new", "another codex-git"].iter().all(|words| !told.contains(words)), "{verb:?}: {told}");
    }
    home.ok("init -q --no-hooks");
    assert_eq!(home.ok("list --all --json").json().len(), 1);
}

/// A verb in a home that is ready for it.
struct Case {
    /// The home before.
    home: Home,
    words: Vec<String>,
    /// Programs that the verb starts are not found.
    alone: bool,
}

impl Case {
    fn new(home: Home, words: &str) -> Self {
        Self { home, words: words.split(' ').map(str::to_owned).collect(), alone: false }
    }

    fn command(&self, home: &Home) -> Command {
        let mut command = home.command();
        command.args(&self.words);
        if self.alone {
            command.env("PATH", "/nowhere");
        }
        command
    }

    /// Stops the verb at each of its changes in turn, and hands the home to the check after each.
    fn stop_everywhere(&self, least: usize, check: impl Fn(&Home, &str) + Sync) {
        let counted = self.home.copy();
        let (steps, ran) = changes(&counted, self.command(&counted));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(steps >= least, "{:?} makes {steps} changes", self.words);
        let runs: Vec<(usize, How)> =
            (1..=steps).flat_map(|at| faults(at).into_iter().map(move |how| (at, how))).collect();
        std::thread::scope(|scope| {
            // More than there are processors: a lock that a kill left is waited for.
            for part in runs.chunks(runs.len().div_ceil(6)) {
                let check = &check;
                scope.spawn(move || {
                    for (at, how) in part {
                        let home = self.home.copy();
                        let ran = faulty(&home, self.command(&home), *at, *how);
                        let what = format!("{:?}, {how:?} at change {at} of {steps}: {}", self.words, ran.stderr);
                        if home.store().exists() {
                            assert_eq!(home.git("fsck --strict --full --no-dangling"), "", "{what}");
                        }
                        if let How::Fail(_) = how {
                            assert!(ran.code == 0 || ran.code == 1, "{what}");
                            let told = self.alone || ran.stderr.lines().any(|line| line.starts_with("error: "));
                            assert!(ran.code == 0 || told, "{what}");
                        }
                        check(&home, &what);
                    }
                });
            }
        });
    }
}

/// A kill at every change, and one of the errors in turn; with `CODEX_GIT_EXHAUSTIVE` all of them.
fn faults(at: usize) -> Vec<How> {
    match std::env::var_os("CODEX_GIT_EXHAUSTIVE") {
        Some(_) => ALL.to_vec(),
        None => vec![How::Kill, ALL[1 + at % 3]],
    }
}

fn grown(first: usize) -> (Home, Fixture) {
    let (home, fixture) = (Home::empty(), Fixture::named("0.169"));
    let cut = fixture.turns[first]["end"].as_u64().unwrap() as usize;
    home.put(&fixture.name, &fixture.bytes[..cut]);
    home.ok("init -q");
    home.put(&fixture.name, &fixture.bytes);
    (home, fixture)
}

#[test]
fn record() {
    let (home, fixture) = grown(1);
    let whole = Home::with(&["0.169"]);
    whole.ok("init -q");
    let case = Case::new(home, "record -q");
    case.stop_everywhere(20, |home, what| {
        home.ok("record -q");
        assert_eq!(home.refs(), whole.refs(), "{what}");
        assert_eq!(fs::read(home.place(&fixture.name)).unwrap(), fixture.bytes, "{what}");
    });
}

#[test]
fn import() {
    let cases = Fixture::all();
    let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
    let whole = Home::with(&cases);
    whole.ok("init -q");
    let case = Case::new(Home::with(&cases), "init -q");
    case.stop_everywhere(40, |home, what| {
        home.ok("init -q");
        assert_eq!(home.refs(), whole.refs(), "{what}");
    });
}

/// What another machine has at a remote comes in, whatever stops a pull.
#[test]
fn pull() {
    let shared = tempfile::tempdir().unwrap();
    let path = shared.path().to_str().unwrap();
    let (other, home) = (Home::with(&["0.169", "0.98"]), Home::with(&["0.169"]));
    assert!(std::process::Command::new("git").args(["init", "-q", "--bare", path]).status().unwrap().success());
    for home in [&other, &home] {
        home.ok("init -q --no-hooks");
        home.ok(&format!("-q remote add origin {path} --share all"));
    }
    let session = Fixture::named("0.98").id();
    other.ok(&format!("save -q point {session}"));
    other.ok("push -q");
    let whole = other.refs();
    let case = Case::new(home, "pull -q");
    case.stop_everywhere(15, |home, what| {
        home.ok("pull -q");
        assert_eq!(home.refs(), whole, "{what}");
        assert_eq!(home.git("for-each-ref refs/saves").lines().count(), 1, "{what}");
        assert_eq!(home.ok("verify -q").code, 0, "{what}");
    });
}

/// Until the refs of an import stand, nothing names what is in its packs: whoever tidies up by hand must leave them alone.
#[test]
fn an_import_survives_a_repack_at_any_moment() {
    let cases = Fixture::all();
    let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
    let (empty, whole) = (Home::empty(), Home::with(&cases));
    empty.ok("init -q --no-hooks");
    whole.ok("init -q --no-hooks");
    let home = Home::with(&cases);
    crate::support::copy_folder(&empty.store(), &home.store());
    let record = |home: &Home| {
        let mut command = home.command();
        command.args(["record", "-q"]);
        command
    };
    let counted = home.copy();
    let (steps, ran) = changes(&counted, record(&counted));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let repack = How::Run("git --git-dir \"$FAULT_ROOT/sessions.git\" repack -adq");
    std::thread::scope(|scope| {
        for part in (1..=steps).collect::<Vec<_>>().chunks(steps.div_ceil(3)) {
            let (part, home, whole) = (part.to_vec(), &home, &whole);
            scope.spawn(move || {
                for at in part {
                    let home = home.copy();
                    let ran = faulty(&home, record(&home), at, repack);
                    assert_eq!(ran.code, 0, "at {at} of {steps}: {}", ran.stderr);
                    assert_eq!(home.git("fsck --strict --full --no-dangling"), "", "at {at} of {steps}");
                    assert_eq!(home.refs(), whole.refs(), "at {at} of {steps}");
                    let left = fs::read_dir(home.store().join("objects/pack")).unwrap();
                    let keep = |path: std::path::PathBuf| path.extension().is_some_and(|is| is == "keep");
                    assert!(!left.map(|entry| entry.unwrap().path()).any(keep), "a note stays at {at} of {steps}");
                }
            });
        }
    });
}

#[test]
fn save() {
    let (home, fixture) = grown(1);
    home.ok(&format!("save alpha {}~1", fixture.id()));
    let (before, tag) = (home.git("rev-parse alpha^{commit}"), home.git("rev-parse alpha"));
    let case = Case::new(home, &format!("save alpha {}", fixture.id()));
    case.stop_everywhere(10, |home, what| {
        let now = home.git("rev-parse alpha^{commit}");
        let tip = home.git(&format!("rev-parse {}", fixture.id()));
        assert!(now == before || now == tip, "{what}");
        let ran = home.ok(&format!("save alpha {}", fixture.id()));
        assert_eq!(home.git("rev-parse alpha^{commit}"), tip, "{what}{}", ran.stderr);
        let log = fs::read_to_string(home.store().join("logs/refs/tags/alpha")).unwrap();
        assert!(log.contains(tag.trim_end()), "{what}");
    });
}

#[test]
fn fork() {
    let (home, fixture) = grown(1);
    home.ok("record -q");
    let refs = home.refs();
    let case = Case::new(home, &format!("fork -q {}~1", fixture.id()));
    case.stop_everywhere(30, |home, what| {
        // What is there of the fork is whole: it is recorded like any session.
        home.ok("record -q");
        assert!(home.refs().contains(refs.trim_end()), "{what}");
        let new = home.ok(&format!("fork -q {}~1", fixture.id())).stdout;
        assert!(home.refs().contains(new.trim_end()), "{what}");
        home.ok("verify -q");
    });
}

#[test]
fn restore() {
    let (home, fixture) = grown(1);
    home.ok("record -q");
    fs::remove_file(home.place(&fixture.name)).unwrap();
    let refs = home.refs();
    let mut case = Case::new(home, &format!("resume {}", fixture.id()));
    case.alone = true;
    // Without a codex to start, the verb ends with an error, after the rollout is back.
    let counted = case.home.copy();
    let (steps, _) = changes(&counted, case.command(&counted));
    assert!(steps >= 4, "it makes {steps} changes");
    for at in 1..=steps {
        for how in ALL {
            let home = case.home.copy();
            faulty(&home, case.command(&home), at, how);
            let place = home.place(&fixture.name);
            assert!(!place.exists() || fs::read(&place).unwrap() == fixture.bytes, "{how:?} at {at}");
            case.command(&home).output().unwrap();
            assert_eq!(fs::read(&place).unwrap(), fixture.bytes, "{how:?} at {at}");
            assert_eq!(home.refs(), refs);
        }
    }
}

/// A home with sessions that go on from each other, recorded.
fn lineage(case: &str) -> (Home, Vec<(String, Vec<u8>)>) {
    let (home, files) = (Home::empty(), Fixture::lineage(case));
    files.iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
    home.ok("init -q");
    (home, files)
}

#[test]
fn restore_with_bases() {
    let (home, files) = lineage("forks");
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    let mut case = Case::new(home, "restore -q --deleted");
    case.alone = true;
    case.stop_everywhere(16, |home, what| {
        let whole = |(name, bytes): &(String, Vec<u8>)| fs::read(home.place(name)).is_ok_and(|there| there == *bytes);
        for file in &files {
            assert!(whole(file) || !home.place(&file.0).exists(), "{what}");
        }
        home.ok("restore -q --deleted");
        assert!(files.iter().all(whole), "{what}");
        assert!(home.ok("record").stderr.contains("nothing new"), "{what}");
    });
}

#[test]
fn advance() {
    let (home, fixture) = grown(1);
    home.ok("record -q");
    let cut = fixture.turns[1]["end"].as_u64().unwrap() as usize;
    let idle = "{\"timestamp\":\"2026-11-22T23:00:00.000Z\",\"ordinal\":99,\"type\":\"event_msg\",\"payload\":{\"type\":\"thread_settings_applied\"}}\n";
    let shorter = [&fixture.bytes[..cut], idle.as_bytes()].concat();
    home.put(&fixture.name, &shorter);
    let branch = home.git(&format!("rev-parse {}", fixture.id()));
    let case = Case::new(home, "restore -q --advance");
    case.stop_everywhere(8, |home, what| {
        let place = home.place(&fixture.name);
        let there = fs::read(&place).unwrap();
        assert!(there == shorter || there == fixture.bytes, "{what}");
        home.ok("restore -q --advance");
        assert!(fs::read(&place).unwrap() == fixture.bytes, "{what}");
        assert_eq!(home.git(&format!("rev-parse {}", fixture.id())), branch, "{what}");
        assert_eq!(home.git("for-each-ref --format=x refs/kept"), "x\n", "{what}");
        home.ok("gc -q");
        home.ok("verify -q");
    });
}

#[test]
fn evict() {
    let (home, files) = lineage("forks");
    home.ok("record");
    let refs = home.refs();
    let case = Case::new(home, "evict -q --larger-than 1");
    case.stop_everywhere(4, |home, what| {
        home.ok("evict -q --larger-than 1");
        assert!(files.iter().all(|(name, _)| !home.place(name).exists()), "{what}");
        home.ok("restore -q --deleted");
        assert!(files.iter().all(|(name, bytes)| fs::read(home.place(name)).unwrap() == *bytes), "{what}");
        assert_eq!(home.refs(), refs, "{what}");
    });
}

#[test]
fn a_rewind_and_a_rewrite() {
    let files = Fixture::lineage("revert");
    let (home, whole) = (Home::empty(), lineage("revert").0);
    home.put(&files[0].0, &files[0].1);
    home.ok("init -q");
    home.put(&files[1].0, &files[1].1);
    Case::new(home, "record -q").stop_everywhere(10, |home, what| {
        home.ok("record -q");
        assert_eq!(home.refs(), whole.refs(), "{what}");
    });

    let (home, fixture) = grown(3);
    home.ok("record -q");
    let before = home.git(&format!("rev-parse {}", fixture.id()));
    let migrated = String::from_utf8(fixture.bytes.clone()).unwrap().replace("plain", "PLAIN");
    home.put(&fixture.name, migrated.as_bytes());
    let done = home.copy();
    done.ok("record -q");
    Case::new(home, "record -q").stop_everywhere(10, |home, what| {
        home.ok("record -q");
        assert_eq!(home.refs(), done.refs(), "{what}");
        assert_eq!(home.git(&format!("rev-parse {}~1", fixture.id())), before, "{what}");
    });
}

/// A store with loose objects of several turns, refs of all kinds, and a pack.
fn untidy() -> Home {
    let (cases, fixture) = (Fixture::all(), Fixture::named("0.169"));
    let home = Home::with(&cases.iter().map(String::as_str).filter(|case| *case != "0.169").collect::<Vec<_>>());
    home.ok("init -q");
    for (turn, number) in fixture.turns.iter().zip(1..) {
        home.put(&fixture.name, &fixture.bytes[..turn["end"].as_u64().unwrap() as usize]);
        home.ok(&format!("save at-{number} {}", fixture.id()));
    }
    home.put(&fixture.name, &fixture.bytes);
    home.ok(&format!("save at-1 {}", fixture.id()));
    home.ok(&format!("fork {}~1 --name here", fixture.id()));
    home
}

#[test]
fn gc() {
    let home = untidy();
    let (refs, tags) = (home.refs(), home.git("for-each-ref refs/tags"));
    let objects = objects(&home);
    let case = Case::new(home, "gc -q");
    case.stop_everywhere(30, |home, what| {
        assert_eq!(home.refs(), refs, "{what}");
        home.ok("gc -q");
        assert_eq!((home.refs(), home.git("for-each-ref refs/tags")), (refs.clone(), tags.clone()), "{what}");
        assert_eq!(self::objects(home), objects, "{what}");
        home.ok("verify -q");
        assert!(home.git("count-objects").starts_with("0 objects"), "{what}");
    });
}

/// Every object of the store, named or not.
fn objects(home: &Home) -> BTreeSet<String> {
    let all = home.git("cat-file --batch-all-objects --batch-check=%(objectname)");
    all.lines().map(str::to_owned).collect()
}

#[test]
fn a_full_disk_is_told() {
    let (home, _) = grown(1);
    let mut command = home.command();
    command.arg("record");
    let ran = faulty(&home, command, 2, How::Fail(ENOSPC));
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("No space left on device"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
}
