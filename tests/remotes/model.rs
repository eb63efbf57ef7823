//! Machines that do what they like, in an order that chance makes: new sessions, turns, pushes, pulls, restored rollouts, on any machine. In the end,
//! every turn that was ever made is at the remote, and every machine knows the same.
//!
//! `CODEX_GIT_MODEL=MACHINES,STEPS,SEEDS` runs more of it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use super::{Shared, git};
use crate::support::Home;
use crate::support::story::id;

/// Chance that is the same each time: a linear congruence.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

struct World {
    shared: Shared,
    machines: Vec<Home>,
    chance: Chance,
    /// Seconds since the world began.
    clock: i64,
    sessions: u32,
    /// The prompts of all turns that were made.
    turns: BTreeSet<String>,
}

impl World {
    fn new(machines: usize, seed: u64) -> Self {
        let shared = Shared::new();
        let machines = (0..machines).map(|number| shared.machine(&format!("machine-{number}"))).collect();
        let turns = BTreeSet::new();
        Self { shared, machines, chance: Chance(seed), clock: 1_800_000_000, sessions: 0, turns }
    }

    fn line(&mut self, kind: &str, payload: &serde_json::Value) -> String {
        self.clock += 1;
        let at = time::OffsetDateTime::from_unix_timestamp(self.clock).unwrap();
        let at = at.format(&time::format_description::well_known::Rfc3339).unwrap();
        format!("{}\n", json!({ "timestamp": at, "type": kind, "payload": payload }))
    }

    fn rollout(&self, machine: usize, session: u32) -> PathBuf {
        self.machines[machine].place(&format!("rollout-2026-11-24T21-46-09-{}.jsonl", id(session)))
    }

    fn begin(&mut self, machine: usize) {
        self.sessions += 1;
        let (session, path) = (self.sessions, self.rollout(machine, self.sessions));
        let meta = json!({
            "id": id(session), "timestamp": "2026-11-24T21:46:09Z", "cwd": "/work", "originator": "codex-tui",
            "cli_version": "0.169.0", "source": "cli", "history_mode": "paginated",
        });
        let line = self.line("session_meta", &meta);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, line).unwrap();
        self.turn(machine, session);
    }

    /// A turn of a session, if its rollout is there.
    fn turn(&mut self, machine: usize, session: u32) {
        let path = self.rollout(machine, session);
        if !path.exists() {
            return;
        }
        let prompt = format!("turn {} of {session} by machine {machine}", self.turns.len());
        let turn = format!("turn-{}", self.turns.len());
        let content = json!([{ "type": "text", "text": prompt }]);
        let lines = [
            self.line("event_msg", &json!({ "type": "task_started", "turn_id": turn })),
            self.line(
                "event_msg",
                &json!({ "type": "item_completed", "item": { "type": "UserMessage", "id": "u", "content": content } }),
            ),
            self.line("event_msg", &json!({ "type": "task_complete", "turn_id": turn })),
        ];
        self.turns.insert(prompt);
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(lines.concat().as_bytes()).unwrap();
    }

    fn step(&mut self) {
        let machine = self.chance.below(self.machines.len());
        let session = u32::try_from(self.chance.below(self.sessions.max(1) as usize)).unwrap() + 1;
        match self.chance.below(10) {
            0 if self.sessions < 6 => self.begin(machine),
            0..=3 => self.turn(machine, session),
            4 | 5 => self.does(machine, "push"),
            6 | 7 => self.does(machine, "pull"),
            8 => self.does(machine, "sync"),
            _ => drop(self.machines[machine].run(["-q", "restore", &id(session)])),
        }
    }

    fn does(&self, machine: usize, verb: &str) {
        let told = self.machines[machine].ok(verb);
        assert!(!told.stderr.contains("rewritten") && !told.stderr.contains("new id"), "{verb}: {told:?}");
    }

    /// Everybody pushes and pulls until nothing is new anywhere.
    fn settle(&self) {
        for _ in 0..3 {
            (0..self.machines.len()).for_each(|machine| self.does(machine, "sync"));
        }
        for machine in 0..self.machines.len() {
            self.does(machine, "push");
            let told = self.machines[machine].ok("pull");
            assert!(told.stderr.contains("nothing new"), "{told:?}");
        }
    }

    fn check(&self) {
        let subjects: BTreeSet<String> = self.shared.git("log --all --format=%s").lines().map(str::to_owned).collect();
        let lost: Vec<&String> = self.turns.iter().filter(|turn| !subjects.contains(*turn)).collect();
        assert!(lost.is_empty(), "every turn is at the remote: {lost:?}");
        let known = |home: &Home| -> BTreeSet<String> {
            home.git("rev-list --glob=refs/heads --glob=refs/strands").lines().map(str::to_owned).collect()
        };
        let first = known(&self.machines[0]);
        for home in &self.machines {
            assert_eq!(known(home), first, "every machine knows the same");
            assert_eq!(home.ok("verify").code, 0);
        }
        git(&["--git-dir", &self.shared.address(), "fsck", "--strict"]);
    }
}

#[test]
fn whatever_machines_do_every_turn_arrives_everywhere() {
    let more = std::env::var("CODEX_GIT_MODEL").unwrap_or_else(|_| "3,50,3".to_owned());
    let numbers: Vec<usize> = more.split(',').map(|number| number.parse().unwrap()).collect();
    let [machines, steps, seeds] = numbers[..] else { panic!("three numbers, as 3,50,3") };
    for seed in 1..=seeds as u64 {
        let mut world = World::new(machines, seed);
        world.begin(0);
        (0..steps).for_each(|_| world.step());
        world.settle();
        world.check();
    }
}
