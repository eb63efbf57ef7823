//! Evict and real Codex at the same time: a turn runs, by `codex exec resume` or in an app server, while `evict` or `evict --now` begins before it,
//! in its middle or after it; in a third of the races evict is stopped somewhere in between and goes on later, as by Ctrl-Z. Either may be
//! refused. What Codex says to be done must be in the store after the next recording, and nothing that was in the file before may be gone.
//!
//! `CODEX_GIT_RACES=200 CODEX_GIT_VERSIONS=0.98.0,0.130.0,0.145.0,0.169.0 cargo test --release --test suite evict::` runs as many, over these
//! versions; `CODEX_GIT_RACES=200:7` at other moments.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{CURRENT, versions};
use crate::support::app_server::AppServer;
use crate::support::codex::Codex;
use crate::support::ran;

/// How many races a home sees, and how many a session.
const A_HOME: usize = 20;
const A_SESSION: usize = 5;

#[test]
fn whoever_wins_a_race_no_word_is_lost() {
    let (races, mut random) = wanted();
    let versions = versions();
    let mut figures: BTreeMap<String, usize> = BTreeMap::new();
    for version in &versions {
        let mut left = races.unwrap_or(if *version == CURRENT { 6 * versions.len() } else { 4 * versions.len() });
        left /= versions.len();
        while left > 0 {
            let races = left.min(A_HOME);
            Ring::new(version).races(races, &mut random, &mut figures);
            left -= races;
        }
    }
    eprintln!("{figures:#?}");
}

/// How many races in all, and what chooses their moments: `CODEX_GIT_RACES`.
fn wanted() -> (Option<usize>, Random) {
    let asked = std::env::var("CODEX_GIT_RACES").unwrap_or_default();
    let (races, seed) = asked.split_once(':').unwrap_or((&asked, "1"));
    (races.parse().ok(), Random(seed.parse().unwrap()))
}

/// A Codex and its store, where races are run.
struct Ring {
    version: &'static str,
    codex: Codex,
    /// The prompts that Codex said to be done.
    done: Vec<String>,
    /// How many milliseconds a turn took just before.
    lasts: usize,
}

impl Ring {
    fn new(version: &'static str) -> Self {
        Self { version, codex: Codex::new(version), done: Vec::new(), lasts: 0 }
    }

    fn races(mut self, races: usize, random: &mut Random, figures: &mut BTreeMap<String, usize>) {
        let mut id = String::new();
        for race in 0..races {
            if race % A_SESSION == 0 {
                let prompt = format!("prompt-{race}-first");
                let begun = Instant::now();
                id = self.codex.start(&prompt);
                self.lasts = begun.elapsed().as_millis() as usize;
                self.done.push(prompt);
                self.codex.home.ok("init -q --no-hooks");
            }
            let told = self.race(&id, race, random);
            *figures.entry(format!("{}: {told}", self.version)).or_default() += 1;
        }
        // All of it comes back from the store alone.
        self.codex.home.ok("verify -q");
        fs::remove_dir_all(self.codex.home.path().join("sessions")).unwrap();
        self.codex.home.ok("restore -q --deleted");
        let all = rollouts(&self.codex).concat();
        self.done.iter().for_each(|prompt| assert!(all.contains(prompt.as_str()), "{}: {prompt}", self.version));
    }

