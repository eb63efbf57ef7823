//! Sharing by a remote: many sessions, beside the same history in a repository with a ref for each session, as plain git would keep it.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::Scale;
use crate::corpus::{Session, place, small};
use crate::run::{Table, Unit, git, median, ours, run, store};

/// A turn of 30 KB.
const TURN: usize = 30_000;

pub fn remotes(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let at = |name: &str| folder.join(name);
    let (here, there, sessions) = (at("here"), at("there"), scale.look[1]);
    for number in 0..sessions {
        small(&here, number, number % 900, Path::new("/home/dev/work"));
    }
    let mut session = Session::new(7);
    let rollout = place(&here, &session.name);
    fs::create_dir_all(rollout.parent().unwrap()).unwrap();
    fs::write(&rollout, session.meta() + &session.turn(TURN)).unwrap();
    run(ours(&here, &["-q", "init", "--no-hooks"]));
    let (shared, plain) = (at("shared.git"), at("plain.git"));
    for bare in [&shared, &plain] {
        run(git(bare, &["init", "-q", "--bare"]));
    }
    run(ours(&here, &["-q", "remote", "add", "origin", shared.to_str().unwrap(), "--share", "all"]));
    run(ours(&here, &["-q", "push"]));
    let all = "refs/heads/*:refs/heads/*";
    let push = |home: &Path| git(&store(home), &["push", "-q", "--no-verify", plain.to_str().unwrap(), all]);
    run(push(&here));

    fs::create_dir_all(&there).unwrap();
    let cloned = run(ours(&there, &["-q", "clone", "--no-hooks", shared.to_str().unwrap()]));
    let mirror = at("mirror.git");
    let mirrored = run(clone(&plain, &mirror));
    let (mut pushed, mut pushed_all, mut pulled, mut fetched) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut idle, mut listed) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds.min(9) {
        idle.push(run(ours(&there, &["-q", "pull"])));
        listed.push(run(git(&mirror, &["ls-remote", "-q", shared.to_str().unwrap()])));
        let turn = session.turn(TURN);
        File::options().append(true).open(&rollout).unwrap().write_all(turn.as_bytes()).unwrap();
        run(ours(&here, &["-q", "record"]));
        pushed.push(run(ours(&here, &["-q", "push"])));
        pushed_all.push(run(push(&here)));
        pulled.push(run(ours(&there, &["-q", "pull"])));
        fetched.push(run(git(&mirror, &["fetch", "-q", plain.to_str().unwrap(), all])));
    }
    let of = format!("of {sessions} sessions");
    let theirs = ("`git ls-remote`", median(listed));
    table.compare(&format!("pull {of}, nothing new"), median(idle), theirs, 1.5, Unit::Seconds);
    let theirs = ("`git push` of all refs", median(pushed_all));
    table.compare(&format!("push a turn of one {of}"), median(pushed), theirs, 0.2, Unit::Seconds);
    let theirs = ("`git fetch` of all refs", median(fetched));
    table.compare(&format!("pull a turn of one {of}"), median(pulled), theirs, 0.15, Unit::Seconds);
    let theirs = ("`git clone --mirror`, checking objects", median(vec![mirrored]));
    table.compare(&format!("clone {of}"), median(vec![cloned]), theirs, 1.2, Unit::Seconds);
}

/// A clone that checks objects, as what comes from elsewhere should be.
fn clone(from: &Path, to: &Path) -> Command {
    let mut command = Command::new("git");
    // By an address: of a path, git would only link the files.
    let address = format!("file://{}", from.display());
    command.args(["-c", "fetch.fsckObjects=true", "clone", "-q", "--mirror"]).arg(address).arg(to);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", "/nonexistent");
    command
}
