//! Searching everything, beside `rg` over the rollouts that Codex keeps.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Scale;
use crate::corpus::{Session, many, place};
use crate::run::{Table, Unit, bytes, median, ours, run, store};

/// What is looked for: a rare word, one that is everywhere, a regular expression, a word in any case, and what is nowhere.
const PATTERNS: [(&str, &[&str]); 5] = [
    ("a rare word", &["vertaver"]),
    ("a word that is everywhere", &["Result"]),
    ("a regular expression", &["fn [a-z]+\\(&self, [a-z]+: &ko"]),
    ("a word in any case", &["-i", "MIKOFELO"]),
    ("what is nowhere", &["nothing has these words"]),
];

/// Each is measured so often, ours and theirs in turn.
const ROUNDS: usize = 7;

pub fn searching(scale: Scale, table: &mut Table) {
    let folder = table.folder();
    let home = folder.join("home");
    many(&home, scale.search.0, scale.search.1, true);
    run(ours(&home, &["-q", "init", "--no-hooks"]));
    let rollouts = home.join("sessions");
    let raw = bytes(&rollouts);
    let first = searched(&home, &["Result"], &folder);
    let log = bytes(&store(&home).join("codex-git.text"));
    let whole = whole(&home);
    table.compare(
        "first search, which tells the text log",
        first.as_secs_f64(),
        ("reading all chunks", whole),
        2.2,
        Unit::Seconds,
    );
    table.compare("… size of the text log", log as f64, ("the rollouts", raw as f64), 0.10, Unit::Bytes);
    table.compare(
        "… size of the text log",
        log as f64,
        ("the store", bytes(&store(&home).join("objects")) as f64),
        0.20,
        Unit::Bytes,
    );
    if Command::new("rg").arg("--version").stdout(Stdio::null()).status().is_ok() {
        for (what, words) in PATTERNS {
            let (mut own, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                own.push(searched(&home, words, &folder));
                theirs.push(by_rg(&rollouts, words, &folder));
            }
            let what = format!("search {} MB for {what}", raw / 1_000_000);
            table.compare(&what, median(own), ("`rg -j2` on the rollouts", median(theirs)), 1.5, Unit::Seconds);
        }
    } else {
        eprintln!("  there is no rg to compare with");
    }
    let small = folder.join("small");
    many(&small, 12, 3 << 20, true);
    run(ours(&small, &["-q", "init", "--no-hooks"]));
    one_more(&small, &folder, scale, table);
}

/// How long it takes to be told of one turn more: a search after a turn, less one without.
fn one_more(home: &Path, folder: &Path, scale: Scale, table: &mut Table) {
    let mut session = Session::new(99_999);
    let mut text = session.meta();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let words = ["nothing has these words", "--session", &session.id.clone()];
    for _ in 0..scale.rounds.max(8) {
        text += &session.turn(30_000);
        let place = place(home, &session.name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, &text).unwrap();
        run(ours(home, &["-q", "record"]));
        with.push(searched(home, &words, folder));
        without.push(searched(home, &words, folder));
    }
    let (with, without) = (median(with), median(without));
    table.limit("a search after one turn more, beyond one without", (with - without).max(0.0), 0.0002, Unit::Seconds);
}

fn searched(home: &Path, words: &[&str], folder: &Path) -> Duration {
    let mut command = ours(home, &["-q", "search"]);
    command.args(words);
    into_a_file(command, folder)
}

fn by_rg(rollouts: &Path, words: &[&str], folder: &Path) -> Duration {
    let mut command = Command::new("rg");
    command.args(["-j2", "--no-config", "--no-ignore", "-o"]).args(words).arg(rollouts);
    into_a_file(command, folder)
}

/// Both find nothing at times, which is no failure, and both write what they find into a file.
fn into_a_file(mut command: Command, folder: &Path) -> Duration {
    let out = fs::File::create(folder.join("found")).unwrap();
    let began = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(out).status().unwrap();
    assert!(status.code().is_some_and(|code| code < 2), "{command:?}");
    began.elapsed()
}

/// Git reads all chunks, by two processes.
fn whole(home: &Path) -> f64 {
    let ids = Command::new("git")
        .arg("--git-dir")
        .arg(store(home))
        .args(["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)", "--unordered"])
        .output()
        .unwrap();
    let ids = String::from_utf8(ids.stdout).unwrap();
    let blobs: Vec<&str> = ids.lines().filter_map(|line| line.strip_suffix(" blob")).collect();
    let began = Instant::now();
    let half = blobs.len().div_ceil(2).max(1);
    let readers: Vec<_> = blobs.chunks(half).map(|ids| reader(home, ids)).collect();
    readers.into_iter().for_each(|mut reader| assert!(reader.wait().unwrap().success()));
    began.elapsed().as_secs_f64()
}

fn reader(home: &Path, ids: &[&str]) -> std::process::Child {
    use std::io::Write;
    let mut input = tempfile::tempfile().unwrap();
    input.write_all((ids.join("\n") + "\n").as_bytes()).unwrap();
    std::io::Seek::rewind(&mut input).unwrap();
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(store(home)).args(["cat-file", "--batch", "--buffer"]);
    command.stdin(input).stdout(Stdio::null()).spawn().unwrap()
}
