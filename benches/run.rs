//! Running programs and measuring them, and the table of what came out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Where everything is made. It is removed when the benchmark ends well, and nothing before: ext4 takes far longer to make a new file
/// for minutes after many were deleted.
fn root() -> TempDir {
    tempfile::Builder::new().prefix("codex-git-bench-").tempdir().unwrap()
}

/// codex-git on a home.
pub fn ours(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codex-git"));
    command.arg("--codex-home").arg(home).args(words).env_remove("CODEX_THREAD_ID");
    command
}

/// git on a repository.
pub fn git(repo: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(repo).args(words).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", "/nonexistent");
    command
}

/// The store of a home.
pub fn store(home: &Path) -> PathBuf {
    home.join("sessions.git")
}

/// Runs a program to its end; its output goes nowhere.
pub fn run(mut command: Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    timed(command)
}

/// Runs a program with what is set up for it.
pub fn timed(mut command: Command) -> Duration {
    let began = Instant::now();
    let status = command.status().unwrap();
    let took = began.elapsed();
    assert!(status.success(), "{command:?}");
    took
}

/// Runs a program with a file as its input.
pub fn fed(mut command: Command, input: &Path) -> Duration {
    command.stdin(fs::File::open(input).unwrap()).stdout(Stdio::null());
    timed(command)
}

/// What a program prints.
pub fn output(mut command: Command) -> String {
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The most memory that a program ever held, in bytes, as Linux tells while it runs.
pub fn peak(mut command: Command) -> u64 {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let held = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        most = most.max(held.unwrap_or(0) << 10);
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success());
            return most;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// How many bytes the files of a folder have.
pub fn bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap();
    let of = |entry: fs::DirEntry| {
        let data = entry.metadata().unwrap();
        if data.is_dir() { bytes(&entry.path()) } else { data.len() }
    };
    entries.map(|entry| of(entry.unwrap())).sum()
}

/// The middle of several measurements.
pub fn median(mut all: Vec<Duration>) -> f64 {
    all.sort();
    all[all.len() / 2].as_secs_f64()
}

/// What was measured, a row each; and where it is made.
pub struct Table {
    rows: Vec<[String; 5]>,
    root: TempDir,
    folders: usize,
}

impl Table {
    pub fn new() -> Self {
        Self { rows: Vec::new(), root: root(), folders: 0 }
    }

    /// A new folder.
    pub fn folder(&mut self) -> PathBuf {
        self.folders += 1;
        let folder = self.root.path().join(self.folders.to_string());
        fs::create_dir(&folder).unwrap();
        folder
    }

    /// Work that is compared with a reference: both in seconds or bytes, and the ratio to reach.
    pub fn compare(&mut self, work: &str, ours: f64, reference: (&str, f64), reach: f64, unit: Unit) {
        let ratio = ours / reference.1;
        let kept = if ratio <= reach { "" } else { "  not reached" };
        self.row([
            work.to_owned(),
            unit.show(ours),
            format!("{} {}", reference.0, unit.show(reference.1)),
            format!("{ratio:.2}"),
            format!("{reach:.2}{kept}"),
        ]);
    }

    /// Work that has an absolute limit.
    pub fn limit(&mut self, work: &str, ours: f64, reach: f64, unit: Unit) {
        let kept = if ours <= reach { "" } else { "  not reached" };
        self.row([
            work.to_owned(),
            unit.show(ours),
            String::new(),
            String::new(),
            format!("{}{kept}", unit.show(reach)),
        ]);
    }

    fn row(&mut self, row: [String; 5]) {
        eprintln!("  {}", row.join(" | "));
        self.rows.push(row);
    }

    /// Prints the table in Markdown.
    pub fn print(&self) {
        println!("| work | codex-git | reference | ratio | to reach |\n|---|---|---|---|---|");
        for row in &self.rows {
            println!("| {} |", row.join(" | "));
        }
    }
}

/// What a number means.
#[derive(Clone, Copy)]
pub enum Unit {
    Seconds,
    Bytes,
    /// Bytes that are few.
    Few,
    /// A part of a whole.
    Share,
}

impl Unit {
    fn show(self, number: f64) -> String {
        match self {
            Self::Seconds if number < 1.0 => format!("{:.2} ms", number * 1000.0),
            Self::Seconds => format!("{number:.2} s"),
            Self::Bytes => format!("{:.1} MB", number / 1e6),
            Self::Few => format!("{number:.0} B"),
            Self::Share => format!("{:.2} %", number * 100.0),
        }
    }
}
