//! What is known of a turn: what kind it was, how it ended, who answered, what it cost.

use std::fmt;

use super::text;

/// What a turn was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The user asked something.
    Prompt,
    /// `/review`.
    Review,
    /// A turn driven by another agent.
    Agent,
    /// `!command`.
    Shell,
    /// `/compact`.
    Compact,
    /// An automatic turn towards a goal.
    Goal,
    /// Nothing was asked and nothing happened: a prompt that a hook stopped. Never a commit of its own.
    Empty,
}

impl Kind {
    const ALL: [(Self, &str); 7] = [
        (Self::Prompt, "prompt"),
        (Self::Review, "review"),
        (Self::Agent, "agent"),
        (Self::Shell, "shell"),
        (Self::Compact, "compact"),
        (Self::Goal, "goal"),
        (Self::Empty, "empty"),
    ];

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::ALL.iter().find(|(kind, _)| kind == self).map_or(Ok(()), |(_, name)| f.pad(name))
    }
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was answered (or, in files without end markers, another turn followed).
    Complete,
    /// It was stopped, for the reason that Codex gives.
    Aborted(String),
    /// The model or its server failed.
    Error,
    /// The next turn began before this one had ended: Codex was killed.
    Unterminated,
    /// It has not ended yet.
    Open,
}

impl Status {
    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "complete" => Self::Complete,
            "error" => Self::Error,
            "unterminated" => Self::Unterminated,
            "open" => Self::Open,
            _ => Self::Aborted(text.strip_prefix("aborted:")?.to_owned()),
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.pad("complete"),
            Self::Aborted(reason) => write!(f, "aborted:{}", text::plain(reason)),
            Self::Error => f.pad("error"),
            Self::Unterminated => f.pad("unterminated"),
            Self::Open => f.pad("open"),
        }
    }
}

/// How many earlier prompts a turn's lines take back (`thread_rolled_back`, Codex 0.98 to 0.130): the conversation goes on without them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// Before the turn begins.
    pub before: u32,
    /// After it began, so that it counts as one of them itself.
    pub after: u32,
}

/// What the lines of a turn tell about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnFacts {
    /// What it was.
    pub kind: Kind,
    /// How it ended.
    pub status: Status,
    /// Codex's ids of the turn, and of the empty turns that its chunk opens with.
    pub ids: Vec<String>,
    /// What was asked, or run; empty where nothing was.
    pub prompt: String,
    /// The model that was in use.
    pub model: Option<String>,
    /// The directory Codex worked in.
    pub cwd: Option<String>,
    /// Tokens of this turn.
    pub tokens: Option<u64>,
    /// Tokens of the session up to its end, as Codex counts them.
    pub total_tokens: Option<u64>,
    /// The turns that its lines take back.
    pub taken_back: TakenBack,
    /// When it began, in seconds since 1970.
    pub started: Option<i64>,
    /// When its last line was written, in seconds since 1970.
    pub ended: Option<i64>,
}

impl TurnFacts {
    /// One line that says what the turn was: a commit's subject.
    pub fn subject(&self) -> String {
        let prompt = text::subject(&self.prompt);
        match self.kind {
            Kind::Shell => text::subject(&format!("shell: {}", self.prompt)),
            Kind::Review | Kind::Agent | Kind::Goal if !prompt.is_empty() => {
                text::subject(&format!("{}: {}", self.kind, self.prompt))
            }
            Kind::Prompt if !prompt.is_empty() => prompt,
            Kind::Prompt => "(no text)".to_owned(),
            kind => kind.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_back_as_it_was_written() {
        for status in
            [Status::Complete, Status::Aborted("interrupted".into()), Status::Error, Status::Unterminated, Status::Open]
        {
            assert_eq!(Status::parse(&status.to_string()), Some(status));
        }
        assert_eq!(Status::parse("finished"), None);
    }

    #[test]
    fn a_kind_reads_back_as_it_was_written() {
        for (kind, name) in Kind::ALL {
            assert_eq!(kind.to_string(), name);
            assert_eq!(Kind::parse(name), Some(kind));
        }
    }
}
