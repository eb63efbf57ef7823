//! Where turns begin and end: the turn rule of `docs/codex.md`, line by line.
//!
//! The promise: the turns of a prefix of a file are a prefix of the turns of the file. So turns can be committed as soon as
//! they are closed, and it never matters in which pieces a file was read. Splitting can start at any earlier turn's end: the
//! only thing that reaches back over it is the late end marker of an older turn, for which the caller is asked whether that
//! id was closed before.

use std::collections::HashSet;

use super::line::{Class, Line, skim};
use super::turn::{Current, taken_back, turn_id};
use crate::model::{Kind, Span, Status, TakenBack, TurnFacts};

/// A closed turn and its chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The chunk's bytes in the rollout.
    pub span: Span,
    /// What it was.
    pub facts: TurnFacts,
}

/// Whole lines after the last closed turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLines {
    /// Their bytes in the rollout.
    pub span: Span,
    /// The unfinished turn that they are, if they are one.
    pub turn: Option<TurnFacts>,
    /// How many earlier prompts they take back.
    pub taken_back: u32,
    /// When the last of them was written, in seconds since 1970.
    pub ended: Option<i64>,
}

/// The turns of (the rest of) a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The closed turns, without the empty ones: those open the chunk of the next.
    pub turns: Vec<Turn>,
    /// What comes after.
    pub open: Option<OpenLines>,
}

/// The turn rule, fed with one line after the other.
pub(super) struct Splitter<'a> {
    bare: bool,
    /// Says whether an id belongs to a turn that was closed before this splitter's first line.
    closed_before: &'a mut dyn FnMut(&str) -> bool,
    closed: HashSet<String>,
    /// Where the next chunk begins.
    chunk: u64,
    /// The end of the last line.
    end: u64,
    current: Option<Current>,
    in_review: bool,
    /// The lines just before this one that would belong to the next turn.
    prelude: Run,
    messages: Run,
    /// Whether a tool has just given the model an image.
    image: Image,
    /// Ids of empty turns since the last chunk.
    empty_ids: Vec<String>,
    taken_back: TakenBack,
    last_at: Option<i64>,
    total: Option<u64>,
    turns: Vec<Turn>,
}

/// How far the three lines have come by which Codex 0.98 gives the model an image that a tool looked at: the tool's output, the image as a
/// message of the user, and the same as a prompt, which nobody typed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Image {
    #[default]
    None,
    Output,
    Message,
}

impl Image {
    /// Takes the next line; whether it is the last of the three.
    fn follows(&mut self, line: &Line<'_>) -> bool {
        let before = std::mem::take(self);
        *self = match line.class {
            _ if line.gives_image => Self::Output,
            Class::Message if before == Self::Output => Self::Message,
            _ => Self::None,
        };
        before == Self::Message && line.is_image_alone()
    }
}

/// A run of lines that may go with the next turn: where it begins, and the time of the line before it.
#[derive(Clone, Copy, Default)]
struct Run(Option<(u64, Option<i64>)>);

impl<'a> Splitter<'a> {
    /// A splitter whose first line stands at `start`, with the session's token count there.
    pub fn new(start: u64, bare: bool, total: Option<u64>, closed_before: &'a mut dyn FnMut(&str) -> bool) -> Self {
        Self {
            bare,
            closed_before,
            closed: HashSet::new(),
            chunk: start,
            end: start,
            current: None,
            in_review: false,
            prelude: Run::default(),
            messages: Run::default(),
            image: Image::default(),
            empty_ids: Vec::new(),
            taken_back: TakenBack::default(),
            last_at: None,
            total,
            turns: Vec::new(),
        }
    }

