//! Prompts as they were typed: whole, where commits have only their first 72 columns.

use super::log_entry::LogEntry;
use super::{Error, Listed, Workspace};
use crate::model::{ObjectId, TurnNumber, What, screen, text};
use crate::rollout::Reader;

impl Workspace {
    /// All bytes of a turn in a tree.
    pub(super) fn chunk(&self, tree: ObjectId, turn: TurnNumber) -> Result<Vec<u8>, Error> {
        self.bytes_of(&self.store.chunk_of(tree, turn)?)
    }

    /// The bytes of blobs, one after the other.
    pub(super) fn bytes_of(&self, blobs: &[ObjectId]) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        for blob in blobs {
            bytes.extend(self.store.read_blob(*blob)?);
        }
        Ok(bytes)
    }

    /// All that was asked in a turn, or its commit's subject where nobody asked anything.
    ///
    /// # Errors
    /// When its chunk can't be read.
    pub fn prompt(&self, turn: &LogEntry) -> Result<String, Error> {
        let Some(number) = TurnNumber::new(turn.turn) else { return Ok(turn.subject.clone()) };
        let prompts = prompts(&self.chunk(turn.tree, number)?);
        Ok(if prompts.is_empty() { turn.subject.clone() } else { prompts.join("\n\n") })
    }

    /// The first prompt of a session, whole and on one line. What its commits say of it is enough where nothing was cut.
    pub fn whole_title(&self, session: &Listed) -> Option<String> {
        let title = session.title.clone()?;
        let tree = || Some(self.store.branch(session.id).ok()??.last().tree);
        Some(self.whole(&title, tree, 1).unwrap_or(title))
    }

    /// What was asked in a turn, on one line, as far as its commit's subject tells the beginning of it.
    pub fn whole_subject(&self, turn: &LogEntry) -> String {
        self.whole(&turn.subject, || Some(turn.tree), turn.turn).unwrap_or_else(|| turn.subject.clone())
    }

    /// The prompt of a turn that a subject was cut from; `None` if it is whole.
    pub(super) fn whole(&self, subject: &str, tree: impl FnOnce() -> Option<ObjectId>, turn: u32) -> Option<String> {
        let start = subject.strip_suffix('…')?;
        let chunk = self.chunk(tree()?, TurnNumber::new(turn)?).ok()?;
        let shown = |text: &String| screen::line(&screen::said(text));
        // A subject is made of a prompt in another way, and for good.
        let is_meant = |text: &String| text::subject(text) == subject || shown(text).starts_with(start);
        prompts(&chunk).iter().find(|text| is_meant(text)).map(shown)
    }
}

/// What was asked in a chunk, in order.
fn prompts(chunk: &[u8]) -> Vec<String> {
    let text = |what| if let What::Prompt { text, .. } = what { Some(text) } else { None };
    let prompts = Reader::default().items(chunk).into_iter().filter_map(|item| text(item.what));
    prompts.filter(|text| !text.trim().is_empty()).collect()
}
