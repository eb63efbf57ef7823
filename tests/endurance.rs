//! Many processes, many turns, many kills: nothing is lost, nothing is there twice.

#[cfg(unix)]
#[path = "endurance/kills.rs"]
mod kills;

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use codex_git::{Effect, Workspace};

use crate::support::Home;
use crate::support::synthetic::Synthetic;

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
