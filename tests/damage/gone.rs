//! What is gone altogether: refs that only their logs or their commits tell of. And what may go: broken objects that nothing leads to.

use std::fs;

use super::{break_entry, home, packs, write};

#[test]
fn branches_and_saves_that_are_gone_are_told_and_put_back() {
    let (home, session) = home(true);
    let refs = || home.git("for-each-ref refs/heads refs/tags");
    let before = refs();
    fs::remove_file(home.path().join("sessions/2026/11/22").join(&session.name)).unwrap();
    fs::remove_dir_all(home.store().join("logs/refs/heads")).unwrap();
    write(&home.store().join("packed-refs"), b"");
    let told = home.run(["verify"]);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.stderr.contains("refs/tags/at-3: it is gone"), "{told:?}");
    let mended = home.ok("verify --repair");
    assert!(mended.stderr.contains("refs put back") && mended.stderr.contains("all is well"), "{mended:?}");
    assert_eq!(refs(), before);
    home.ok("-q save --delete at-3");
    home.ok("verify");
    assert!(!refs().contains("at-3"), "a save that was deleted is not gone by accident");
}

#[test]
fn a_ref_that_came_to_light_again_or_is_gone_is_put_where_its_log_says_it_was() {
    let (home, session) = home(true);
    home.put(&session.name, session.rollout(6, 300).as_bytes());
    home.ok("-q save last");
    let refs = || home.git("for-each-ref refs/heads refs/tags");
    let before = refs();
    fs::remove_file(home.place(&session.name)).unwrap();
    let branch = format!("refs/heads/{}", session.id);
    for name in [&*branch, "refs/tags/last", "packed-refs"] {
        fs::remove_file(home.store().join(name)).unwrap();
        let told = home.run(["verify"]);
        let what = if name == "packed-refs" { "refs/tags/at-3" } else { name };
        assert!(told.code == 1 && told.stderr.contains(&format!("{what}: it is ")), "{name}: {told:?}");
        home.ok("verify --repair");
        assert_eq!(refs(), before);
        home.ok("verify");
    }
}

#[test]
fn a_branch_that_is_gone_is_not_begun_anew() {
    let (home, session) = home(false);
    let branch = format!("refs/heads/{}", session.id);
    // What is in the store only: turns that an older rollout, put back, did not have.
    home.put(&session.name, (session.rollout(2, 300) + &session.turn(9, 300)).as_bytes());
    home.ok("-q list");
    let before = home.git(&format!("rev-parse {branch}"));
    let lose = || {
        home.git("pack-refs --all");
        fs::remove_file(home.store().join("packed-refs")).unwrap();
    };
    lose();
    home.ok("-q record --dry-run");
    assert!(home.git("for-each-ref refs/heads").is_empty(), "a dry run puts nothing back");
    home.ok("-q list");
    assert_eq!(home.git(&format!("rev-parse {branch}")), before);
    lose();
    home.put(&session.name, (session.rollout(2, 300) + &session.turn(9, 300) + &session.turn(10, 300)).as_bytes());
    home.ok(&format!("-q record {}", home.place(&session.name).display()));
    assert_eq!(home.git(&format!("rev-parse {branch}~1")), before);
    home.git(&format!("branch -q -D {}", session.id));
    home.ok("-q list");
    assert_ne!(home.git(&format!("rev-parse {branch}~1")), before, "who drops a branch with git has it begun anew");
}

#[test]
fn a_branch_whose_log_is_damaged_too_stands_where_its_open_lines_do() {
    let (home, session) = home(false);
    let branch = format!("refs/heads/{}", session.id);
    let open = session.rollout(4, 300) + session.turn(5, 300).lines().next().unwrap() + "\n";
    home.put(&session.name, open.as_bytes());
    home.ok("-q record");
    let refs = || home.git(&format!("for-each-ref refs/heads/{} refs/open/{}", session.id, session.id));
    let before = refs();
    assert_eq!(before.lines().count(), 2, "{before}");
    for log in [&b"\0\0\0\0"[..], b""] {
        fs::remove_file(home.store().join(&branch)).unwrap();
        write(&home.store().join("logs").join(&branch), log);
        home.ok("-q record");
        assert_eq!(refs(), before);
    }
    // Lines that stand on nothing are in nobody's way.
    fs::remove_file(home.store().join(&branch)).unwrap();
    home.git(&format!("update-ref refs/open/{} refs/tags/at-1", session.id));
    fs::remove_file(home.store().join("logs").join(&branch)).ok();
    home.ok("-q record");
    home.ok("verify");
}

