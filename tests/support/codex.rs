//! Real Codex, of a pinned version, in a codex home of its own and talking to a [`Server`].

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::executable::write_script;
use super::server::Server;
use super::{Home, Ran, ran};

/// The newest version that is tested with.
pub const CURRENT: &str = "0.171.0";
/// A version whose rollouts have no markers of where turns begin and end.
pub const LEGACY: &str = "0.98.0";

pub struct Codex {
    pub home: Home,
    pub server: Server,
    version: &'static str,
}

impl Codex {
    /// A Codex of this version with an empty home.
    pub fn new(version: &'static str) -> Self {
        let (home, server) = (Home::empty(), Server::start());
        let config = format!(
            "model = \"mock-model\"\nmodel_provider = \"mock\"\napproval_policy = \"never\"\nsandbox_mode = \"danger-full-access\"\n\
             [model_providers.mock]\nname = \"mock\"\nbase_url = \"{}\"\nwire_api = \"responses\"\nrequest_max_retries = 0\nstream_max_retries = 0\n\
             [projects.\"{}\"]\ntrust_level = \"trusted\"\n",
            server.url(),
            home.work().display()
        );
        fs::write(home.path().join("config.toml"), config).unwrap();
        ran(Command::new("git").arg("init").arg("-q").arg(home.work()).output().unwrap());
        Self { home, server, version }
    }

    /// The same home and server, with another version.
    pub fn with_version(self, version: &'static str) -> Self {
        Self { version, ..self }
    }

    /// Runs a first turn; gives the session's id.
    pub fn start(&self, prompt: &str) -> String {
        let ran = self.exec(&["exec", prompt]);
        let id = ran.stderr.lines().chain(ran.stdout.lines()).find_map(|line| line.strip_prefix("session id: "));
        id.unwrap_or_else(|| panic!("no session: {ran:?}")).trim().to_owned()
    }

    /// Runs one more turn of a session.
    pub fn turn(&self, id: &str, prompt: &str) -> Ran {
        self.exec(&["exec", "resume", id, prompt])
    }

    /// Runs Codex.
    pub fn exec(&self, args: &[&str]) -> Ran {
        ran(self.command().args(args).output().unwrap())
    }

    /// Runs a turn and stops it, once the server was asked, as Ctrl-C would.
    pub fn interrupt(&self, id: &str, prompt: &str) {
        let asked = self.server.count();
        let mut child = self
            .command()
            .args(["exec", "resume", id, prompt])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let patience = Instant::now() + Duration::from_secs(20);
        while self.server.count() == asked && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
        let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(status.success());
        child.wait().unwrap();
    }

    /// Runs codex-git with this Codex on its path; it must do what was asked.
    pub fn ok(&self, words: &str) -> Ran {
        let mut command = self.home.command();
        let ran = ran(command.env("PATH", self.path()).args(words.split_whitespace()).output().unwrap());
        assert_eq!(ran.code, 0, "codex-git {words}\n{}{}", ran.stdout, ran.stderr);
        ran
    }

    /// A path on which this Codex is found first.
    pub fn path(&self) -> OsString {
        let path = std::env::var_os("PATH").unwrap();
        let folder = program(self.version).parent().unwrap().to_owned();
        std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path))).unwrap()
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(program(self.version));
        command.current_dir(self.home.work()).stdin(Stdio::null());
        command
            .env("CODEX_HOME", self.home.path())
            .env("HOME", self.home.path().parent().unwrap())
            .env_remove("CODEX_THREAD_ID");
        command
    }

    /// `codex-git` with a `codex` on its path. A test has no terminal for the interactive `codex resume ID`, so this one asks the
    /// same session with `codex exec resume ID PROMPT`.
    pub fn resuming(&self, prompt: &str) -> Command {
        let folder = self.home.work().join(".bin");
        fs::create_dir_all(&folder).unwrap();
        let script = format!(
            "[ \"$1\" = resume ] || exec '{0}' \"$@\"\nid=$2; shift 2\nexec '{0}' exec \"$@\" resume \"$id\" '{prompt}' </dev/null",
            program(self.version).display()
        );
        write_script(&folder.join("codex"), &script);
        let mut command = self.home.command();
        let path = std::env::var_os("PATH").unwrap();
        let paths = std::iter::once(folder).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(paths).unwrap());
        command
    }

    /// The prompts that reached the model last.
    pub fn asked(&self) -> Vec<String> {
        let history = self.server.last_history();
        history.iter().filter_map(|said| said.strip_prefix("user: ")).map(str::to_owned).collect()
    }

    /// The bytes of a session's rollout, which is written back if it is missing.
    pub fn rollout_bytes(&self, id: &str) -> Vec<u8> {
        let told = self.home.ok(&format!("--json restore {id}"));
        std::fs::read(told.json()[0]["rolloutPath"].as_str().unwrap()).unwrap()
    }

    /// Where the rollout of a session is.
    pub fn rollout(&self, id: &str) -> PathBuf {
        find(&self.home.path().join("sessions"), &format!("-{id}.jsonl"))
            .unwrap_or_else(|| panic!("no rollout of {id}"))
    }
}

fn find(folder: &Path, end: &str) -> Option<PathBuf> {
    for entry in fs::read_dir(folder).ok()? {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if let Some(found) = find(&path, end) {
                return Some(found);
            }
        } else if path.to_str().unwrap().ends_with(end)
            && path.file_name().unwrap().to_str().unwrap().starts_with("rollout-")
        {
            return Some(path);
        }
    }
    None
}

/// The program of a version; fetched once and kept under `target`.
fn program(version: &str) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/codex").join(version);
    let program = folder.join("node_modules/.bin/codex");
    for _ in 0..3 {
        if program.exists() && folder.join("complete").exists() {
            return program;
        }
        fs::create_dir_all(&folder).unwrap();
        let package = format!("@openai/codex@{version}");
        let install = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(&package)
            .output();
        match install {
            Ok(output) if output.status.success() => fs::write(folder.join("complete"), "").unwrap(),
            other => eprintln!("npm install {package}: {other:?}"),
        }
    }
    panic!("Codex {version} could not be installed with npm");
}
