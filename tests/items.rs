//! What a conversation is made of, read from rollouts of every version: each thing that was asked, answered, run and changed, once.
//!
//! `tests/fixtures/items` holds a rollout of each version, and beside it what `show --json` must tell of it. After a change that is meant,
//! `UPDATE_SNAPSHOTS=1 cargo test --test suite items::` writes it anew; read the difference.

use std::collections::BTreeMap;

use codex_git::model::item::{Command, Patch, What};
use codex_git::model::patch::{Change, Edit, changes, envelope, hunks};
use codex_git::model::screen;
use codex_git::ops::chunk_items;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::Home;
use crate::support::snapshot::{self, fixtures};

#[test]
fn every_version_tells_its_items() {
    for (name, rollout) in fixtures() {
        let home = Home::empty();
        home.put(&rollout.name, &rollout.bytes);
        home.ok("init -q --no-hooks");
        let told = home.ok(&format!("show --json {}", rollout.id())).stdout;
        snapshot::check(&format!("items/{name}/items.jsonl"), &told);
    }
}

#[test]
fn a_chunk_alone_tells_what_its_session_tells() {
    for (name, rollout) in fixtures() {
        let kinds: Vec<&str> = chunk_items(&rollout.bytes).iter().map(|item| item.what.kind()).collect();
        let golden = snapshot::read(&format!("items/{name}/items.jsonl"));
        let golden: Vec<Value> = golden.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let expected: Vec<&str> =
            golden.iter().filter_map(|item| item["kind"].as_str()).filter(|kind| *kind != "output").collect();
        assert_eq!(kinds, expected, "{name}");
    }
}

#[test]
fn no_image_and_no_encrypted_text_is_ever_told() {
    for (name, rollout) in fixtures() {
        let text = String::from_utf8_lossy(&rollout.bytes);
        assert!(text.contains("base64,") || text.contains("encrypted_content") || name == "0.169-declined", "{name}");
        let told = format!("{:?}", chunk_items(&rollout.bytes));
        assert!(!told.contains("base64,") && !told.contains("iVBORw0KGgo") && !told.contains("gAAAA"), "{name}");
    }
}

/// A line of a rollout.
fn line(kind: &str, payload: &Value) -> String {
    json!({ "timestamp": "2026-11-24T21:41:21.691Z", "type": kind, "payload": payload }).to_string()
}

/// How much of a call is there.
#[derive(Clone, Copy, Debug)]
struct Trace {
    is_patch: bool,
    call: bool,
    output: bool,
    event: bool,
}

impl Trace {
    fn lines(self, id: &str) -> Vec<String> {
        let patch = format!("*** Begin Patch\n*** Add File: {id}\n+x\n*** End Patch");
        let call = match self.is_patch {
            true => json!({ "type": "custom_tool_call", "call_id": id, "name": "apply_patch", "input": patch }),
            false => json!({
                "type": "function_call", "call_id": id, "name": "exec_command",
                "arguments": json!({ "cmd": format!("run {id}") }).to_string(),
            }),
        };
        let output = match self.is_patch {
            true => {
                json!({ "type": "custom_tool_call_output", "call_id": id, "output": format!("Success. Updated {id}") })
            }
            false => json!({ "type": "function_call_output", "call_id": id, "output": format!("printed {id}") }),
        };
        let item = match self.is_patch {
            true => json!({
                "type": "FileChange", "id": id, "status": "completed", "changes": { id: { "type": "add", "content": "x\n" } },
            }),
            false => json!({
                "type": "CommandExecution", "id": id, "command": ["bash", "-lc", format!("run {id}")],
                "aggregated_output": format!("printed {id}"), "exit_code": 0,
            }),
        };
        let all = [
            (self.call, line("response_item", &call)),
            (self.output, line("response_item", &output)),
            (self.event, line("event_msg", &json!({ "type": "item_completed", "item": item }))),
        ];
        all.into_iter().filter(|(there, _)| *there).map(|(_, line)| line).collect()
    }
}

fn trace() -> impl Strategy<Value = Trace> {
    any::<[bool; 4]>().prop_map(|[is_patch, call, output, event]| Trace { is_patch, call, output, event })
}

/// A line that patches have, or nearly.
fn patch_line() -> impl Strategy<Value = String> {
    let known = [
        "*** Begin Patch",
        "*** Update File: a",
        "*** Add File: b ",
        "*** Delete File: c",
        "*** Move to: d",
        "*** Move to: ",
        "@@ x",
        "@@",
        "@@@@",
        "-a",
        "+b",
        " c",
        "",
        " ",
        "*** End of File",
        "*** End Patch",
        "\r",
        "+\r",
        "@@ -1,2 +3,4 @@ h",
        "@@ -9 +8 @@",
        "@@ -+5 +1 @@ x @@",
        "\\ No newline at end of file",
        " *** End of File",
    ];
    prop::sample::select(known.map(str::to_owned).to_vec())
}

proptest! {
    #[test]
    fn every_call_and_every_event_is_told_once_in_whatever_order(
        (traces, lines) in prop::collection::vec(trace(), 0..12).prop_flat_map(|traces| {
            let lines = traces.iter().enumerate().flat_map(|(at, trace)| trace.lines(&format!("call-{at}"))).collect::<Vec<_>>();
            (Just(traces), Just(lines).prop_shuffle())
        })
    ) {
        let items = chunk_items((lines.join("\n") + "\n").as_bytes());
        let mut told: BTreeMap<String, Vec<&What>> = BTreeMap::new();
        for item in &items {
            let id = match &item.what {
                What::Command(Command { id, .. }) | What::Patch(Patch { id, .. }) | What::Tool { id, .. } => id.clone(),
                other => panic!("{other:?}"),
            };
            told.entry(id.unwrap()).or_default().push(&item.what);
        }
        for (at, trace) in traces.iter().enumerate() {
            let told = told.remove(&format!("call-{at}")).unwrap_or_default();
            let expected = usize::from(trace.call || trace.output || trace.event);
            prop_assert_eq!(told.len(), expected, "{:?}: {:?}", trace, told);
            match told.first() {
                Some(What::Command(command)) => {
                    let has_output = trace.output || trace.event;
                    let printed = has_output.then(|| format!("printed call-{at}"));
                    prop_assert_eq!(&command.output, &printed);
                    prop_assert_eq!(command.exit, trace.event.then_some(0));
                }
                Some(What::Patch(patch)) => prop_assert_eq!(patch.is_done(), trace.output || trace.event),
                _ => prop_assert!(!trace.call && !trace.event),
            }
        }
        prop_assert!(told.is_empty());
        prop_assert!(items.windows(2).all(|pair| pair[0].line < pair[1].line));
    }

    #[test]
    fn what_a_patch_is_written_as_reads_back_as_the_same_patch(lines in prop::collection::vec(patch_line(), 0..20)) {
        let text = lines.join("\n");
        if let Some(parsed) = changes(&text) {
            prop_assert_eq!(changes(&envelope(&parsed)), Some(parsed));
        }
        let parsed = hunks(&text);
        let change = Change { path: "a".into(), edit: Edit::Update { to: None, hunks: parsed.clone() } };
        prop_assert_eq!(hunks(&change.diff()), parsed);
    }

    #[test]
    fn text_that_is_fit_for_a_screen_stays_as_it_is(text in "(\\PC|[\u{1b}\u{9b}\u{9d}\u{90}\r\n\t\u{7}\u{9c}\\[\\]]){0,40}") {
        let shown = screen::lines(&text, 8);
        prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        prop_assert_eq!(screen::lines(&shown, 8), shown);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        chunk_items(&bytes);
    }
}
