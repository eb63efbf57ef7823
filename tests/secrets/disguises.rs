//! How secrets stand in rollouts: the same text in each of the ways in which Codex and programs write it down.

use base64::Engine as _;
use serde_json::{Value, json};

/// A way of writing a text down, as a line of a rollout.
pub struct Disguise {
    pub name: &'static str,
    pub line: fn(&str) -> String,
}

/// All of them.
pub const DISGUISES: [Disguise; 7] = [
    Disguise {
        name: "a prompt",
        line: |text| event(json!({ "type": "user_message", "message": format!("use this: {text} please") })),
    },
    Disguise {
        name: "JSON in JSON",
        line: |text| output(&json!({ "output": text, "metadata": { "exit_code": 0 } }).to_string()),
    },
    Disguise {
        name: "text around JSON",
        line: |text| output(&format!("Exit code: 0\nOutput:\n{}\n", json!({ "data": { "a": format!("\n{text}\n") } }))),
    },
    Disguise {
        name: "a file of JSON that was printed",
        line: |text| output(&serde_json::to_string_pretty(&json!({ "a": [{ "b": text }], "c": 1 })).unwrap()),
    },
    Disguise { name: "a patch", line: patch },
    Disguise { name: "colours", line: |text| output(&format!("\u{1b}[32m{text}\u{1b}[0m\u{1b}[1mnext\u{1b}[0m")) },
    Disguise {
        name: "base64",
        line: |text| {
            let encoded =
                base64::engine::general_purpose::STANDARD.encode(format!("# settings of the service\n{text}\n"));
            output(&format!("data: {encoded}\n"))
        },
    },
];

fn record(kind: &str, payload: Value) -> String {
    json!({ "timestamp": "2026-11-23T00:00:00.000Z", "type": kind, "payload": payload }).to_string()
}

fn event(payload: Value) -> String {
    record("event_msg", payload)
}

fn output(text: &str) -> String {
    record("response_item", json!({ "type": "function_call_output", "call_id": "c", "output": text }))
}

fn patch(text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("+{line}\n")).collect();
    let input = format!("*** Begin Patch\n*** Update File: a\n@@\n-x\n{lines} y\n*** End Patch\n");
    record(
        "response_item",
        json!({ "type": "custom_tool_call", "name": "apply_patch", "call_id": "c", "input": input }),
    )
}
