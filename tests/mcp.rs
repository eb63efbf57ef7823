//! What Codex itself can ask of earlier conversations: the tools of `codex-git mcp`, asked by the SDK's own client, and by real Codex.

use std::fs;
use std::process::Stdio;

use rmcp::ServiceExt;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{Peer, RoleClient, RunningService};
use rmcp::transport::TokioChildProcess;
use serde_json::{Value, json};

use crate::support::app_server::AppServer;
use crate::support::codex::{CURRENT, Codex};
use crate::support::story::{Written, family, id};
use crate::support::{Home, ran};

/// A server that runs, and a client that asks it.
struct Asker {
    runtime: tokio::runtime::Runtime,
    client: Option<RunningService<RoleClient, ()>>,
}

impl Asker {
    fn of(home: &Home) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut command = tokio::process::Command::from(home.command());
        command.arg("mcp");
        let client = runtime.block_on(async {
            let (server, _) = TokioChildProcess::builder(command).stderr(Stdio::null()).spawn().unwrap();
            ().serve(server).await.unwrap()
        });
        Self { runtime, client: Some(client) }
    }

    fn peer(&self) -> &Peer<RoleClient> {
        self.client.as_ref().unwrap().peer()
    }

    /// Calls a tool, whatever comes of it.
    fn call(&self, tool: &str, arguments: &Value) -> Result<CallToolResult, String> {
        let mut call = CallToolRequestParams::new(tool.to_owned());
        call.arguments = arguments.as_object().cloned();
        self.runtime.block_on(self.peer().call_tool(call)).map_err(|error| error.to_string())
    }

    /// What a tool answers, and whether it says that it could not.
    fn answer(&self, tool: &str, arguments: &Value) -> (String, bool) {
        let result = self.call(tool, arguments).unwrap();
        let text =
            result.content.iter().filter_map(|content| content.as_text()).map(|text| text.text.clone()).collect();
        (text, result.is_error.unwrap_or(false))
    }

    fn ok(&self, tool: &str, arguments: &Value) -> String {
        let (text, failed) = self.answer(tool, arguments);
        assert!(!failed, "{tool} {arguments}: {text}");
        text
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        let client = self.client.take().unwrap();
        drop(self.runtime.block_on(client.cancel()));
    }
}

#[test]
fn the_tools_only_read_and_say_what_they_take() {
    let home = family();
    let asker = Asker::of(&home);
    let tools = asker.runtime.block_on(asker.peer().list_all_tools()).unwrap();
    assert_eq!(asker.peer().peer_info().unwrap().server_info.as_ref().unwrap().name, "codex-git");
    let mut names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    names.sort_unstable();
    assert_eq!(names, ["blame", "patch", "search", "sessions", "turns"]);
    for tool in &tools {
        assert_eq!(tool.annotations.as_ref().unwrap().read_only_hint, Some(true), "{}", tool.name);
        assert!(tool.description.as_ref().unwrap().len() > 40, "{}", tool.name);
        let properties = tool.input_schema["properties"].as_object().unwrap();
        assert!(properties.values().all(|property| property["description"].is_string()), "{}", tool.name);
    }
    let refs = home.refs();
    asker.ok("search", &json!({ "pattern": "words" }));
    asker.ok("turns", &json!({ "session": id(1) }));
    assert_eq!(home.refs(), refs);
}

#[test]
fn every_statement_is_cited() {
    let home = family();
    let asker = Asker::of(&home);
    let found = asker.ok("search", &json!({ "pattern": "function words", "in": ["prompt"] }));
    assert!(found.contains(&format!("session {}", id(1))) && found.contains("- turn 4 (commit "), "{found}");
    assert!(found.contains("  prompt: rename the function words to split_words"), "{found}");
    let commit = found.split("commit ").nth(1).unwrap().split(',').next().unwrap();
    let turn = asker.ok("turns", &json!({ "session": commit, "turn": 4 }));
    assert!(turn.contains("› rename the function words") && turn.contains("± tally.py  +8 −3"), "{turn}");
    let all = asker.ok("turns", &json!({ "session": id(1) }));
    assert_eq!(all.matches("- turn ").count(), 6, "{all}");
    assert!(all.contains(", left behind)") && all.contains(", saved as shipped)"), "{all}");
    let sessions = asker.ok("sessions", &json!({ "title": "of its own" }));
    assert!(
        sessions.starts_with(&format!("- {} (1 turn, ", id(9))) && sessions.contains("in /work/elsewhere"),
        "{sessions}"
    );
    let patch = asker.ok("patch", &json!({ "turns": commit }));
    assert!(patch.contains("@@ -1,3 +1,8 @@"), "{patch}");
}

