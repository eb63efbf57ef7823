//! Export: a conversation as one rollout that stands alone, and what a page tells of the sessions that go on from it.

use std::collections::HashMap;

use super::{Error, Point, Workspace};
use crate::model::{ObjectId, SessionId};
use crate::rollout::{Error as RolloutError, RolloutName, flat_meta};

/// A rollout that stands alone.
pub struct Alone<'w> {
    workspace: &'w Workspace,
    /// The name that Codex looks for it under.
    pub file_name: String,
    first_line: Option<Vec<u8>>,
    blobs: std::vec::IntoIter<ObjectId>,
}

/// A session that goes on from another's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offshoot {
    /// What it is called: its name in Codex, else its first prompt.
    pub title: String,
    /// How many turns it has of its own.
    pub turns: u32,
}

impl Workspace {
    /// The conversation up to a point as one rollout: the session's own first line, and all turns, wherever they stand now. Codex resumes it
    /// wherever it is put.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn alone<'w>(&'w self, point: &Point) -> Result<Alone<'w>, Error> {
        let tree = self.store.read_tree(point.tree)?;
        let source = self.store.read_blob(tree.meta)?;
        let session = point.message.session;
        let first_line = flat_meta(&source).ok_or(RolloutError::TooOld(session))?;
        let mut blobs: Vec<ObjectId> = tree.chunks.iter().map(|chunk| chunk.blob).collect();
        if let Some(open) = self.open_lines(point, point.id, session) {
            blobs.extend(self.store.read_tree(open)?.chunks.iter().skip(blobs.len()).map(|chunk| chunk.blob));
        }
        let name = RolloutName::parse(&point.message.rollout).map(|(name, _)| name.alone().to_string());
        let file_name = name.unwrap_or_else(|| format!("rollout-{session}.jsonl"));
        Ok(Alone { workspace: self, file_name, first_line: Some(first_line), blobs: blobs.into_iter() })
    }

    /// The sessions that go on from turns, by their ids. Those that the store does not have are left out.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn offshoots(&self, sessions: &[SessionId]) -> Result<HashMap<SessionId, Offshoot>, Error> {
        if sessions.is_empty() {
            return Ok(HashMap::new());
        }
        let mut names = self.names();
        let (rows, _) = self.store.ask_table(|table| {
            sessions.iter().filter_map(|id| table.row(*id).transpose()).collect::<Result<Vec<_>, _>>()
        })?;
        let offshoot = |row: crate::store::Row| {
            let title = names.remove(&row.id).or(row.title).unwrap_or_else(|| row.id.to_string());
            (row.id, Offshoot { title, turns: row.turns.saturating_sub(row.inherited) })
        };
        Ok(rows.into_iter().map(offshoot).collect())
    }
}

impl Iterator for Alone<'_> {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(line) = self.first_line.take() {
            return Some(Ok(line));
        }
        let blob = self.blobs.next()?;
        Some(self.workspace.store.read_blob(blob).map_err(Error::from))
    }
}
