//! Settings: what `config` shows and changes is what plain git reads, what makes no sense is refused, and nothing that stands in the file keeps a turn
//! from being recorded.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use codex_git::model::config_key::CONFIG_KEYS;
use serde_json::json;

use crate::support::synthetic::Synthetic;
use crate::support::{Fixture, Home, Ran, ran};

const PAGE: &str = include_str!("../docs/config.md");

fn home() -> Home {
    let home = Home::with(&["0.169"]);
    home.ok("init -q --no-hooks");
    home
}

/// What the store's file of settings holds.
fn file(home: &Home) -> String {
    fs::read_to_string(home.store().join("config")).unwrap()
}

/// A command is refused, nothing is written, and its hint ends so.
fn refused(home: &Home, words: &str, code: i32, hint: &str) -> Ran {
    let before = file(home);
    let ran = home.run(words.split(' '));
    assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{words}: {}", ran.stderr);
    assert!(ran.stderr.contains(&format!("hint: {hint}")), "{words}: {}", ran.stderr);
    assert_eq!(file(home), before, "{words}");
    ran
}

#[test]
fn the_page_names_every_key_with_its_default_and_what_it_does() {
    let rows: Vec<&str> = PAGE.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), CONFIG_KEYS.len());
    for (row, key) in rows.iter().zip(CONFIG_KEYS) {
        let default = key.default.map_or_else(String::new, |default| format!("`{default}` "));
        assert!(row.starts_with(&format!("| `{}` | {default}| ", key.name)), "{row}");
        assert!(row.replace("`--date`", "--date").contains(key.about), "{row}\n{}", key.about);
        assert!(key.words().iter().all(|word| row.contains(&format!("`{word}`"))), "{row}");
    }
}

#[test]
fn what_is_set_is_what_plain_git_reads() {
    let home = home();
    assert_eq!(home.ok("config date").stdout, "relative\n");
    assert_eq!(home.ok("config date iso").stderr, "date = iso\n");
    assert_eq!(home.git("config codexgit.date"), "iso\n");
    assert_eq!(home.ok("config codexgit.Date").stdout, "iso\n", "git's own names are names, too");
    assert_eq!(home.ok("config date local").stderr, "date = local (was iso)\n");
    home.git("config codexgit.date relative");
    assert_eq!(home.ok("config date").stdout, "relative\n");
    assert_eq!(home.ok("config date --unset").stderr, "removed date = relative\n");
    assert!(!file(&home).contains("date ="));
    let all = home.ok("config");
    for key in CONFIG_KEYS {
        assert!(all.stdout.lines().any(|line| line.starts_with(key.name) && line.ends_with(key.about)), "{}", key.name);
    }
    assert!(all.stdout.contains("relative (default)") && all.stdout.contains("(not set)"), "{}", all.stdout);
    let program = env!("CARGO_BIN_EXE_codex-git");
    assert!(all.stdout.contains(program), "what init noted: {}", all.stdout);
}