#[test]
fn a_patch_keeps_its_tabs() {
    let home = Home::empty();
    let change = json!({ "/work/Makefile": { "type": "add", "content": "all:\n\tmake it\n" } });
    Written::new(1).cwd("/work").changed("make it", &[change]).put(&home);
    home.ok("init -q --no-hooks");
    let patch = Asker::of(&home).ok("patch", &json!({ "turns": id(1) }));
    assert!(patch.contains("\n+\tmake it\n"), "{patch}");
}

#[test]
fn a_line_is_told_with_who_wrote_it() {
    let home = Home::empty();
    let path = home.work().join("words.py");
    let change = json!({ path.to_str().unwrap(): { "type": "add", "content": "one\ntwo\n" } });
    Written::new(1).cwd(home.work().to_str().unwrap()).changed("make it", &[change]).put(&home);
    fs::write(&path, "one\nhand\ntwo\n").unwrap();
    home.ok("init -q --no-hooks");
    let told = Asker::of(&home).ok("blame", &json!({ "file": path }));
    let turn = format!(" of session {}: make it\n  one\n", id(1));
    assert!(told.contains("lines 1-1: turn 1 (commit ") && told.contains(&turn), "{told}");
    assert!(told.contains("lines 2-2: unknown: changed between turns\n") && !told.contains("hand"), "{told}");
}

#[test]
fn nothing_is_said_to_be_nothing() {
    let home = family();
    let asker = Asker::of(&home);
    let found = asker.ok("search", &json!({ "pattern": "no such words" }));
    assert!(
        found.starts_with("nothing found for `no such words` in 6 sessions (") && found.contains(" up to 20"),
        "{found}"
    );
    let sessions = asker.ok("sessions", &json!({ "title": "no such words" }));
    assert!(sessions.starts_with("none of 6 sessions matches, up to 20"), "{sessions}");
}

#[test]
fn answers_keep_to_a_length_and_can_be_read_on() {
    let home = family();
    let asker = Asker::of(&home);
    let most =
        |bytes: usize, from: usize| asker.ok("turns", &json!({ "session": id(3), "most_bytes": bytes, "from": from }));
    let whole = most(100_000, 0);
    let (mut read, mut from) = (String::new(), 0);
    loop {
        let part = most(400, from);
        assert!(part.len() < 500, "{part}");
        let Some((text, rest)) = part.split_once("… there is more: ask again with `from` ") else {
            read.push_str(&part);
            break;
        };
        read.push_str(text);
        from = rest.split(',').next().unwrap().parse().unwrap();
    }
    assert_eq!(read, whole);
    let long = Written::new(30);
    let long = (0..300).fold(long, |long, number| long.turn(&format!("needle {number}")));
    long.put(&home);
    let found = asker.ok("search", &json!({ "pattern": "needle" }));
    assert!((2000..4200).contains(&found.len()), "{} bytes", found.len());
}

