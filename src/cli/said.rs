//! An item as programs have read it from the first version on: who said it, and one text; a call and its output are two.

use codex_git::model::What;
use codex_git::model::item::{By, Command, Image, Review};
use codex_git::model::patch::envelope;

/// Who said or did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    User,
    Assistant,
    Reasoning,
    Tool,
    Output,
    Note,
}

impl Role {
    /// The role's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Reasoning => "reasoning",
            Self::Tool => "tool",
            Self::Output => "output",
            Self::Note => "note",
        }
    }
}

/// Who said an item, and its text.
pub fn said(what: &What) -> (Role, String) {
    match what {
        What::Prompt { text, .. } => (Role::User, text.clone()),
        What::Command(Command { by: By::Person, text, .. }) => (Role::User, format!("!{text}")),
        What::Answer { text, .. } => (Role::Assistant, text.clone()),
        What::Reasoning { text } => (Role::Reasoning, text.clone()),
        What::Tool { name: None, output, .. } => (Role::Output, output.clone().unwrap_or_default()),
        What::Compaction { .. } => (Role::Note, "the conversation was compacted".to_owned()),
        What::Review(Review::Began) => (Role::Note, "a review began".to_owned()),
        What::Review(Review::Ended) => (Role::Note, "the review ended".to_owned()),
        What::Switched { setting, from, to } => (Role::Note, format!("{}: {from} → {to}", setting.name())),
        What::TakenBack { prompts } => (Role::Note, format!("the last {prompts} turns were taken back")),
        What::Stopped { reason } => (Role::Note, format!("aborted: {reason}")),
        What::Failed { message } => (Role::Note, format!("error: {message}")),
        What::Unknown { kind } => (Role::Note, format!("unknown record: {kind}")),
        called => (Role::Tool, call(called)),
    }
}

/// A call: the tool and what it was given.
fn call(what: &What) -> String {
    match what {
        What::Command(command) => format!("{}: {}", command.tool.as_deref().unwrap_or("exec_command"), command.text),
        What::Patch(patch) => format!("apply_patch: {}", envelope(&patch.changes)),
        What::Plan { steps } => {
            let steps: Vec<&str> = steps.iter().map(|step| step.text.as_str()).collect();
            format!("update_plan: {}", steps.join("; "))
        }
        What::Script { source, .. } => format!("exec: {source}"),
        What::Mcp { server, tool, arguments, .. } => format!("{server}.{tool}: {arguments}"),
        What::Tool { name, arguments, .. } => format!("{}: {arguments}", name.as_deref().unwrap_or_default()),
        What::Search { query } => format!("web_search: {query}"),
        What::Image(Image::File { path }) => format!("view_image: {path}"),
        What::Image(Image::Data { media_type, bytes }) => format!("view_image: {media_type}, {bytes} bytes"),
        What::Agent(agent) => {
            let words = agent.task.as_deref().or(agent.result.as_deref()).unwrap_or_default();
            format!("agent: {words}")
        }
        _ => String::new(),
    }
}

/// What came back from a call, if anything did.
pub fn output(what: &What) -> Option<(&str, Option<&str>)> {
    let (text, id) = match what {
        What::Command(command) => (command.refused.as_deref().or(command.output.as_deref()), &command.id),
        What::Patch(patch) => (patch.refused.as_deref(), &patch.id),
        What::Script { output, id, .. } => (output.as_deref(), id),
        What::Mcp { result, id, .. } => (result.as_deref(), id),
        What::Tool { name: Some(_), output, id, .. } => (output.as_deref(), id),
        _ => return None,
    };
    Some((text.filter(|text| !text.trim().is_empty())?, id.as_deref()))
}
