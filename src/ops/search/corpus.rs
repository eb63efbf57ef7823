//! Corpus: all turns of the store as they can be searched. What the text log has is read there; of what it doesn't have, the chunks are read,
//! and told to it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::model::{ObjectId, SessionId, piece};
use crate::ops::{Error, Workspace};
use crate::rollout::{Reader, contexts};
use crate::store::{Heads, Known, StrandRef, TextLog, TextLogWriter, TextRow};

/// So many turns are read together, and make a frame.
const BATCH: usize = 32;

/// A part of a large turn counts as so many.
const LARGE: usize = 16;

/// Turns whose text is searched together.
pub(super) struct Unit {
    /// Their rows.
    pub rows: Range<usize>,
    /// Where the text is.
    pub source: Source,
}

/// Where the text of turns is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// In a frame of the text log.
    Frame(usize),
    /// In their chunks.
    Chunks,
}

/// All turns of a store.
pub(in crate::ops) struct Corpus {
    pub(super) log: TextLog,
    pub(super) writer: Option<TextLogWriter>,
    /// The rows of all commits, unit by unit.
    pub rows: Vec<TextRow>,
    pub(super) units: Vec<Unit>,
    /// The blobs of the turns whose chunks are to be read.
    pub(super) blobs: HashMap<usize, Vec<ObjectId>>,
    by_commit: HashMap<ObjectId, usize>,
    heads: HashMap<SessionId, Heads>,
    strands: HashMap<SessionId, Vec<StrandRef>>,
    /// The unfinished ends of strands that count.
    open_strands: HashSet<ObjectId>,
    /// How many commits can't be read.
    pub unreadable: usize,
    /// Whether what nobody typed is told, too.
    pub(super) tells_context: bool,
}

impl Workspace {
    /// All turns as they are now. What the text log lacks is added to it as it is read, if nobody else adds to it just now.
    pub(in crate::ops) fn corpus(&self) -> Result<Corpus, Error> {
        let (log, mut writer) = match self.store.text_log_to_write() {
            Ok(Some((log, writer))) => (log, Some(writer)),
            Ok(None) => (self.store.text_log(), None),
            Err(error) => {
                tracing::info!(%error, "nothing can be added to the text log");
                (self.store.text_log(), None)
            }
        };
        // Read after the log: what that has is in the branches by now.
        let heads = self.store.all_heads()?;
        if let Some(Err(error)) = writer.as_mut().map(|writer| writer.gather_small(&log)) {
            tracing::info!(%error, "the text log is damaged");
            return self.corpus_anew(heads, writer);
        }
        let mut corpus = Corpus::of(log, writer, heads);
        if corpus.add_new(self)? {
            let (heads, writer) = (corpus.heads, corpus.writer);
            return self.corpus_anew(heads, writer);
        }
        Ok(corpus)
    }

    /// All turns, none of them from the text log: it is not what the branches hold any more.
    fn corpus_anew(
        &self,
        heads: HashMap<SessionId, Heads>,
        mut writer: Option<TextLogWriter>,
    ) -> Result<Corpus, Error> {
        if let Some(Err(error)) = writer.as_mut().map(TextLogWriter::start_anew) {
            tracing::info!(%error, "the text log can't be written anew");
            writer = None;
        }
        let mut corpus = Corpus::of(TextLog::empty(), writer, heads);
        corpus.add_new(self)?;
        Ok(corpus)
    }

    /// All turns, none of them from the text log, which is left alone.
    pub(in crate::ops) fn corpus_of_chunks(&self) -> Result<Corpus, Error> {
        let mut corpus = Corpus::of(TextLog::empty(), None, self.store.all_heads()?);
        corpus.add_new(self)?;
        Ok(corpus)
    }

    /// The text of a turn, from the blobs of its chunk.
    pub(super) fn text_of(&self, blobs: &[ObjectId], with_context: bool, out: &mut String) -> Result<(), Error> {
        let chunk = self.bytes_of(blobs)?;
        Reader::default().items(&chunk).iter().for_each(|item| piece::put_item(item, out));
        if with_context {
            contexts(&chunk).iter().for_each(|context| context.put(out));
        }
        Ok(())
    }
}

