//! Items: what a conversation is made of, one prompt, answer, command or patch each, whatever version of Codex wrote it down.
//!
//! Texts stand as the rollout has them. [`super::screen`] makes them fit for a terminal.

use std::time::Duration;

use super::patch::Change;

/// How outputs begin that say that a call was not let run.
const REFUSED: [&str; 3] = ["unsupported call: ", "exec_command failed: ", "failed in sandbox"];

/// Whether what came back from a call says that it was not let run.
pub fn is_refusal(output: &str) -> bool {
    REFUSED.iter().any(|start| output.starts_with(start))
}

/// One thing in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// When it was written down, in seconds since 1970.
    pub at: Option<i64>,
    /// The line of its chunk that tells it, from 1.
    pub line: usize,
    /// What it is.
    pub what: What,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The person asked something.
    Prompt {
        /// The words.
        text: String,
        /// The images that came with them.
        images: Vec<Image>,
    },
    /// The model answered.
    Answer {
        /// The words, in Markdown.
        text: String,
        /// Whether it is a remark on the way or the last word, where Codex says so.
        phase: Option<String>,
    },
    /// The model summed up what it thinks.
    Reasoning {
        /// The words, in Markdown.
        text: String,
    },
    /// A command ran.
    Command(Command),
    /// Files were changed, or were to be.
    Patch(Patch),
    /// The model laid out what it will do.
    Plan {
        /// The steps, in order.
        steps: Vec<Step>,
    },
    /// The model ran a script that calls tools. What the tools did are items of their own.
    Script {
        /// The call's id.
        id: Option<String>,
        /// The script.
        source: String,
        /// What it printed.
        output: Option<String>,
    },
    /// The model called a tool of an MCP server.
    Mcp {
        /// The call's id.
        id: Option<String>,
        /// The server.
        server: String,
        /// Its tool.
        tool: String,
        /// The arguments, as JSON.
        arguments: String,
        /// What came back, as text.
        result: Option<String>,
    },
    /// The model called another tool.
    Tool {
        /// The call's id.
        id: Option<String>,
        /// The tool; none where only the output is there.
        name: Option<String>,
        /// The arguments, as they were given.
        arguments: String,
        /// What came back, as text.
        output: Option<String>,
    },
    /// The model searched the web.
    Search {
        /// For what.
        query: String,
    },
    /// The model looked at an image.
    Image(Image),
    /// Another agent was set to work, or reported.
    Agent(Agent),
    /// The conversation up to here was replaced by a summary.
    Compaction {
        /// The summary; empty where it is encrypted.
        summary: String,
    },
    /// A review began or ended.
    Review(Review),
    /// Something differs from the turn before.
    Switched {
        /// What does.
        setting: Setting,
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// Earlier prompts were taken back.
    TakenBack {
        /// How many.
        prompts: u64,
    },
    /// The turn was stopped.
    Stopped {
        /// Why, as Codex says it.
        reason: String,
    },
    /// The turn failed.
    Failed {
        /// Why, as the model's server says it.
        message: String,
    },
    /// Something that this version knows nothing of.
    Unknown {
        /// What Codex calls it.
        kind: String,
    },
}

/// A command, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The call's id.
    pub id: Option<String>,
    /// The tool that the model called; none where that is not written down.
    pub tool: Option<String>,
    /// The command line.
    pub text: String,
    /// Where it ran.
    pub cwd: Option<String>,
    /// What it printed, if anything of that is written down.
    pub output: Option<String>,
    /// How it ended; `None` while it ran on, and where nobody wrote it down.
    pub exit: Option<i64>,
    /// How long it took.
    pub took: Option<Duration>,
    /// Why it was not let run, if so.
    pub refused: Option<String>,
    /// Who ran it.
    pub by: By,
}

/// Who ran a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The model.
    #[default]
    Model,
    /// The person, with `!`.
    Person,
}

/// Changes of files that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The call's id.
    pub id: Option<String>,
    /// Where Codex worked: most paths lie below.
    pub cwd: Option<String>,
    /// What changes.
    pub changes: Vec<Change>,
    /// Why nothing of it was done, if so.
    pub refused: Option<String>,
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is to be done.
    pub text: String,
    /// How far it is.
    pub state: StepState,
}

/// How far a step of a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Nobody has begun it.
    Pending,
    /// It is being done.
    Active,
    /// It is done.
    Done,
}

/// An image: where it lies, or how large it is. Its bytes are never kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// A file.
    File {
        /// Its path.
        path: String,
    },
    /// Bytes in the rollout, or an address elsewhere.
    Data {
        /// Its media type, such as `image/png`.
        media_type: String,
        /// Its size.
        bytes: u64,
    },
}

/// An agent that works for this session, or that this session works for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// The call's id.
    pub id: Option<String>,
    /// The agent's own session.
    pub session: Option<String>,
    /// Its name.
    pub nickname: Option<String>,
    /// What it is to do.
    pub task: Option<String>,
    /// What it came to.
    pub result: Option<String>,
}

/// The ends of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// It began.
    Began,
    /// It ended.
    Ended,
}

/// What can differ from turn to turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The model.
    Model,
    /// The directory that Codex works in.
    Directory,
    /// When Codex asks before it acts.
    Approvals,
    /// What commands may reach.
    Sandbox,
}

impl Setting {
    /// The setting in words, which are its name in output that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Directory => "directory",
            Self::Approvals => "approvals",
            Self::Sandbox => "sandbox",
        }
    }
}

impl What {
    /// The item's kind in output that programs read.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Prompt { .. } => "prompt",
            Self::Answer { .. } => "answer",
            Self::Reasoning { .. } => "reasoning",
            Self::Command(_) => "command",
            Self::Patch(_) => "patch",
            Self::Plan { .. } => "plan",
            Self::Script { .. } => "script",
            Self::Mcp { .. } => "mcp",
            Self::Tool { .. } => "tool",
            Self::Search { .. } => "search",
            Self::Image(_) => "image",
            Self::Agent(_) => "agent",
            Self::Compaction { .. } => "compaction",
            Self::Review(_) => "review",
            Self::Switched { .. } => "switched",
            Self::TakenBack { .. } => "taken-back",
            Self::Stopped { .. } => "stopped",
            Self::Failed { .. } => "failed",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Every kind that there is.
    pub const KINDS: [&str; 19] = [
        "prompt",
        "answer",
        "reasoning",
        "command",
        "patch",
        "plan",
        "script",
        "mcp",
        "tool",
        "search",
        "image",
        "agent",
        "compaction",
        "review",
        "switched",
        "taken-back",
        "stopped",
        "failed",
        "unknown",
    ];
}

impl Command {
    /// Whether it failed, or was not let run.
    pub fn has_failed(&self) -> bool {
        self.refused.is_some() || self.exit.is_some_and(|exit| exit != 0)
    }
}

impl Patch {
    /// Whether the files were changed.
    pub fn is_done(&self) -> bool {
        self.refused.is_none()
    }
}