#[test]
fn a_key_without_a_value_prints_nothing_and_ends_with_one() {
    let ran = home().run(["config", "map"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (1, "", ""));
}

#[test]
fn what_makes_no_sense_is_refused_with_what_would() {
    let home = home();
    refused(&home, "config autogcc", 2, "codex-git config autogc\n");
    refused(&home, "config codexgit.datee iso", 2, "codex-git config date\n");
    refused(&home, "config format 7", 2, "codex-git config  # shows all keys\n");
    refused(&home, "config autogc maybe", 1, "codex-git config autogc true  # or false\n");
    refused(&home, "config date ISO", 1, "codex-git config date relative  # or iso, local\n");
    refused(&home, "config --add date iso", 2, "codex-git config date iso\n");
    refused(&home, "config --unset date", 1, "codex-git config date\n");
    refused(&home, "config map /a", 1, "codex-git config  # shows what each key is\n");
    assert_eq!(home.run(["config", "--add", "map"]).code, 2);
    assert_eq!(home.run(["config", "--unset"]).code, 2);
}

#[test]
fn a_key_with_several_values_gets_one_more_and_loses_one() {
    let home = home();
    let work = home.work().display().to_string();
    home.ok("config map /old=.");
    assert_eq!(home.ok("config map").stdout, format!("/old={work}\n"), "both are whole paths");
    home.ok("config --add map ../other=.");
    assert_eq!(home.git("config --get-all codexgit.map").lines().count(), 2);
    refused(&home, "config map /third=.", 1, &format!("codex-git config --add map /third={work}\n"));
    home.ok("config --unset map /old=.");
    assert!(home.ok("config map").stdout.ends_with(&format!("/other={work}\n")));
    home.ok("config --unset map");
    assert_eq!(home.run(["config", "map"]).code, 1);
    // What `moved` would refuse is refused here, too.
    refused(&home, "config map /old=/nowhere", 1, "ls -ld /nowhere\n");
    refused(&home, "config --add map .=.", 1, "codex-git config  # shows what each key is\n");
}

#[test]
fn times_are_told_as_the_settings_say_unless_the_command_does() {
    let home = home();
    let first = |home: &Home, words: &str| home.ok(words).stdout.lines().next().unwrap().to_owned();
    home.ok("save alpha");
    for words in ["list --all", "saves", "log", "search . -n 1"] {
        assert!(!home.ok(words).stdout.contains("Z"), "{words}");
        home.ok("config date iso");
        assert!(home.ok(words).stdout.contains("Z  ") || home.ok(words).stdout.contains("Z"), "{words}");
        assert_eq!(first(&home, &format!("{words} --date iso")), first(&home, words), "{words}");
        assert_ne!(first(&home, &format!("{words} --date local")), first(&home, words), "{words}");
        home.ok("config date --unset");
    }
}

#[test]
fn a_store_does_not_pack_itself_where_that_is_switched_off() {
    let (home, session) = (Home::empty(), Synthetic::new(7));
    home.put(&session.name, session.meta().as_bytes());
    home.ok("init -q --no-hooks");
    home.ok("config autogc no");
    for number in 1..=65 {
        home.put(&session.name, session.rollout(number, 300).as_bytes());
        home.ok("record -q");
    }
    assert!(home.git("count-objects").split(' ').next().unwrap().parse::<usize>().unwrap() > 240);
    home.ok("gc -q");
    assert_eq!(home.git("count-objects"), "0 objects, 0 kilobytes\n");
}

#[test]
fn the_program_that_git_prints_with_can_be_set() {
    let home = home();
    let program = home.work().parent().unwrap().join("bin/cg");
    let missing = home.run(["config", "program", "../bin/cg"]);
    assert!(missing.code == 1 && missing.stderr.contains("no such file"), "{missing:?}");
    fs::create_dir(program.parent().unwrap()).unwrap();
    fs::write(&program, "").unwrap();
    home.ok("config program ../bin/cg");
    let program = program.display().to_string();
    assert_eq!(home.git("config codexgit.program").trim_end(), program);
    assert!(home.git("config diff.codex.textconv").contains(&program));
    home.ok("config --unset program");
    assert!(!home.git("config diff.codex.textconv").contains(&program));
    assert_eq!(home.run(["config", "program"]).code, 1);
}

/// Runs the hook at the end of a session, as Codex does, and waits until it wrote down what became of it.
fn ended(home: &Home, rollout: &str) -> String {
    let event = json!({ "session_id": "s", "transcript_path": rollout, "hook_event_name": "SessionEnd" });
    let mut child = home.command().arg("hook").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
    let ran = ran(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    let log = home.path().join("log/codex-git.log");
    for _ in 0..300 {
        let told = fs::read_to_string(&log).unwrap_or_default();
        if told.contains("SessionEnd ") {
            return told;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("the hook wrote nothing down");
}

#[test]
fn settings_that_make_no_sense_or_can_not_be_read_keep_no_turn_from_being_recorded() {
    let odd = "[codexgit]\n\tautogc = perhaps\n\tdate = never\n\tmap = nothing\n\tmap = /a=/b\n\tmap = /b=/a\n\tprogram = odd\n";
    for (more, is_broken) in [(odd, false), ("[codexgit\n", true), ("\0\u{1}=?[\n\"", true)] {
        let home = Home::empty();
        let fixture = Fixture::named("0.169");
        home.ok("init -q --no-hooks");
        let damaged = file(&home) + more;
        fs::write(home.store().join("config"), &damaged).unwrap();
        let rollout = home.put(&fixture.name, &fixture.bytes);
        let told = ended(&home, rollout.to_str().unwrap());
        assert!(told.contains("SessionEnd ok"), "{more}: {told}");
        assert!(home.store().join("refs/heads").join(fixture.id()).exists(), "{more}");
        home.ok("record");
        for words in ["list --all", "log", "saves", "stats", "config", "moved", "search . -n 1"] {
            home.ok(words);
        }
        home.ok("save alpha");
        home.ok("init -q --no-hooks");
        let doctor = home.run(["doctor"]);
        assert_eq!(doctor.code, 1);
        if is_broken {
            assert!(doctor.stderr.contains("git can't read the store's settings"), "{}", doctor.stderr);
            assert!(doctor.stderr.contains("hint: git config --file "), "{}", doctor.stderr);
            assert_eq!(file(&home), damaged, "what git can't read is left alone");
            let hint = format!("git config --file {} --list\n", home.store().join("config").display());
            refused(&home, "config date iso", 1, &hint);
        } else {
            for words in [
                "error: the setting `autogc` is `perhaps`: it must be true or false; `true` counts\nhint: codex-git config --unset autogc perhaps\n",
                "error: the setting `date` is `never`: it must be one of relative, iso, local; `relative` counts\n",
                "error: the setting `map` is `nothing`: it must be OLD=NEW, two whole paths; it counts for nothing\n",
                "error: the setting `map` is `/b=/a`: ",
            ] {
                assert!(doctor.stderr.contains(words), "{words}\n{}", doctor.stderr);
            }
            assert!(!doctor.stderr.contains("is `/a=/b`"), "{}", doctor.stderr);
            home.ok("config --unset map nothing");
        }
        let told = home.run(["doctor", "--json"]).json()[0]["settingProblems"].as_array().unwrap().len();
        assert!(told > 0);
    }
}
