//! Packing loose turns.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use codex_git::{Effect, Workspace};

use crate::Scale;
use crate::corpus::{one, place};
use crate::run::{Table, Unit, git, ours, run, store};

pub fn packing(scale: Scale, table: &mut Table) {
    for turns in scale.loose {
        let folder = table.folder();
        let home = folder.join("home");
        loose(&home, turns);
        let copy = folder.join("copy.git");
        let mut cp = Command::new("cp");
        run({
            cp.arg("-r").arg(store(&home)).arg(&copy);
            cp
        });
        // Or who syncs first writes out the copy, too.
        run(Command::new("sync"));
        let own = run(ours(&home, &["-q", "gc"]));
        let theirs = run(gc(&copy));
        let what = format!("packing {turns} loose turns");
        table.compare(&what, own.as_secs_f64(), ("`git gc`", theirs.as_secs_f64()), 0.25, Unit::Seconds);
    }
}

/// A store in which turns were recorded one by one.
fn loose(home: &Path, turns: usize) {
    let mut session = one(home, 1, 15_000);
    run(ours(home, &["-q", "init"]));
    let workspace = Workspace::open(home, &store(home)).unwrap();
    let path: PathBuf = place(home, &session.name);
    let mut file = File::options().append(true).open(&path).unwrap();
    for _ in 0..turns {
        file.write_all(session.turn(15_000).as_bytes()).unwrap();
        workspace.record_path(&path, Effect::Write).unwrap();
    }
}

fn gc(repo: &Path) -> Command {
    git(repo, &["gc", "--quiet"])
}