impl Corpus {
    fn of(mut log: TextLog, writer: Option<TextLogWriter>, heads: HashMap<SessionId, Heads>) -> Self {
        let (mut rows, mut units) = (Vec::new(), Vec::new());
        for (frame, own) in log.take_frames().into_iter().enumerate() {
            let start = rows.len();
            rows.extend(own);
            units.push(Unit { rows: start..rows.len(), source: Source::Frame(frame) });
        }
        let by_commit = rows.iter().enumerate().map(|(at, row)| (row.commit, at)).collect();
        let unreadable = rows.iter().filter(|row: &&TextRow| row.is_unread).count();
        Self {
            log,
            writer,
            rows,
            units,
            blobs: HashMap::new(),
            by_commit,
            heads,
            strands: HashMap::new(),
            open_strands: HashSet::new(),
            unreadable,
            tells_context: false,
        }
    }

    /// Adds the commits that are not in it yet. Tells whether what is in it is no more what the branches hold.
    fn add_new(&mut self, workspace: &Workspace) -> Result<bool, Error> {
        for strand in workspace.store.strands(None)? {
            self.strands.entry(strand.session).or_default().push(strand);
        }
        if self.was_moved_back() {
            return Ok(true);
        }
        let is_new = |id: &Option<ObjectId>| id.is_some_and(|id| !self.by_commit.contains_key(&id));
        let moved = self.heads.iter().filter(|(_, (tip, open))| is_new(tip) || is_new(open));
        let moved: Vec<(SessionId, Heads)> = moved.map(|(session, heads)| (*session, *heads)).collect();
        let ids: HashSet<SessionId> = moved.iter().map(|(session, _)| *session).collect();
        let known = self.rows.iter().filter(|row| !row.is_open && ids.contains(&row.session));
        let sessions = known.map(|row| row.session).collect();
        if self.add(workspace, &moved, &sessions)? {
            return Ok(true);
        }
        // Each goes on from what a branch holds, or another strand.
        let mut ends = self.ends_of_strands(workspace);
        while !ends.is_empty() {
            let mut met = HashSet::new();
            let (first, others): (Vec<_>, Vec<_>) = ends.into_iter().partition(|(session, _)| met.insert(*session));
            self.add(workspace, &first, &HashSet::new())?;
            ends = others;
        }
        Ok(false)
    }

    /// The ends of the strands that are not in it yet.
    fn ends_of_strands(&mut self, workspace: &Workspace) -> Vec<(SessionId, Heads)> {
        let (mut ends, mut open) = (Vec::new(), HashSet::new());
        for StrandRef { session, last, .. } in self.strands.values().flatten() {
            let known = self.row(*last);
            if known.is_some_and(|at| !self.rows[at].is_open) {
                continue;
            }
            let Ok(commit) = workspace.store.commit(*last) else { continue };
            match commit.parents.first().filter(|_| commit.message.kind.is_unfinished()) {
                None => ends.push((*session, (Some(*last), None))),
                // What went on here after the same turn has all of it, or is another end of it.
                Some(before) if self.is_passed(*session, *before) => {}
                Some(before) => {
                    open.insert(*last);
                    ends.extend(known.is_none().then_some((*session, (Some(*before), Some(*last)))));
                }
            }
        }
        self.open_strands = open;
        ends
    }

    /// Whether a session's branch goes on after a commit.
    fn is_passed(&self, session: SessionId, commit: ObjectId) -> bool {
        let is_tip = self.heads.get(&session).is_some_and(|(tip, _)| *tip == Some(commit));
        let head = self.head(session).filter(|_| !is_tip);
        head.is_some_and(|head| self.conversation(head).any(|at| self.rows[at].commit == commit))
    }

