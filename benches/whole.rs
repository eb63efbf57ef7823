//! What is done with everything that is kept, and with a whole session.

use std::fs::{self, File};
use std::process::Command;

use crate::Scale;
use crate::corpus::{many, one, place};
use crate::run::{Table, Unit, git, median, ours, run, store};

/// What a listing of git shows that `list` shows.
pub const TRAILERS: &str = "--format=%(refname) %(objectname) %(committerdate:unix) %(contents:subject) %(trailers:key=Codex-Turn,key=Codex-Model,key=Codex-Cwd,key=Codex-Title)";

pub fn listings(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("home");
    let sessions = scale.many.0;
    many(&home, sessions, sessions * 25_000, false);
    run(ours(&home, &["-q", "init"]));
    run(ours(&home, &["-q", "record"]));
    let (mut list, mut refs, mut record, mut find) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scale.rounds.min(9) {
        list.push(run(ours(&home, &["--no-pager", "list", "--all"])));
        refs.push(run(git(&store(&home), &["for-each-ref", TRAILERS, "refs/heads"])));
        record.push(run(ours(&home, &["-q", "record"])));
        let mut found = Command::new("find");
        found.arg(home.join("sessions")).args(["-type", "f", "-printf", "%p %s %T@\n"]);
        find.push(run(found));
    }
    let what = format!("`list --all` of {sessions} sessions");
    table.compare(&what, median(list), ("`git for-each-ref`", median(refs)), 0.8, Unit::Seconds);
    let what = format!("`record`, nothing new in {sessions} sessions");
    table.compare(&what, median(record), ("`find`", median(find)), 3.0, Unit::Seconds);
}

/// A rollout that lost its last tenth gets it again.
pub fn advances(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("home");
    let session = one(&home, scale.fork / 30_000 + 1, 30_000);
    run(ours(&home, &["-q", "init"]));
    let rollout = place(&home, &session.name);
    let whole = fs::read(&rollout).unwrap();
    let (mut advance, mut copy) = (Vec::new(), Vec::new());
    for round in 0..scale.rounds.min(9) {
        fs::write(&rollout, &whole[..whole.len() / 10 * 9]).unwrap();
        // What is not on disk yet would be waited for by whoever syncs next.
        File::open(&rollout).unwrap().sync_all().unwrap();
        advance.push(run(ours(&home, &["-q", "restore", "--advance", &session.id])));
        assert!(fs::read(&rollout).unwrap() == whole, "it has all bytes");
        let mut cp = Command::new("sh");
        cp.args(["-c", "cp \"$1\" \"$2\" && sync \"$2\"", "sh"])
            .arg(&rollout)
            .arg(folder.join(format!("copy-{round}")));
        copy.push(run(cp));
    }
    let what = format!("`restore --advance` of a session of {} MB", whole.len() / 1_000_000);
    table.compare(&what, median(advance), ("`cp`, synced", median(copy)), 3.0, Unit::Seconds);
}

pub fn forks(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("home");
    let session = one(&home, scale.fork / 30_000 + 1, 30_000);
    run(ours(&home, &["-q", "init"]));
    let (mut fork, mut archive, mut copy) = (Vec::new(), Vec::new(), Vec::new());
    let rollout = place(&home, &session.name);
    for round in 0..scale.rounds.min(9) {
        fork.push(run(ours(&home, &["-q", "fork", &session.id])));
        let mut command = git(&store(&home), &["archive", &format!("refs/heads/{}", session.id)]);
        command.stdin(std::process::Stdio::null());
        command.stdout(File::create(folder.join(format!("archive-{round}"))).unwrap());
        archive.push(crate::run::timed(command));
        let mut cp = Command::new("cp");
        cp.arg(&rollout).arg(folder.join(format!("copy-{round}")));
        copy.push(run(cp));
    }
    let what = format!("fork of a session of {} MB", fs::metadata(&rollout).unwrap().len() / 1_000_000);
    let fork = median(fork);
    table.compare(&what, fork, ("`git archive`", median(archive)), 0.5, Unit::Seconds);
    table.compare(&what, fork, ("`cp`", median(copy)), 3.5, Unit::Seconds);
}
