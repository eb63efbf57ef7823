//! Many processes, many turns, many kills: nothing is lost, nothing is there twice.

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use codex_git::{Effect, Workspace};

use crate::support::synthetic::Synthetic;
use crate::support::{Fixture, Home};

/// The commits that sessions get when they are recorded at once.
fn at_once(sessions: &[(Synthetic, usize)], len: usize) -> String {
    let home = Home::empty();
    for (session, turns) in sessions {
        home.put(&session.name, session.rollout(*turns, len).as_bytes());
    }
    home.ok("init -q");
    home.refs()
}

fn append(home: &Home, name: &str, text: &str) {
    fs::OpenOptions::new().append(true).open(home.place(name)).unwrap().write_all(text.as_bytes()).unwrap();
}

#[test]
fn sixteen_recorders_and_a_gc_lose_nothing_and_repeat_nothing() {
    const TURNS: usize = 500;
    const LEN: usize = 200;
    let home = Home::empty();
    // Half of the recorders have a session of their own, the others all record the same one.
    let sessions: Vec<Synthetic> = (0..9).map(Synthetic::new).collect();
    for session in &sessions {
        home.put(&session.name, session.meta().as_bytes());
    }
    home.ok("init -q");
    let left = AtomicUsize::new(16);
    std::thread::scope(|scope| {
        for recorder in 0..16 {
            let (home, session, left) = (&home, &sessions[recorder.min(8)], &left);
            scope.spawn(move || {
                let workspace = Workspace::open(&home.path(), &home.store()).unwrap();
                for number in 1..=TURNS {
                    // One of those who share a session is its Codex.
                    if recorder <= 8 {
                        append(home, &session.name, &session.turn(number, LEN));
                    }
                    workspace.record_path(&home.place(&session.name), Effect::Write).unwrap();
                }
                left.fetch_sub(1, Ordering::Relaxed);
            });
        }
        scope.spawn(|| {
            while left.load(Ordering::Relaxed) > 0 {
                home.ok("gc -q");
                std::thread::sleep(Duration::from_millis(50));
            }
        });
    });
    home.ok("record -q");
    let sessions: Vec<(Synthetic, usize)> = sessions.into_iter().map(|session| (session, TURNS)).collect();
    assert_eq!(home.refs(), at_once(&sessions, LEN));
    home.ok("gc -q");
    home.ok("verify");
    assert_eq!(home.git("count-objects"), "0 objects, 0 kilobytes\n");
}

/// How many kills: 300, or as many as `CODEX_GIT_KILLS` says.
fn kills() -> usize {
    std::env::var("CODEX_GIT_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(300)
}

#[test]
fn random_kills_leave_nothing_that_the_next_run_does_not_finish() {
    let fixtures: Vec<Fixture> = Fixture::all().iter().map(|case| Fixture::named(case)).collect();
    let whole = Home::with(&Fixture::all().iter().map(String::as_str).collect::<Vec<_>>());
    whole.ok("init -q");
    let (done, killed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let (done, killed, fixtures, whole) = (&done, &killed, &fixtures, &whole);
            scope.spawn(move || {
                let mut random = Random(thread + 1);
                while done.load(Ordering::Relaxed) < kills() {
                    life(fixtures, whole, &mut random, done, killed);
                }
            });
        }
    });
    let (done, killed) = (done.into_inner(), killed.into_inner());
    assert!(killed * 3 > done, "{killed} of {done} were killed before they were done");
}

/// A store from its making on: sessions grow, verbs run and are killed, until all sessions are whole.
fn life(fixtures: &[Fixture], whole: &Home, random: &mut Random, done: &AtomicUsize, killed: &AtomicUsize) {
    let home = Home::empty();
    let id = Fixture::named("0.169").id();
    let verbs = ["init -q", "record -q", "record -q", "gc -q", "save alpha ID", "save alpha ID~1", "list --all"];
    for step in 0..12 {
        for fixture in fixtures {
            let len = if step == 11 { fixture.bytes.len() } else { random.below(fixture.bytes.len() + 1) };
            let now = fs::metadata(home.place(&fixture.name)).map_or(0, |data| data.len() as usize);
            if len >= now {
                home.put(&fixture.name, &fixture.bytes[..len]);
            }
        }
        let verb = if step == 0 { verbs[0] } else { verbs[random.below(verbs.len())] };
        let mut command = home.command();
        command.args(verb.replace("ID", &id).split(' ')).stdout(std::process::Stdio::null());
        let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(random.below(40_000) as u64));
        child.kill().unwrap();
        killed.fetch_add(usize::from(child.wait().unwrap().code().is_none()), Ordering::Relaxed);
        done.fetch_add(1, Ordering::Relaxed);
        if home.store().exists() {
            assert_eq!(home.git("fsck --strict --full --no-dangling"), "", "after {verb}, step {step}");
        }
    }
    home.ok("init -q");
    assert_eq!(home.refs(), whole.refs());
    home.ok("gc -q");
    assert_eq!(home.refs(), whole.refs());
    home.ok("verify -q");
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
