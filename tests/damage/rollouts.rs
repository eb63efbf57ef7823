//! Rollouts that are damaged: that is what is said of them, and where the store has their session, what brings it back.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Fixture, Home, Ran, ran};

/// A home whose session was recorded, and then came to have this file instead.
fn damaged(end: &str, damage: impl Fn(Vec<u8>) -> Vec<u8>) -> (Home, Fixture) {
    let (home, fixture) = (Home::with(&["0.169"]), Fixture::named("0.169"));
    home.ok("init -q --no-hooks");
    fs::remove_file(home.place(&fixture.name)).unwrap();
    home.put(&format!("{}{end}", fixture.name), &damage(fixture.bytes.clone()));
    (home, fixture)
}

/// A compressed file that was cut.
fn cut(bytes: Vec<u8>) -> Vec<u8> {
    let mut packed = zstd::encode_all(&bytes[..], 3).unwrap();
    packed.truncate(packed.len() / 2);
    packed
}

/// Types what a hint says into a shell.
fn follow(home: &Home, told: &Ran) -> Ran {
    let hints: Vec<&str> = told.stderr.lines().filter_map(|line| line.strip_prefix("hint: ")).collect();
    let program = Path::new(env!("CARGO_BIN_EXE_codex-git")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    assert_eq!(hints.len(), 1, "{told:?}");
    let mut shell = Command::new("sh");
    shell.args(["-c", hints[0]]).env("PATH", path).env("CODEX_HOME", home.path()).current_dir(home.work());
    ran(shell.output().unwrap())
}

#[test]
fn a_compressed_rollout_that_was_cut_is_said_to_be_and_comes_back() {
    for verb in ["restore", "log", "record", "save point"] {
        let (home, fixture) = damaged(".zst", cut);
        let told = home.run(verb.split(' ').chain((verb != "record").then_some(&*fixture.id())));
        assert!(told.stderr.contains("its compressed bytes end too early"), "{verb}: {told:?}");
        let back = follow(&home, &told);
        assert!(back.code == 0 && back.stderr.contains("restored"), "{verb}: {back:?}");
        assert_eq!(fs::read(home.place(&fixture.name)).unwrap(), fixture.bytes, "{verb}");
        assert_eq!(home.ok("record").stderr.matches("error").count(), 0);
    }
    let (home, _) = damaged(".zst", |bytes| {
        let mut packed = cut(bytes);
        packed[..4].copy_from_slice(b"what");
        packed
    });
    let told = home.run(["record"]);
    assert!(told.stderr.contains("its compressed bytes are damaged") && told.stderr.contains("hint: mv"), "{told:?}");
}

#[test]
fn a_rollout_whose_first_line_is_damaged_comes_back() {
    let spoil = |mut bytes: Vec<u8>| {
        bytes[0] = b'#';
        bytes
    };
    let (home, fixture) = damaged("", spoil);
    let told = home.run(["restore", &fixture.id()]);
    assert!(told.code == 1 && told.stderr.contains("its first line is not a session_meta record"), "{told:?}");
    assert_eq!(follow(&home, &told).code, 0, "{told:?}");
    assert_eq!(fs::read(home.place(&fixture.name)).unwrap(), fixture.bytes);
    assert_eq!(fs::read(home.path().join(&fixture.name)).unwrap(), spoil(fixture.bytes.clone()), "it is kept");
}

#[test]
fn nothing_is_promised_of_a_damaged_rollout_that_was_never_recorded() {
    let (home, fixture) = (Home::empty(), Fixture::named("0.169"));
    home.put(&format!("{}.zst", fixture.name), &cut(fixture.bytes.clone()));
    let told = home.run(["init", "--no-hooks"]);
    assert!(told.stderr.contains("its compressed bytes end too early") && !told.stderr.contains("mv "), "{told:?}");
}
