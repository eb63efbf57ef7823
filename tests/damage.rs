//! Stores that are damaged: nothing ends the program, nothing hangs it, what is whole is read, and what can be mended is.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::synthetic::Synthetic;
use crate::support::{Fixture, Home, copy_folder};

mod flips;
mod foreign;
mod gone;
mod rollouts;

/// A home with some sessions, saved and recorded: its turns in a pack, or loose.
fn home(packed: bool) -> (Home, Synthetic) {
    let (home, session) = (Home::with(&["0.169", "0.47"]), Synthetic::new(7));
    home.put(&session.name, session.meta().as_bytes());
    home.ok("init -q --no-hooks");
    for turns in 1..=4 {
        home.put(&session.name, session.rollout(turns, 300).as_bytes());
        home.ok(&format!("save at-{turns} {}", session.id));
    }
    if packed {
        home.ok("gc -q");
    }
    (home, session)
}

fn packs(home: &Home) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.store().join("objects/pack")).unwrap();
    let mut packs: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    packs.retain(|path| path.extension().is_some_and(|is| is == "pack"));
    packs.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).unwrap().len()));
    packs
}

/// The file of a loose object.
fn loose(home: &Home, object: &str) -> PathBuf {
    let id = home.git(&format!("rev-parse {object}"));
    home.store().join("objects").join(&id[..2]).join(id[2..].trim())
}

fn write(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).ok();
    fs::write(path, bytes).unwrap();
}

/// Turns one bit of a file over.
fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 0x10;
    write(path, &bytes);
}

/// Where an object's entry begins in a pack, and where it ends.
fn entry(pack: &Path, id: &str) -> (usize, usize) {
    let output = Command::new("git").arg("verify-pack").arg("-v").arg(pack).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.starts_with(id.trim())).unwrap_or_else(|| panic!("{id}\n{text}"));
    let words: Vec<&str> = line.split_whitespace().collect();
    let (start, size): (usize, usize) = (words[4].parse().unwrap(), words[3].parse().unwrap());
    (start, start + size)
}

/// A byte in the middle of an object's stream in a pack.
fn middle(pack: &Path, id: &str) -> usize {
    let (start, end) = entry(pack, id);
    start + (end - start) * 2 / 3
}

fn break_entry(pack: &Path, id: &str) {
    flip(pack, middle(pack, id));
}

