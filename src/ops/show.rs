//! Show: the conversation up to a point, made readable.

use super::{Error, LogEntry, Point, Workspace};
use crate::model::TurnNumber;
use crate::rollout::{Message, SessionMeta, messages};

/// A turn and what was said in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What the log says of it.
    pub turn: LogEntry,
    /// What was said and done, in order.
    pub messages: Vec<Message>,
}

impl Workspace {
    /// The turns up to a point with their messages, oldest first; only the last `limit` of them, if that is given.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn show(&self, point: &Point, limit: Option<usize>) -> Result<Vec<Shown>, Error> {
        let meta = SessionMeta::read(&self.store.read_blob(self.store.meta_blob(point.tree)?)?);
        let bare = meta.is_some_and(|meta| meta.bare);
        let mut entries = self.log(point)?.turns;
        entries.truncate(limit.unwrap_or(usize::MAX));
        entries.reverse();
        let mut shown = Vec::with_capacity(entries.len());
        for turn in entries {
            let Some(number) = TurnNumber::new(turn.turn) else { continue };
            shown.push(Shown { messages: messages(&self.chunk(point, number)?, bare), turn });
        }
        Ok(shown)
    }

    /// All bytes of a turn.
    pub(super) fn chunk(&self, point: &Point, turn: TurnNumber) -> Result<Vec<u8>, Error> {
        let mut chunk = Vec::new();
        for blob in self.store.chunk_of(point.tree, turn)? {
            chunk.extend(self.store.read_blob(blob)?);
        }
        Ok(chunk)
    }
}

/// The messages in the bytes of a chunk that stands alone, such as one that git hands over.
pub fn chunk_messages(chunk: &[u8]) -> Vec<Message> {
    messages(chunk, false)
}
