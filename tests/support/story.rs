//! A story: sessions that are made up line by line, with prompts, patches, failures, forks, rewinds and agents, at times that never change.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Home;

/// When the story begins: 2026-11-24, 21:46:09.
pub const BEGIN: i64 = 1_795_556_769;

/// A session's file in the making.
#[derive(Clone)]
pub struct Written {
    pub id: String,
    name: String,
    text: String,
    /// Seconds since the story began.
    pub clock: i64,
    model: &'static str,
    cwd: String,
    turns: usize,
    /// Where each turn ends, in bytes.
    pub ends: Vec<usize>,
}

/// The id of a session by its number.
pub fn id(number: u32) -> String {
    format!("01a20f86-{number:04x}-7000-8000-{number:012x}")
}

impl Written {
    /// A session of its own.
    pub fn new(number: u32) -> Self {
        Self::begin(&id(number), None, 0, json!({}))
    }

    /// A session that begins with another's first turns.
    pub fn fork(number: u32, base: &Self, turns: usize) -> Self {
        let from = json!({ "forked_from_id": base.id, "history_base": base.point(turns) });
        Self::begin(&id(number), None, base.clock, from)
    }

    /// The same session after it went back to an earlier turn, in a file of its own.
    pub fn rewound(&self, segment: u32, turns: usize) -> Self {
        Self::begin(&self.id, Some(&id(segment)), self.clock, json!({ "history_base": self.point(turns) }))
    }

    /// The same session after it went back to before its first prompt: its file names nothing that it goes on from but the session that it is a
    /// fork of.
    pub fn rewound_to_nothing(&self, segment: u32, of: Option<&Self>) -> Self {
        let from = of.map_or_else(|| json!({}), |base| json!({ "forked_from_id": base.id }));
        Self::begin(&self.id, Some(&id(segment)), self.clock, from)
    }

    /// A session that another started.
    pub fn agent(number: u32, parent: &Self) -> Self {
        let source = json!({ "subagent": { "thread_spawn": { "parent_thread_id": parent.id, "depth": 1 } } });
        Self::begin(&id(number), None, parent.clock, json!({ "parent_thread_id": parent.id, "source": source }))
    }

    fn point(&self, turns: usize) -> Value {
        json!({ "thread_id": self.id, "end_ordinal_exclusive": 1, "end_byte_offset": self.ends[turns] })
    }

    fn begin(id: &str, segment: Option<&str>, clock: i64, more: Value) -> Self {
        let segment = segment.map_or_else(String::new, |segment| format!("_{segment}"));
        let mut written = Self {
            id: id.to_owned(),
            name: format!("rollout-2026-11-24T21-46-09-{id}{segment}.jsonl"),
            text: String::new(),
            clock,
            model: "gpt-5.5",
            cwd: "/work/tally".to_owned(),
            turns: 0,
            ends: Vec::new(),
        };
        let mut meta = json!({
            "id": id, "timestamp": written.now(), "cwd": written.cwd, "originator": "codex-tui", "cli_version": "0.169.0",
            "source": "cli", "history_mode": "paginated",
        });
        let keys = meta.as_object_mut().unwrap();
        keys.extend(more.as_object().unwrap().clone());
        written.line("session_meta", &meta);
        written.ends.push(written.text.len());
        written
    }

    pub fn model(mut self, model: &'static str) -> Self {
        self.model = model;
        self
    }

    pub fn cwd(mut self, cwd: &str) -> Self {
        self.cwd = cwd.to_owned();
        self
    }

    /// Has it begun in another directory; before its first turn.
    pub fn begun_in(mut self, cwd: &str) -> Self {
        self.text = self.text.replace(&self.cwd, cwd);
        self.ends = vec![self.text.len()];
        self.cwd(cwd)
    }

    /// Makes it a question that was asked beside another session; before its first turn.
    pub fn side_chat(mut self) -> Self {
        let from = "\"source\":\"cli\"";
        self.text =
            self.text.replace(from, &format!("{from},\"thread_source\":\"tui_side_chat\",\"attached_thread\":true"));
        self.ends = vec![self.text.len()];
        self
    }

    /// The name of its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Has it begun in a clone of this repository; before its first turn.
    pub fn begun_in_clone_of(mut self, url: &str) -> Self {
        self.text = self
            .text
            .replace("\"source\":\"cli\"", &format!("\"source\":\"cli\",\"git\":{{\"repository_url\":\"{url}\"}}"));
        self.ends = vec![self.text.len()];
        self
    }

