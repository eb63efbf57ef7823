//! What the tests share: a codex home of their own, fixtures, and the program run as a person would run it.

pub mod app_server;
#[cfg(unix)]
pub mod browser;
pub mod codex;
pub mod executable;
pub mod git_host;
pub mod server;
#[cfg(target_os = "linux")]
pub mod shim;
pub mod snapshot;
pub mod story;
pub mod synthetic;
#[cfg(unix)]
pub mod terminal;
pub mod unified;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A codex home in a temporary folder, and a working directory beside it.
pub struct Home {
    folder: TempDir,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    /// A home without any session.
    pub fn empty() -> Self {
        Self::made_in(tempfile::tempdir().unwrap())
    }

    /// The same on a disk that is memory, where the system has one: for tests that do very much and stop nothing half way.
    pub fn in_memory() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self::made_in(folder.unwrap())
    }

    fn made_in(folder: TempDir) -> Self {
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(folder.path().join("work")).unwrap();
        Self { folder }
    }

    /// A home with these fixtures among its sessions.
    pub fn with(cases: &[&str]) -> Self {
        let home = Self::empty();
        for case in cases {
            home.put(&Fixture::named(case).name, &Fixture::named(case).bytes);
        }
        home
    }

    /// A home with the same files, last written when these were.
    pub fn copy(&self) -> Self {
        let copy = Self { folder: tempfile::tempdir().unwrap() };
        copy_folder(self.folder.path(), copy.folder.path());
        copy
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub fn store(&self) -> PathBuf {
        self.path().join("sessions.git")
    }

    /// Writes a rollout where Codex would put it.
    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let place = self.place(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, bytes).unwrap();
        place
    }

    /// Gives a session a name, as Codex notes it.
    pub fn name(&self, id: &str, name: &str) {
        let line = serde_json::json!({ "id": id, "thread_name": name, "updated_at": "2026-11-22T22:58:27Z" });
        let index = self.path().join("session_index.jsonl");
        let mut index = fs::OpenOptions::new().create(true).append(true).open(index).unwrap();
        writeln!(index, "{line}").unwrap();
    }

    /// Where Codex would put a rollout.
    pub fn place(&self, name: &str) -> PathBuf {
        let (year, month, day) = (&name[8..12], &name[13..15], &name[16..18]);
        self.path().join("sessions").join(year).join(month).join(day).join(name)
    }

    /// The program, ready to be run in this home.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codex-git"));
        command.current_dir(self.work());
        command.env("CODEX_HOME", self.path()).env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        for name in ["CODEX_THREAD_ID", "NO_COLOR", "COLUMNS", "GIT_PAGER", "PAGER", "GIT_DIR"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        ran(self.command().args(args).output().unwrap())
    }

    /// Runs the program with words that are separated by spaces, which must do what was asked.
    pub fn ok(&self, words: &str) -> Ran {
        let ran = self.run(words.split_whitespace());
        assert_eq!(ran.code, 0, "codex-git {words}\n{}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Has plain git look for a codex-git that is gone.
    pub fn lose_program(&self) {
        let textconv = self.git("config diff.codex.textconv");
        let gone = textconv.trim_end().replace(env!("CARGO_BIN_EXE_codex-git"), "/nowhere/codex-git");
        let set = ["config", "diff.codex.textconv", &gone];
        assert!(Command::new("git").arg("--git-dir").arg(self.store()).args(set).status().unwrap().success());
    }

    /// Runs git on the store.
    pub fn git(&self, words: &str) -> String {
        let ran = ran(Command::new("git")
            .arg("--git-dir")
            .arg(self.store())
            .args(words.split_whitespace())
            .output()
            .unwrap());
        assert_eq!(ran.code, 0, "git {words}: {}", ran.stderr);
        ran.stdout
    }

    /// The branches and open lines of the store, with the commits they name.
    pub fn refs(&self) -> String {
        self.git("for-each-ref --format=%(refname)%20%(objectname) refs/heads refs/open")
    }
}

impl Ran {
    /// The lines of standard output, as JSON.
    pub fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What a command printed, with ages, commits and new ids as words.
    pub fn plain(&self) -> String {
        normal(&self.stdout)
    }

    /// The same of standard error.
    pub fn told(&self) -> String {
        normal(&self.stderr)
    }
}

/// A rollout that a real Codex wrote, with its long texts cut out, and the turns it must give.
pub struct Fixture {
    pub name: String,
    pub bytes: Vec<u8>,
    pub turns: Vec<Value>,
}

impl Fixture {
    pub fn named(case: &str) -> Self {
        let expected = expected();
        let entry = &expected[case];
        let name = entry["file"].as_str().unwrap_or_else(|| panic!("no fixture {case}")).to_owned();
        let bytes = fs::read(folder().join(&name)).unwrap();
        Self { bytes, turns: entry["turns"].as_array().unwrap().clone(), name }
    }

    /// The files of sessions that go on from each other, in the order of their names.
    pub fn lineage(case: &str) -> Vec<(String, Vec<u8>)> {
        let folder = folder().join("lineage").join(case);
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
            .collect();
        files.sort();
        files
    }

    /// The names of all fixtures.
    pub fn all() -> Vec<String> {
        expected().as_object().unwrap().keys().cloned().collect()
    }

    pub fn id(&self) -> String {
        self.name[28..64].to_owned()
    }
}

/// Where the lines of a file end.
pub fn line_ends(bytes: &[u8]) -> Vec<usize> {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect()
}

pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (place, data) = (to.join(entry.file_name()), entry.metadata().unwrap());
        if data.is_dir() {
            copy_folder(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), &place).unwrap();
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn expected() -> Value {
    serde_json::from_slice(&fs::read(folder().join("expected.json")).unwrap()).unwrap()
}

pub fn ran(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Ages become `AGE`, ids of new sessions `NEW`, temporary folders `TMP`.
fn normal(text: &str) -> String {
    let mut out = Vec::new();
    for line in text.lines() {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for at in 0..words.len() {
            if words[at] == "ago" && at >= 2 {
                words[at - 2] = "AGE".into();
                words[at - 1].clear();
                words[at].clear();
            }
        }
        out.push(
            words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").replace("just now", "AGE"),
        );
    }
    out.join("\n")
}
