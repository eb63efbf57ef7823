//! The types of Codex's records, of their payloads and of the items in them, each with every name that Codex has given it.
//!
//! The table holds those that codex-git tells apart, and is the only place where their names stand.

use RecordType as T;

/// What a record, its payload or an item in that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordType {
    /// Records: the first line of a rollout.
    SessionMeta,
    /// What happened, for those who look on.
    Event,
    /// What the model is told and what it answers.
    Response,
    /// The settings of a turn.
    TurnContext,
    /// A conversation that was compacted.
    Compacted,
    /// The tokens that a turn used.
    TokenUsage,

    /// Payloads of events: a turn begins.
    TurnStarted,
    /// A turn is done.
    TurnComplete,
    /// A turn was interrupted.
    TurnAborted,
    /// What the person typed.
    UserMessage,
    /// What the model said; of responses, what another agent said to it.
    AgentMessage,
    /// What the model said to itself.
    AgentReasoning,
    /// A review begins.
    EnteredReview,
    /// A review ends.
    ExitedReview,
    /// Settings for the turns that follow.
    SettingsApplied,
    /// The conversation was compacted.
    ContextCompacted,
    /// The tokens that the session has used.
    TokenCount,
    /// Turns were taken back.
    RolledBack,
    /// An item is done.
    ItemCompleted,
    /// A patch was applied, or was not.
    PatchEnd,
    /// A command ended.
    CommandEnd,
    /// A tool of an MCP server answered.
    McpEnd,
    /// A search on the web ended.
    SearchEnd,

    /// Payloads of responses: a message of anybody's.
    Message,
    /// What the model thought.
    Reasoning,
    /// The model calls a tool.
    FunctionCall,
    /// What the tool gave back.
    FunctionCallOutput,
    /// The model calls a tool that takes text.
    CustomToolCall,
    /// What that tool gave back.
    CustomToolCallOutput,
    /// The model runs a command (old versions).
    LocalShellCall,
    /// The model searches the web.
    WebSearchCall,

    /// Items: what the person typed.
    UserItem,
    /// What the model said.
    AgentItem,
    /// What the model said to itself.
    ReasoningItem,
    /// A command that was run.
    CommandItem,
    /// A compaction.
    CompactionItem,
    /// A review begins.
    EnteredReviewItem,
    /// A review ends.
    ExitedReviewItem,
    /// Files were changed, or were not.
    PatchItem,
    /// A tool of an MCP server answered.
    McpItem,
    /// A search on the web.
    SearchItem,
    /// An image that the model looked at.
    ImageItem,
    /// Another agent was set to work.
    AgentCallItem,
    /// Another agent began or ended.
    AgentActivityItem,

    /// What Codex keeps for itself.
    Bookkeeping,
    /// All else.
    Unknown,
}

/// Every name. Of a type that has several, the first is the one that is written.
const NAMES: [(&str, RecordType); 50] = [
    ("session_meta", T::SessionMeta),
    ("event_msg", T::Event),
    ("response_item", T::Response),
    ("turn_context", T::TurnContext),
    ("compacted", T::Compacted),
    ("token_usage_record", T::TokenUsage),
    ("task_started", T::TurnStarted),
    ("turn_started", T::TurnStarted),
    ("task_complete", T::TurnComplete),
    ("turn_complete", T::TurnComplete),
    ("turn_aborted", T::TurnAborted),
    ("user_message", T::UserMessage),
    ("agent_message", T::AgentMessage),
    ("agent_reasoning", T::AgentReasoning),
    ("entered_review_mode", T::EnteredReview),
    ("exited_review_mode", T::ExitedReview),
    ("thread_settings_applied", T::SettingsApplied),
    ("context_compacted", T::ContextCompacted),
    ("token_count", T::TokenCount),
    ("thread_rolled_back", T::RolledBack),
    ("item_completed", T::ItemCompleted),
    ("patch_apply_end", T::PatchEnd),
    ("exec_command_end", T::CommandEnd),
    ("mcp_tool_call_end", T::McpEnd),
    ("web_search_end", T::SearchEnd),
    ("message", T::Message),
    ("reasoning", T::Reasoning),
    ("function_call", T::FunctionCall),
    ("function_call_output", T::FunctionCallOutput),
    ("custom_tool_call", T::CustomToolCall),
    ("custom_tool_call_output", T::CustomToolCallOutput),
    ("local_shell_call", T::LocalShellCall),
    ("web_search_call", T::WebSearchCall),
    ("UserMessage", T::UserItem),
    ("AgentMessage", T::AgentItem),
    ("Reasoning", T::ReasoningItem),
    ("CommandExecution", T::CommandItem),
    ("ContextCompaction", T::CompactionItem),
    ("EnteredReviewMode", T::EnteredReviewItem),
    ("ExitedReviewMode", T::ExitedReviewItem),
    ("FileChange", T::PatchItem),
    ("McpToolCall", T::McpItem),
    ("WebSearch", T::SearchItem),
    ("ImageView", T::ImageItem),
    ("CollabAgentToolCall", T::AgentCallItem),
    ("SubAgentActivity", T::AgentActivityItem),
    ("world_state", T::Bookkeeping),
    ("ghost_snapshot", T::Bookkeeping),
    ("additional_tools", T::Bookkeeping),
    ("inter_agent_communication_metadata", T::Bookkeeping),
];

