//! Codex's own app server, `codex app-server`: how codex-git has Codex itself write what only Codex may write, names and trust.
//!
//! It speaks JSON-RPC, an object a line (`docs/codex.md`). Every call is bounded in time. The server that is started here ends with the
//! value that started it.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::model::SessionId;

/// How long a server that was asked to end is waited for.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why the app server did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppServerError {
    /// There is no such program.
    #[error("the program `codex` is not on the path")]
    NoCodex,
    /// It could not be run or talked to.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It ended, or is too old to know what an app server is.
    #[error("it ended without an answer")]
    Gone,
    /// It took too long.
    #[error("it gave no answer in time")]
    Late,
    /// It is of a version that does not know what was asked.
    #[error("this Codex does not know {0}: hooks need Codex 0.130 or later, names 0.148")]
    Unknown(&'static str),
    /// It refused.
    #[error("{method} was refused: {reason}")]
    Refused {
        /// What was asked.
        method: &'static str,
        /// What it said.
        reason: String,
    },
}

/// A running app server.
pub struct AppServer {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    asked: u64,
    until: Instant,
    home: PathBuf,
}

impl AppServer {
    /// Starts `program` as the app server of the codex home at `home`. All that is asked of it must be answered within `patience`.
    ///
    /// # Errors
    /// When there is no such program, or it is no app server.
    pub fn start(program: &Path, home: &Path, patience: Duration) -> Result<Self, AppServerError> {
        tracing::info!(program = %program.display(), "asks Codex");
        let mut child = Command::new(program)
            .arg("app-server")
            .env("CODEX_HOME", home)
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => AppServerError::NoCodex,
                _ => AppServerError::Io(error),
            })?;
        let (sender, lines) = channel();
        let (input, output) = (child.stdin.take(), child.stdout.take());
        if let Some(output) = output {
            std::thread::spawn(move || {
                let values = BufReader::new(output)
                    .lines()
                    .map_while(Result::ok)
                    .filter_map(|line| serde_json::from_str(&line).ok());
                values.take_while(|value| sender.send(Value::clone(value)).is_ok()).for_each(drop);
            });
        }
        let mut server =
            Self { child, input, lines, asked: 0, until: Instant::now() + patience, home: home.to_owned() };
        let client = json!({ "name": "codex-git", "title": "codex-git", "version": env!("CARGO_PKG_VERSION") });
        server.call("initialize", json!({ "clientInfo": client, "capabilities": { "experimentalApi": true } }))?;
        server.send(&json!({ "method": "initialized" }))?;
        Ok(server)
    }

    /// The codex home that it serves.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// Gives a session a name, and makes Codex know the session if it doesn't yet: it stands in the picker then.
    ///
    /// # Errors
    /// When the server doesn't answer, or refuses the name.
    pub fn set_name(&mut self, session: SessionId, name: &str) -> Result<(), AppServerError> {
        self.call("thread/name/set", json!({ "threadId": session.to_string(), "name": name })).map(drop)
    }

    /// Has a session go on in a directory: Codex knows it there from then on. Of its conversation nothing is sent back.
    ///
    /// # Errors
    /// When the server doesn't answer, or can't open the session.
    pub fn resume_in(&mut self, session: SessionId, directory: &Path) -> Result<(), AppServerError> {
        let directory = directory.to_string_lossy();
        let params = json!({ "threadId": session.to_string(), "cwd": directory, "excludeTurns": true });
        self.call("thread/resume", params).map(drop)
    }

    /// Makes Codex know a session, if it doesn't yet.
    ///
    /// # Errors
    /// When the server doesn't answer, or can't read the session.
    pub fn read(&mut self, session: SessionId) -> Result<(), AppServerError> {
        self.call("thread/read", json!({ "threadId": session.to_string() })).map(drop)
    }

    /// Asks for something, and gives the answer.
    ///
    /// # Errors
    /// When it is refused, or not answered in time.
    pub(super) fn call(&mut self, method: &'static str, params: Value) -> Result<Value, AppServerError> {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "id": id, "method": method, "params": params }))?;
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            let mut answer = self.lines.recv_timeout(left).map_err(|error| match error {
                RecvTimeoutError::Timeout => AppServerError::Late,
                RecvTimeoutError::Disconnected => AppServerError::Gone,
            })?;
            if answer["id"] != json!(id) || answer.get("method").is_some() {
                continue;
            }
            return match answer["error"]["message"].as_str() {
                Some(reason) if reason.contains("unknown variant") => Err(AppServerError::Unknown(method)),
                Some(reason) => Err(AppServerError::Refused { method, reason: reason.to_owned() }),
                None => Ok(answer["result"].take()),
            };
        }
    }

    fn send(&mut self, message: &Value) -> Result<(), AppServerError> {
        let input = self.input.as_mut().ok_or(AppServerError::Gone)?;
        Ok(writeln!(input, "{message}").and_then(|()| input.flush())?)
    }
}

impl Drop for AppServer {
    fn drop(&mut self) {
        // The end of its input is how the server is told to end.
        self.input = None;
        let until = Instant::now() + FAREWELL;
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // It ends in its own time if it can't be ended; nothing depends on it.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}