#[test]
fn what_a_tool_can_not_do_is_an_answer() {
    let home = family();
    let asker = Asker::of(&home);
    for (tool, arguments, words) in [
        ("search", json!({ "pattern": "(" }), "no regular expression"),
        ("search", json!({ "pattern": "x", "in": ["walls"] }), "there is no kind `walls`"),
        ("search", json!({ "pattern": "x", "since": "soon" }), "a time is such as"),
        ("search", json!({ "pattern": "x", "session": "nobody" }), "nobody"),
        ("turns", json!({ "session": id(1), "turn": 99 }), "its last is turn 4"),
        ("turns", json!({ "session": "../../etc/passwd" }), "is a range, and one point is asked for"),
        ("patch", json!({ "turns": "--output=/tmp/x" }), "no saved session or rollout"),
    ] {
        let (text, failed) = asker.answer(tool, &arguments);
        assert!(failed && text.contains(words), "{tool} {arguments}: {text}");
    }
    for (tool, arguments) in [
        ("search", json!({})),
        ("search", json!({ "pattern": 7 })),
        ("search", json!({ "pattern": "x", "most_bytes": -1 })),
        ("search", json!({ "pattern": "x", "shell": "rm" })),
        ("nothing", json!({})),
    ] {
        let refused = asker.call(tool, &arguments);
        assert!(refused.is_err() || refused.unwrap().is_error == Some(true), "{tool} {arguments}");
    }
    asker.ok("search", &json!({ "pattern": "a".repeat(100_000), "fixed": true }));
    asker.ok("sessions", &json!({ "most_bytes": 0, "from": usize::MAX }));
}