    /// Adds the commits up to some that are not in it yet. `sessions`: those that must go on from what is in it. Tells whether one does not.
    fn add(
        &mut self,
        workspace: &Workspace,
        moved: &[(SessionId, Heads)],
        sessions: &HashSet<SessionId>,
    ) -> Result<bool, Error> {
        if moved.is_empty() {
            return Ok(false);
        }
        let is_known = |commit: ObjectId| {
            let row = self.by_commit.get(&commit).map(|at| &self.rows[*at]);
            (row.filter(|row| !row.is_open).map(|row| row.session), row.is_some())
        };
        let mut new = workspace.store.new_text_rows(moved, &Known { commits: &is_known, sessions })?;
        if new.iter().any(|new| new.is_rewritten) {
            return Ok(true);
        }
        let newest = |new: &crate::store::NewRows| new.rows.iter().map(|(row, _)| row.ended).max();
        new.sort_by_key(|new| std::cmp::Reverse(newest(new)));
        let chunks: HashSet<ObjectId> = new.iter().flat_map(|new| &new.rows).filter_map(|(row, _)| row.chunk).collect();
        let told = self.rows.iter().filter_map(|row| row.chunk).filter(|chunk| chunks.contains(chunk));
        let mut told: HashSet<ObjectId> = told.collect();
        let (mut start, mut turns) = (self.rows.len(), 0);
        for (row, blobs) in new.into_iter().flat_map(|new| {
            self.unreadable += new.unreadable;
            new.rows
        }) {
            self.by_commit.insert(row.commit, self.rows.len());
            if row.chunk.is_some_and(|chunk| told.insert(chunk)) {
                // A turn above 8 MiB has several blobs.
                turns += if blobs.len() > 1 { blobs.len() * LARGE } else { 1 };
                self.blobs.insert(self.rows.len(), blobs);
            }
            self.rows.push(row);
            if turns >= BATCH {
                self.units.push(Unit { rows: start..self.rows.len(), source: Source::Chunks });
                (start, turns) = (self.rows.len(), 0);
            }
        }
        if start < self.rows.len() {
            self.units.push(Unit { rows: start..self.rows.len(), source: Source::Chunks });
        }
        Ok(false)
    }

    /// Whether a branch stands at an earlier commit than it did: somebody took its last turns out of the store.
    fn was_moved_back(&self) -> bool {
        let tip = |session: SessionId| self.heads.get(&session).and_then(|(tip, _)| *tip);
        let begins_a_strand = |row: &TextRow| {
            self.strands.get(&row.session).is_some_and(|own| own.iter().any(|strand| strand.begins_with(row.commit)))
        };
        let is_after = |row: &&TextRow| !row.is_open && row.before.is_some() && row.before == tip(row.session);
        self.rows.iter().filter(is_after).any(|row| !begins_a_strand(row))
    }

    /// Whether the chunks of a unit are to be read.
    pub fn is_new(&self, unit: usize) -> bool {
        self.units[unit].source == Source::Chunks
    }

    /// The row of a commit.
    pub fn row(&self, commit: ObjectId) -> Option<usize> {
        self.by_commit.get(&commit).copied()
    }

    /// Whether a row is of a turn that the store has: its session's branch is there, and what had not ended is still what stands after it.
    pub fn is_there(&self, row: &TextRow) -> bool {
        is_there(&self.heads, row) || (row.is_open && self.open_strands.contains(&row.commit))
    }

    /// Whether a row holds the text of its turn, or its chunk is to be read for it.
    pub fn has_text(&self, at: usize) -> bool {
        self.rows.get(at).is_some_and(|row| !row.text.is_empty()) || self.blobs.contains_key(&at)
    }

    /// The last row of a session's conversation.
    pub fn head(&self, session: SessionId) -> Option<usize> {
        let (tip, open) = self.heads.get(&session)?;
        let open = open.and_then(|open| self.row(open)).filter(|at| self.rows[*at].before == *tip);
        open.or_else(|| tip.and_then(|tip| self.row(tip)))
    }

    /// A row and those before it in the conversation.
    pub fn conversation(&self, from: usize) -> impl Iterator<Item = usize> {
        let mut next = Some(from);
        // A damaged log could lead back to where it began.
        let mut left = self.rows.len();
        std::iter::from_fn(move || {
            let at = next.take()?;
            left = left.checked_sub(1)?;
            next = self.rows.get(at)?.before.and_then(|before| self.row(before));
            Some(at)
        })
    }
}

/// Whether a row is of a turn that is there, by what the refs of all sessions hold.
pub(super) fn is_there(heads: &HashMap<SessionId, Heads>, row: &TextRow) -> bool {
    match heads.get(&row.session) {
        Some((Some(_), open)) => !row.is_open || *open == Some(row.commit),
        _ => false,
    }
}
