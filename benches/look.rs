//! Looking: the commands that show a little, in homes of very different sizes. What they take must follow from what they show.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::Scale;
use crate::corpus::{small, small_id};
use crate::run::{Table, Unit, git, median, ours, peak, run, store};
use crate::whole::TRAILERS;

/// How many times the time in the smallest home each of the larger ones may take.
const REACH: [f64; 2] = [1.5, 3.0];

/// How many directories the sessions were held in, besides one with the last of them.
const DIRECTORIES: usize = 500;

/// A home of so many sessions, over no more days than three years have.
struct Home {
    path: PathBuf,
    sessions: usize,
}

/// The day of a session, of so many.
fn day(number: usize, sessions: usize) -> usize {
    number * (sessions / 20).clamp(1, 1000) / sessions
}

impl Home {
    fn new(path: PathBuf, sessions: usize) -> Self {
        for number in 0..sessions {
            let directory = path.join(directory(number, sessions));
            fs::create_dir_all(&directory).unwrap();
            small(&path, number, day(number, sessions), &directory);
        }
        run(ours(&path, &["-q", "init"]));
        run(ours(&path, &["-q", "record"]));
        Self { path, sessions }
    }

    /// The commands that are measured.
    fn commands(&self, round: usize) -> [(&'static str, Command); 6] {
        let middle = self.sessions / 2;
        let session = small_id(middle, day(middle, self.sessions));
        let command = |words: &[&str]| ours(&self.path, &[&["--no-pager"], words].concat());
        let save = format!("point-{round}");
        let mut complete = Command::new(env!("CARGO_BIN_EXE_codex-git"));
        complete.args(["--", "codex-git", "log", &session[..8]]);
        complete.env("CODEX_HOME", &self.path).env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "2");
        let mut list = command(&["list"]);
        list.current_dir(self.path.join(directory(self.sessions - 1, self.sessions)));
        [
            ("`log -n 20` of a session", command(&["log", "-n", "20", &session])),
            ("`log` by the beginning of an id", command(&["log", "-n", "20", &session[..8]])),
            ("`show -n 1` of a session", command(&["show", "-n", "1", &session])),
            ("`save`", command(&["-q", "save", &save, &session])),
            ("completing a session's id", complete),
            ("`list` of a directory", list),
        ]
    }
}

/// Where a session of this number was held, below its home: the last twenty in one directory.
fn directory(number: usize, sessions: usize) -> String {
    if number + 20 >= sessions { "projects/last".to_owned() } else { format!("projects/{}", number % DIRECTORIES) }
}

pub fn looking(scale: Scale, table: &mut Table) {
    let homes = scale.look.map(|sessions| Home::new(table.folder(), sessions));
    let mut took: Vec<[Vec<Duration>; 3]> = vec![Default::default(); 6];
    for round in 0..scale.rounds.min(15) {
        for (at, home) in homes.iter().enumerate() {
            for (what, (_, command)) in home.commands(round).into_iter().enumerate() {
                took[what][at].push(run(command));
            }
        }
    }
    let names = homes[0].commands(0).map(|(name, _)| name);
    for (name, took) in names.into_iter().zip(took) {
        let [few, many, most] = took.map(median);
        for ((home, took), reach) in homes[1..].iter().zip([many, most]).zip(REACH) {
            let reference = format!("among {}", homes[0].sessions);
            table.compare(&format!("{name} among {}", home.sessions), took, (&reference, few), reach, Unit::Seconds);
        }
    }
    for (home, most) in homes[1..].iter().zip([60e6, 120e6]) {
        whole(home, most, table);
        stats(home, table);
    }
}

/// `stats`, which reads every turn.
fn stats(home: &Home, table: &mut Table) {
    let (mut counted, mut read) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        counted.push(run(ours(&home.path, &["--no-pager", "stats"])));
        read.push(run(git(&store(&home.path), &["log", "--all", "--format=%(trailers)"])));
    }
    let what = format!("`stats` of {} turns", home.sessions * 2);
    let reference = ("`git log --all --format='%(trailers)'`", median(read));
    table.compare(&what, median(counted), reference, 1.2, Unit::Seconds);
}

/// `list --all`, which shows everything.
fn whole(home: &Home, most: f64, table: &mut Table) {
    let list = || ours(&home.path, &["--no-pager", "list", "--all"]);
    let (mut listed, mut refs) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        listed.push(run(list()));
        refs.push(run(git(&store(&home.path), &["for-each-ref", TRAILERS, "refs/heads"])));
    }
    let what = format!("`list --all` of {} small sessions", home.sessions);
    table.compare(&what, median(listed), ("`git for-each-ref`", median(refs)), 0.15, Unit::Seconds);
    table.limit("… its memory", peak(list()) as f64, most, Unit::Bytes);
}
