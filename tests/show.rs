//! What `show` prints: whole conversations at several widths, parts of them, and nothing that steers a terminal.
//!
//! `tests/fixtures/show` holds what must be printed; `UPDATE_SNAPSHOTS=1 cargo test --test suite show::` writes it anew.

use codex_git::model::{Item, screen};
use codex_git::ops::chunk_items;
use codex_git::render::{Fold, Layout, Turn};
use serde_json::{Value, json};

use crate::support::snapshot::{self, Rollout, fixtures};
use crate::support::story::{Written, id};
use crate::support::{Home, Ran, ran};

/// The fixtures that are looked at.
const SHOWN: [&str; 4] = ["0.36", "0.80-img", "0.169", "0.169-codemode"];

fn home_of(name: &str) -> (Home, Rollout) {
    let (_, rollout) = fixtures().into_iter().find(|(known, _)| known == name).unwrap();
    let home = Home::empty();
    home.put(&rollout.name, &rollout.bytes);
    home.ok("init -q --no-hooks");
    (home, rollout)
}

fn show(home: &Home, width: &str, words: &str) -> Ran {
    let mut command = home.command();
    command.args(words.split_whitespace()).env("COLUMNS", width).env("TZ", "UTC");
    let ran = ran(command.output().unwrap());
    assert_eq!(ran.code, 0, "{words}: {}", ran.stderr);
    ran
}

#[test]
fn a_conversation_fits_any_width() {
    for name in SHOWN {
        let (home, rollout) = home_of(name);
        for width in ["60", "80", "140"] {
            let shown = show(&home, width, &format!("show {}", rollout.id())).stdout;
            let most = width.parse().unwrap();
            assert!(
                shown.lines().all(|line| codex_git::model::text::width(line) <= most),
                "{name} at {width}:\n{shown}"
            );
            assert!(shown.lines().all(|line| !line.ends_with(' ')), "{name} at {width}:\n{shown}");
            snapshot::check(&format!("show/{name}-{width}.txt"), &shown);
        }
    }
}

#[test]
fn a_conversation_has_its_colours() {
    let (home, rollout) = home_of("0.169");
    let coloured = show(&home, "80", &format!("show --color always {}", rollout.id())).stdout;
    snapshot::check("show/0.169-80-colour.txt", &coloured);
    let plain = show(&home, "80", &format!("show {}", rollout.id())).stdout;
    assert_eq!(screen::lines(&coloured, 8), plain, "colours change nothing else");
}

#[test]
fn without_a_terminal_nothing_is_wrapped_or_cut() {
    let (home, rollout) = home_of("0.169");
    snapshot::check("show/0.169-file.txt", &home.ok(&format!("show --range 1..2 {}", rollout.id())).stdout);
}

#[test]
fn everything_is_shown_on_request() {
    let (home, rollout) = home_of("0.169-codemode");
    let shown = show(&home, "80", &format!("show --full {}", rollout.id())).stdout;
    snapshot::check("show/0.169-codemode-full-80.txt", &shown);
    let wrapped = show(&home, "30", &format!("show --full {}", rollout.id())).stdout;
    assert!(
        !wrapped.contains('…')
            || wrapped.lines().filter(|line| line.contains('…')).all(|line| !line.starts_with("    "))
    );
}

#[test]
fn parts_of_a_conversation_are_shown() {
    let (home, rollout) = home_of("0.169");
    let id = rollout.id();
    let turns = |words: &str| -> Vec<String> {
        let shown = show(&home, "80", &format!("show {words} {id}")).stdout;
        shown.lines().filter_map(|line| Some(line.strip_prefix("── ")?[..1].to_owned())).collect()
    };
    assert_eq!(turns(""), ["1", "2", "3", "4"]);
    assert_eq!(
        (turns("--turn 2"), turns("-n 2"), turns("-n 0")),
        (vec!["2".into()], vec!["3".into(), "4".into()], vec![])
    );
    assert_eq!(turns("--range 2..3"), ["2", "3"]);
    assert_eq!((turns("--range ..2"), turns("--range 3..")), (turns("--range 1..2"), turns("--range 3..4")));
    assert_eq!(home.run(["show", "--range", "7..", id]).code, 1);
    assert_eq!(home.run(["show", "--range", "3..2", id]).code, 2);
    let head = |words: &str| show(&home, "80", &format!("show {words} {id}")).stdout.contains("Codex 0.169.0");
    assert!(head("") && !head("-n 4") && !head("--turn 1"));
}

#[test]
fn only_some_kinds_of_items_are_shown() {
    let (home, rollout) = home_of("0.169");
    let id = rollout.id();
    let shown = show(&home, "80", &format!("show --only prompt,patch {id}")).stdout;
    assert!(shown.contains("› patch through the tool") && shown.contains("± src/app.py  +2 −1"), "{shown}");
    assert!(!shown.contains("\n$ ") && !shown.contains("Done with"), "{shown}");
    let objects = home.ok(&format!("show --json --only answer {id}")).json();
    assert!(!objects.is_empty() && objects.iter().all(|object| object["kind"] == "answer"));
    assert_eq!(home.run(["show", "--only", "prompts", id]).code, 2);
}

