//! A row: what a listing, a decoration and a look-up want to know of a session without reading its commits.

use std::io::{self, ErrorKind};

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
    /// Its tokens so far.
    pub tokens: Option<u64>,
    /// Where it comes from.
    pub origin: Origin,
    /// Where Codex last worked.
    pub cwd: Option<String>,
    /// The model last used.
    pub model: Option<String>,
    /// Its first prompt, on one line.
    pub title: Option<String>,
    /// The file name of its rollout.
    pub rollout: String,
}

impl Row {
    /// The row of a branch.
    pub(super) fn of(branch: &Branch) -> Self {
        let message = &branch.head().message;
        Self {
            id: message.session,
            heads: (Some(branch.tip.id), branch.open_ref),
            tree: branch.tip.tree,
            changed: branch.last().author.ended,
            turns: message.turn,
            inherited: branch.tip.message.inherited,
            tokens: message.total_tokens,
            origin: branch.tip.message.origin.clone(),
            cwd: message.cwd.clone(),
            model: message.model.clone(),
            title: message.title.clone(),
            rollout: branch.tip.message.rollout.clone(),
        }
    }

    /// Adds the row's bytes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut row = Vec::with_capacity(256);
        row.extend(self.id.to_bytes());
        [self.heads.0, self.heads.1, Some(self.tree)]
            .into_iter()
            .for_each(|id| put(&mut row, id.map(|id| *id.as_bytes())));
        row.extend(self.changed.to_le_bytes());
        row.extend(self.turns.to_le_bytes());
        row.extend(self.inherited.to_le_bytes());
        put(&mut row, self.tokens.map(u64::to_le_bytes));
        put(&mut row, self.origin.parent.map(SessionId::to_bytes));
        put(&mut row, self.origin.forked_from.map(SessionId::to_bytes));
        for text in [&self.origin.source, &self.cwd, &self.model, &self.title, &Some(self.rollout.clone())] {
            put_text(&mut row, text.as_deref());
        }
        out.extend((row.len() as u32).to_le_bytes());
        out.extend(row);
    }

    /// Reads a row's bytes, without their length.
    pub(super) fn read(bytes: &[u8]) -> io::Result<Self> {
        let mut left = Left(bytes);
        Ok(Self {
            id: SessionId::from_bytes(left.array()?),
            heads: (left.maybe()?.map(ObjectId::from_bytes), left.maybe()?.map(ObjectId::from_bytes)),
            tree: left.maybe()?.map(ObjectId::from_bytes).ok_or(ErrorKind::InvalidData)?,
            changed: i64::from_le_bytes(left.array()?),
            turns: u32::from_le_bytes(left.array()?),
            inherited: u32::from_le_bytes(left.array()?),
            tokens: left.maybe()?.map(u64::from_le_bytes),
            origin: {
                let parent = left.maybe()?.map(SessionId::from_bytes);
                let forked_from = left.maybe()?.map(SessionId::from_bytes);
                Origin { source: left.text()?, parent, forked_from }
            },
            cwd: left.text()?,
            model: left.text()?,
            title: left.text()?,
            rollout: left.text()?.unwrap_or_default(),
        })
    }
}

fn put<const N: usize>(out: &mut Vec<u8>, bytes: Option<[u8; N]>) {
    out.push(u8::from(bytes.is_some()));
    out.extend(bytes.into_iter().flatten());
}

/// Adds a text that may be missing.
pub(super) fn put_text(out: &mut Vec<u8>, text: Option<&str>) {
    let len = text.map_or(u32::MAX, |text| text.len() as u32);
    out.extend(len.to_le_bytes());
    out.extend(text.unwrap_or_default().as_bytes());
}

/// Bytes that are read from their beginning on.
pub(super) struct Left<'a>(pub &'a [u8]);

impl Left<'_> {
    /// The next bytes.
    pub fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (array, left) = self.0.split_first_chunk().ok_or(ErrorKind::InvalidData)?;
        self.0 = left;
        Ok(*array)
    }

    fn maybe<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        match self.array()? {
            [0] => Ok(None),
            _ => self.array().map(Some),
        }
    }

    /// A text that may be missing.
    pub fn text(&mut self) -> io::Result<Option<String>> {
        let len = u32::from_le_bytes(self.array()?);
        if len == u32::MAX {
            return Ok(None);
        }
        let (text, left) = self.0.split_at_checked(len as usize).ok_or(ErrorKind::InvalidData)?;
        self.0 = left;
        String::from_utf8(text.to_vec()).map(Some).map_err(|_| ErrorKind::InvalidData.into())
    }
}
