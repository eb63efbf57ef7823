//! gc and doctor as a person runs them, and what is said when the system or another user stands in the way.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::support::synthetic::Synthetic;
use crate::support::{Fixture, Home};

/// A home whose store has the loose objects of some turns.
fn untidy(turns: usize) -> (Home, Synthetic) {
    let (home, session) = (Home::empty(), Synthetic::new(7));
    home.put(&session.name, session.meta().as_bytes());
    home.ok("init -q");
    for number in 1..=turns {
        home.put(&session.name, session.rollout(number, 300).as_bytes());
        home.ok("record -q");
    }
    (home, session)
}

fn leave_behind(path: &Path, hours: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "half").unwrap();
    let then = SystemTime::now() - Duration::from_secs(hours * 3600);
    fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
}

#[test]
fn gc_packs_what_is_loose_and_tells_what_that_freed() {
    let (home, session) = untidy(5);
    let before = home.git("cat-file --batch-all-objects --batch-check");
    let ran = home.ok("gc");
    assert!(ran.stderr.contains("objects packed, 1 ref packed: the store takes "), "{}", ran.stderr);
    assert!(ran.stderr.contains(" less than before"), "{}", ran.stderr);
    assert_eq!(home.git("cat-file --batch-all-objects --batch-check"), before);
    assert_eq!(home.git("count-objects"), "0 objects, 0 kilobytes\n");
    assert!(!home.store().join("refs/heads").join(&session.id).exists());
    assert!(home.ok("gc").stderr.starts_with("nothing to do"));
    assert_eq!(home.ok("gc --json").json()[0]["objectsPacked"], 0);
    // It goes on where it stood, and every reader finds everything.
    home.put(&session.name, session.rollout(6, 300).as_bytes());
    home.ok("save alpha");
    assert_eq!(home.git(&format!("log --format=%H {}", session.id)).lines().count(), 7);
    assert_eq!(home.ok("log --json").json().len(), 6);
    home.ok("verify");
}

#[test]
fn a_store_packs_itself_after_sixty_four_turns() {
    let (home, session) = untidy(62);
    let loose = |home: &Home| home.git("count-objects").split(' ').next().unwrap().parse::<usize>().unwrap();
    assert!(loose(&home) > 240);
    home.put(&session.name, session.rollout(66, 300).as_bytes());
    home.ok("record -q");
    assert_eq!(loose(&home), 0);
    home.ok("verify");
}

#[test]
fn many_packs_are_merged() {
    let (home, session) = untidy(1);
    for number in 2..=18 {
        home.put(&session.name, session.rollout(number, 300).as_bytes());
        home.ok("gc -q");
        home.ok("record -q");
        home.ok("gc -q");
    }
    let packs = fs::read_dir(home.store().join("objects/pack")).unwrap();
    let packs = packs.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|is| is == "pack")).count();
    assert!(packs <= 16, "{packs} packs");
    assert_eq!(home.git("fsck --strict --full --no-dangling"), "");
    home.ok("verify");
}

#[test]
fn gc_removes_what_kills_left_and_nothing_that_may_be_in_use() {
    let (home, _) = untidy(1);
    let store = home.store();
    let aside = home.path().join("sessions/2026/11/22/.codex-git-abc.tmp");
    let names = [
        "objects/12/tmp_obj_abc",
        "objects/pack/tmp_pack_abc",
        ".tmpabc",
        "remotes/.tmp-abc",
        "remotes/origin.git/objects/pack/tmp_pack_abc",
    ];
    let old: Vec<_> = names.iter().map(|name| store.join(name)).chain([aside]).collect();
    old.iter().for_each(|path| leave_behind(path, 2));
    leave_behind(&store.join("objects/pack/pack-0123.pack"), 2);
    let new = store.join("objects/pack/tmp_pack_new");
    leave_behind(&new, 0);
    let told = home.ok("doctor --json").json();
    assert_eq!(told[0]["leftovers"].as_array().unwrap().len(), 7, "{told:?}");
    assert!(home.ok("gc").stderr.contains("7 leftovers removed"));
    assert!(old.iter().all(|path| !path.exists()) && new.exists());
}

#[test]
fn gc_can_run_twice_at_once() {
    let (home, _) = untidy(3);
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(|| home.ok("gc -q")))));
    home.ok("verify");
}

