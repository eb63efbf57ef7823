//! The commits of a rollout: what each holds follows from the rollout's bytes alone.

use super::Error;
use super::recorder::Start;
use crate::model::{Author, CommitMessage, Kind, ObjectId, Span, Step, TurnFacts, TurnNumber, text};
use crate::rollout::{OpenLines, Rollout, Turn};
use crate::store::{Commit, Store};

/// Writes the commits of one rollout; moves no ref.
pub(super) struct Commits<'a> {
    pub store: &'a Store,
    pub rollout: &'a Rollout,
}

impl Commits<'_> {
    /// The commit that the first turn to be written follows.
    pub fn start(&self, start: &Start) -> Result<Commit, Error> {
        let (store, meta) = (self.store, self.rollout.meta());
        let (message, tree, parent) = match start {
            Start::Branch(tip) => return Ok(tip.clone()),
            Start::Nothing => {
                let tree = store.write_start_tree(store.write_meta(&meta.line)?)?;
                (self.message(Step::Start, meta.len())?, tree, None)
            }
            Start::Fork(base, offset) => {
                let tree = store.write_fork_tree(base.tree, store.write_meta(&meta.line)?)?;
                let old = base.message.clone();
                let new = self.message(Step::Fork, *offset)?;
                let message = CommitMessage {
                    turn: old.turn,
                    inherited: old.turn,
                    model: old.model,
                    cwd: old.cwd,
                    title: old.title,
                    total_tokens: old.total_tokens,
                    ..new
                };
                (message, tree, Some(base.id))
            }
        };
        Ok(store.write_commit(&message, tree, parent, Author::new(None, meta.created, meta.created))?)
    }

    /// The message of a session's first commit.
    fn message(&self, step: Step, offset: u64) -> Result<CommitMessage, Error> {
        let meta = self.rollout.meta();
        Ok(CommitMessage {
            session: meta.id,
            step,
            turn: 0,
            inherited: 0,
            origin: meta.origin.clone(),
            model: None,
            cwd: meta.cwd.clone(),
            title: None,
            total_tokens: None,
            rollout: self.rollout.name().to_string(),
            offset,
            tail: self.tail(offset)?,
        })
    }

    /// A turn's commit.
    pub fn turn(&self, parent: &Commit, turn: &Turn) -> Result<Commit, Error> {
        let number = parent.message.turn + 1;
        let tree = self.chunk_tree(parent, turn.span, number)?;
        let message = self.turn_message(parent, &turn.facts, turn.span, number)?;
        self.add(parent, message, tree, turn.facts.started, turn.facts.ended)
    }

    /// The commit of the lines after the last turn.
    pub fn open(&self, parent: &Commit, open: &OpenLines) -> Result<Commit, Error> {
        let number = parent.message.turn + 1;
        let tree = self.chunk_tree(parent, open.span, number)?;
        let message = match &open.turn {
            Some(facts) => self.turn_message(parent, facts, open.span, number)?,
            None => CommitMessage {
                step: Step::Pending { rollback: open.rollback },
                offset: open.span.end,
                tail: self.tail(open.span.end)?,
                ..parent.message.clone()
            },
        };
        let started = open.turn.as_ref().and_then(|turn| turn.started);
        self.add(parent, message, tree, started, open.ended)
    }

    fn chunk_tree(&self, parent: &Commit, span: Span, number: u32) -> Result<ObjectId, Error> {
        let too_large = || Error::TooLarge(self.rollout.meta().id);
        let turn = TurnNumber::new(number).filter(|_| span.fits()).ok_or_else(too_large)?;
        let store = self.store;
        let mut blobs = Vec::new();
        for (part, span) in (0..).zip(span.parts()) {
            blobs.push(store.write_chunk(turn, part, &self.rollout.read(span)?)?);
        }
        Ok(store.write_turn_tree(parent.tree, turn, &blobs)?)
    }

    fn turn_message(
        &self,
        parent: &Commit,
        facts: &TurnFacts,
        span: Span,
        number: u32,
    ) -> Result<CommitMessage, Error> {
        let old = parent.message.clone();
        let step = Step::Turn {
            subject: facts.subject(),
            kind: facts.kind,
            status: facts.status.clone(),
            ids: facts.ids.clone(),
            tokens: facts.tokens,
        };
        Ok(CommitMessage {
            step,
            turn: number,
            model: facts.model.clone().or(old.model),
            cwd: facts.cwd.clone().or(old.cwd),
            title: old.title.or_else(|| title(facts)),
            total_tokens: facts.total_tokens,
            rollout: self.rollout.name().to_string(),
            offset: span.end,
            tail: self.tail(span.end)?,
            ..old
        })
    }

    fn add(
        &self,
        parent: &Commit,
        message: CommitMessage,
        tree: ObjectId,
        started: Option<i64>,
        ended: Option<i64>,
    ) -> Result<Commit, Error> {
        let created = self.rollout.meta().created;
        let (started, ended) = (started.or(ended).unwrap_or(created), ended.or(started).unwrap_or(created));
        let author = Author::new(message.model.as_deref(), started, ended);
        Ok(self.store.write_commit(&message, tree, Some(parent.id), author)?)
    }

    fn tail(&self, offset: u64) -> Result<ObjectId, Error> {
        Ok(Store::blob_id(&self.rollout.tail(offset)?))
    }
}

/// A session is called by its first prompt.
fn title(facts: &TurnFacts) -> Option<String> {
    let subject = text::subject(&facts.prompt);
    (facts.kind == Kind::Prompt && !subject.is_empty()).then_some(subject)
}