#[test]
fn nothing_in_an_answer_steers_a_terminal() {
    let home = Home::empty();
    Written::new(1).ran("a \u{1b}]0;x\u{7}needle \u{202e}b", "echo \u{9b}31m needle", 1).put(&home);
    home.ok("init -q --no-hooks");
    let asker = Asker::of(&home);
    for (tool, arguments) in [
        ("search", json!({ "pattern": "needle" })),
        ("turns", json!({ "session": id(1), "turn": 1, "full": true })),
        ("sessions", json!({})),
    ] {
        let text = asker.ok(tool, &arguments);
        let is_bare = |c: char| c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
        assert!(text.contains("needle") && text.chars().all(is_bare), "{text:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn many_calls_take_no_more_memory_than_some() {
    let home = family();
    let asker = Asker::of(&home);
    let size = || {
        let of = format!("--ppid={}", std::process::id());
        let rows = std::process::Command::new("ps").args(["-o", "rss=,args=", &of]).output().unwrap();
        let rows = String::from_utf8(rows.stdout).unwrap();
        let own = rows.lines().find(|row| row.ends_with("codex-git mcp")).unwrap().to_owned();
        own.split_whitespace().next().unwrap().parse::<usize>().unwrap()
    };
    let ask = |count: usize| (0..count).for_each(|_| drop(asker.ok("search", &json!({ "pattern": "words" }))));
    ask(200);
    let before = size();
    ask(600);
    assert!(size() < before + 4096, "{before} KiB, then {} KiB", size());
}

/// Codex, with the server among its own.
fn with_memory() -> Codex {
    let codex = Codex::new(CURRENT);
    let config = codex.home.path().join("config.toml");
    let server = format!(
        "\n[mcp_servers.codex_git]\ncommand = \"{}\"\nargs = [\"--codex-home\", \"{}\", \"mcp\"]\n",
        env!("CARGO_BIN_EXE_codex-git"),
        codex.home.path().display()
    );
    fs::write(&config, fs::read_to_string(&config).unwrap() + &server).unwrap();
    codex.ok("init -q --no-hooks");
    codex
}

#[test]
fn codex_asks_and_gets_the_answer() {
    let codex = with_memory();
    let first = codex.start("remember the word saxifrage");
    let asks = r#"[[mcp:codex_git search {"pattern":"saxifrage","in":["prompt"]}]]"#;
    codex.start(&format!("what was the word? {asks}"));
    let answer = codex.server.last_outputs().pop().unwrap();
    assert!(answer.contains(&first) && answer.contains("- turn 1 (commit "), "{answer}");
}

#[test]
fn codex_reads_what_its_session_held_before_it_was_compacted() {
    let codex = with_memory();
    let id = codex.start("remember the word saxifrage");
    AppServer::of(&codex).compact(&id);
    codex.turn(&id, r#"which word was it? [[mcp:codex_git turns {}]] [[mcp:codex_git turns {"turn":1}]]"#);
    let outputs = codex.server.last_outputs();
    let [all, first] = &outputs[outputs.len() - 2..] else { panic!("{outputs:?}") };
    assert!(all.contains(&format!("session {id}")) && all.contains("which word was it?"), "{all}");
    assert!(first.contains("› remember the word saxifrage"), "{first}");
}

#[test]
fn codex_is_told_of_the_server_and_forgets_it() {
    let codex = Codex::new(CURRENT);
    let before = fs::read_to_string(codex.home.path().join("config.toml")).unwrap();
    codex.ok("init -q --memory");
    let config = fs::read_to_string(codex.home.path().join("config.toml")).unwrap();
    assert!(config.starts_with(before.trim_end()) && config.contains("[mcp_servers.codex-git]"), "{config}");
    let again = codex.ok("hooks install --memory");
    assert!(again.stderr.contains("memory: Codex knows the MCP server already"), "{}", again.stderr);
    let status = codex.home.run(["hooks", "status"]).stderr;
    assert!(status.contains("memory: Codex can look into earlier conversations"), "{status}");
    let first = codex.start("remember the word saxifrage");
    codex.start(r#"what was it? [[mcp:codex_git search {"pattern":"saxifrage"}]]"#);
    assert!(codex.server.last_outputs().pop().unwrap().contains(&first));
    codex.ok("hooks remove");
    let config = fs::read_to_string(codex.home.path().join("config.toml")).unwrap();
    assert!(!config.contains("mcp_servers"), "{config}");
}

#[test]
fn a_server_that_somebody_set_up_or_switched_off_is_left_so() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    let config = home.path().join("config.toml");
    let there = |told: &str| fs::read_to_string(home.path().join("hooks.json")).is_ok_and(|text| text.contains(told));
    for (server, why) in [
        ("command = \"node\"\nargs = [\"notes.js\"]\n", "Codex knows another MCP server as `codex-git`"),
        ("command = \"/opt/codex-git\"\nargs = [\"mcp\"]\nenabled = false\n", "the MCP server is switched off"),
        ("command = \"/opt/codex-git\"\nargs = [\"mcp\"]\n[mcp_servers.codex-git.env]\nA = \"b\"\n", "Codex "),
    ] {
        let text = format!("model = \"m\"\n[mcp_servers.\"codex-git\"]\n{server}");
        fs::write(&config, &text).unwrap();
        let told = home.run(["hooks", "install", "--memory"]);
        assert_eq!(told.code, 1, "{told:?}");
        assert!(told.stderr.contains(why) && told.stderr.contains("hint: "), "{}", told.stderr);
        assert!(there("codex-git"), "the hooks are installed all the same");
        let status = home.run(["hooks", "status"]).stderr;
        assert!(status.contains(&format!("memory: {why}")), "{status}");
        assert_eq!(fs::read_to_string(&config).unwrap(), text);
    }
}

#[test]
fn nobody_is_told_that_codex_forgot_the_server_while_it_knows_it() {
    let home = Home::empty();
    home.ok("init -q --no-hooks");
    home.ok("hooks install");
    let config = home.path().join("config.toml");
    let ours = "[mcp_servers.codex-git]\ncommand = \"/opt/codex-git\"\nargs = [\"mcp\"]\n";
    for (text, why) in [
        (ours.to_owned(), "error: Codex still knows the MCP server: "),
        (format!("a = [\n{ours}"), "config.toml` can't be read: line "),
    ] {
        fs::write(&config, &text).unwrap();
        // There is no program `codex` here.
        let told = ran(home.command().args(["hooks", "remove"]).env("PATH", "").output().unwrap());
        assert_eq!(told.code, 1, "{told:?}");
        assert!(told.stderr.contains(why) && told.stderr.contains("hint: "), "{}", told.stderr);
        assert_eq!(fs::read_to_string(&config).unwrap(), text);
    }
    fs::write(&config, "[mcp_servers.codex-git-notes]\ncommand = \"node\"\n").unwrap();
    assert_eq!(home.run(["hooks", "remove"]).code, 0);
}