/// Writes one more pack with these objects, whole.
fn pack_again(home: &Home, ids: &str) {
    let mut git = Command::new("git");
    git.arg("--git-dir").arg(home.store()).args(["pack-objects", "-q", "--window=0"]);
    git.arg(home.store().join("objects/pack/pack")).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = git.spawn().unwrap();
    child.stdin.take().unwrap().write_all(ids.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

fn sound(home: &Home) {
    home.ok("verify -q");
    assert_eq!(home.git("fsck --strict --full --no-dangling"), "");
}

#[test]
fn a_pack_whose_index_can_not_be_read_is_left_out_and_named() {
    let (home, session) = home(true);
    let log = home.ok(&format!("log --json {}", session.id)).stdout;
    let first = packs(&home)[0].clone();
    let idx = fs::read(first.with_extension("idx")).unwrap();
    let mut endless = idx.clone();
    endless[8..1032].fill(0xff);
    let mut uneven = idx.clone();
    uneven[8] = 0x7f;
    let old = [&idx[8..1032], &[0; 40]].concat();
    for bad in [&b""[..], b"garbage", &idx[..500], &idx[..idx.len() - 30], &endless, &uneven, &old] {
        let home = home.copy();
        let beside = home.store().join("objects/pack/pack-0000000000000000000000000000000000000000.pack");
        fs::copy(&first, &beside).unwrap();
        write(&beside.with_extension("idx"), bad);
        assert_eq!(home.ok(&format!("log --json {}", session.id)).stdout, log);
        for words in ["list --all", "save more", "record", "show"] {
            home.ok(words);
        }
        let gc = home.ok("gc");
        assert!(gc.stderr.contains("pack-0000") && gc.stderr.contains("is broken"), "{}", gc.stderr);
        for words in ["doctor", "verify"] {
            let ran = home.run([words]);
            assert!(ran.code == 1 && ran.stderr.contains("pack-0000"), "{words}: {}", ran.stderr);
            assert!(ran.stderr.contains("hint: codex-git verify --repair"), "{}", ran.stderr);
        }
        home.ok("verify --repair");
        sound(&home);
    }
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let (home, session) = home(true);
    let log = home.ok(&format!("log --json {}", session.id)).stdout;
    let fifo = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let folder = home.store().join("objects/pack");
    fifo(&folder.join("pack-1.idx"));
    fs::write(folder.join("pack-1.pack"), "x").unwrap();
    fs::copy(packs(&home)[0].with_extension("idx"), folder.join("pack-2.idx")).unwrap();
    fifo(&folder.join("pack-2.pack"));
    fs::create_dir(folder.join("pack-3.idx")).unwrap();
    fs::create_dir_all(home.store().join("objects/12")).unwrap();
    fifo(&home.store().join("objects/12/34567890123456789012345678901234567890"));
    fifo(&home.store().join("refs/tags/queue"));
    assert_eq!(home.ok(&format!("log --json {}", session.id)).stdout, log);
    for words in ["list --all", "save more", "record", "gc", "saves"] {
        home.ok(words);
    }
    assert_eq!(home.run(["doctor"]).code, 1);
}

#[test]
fn a_broken_loose_object_is_left_where_it_is_and_the_rest_is_packed() {
    for bad in [&b"broken"[..], b""] {
        let (home, session) = home(false);
        let file = loose(&home, &format!("{}~2", session.id));
        write(&file, bad);
        let ran = home.ok("gc");
        assert!(ran.stderr.contains("object ") && ran.stderr.contains("left as it is"), "{}", ran.stderr);
        assert_eq!(fs::read(&file).unwrap(), bad);
        assert_eq!(home.git("count-objects").split(' ').next(), Some("1"));
        home.ok("gc");
        home.ok(&format!("show {} -n 1", Fixture::named("0.169").id()));
        home.ok("verify --repair");
        sound(&home);
    }
}

#[test]
fn another_copy_is_read_where_one_is_broken() {
    let (home, session) = home(true);
    let words = format!("log --json {}", session.id);
    let (shown, log) = (home.ok(&format!("show {}", session.id)).stdout, home.ok(&words).stdout);
    let all = home.git("rev-list --objects --all --no-object-names");
    pack_again(&home, &all);
    let both = packs(&home);
    let blob = home.git(&format!("rev-parse {}:0000/02.jsonl", session.id));
    let tip = home.git(&format!("rev-parse {}", session.id));
    let first = home.git(&format!("rev-parse {}:0000/01.jsonl", session.id));
    for pack in &both {
        // What is broken in one pack is made of what is good in the other.
        let home = home.copy();
        let pack = home.store().join("objects/pack").join(pack.file_name().unwrap());
        let places: Vec<usize> = [&blob, &tip, &first].iter().map(|id| middle(&pack, id)).collect();
        places.into_iter().for_each(|place| flip(&pack, place));
        assert_eq!(home.ok(&format!("show {}", session.id)).stdout, shown);
        assert_eq!(home.ok(&words).stdout, log);
        home.ok("verify --repair");
        sound(&home);
    }
    // A file of its own is as good.
    let bytes = Command::new("git").arg("--git-dir").arg(home.store()).args(["cat-file", "blob", blob.trim()]).output();
    packs(&home)[1..].iter().for_each(|pack| {
        fs::remove_file(pack.with_extension("idx")).unwrap();
        fs::remove_file(pack).unwrap();
    });
    break_entry(&packs(&home)[0], &blob);
    let file = home.work().join("blob");
    fs::write(&file, bytes.unwrap().stdout).unwrap();
    assert_ne!(home.run(["show", &session.id]).code, 0);
    home.git(&format!("hash-object -w {}", file.display()));
    // Git writes nothing that it believes to have; so the pack is hidden from it.
    if !loose(&home, blob.trim()).exists() {
        let (pack, aside) = (packs(&home)[0].clone(), home.work().join("aside"));
        fs::rename(pack.with_extension("idx"), &aside).unwrap();
        home.git(&format!("hash-object -w {}", file.display()));
        fs::rename(&aside, pack.with_extension("idx")).unwrap();
    }
    assert_eq!(home.ok(&format!("show {}", session.id)).stdout, shown);
}

/// A store with many packs, some of whose objects stand in two of them.
fn many_packs() -> (Home, Synthetic, String) {
    let (home, session) = home(true);
    for turns in 5..=20 {
        home.put(&session.name, session.rollout(turns, 300).as_bytes());
        home.ok("record -q");
        home.git("repack -dq");
        home.git("prune-packed");
    }
    let blob = home.git(&format!("rev-parse {}:0000/08.jsonl", session.id));
    (home, session, blob)
}

fn holding<'p>(packs: &'p [PathBuf], id: &str) -> Vec<&'p PathBuf> {
    let holds = |pack: &PathBuf| {
        let output = Command::new("git").arg("verify-pack").arg("-v").arg(pack).output().unwrap();
        String::from_utf8_lossy(&output.stdout).contains(id.trim())
    };
    packs.iter().filter(|pack| holds(pack)).collect()
}

