//! The commits of a rollout: what each holds follows from the rollout's bytes alone.

use crate::model::{Author, CommitKind, CommitMessage, Kind, ObjectId, Span, TurnFacts, TurnNumber, text};
use crate::ops::Error;
use crate::ops::lineage::holds_turn;
use crate::rollout::{OpenLines, Reach, Rollout, SessionMeta, Split, Turn};
use crate::store::{Commit, Store};

/// Where a file goes on.
pub(super) enum Start {
    /// At the session's branch.
    Branch(Commit),
    /// At another session's commit, which the new session is a fork of; the position in the fork's rollout.
    Fork(Commit, u64),
    /// At an earlier turn of the session; what it was before.
    Revert(Commit, Box<Commit>),
    /// With the first line.
    Nothing,
}

/// Writes the commits of one rollout; moves no ref.
pub(super) struct Commits<'a> {
    pub store: &'a Store,
    pub rollout: &'a Rollout,
}

impl Commits<'_> {
    /// The turns that the rollout has after where it goes on.
    pub fn split(&self, start: &Start) -> Result<Split, Error> {
        let line = self.rollout.meta().len();
        let (from, total, base) = match start {
            Start::Branch(tip) => (tip.message.offset, tip.message.total_tokens, Some(tip.id)),
            Start::Fork(base, position) => (*position, base.message.total_tokens, Some(base.id)),
            Start::Revert(base, _) => (line, base.message.total_tokens, Some(base.id)),
            Start::Nothing => (line, None, None),
        };
        let mut failed = None;
        let mut closed_before = |id: &str| {
            let held = base.map_or(Ok(false), |base| holds_turn(self.store, base, id));
            held.unwrap_or_else(|error| {
                failed = Some(error);
                false
            })
        };
        let split = self.rollout.split(from, total, &mut closed_before)?;
        failed.map_or(Ok(split), |error| Err(error.into()))
    }

    /// The commit that the first turn to be written follows.
    pub fn start(&self, start: &Start) -> Result<Commit, Error> {
        let (store, meta) = (self.store, self.rollout.meta());
        let (message, tree, parents) = match start {
            Start::Branch(tip) => return Ok(tip.clone()),
            Start::Nothing => {
                let tree = store.write_start_tree(store.write_meta(&meta.line)?)?;
                let missing_base = meta.base.map(|base| base.rollout);
                (CommitMessage { missing_base, ..self.message(CommitKind::Start, meta.len())? }, tree, vec![])
            }
            Start::Fork(base, position) => {
                let message = self.after(base, CommitKind::Fork, *position)?;
                let missing_base = meta.base.and(base.message.missing_base);
                let cwd = self.fork_cwd(base)?.or_else(|| message.cwd.clone());
                let message = CommitMessage { inherited: base.message.turn, missing_base, cwd, ..message };
                (message, store.write_fork_tree(base.tree, store.write_meta(&meta.line)?)?, vec![base.id])
            }
            Start::Revert(base, before) => {
                let message = self.after(base, CommitKind::Revert, meta.len())?;
                let CommitMessage { origin, inherited, missing_base, .. } = before.message.clone();
                let inherited = inherited.min(base.message.turn);
                let message = CommitMessage { origin, inherited, missing_base, ..message };
                (message, store.write_fork_tree(base.tree, store.write_meta(&meta.line)?)?, vec![base.id, before.id])
            }
        };
        Ok(store.write_commit(&message, tree, &parents, Author::new(None, meta.created, meta.created))?)
    }

    /// The directory in which a fork goes on, if its first line names another one than that of its base.
    fn fork_cwd(&self, base: &Commit) -> Result<Option<String>, Error> {
        let named = self.rollout.meta().cwd.clone();
        if named == base.message.cwd {
            return Ok(None);
        }
        let before = SessionMeta::read(&self.store.read_blob(self.store.meta_blob(base.tree)?)?);
        Ok(named.filter(|named| before.is_some_and(|before| before.cwd.as_ref() != Some(named))))
    }

    /// The same for a fork's first turn, if that came with the fork and had not ended there.
    fn fork_turn_cwd(&self, parent: &Commit, facts: &TurnFacts) -> Result<Option<String>, Error> {
        let came_with_it = facts.started.is_some_and(|started| started <= self.rollout.meta().created);
        let mut next = parent.before().filter(|_| came_with_it && parent.message.kind == CommitKind::Fork);
        while let Some(base) = next {
            let base = self.store.commit(base)?;
            let named = self.fork_cwd(&base)?;
            if named.is_some() {
                return Ok(named);
            }
            // It came to that with a fork, too.
            next = base.before().filter(|_| base.message.kind == CommitKind::Fork);
        }
        Ok(None)
    }

    /// The message of a file's first commit that goes on from another file's turn.
    fn after(&self, base: &Commit, kind: CommitKind, position: u64) -> Result<CommitMessage, Error> {
        let old = base.message.clone();
        Ok(CommitMessage {
            turn: old.turn,
            model: old.model,
            cwd: old.cwd,
            title: old.title,
            total_tokens: old.total_tokens,
            ..self.message(kind, position)?
        })
    }

    /// The message of a file's first commit.
    fn message(&self, kind: CommitKind, position: u64) -> Result<CommitMessage, Error> {
        let (meta, reach) = (self.rollout.meta(), self.rollout.reach(position));
        Ok(CommitMessage {
            session: self.rollout.session(),
            kind,
            turn: 0,
            inherited: 0,
            origin: meta.origin.clone(),
            model: None,
            cwd: meta.cwd.clone(),
            title: None,
            total_tokens: None,
            rollout: self.rollout.name().to_string(),
            offset: reach.offset,
            borrowed: reach.borrowed,
            missing_base: None,
            tail: self.tail(reach)?,
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
            None => {
                let reach = self.rollout.reach(open.span.end);
                CommitMessage {
                    kind: CommitKind::Pending { taken_back: open.taken_back },
                    offset: reach.offset,
                    borrowed: reach.borrowed,
                    tail: self.tail(reach)?,
                    ..parent.message.clone()
                }
            }
        };
        let started = open.turn.as_ref().and_then(|turn| turn.started);
        self.add(parent, message, tree, started, open.ended)
    }

    fn chunk_tree(&self, parent: &Commit, span: Span, number: u32) -> Result<ObjectId, Error> {
        let too_large = || Error::TooLarge(self.rollout.session());
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
        let (old, reach) = (parent.message.clone(), self.rollout.reach(span.end));
        let kind = CommitKind::Turn {
            subject: facts.subject(),
            kind: facts.kind,
            status: facts.status.clone(),
            ids: facts.ids.clone(),
            tokens: facts.tokens,
            taken_back: facts.taken_back,
        };
        Ok(CommitMessage {
            kind,
            turn: number,
            model: facts.model.clone().or(old.model),
            cwd: self.fork_turn_cwd(parent, facts)?.or_else(|| facts.cwd.clone()).or(old.cwd),
            title: old.title.or_else(|| title(facts)),
            total_tokens: facts.total_tokens,
            rollout: self.rollout.name().to_string(),
            offset: reach.offset,
            borrowed: reach.borrowed,
            tail: self.tail(reach)?,
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
        Ok(self.store.write_commit(&message, tree, &[parent.id], author)?)
    }

    fn tail(&self, reach: Reach) -> Result<ObjectId, Error> {
        Ok(Store::blob_id(&self.rollout.tail(reach.offset)?))
    }
}

/// The commit that puts what a session is now into the place of what it was.
pub(super) fn replacement(store: &Store, kind: CommitKind, before: &Commit, now: &Commit) -> Result<Commit, Error> {
    let message = CommitMessage { kind, ..now.message.clone() };
    Ok(store.write_commit(&message, now.tree, &[before.id, now.id], now.author.clone())?)
}

/// The commit of lines after a turn, written without any ref.
pub(in crate::ops) fn lines_after(
    store: &Store,
    rollout: &Rollout,
    turn: &Commit,
    open: &OpenLines,
) -> Result<Commit, Error> {
    Commits { store, rollout }.open(turn, open)
}

/// A session is called by its first prompt.
fn title(facts: &TurnFacts) -> Option<String> {
    let subject = text::subject(&facts.prompt);
    (facts.kind == Kind::Prompt && !subject.is_empty()).then_some(subject)
}