#[test]
fn where_the_packed_refs_are_gone_no_branch_is_begun_anew() {
    let home = crate::support::Home::with(&["0.169", "0.47"]);
    home.ok("init -q --no-hooks");
    home.ok("-q gc");
    home.ok("-q list --all");
    let before = home.git("for-each-ref refs/heads");
    let name = crate::support::Fixture::named("0.169").name;
    let rollout = fs::read(home.place(&name)).unwrap();
    let cut = rollout.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    write(&home.place(&name), &rollout[..cut]);
    // As of sessions that were imported together: they have no logs.
    fs::remove_dir_all(home.store().join("logs")).unwrap();
    fs::remove_file(home.store().join("packed-refs")).unwrap();
    assert!(home.run(["list", "--all"]).stderr.contains("(`codex-git record` tells why)"));
    for _ in 0..2 {
        let told = home.run(["record"]);
        assert_eq!(told.stderr.matches("the packed refs of the store are gone").count(), 1, "{told:?}");
        assert!(told.code == 1 && told.stderr.contains("hint: codex-git verify --repair"), "{told:?}");
    }
    assert_eq!(home.git("for-each-ref refs/heads"), "");
    home.ok("verify --repair");
    assert_eq!(home.git("for-each-ref refs/heads"), before);
    assert!(!home.ok("list --all").stderr.contains("packed refs"));
}

#[test]
fn what_somebody_dropped_with_git_stays_away_when_a_ref_is_put_back() {
    let home = crate::support::Home::with(&["0.169", "0.47"]);
    home.ok("init -q --no-hooks");
    home.ok("-q save kept");
    home.ok("-q gc");
    let dropped = crate::support::Fixture::named("0.47");
    fs::remove_file(home.place(&dropped.name)).unwrap();
    home.git(&format!("update-ref -d refs/heads/{}", dropped.id()));
    let saved = home.git("rev-parse refs/tags/kept");
    home.git("update-ref --create-reflog refs/tags/gone refs/tags/kept");
    fs::remove_file(home.store().join("refs/tags/gone")).unwrap();
    let told = home.run(["verify"]);
    assert!(told.code == 1 && !told.stderr.contains(&dropped.id()), "{told:?}");
    home.run(["verify", "--repair"]);
    assert!(!home.git("for-each-ref refs/heads").contains(&dropped.id()));
    assert_eq!(home.git("rev-parse refs/tags/gone"), saved);
}

#[test]
fn what_was_pulled_and_has_no_log_comes_back_where_others_that_have_one_are_gone() {
    let here = crate::support::Home::with(&["0.169"]);
    here.ok("init -q --no-hooks");
    let shared = here.work().join("shared.git");
    let made = std::process::Command::new("git").args(["init", "-q", "--bare"]).arg(&shared).status();
    assert!(made.unwrap().success());
    here.ok(&format!("-q remote add origin {} --share all", shared.display()));
    here.ok("-q push");
    let there = crate::support::Home::with(&["0.47"]);
    there.ok("init -q --no-hooks");
    there.ok(&format!("-q remote add origin {}", shared.display()));
    there.ok("-q pull");
    there.ok("-q gc");
    let refs = || there.git("for-each-ref refs/heads");
    let before = refs();
    assert_eq!(before.lines().count(), 2, "{before}");
    fs::remove_dir_all(there.path().join("sessions")).unwrap();
    fs::remove_file(there.store().join("packed-refs")).unwrap();
    assert_eq!(there.run(["verify"]).code, 1);
    there.ok("verify --repair");
    assert_eq!(refs(), before);
}