    /// Takes the next whole line; `span` counts its line feed, `bytes` don't hold it.
    pub fn line(&mut self, span: Span, bytes: &[u8]) {
        let mut line = skim(bytes, self.bare);
        if self.image.follows(&line) {
            line.class = Class::Other;
        }
        match line.class {
            Class::Start => self.start(&line, span),
            Class::EnterReview => self.enter_review(&line, span),
            Class::ExitReview => self.in_review = false,
            Class::Prompt if !self.in_review => self.begin_implicit(&line, span),
            _ => {}
        }
        self.take_back(taken_back(&line));
        if let Some(current) = &mut self.current {
            current.learn(&line, &mut self.total);
        }
        self.follow_runs(line.class, span);
        self.last_at = line.at.or(self.last_at);
        self.end = span.end;
        if line.class == Class::End {
            self.end_marker(&line);
        }
    }

    /// The turns that were closed, and what is left.
    pub fn finish(mut self) -> Split {
        let span = Span { start: self.chunk, end: self.end };
        let (total, ended) = (self.total, self.last_at);
        let current = self.current.take().filter(|current| current.kind() != Kind::Empty);
        let turn = current.map(|current| self.complete(current.facts(Status::Open, ended, total)));
        let open = OpenLines { span, turn, taken_back: self.taken_back.before, ended };
        Split { turns: self.turns, open: (!span.is_empty()).then_some(open) }
    }

    fn start(&mut self, line: &Line<'_>, span: Span) {
        match &mut self.current {
            // A review's own turn runs inside the turn that asked for it.
            Some(current) if self.in_review => {
                current.explicit = true;
                current.add_id(line);
            }
            _ => {
                self.cut(self.prelude, span.start);
                let mut current = Current::new(line, true);
                current.add_id(line);
                self.current = Some(current);
            }
        }
    }

    fn enter_review(&mut self, line: &Line<'_>, span: Span) {
        self.begin_implicit(line, span);
        self.in_review = true;
        if let Some(current) = &mut self.current {
            current.enter_review();
        }
    }

    /// Begins a turn that no start marker announced, unless one with a start marker is running.
    fn begin_implicit(&mut self, line: &Line<'_>, span: Span) {
        if !self.current.as_ref().is_some_and(|current| current.explicit) {
            self.cut(self.messages, span.start);
            self.current = Some(Current::new(line, false));
        }
    }

    fn end_marker(&mut self, line: &Line<'_>) {
        let Some(current) = &mut self.current else { return };
        if let Some(id) = turn_id(line).filter(|id| !current.ids.contains(id)) {
            if self.closed.contains(&id) || (self.closed_before)(&id) {
                return;
            }
            current.ids.push(id);
        }
        if let Some(record) = &line.record {
            current.end(record);
        }
        self.in_review = false;
        self.close(self.end, Status::Complete, self.last_at);
    }

    /// Closes the running turn, if there is one, before the lines that go with the next.
    fn cut(&mut self, run: Run, line_start: u64) {
        let Some(current) = &self.current else { return };
        let status = if current.explicit { Status::Unterminated } else { Status::Complete };
        let (at, ended) = run.0.unwrap_or((line_start, self.last_at));
        self.close(at, status, ended);
    }

    fn close(&mut self, end: u64, status: Status, ended: Option<i64>) {
        let Some(current) = self.current.take() else { return };
        self.closed.extend(current.ids.iter().cloned());
        if current.kind() == Kind::Empty {
            self.empty_ids.extend(current.ids);
            return;
        }
        let facts = current.facts(status, ended, self.total);
        let facts = self.complete(facts);
        self.turns.push(Turn { span: Span { start: self.chunk, end }, facts });
        self.chunk = end;
    }

    fn take_back(&mut self, prompts: u32) {
        let running = self.current.as_ref().is_some_and(|current| current.kind() != Kind::Empty);
        let count = if running { &mut self.taken_back.after } else { &mut self.taken_back.before };
        *count = count.saturating_add(prompts);
    }

    /// The facts with those that came up outside of the turn itself, since the last chunk.
    fn complete(&mut self, mut facts: TurnFacts) -> TurnFacts {
        facts.taken_back = std::mem::take(&mut self.taken_back);
        let own = std::mem::take(&mut facts.ids);
        facts.ids = std::mem::take(&mut self.empty_ids);
        facts.ids.extend(own);
        facts
    }