#[test]
fn doctor_tells_what_is_there() {
    let home = Home::with(&["0.169", "0.47"]);
    home.ok("init -q --no-hooks");
    home.ok("save alpha");
    let ran = home.ok("doctor");
    for line in [
        "codex-git   0.1.0",
        "rollouts    2 files, ",
        "kept        2 sessions, 1 save",
        "hooks       codex-git is not among them",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
    let told = &home.ok("doctor --json").json()[0];
    assert_eq!((&told["sessions"], &told["saves"], &told["writable"]), (&2.into(), &1.into(), &true.into()));
    assert!(told["gitVersion"].as_str().unwrap().starts_with('2'));
}

#[test]
fn doctor_tells_what_is_wrong_and_writes_nothing() {
    let home = Home::with(&["0.169"]);
    let ran = home.run(["doctor"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("there is no store at"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: codex-git init"), "{}", ran.stderr);
    assert!(!home.store().exists());
    home.ok("init -q");
    let fixture = Fixture::named("0.169");
    home.put(&fixture.name.replace("01a20579", "01a2057a"), b"no session_meta\n");
    let ran = home.run(["doctor"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("error: ") && ran.stdout.contains("1 session"), "{}{}", ran.stdout, ran.stderr);
}

/// Whether permissions mean nothing to who runs the tests.
fn is_root(home: &Home) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(home.path()).unwrap().uid() == 0
}

#[test]
fn a_read_only_home_is_told() {
    let (home, session) = untidy(1);
    if is_root(&home) {
        return;
    }
    home.put(&session.name, session.rollout(2, 300).as_bytes());
    let shut = |mode| {
        for folder in ["", "objects", "refs/heads"] {
            fs::set_permissions(home.store().join(folder), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    shut(0o500);
    let (ran, doctor) = (home.run(["record"]), home.run(["doctor"]));
    let page = home.run(["export", &session.id, "--format", "md", "--out", "-"]);
    shut(0o700);
    assert_eq!(page.code, 0, "reading is all that it takes: {page:?}");
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("Permission denied") && ran.stderr.contains("hint: codex-git doctor"),
        "{}",
        ran.stderr
    );
    assert!(doctor.stderr.contains("the store can't be written"), "{}", doctor.stderr);
    home.ok("record");
}

#[test]
fn a_store_of_another_user_is_told_and_can_be_trusted() {
    let (home, _) = untidy(1);
    if !is_root(&home) {
        return;
    }
    std::os::unix::fs::chown(home.store(), Some(12345), None).unwrap();
    let ran = home.run(["log"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("belongs to another user"), "{}", ran.stderr);
    let hint = format!("hint: git config --global --add safe.directory {}", home.store().display());
    assert!(ran.stderr.contains(&hint), "{}", ran.stderr);
    let config = home.path().join("../.gitconfig");
    fs::write(&config, format!("[safe]\n\tdirectory = {}\n", home.store().display())).unwrap();
    home.ok("log");
}

#[test]
fn a_store_that_git_keeps_in_another_way_is_refused() {
    let (home, _) = untidy(1);
    home.git("config core.repositoryformatversion 1");
    home.git("config extensions.refStorage files");
    home.ok("log");
    home.git("config extensions.refStorage reftable");
    let ran = home.run(["log"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("uses the git extension `extensions.refstorage`"), "{}", ran.stderr);
}

#[test]
fn only_what_the_store_gives_back_is_evicted() {
    let (home, session) = untidy(3);
    let place = home.place(&session.name);
    let whole = fs::read(&place).unwrap();
    let evict = |words: &str| home.run(words.split(' '));
    // Bytes that are not recorded yet.
    fs::write(&place, [&whole[..], b"{\"torn"].concat()).unwrap();
    let ran = evict(&format!("evict {}", session.id));
    assert!(ran.code == 1 && ran.stderr.contains("holds bytes that are not recorded"), "{}", ran.stderr);
    fs::write(&place, &whole).unwrap();
    // An object of the store is not what it was.
    let blob = home.git(&format!("rev-parse {}:0000/02.jsonl", session.id));
    let object = home.store().join("objects").join(&blob[..2]).join(blob[2..].trim());
    let good = fs::read(&object).unwrap();
    fs::set_permissions(&object, fs::Permissions::from_mode(0o600)).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    fs::write(&object, bad).unwrap();
    let ran = evict(&format!("evict {}", session.id));
    assert!(ran.code == 1 && fs::read(&place).unwrap() == whole, "{}", ran.stderr);
    fs::write(&object, good).unwrap();
    // Age and size.
    assert!(evict("evict --older-than 30d").stderr.contains("nothing to remove"));
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(40 * 86_400);
    fs::File::options().write(true).open(&place).unwrap().set_modified(old).unwrap();
    assert!(evict("evict --older-than 30d --larger-than 1G").stderr.contains("nothing to remove"));
    let freed = home.ok("evict --older-than 30d --json").json();
    assert_eq!((freed.len(), &freed[0]["bytes"], place.exists()), (1, &whole.len().into(), false));
    let ran = evict("evict 5 --older-than 30d");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    home.ok(&format!("restore {}", session.id));
    assert_eq!(fs::read(&place).unwrap(), whole);
}

#[test]
fn a_rollout_that_vanishes_or_shrinks_loses_nothing() {
    let (home, session) = untidy(3);
    let refs = home.refs();
    fs::remove_file(home.place(&session.name)).unwrap();
    home.ok("record");
    home.put(&session.name, session.rollout(2, 300).as_bytes());
    let ran = home.ok("record");
    assert!(ran.stderr.contains("has 1 turn fewer in its rollout than in the store"), "{}", ran.stderr);
    assert_eq!(home.refs(), refs);
    home.ok("verify");
}

#[test]
fn what_git_itself_does_to_the_store_is_read() {
    let (home, session) = untidy(20);
    let log = home.ok("log --json").stdout;
    for words in [
        "pack-refs --all --prune",
        "repack -adq --depth=50",
        "gc --quiet",
        "multi-pack-index write",
        "commit-graph write --reachable",
    ] {
        home.git(words);
        assert_eq!(home.ok("log --json").stdout, log, "{words}");
    }
    home.put(&session.name, session.rollout(21, 300).as_bytes());
    home.ok("save alpha");
    home.ok("gc -q");
    home.ok("verify");
}

#[test]
fn what_others_record_meanwhile_is_not_taken_for_damage() {
    let home = Home::with(&["0.169", "0.80"]);
    home.ok("init -q --no-hooks");
    let id = Fixture::named("0.169").id();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                home.ok(&format!("fork -q {id}"));
            }
        });
        let checked: Vec<_> = (0..5).map(|_| (home.run(["verify", "-q"]), home.run(["verify", "--repair"]))).collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        for (plain, repaired) in checked {
            assert_eq!(plain.code, 0, "{}", plain.stderr);
            assert!(repaired.code == 0 && repaired.stderr.contains("nothing to repair"), "{}", repaired.stderr);
        }
    });
}