#[test]
fn merging_packs_takes_the_good_copy_of_two() {
    let (home, session, blob) = many_packs();
    let log = home.ok(&format!("show --json {}", session.id)).stdout;
    pack_again(&home, &blob);
    let all = packs(&home);
    let both = holding(&all, &blob);
    assert_eq!(both.len(), 2);
    for broken in both {
        let home = home.copy();
        break_entry(&home.store().join("objects/pack").join(broken.file_name().unwrap()), &blob);
        assert!(home.ok("gc").stderr.contains("packs merged"), "{}", home.ok("gc").stderr);
        assert_eq!(home.ok(&format!("show --json {}", session.id)).stdout, log);
        sound(&home);
    }
}

#[test]
fn a_pack_with_the_last_copy_of_what_is_broken_is_not_merged() {
    let (home, session, blob) = many_packs();
    let all = packs(&home);
    let pack = holding(&all, &blob)[0];
    break_entry(pack, &blob);
    let ran = home.ok("gc");
    let name = pack.file_name().unwrap().to_str().unwrap();
    assert!(ran.stderr.contains("packs merged") && ran.stderr.contains(name), "{}", ran.stderr);
    assert!(pack.exists());
    home.ok(&format!("log {}", session.id));
    assert_eq!(home.run(["show", &session.id]).code, 1);
    // The rollout still has the turn.
    let ran = home.ok("verify --repair");
    assert!(
        ran.stderr.contains("recovered from rollouts") && ran.stderr.contains("1 pack written again"),
        "{}",
        ran.stderr
    );
    assert!(!pack.exists());
    sound(&home);
    home.ok(&format!("show {}", session.id));
}

#[test]
fn an_import_that_was_killed_keeps_no_pack_for_good() {
    let (home, _) = home(true);
    let keep = packs(&home)[0].with_extension("keep");
    fs::write(&keep, "codex-git records into this pack\n").unwrap();
    home.ok("gc");
    assert!(!keep.exists());
    fs::write(&keep, "mine\n").unwrap();
    home.ok("gc");
    assert!(keep.exists());
}