#[test]
fn turns_without_items_of_the_kinds_are_left_out() {
    let (home, rollout) = home_of("0.169");
    let shown = show(&home, "80", &format!("show --only plan {}", rollout.id())).stdout;
    assert_eq!(shown.lines().filter(|line| line.starts_with("── ")).count(), 1, "{shown}");
    assert!(shown.starts_with("── ") && !shown.contains("\n\n\n"), "{shown}");
    let (home, rollout) = home_of("0.169-codemode");
    let reasoning = |words: &str| show(&home, "80", &format!("show {words} {}", rollout.id())).stdout.contains("\n~ ");
    assert_eq!((reasoning("--only reasoning"), reasoning("")), (reasoning("--full"), false));
}

#[test]
fn what_follows_the_last_turn_is_told_with_it() {
    let home = Home::empty();
    let mut session = Written::new(1).stopped("start it");
    session.command("serve", "listening\n", -1);
    session.put(&home);
    home.ok("init -q --no-hooks");
    for words in [format!("show {}", id(1)), format!("show --turn 1 {}", id(1)), format!("show -n 1 {}", id(1))] {
        let shown = show(&home, "80", &words).stdout;
        assert!(shown.contains("$ serve") && shown.contains("listening"), "{words}: {shown}");
    }
    assert!(home.ok(&format!("show --raw {}", id(1))).stdout.contains("listening"));
    // Once another turn has begun, they stand in that.
    session.turn("again").put(&home);
    home.ok("record -q");
    let first = show(&home, "80", &format!("show --turn 1 {}", id(1))).stdout;
    assert!(!first.contains("listening"), "{first}");
    assert_eq!(show(&home, "80", &format!("show {}", id(1))).stdout.matches("listening").count(), 1);
}

#[test]
fn a_fork_is_told_where_it_left_and_not_in_itself() {
    let home = Home::empty();
    let base = Written::new(1).turn("one");
    base.put(&home);
    Written::fork(2, &base, 1).turn("two").put(&home);
    home.ok("init -q --no-hooks");
    let forks = |number: u32| show(&home, "80", &format!("show {}", id(number))).stdout.matches("⑂ fork").count();
    assert_eq!((forks(1), forks(2)), (1, 0));
}

#[test]
fn raw_bytes_are_those_that_codex_wrote() {
    let (home, rollout) = home_of("0.47");
    let id = rollout.id();
    let all = home.ok(&format!("show --raw {id}")).stdout;
    let text = String::from_utf8(rollout.bytes.clone()).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    assert_eq!(all, rest, "all but the first line: {first}");
    let parts: String = (1..=4).map(|turn| home.ok(&format!("show --raw --turn {turn} {id}")).stdout).collect();
    assert_eq!(parts, all);
}

#[test]
fn git_sees_the_first_versions_and_first_lines_too() {
    let home = Home::empty();
    let chunk = home.work().join("01.jsonl");
    let call = json!({ "type": "function_call", "call_id": "a", "name": "shell", "arguments": r#"{"command":["bash","-lc","ls"]}"# });
    let output = json!({ "type": "function_call_output", "call_id": "a", "output": r#"{"output":"a.txt\n","metadata":{"exit_code":2}}"# });
    let prompt =
        json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "what is here?" }] });
    let answer =
        json!({ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "One file." }] });
    let lines = [prompt, call, output, json!({ "record_type": "state" }), answer].map(|line| line.to_string() + "\n");
    std::fs::write(&chunk, lines.concat()).unwrap();
    let shown = home.run(["show", "--chunk", chunk.to_str().unwrap()]).stdout;
    assert_eq!(shown, "› what is here?\n\n$ ls  exit 2\n    a.txt\n\n  One file.\n");
    let (_, rollout) = fixtures().into_iter().find(|(name, _)| name == "0.169").unwrap();
    let first = rollout.bytes.split_inclusive(|byte| *byte == b'\n').next().unwrap();
    let meta = home.work().join("0000-meta.jsonl");
    std::fs::write(&meta, first).unwrap();
    let shown = home.run(["show", "--chunk", meta.to_str().unwrap()]).stdout;
    let id = rollout.id();
    let expected = format!("session {id} in /home/dev/eras/work-0.169.0-std on master at a8ecedde · Codex 0.169.0\n");
    assert_eq!(shown, expected);
}

/// What steers terminals, or hides and reorders text.
fn payloads() -> Vec<String> {
    let starts = ["\u{1b}[", "\u{1b}]0;", "\u{1b}P", "\u{1b}_", "\u{1b}^", "\u{1b}X", "\u{9b}", "\u{9d}8;;http://x"];
    let ends = ["2J", "31m", "x\u{7}", "x\u{1b}\\", "x\u{9c}", "", "1;1Hx"];
    let alone = [
        "\u{1b}c",
        "\u{1b}(0",
        "\u{1b}#8",
        "\r",
        "\u{8}\u{8}",
        "\u{7f}",
        "\u{0}",
        "\u{85}",
        "\u{2028}",
        "\u{202e}x",
        "\u{200b}",
        "\u{2066}x",
        "\u{feff}",
        "\u{e0041}",
        "\u{90}x",
        "\u{e}",
    ];
    let joined = starts.iter().flat_map(|start| ends.iter().map(move |end| format!("{start}{end}")));
    joined.chain(alone.map(str::to_owned)).map(|payload| format!("a{payload}b\nc{payload}")).collect()
}

