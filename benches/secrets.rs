//! Scanning for secrets, beside `sha1sum` of the same rollouts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use codex_git::secrets::Rules;

use crate::Scale;
use crate::corpus::many;
use crate::run::{Table, Unit, median, ours, run, store};

/// Each is measured so often, ours and theirs in turn.
const ROUNDS: usize = 5;

pub fn scanning(scale: Scale, table: &mut Table) {
    let home = table.folder().join("home");
    let (sessions, bytes) = (scale.search.0 / 10 + 1, scale.search.1 / 10);
    many(&home, sessions, bytes, true);
    run(ours(&home, &["-q", "init", "--no-hooks"]));
    let files = files(&home.join("sessions"));
    let size: u64 = files.iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    let (mut sums, mut scans, mut whole, mut again) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut sha1sum = Command::new("sha1sum");
        sha1sum.args(&files);
        sums.push(run(sha1sum));
        let began = Instant::now();
        scan(&files);
        scans.push(began.elapsed());
        fs::remove_file(store(&home).join("codex-git.scanned")).ok();
        whole.push(run(ours(&home, &["-q", "secrets", "--all"])));
        again.push(run(ours(&home, &["-q", "secrets", "--all"])));
    }
    let sum = median(sums);
    let what = |what: &str| format!("{what} {} MB for secrets", size / 1_000_000);
    table.compare(&what("scanning lines of"), median(scans), ("`sha1sum`", sum), 4.0, Unit::Seconds);
    table.compare(&what("`secrets --all`, reading"), median(whole), ("`sha1sum`", sum), 4.0, Unit::Seconds);
    table.compare("… with nothing new", median(again), ("`sha1sum`", sum), 0.5, Unit::Seconds);
    let began = Instant::now();
    let rules = Rules::new(Vec::new()).unwrap();
    let turn: Vec<u8> = fs::read(&files[0]).unwrap().into_iter().take(30_000).collect();
    lines(&rules, &turn);
    table.limit("making the rules, and scanning 30 KB", began.elapsed().as_secs_f64(), 0.005, Unit::Seconds);
}

/// Scans files with one thread. What is made up holds no secret.
fn scan(files: &[PathBuf]) {
    let rules = Rules::new(Vec::new()).unwrap();
    files.iter().for_each(|file| lines(&rules, &fs::read(file).unwrap()));
}

fn lines(rules: &Rules, bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.for_each(|line| rules.scan_line(line, &mut |finding| panic!("{finding} in what is made up")));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}
