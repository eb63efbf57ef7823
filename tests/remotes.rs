//! Sessions that several machines share through a git repository.

mod between;
mod gate;
mod hostile;
mod hosts;
mod kills;
mod lacking;
mod linked;
mod masked;
mod model;
mod settings;
mod several;
mod with_codex;
mod words;

use std::path::PathBuf;
use std::process::Command;

use crate::support::executable::write_script;
use crate::support::story::Written;
use crate::support::{Home, Ran};

/// A bare repository that takes no forced pushes, and the machines that share it.
struct Shared {
    folder: tempfile::TempDir,
}

impl Shared {
    fn new() -> Self {
        let shared = Self { folder: tempfile::tempdir().unwrap() };
        git(&["init", "-q", "--bare", shared.path().to_str().unwrap()]);
        shared.git("config receive.denyNonFastForwards true");
        shared
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("shared.git")
    }

    fn address(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }

    /// Has a script say which refs may move: `$1` is the name, `$2` what it was, `$3` what it is to be.
    fn hook(&self, script: &str) {
        let path = self.path().join("hooks/update");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_script(&path, script);
    }

    /// What git says in the repository.
    fn git(&self, words: &str) -> String {
        let path = self.address();
        let args: Vec<&str> = ["--git-dir", &path].into_iter().chain(words.split(' ')).collect();
        git(&args)
    }

    /// A machine of that name, which shares all that it has.
    fn machine(&self, label: &str) -> Home {
        self.joined(Home::empty(), label)
    }

    /// A home becomes a machine of that name.
    fn joined(&self, home: Home, label: &str) -> Home {
        home.ok("init -q --no-hooks");
        home.ok(&format!("-q config label {label}"));
        home.ok(&format!("-q remote add origin {} --share all", self.address()));
        home
    }

    /// All bytes that the repository holds, unpacked.
    fn holds(&self, text: &str) -> bool {
        let all = self.git("cat-file --batch-all-objects --batch-check=%(objectname)");
        all.lines().any(|object| {
            let path = self.address();
            let kind = git(&["--git-dir", &path, "cat-file", "-t", object]);
            git(&["--git-dir", &path, "cat-file", kind.trim(), object]).contains(text)
        })
    }
}

fn git(args: &[&str]) -> String {
    let output = Command::new("git").args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn written(number: u32, turns: &[&str]) -> Written {
    turns.iter().fold(Written::new(number), |session, prompt| session.turn(prompt))
}

/// A session has these turns in a home, from now on.
fn go_on(home: &Home, number: u32, turns: &[&str]) {
    written(number, turns).put(home);
    home.ok("-q record");
}

/// The prompts of a session as a home knows it.
fn turns(home: &Home, revision: &str) -> Vec<String> {
    let log = home.ok(&format!("log --reverse --json {revision}")).json();
    log.iter().map(|turn| turn["prompt"].as_str().unwrap().to_owned()).collect()
}

fn outcomes(ran: &Ran) -> Vec<String> {
    ran.json().iter().filter_map(|line| Some(line["outcome"].as_str()?.to_owned())).collect()
}

/// Where all sessions end in a home.
fn ends(home: &Home) -> String {
    home.git("for-each-ref refs/heads refs/open")
}
