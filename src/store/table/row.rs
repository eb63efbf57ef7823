//! A row: what a listing, a decoration and a look-up want to know of a session without reading its commits.

use std::io::{self, ErrorKind};

use crate::disk::fields::{Fields, put_maybe, put_maybe_text, put_number};
use crate::model::{ObjectId, Origin, SessionId};
use crate::store::{Branch, Heads};

/// What the last commits of a session say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The session.
    pub id: SessionId,
    /// What its refs hold: the branch, and the open lines.
    pub heads: Heads,
    /// The tree of its last ended turn.
    pub tree: ObjectId,
    /// When its last line was written, in seconds since 1970.
    pub changed: i64,
    /// How many turns it has, an unfinished one included.
    pub turns: u32,
    /// How many of them came with the fork that it is.
    pub inherited: u32,
    /// When the last of these ended, in seconds since 1970, if that is known.
    pub forked_at: Option<i64>,
    /// Its tokens so far.
    pub tokens: Option<u64>,
    /// Where it comes from.
    pub origin: Origin,
    /// Where Codex last worked.
    pub cwd: Option<String>,
    /// The model last used.
    pub model: Option<String>,
    /// Its first prompt, on one line; before there is one, what its last turn was.
    pub title: Option<String>,
    /// The file name of its rollout.
    pub rollout: String,
}

impl Row {
    /// The row of a branch, whose inherited turns ended then.
    pub(super) fn of(branch: &Branch, forked_at: Option<i64>) -> Self {
        let message = &branch.head().message;
        Self {
            id: message.session,
            heads: (Some(branch.tip.id), branch.open_ref),
            tree: branch.tip.tree,
            changed: branch.last().author.ended,
            turns: message.turn,
            inherited: branch.tip.message.inherited,
            forked_at,
            tokens: message.total_tokens,
            origin: branch.tip.message.origin.clone(),
            cwd: message.cwd.clone(),
            model: message.model.clone(),
            title: message.called().map(str::to_owned),
            rollout: branch.tip.message.rollout.clone(),
        }
    }

    /// Adds the row's bytes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut row = Vec::with_capacity(256);
        row.extend(self.id.to_bytes());
        [self.heads.0, self.heads.1, Some(self.tree)]
            .into_iter()
            .for_each(|id| put_maybe(&mut row, id.map(|id| *id.as_bytes())));
        row.extend(self.changed.to_le_bytes());
        row.extend(self.turns.to_le_bytes());
        row.extend(self.inherited.to_le_bytes());
        put_maybe(&mut row, self.forked_at.map(i64::to_le_bytes));
        put_maybe(&mut row, self.tokens.map(u64::to_le_bytes));
        put_maybe(&mut row, self.origin.parent.map(SessionId::to_bytes));
        put_maybe(&mut row, self.origin.forked_from.map(SessionId::to_bytes));
        for text in [&self.origin.source, &self.cwd, &self.model, &self.title, &Some(self.rollout.clone())] {
            put_maybe_text(&mut row, text.as_deref());
        }
        put_number(out, row.len());
        out.extend(row);
    }

    /// Reads a row's bytes, without their length.
    pub(super) fn read(bytes: &[u8]) -> io::Result<Self> {
        let mut left = Fields(bytes);
        Ok(Self {
            id: SessionId::from_bytes(left.array()?),
            heads: (left.maybe()?.map(ObjectId::from_bytes), left.maybe()?.map(ObjectId::from_bytes)),
            tree: left.maybe()?.map(ObjectId::from_bytes).ok_or(ErrorKind::InvalidData)?,
            changed: i64::from_le_bytes(left.array()?),
            turns: u32::from_le_bytes(left.array()?),
            inherited: u32::from_le_bytes(left.array()?),
            forked_at: left.maybe()?.map(i64::from_le_bytes),
            tokens: left.maybe()?.map(u64::from_le_bytes),
            origin: {
                let parent = left.maybe()?.map(SessionId::from_bytes);
                let forked_from = left.maybe()?.map(SessionId::from_bytes);
                Origin { source: left.maybe_text()?, parent, forked_from }
            },
            cwd: left.maybe_text()?,
            model: left.maybe_text()?,
            title: left.maybe_text()?,
            rollout: left.maybe_text()?.unwrap_or_default(),
        })
    }
}
