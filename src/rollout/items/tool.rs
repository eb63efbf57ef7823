//! The tools that the model calls, by the names that Codex gave them over time.

/// What a tool does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    /// Runs a command.
    Command,
    /// Changes files.
    Patch,
    /// Lays out a plan.
    Plan,
    /// Runs a script that calls tools.
    Script,
    /// Looks at an image.
    Image,
    /// Sets another agent to work.
    Agent,
    /// Is one of an MCP server.
    Mcp { server: String, tool: String },
    /// Does something else.
    Other,
}

const NAMES: [(&str, Tool); 12] = [
    ("shell", Tool::Command),
    ("local_shell", Tool::Command),
    ("shell_command", Tool::Command),
    ("exec_command", Tool::Command),
    ("container.exec", Tool::Command),
    ("unified_exec", Tool::Command),
    ("apply_patch", Tool::Patch),
    ("applypatch", Tool::Patch),
    ("update_plan", Tool::Plan),
    ("exec", Tool::Script),
    ("view_image", Tool::Image),
    ("spawn_agent", Tool::Agent),
];

/// How Codex marks tools of MCP servers, in their names or in the names' space.
const MCP: &str = "mcp__";

impl Tool {
    /// The tool of this name, in this space of names.
    pub fn of(name: &str, space: Option<&str>) -> Self {
        if let Some(server) = space.and_then(|space| space.strip_prefix(MCP)) {
            return Self::Mcp { server: server.trim_end_matches('_').to_owned(), tool: name.to_owned() };
        }
        if let Some((server, tool)) = name.strip_prefix(MCP).unwrap_or(name).split_once("__") {
            return Self::Mcp { server: server.to_owned(), tool: tool.to_owned() };
        }
        NAMES.iter().find(|(known, _)| *known == name).map_or(Self::Other, |(_, tool)| tool.clone())
    }
}