/// A chunk with a text in every place that a text can stand in.
fn chunk_of(text: &str) -> String {
    let event = |payload: Value| json!({ "type": "event_msg", "payload": payload });
    let item = |item: Value| event(json!({ "type": "item_completed", "item": item }));
    let call = |name: &str, arguments: Value| {
        json!({ "type": "response_item", "payload": {
            "type": "function_call", "call_id": name, "name": name, "arguments": arguments.to_string(),
        } })
    };
    let context = |model: &str| json!({ "type": "turn_context", "payload": { "model": model, "cwd": model } });
    let diff = format!("@@ -1,2 +1,2 @@ {text}\n-{text}\n+{text}\n");
    let changes = json!({ text: { "type": "update", "unified_diff": diff, "move_path": text }, "b": { "type": "add", "content": text } });
    let lines = [
        event(json!({ "type": "user_message", "message": text, "local_images": [text] })),
        event(json!({ "type": "agent_message", "message": text })),
        event(
            json!({ "type": "agent_message", "message": format!("# {text}\n- {text}\n> [{text}](http://{text})\n\n```\n{text}\n```\n|{text}|b|\n|-|-|\n|{text}|`{text}`|\n<b {text}>") }),
        ),
        event(json!({ "type": "agent_reasoning", "text": text })),
        item(
            json!({ "type": "CommandExecution", "id": "1", "command": ["bash", "-lc", text], "aggregated_output": text, "exit_code": 1 }),
        ),
        item(json!({ "type": "FileChange", "id": "2", "changes": changes, "status": "completed" })),
        item(json!({ "type": "FileChange", "id": "3", "changes": changes, "status": "declined", "stderr": text })),
        item(
            json!({ "type": "McpToolCall", "id": "4", "server": text, "tool": text, "arguments": { text: text }, "result": { "content": [{ "type": "text", "text": text }] } }),
        ),
        item(json!({ "type": "WebSearch", "id": "5", "query": text })),
        item(json!({ "type": "ImageView", "id": "6", "path": text })),
        item(
            json!({ "type": "CollabAgentToolCall", "id": "7", "prompt": text, "receiver_agents": [{ "thread_id": text, "agent_nickname": text }] }),
        ),
        item(json!({ "type": text, "id": "8" })),
        call("update_plan", json!({ "plan": [{ "step": text, "status": "completed" }] })),
        call(text, json!({ text: text })),
        json!({ "type": "response_item", "payload": { "type": "custom_tool_call", "call_id": "9", "name": "exec", "input": text } }),
        json!({ "type": "response_item", "payload": { "type": "custom_tool_call_output", "call_id": "9", "output": text } }),
        json!({ "type": "response_item", "payload": { "type": "function_call_output", "call_id": "10", "output": text } }),
        json!({ "type": "compacted", "payload": { "message": text } }),
        context("m"),
        context(text),
        event(json!({ "type": "turn_aborted", "reason": text })),
        event(json!({ "type": "task_complete", "error": { "message": text } })),
        json!({ "type": text, "payload": {} }),
    ];
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

/// The lines of items, laid out.
fn laid_out(items: &[Item], width: Option<usize>, fold: Fold) -> Vec<String> {
    let layout = Layout { width, fold, every_kind: fold == Fold::Nothing };
    Turn::new(items, &layout).map(|line| line.text()).collect()
}

#[test]
fn nothing_in_any_text_steers_a_terminal() {
    let payloads = payloads();
    assert!(payloads.len() >= 64);
    let hidden = |c: char| matches!(c, '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    for payload in payloads {
        let items = chunk_items(chunk_of(&payload).as_bytes());
        assert!(items.len() >= 20, "{payload:?}: {}", items.len());
        for width in [None, Some(7), Some(80)] {
            for fold in [Fold::Short, Fold::At(40), Fold::Nothing] {
                for line in laid_out(&items, width, fold) {
                    assert!(!line.chars().any(|c| c.is_control() || hidden(c)), "{payload:?}: {line:?}");
                }
            }
        }
    }
}

#[test]
fn a_carriage_return_hides_nothing_of_what_is_said() {
    let home = Home::empty();
    let rest = "and so on, ".repeat(12);
    Written::new(1).turn(&format!("begun\rgone \u{1b}[1mon\u{1b}[0m with {rest}")).put(&home);
    home.ok("init -q --no-hooks");
    let shown = home.ok("show @").stdout;
    assert!(shown.contains("begun") && shown.contains("gone on"), "{shown}");
    for said in ["begun", "gone"] {
        assert!(home.ok(&format!("search {said}")).stdout.contains(said), "{said}");
    }
    let title = home.ok("list --all --json").json()[0]["title"].as_str().unwrap().to_owned();
    assert_eq!(title, format!("begun gone on with {}", rest.trim()));
}