    /// A turn that ends well.
    pub fn turn(self, prompt: &str) -> Self {
        self.patched(prompt, &[])
    }

    /// A turn that adds lines to files, and takes lines away.
    pub fn patched(mut self, prompt: &str, files: &[(&str, usize, usize)]) -> Self {
        self.start(prompt);
        for (path, added, removed) in files {
            let hunk =
                format!("@@ -1,{removed} +1,{added} @@\n{}{}", "-old\n".repeat(*removed), "+new\n".repeat(*added));
            let full = format!("{}/{path}", self.cwd);
            let changes = json!({ full: { "type": "update", "unified_diff": hunk, "move_path": null } });
            let item = json!({ "type": "FileChange", "id": format!("call-{}", self.text.len()), "changes": changes, "status": "completed" });
            self.event(&json!({ "type": "item_completed", "item": item }));
        }
        self.ended("task_complete", None)
    }

    /// A turn that changes files as Codex tells it: a path each, with what happens to it; a patch for each of these.
    pub fn changed(mut self, prompt: &str, patches: &[Value]) -> Self {
        self.start(prompt);
        for changes in patches {
            self.patch(changes, "completed");
        }
        self.ended("task_complete", None)
    }

    /// A patch, and what became of it.
    pub fn patch(&mut self, changes: &Value, status: &str) {
        let item = json!({ "type": "FileChange", "id": format!("call-{}", self.text.len()), "changes": changes, "status": status });
        self.event(&json!({ "type": "item_completed", "item": item }));
    }

    /// A turn that calls a tool with a text that is not JSON, and is told that it did what was asked, as Codex did before it had events for that.
    pub fn called(mut self, prompt: &str, tool: &str, input: &str) -> Self {
        self.start(prompt);
        self.called_with(tool, input, "Success. Updated the following files:\nM it\n");
        self.ended("task_complete", None)
    }

    /// A call of a tool, and what came back, wherever that is.
    pub fn called_with(&mut self, tool: &str, input: &str, output: &str) {
        let id = format!("call-{}", self.text.len());
        self.response(&json!({ "type": "custom_tool_call", "name": tool, "call_id": id, "input": input }));
        self.response(&json!({ "type": "custom_tool_call_output", "call_id": id, "output": output }));
    }

    /// A turn begins.
    pub fn open_turn(&mut self, prompt: &str) {
        self.start(prompt);
    }

    /// The turn that runs ends well.
    pub fn close(self) -> Self {
        self.ended("task_complete", None)
    }

    /// An item for the model, wherever that is.
    pub fn response(&mut self, payload: &Value) {
        self.line("response_item", payload);
    }

    /// A turn with a command that ends with an exit code.
    pub fn ran(mut self, prompt: &str, command: &str, exit: i64) -> Self {
        self.start(prompt);
        self.command(command, "some output\n", exit);
        self.ended("task_complete", None)
    }

    /// A command that ended, wherever that is.
    pub fn command(&mut self, command: &str, output: &str, exit: i64) {
        let item = json!({
            "type": "CommandExecution", "id": format!("call-{}", self.text.len()), "command": ["bash", "-lc", command],
            "aggregated_output": output, "exit_code": exit,
        });
        self.event(&json!({ "type": "item_completed", "item": item }));
    }

    /// A turn that was stopped.
    pub fn stopped(mut self, prompt: &str) -> Self {
        self.start(prompt);
        self.ended("turn_aborted", Some("interrupted"))
    }

    /// A turn that has not ended.
    pub fn open(mut self, prompt: &str) -> Self {
        self.start(prompt);
        self
    }

    fn start(&mut self, prompt: &str) {
        self.turns += 1;
        self.event(&json!({ "type": "task_started", "turn_id": self.turn_id() }));
        let context = json!({ "model": self.model, "cwd": self.cwd, "turn_id": self.turn_id() });
        self.line("turn_context", &context);
        let content = json!([{ "type": "text", "text": prompt }]);
        self.event(
            &json!({ "type": "item_completed", "item": { "type": "UserMessage", "id": "u", "content": content } }),
        );
        let answer =
            json!([{ "type": "Text", "text": format!("Done: {}.", prompt.lines().next().unwrap_or_default()) }]);
        self.event(
            &json!({ "type": "item_completed", "item": { "type": "AgentMessage", "id": "a", "content": answer } }),
        );
        let usage = json!({ "total_tokens": 1_234 * self.turns });
        self.event(
            &json!({ "type": "token_count", "info": { "total_token_usage": usage, "last_token_usage": usage } }),
        );
    }