#[test]
fn a_save_that_can_not_be_read_is_shown_as_broken() {
    let (home, session) = home(false);
    write(&loose(&home, "at-2"), b"broken");
    fs::write(home.store().join("refs/tags/at-3"), "no id\n").unwrap();
    let ran = home.ok("saves");
    let row = |name: &str| ran.stdout.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(row("at-2").contains("broken: ") && row("at-3").contains("broken: "), "{}", ran.stdout);
    assert!(row("at-1").contains("turn 1"), "{}", ran.stdout);
    for words in ["saves", "list --all", &format!("log {}", session.id)] {
        let ran = home.ok(words);
        assert!(ran.stderr.contains("2 saves can't be read: at-2, at-3"), "{words}: {}", ran.stderr);
    }
    let json = home.ok("saves --json").json();
    let broken: Vec<_> = json.iter().filter(|save| save["broken"] == true).map(|save| save["name"].clone()).collect();
    assert_eq!(broken, ["at-2", "at-3"]);
    let ran = home.run(["verify"]);
    assert!(ran.code == 1 && ran.stderr.contains("refs/tags/at-2: the save can't be read"), "{}", ran.stderr);
    let ran = home.run(["show", "at-2"]);
    assert!(ran.code == 1 && ran.stderr.contains("hint: codex-git verify --repair"), "{}", ran.stderr);
    // What is not to be mended can be taken away, or named again.
    home.ok("save --delete at-2");
    home.ok(&format!("save at-1 {}", session.id));
    let ran = home.run(["verify", "--repair"]);
    assert!(ran.stderr.contains("1 ref put back"), "{}", ran.stderr);
    let ran = home.ok("saves");
    assert!(!ran.stderr.contains("can't be read") && ran.stdout.contains("at-3"), "its log knew where at-3 stood");
}

