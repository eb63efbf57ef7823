//! The commits that the text log doesn't have yet, found by walking from where sessions stand to what it has.

use std::collections::{HashMap, HashSet};

use super::TextRow;
use crate::model::{CommitKind, ObjectId, SessionId, TurnNumber};
use crate::store::{Commit, Error, Heads, Store};

/// From so many turns on, all of a tree is read instead of the part that each turn stands in.
const WHOLE_TREE: usize = 4;

/// What is new of a session.
#[derive(Debug, Default)]
pub struct NewRows {
    /// The rows, each with the blobs of its turn.
    pub rows: Vec<(TextRow, Vec<ObjectId>)>,
    /// Whether its branch doesn't go on from what the log has of it: somebody else wrote it anew.
    pub is_rewritten: bool,
    /// How many commits can't be read.
    pub unreadable: usize,
}

/// What is known already.
pub struct Known<'k> {
    /// Whose a commit is, if it is known for good; and whether it is known at all.
    pub commits: &'k (dyn Fn(ObjectId) -> (Option<SessionId>, bool) + Sync),
    /// The sessions that some of them are of.
    pub sessions: &'k HashSet<SessionId>,
}

impl Store {
    /// The rows of the commits of some sessions that are not known yet.
    ///
    /// # Errors
    /// When the store can't be opened once more.
    pub fn new_text_rows(&self, heads: &[(SessionId, Heads)], known: &Known<'_>) -> Result<Vec<NewRows>, Error> {
        self.by_parts(heads, |store, part| {
            part.iter().map(|(session, heads)| Walk::of(store, *session, known).from(*heads)).collect()
        })
    }

    /// The blobs of the turn that a commit adds.
    ///
    /// # Errors
    /// When the commit or its tree can't be read.
    pub fn turn_blobs(&self, commit: ObjectId) -> Result<Vec<ObjectId>, Error> {
        let commit = self.commit(commit)?;
        added_turn(&commit).map_or(Ok(Vec::new()), |turn| self.chunk_of(commit.tree, turn))
    }
}

struct Walk<'w> {
    store: &'w Store,
    session: SessionId,
    known: &'w Known<'w>,
    seen: HashSet<ObjectId>,
    meets_known: bool,
    /// Whether the line that was walked last goes on where it can't be read.
    is_cut: bool,
    new: NewRows,
}

impl<'w> Walk<'w> {
    fn of(store: &'w Store, session: SessionId, known: &'w Known<'w>) -> Self {
        Self { store, session, known, seen: HashSet::new(), meets_known: false, is_cut: false, new: NewRows::default() }
    }

    fn from(mut self, (tip, open): Heads) -> NewRows {
        let mut left: Vec<ObjectId> = tip.into_iter().collect();
        while let Some(start) = left.pop() {
            let line = self.line(start);
            left.extend(line.iter().filter_map(Commit::left_behind));
            self.take(&line);
        }
        let is_known = self.known.sessions.contains(&self.session);
        self.new.is_rewritten = is_known && !self.meets_known && self.new.unreadable == 0;
        let open = open.filter(|open| !(self.known.commits)(*open).1);
        if let Some(Ok(open)) = open.map(|open| self.store.commit(open))
            && open.parents.first().copied() == tip
        {
            self.take(&[open]);
            self.new.rows.last_mut().into_iter().for_each(|(row, _)| row.is_open = true);
        }
        self.new
    }

    /// The session's own commits from one on, up to what is known.
    fn line(&mut self, start: ObjectId) -> Vec<Commit> {
        let (mut line, mut next) = (Vec::new(), Some(start));
        while let Some(id) = next {
            if let Some(session) = (self.known.commits)(id).0 {
                self.meets_known |= session == self.session;
                break;
            }
            let Ok(commit) = self.store.commit(id) else {
                self.new.unreadable += 1;
                self.is_cut = true;
                break;
            };
            if commit.message.session != self.session || !self.seen.insert(id) {
                break;
            }
            next = commit.before();
            line.push(commit);
        }
        line
    }

    /// Takes in a line. What its first tree has, the trees of the others have.
    fn take(&mut self, line: &[Commit]) {
        let turns = line.iter().filter_map(added_turn).count();
        let mut chunks: HashMap<u32, Vec<ObjectId>> = HashMap::new();
        if turns > WHOLE_TREE
            && let Some(Ok(tree)) = line.first().map(|first| self.store.read_tree(first.tree))
        {
            tree.chunks.iter().for_each(|chunk| chunks.entry(chunk.path.turn.get()).or_default().push(chunk.blob));
        }
        for commit in line {
            let turn = added_turn(commit);
            let own = |turn: TurnNumber| {
                let known = chunks.remove(&turn.get()).map(Ok);
                known.unwrap_or_else(|| self.store.chunk_of(commit.tree, turn))
            };
            let blobs = turn.map_or(Ok(Vec::new()), own);
            let is_unread = blobs.is_err();
            self.new.unreadable += usize::from(is_unread);
            let blobs = blobs.unwrap_or_default();
            self.new.rows.push((TextRow { is_unread, ..TextRow::of(commit, chunk_id(&blobs)) }, blobs));
        }
        let is_cut = std::mem::take(&mut self.is_cut);
        self.new.rows.last_mut().into_iter().for_each(|(row, _)| row.is_unread |= is_cut);
    }
}

/// The number of the chunk that a commit adds. Lines that are no turn yet stand where the next turn will.
fn added_turn(commit: &Commit) -> Option<TurnNumber> {
    match commit.message.kind {
        CommitKind::Turn { .. } => TurnNumber::new(commit.message.turn),
        CommitKind::Pending { .. } => TurnNumber::new(commit.message.turn + 1),
        _ => None,
    }
}

/// What tells the bytes of these blobs from all others.
fn chunk_id(blobs: &[ObjectId]) -> Option<ObjectId> {
    match blobs {
        [] => None,
        [one] => Some(*one),
        many => Some(Store::blob_id(many.iter().flat_map(|blob| *blob.as_bytes()).collect::<Vec<_>>().as_slice())),
    }
}