impl RecordType {
    /// The type that Codex calls so.
    pub fn of(name: &str) -> Self {
        NAMES.iter().find(|(known, _)| *known == name).map_or(Self::Unknown, |(_, found)| *found)
    }

    /// The type of a payload whose text begins with it; the rest is not looked at.
    pub fn leading(payload: &str) -> Option<Self> {
        let (name, rest) = payload.strip_prefix(r#"{"type":""#)?.split_once('"')?;
        rest.starts_with(',').then(|| Self::of(name))
    }

    /// What Codex calls it.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }

    /// Whether a payload says nothing of turns: most of a rollout's bytes are such.
    pub fn is_silent(self) -> bool {
        matches!(
            self,
            T::Reasoning
                | T::FunctionCall
                | T::FunctionCallOutput
                | T::CustomToolCall
                | T::CustomToolCallOutput
                | T::WebSearchCall
        )
    }

    /// Whether it can end a turn: an end marker, the start of the next turn, or the next prompt.
    #[cfg(feature = "watch")]
    fn ends_turn(self) -> bool {
        matches!(self, T::TurnComplete | T::TurnAborted | T::TurnStarted | T::UserMessage)
    }
}

/// The names of what can end a turn: lines that hold none of them end none.
#[cfg(feature = "watch")]
pub(crate) fn turn_endings() -> impl Iterator<Item = &'static str> {
    NAMES.iter().filter(|(_, known)| known.ends_turn()).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_once_and_reads_back() {
        for (at, (name, known)) in NAMES.iter().enumerate() {
            assert_eq!(RecordType::of(name), *known);
            assert_eq!(RecordType::of(known.name()), *known);
            assert!(!NAMES[..at].iter().any(|(other, _)| other == name), "{name}");
        }
        assert_eq!(RecordType::of("something_new"), RecordType::Unknown);
        assert_eq!(RecordType::of(""), RecordType::Unknown);
    }

    #[test]
    fn the_type_that_a_payload_begins_with_is_seen() {
        assert_eq!(RecordType::leading(r#"{"type":"reasoning","summary":[]}"#), Some(RecordType::Reasoning));
        assert_eq!(RecordType::leading(r#"{"type":"new","x":1}"#), Some(RecordType::Unknown));
        for other in [r#"{"type":"reasoning"}"#, r#"{"type": "reasoning","x":1}"#, r#"{"x":1,"type":"reasoning"}"#, ""]
        {
            assert_eq!(RecordType::leading(other), None, "{other}");
        }
    }

    #[cfg(feature = "watch")]
    #[test]
    fn what_ends_a_turn_goes_by_all_its_names() {
        let endings: Vec<_> = turn_endings().collect();
        for name in ["task_started", "turn_started", "task_complete", "turn_complete", "turn_aborted", "user_message"] {
            assert!(endings.contains(&name), "{name}");
        }
        assert_eq!(endings.len(), 6);
    }
}
