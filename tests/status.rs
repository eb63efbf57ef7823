//! Status: one screen that says whether turns are recorded, and an exit code for a cron job. What is not known is never well.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::{Fixture, Home};

const A: &str = "0.169";
const B: &str = "0.80";

fn home() -> Home {
    let home = Home::with(&[A, B]);
    home.ok("init -q --no-hooks");
    home
}

fn status(home: &Home) -> (i32, Value, String) {
    let ran = home.run(["status", "--json"]);
    (ran.code, ran.json().remove(0), ran.stderr)
}

/// Has Codex's hooks look as if one of ours ran a minute after they were installed.
fn hooks_ran(home: &Home) {
    home.ok("hooks install");
    hooks_ran_as_they_are(home);
}

fn hooks_ran_as_they_are(home: &Home) {
    let installed = SystemTime::now() - Duration::from_secs(120);
    let hooks = fs::File::options().write(true).open(home.path().join("hooks.json")).unwrap();
    hooks.set_modified(installed).unwrap();
    let at = time::OffsetDateTime::from(installed + Duration::from_secs(60));
    let at = at.replace_nanosecond(0).unwrap().format(&time::format_description::well_known::Rfc3339).unwrap();
    fs::create_dir_all(home.path().join("log")).unwrap();
    fs::write(home.path().join("log/codex-git.log"), format!("{at} Stop ok recorded\n")).unwrap();
}

