//! Real Codex's app server, asked for what its terminal does at a key press.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use super::codex::Codex;

pub struct AppServer {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl AppServer {
    pub fn of(codex: &Codex) -> Self {
        let mut command = codex.command();
        let mut child = command
            .arg("app-server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut server = Self { child, input, output, asked: 0 };
        let client = json!({ "name": "tests", "title": "tests", "version": "1" });
        server.ask("initialize", json!({ "clientInfo": client, "capabilities": { "experimentalApi": true } }));
        server.send(&json!({ "method": "initialized" }));
        server
    }

    /// Asks for something that must be done.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.try_ask(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Asks for something; gives what was refused as an error.
    pub fn try_ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "id": id, "method": method, "params": params }));
        let mut answer = self.until(|message| message["id"] == id && message["method"].is_null());
        if answer["error"].is_null() { Ok(answer["result"].take()) } else { Err(answer["error"].take()) }
    }

    /// Runs a turn of a session that is loaded; tells whether it was done.
    pub fn turn(&mut self, session: &str, prompt: &str) -> bool {
        let input = json!([{ "type": "text", "text": prompt }]);
        if self.try_ask("turn/start", json!({ "threadId": session, "input": input })).is_err() {
            return false;
        }
        let ended = self.until(|message| message["method"] == "turn/completed");
        ended["params"]["turn"]["status"] == "completed"
    }

    /// Reads until a message comes.
    pub fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the app server ended");
            let message: Value = serde_json::from_str(&line).unwrap();
            if wanted(&message) {
                return message;
            }
        }
    }

    /// Forks a session as Codex does; gives the fork's id.
    pub fn fork(&mut self, session: &str) -> String {
        let answer = self.ask("thread/fork", json!({ "threadId": session }));
        answer["thread"]["id"].as_str().unwrap().to_owned()
    }

    /// Goes back to before a turn.
    pub fn revert(&mut self, session: &str, turn: &str) {
        self.ask("thread/resume", json!({ "threadId": session }));
        self.ask("thread/revert", json!({ "threadId": session, "beforeTurnId": turn }));
    }

    /// Compacts a session.
    pub fn compact(&mut self, session: &str) {
        self.ask("thread/resume", json!({ "threadId": session }));
        self.ask("thread/compact/start", json!({ "threadId": session }));
        self.until(|message| message["method"] == "turn/completed");
    }

    fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{message}").unwrap();
        input.flush().unwrap();
    }
}

impl Drop for AppServer {
    fn drop(&mut self) {
        self.input = None;
        self.child.wait().unwrap();
    }
}
