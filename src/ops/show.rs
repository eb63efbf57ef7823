//! Show: the conversation up to a point, turn by turn.

use std::collections::{BTreeMap, HashMap};

use super::{Error, LogEntry, Point, Query, Workspace};
use crate::model::{Item, ObjectId, Origin, Picture, SessionId, TurnNumber};
use crate::rollout::{Reader, SessionMeta, pictures};

/// The pictures of items, by the places of the items among all of a turn.
pub type Pictures = BTreeMap<usize, Vec<Picture>>;

/// A turn, and what was said and done in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What the log says of it.
    pub turn: LogEntry,
    /// What was said and done, in order.
    pub items: Vec<Item>,
}

/// Turns that are read one after the other, oldest first: only when one is asked for.
pub struct Conversation<'w> {
    workspace: &'w Workspace,
    point: &'w Point,
    reader: Reader,
    left: std::vec::IntoIter<LogEntry>,
    /// The tree with the open lines after the last of the turns.
    open_lines: Option<ObjectId>,
}

/// What a session's first line and Codex's names say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The id that its first line names.
    pub session: Option<SessionId>,
    /// Its name in Codex.
    pub name: Option<String>,
    /// The directory that it was started in.
    pub cwd: Option<String>,
    /// The branch that this was on.
    pub branch: Option<String>,
    /// The commit that this was on.
    pub commit: Option<String>,
    /// The version of Codex that began it.
    pub version: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

impl About {
    fn of(meta: SessionMeta, name: Option<String>) -> Self {
        let (branch, commit) = meta.git;
        Self {
            session: Some(meta.id),
            name,
            cwd: meta.cwd,
            branch,
            commit,
            version: meta.cli_version,
            origin: meta.origin,
        }
    }

    /// What the first line of a session says of it; `None` if the line is none.
    pub fn read(line: &[u8]) -> Option<Self> {
        let (_, before) = line.split_last()?;
        if before.contains(&b'\n') {
            return None;
        }
        Some(Self::of(SessionMeta::read(line)?, None))
    }
}

impl Workspace {
    /// The turns up to a point, or as many of the last of them. Of earlier ones nothing is read.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn show<'w>(&'w self, point: &'w Point, last: Option<usize>) -> Result<Conversation<'w>, Error> {
        let mut turns = self.log_of(point, &Query { most: last, ..Query::default() })?.turns;
        // A save on a session's first line is no turn.
        turns.retain(|turn| turn.turn > 0);
        turns.reverse();
        // A fork need not be told that it is a fork of its base's turn.
        turns.iter_mut().for_each(|turn| turn.forks.retain(|fork| *fork != point.message.session));
        let mut reader = Reader::default();
        let before = turns.first().and_then(|first| TurnNumber::new(first.turn.checked_sub(1)?));
        if let Some(before) = before {
            // What the first turn runs under is compared with this one; if it is damaged, with nothing.
            reader.items(&self.turn_bytes(point, before).unwrap_or_default());
        }
        let open_lines = turns.last().and_then(|last| self.open_lines(point, last.commit, last.session));
        Ok(Conversation { workspace: self, point, reader, left: turns.into_iter(), open_lines })
    }

    /// The tree with the open lines of a session, if this is its last turn. Codex tells there how a command ended that was stopped with the
    /// turn.
    pub(super) fn open_lines(&self, point: &Point, turn: ObjectId, session: SessionId) -> Option<ObjectId> {
        let branch = self.store.branch(session).ok()??;
        let is_last = turn == branch.tip.id && session == point.message.session;
        branch.open.filter(|open| is_last && open.message.kind.is_pending()).map(|open| open.tree)
    }

    /// A turn with what was said and done in it.
    ///
    /// # Errors
    /// When its chunk can't be read.
    pub fn shown(&self, turn: &LogEntry) -> Result<Shown, Error> {
        let mut reader = Reader::default();
        let tree = turn.tree;
        let chunk = |turn: u32| TurnNumber::new(turn).map(|number| self.chunk(tree, number));
        if let Some(Ok(before)) = chunk(turn.turn.saturating_sub(1)) {
            reader.items(&before);
        }
        let items = chunk(turn.turn).transpose()?.map(|chunk| reader.items(&chunk)).unwrap_or_default();
        Ok(Shown { turn: turn.clone(), items })
    }

    /// What is known of the session that a point is in.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn about(&self, point: &Point) -> Result<About, Error> {
        let line = self.store.read_blob(self.store.meta_blob(point.tree)?)?;
        let name = self.names().remove(&point.message.session);
        Ok(SessionMeta::read(&line).map(|meta| About::of(meta, name)).unwrap_or_default())
    }

    /// What a session is called: its name in Codex, else its first prompt.
    pub fn titles(&self, sessions: &[SessionId]) -> HashMap<SessionId, String> {
        let mut names = if sessions.is_empty() { HashMap::new() } else { self.names() };
        let title = |id: SessionId| self.store.branch(id).ok()??.tip.message.called().map(str::to_owned);
        let named = |id: &SessionId| Some((*id, names.remove(id).or_else(|| title(*id))?));
        sessions.iter().filter_map(named).collect()
    }

    /// All bytes of a turn.
    ///
    /// # Errors
    /// When the store can't be read, or holds no such turn.
    pub fn turn_bytes(&self, point: &Point, turn: TurnNumber) -> Result<Vec<u8>, Error> {
        self.chunk(point.tree, turn)
    }
}

impl Conversation<'_> {
    /// The turns that are not read yet, oldest first.
    pub fn turns(&self) -> &[LogEntry] {
        self.left.as_slice()
    }

    /// The bytes of the next turn, and after the last those of the open lines; `None` when there is none left.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn next_bytes(&mut self) -> Option<Result<Vec<u8>, Error>> {
        let turn = self.left.next()?;
        Some(self.bytes(&turn))
    }

    fn bytes(&self, turn: &LogEntry) -> Result<Vec<u8>, Error> {
        let read = |tree: ObjectId, turn: u32| {
            TurnNumber::new(turn).map_or(Ok(Vec::new()), |number| self.workspace.chunk(tree, number))
        };
        let mut bytes = read(self.point.tree, turn.turn)?;
        if let Some(tree) = self.open_lines.filter(|_| self.left.as_slice().is_empty()) {
            bytes.extend(read(tree, turn.turn + 1)?);
        }
        Ok(bytes)
    }
}

impl Conversation<'_> {
    /// The next turn with the pictures of its items, by their places among the items; `None` when there is none left.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn next_with_pictures(&mut self) -> Option<Result<(Shown, Pictures), Error>> {
        let turn = self.left.next()?;
        let bytes = self.bytes(&turn);
        Some(bytes.map(|bytes| {
            let items = self.reader.items(&bytes);
            let pictures = pictures(&bytes, &items);
            (Shown { items, turn }, pictures)
        }))
    }
}

impl Iterator for Conversation<'_> {
    type Item = Result<Shown, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let turn = self.left.next()?;
        let bytes = self.bytes(&turn);
        Some(bytes.map(|bytes| Shown { items: self.reader.items(&bytes), turn }))
    }
}

/// What was said and done in a chunk that stands alone, such as one that git hands over.
pub fn chunk_items(chunk: &[u8]) -> Vec<Item> {
    Reader::default().items(chunk)
}