#[test]
fn a_home_whose_turns_are_recorded_is_well() {
    let home = home();
    hooks_ran(&home);
    let (code, said, told) = status(&home);
    assert_eq!(code, 0, "{told}");
    assert_eq!((&said["recording"], &said["unrecorded"], &said["sessions"]), (&"on".into(), &0.into(), &2.into()));
    assert_eq!((&said["onlyInStore"], &said["verifiedAt"]), (&0.into(), &Value::Null));
    let shown = home.ok("status").stdout;
    for words in ["recording   on", "unrecorded  nothing", "kept        2 sessions", "never verified", "saves       0"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn what_is_off_or_not_known_fails_and_says_what_to_do() {
    let home = home();
    let (code, said, told) = status(&home);
    assert_eq!((code, &said["recording"]), (1, &"off".into()));
    assert!(told.contains("hooks are not installed") && told.contains("hint: codex-git hooks install"), "{told}");
    // Installed, and never run: without a Codex to ask, nobody knows whether they are trusted.
    home.ok("hooks install");
    assert_eq!(unasked(&home), "unknown");
    fs::write(home.path().join("hooks.json"), "no JSON").unwrap();
    assert_eq!(status(&home).1["recording"], "unknown");
}

#[test]
fn settings_that_keep_hooks_from_running_are_named_with_what_helps() {
    let home = home();
    hooks_ran(&home);
    let off_by = |settings: &str, why: &str, hint: &str| {
        fs::write(home.path().join("config.toml"), settings).unwrap();
        let (code, said, told) = status(&home);
        assert_eq!((code, &said["recording"]), (1, &"off".into()), "{told}");
        for words in ["status", "hooks", "doctor", "hooks install --trust"] {
            let ran = home.run(words.split(' '));
            assert!(ran.code == 1 && ran.stderr.contains(why) && ran.stderr.contains(hint), "{words}: {ran:?}");
        }
        for words in ["list", "hooks install"] {
            let told = home.ok(words).stderr;
            assert!(told.contains("warning: ") && told.contains(why) && told.contains(hint), "{words}: {told}");
        }
    };
    let enable = "hint: codex features enable hooks";
    off_by("[features]\nhooks = false\n", "Codex's settings switch hooks off: `hooks = false` in [features]", enable);
    off_by("[features]\ncodex_hooks = false\n", "`codex_hooks = false` in [features]", enable);
    off_by("a = 1\n[features\n", "line 2 is not as TOML has it", "hint: codex features list  # tells what is wrong");
    // Who has no hooks of ours is told nothing.
    home.ok("hooks remove");
    assert_eq!(home.ok("list -q").stderr, "");
}

#[cfg(unix)]
#[test]
fn a_program_that_can_not_be_run_is_as_bad_as_one_that_is_gone() {
    use std::os::unix::fs::PermissionsExt;
    let home = home();
    hooks_ran(&home);
    let (hooks, program) = (home.path().join("hooks.json"), home.work().join("codex-git"));
    let installed = env!("CARGO_BIN_EXE_codex-git");
    let text = fs::read_to_string(&hooks).unwrap().replace(installed, program.to_str().unwrap());
    fs::write(&hooks, text).unwrap();
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, said, told) = status(&home);
    assert_eq!((code, &said["recording"]), (1, &"off".into()));
    assert!(told.contains("which is not executable") && told.contains("hint: codex-git hooks install"), "{told}");
    let hooks = home.run(["hooks"]);
    assert!(hooks.code == 1 && hooks.stderr.contains("which is not executable"), "{hooks:?}");
    home.ok("hooks install");
    assert_ne!(unasked(&home), "off");
}

/// The status where there is no Codex to ask.
fn unasked(home: &Home) -> Value {
    let path = std::env::var_os("PATH").unwrap();
    let without = std::env::split_paths(&path).filter(|folder| !folder.join("codex").exists());
    let mut command = home.command();
    command.args(["status", "--json"]).env("PATH", std::env::join_paths(without).unwrap());
    crate::support::ran(command.output().unwrap()).json().remove(0)["recording"].clone()
}

#[test]
fn that_a_hook_ran_proves_nothing_once_what_codex_trusts_is_written_anew() {
    let home = home();
    hooks_ran(&home);
    assert_eq!(unasked(&home), "on");
    let settings = home.path().join("config.toml");
    let hooks = home.path().join("hooks.json").canonicalize().unwrap();
    let write = |hooks: &str, age: u64| {
        fs::write(&settings, format!("[hooks.state.\"{hooks}:stop:0:0\"]\nenabled = false\n")).unwrap();
        let file = fs::File::options().write(true).open(&settings).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    };
    for (named, age, recording) in [
        (hooks.to_str().unwrap(), 0, "unknown"),
        (hooks.to_str().unwrap(), 100, "on"),
        ("/old/home/hooks.json", 100, "unknown"),
    ] {
        write(named, age);
        assert_eq!(unasked(&home), recording, "{named} {age}");
    }
}

#[cfg(unix)]
#[test]
fn hooks_that_record_into_another_store_record_not_into_this_one() {
    use std::path::Path;
    let home = home();
    let other = home.work().join("other.git");
    let at = |words: &str, store: Option<&Path>| {
        let option = store.map(|store| ["--store".to_owned(), store.to_str().unwrap().to_owned()]);
        home.run(option.into_iter().flatten().chain(words.split(' ').map(str::to_owned)))
    };
    hooks_ran(&home);
    let told = at("init", Some(&other)).stderr;
    let own = home.store();
    let moved =
        |from: &Path, to: &Path| format!("hooks: recorded into {} before, now into {}\n", from.display(), to.display());
    assert!(told.contains(&moved(&own, &other)), "{told}");
    let options = format!("codex-git --store {} ", other.display());
    assert!(
        told.contains(&format!("  {options}list --all ")) && told.contains(&format!("  !{options}save NAME ")),
        "{told}"
    );
    assert!(told.contains(&format!("or: {options}hooks install --trust\n")), "{told}");
    let link = home.work().join("link");
    std::os::unix::fs::symlink(home.work(), &link).unwrap();
    let linked = link.join("other.git");
    hooks_ran_as_they_are(&home);
    let is_off = |words: &str, store: Option<&Path>, into: &Path| {
        let into = into.display();
        let ran = at(words, store);
        let why = format!("recording is off: Codex's hooks record into `{into}`");
        let option = store.map_or_else(String::new, |store| format!("--store {} ", store.display()));
        let hint = format!("hint: codex-git {option}hooks install --trust\n");
        assert!(ran.code == 1 && ran.stderr.contains(&why) && ran.stderr.contains(&hint), "{words}: {ran:?}");
        if words == "status" {
            assert!(ran.stdout.contains(&format!("  off: Codex's hooks record into `{into}`")), "{ran:?}");
        }
    };
    for words in ["status", "hooks", "doctor"] {
        is_off(words, None, &other);
        for store in [&other, &linked] {
            let ran = at(words, Some(store));
            assert!(!ran.stderr.contains("hooks record into"), "{words}: {ran:?}");
        }
    }
    assert_eq!(at("status", Some(&other)).code, 0);
    // The other way round.
    assert!(at("hooks install", None).stderr.contains(&moved(&other, &own)));
    assert!(!at("hooks install", None).stderr.contains("before"));
    hooks_ran_as_they_are(&home);
    for words in ["status", "hooks", "doctor"] {
        is_off(words, Some(&other), &own);
        assert!(!at(words, None).stderr.contains("hooks record into"));
    }
    // A home without a store of its own.
    at("hooks install", Some(&other));
    hooks_ran_as_they_are(&home);
    fs::remove_dir_all(&own).unwrap();
    is_off("status", None, &other);
    at("hooks install", None);
    hooks_ran_as_they_are(&home);
    let ran = at("status", None);
    assert!(ran.stdout.contains("  off: there is no store at "), "{ran:?}");
    assert_eq!(ran.stderr.matches("there is no store").count(), 1, "{ran:?}");
}

#[test]
fn while_a_watch_runs_recording_is_on() {
    let home = home();
    assert_eq!(status(&home).1["recording"], "off");
    let mut watch = home.command().args(["-q", "watch"]).spawn().unwrap();
    let began = SystemTime::now();
    while status(&home).0 != 0 {
        assert!(began.elapsed().unwrap() < Duration::from_secs(30), "{:?}", status(&home));
    }
    assert!(home.ok("status").stdout.contains("on: a `codex-git watch` records each turn as it ends"));
    #[cfg(unix)]
    {
        home.ok("code on -q");
        let (code, said, told) = status(&home);
        assert_eq!((code, &said["recording"]), (1, &"on".into()));
        assert!(told.contains("no code snapshots are taken: codex-git's hooks are not installed"), "{told}");
        home.ok("code off -q");
    }
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert_eq!(status(&home).1["recording"], "off");
}

#[test]
fn turns_that_are_not_recorded_fail_and_nothing_is_recorded() {
    let home = home();
    hooks_ran(&home);
    let fixture = Fixture::named("0.148");
    home.put(&fixture.name, &fixture.bytes);
    let before = home.refs();
    let (code, said, told) = status(&home);
    assert_eq!((code, &said["unrecorded"]), (1, &1.into()));
    assert!(told.contains("1 session holds turns") && told.contains("hint: codex-git record"), "{told}");
    assert_eq!(before, home.refs());
    home.ok("record -q");
    assert_eq!(status(&home).0, 0);
}

#[test]
fn it_tells_what_only_the_store_has_when_it_was_verified_and_the_save_one_stands_on() {
    let home = home();
    hooks_ran(&home);
    home.ok("verify -q");
    fs::remove_file(home.place(&Fixture::named(B).name)).unwrap();
    let id = Fixture::named(A).id();
    home.ok(&format!("save -q here {id}~1"));
    let mut command = home.command();
    command.args(["status", "--json"]).env("CODEX_THREAD_ID", &id);
    let said = crate::support::ran(command.output().unwrap()).json().remove(0);
    assert_eq!((&said["onlyInStore"], &said["problems"], &said["saves"]), (&1.into(), &0.into(), &1.into()));
    assert!(said["verifiedAt"].is_string());
    assert_eq!((&said["session"], &said["sessionSave"]["name"]), (&id.into(), &"here".into()));
}

#[test]
fn without_a_store_it_says_how_to_make_one() {
    let home = Home::with(&[A]);
    let ran = home.run(["status"]);
    assert!(ran.code == 1 && ran.stdout.contains("none at"), "{}", ran.stdout);
    assert!(ran.stderr.contains("hint: codex-git init"), "{}", ran.stderr);
}

#[test]
fn a_program_that_asks_for_nothing_gets_help_and_a_person_the_status() {
    let home = home();
    let ran = home.run::<&str>([]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("Usage: codex-git"), "{}", ran.stderr);
    #[cfg(unix)]
    {
        let screen = crate::support::terminal::Terminal::run(&home.command()).shows("codex-git help");
        for words in ["recording", "kept", "codex-git save NAME", "codex-git fork NAME"] {
            assert!(screen.contains(words), "{words}: {screen}");
        }
    }
}

#[test]
fn what_can_not_be_read_is_named_and_nothing_below_it_is_called_gone() {
    let home = home();
    hooks_ran(&home);
    // A file in the place of a folder can't be read as one, whoever asks.
    fs::write(home.path().join("archived_sessions"), "x").unwrap();
    let (code, said, told) = status(&home);
    assert_eq!((code, &said["onlyInStore"]), (1, &Value::Null));
    assert!(told.contains("archived_sessions") && !said["unrecordable"].as_array().unwrap().is_empty(), "{told}");
    fs::remove_file(home.place(&Fixture::named(B).name)).unwrap();
    let listed = home.run(["list", "--all", "--json"]).json();
    assert!(listed.iter().any(|session| session["place"] == "unknown"), "{listed:?}");
    let ran = home.run(["restore", "--deleted"]);
    assert!(ran.code == 1 && ran.stderr.contains("archived_sessions"), "{}", ran.stderr);
    assert!(!home.place(&Fixture::named(B).name).exists());
}

#[test]
fn a_rollout_that_is_behind_the_store_is_told_as_long_as_it_is() {
    let home = home();
    hooks_ran(&home);
    let fixture = Fixture::named(A);
    let ends = crate::support::line_ends(&fixture.bytes);
    home.put(&fixture.name, &fixture.bytes[..ends[ends.len() / 2]]);
    for _ in 0..2 {
        assert_eq!(status(&home).1["behind"], 1);
        assert!(home.ok("record").stderr.contains("turns fewer"), "{}", home.ok("record").stderr);
    }
    home.put(&fixture.name, &fixture.bytes);
    assert_eq!(status(&home).1["behind"], 0);
}
