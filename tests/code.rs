//! The files of a project beside the conversation: exactly what stood there, and the project is never touched.
//!
//! Git repositories and git are real, and so is Codex where it is part of what is shown (`code/with_codex.rs`). Elsewhere its part is played by a
//! rollout that it wrote, and by the words that a hook leaves its work to.

mod back_and_forth;
mod concealed;
mod differences;
mod forgetting;
mod forks;
mod health;
mod hostile;
mod keeping;
mod kills;
mod kinds;
mod lacking;
mod limits;
mod machine;
mod many;
mod moving;
mod off;
mod parts;
mod restoring;
mod same_trees;
mod stage;
mod stepwise;
mod untouched;
mod with_codex;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Fixture, Home, Ran, ran};

const CASE: &str = "0.169";

/// A codex home with a session whose turns are known, and a project.
pub struct Project {
    pub home: Home,
    pub session: String,
    /// Codex's ids of the turns.
    pub turns: Vec<String>,
}

impl Project {
    /// A project in a repository without a commit, with code on.
    pub fn new() -> Self {
        let home = Home::with(&[CASE]);
        home.ok("init -q --no-hooks");
        home.ok("code on -q");
        let session = Fixture::named(CASE).id();
        let ids = home
            .git(&format!("log --reverse --format=%(trailers:key=Codex-Turn-Id,valueonly,separator=%x20) {session}"));
        let turns = ids.lines().filter_map(|line| line.split(' ').next()).filter(|id| !id.is_empty());
        let project = Self { turns: turns.map(str::to_owned).collect(), home, session };
        assert!(project.turns.len() >= 3);
        project.git(&["init", "-q", "-b", "main"]);
        for (key, value) in [("user.name", "a"), ("user.email", "a@b"), ("core.autocrlf", "false")] {
            project.git(&["config", key, value]);
        }
        project
    }

    pub fn root(&self) -> PathBuf {
        self.home.work()
    }

    /// Runs git in the project.
    pub fn git(&self, words: &[&str]) -> String {
        git_in(&self.root(), words)
    }

    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let place = self.root().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }

    pub fn commit_all(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x"]);
    }

    /// What a hook leaves its work to does this, at an event of a turn.
    pub fn event(&self, kind: &str, turn: usize) -> Command {
        self.event_in("", kind, turn)
    }

    /// The same, where Codex works in a folder of the project.
    pub fn event_in(&self, folder: &str, kind: &str, turn: usize) -> Command {
        let mut command = self.home.command();
        command.args(["hook", "--after", kind, "--turn", &self.turns[turn - 1], "--cwd"]).arg(self.root().join(folder));
        command.arg("--").arg(self.home.place(&Fixture::named(CASE).name));
        command
    }

    pub fn before(&self, turn: usize) {
        assert!(self.event("UserPromptSubmit", turn).status().unwrap().success());
    }

    pub fn after(&self, turn: usize) {
        assert!(self.event("Stop", turn).status().unwrap().success());
    }

    /// The code store.
    pub fn store(&self) -> PathBuf {
        let mut stores: Vec<_> =
            fs::read_dir(self.home.path().join("code")).unwrap().map(|entry| entry.unwrap().path()).collect();
        stores.retain(|path| path.extension().is_some_and(|extension| extension == "git"));
        assert_eq!(stores.len(), 1, "{stores:?}");
        stores.pop().unwrap()
    }

    /// Runs git on the code store.
    pub fn kept(&self, words: &[&str]) -> String {
        let store = self.store();
        let mut all = vec!["--git-dir", store.to_str().unwrap()];
        all.extend(words);
        git_in(&self.root(), &all)
    }

    /// The tree of a turn's snapshot.
    pub fn tree(&self, turn: usize, moment: &str) -> String {
        let name = format!("refs/code/{}/{}/{moment}^{{tree}}", self.session, self.turns[turn - 1]);
        self.kept(&["rev-parse", &name]).trim().to_owned()
    }

    /// The refs of snapshots.
    pub fn snapshots(&self) -> Vec<String> {
        self.kept(&["for-each-ref", "--format=%(refname)"]).lines().map(str::to_owned).collect()
    }

    /// Git finds the code store sound.
    pub fn is_sound(&self) {
        let told = self.kept(&["fsck", "--strict", "--full", "--no-dangling"]);
        assert_eq!(told.lines().filter(|line| !line.starts_with("notice:")).count(), 0, "{told}");
    }

    /// Forks a turn into a new folder.
    pub fn fork(&self, turn: usize, options: &[&str]) -> (Ran, PathBuf) {
        let place = self.home.path().parent().unwrap().join(format!("fork-{turn}{}", options.concat()));
        let turn = turn.to_string();
        let words = ["fork", &self.session, "--turn", &turn, "--worktree", place.to_str().unwrap()];
        (self.home.run(words.into_iter().chain(options.iter().copied())), place)
    }
}

pub fn git_in(folder: &Path, words: &[&str]) -> String {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(words).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        git.env_remove(name);
    }
    let output = git.output().unwrap();
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// All below a folder but git's own: each path with its kind, its permission to be executed, and its bytes.
pub fn files(root: &Path) -> Vec<(Vec<u8>, char, Vec<u8>)> {
    use std::os::unix::fs::PermissionsExt;
    let (mut all, mut waiting) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(root).unwrap().as_os_str().as_bytes().to_vec();
            if path.file_name().unwrap() == ".git" {
            } else if data.is_dir() {
                waiting.push(path);
            } else if data.is_symlink() {
                all.push((name, 'l', fs::read_link(&path).unwrap().as_os_str().as_bytes().to_vec()));
            } else if data.is_file() {
                let kind = if data.permissions().mode() & 0o100 == 0 { 'f' } else { 'x' };
                all.push((name, kind, fs::read(&path).unwrap_or_default()));
            }
        }
    }
    all.sort();
    all
}

/// Runs a command where strace has the system answer calls as its `rules` say.
pub fn answered(command: &Command, rules: &[&str]) -> Ran {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null"]);
    for rule in rules {
        strace.args(["-e", rule]);
    }
    strace.arg(command.get_program()).args(command.get_args()).current_dir(command.get_current_dir().unwrap());
    command.get_envs().for_each(|(name, value)| match value {
        Some(value) => drop(strace.env(name, value)),
        None => drop(strace.env_remove(name)),
    });
    ran(strace.output().unwrap())
}

/// Whether a program is there.
pub fn has(program: &str) -> bool {
    Command::new(program).arg("-V").output().is_ok()
}

pub fn ok(command: &mut Command) -> Ran {
    let ran = ran(command.output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}