    /// The turn that runs fails.
    pub fn failed_with(mut self, message: &str) -> Self {
        let error = json!({ "message": message });
        self.event(&json!({ "type": "task_complete", "turn_id": self.turn_id(), "error": error }));
        self.ends.push(self.text.len());
        self
    }

    fn ended(mut self, how: &str, reason: Option<&str>) -> Self {
        self.event(&json!({ "type": how, "turn_id": self.turn_id(), "reason": reason }));
        self.ends.push(self.text.len());
        self.clock += 60;
        self
    }

    fn turn_id(&self) -> String {
        format!("{}-{}", &self.name[28..], self.turns)
    }

    fn now(&self) -> String {
        OffsetDateTime::from_unix_timestamp(BEGIN + self.clock).unwrap().format(&Rfc3339).unwrap()
    }

    pub fn event(&mut self, payload: &Value) {
        self.line("event_msg", payload);
    }

    /// Any record.
    pub fn line(&mut self, kind: &str, payload: &Value) {
        let line = json!({ "timestamp": self.now(), "ordinal": 1, "type": kind, "payload": payload });
        self.text += &format!("{line}\n");
        self.clock += 1;
    }

    /// Puts the file into a home.
    pub fn put(&self, home: &Home) -> &Self {
        home.put(&self.name, self.text.as_bytes());
        self
    }
}

/// A path in the project of a home.
pub fn at(home: &Home, path: &str) -> String {
    home.work().join(path).to_str().unwrap().to_owned()
}

/// A change that makes a file there.
pub fn added(home: &Home, path: &str, text: &str) -> Value {
    json!({ at(home, path): { "type": "add", "content": text } })
}

/// A change of one.
pub fn updated(home: &Home, path: &str, diff: &str) -> Value {
    json!({ at(home, path): { "type": "update", "unified_diff": diff, "move_path": null } })
}

/// A family with all that a family can have: forks, a fork of a fork, a fork without a turn, a rewind, an agent, saves; and a session beside.
pub fn family() -> Home {
    let home = Home::empty();
    let words = "Write a small command line tool that counts the words in the files it is given, and prints the most frequent ones";
    let main = Written::new(1).patched(words, &[("tally.py", 26, 0)]).patched(
        "add tests; \"stop.\" and \"stop\" should count as one word",
        &[("tests/test_tally.py", 12, 0), ("tally.py", 4, 2)],
    );
    let old = main
        .clone()
        .turn("options: -n for how many, --min-length to skip short words")
        .turn("add type annotations everywhere");
    old.put(&home);
    let main = old
        .rewound(2, 2)
        .ran(
            "a missing file must not stop it; and read line by line, some of my logs are larger than memory",
            "python3 tally.py nothing",
            1,
        )
        .patched("rename the function words to split_words", &[("tally.py", 8, 3)]);
    main.put(&home);
    let other =
        Written::fork(3, &old, 1).model("gpt-6-sol").stopped("try a different design: count in a dictionary of sets");
    let mut other = other.patched(
        "単語を数える関数をもっと速くしてください、できれば並列に、そしてテストも",
        &[("src/数える.py", 3, 1), ("tally.py", 2, 2)],
    );
    for number in 3..12 {
        other = other.turn(&format!("and step {number}"));
    }
    let deep = Written::fork(4, &other, 1).turn("deeper").turn("deeper still");
    let mut empty = Written::fork(5, &old, 2);
    empty.clock += 600;
    let mut agent = Written::agent(0x1000, &old);
    agent.clock = 200;
    for session in [&other, &deep.open("not yet done"), &empty, &agent.turn("look at the tests")] {
        session.put(&home);
    }
    Written::new(9).cwd("/work/elsewhere").turn("a session of its own").put(&home);
    home.ok("init -q --no-hooks");
    home.ok(&format!("save -q shipped {}", id(1)));
    home.ok(&format!("save -q before-options {}~2", id(1)));
    home
}