    fn follow_runs(&mut self, class: Class, span: Span) {
        let here = (span.start, self.last_at);
        self.messages.follow(matches!(class, Class::Prelude | Class::Message), here);
        self.prelude.follow(class == Class::Prelude, here);
    }
}

impl Run {
    fn follow(&mut self, belongs: bool, here: (u64, Option<i64>)) {
        self.0 = if belongs { self.0.or(Some(here)) } else { None };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str =
        r#"{"timestamp":"2026-11-22T22:00:00Z","type":"event_msg","payload":{"type":"task_started","turn_id":"ID"}}"#;
    const END: &str =
        r#"{"timestamp":"2026-11-22T22:00:05Z","type":"event_msg","payload":{"type":"task_complete","turn_id":"ID"}}"#;
    const PROMPT: &str =
        r#"{"timestamp":"2026-11-22T22:00:01Z","type":"event_msg","payload":{"type":"user_message","message":"ID"}}"#;
    const SETTINGS: &str =
        r#"{"timestamp":"2026-11-22T22:00:09Z","type":"event_msg","payload":{"type":"thread_settings_applied"}}"#;
    const MESSAGE: &str = r#"{"timestamp":"2026-11-22T22:00:09Z","type":"response_item","payload":{"type":"message","role":"user","content":"ID"}}"#;
    const ENTER: &str = r#"{"type":"event_msg","payload":{"type":"entered_review_mode"}}"#;
    const EXIT: &str = r#"{"type":"event_msg","payload":{"type":"exited_review_mode"}}"#;

    fn split(lines: &[&str]) -> Split {
        split_after(lines, &[])
    }

    fn split_after(lines: &[&str], closed: &[&str]) -> Split {
        let mut closed_before = |id: &str| closed.contains(&id);
        let mut splitter = Splitter::new(0, false, None, &mut closed_before);
        let mut start = 0;
        for line in lines {
            let end = start + line.len() as u64 + 1;
            splitter.line(Span { start, end }, line.as_bytes());
            start = end;
        }
        splitter.finish()
    }

    /// How many lines each turn has, then how many are open.
    fn shape(lines: &[&str]) -> (Vec<usize>, usize) {
        let ends: Vec<u64> = lines
            .iter()
            .scan(0, |end, line| {
                *end += line.len() as u64 + 1;
                Some(*end)
            })
            .collect();
        let count = |span: Span| ends.iter().filter(|end| **end > span.start && **end <= span.end).count();
        let split = split(lines);
        (split.turns.iter().map(|turn| count(turn.span)).collect(), split.open.map_or(0, |open| count(open.span)))
    }

    fn with(template: &str, id: &str) -> String {
        template.replace("ID", id)
    }

    #[test]
    fn a_turn_reaches_from_the_last_end_to_its_own() {
        let (a, b, end_a, end_b, p) =
            (with(START, "a"), with(START, "b"), with(END, "a"), with(END, "b"), with(PROMPT, "hi"));
        assert_eq!(shape(&[&a, &p, &end_a, SETTINGS, &b, &p, &end_b, SETTINGS]), (vec![3, 4], 1));
    }

    #[test]
    fn without_markers_a_prompt_begins_a_turn_with_the_messages_before_it() {
        assert_eq!(shape(&[PROMPT, MESSAGE, PROMPT]), (vec![1], 2));
        let facts = &split(&[PROMPT, MESSAGE, PROMPT]).turns[0].facts;
        assert_eq!((facts.status.clone(), facts.ended.map(|at| at % 60)), (Status::Complete, Some(1)));
    }

    #[test]
    fn a_killed_turn_ends_before_the_settings_of_the_next() {
        let (a, b) = (with(START, "a"), with(START, "b"));
        assert_eq!(shape(&[&a, PROMPT, SETTINGS, &b, PROMPT]), (vec![2], 3));
        assert_eq!(split(&[&a, PROMPT, SETTINGS, &b]).turns[0].facts.status, Status::Unterminated);
    }

    #[test]
    fn an_empty_turn_opens_the_next_chunk() {
        let (a, b, end_a, end_b) = (with(START, "a"), with(START, "b"), with(END, "a"), with(END, "b"));
        let lines = [a.as_str(), &end_a, &b, PROMPT, &end_b];
        assert_eq!(shape(&lines), (vec![5], 0));
        assert_eq!(split(&lines).turns[0].facts.ids, ["a", "b"]);
        assert_eq!(shape(&lines[..2]), (vec![], 2));
        assert_eq!(split(&lines[..2]).open.unwrap().turn, None);
    }

    #[test]
    fn a_late_end_of_an_older_turn_ends_nothing() {
        let (a, b, end_a, end_b) = (with(START, "a"), with(START, "b"), with(END, "a"), with(END, "b"));
        assert_eq!(shape(&[&a, PROMPT, &end_a, &b, PROMPT, &end_a, &end_b]), (vec![3, 4], 0));
        // The same when the older turn was recorded before: its id is asked for.
        assert_eq!(split_after(&[&b, PROMPT, &end_a, &end_b], &["a"]).turns.len(), 1);
        assert_eq!(split_after(&[&b, PROMPT, &end_a, &end_b], &["a"]).open, None);
    }

    #[test]
    fn a_review_is_one_turn() {
        let (child, end) = (with(START, "child"), with(END, "other"));
        let lines = [ENTER, &child, PROMPT, EXIT, &end];
        assert_eq!(shape(&lines), (vec![5], 0));
        assert_eq!(split(&lines).turns[0].facts.kind, Kind::Review);
    }

    #[test]
    fn an_unfinished_turn_is_open() {
        let open = split(&[&with(START, "a"), &with(PROMPT, "do it")]).open.unwrap();
        let turn = open.turn.unwrap();
        assert_eq!((turn.status, turn.prompt.as_str(), turn.kind), (Status::Open, "do it", Kind::Prompt));
    }

    #[test]
    fn an_image_that_a_tool_looked_at_is_no_prompt() {
        let output = r#"{"timestamp":"2026-11-22T22:00:09Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":"attached local image path"}}"#;
        let message =
            r#"{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_image"}]}}"#;
        let image = r#"{"type":"event_msg","payload":{"type":"user_message","message":"","images":["data:"]}}"#;
        assert_eq!(shape(&[PROMPT, output, message, image, MESSAGE]), (vec![], 5));
        assert_eq!(shape(&[PROMPT, message, image]), (vec![1], 2), "a person can send an image alone");
        assert_eq!(shape(&[PROMPT, output, MESSAGE, PROMPT]), (vec![2], 2), "a prompt after a tool is one");
    }

    #[test]
    fn turns_that_are_taken_back_are_told() {
        let rolled = r#"{"type":"event_msg","payload":{"type":"thread_rolled_back","num_turns":2}}"#;
        let (a, b, end, end_b) = (with(START, "a"), with(START, "b"), with(END, "a"), with(END, "b"));
        assert_eq!(split(&[&a, PROMPT, &end, rolled, rolled]).open.unwrap().taken_back, 4);
        let back = |lines: &[&str], turn: usize| split(lines).turns[turn].facts.taken_back;
        let explicit = [a.as_str(), PROMPT, &end, rolled, &b, PROMPT, &end_b];
        assert_eq!(back(&explicit, 1), TakenBack { before: 2, after: 0 });
        // Without end markers the turn that is taken back is still running.
        assert_eq!(back(&[PROMPT, rolled, PROMPT, MESSAGE, PROMPT], 0), TakenBack { before: 0, after: 2 });
        assert_eq!(back(&[PROMPT, rolled, PROMPT, MESSAGE, PROMPT], 1), TakenBack::default());
    }
}