/// Everything that repair must bring back while the rollouts are there.
#[test]
fn repair_heals_what_rollouts_still_hold() {
    type Break = fn(&Home, &Synthetic);
    let breaks: [(&str, bool, Break); 9] = [
        ("a truncated commit", false, |home, session| {
            let file = loose(home, &format!("{}~1", session.id));
            let bytes = fs::read(&file).unwrap();
            write(&file, &bytes[..bytes.len() / 2]);
        }),
        ("an empty tip", false, |home, session| write(&loose(home, &session.id), b"")),
        ("a chunk that is gone", false, |home, session| {
            fs::remove_file(loose(home, &format!("{}:0000/03.jsonl", session.id))).unwrap();
        }),
        ("trees that are gone", false, |home, session| {
            fs::remove_file(loose(home, &format!("{}~1^{{tree}}", session.id))).unwrap();
            write(&loose(home, &format!("{}:0000", session.id)), b"x");
        }),
        ("a broken entry of a pack", true, |home, session| {
            let id = home.git(&format!("rev-parse {}:0000/01.jsonl", session.id));
            let all = packs(home);
            break_entry(holding(&all, &id)[0], &id);
        }),
        ("a broken index", true, |home, _| flip(&packs(home)[0].with_extension("idx"), 700)),
        ("an id in an index that is another", true, |home, _| flip(&packs(home)[0].with_extension("idx"), 1034)),
        ("a pack with another end", true, |home, _| {
            let pack = &packs(home)[0];
            flip(pack, fs::metadata(pack).unwrap().len() as usize - 3);
        }),
        ("a branch that names nothing", false, |home, session| {
            fs::write(home.store().join("refs/heads").join(&session.id), "0123\n").unwrap();
        }),
    ];
    for (what, packed, break_it) in breaks {
        let (home, session) = home(packed);
        let (refs, log) = (home.refs(), home.ok(&format!("show --json {}", session.id)).stdout);
        break_it(&home, &session);
        assert_eq!(home.run(["verify"]).code, 1, "{what}");
        let ran = home.run(["verify", "--repair"]);
        assert_eq!(ran.code, 0, "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains("repaired: "), "{what}: {}", ran.stderr);
        sound(&home);
        assert_eq!(home.refs(), refs, "{what}");
        assert_eq!(home.ok(&format!("show --json {}", session.id)).stdout, log, "{what}");
        assert!(home.ok("verify --repair").stderr.contains("nothing to repair"), "{what}");
    }
}

/// A repair that is killed leaves nothing worse, and the next one ends it.
#[cfg(target_os = "linux")]
#[test]
fn a_repair_can_be_killed_at_any_moment() {
    use crate::support::shim::{How, changes, faulty};
    let (home, session) = home(true);
    home.put(&session.name, session.rollout(6, 300).as_bytes());
    home.ok(&format!("save at-6 {}", session.id));
    let (refs, shown) = (home.refs(), home.ok(&format!("show --json {}", session.id)).stdout);
    let id = home.git(&format!("rev-parse {}:0000/01.jsonl", session.id));
    break_entry(holding(&packs(&home), &id)[0], &id);
    write(&loose(&home, &session.id), b"broken");
    fs::write(home.store().join("refs/tags/at-6"), "no id\n").unwrap();
    let repair = |home: &Home| {
        let mut command = home.command();
        command.args(["verify", "--repair", "-q"]);
        command
    };
    let counted = home.copy();
    let (steps, ran) = changes(&counted, repair(&counted));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(steps > 40, "it makes {steps} changes");
    // The scratch store makes most of them.
    for at in (1..=steps).step_by(steps / 15).chain(steps - 8..=steps) {
        let home = home.copy();
        faulty(&home, repair(&home), at, How::Kill);
        home.ok("verify --repair -q");
        assert_eq!(home.refs(), refs, "{at} of {steps}");
        assert_eq!(home.ok(&format!("show --json {}", session.id)).stdout, shown, "{at} of {steps}");
        sound(&home);
    }
}

#[test]
fn repair_names_what_nothing_gives_back_and_removes_nothing() {
    let (home, session) = home(false);
    let file = loose(&home, &format!("{}:0000/03.jsonl", session.id));
    write(&file, b"broken");
    fs::remove_file(home.place(&session.name)).unwrap();
    let before = home.git("for-each-ref");
    let ran = home.run(["verify", "--repair"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("neither the store nor a rollout has a copy"), "{}", ran.stderr);
    assert_eq!((fs::read(&file).unwrap(), home.git("for-each-ref")), (b"broken".to_vec(), before));
    let lost = home.run(["verify", "--repair", "--json"]).json();
    assert_eq!(lost[0]["objectsLost"].as_array().unwrap().len(), 1, "{lost:?}");
    // It comes back with its rollout.
    home.put(&session.name, session.rollout(4, 300).as_bytes());
    home.ok("verify --repair");
    sound(&home);
}

#[test]
fn sessions_that_go_on_from_others_are_healed_as_they_were_recorded() {
    for case in ["forks", "revert"] {
        let home = Home::empty();
        let files = Fixture::lineage(case);
        files.iter().for_each(|(name, bytes)| drop(home.put(name, bytes)));
        home.ok("init -q --no-hooks");
        home.ok("record -q");
        let refs = home.refs();
        let all = home.git("rev-list --objects --all --no-object-names");
        let some: Vec<&str> = all.lines().step_by(3).collect();
        packs(&home).iter().for_each(|pack| {
            let aside = home.work().join("pack");
            fs::rename(pack, &aside).unwrap();
            fs::remove_file(pack.with_extension("idx")).unwrap();
            let mut git = Command::new("git");
            git.arg("--git-dir").arg(home.store()).args(["unpack-objects", "-q"]);
            git.stdin(fs::File::open(&aside).unwrap());
            assert!(git.status().unwrap().success());
        });
        some.iter().for_each(|id| fs::remove_file(loose(&home, id)).unwrap());
        let ran = home.run(["verify", "--repair"]);
        assert_eq!(ran.code, 0, "{case}: {}", ran.stderr);
        sound(&home);
        assert_eq!(home.refs(), refs, "{case}");
    }
}

#[test]
fn a_mirror_of_a_store_becomes_one() {
    let (home, session) = home(true);
    let (refs, log) = (home.git("for-each-ref"), home.ok("log --json").stdout);
    let mirror = home.work().join("mirror.git");
    let status = Command::new("git").args(["clone", "-q", "--mirror"]).arg(home.store()).arg(&mirror).status();
    assert!(status.unwrap().success());
    fs::remove_dir_all(home.store()).unwrap();
    copy_folder(&mirror, &home.store());
    fs::set_permissions(home.store(), fs::Permissions::from_mode(0o755)).unwrap();
    let ran = home.run(["log"]);
    assert!(ran.code == 1 && ran.stderr.contains("is not a codex-git store"), "{}", ran.stderr);
    home.ok("init -q --no-hooks");
    assert_eq!(home.git("for-each-ref"), refs);
    assert_eq!(home.ok("log --json").stdout, log);
    assert_eq!(home.git("config core.logAllRefUpdates"), "always\n");
    assert_eq!(fs::metadata(home.store()).unwrap().permissions().mode() & 0o777, 0o700);
    home.put(&session.name, session.rollout(5, 300).as_bytes());
    home.ok("record");
    sound(&home);
}

#[test]
fn another_repository_becomes_no_store() {
    let home = Home::with(&["0.169"]);
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(home.work()).args(["-c", "user.name=a", "-c", "user.email=b"]).args(words);
        assert!(git.output().unwrap().status.success());
    };
    git(&["init", "-q", "."]);
    git(&["commit", "-q", "--allow-empty", "-m", "mine"]);
    git(&["clone", "-q", "--mirror", ".", "../home/sessions.git"]);
    let ran = home.run(["init", "--no-hooks"]);
    assert!(ran.code == 1 && ran.stderr.contains("is not a codex-git store"), "{}", ran.stderr);
    assert!(!fs::read_to_string(home.store().join("config")).unwrap().contains("codexgit"));
}

#[test]
fn an_empty_folder_becomes_a_store() {
    let home = Home::with(&["0.169"]);
    fs::create_dir(home.store()).unwrap();
    home.ok("init -q --no-hooks");
    sound(&home);
    assert_eq!(fs::metadata(home.store()).unwrap().permissions().mode() & 0o777, 0o700);
    let home = Home::with(&["0.169"]);
    fs::create_dir(home.store()).unwrap();
    fs::write(home.store().join("mine"), "").unwrap();
    assert_eq!(home.run(["init", "--no-hooks"]).code, 1);
}

#[test]
fn what_can_not_become_a_store_is_moved_away_by_the_hint() {
    let (home, _) = home(false);
    fs::remove_dir_all(home.store().join("objects")).unwrap();
    assert!(home.run(["log"]).stderr.contains("hint: codex-git init"));
    let told = home.run(["init", "--no-hooks"]);
    assert!(told.code == 1 && told.stderr.contains("is not a codex-git store, and can't be made one"), "{told:?}");
    let store = home.store();
    let moved = format!("hint: mv {0} {0}.broken && codex-git init\n", store.display());
    assert!(told.stderr.ends_with(&moved), "{told:?}");
    fs::rename(&store, store.with_extension("git.broken")).unwrap();
    home.ok("init -q --no-hooks");
    sound(&home);
}

#[test]
fn a_store_that_may_not_be_read_says_so() {
    use std::os::unix::fs::MetadataExt;
    let (home, _) = home(false);
    if fs::metadata(home.path()).unwrap().uid() == 0 {
        return;
    }
    fs::set_permissions(home.store(), fs::Permissions::from_mode(0o000)).unwrap();
    let ran = home.run(["log"]);
    fs::set_permissions(home.store(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("can't be read: Permission denied"), "{}", ran.stderr);
}

#[test]
fn a_pack_without_its_index_is_indexed_again() {
    let (home, session) = home(true);
    fs::remove_file(packs(&home)[0].with_extension("idx")).unwrap();
    // What no rollout gives back is in it, too: tags.
    let repaired = home.run(["verify", "--repair"]);
    assert_eq!(repaired.code, 0, "{}", repaired.stderr);
    home.ok("verify");
    home.ok("show at-2");
    assert_eq!(home.ok(&format!("log --json {}", session.id)).json().len(), 4);
}

#[test]
fn a_store_that_lost_its_settings_is_made_one_again() {
    let (home, session) = home(true);
    let config = home.store().join("config");
    for left in [Some(""), None, Some("?? [[["), Some("\0\u{1}=?[\n\"")] {
        match left {
            Some(left) => fs::write(&config, left).unwrap(),
            None => fs::remove_file(&config).unwrap(),
        }
        let lost = home.run(["saves"]);
        assert!(lost.code == 1 && lost.stderr.contains("hint: codex-git init"), "{}", lost.stderr);
        home.ok("init -q --no-hooks");
        home.ok("verify");
        home.ok("show at-2");
        assert_eq!(home.git("config gc.auto"), "0\n");
        assert_eq!(home.ok(&format!("log --json {}", session.id)).json().len(), 4);
    }
    assert_eq!(fs::read_to_string(home.store().join("config.broken")).unwrap(), "\0\u{1}=?[\n\"");
}
