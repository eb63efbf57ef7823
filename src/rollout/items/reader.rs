//! Reads chunk after chunk of a session.

use super::entry::Entry;
use super::pairing::Pairing;
use super::settings::Settings;
use super::{event, response};
use crate::model::{Item, What};
use crate::rollout::record::RecordType;

/// What the summary of a compaction comes after, for the model's eyes.
pub(super) const BEFORE_SUMMARY: &str = "your own analysis:\n";

/// Reads the chunks of a session one after the other, so that it can tell what a turn runs under that the turn before did not. A chunk
/// that stands alone is read as well.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    settings: Settings,
}

impl Reader {
    /// The items in the whole lines of a chunk, in their order.
    pub fn items(&mut self, chunk: &[u8]) -> Vec<Item> {
        let mut pairing = Pairing::default();
        let ends = memchr::memchr_iter(b'\n', chunk).chain([chunk.len()]);
        let mut start = 0;
        for (number, end) in (1..).zip(ends) {
            if let Some(entry) = Entry::read(&chunk[start..end], number) {
                self.take(&entry, &mut pairing);
            }
            start = end + 1;
        }
        pairing.into_items()
    }

    fn take(&mut self, entry: &Entry<'_>, pairing: &mut Pairing) {
        match entry.record.kind {
            RecordType::Response if entry.unknown.is_none() => response::take(entry, &mut self.settings, pairing),
            RecordType::Event => event::take(entry, &self.settings, pairing),
            RecordType::TurnContext => {
                let switched = self.settings.take(&entry.record.payload);
                switched.into_iter().for_each(|what| pairing.tell(entry, what));
            }
            RecordType::Compacted => {
                let message = entry.text("message").unwrap_or_default();
                let summary = message.split_once(BEFORE_SUMMARY).map_or(message.as_str(), |(_, summary)| summary);
                pairing.tell(entry, What::Compaction { summary: entry.keep.text(summary.to_owned()) });
            }
            _ => {
                let unknown = entry.unknown.clone().into_iter();
                unknown.for_each(|kind| pairing.tell(entry, What::Unknown { kind }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::item::{By, Command, Image, Review, Setting};

    fn event(payload: &Value) -> Value {
        json!({ "type": "event_msg", "payload": payload })
    }

    fn response(payload: &Value) -> Value {
        json!({ "type": "response_item", "payload": payload })
    }

    fn message(text: &str) -> Value {
        json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": text }] })
    }

    fn told(lines: &[Value]) -> Vec<What> {
        let chunk: String = lines.iter().map(|line| line.to_string() + "\n").collect();
        Reader::default().items(chunk.as_bytes()).into_iter().map(|item| item.what).collect()
    }

    #[test]
    fn a_command_of_the_persons_is_told_once_wherever_it_stands() {
        let for_model = "<user_shell_command>\n<command>\nls\n</command>\n<result>\nExit code: 0\nDuration: 0.5 seconds\nOutput:\na\n</result>\n</user_shell_command>";
        let for_people = event(&json!({
            "type": "item_completed",
            "item": { "type": "CommandExecution", "id": "x", "source": "user_shell", "command": ["bash", "-lc", "ls"],
                "aggregated_output": "a\n", "exit_code": 0 },
        }));
        let for_model = response(&message(for_model));
        for lines in [
            vec![for_model.clone()],
            vec![for_people.clone()],
            vec![for_model.clone(), for_people.clone()],
            vec![for_people, for_model],
        ] {
            let [What::Command(Command { text, output: Some(output), exit: Some(0), by: By::Person, .. })] =
                &told(&lines)[..]
            else {
                panic!("{:?}", told(&lines));
            };
            assert_eq!((text.as_str(), output.trim()), ("ls", "a"));
        }
    }

    #[test]
    fn a_search_is_told_once_and_a_second_one_twice() {
        let item = response(&json!({ "type": "web_search_call", "action": { "type": "search", "query": "q" } }));
        let happened = event(&json!({ "type": "web_search_end", "call_id": "s", "query": "q" }));
        assert_eq!(told(&[happened.clone(), item.clone()]).len(), 1);
        assert_eq!(told(&[item.clone(), happened.clone(), item.clone()]).len(), 2);
        assert_eq!(told(&[item.clone(), item]), vec![What::Search { query: "q".into() }; 2]);
    }

    #[test]
    fn lines_without_envelopes_are_told_like_all_others() {
        let context = "<environment_context>\n  <cwd>/w</cwd>\n</environment_context>";
        let patch = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\nEOF";
        let call = json!({ "command": ["bash", "-lc", patch] }).to_string();
        let items = told(&[
            json!({ "id": "4cd9bef1-5595-4e0c-a2aa-3df2baa63629", "timestamp": "2026-11-22T22:54:25.928Z" }),
            json!({ "record_type": "state" }),
            message(context),
            message("do it"),
            json!({ "type": "reasoning", "summary": [{ "type": "summary_text", "text": "how" }], "encrypted_content": "gAAAA" }),
            json!({ "type": "function_call", "call_id": "c", "name": "shell", "arguments": call }),
            json!({ "type": "function_call_output", "call_id": "c", "output": "Success. Updated the following files:\nA a\n" }),
        ]);
        let [What::Prompt { text, .. }, What::Reasoning { .. }, What::Patch(patch)] = &items[..] else {
            panic!("{items:?}")
        };
        assert_eq!((text.as_str(), patch.changes[0].path.as_str(), patch.is_done()), ("do it", "/w/a", true));
    }

    #[test]
    fn what_differs_from_the_turn_before_is_told() {
        let context =
            |model: &str| json!({ "type": "turn_context", "payload": { "model": model, "cwd": "/w" } }).to_string();
        let mut reader = Reader::default();
        assert_eq!(reader.items(context("a").as_bytes()), []);
        assert_eq!(reader.items(context("a").as_bytes()), []);
        let switched = What::Switched { setting: Setting::Model, from: "a".into(), to: "b".into() };
        assert_eq!(reader.items(context("b").as_bytes())[0].what, switched);
    }

    #[test]
    fn what_happens_to_a_turn_is_told() {
        let items = told(&[
            event(&json!({ "type": "entered_review_mode" })),
            event(&json!({ "type": "thread_rolled_back", "num_turns": 2 })),
            event(&json!({ "type": "turn_aborted", "reason": "interrupted" })),
            event(&json!({ "type": "task_complete", "error": { "message": "boom" } })),
            json!({ "type": "compacted", "payload": { "message": "For you; here is your own analysis:\nshort" } }),
            event(&json!({ "type": "context_compacted" })),
            event(&json!({ "type": "brand_new" })),
        ]);
        let expected = [
            What::Review(Review::Began),
            What::TakenBack { prompts: 2 },
            What::Stopped { reason: "interrupted".into() },
            What::Failed { message: "boom".into() },
            What::Compaction { summary: "short".into() },
            What::Unknown { kind: "brand_new".into() },
        ];
        assert_eq!(items, expected);
    }

    #[test]
    fn an_image_is_measured_and_one_that_comes_back_is_no_prompt() {
        let image = format!("data:image/png;base64,{}==", "A".repeat(98));
        let items = told(&[
            event(&json!({ "type": "user_message", "message": "look", "images": [image] })),
            response(
                &json!({ "type": "function_call", "call_id": "v", "name": "view_image", "arguments": "{\"path\":\"/p.png\"}" }),
            ),
            response(&json!({ "type": "function_call_output", "call_id": "v", "output": "attached local image path" })),
            event(&json!({ "type": "user_message", "message": "", "images": [image] })),
        ]);
        let data = Image::Data { media_type: "image/png".into(), bytes: 73 };
        let looked = What::Image(Image::File { path: "/p.png".into() });
        assert_eq!(items, [What::Prompt { text: "look".into(), images: vec![data] }, looked]);
    }

    #[test]
    fn an_agent_is_named_with_its_task_and_its_result() {
        let items = told(&[
            event(
                &json!({ "type": "item_completed", "item": { "type": "CollabAgentToolCall", "id": "a", "prompt": "look",
                "receiver_agents": [{ "thread_id": "t", "agent_nickname": "Nick" }] } }),
            ),
            response(&message(
                "<subagent_notification>\n{\"agent_id\":\"t\",\"status\":{\"completed\":\"fine\"}}\n</subagent_notification>",
            )),
        ]);
        let [What::Agent(called), What::Agent(done)] = &items[..] else { panic!("{items:?}") };
        assert_eq!((called.task.as_deref(), called.nickname.as_deref()), (Some("look"), Some("Nick")));
        assert_eq!((done.session.as_deref(), done.result.as_deref()), (Some("t"), Some("fine")));
    }

    #[test]
    fn an_agent_that_could_not_be_started_is_told_with_the_reason() {
        let arguments = r#"{"task_name":"review","message":"look"}"#;
        let items = told(&[
            response(
                &json!({ "type": "function_call", "call_id": "s", "name": "spawn_agent", "arguments": arguments }),
            ),
            response(&json!({ "type": "function_call_output", "call_id": "s", "output": "unsupported call" })),
        ]);
        let [What::Agent(agent)] = &items[..] else { panic!("{items:?}") };
        assert_eq!((agent.nickname.as_deref(), agent.result.as_deref()), (Some("review"), Some("unsupported call")));
    }

    #[test]
    fn of_a_long_line_the_texts_are_cut_and_the_rest_is_counted() {
        let long = "ä".repeat(600 << 10);
        let [What::Answer { text, .. }] = &told(&[event(&json!({ "type": "agent_message", "message": long }))])[..]
        else {
            panic!("an answer");
        };
        assert!(
            text.len() < (256 << 10) + 100 && text.ends_with(&format!("\n… {} more bytes", (1200 << 10) - (256 << 10)))
        );
    }
}
