//! `restore --advance` and real Codex at the same time: a turn begins before it, in its middle or after it, by `codex exec resume` or in an app
//! server. Either may be refused. What Codex says to be done must be in the session's file and in the store, and so must be all that was there.
//!
//! `CODEX_GIT_RACES=200 cargo test --release --test suite advance::` runs as many; `CODEX_GIT_RACES=200:7` at other moments.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use super::put_copy;
use crate::support::app_server::AppServer;
use crate::support::codex::{CURRENT, Codex, LEGACY};
use crate::support::{copy_folder, ran};

#[test]
fn whoever_wins_a_race_no_turn_is_lost() {
    let asked = std::env::var("CODEX_GIT_RACES").unwrap_or_default();
    let (races, seed) = asked.split_once(':').unwrap_or((&asked, "1"));
    let (races, mut random): (usize, _) = (races.parse().unwrap_or(10), Random(seed.parse().unwrap()));
    let mut figures: BTreeMap<String, usize> = BTreeMap::new();
    for version in [CURRENT, LEGACY] {
        let ring = Ring::new(version);
        for race in 0..races / 2 {
            let how = ring.race(race, &mut random);
            *figures.entry(format!("{version}: {how}")).or_default() += 1;
        }
    }
    eprintln!("{figures:#?}");
}

/// A Codex whose session is behind by two turns, as it is before each race.
struct Ring {
    codex: Codex,
    id: String,
    before: tempfile::TempDir,
}

impl Ring {
    fn new(version: &'static str) -> Self {
        let (codex, other) = (Codex::new(version), Codex::new(version));
        let id = codex.start("one");
        codex.turn(&id, "two");
        codex.ok("init -q --no-hooks");
        put_copy(&codex.home.store(), &other.home.store());
        other.ok(&format!("restore -q {id}"));
        other.turn(&id, "three");
        other.turn(&id, "four");
        other.ok("record -q");
        put_copy(&other.home.store(), &codex.home.store());
        let before = tempfile::tempdir().unwrap();
        copy_folder(&codex.home.path(), &before.path().join("home"));
        Self { codex, id, before }
    }

    fn race(&self, race: usize, random: &mut Random) -> String {
        let (codex, id) = (&self.codex, &self.id);
        put_copy(&self.before.path().join("home"), &codex.home.path());
        let prompt = format!("prompt-{race}");
        let by_server = random.below(2) == 0;
        let (codex_at, advance_at) = if random.below(3) == 0 { (random.below(60), 0) } else { (0, random.below(1200)) };
        let (is_done, advanced) = std::thread::scope(|scope| {
            let turn = scope.spawn(|| {
                sleep(codex_at);
                if by_server { by_app_server(codex, id, &prompt) } else { by_exec(codex, id, &prompt) }
            });
            sleep(advance_at);
            let mut command = codex.home.command();
            let advance =
                command.args(["restore", "--advance", id]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
            let advanced = ran(advance.unwrap().wait_with_output().unwrap());
            (turn.join().unwrap(), advanced)
        });
        let told =
            format!("race {race}: server {by_server}, at {codex_at}, {advance_at}; done {is_done}\n{advanced:?}");
        assert!(advanced.code == 0 || advanced.code == 1, "{told}");
        let file = fs::read_to_string(codex.rollout(id)).unwrap();
        assert!(!is_done || file.contains(&prompt), "Codex wrote it elsewhere\n{told}");
        codex.home.ok("record -q");
        codex.home.ok("verify -q");
        let stored = codex.home.git("log --all --format=%s");
        for prompt in ["one", "two", "three", "four"].into_iter().chain(is_done.then_some(prompt.as_str())) {
            assert!(stored.lines().any(|line| line == prompt), "{prompt} is not in the store\n{told}\n{stored}");
        }
        // A second try goes well, or has nothing to do.
        codex.home.ok("restore -q --advance");
        nothing_aside(codex.rollout(id).parent().unwrap(), &told);
        let is_advanced = advanced.stderr.contains("added ");
        let how = if is_advanced { "advanced" } else { "not advanced" };
        format!("{how}, {}", if is_done { "turn done" } else { "turn refused" })
    }
}

/// No temporary or held file is left.
fn nothing_aside(folder: &Path, told: &str) {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let aside: Vec<_> = names.filter(|name| name.starts_with('.')).collect();
    assert!(aside.is_empty(), "{aside:?}\n{told}");
}

fn sleep(milliseconds: usize) {
    std::thread::sleep(Duration::from_millis(milliseconds as u64));
}

/// A turn of its own process; tells whether it was done.
fn by_exec(codex: &Codex, id: &str, prompt: &str) -> bool {
    let ran = codex.turn(id, prompt);
    ran.code == 0 && format!("{}{}", ran.stdout, ran.stderr).contains(&format!("reply to: {prompt}"))
}

/// A turn in an app server; tells whether it was done.
fn by_app_server(codex: &Codex, id: &str, prompt: &str) -> bool {
    let mut server = AppServer::of(codex);
    server.try_ask("thread/resume", json!({ "threadId": id })).is_ok() && server.turn(id, prompt)
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
