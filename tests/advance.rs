//! Rollouts that have fewer turns than the store, and `restore --advance`, which completes them.

mod races;

use std::fs::{self, File};
use std::path::Path;

use crate::support::codex::{CURRENT, Codex, LEGACY};
use crate::support::{Fixture, Home, copy_folder, line_ends};

/// Where turns end in a file, as the store tells it.
fn turn_ends(home: &Home, id: &str) -> Vec<usize> {
    let offsets = home.git(&format!("log --reverse --format=%(trailers:key=Codex-Offset,valueonly) {id}"));
    offsets.split_whitespace().map(|offset| offset.parse().unwrap()).collect()
}

/// A home with a recorded session, whose file is then a shorter one.
fn behind(case: &str, shorter: impl FnOnce(&[u8], &[usize]) -> Vec<u8>) -> (Home, Fixture) {
    let (home, fixture) = (Home::with(&[case]), Fixture::named(case));
    home.ok("init -q --no-hooks");
    let ends = turn_ends(&home, &fixture.id());
    home.put(&fixture.name, &shorter(&fixture.bytes, &ends));
    (home, fixture)
}

/// Only the rollout lies in its folder.
fn nothing_else_in(folder: &Path) {
    let names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn a_file_that_was_put_back_from_a_copy_gets_its_turns_again() {
    for case in ["0.47", "0.98", "0.117-killed", "0.148", "0.169", "0.169-compact"] {
        for cut in [0, 1, 40] {
            // At the end of a turn, in the middle of a line, and at the end of a line.
            let (home, fixture) = behind(case, |bytes, ends| {
                let end = ends[1];
                let lines = line_ends(bytes);
                let next = lines.iter().find(|line| **line > end).copied().unwrap_or(end);
                bytes[..match cut {
                    0 => end,
                    1 => (end + 1).min(bytes.len()),
                    _ => next,
                }]
                    .to_vec()
            });
            let (refs, place) = (home.refs(), home.place(&fixture.name));
            let told = home.ok(&format!("log {}", &fixture.id())).stderr;
            assert!(told.contains("`codex-git restore --advance "), "{case}: {told}");
            let examined = home.run(["doctor"]).stderr;
            assert!(
                examined.contains("1 rollout has fewer turns than the store\nhint: codex-git restore --advance\n"),
                "{examined}"
            );
            let listed = home.ok("list --all").stdout;
            assert!(listed.contains("(behind "), "{case}: {listed}");
            let dry = home.ok("restore --advance --dry-run").stderr;
            assert!(dry.starts_with("would add ") && fs::read(&place).unwrap() != fixture.bytes, "{case}: {dry}");
            let told = home.ok("restore --advance").stderr;
            assert!(told.starts_with("added ") && told.contains(" turn"), "{case}: {told}");
            assert!(fs::read(&place).unwrap() == fixture.bytes, "{case}");
            assert_eq!(home.refs(), refs, "{case}");
            nothing_else_in(place.parent().unwrap());
            assert!(home.ok("record").stderr.contains("nothing new"), "{case}");
            assert_eq!(home.ok("restore --advance").stderr, "no rollout has fewer turns than the store\n");
            home.ok("verify");
        }
    }
}

#[test]
fn a_packed_file_gives_way_to_a_plain_one_and_an_archived_one_stays_archived() {
    let (home, fixture) = behind("0.169", |bytes, ends| bytes[..ends[1]].to_vec());
    let place = home.place(&fixture.name);
    let packed = place.with_extension("jsonl.zst");
    fs::write(&packed, zstd::encode_all(&fs::read(&place).unwrap()[..], 1).unwrap()).unwrap();
    fs::remove_file(&place).unwrap();
    home.ok(&format!("restore --advance {}", &fixture.id()));
    assert!(fs::read(&place).unwrap() == fixture.bytes && !packed.exists());
    let archive = home.path().join("archived_sessions");
    fs::create_dir(&archive).unwrap();
    fs::write(archive.join(&fixture.name), &fixture.bytes[..line_ends(&fixture.bytes)[0]]).unwrap();
    fs::remove_file(&place).unwrap();
    let told = home.ok(&format!("restore --advance --json {}", &fixture.id())).json();
    assert!(fs::read(archive.join(&fixture.name)).unwrap() == fixture.bytes && !place.exists());
    assert_eq!(told[0]["rolloutPath"], archive.join(&fixture.name).to_str().unwrap());
    nothing_else_in(&archive);
}

const IDLE: &str = "{\"timestamp\":\"2026-11-22T23:00:00.000Z\",\"ordinal\":99,\"type\":\"event_msg\",\"payload\":{\"type\":\"thread_settings_applied\"}}\n";

#[test]
fn lines_that_only_the_shorter_file_had_are_kept() {
    let (home, fixture) = behind("0.169", |bytes, ends| [&bytes[..ends[1]], IDLE.as_bytes()].concat());
    let branch = home.git(&format!("rev-parse {}", &fixture.id()));
    let told = home.ok("restore --advance").stderr;
    assert!(fs::read(home.place(&fixture.name)).unwrap() == fixture.bytes);
    assert_eq!(home.git(&format!("rev-parse {}", &fixture.id())), branch);
    let kept = home.git("for-each-ref --format=%(refname) refs/kept");
    assert_eq!(kept.lines().count(), 1, "{kept}");
    let id = kept.trim().rsplit('/').next().unwrap();
    assert!(told.ends_with(&format!("what only the shorter file had is kept as {}\n", &id[..10])), "{told}");
    let name = home.git(&format!("ls-tree -r --name-only {}", kept.trim()));
    let last = name.lines().rfind(|name| name.ends_with(".jsonl")).unwrap().to_owned();
    assert_eq!(home.git(&format!("cat-file blob {}:{last}", kept.trim())), IDLE);
    for check in ["verify", "verify --repair", "gc", "verify"] {
        home.ok(check);
    }
    assert_eq!(home.git("for-each-ref --format=%(refname) refs/kept"), kept);
    nothing_else_in(home.place(&fixture.name).parent().unwrap());
}

#[test]
fn a_file_with_fewer_turns_is_behind_however_long_its_other_lines_make_it() {
    for case in ["0.98", "0.169"] {
        let idle = IDLE.repeat(Fixture::named(case).bytes.len() / IDLE.len() + 1);
        let (home, fixture) = behind(case, |bytes, ends| [&bytes[..ends[1]], idle.as_bytes()].concat());
        let branch = home.git(&format!("rev-parse {}", &fixture.id()));
        assert!(home.ok("list --all").stdout.contains("(behind "), "{case}");
        let told = home.ok("restore --advance").stderr;
        assert!(told.starts_with("added ") && fs::read(home.place(&fixture.name)).unwrap() == fixture.bytes, "{told}");
        assert_eq!(home.git(&format!("rev-parse {}", &fixture.id())), branch);
        let kept = home.git("for-each-ref --format=%(refname) refs/kept");
        let files = home.git(&format!("ls-tree -r --name-only {}", kept.trim()));
        let last = files.lines().rfind(|name| name.ends_with(".jsonl")).unwrap().to_owned();
        assert_eq!(home.git(&format!("cat-file blob {}:{last}", kept.trim())), idle, "{case}");
        assert!(home.ok("record").stderr.contains("nothing new"), "{case}");
    }
}

#[test]
fn a_file_that_lacks_lines_alone_is_told_in_words_that_fit() {
    let (home, fixture) = (Home::with(&["0.169"]), Fixture::named("0.169"));
    let whole = [&fixture.bytes, IDLE.as_bytes()].concat();
    home.put(&fixture.name, &whole);
    home.ok("init -q --no-hooks");
    home.put(&fixture.name, &fixture.bytes);
    assert!(home.ok("list --all").stdout.contains("(behind) "));
    assert!(home.ok("record").stderr.contains(" has fewer lines in its rollout than in the store"));
    let refused = home.run(["restore", &fixture.id()]);
    assert!(refused.stderr.contains(" has fewer lines in its rollout than in the store"), "{refused:?}");
    assert!(home.ok("restore --advance").stderr.starts_with("added lines to "));
    assert!(fs::read(home.place(&fixture.name)).unwrap() == whole);
}

#[test]
fn half_a_line_that_the_store_lacks_is_kept() {
    let (home, fixture) = behind("0.169", |bytes, ends| [&bytes[..ends[1]], b"{\"half"].concat());
    let refused = home.run(["restore", &fixture.id()]);
    assert!(refused.code == 1 && refused.stderr.contains("hint: codex-git restore --advance "), "{refused:?}");
    home.ok("restore --advance");
    let place = home.place(&fixture.name);
    assert!(fs::read(&place).unwrap() == fixture.bytes);
    let kept = home.git("for-each-ref --format=%(refname) refs/kept");
    assert_eq!(home.git(&format!("cat-file blob {}", kept.trim())), "{\"half");
    for check in ["verify", "verify --repair", "gc", "verify"] {
        home.ok(check);
    }
    assert_eq!(home.git("for-each-ref --format=%(refname) refs/kept"), kept);
    nothing_else_in(place.parent().unwrap());
    assert!(home.ok("record").stderr.contains("nothing new"));
}

#[test]
fn a_session_that_codex_has_open_waits_and_is_completed_by_the_next_command() {
    let (home, fixture) = behind("0.169", |bytes, ends| bytes[..ends[1]].to_vec());
    let (place, id) = (home.place(&fixture.name), fixture.id());
    let locks = home.path().join("thread-writer-locks");
    fs::create_dir_all(&locks).unwrap();
    let codex = File::create(locks.join(format!("{id}.lock"))).unwrap();
    codex.lock().unwrap();
    let refused = home.run(["restore", "--advance", &id]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("has session ") && refused.stderr.contains("when Codex has closed it"),
        "{refused:?}"
    );
    home.ok("list --all");
    assert!(fs::read(&place).unwrap() != fixture.bytes);
    drop(codex);
    let told = home.ok("list --all").stderr;
    assert!(told.contains("added 5 turns to "), "{told}");
    assert!(fs::read(&place).unwrap() == fixture.bytes);
    assert!(!home.ok("list --all").stderr.contains("added"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_a_process_has_open_is_not_replaced() {
    let (home, fixture) = behind("0.98", |bytes, ends| bytes[..ends[1]].to_vec());
    let place = home.place(&fixture.name);
    let mut sleeper = std::process::Command::new("sleep").arg("30").stdin(File::open(&place).unwrap()).spawn().unwrap();
    let refused = home.run(["restore", "--advance"]);
    assert!(refused.code == 1 && refused.stderr.contains("another process has"), "{refused:?}");
    assert!(fs::read(&place).unwrap() != fixture.bytes);
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    home.ok("restore --advance");
    assert!(fs::read(&place).unwrap() == fixture.bytes);
    nothing_else_in(place.parent().unwrap());
}

#[test]
fn an_older_copy_of_a_whole_home_rewrites_nothing_and_is_completed() {
    for case in ["forks", "revert"] {
        let (home, files) = (Home::empty(), Fixture::lineage(case));
        files.iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
        home.ok("init -q --no-hooks");
        let refs = home.refs();
        // As it was when the first file had one turn, and nothing else was there.
        let (name, bytes) = &files[0];
        let ends = line_ends(bytes);
        fs::remove_dir_all(home.path().join("sessions")).unwrap();
        home.put(name, &bytes[..ends[ends.len() / 2]]);
        let told = home.ok("record").stderr;
        assert!(!told.contains("rewritten") && home.refs() == refs, "{case}: {told}");
        home.ok("restore --advance");
        assert!(fs::read(home.place(name)).unwrap() == *bytes, "{case}");
        assert_eq!(home.refs(), refs, "{case}");
        home.ok("restore --deleted");
        let ids: std::collections::BTreeSet<_> = files.iter().map(|(name, _)| name[28..64].to_owned()).collect();
        ids.iter().for_each(|id| drop(home.ok(&format!("restore {id}"))));
        files.iter().for_each(|(name, bytes)| assert!(fs::read(home.place(name)).unwrap() == *bytes, "{case} {name}"));
        assert_eq!(home.refs(), refs, "{case}");
    }
}

/// Puts a copy of a folder into the place of another.
#[test]
fn a_file_that_was_emptied_or_cut_in_its_first_line_gets_all_of_its_turns_again() {
    for len in [0, 1, 200] {
        let (home, fixture) = behind("0.169", |bytes, _| bytes[..len].to_vec());
        let place = home.place(&fixture.name);
        assert!(home.ok("list --all").stdout.contains("(behind 6)"), "{len}");
        let refused = home.run(["restore", &fixture.id()]);
        assert!(refused.stderr.contains("hint: codex-git restore --advance "), "{refused:?}");
        home.ok("restore --advance");
        assert!(fs::read(&place).unwrap() == fixture.bytes, "{len}");
        // What is no beginning of it is told, and stays.
        fs::write(&place, "{\"else").unwrap();
        let refused = home.run(["record"]);
        assert!(refused.code == 1 && refused.stderr.contains("it holds no whole line"), "{refused:?}");
        assert_eq!(home.run(["restore", "--advance", &fixture.id()]).code, 1);
        assert_eq!(fs::read(&place).unwrap(), b"{\"else");
        nothing_else_in(place.parent().unwrap());
    }
}

#[test]
fn an_old_copy_beside_the_packed_file_is_behind_and_what_it_gains_is_recorded() {
    let (home, fixture) = behind("0.169", |bytes, ends| bytes[..ends[1]].to_vec());
    let place = home.place(&fixture.name);
    fs::write(place.with_extension("jsonl.zst"), zstd::encode_all(&fixture.bytes[..], 1).unwrap()).unwrap();
    let old = fs::read(&place).unwrap();
    assert!(home.ok("list --all").stdout.contains("(behind "));
    let own = String::from_utf8(fixture.bytes[old.len()..].to_vec()).unwrap().replace("turn", "tune");
    home.put(&fixture.name, &[&old, own.replace("\"tune_", "\"turn_").as_bytes()].concat());
    assert!(home.ok("record").stderr.contains("rewritten"));
    home.put(&fixture.name, &old);
    home.ok("record");
    home.put(&fixture.name, &fixture.bytes);
    home.ok("record");
    assert!(fs::read(&place).unwrap() == fixture.bytes);
}

#[test]
fn what_a_dry_run_would_add_is_told_once() {
    let (home, files) = (Home::empty(), Fixture::lineage("forks"));
    files.iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
    home.ok("init -q --no-hooks");
    for (name, bytes) in &files {
        let ends = line_ends(bytes);
        home.put(name, &bytes[..ends[ends.len() * 2 / 3]]);
    }
    let dry = home.ok("restore --advance --dry-run").stderr;
    let told: std::collections::BTreeSet<_> = dry.lines().collect();
    assert!(told.len() == dry.lines().count() && told.len() >= 2, "{dry}");
    assert_eq!(home.ok("restore --advance").stderr.lines().count(), told.len());
    files.iter().for_each(|(name, bytes)| assert!(fs::read(home.place(name)).unwrap() == *bytes, "{name}"));
}

fn put_copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).unwrap();
    }
    copy_folder(from, to);
}

#[test]
fn a_session_that_went_on_elsewhere_goes_on_here() {
    for version in [CURRENT, LEGACY] {
        let (here, there) = (Codex::new(version), Codex::new(version));
        let id = here.start("one here");
        here.turn(&id, "two here");
        here.ok("init -q --no-hooks");
        put_copy(&here.home.store(), &there.home.store());
        there.ok(&format!("restore -q {id}"));
        assert_eq!(there.turn(&id, "three there").code, 0, "{version}");
        there.turn(&id, "four there");
        there.ok("record -q");
        put_copy(&there.home.store(), &here.home.store());
        let told = here.ok("record").stderr;
        assert!(told.contains("2 turns fewer") && !told.contains("rewritten"), "{version}: {told}");
        here.ok(&format!("restore -q --advance {id}"));
        assert!(fs::read(here.rollout(&id)).unwrap() == fs::read(there.rollout(&id)).unwrap(), "{version}");
        assert_eq!(here.turn(&id, "five here").code, 0, "{version}");
        let asked = here.server.last_history().concat();
        for prompt in ["one here", "two here", "three there", "four there", "five here"] {
            assert!(asked.contains(prompt), "{version}: {prompt} is not in {asked}");
        }
        here.ok("record -q");
        here.ok("verify -q");
        assert_eq!(here.home.ok(&format!("log --json {id}")).json().len(), 5, "{version}");
    }
}
