//! Sharing: a long session written into a file beside `git bundle create`, and taken in beside `git clone` of the file.

use std::path::Path;
use std::process::Command;

use crate::Scale;
use crate::corpus::one;
use crate::run::{Table, Unit, git, median, ours, run, store};

pub fn shares(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("home");
    let session = one(&home, scale.fork / 30_000 / 3 + 1, 30_000);
    run(ours(&home, &["-q", "init", "--no-hooks"]));
    let file = folder.join("it.bundle");
    let path = file.to_str().unwrap();
    let (mut shared, mut bundled, mut imported, mut cloned) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..scale.rounds.min(9) {
        let theirs = folder.join("theirs.bundle");
        let branch = format!("refs/heads/{}", session.id);
        bundled.push(run(git(&store(&home), &["bundle", "create", "-q", theirs.to_str().unwrap(), &branch])));
        shared.push(run(ours(&home, &["-q", "share", &session.id, "--force", "--out", path])));
        let other = folder.join(format!("other-{round}"));
        std::fs::create_dir_all(&other).unwrap();
        run(ours(&other, &["-q", "init", "--no-hooks"]));
        imported.push(run(ours(&other, &["-q", "import", path])));
        cloned.push(run(clone(&file, &folder.join(format!("clone-{round}")))));
    }
    let of = format!("a session of {} MB", scale.fork / 3 / 1_000_000);
    table.compare(&format!("share {of}"), median(shared), ("`git bundle create`", median(bundled)), 0.5, Unit::Seconds);
    let theirs = ("`git clone --mirror`, checking objects", median(cloned));
    table.compare(&format!("import {of}"), median(imported), theirs, 3.0, Unit::Seconds);
}

/// A clone that checks objects, as what comes from elsewhere should be.
fn clone(bundle: &Path, to: &Path) -> Command {
    let mut command = Command::new("git");
    command.args(["-c", "fetch.fsckObjects=true", "clone", "-q", "--mirror"]).arg(bundle).arg(to);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", "/nonexistent");
    command
}
