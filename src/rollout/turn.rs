//! What the lines of one turn tell of it, gathered while the lines go by.

use super::json::Object;
use super::line::{Class, Line, Record};
use super::record::RecordType;
use crate::model::{Kind, Status, TakenBack, TurnFacts};

/// How much of a prompt is kept: far more than a subject shows.
const PROMPT_KEPT: usize = 4096;

/// The turn that the splitter is in.
#[derive(Default)]
pub(super) struct Current {
    /// Whether a start marker was seen, so that only an end marker or another start ends it.
    pub explicit: bool,
    pub ids: Vec<String>,
    started: Option<i64>,
    status: Option<Status>,
    prompt: Option<String>,
    shell: Option<String>,
    review: bool,
    agent: bool,
    compact: bool,
    goal: bool,
    model: Option<String>,
    cwd: Option<String>,
    tokens: Tokens,
}

#[derive(Default)]
struct Tokens {
    /// As the turn's own records say (Codex 0.153 and later).
    recorded: Option<u64>,
    /// Summed over the requests of the turn.
    summed: Option<u64>,
}

impl Current {
    pub fn new(line: &Line<'_>, explicit: bool) -> Self {
        Self { explicit, started: line.at, ..Self::default() }
    }

    /// Takes a line's id as one of the turn's.
    pub fn add_id(&mut self, line: &Line<'_>) {
        self.ids.extend(turn_id(line).filter(|id| !self.ids.contains(id)));
    }

    /// Marks the turn as a review.
    pub fn enter_review(&mut self) {
        self.review = true;
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self { review: true, .. } => Kind::Review,
            Self { prompt: Some(_), .. } => Kind::Prompt,
            Self { agent: true, .. } => Kind::Agent,
            Self { shell: Some(_), .. } => Kind::Shell,
            Self { compact: true, .. } => Kind::Compact,
            Self { goal: true, .. } => Kind::Goal,
            _ => Kind::Empty,
        }
    }

    /// Takes what a line tells. `total` is the session's token count, which carries on from turn to turn.
    pub fn learn(&mut self, line: &Line<'_>, total: &mut Option<u64>) {
        let Some(record) = &line.record else { return };
        match record.kind {
            RecordType::TurnContext => {
                self.model = record.text("model").or(self.model.take());
                self.cwd = record.text("cwd").or(self.cwd.take());
            }
            RecordType::Compacted => self.compact = true,
            RecordType::TokenUsage => {
                let used = record.payload.object("turn_token_usage").and_then(|usage| usage.u64("total_tokens"));
                self.tokens.recorded = used.or(self.tokens.recorded);
            }
            RecordType::Response => self.learn_response(record, line),
            RecordType::Event => self.learn_event(record, total),
            _ => {}
        }
    }

    fn learn_response(&mut self, record: &Record<'_>, line: &Line<'_>) {
        if record.inner == RecordType::AgentMessage {
            self.agent = true;
        } else if record.inner == RecordType::Message && record.payload.str("role").as_deref() == Some("user") {
            let text = record.payload.content("content");
            if text.trim_start().starts_with("<user_shell_command>") {
                self.shell.get_or_insert_with(|| between(&text, "<command>", "</command>"));
            } else if line.class == Class::Prompt {
                self.add_prompt(text);
            }
        }
    }

    fn learn_event(&mut self, record: &Record<'_>, total: &mut Option<u64>) {
        match record.inner {
            RecordType::UserMessage => self.add_prompt(record.text("message").unwrap_or_default()),
            RecordType::ContextCompacted => self.compact = true,
            RecordType::TurnStarted => self.goal |= record.seeks_goal(),
            RecordType::TokenCount => self.learn_tokens(record, total),
            RecordType::ItemCompleted => {
                if let Some(item) = record.payload.object("item") {
                    self.learn_item(&item);
                }
            }
            _ => {}
        }
    }

    fn learn_item(&mut self, item: &Object<'_>) {
        match RecordType::of(&item.str("type").unwrap_or_default()) {
            RecordType::UserItem => self.add_prompt(item.content("content")),
            RecordType::CompactionItem => self.compact = true,
            RecordType::CommandItem if item.str("source").as_deref() == Some("user_shell") => {
                let command = item.array("command").unwrap_or_default();
                let mut words = command.iter().filter_map(|word| serde_json::from_str::<String>(word.get()).ok());
                self.shell.get_or_insert(words.next_back().unwrap_or_default());
            }
            _ => {}
        }
    }

    fn learn_tokens(&mut self, record: &Record<'_>, total: &mut Option<u64>) {
        let Some(info) = record.payload.object("info") else {
            // A Codex that was started anew counts from 0 again.
            *total = None;
            return;
        };
        let count = |key| info.object(key).and_then(|usage| usage.u64("total_tokens"));
        let now = count("total_token_usage");
        // The same count is told again with every change of the rate limits; only a new one is a request.
        if now.is_some() && now != *total {
            *total = now;
            self.tokens.summed = Some(self.tokens.summed.unwrap_or(0) + count("last_token_usage").unwrap_or(0));
        }
    }

    fn add_prompt(&mut self, text: String) {
        self.prompt.get_or_insert_with(|| text.chars().take(PROMPT_KEPT).collect());
    }

    /// Takes the status that an end marker gives.
    pub fn end(&mut self, record: &Record<'_>) {
        let failed = record.payload.object("error").and_then(|error| Some(!error.str("message")?.is_empty()));
        self.status = Some(match record.inner {
            RecordType::TurnAborted => Status::Aborted(record.text("reason").unwrap_or_else(|| "unknown".to_owned())),
            _ if failed == Some(true) => Status::Error,
            _ => Status::Complete,
        });
    }

    /// The turn as it stands; `status` holds where no end marker gave one.
    pub fn facts(self, status: Status, ended: Option<i64>, total: Option<u64>) -> TurnFacts {
        TurnFacts {
            kind: self.kind(),
            status: self.status.unwrap_or(status),
            ids: self.ids,
            prompt: self.prompt.or(self.shell).unwrap_or_default(),
            model: self.model,
            cwd: self.cwd,
            tokens: self.tokens.recorded.or(self.tokens.summed),
            total_tokens: total,
            taken_back: TakenBack::default(),
            started: self.started,
            ended,
        }
    }
}

impl Record<'_> {
    fn text(&self, key: &str) -> Option<String> {
        self.payload.str(key).map(|text| text.into_owned())
    }
}

/// How many prompts a line takes back.
pub(super) fn taken_back(line: &Line<'_>) -> u32 {
    let record = line.record.as_ref().filter(|record| record.inner == RecordType::RolledBack);
    let turns = record.map_or(0, |record| record.payload.u64("num_turns").unwrap_or(1));
    u32::try_from(turns).unwrap_or(u32::MAX)
}

/// The turn that a line names.
pub(crate) fn turn_id(line: &Line<'_>) -> Option<String> {
    line.record.as_ref()?.text("turn_id").filter(|id| !id.is_empty())
}

fn between(text: &str, open: &str, close: &str) -> String {
    let inner = text.split_once(open).map_or("", |(_, rest)| rest);
    inner.split_once(close).map_or(inner, |(inner, _)| inner).trim().to_owned()
}