#[test]
fn a_broken_object_that_nothing_leads_to_is_removed() {
    let (home, _) = home(false);
    let input = home.work().join("nobody's");
    let bytes: Vec<u8> = (0..2000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    fs::write(&input, bytes).unwrap();
    let id = home.git(&format!("hash-object -w {}", input.to_str().unwrap()));
    let file = super::loose(&home, &id);
    home.ok("-q gc");
    fs::remove_file(file).ok();
    let pack = packs(&home).into_iter().find(|pack| holds(pack, id.trim())).unwrap();
    break_entry(&pack, &id);
    let refs = home.git("for-each-ref");
    assert_eq!(home.run(["verify"]).code, 1);
    let mended = home.ok("verify --repair");
    assert!(mended.stderr.contains("1 object removed that was broken and that nothing needs"), "{mended:?}");
    assert!(!mended.stderr.contains("is lost"), "{mended:?}");
    home.ok("verify");
    assert_eq!(home.git("for-each-ref"), refs);
    home.git("fsck --strict");
}

fn holds(pack: &std::path::Path, id: &str) -> bool {
    let output = std::process::Command::new("git").arg("verify-pack").arg("-v").arg(pack).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().any(|line| line.starts_with(id))
}

#[test]
fn a_store_whose_refs_are_all_gone_gets_them_back_from_its_commits() {
    let home = crate::support::Home::with(&["0.169", "0.47"]);
    home.ok("init -q --no-hooks");
    home.ok("-q gc");
    let before = home.git("for-each-ref refs/heads");
    fs::remove_dir_all(home.path().join("sessions")).unwrap();
    for gone in ["packed-refs", "logs", "refs"] {
        let path = home.store().join(gone);
        if path.is_dir() { fs::remove_dir_all(&path).unwrap() } else { fs::remove_file(&path).unwrap() }
    }
    fs::create_dir_all(home.store().join("refs/heads")).unwrap();
    let told = home.run(["verify"]);
    assert!(told.code == 1 && told.stderr.contains("it is gone, and ended with"), "{told:?}");
    home.ok("verify --repair");
    assert_eq!(home.git("for-each-ref refs/heads"), before);
}

#[test]
fn what_a_branch_that_is_gone_leads_to_is_not_needless() {
    let (home, session) = home(false);
    let name = format!("refs/heads/{}", session.id);
    let file = super::loose(&home, &format!("{}:0000/04.jsonl", session.id));
    write(&file, b"broken");
    fs::remove_file(home.place(&session.name)).unwrap();
    for gone in [name.clone(), format!("logs/{name}")] {
        fs::remove_file(home.store().join(gone)).unwrap();
    }
    let mended = home.run(["verify", "--repair"]);
    assert!(mended.code == 1 && !mended.stderr.contains("nothing needs"), "{mended:?}");
    assert_eq!(fs::read(&file).unwrap(), b"broken");
}

#[test]
fn the_base_of_a_fork_that_came_alone_is_no_branch_that_is_gone() {
    let (here, there) = (home(true).0, crate::support::Home::empty());
    let fork = here.ok("fork at-3").stdout.trim().to_owned();
    let bundle = here.work().join("fork.bundle");
    here.ok(&format!("-q share {fork} --out {}", bundle.to_str().unwrap()));
    there.ok("init -q --no-hooks");
    there.ok(&format!("-q import {}", bundle.to_str().unwrap()));
    there.ok(&format!("save -q early {fork}~1"));
    there.ok("verify");
    assert!(there.ok("verify --repair").stderr.contains("nothing to repair"));
}

#[test]
fn a_blank_line_among_the_packed_refs_is_told_and_dropped() {
    let (home, _) = home(true);
    let packed = home.store().join("packed-refs");
    let before = fs::read_to_string(&packed).unwrap();
    for damaged in [format!("{before}\n"), before.replacen('\n', "\n\n", 1)] {
        fs::write(&packed, damaged).unwrap();
        let told = home.run(["verify"]);
        assert!(told.code == 1 && told.stderr.contains("packed-refs: a line holds no ref"), "{told:?}");
        let mended = home.ok("verify --repair").stderr;
        assert!(mended.contains("repaired: 1 list of packed refs written again\n"), "{mended}");
        assert_eq!(fs::read_to_string(&packed).unwrap(), before);
    }
}

/// Where a branch that somebody moved to a commit of another session with git comes back from.
#[test]
fn a_branch_that_was_moved_to_another_session_goes_back_to_its_own() {
    // Its log, what was packed, its commits that nothing leads to any more, its rollout.
    for (packed, logged, kept) in [(false, true, true), (true, true, false), (true, false, false), (false, false, true)]
    {
        let (home, session) = home(packed);
        let other = crate::support::Fixture::named("0.47").id();
        let refs = || home.git("for-each-ref refs/heads refs/tags");
        let before = refs();
        if !logged {
            fs::remove_dir_all(home.store().join("logs")).unwrap();
        }
        if !kept {
            fs::remove_file(home.place(&session.name)).unwrap();
        }
        home.git(&format!("update-ref refs/heads/{} {other}", session.id));
        assert!(home.run(["verify"]).stderr.contains("is a commit of session") || home.run(["verify"]).code == 1);
        let mended = home.ok("verify --repair").stderr;
        assert!(mended.contains("repaired: 1 ref put back\n"), "{packed} {logged} {kept}: {mended}");
        assert_eq!(refs(), before, "{packed} {logged} {kept}");
        assert!(home.ok("verify --repair").stderr.contains("nothing to repair"));
    }
}

#[test]
fn a_branch_that_holds_another_sessions_only_commit_gives_it_back() {
    let (home, session) = home(false);
    let other = crate::support::Fixture::named("0.47");
    let refs = || home.git("for-each-ref refs/heads");
    let before = refs();
    fs::remove_file(home.place(&other.name)).unwrap();
    home.git(&format!("update-ref refs/heads/{} {}", session.id, other.id()));
    home.git(&format!("update-ref -d refs/heads/{}", other.id()));
    home.ok("verify --repair");
    assert_eq!(refs(), before);
}