    /// One race; gives how it went.
    fn race(&mut self, id: &str, race: usize, random: &mut Random) -> String {
        let before = fs::read(self.codex.rollout(id)).unwrap();
        // Half of the turns have a middle: a tool runs.
        let tool = if random.below(2) == 0 { " [[shell:sleep 0.3]]" } else { "" };
        let prompt = format!("prompt-{race}-{}{tool}", random.below(1 << 20));
        let idle = random.below(300);
        let (by_server, at_once, stopped) =
            (random.below(2) == 0, random.below(2) == 0, (random.below(3) == 0).then(|| random.below(40)));
        let (codex_at, evict_at) =
            if random.below(5) == 0 { (random.below(60), 0) } else { (0, self.lasts / 4 + random.below(self.lasts)) };
        let pause = Duration::from_millis(100 + random.below(300) as u64);
        let (is_done, evicted) = std::thread::scope(|scope| {
            let codex = scope.spawn(|| {
                sleep(codex_at);
                if by_server {
                    by_app_server(&self.codex, id, idle, &prompt)
                } else {
                    by_exec(&self.codex, id, &prompt)
                }
            });
            sleep(evict_at);
            let mut command = self.codex.home.command();
            command.args(["evict", if at_once { "--now" } else { "--yes" }, id]);
            let evict = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            if let Some(moment) = stopped {
                sleep(moment);
                stop_and_go_on(&evict, pause);
            }
            (codex.join().unwrap(), ran(evict.wait_with_output().unwrap()))
        });
        let told = format!(
            "{} race {race}: {prompt}, server {by_server}, --now {at_once}, stopped {stopped:?} for {pause:?}, at {codex_at}, {evict_at}; \
             done {is_done}, evict {}\n{}",
            self.version, evicted.code, evicted.stderr
        );
        assert!(evicted.code == 0 || evicted.code == 1, "{told}");
        if is_done {
            self.done.push(prompt);
        }
        self.codex.home.ok("record -q");
        let stored = self.codex.home.git("log --branches --glob=refs/open --format=%s");
        for prompt in &self.done {
            assert!(stored.lines().any(|line| line == prompt), "{prompt} is not in the store\n{told}\n{stored}");
        }
        self.codex.home.ok(&format!("restore -q {id}"));
        let after = fs::read(self.codex.rollout(id)).unwrap();
        assert!(after.starts_with(&before), "what was there is gone\n{told}");
        let all = rollouts(&self.codex).concat();
        for prompt in &self.done {
            assert!(all.contains(prompt.as_str()), "{prompt} is in no file\n{told}\n{}", self.files());
        }
        let how = if evicted.code == 0 { "evicted" } else { "evict refused" };
        let stopped = if stopped.is_some() { ", stopped in between" } else { "" };
        format!("{how}{stopped}, {}", if is_done { "turn done" } else { "turn refused" })
    }
}

impl Ring {
    /// What lies in the home, with the prompts that each file holds.
    fn files(&self) -> String {
        let words = "grep -aoE 'prompt-[0-9]+-[0-9a-z]+' -r . | sort | uniq -c; find . -type f | xargs ls -l";
        let mut command = Command::new("sh");
        let listed =
            ran(command.args(["-c", words]).current_dir(self.codex.home.path().join("sessions")).output().unwrap());
        format!("{}\n{}", listed.stdout, self.codex.home.git("log --branches --glob=refs/open --format=%S:%s"))
    }
}

fn sleep(milliseconds: usize) {
    std::thread::sleep(Duration::from_millis(milliseconds as u64));
}

/// Stops a process for a while, if it still runs.
fn stop_and_go_on(child: &Child, pause: Duration) {
    let id = Pid::from_child(child);
    kill_process(id, Signal::STOP).ok();
    std::thread::sleep(pause);
    kill_process(id, Signal::CONT).ok();
}

/// A turn of its own process; tells whether it was done.
fn by_exec(codex: &Codex, id: &str, prompt: &str) -> bool {
    let ran = codex.turn(id, prompt);
    ran.code == 0 && format!("{}{}", ran.stdout, ran.stderr).contains(&format!("reply to: {prompt}"))
}

/// A turn in an app server that loads the session and is idle for a while; tells whether it was done.
fn by_app_server(codex: &Codex, id: &str, idle: usize, prompt: &str) -> bool {
    let mut server = AppServer::of(codex);
    let is_loaded = server.try_ask("thread/resume", json!({ "threadId": id })).is_ok();
    sleep(idle);
    is_loaded && server.turn(id, prompt)
}

/// What the rollouts hold.
fn rollouts(codex: &Codex) -> Vec<String> {
    let sessions = codex.home.path().join("sessions");
    let listed = ran(Command::new("find").arg(sessions).args(["-name", "rollout-*.jsonl"]).output().unwrap());
    listed.stdout.lines().map(|path| fs::read_to_string(path).unwrap()).collect()
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
