//! Lineage: finds the commit that a partial rollout continues.
//!
//! Codex's own forks and rewinds name a rollout and a byte of it. What counts is that rollout up to the byte, and nothing after it, so
//! it doesn't matter how far the other session had come when the fork was recorded: the commit is that of the last turn whose end
//! stands before the byte, and what is left up to the byte is borrowed by the fork's first turn.

use std::collections::{HashMap, HashSet};

use super::Error;
use crate::model::{CommitKind, ObjectId, SessionId, Span, Status};
use crate::rollout::{HistoryBase, Rollout, RolloutFile, RolloutName, SessionMeta, split};
use crate::store::{Commit, Error as StoreError, Store};

/// A point in a session that a rollout goes on from.
pub(super) struct Base {
    /// The commit of the last turn that ended before it.
    pub commit: Commit,
    /// The bytes between that turn's end and the point.
    pub borrowed: Vec<u8>,
}

impl Base {
    /// Of a rollout that was replaced by another one the point can stand within a line: the half before it would spoil the fork's first line.
    fn new(commit: Commit, mut bytes: Vec<u8>) -> Self {
        bytes.truncate(memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1));
        Self { commit, borrowed: bytes }
    }
}

/// The commits of a session by the rollout that they stand on: read when they are asked for first, and added to as more are written, so that
/// a session with a thousand rewinds is walked through once. Of a rollout that was replaced they are those of what it is now; one that is
/// no longer part of what the session is has those that it had.
pub(super) struct States<'a> {
    store: &'a Store,
    now: Walk,
    replaced: Walk,
}

/// Commits by rollout, and the last commits from where on they are still to be read.
#[derive(Default)]
struct Walk {
    unread: Vec<ObjectId>,
    read: HashMap<SessionId, Vec<Commit>>,
}

impl Walk {
    fn finish(&mut self, store: &Store, replaced: bool) -> Result<(), Error> {
        let heads = std::mem::take(&mut self.unread);
        if heads.is_empty() {
            return Ok(());
        }
        each_own(store, &heads, replaced, |commit| self.add(commit))
    }

    fn add(&mut self, commit: Commit) {
        if let Some(rollout) = rollout_id(&commit) {
            self.read.entry(rollout).or_default().push(commit);
        }
    }
}

impl<'a> States<'a> {
    /// Those of the session with these last commits.
    pub fn of(store: &'a Store, heads: Vec<ObjectId>) -> Self {
        let replaced = Walk { unread: heads.clone(), ..Walk::default() };
        Self { store, now: Walk { unread: heads, ..Walk::default() }, replaced }
    }

    /// Takes a commit that was written just now on top of the others.
    pub fn add(&mut self, commit: &Commit) {
        if self.now.unread.is_empty() {
            self.now.add(commit.clone());
        } else {
            self.now.unread = vec![commit.id];
        }
    }

    /// Takes all that there is so far as replaced.
    pub fn replace(&mut self) {
        self.now.unread.clear();
        for (rollout, mut commits) in self.now.read.drain() {
            self.replaced.read.entry(rollout).or_default().append(&mut commits);
        }
    }

    /// All commits of a rollout.
    pub fn of_rollout(&mut self, rollout: SessionId) -> Result<&[Commit], Error> {
        self.now.finish(self.store, false)?;
        if !self.now.read.contains_key(&rollout) {
            self.replaced.finish(self.store, true)?;
        }
        let found = self.now.read.get(&rollout).or_else(|| self.replaced.read.get(&rollout));
        Ok(found.map_or(&[], Vec::as_slice))
    }

    /// Finds a point in the session; `None` if the store does not hold the rollout up to there.
    pub fn find(&mut self, base: HistoryBase) -> Result<Option<Base>, Error> {
        let store = self.store;
        let states = RolloutStates { store, all: self.of_rollout(base.rollout)? };
        states.find(base)
    }
}

/// Finds a point in the session whose last commits these are; `None` if the store does not hold the rollout up to there.
pub(super) fn find(store: &Store, heads: &[ObjectId], base: HistoryBase) -> Result<Option<Base>, Error> {
    States::of(store, heads.to_vec()).find(base)
}

/// The commits of one rollout in a session, and of the turns in it.
struct RolloutStates<'a> {
    store: &'a Store,
    all: &'a [Commit],
}

/// One of a session's files, as far as the store holds it.
#[derive(Clone)]
pub(super) struct StoredFile {
    /// The last commit that holds any of it.
    pub last: Commit,
    /// Its bytes, the first line first.
    pub blobs: Vec<ObjectId>,
    /// The turn that each of them is a part of; the first line comes after the turns that are not in the file.
    turns: Vec<u32>,
    /// How many bytes after the first line are the base's, not its own.
    pub borrowed: u64,
    /// How many bytes it has.
    pub len: u64,
}

impl StoredFile {
    /// The file that a commit stands on, up to there.
    pub fn of(store: &Store, last: &Commit) -> Result<Self, Error> {
        let tree = store.read_tree(last.tree)?;
        let meta = SessionMeta::read(&store.read_blob(tree.meta)?);
        let mut first = last.clone();
        while !first.message.kind.begins_a_file()
            && let Some(before) = first.before()
        {
            first = store.commit(before)?;
        }
        let is_part = meta.is_some_and(|meta| meta.base.is_some()) && first.message.kind != CommitKind::Start;
        let inherited = if is_part { first.message.turn } else { 0 };
        let own = tree.chunks.iter().map(|chunk| (chunk.blob, chunk.path.turn.get()));
        let own = own.filter(|(_, turn)| *turn > inherited);
        let (blobs, turns) = std::iter::once((tree.meta, inherited)).chain(own).unzip();
        Ok(Self { last: last.clone(), blobs, turns, borrowed: last.message.borrowed, len: last.message.offset })
    }

    /// The file up to a byte, of which another one holds what comes after the last turn, at the beginning of its own lines.
    pub fn lengthened(mut self, fork: &Self, len: u64) -> Self {
        self.blobs.extend(&fork.blobs[1..]);
        self.turns.extend(&fork.turns[1..]);
        self.len = len;
        self
    }

    /// Compares the bytes with the first `len` of a rollout.
    pub fn compare(
        &self,
        rollout: &Rollout,
        len: u64,
        read: impl Fn(ObjectId) -> Result<Vec<u8>, StoreError>,
    ) -> Result<Compared, Error> {
        let (mut at, mut skip) = (0, 0);
        let mut whole = Whole { turn: self.turns[0], end: 0 };
        for (number, blob) in self.blobs.iter().enumerate() {
            let bytes = read(*blob)?;
            if number > 0 && self.turns[number] != self.turns[number - 1] {
                whole = Whole { turn: self.turns[number - 1], end: at };
            }
            let own = &bytes[skip.min(bytes.len())..];
            skip = if number == 0 { self.borrowed as usize } else { skip.saturating_sub(bytes.len()) };
            let span = Span { start: at, end: (at + own.len() as u64).min(len) };
            if rollout.read(span)? != own[..span.len() as usize] {
                return Ok(Compared::Differs(whole));
            }
            if at + own.len() as u64 > len {
                return Ok(Compared::Prefix(whole));
            }
            at = span.end;
        }
        Ok(Compared::Whole(at))
    }
}

/// How far a rollout has whole turns that are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole {
    /// The last of them.
    pub turn: u32,
    /// Where it ends; 0 if not even the first line is the stored one.
    pub end: u64,
}

/// What a stored file's bytes and a rollout's are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// The rollout begins with all of the stored bytes; so many.
    Whole(u64),
    /// The rollout ends within the stored bytes, and has the same up to there.
    Prefix(Whole),
    /// They are not the same after so many turns.
    Differs(Whole),
}

/// Goes through a session's own commits from its last ones on: of a rewound session first through what it was before, which holds most of
/// the file; of a replaced one first through what it is now, and through what it was only if `replaced` is asked for.
fn each_own(store: &Store, heads: &[ObjectId], replaced: bool, mut visit: impl FnMut(Commit)) -> Result<(), Error> {
    let (mut seen, mut left, mut session) = (HashSet::new(), heads.to_vec(), None);
    while let Some(id) = left.pop() {
        if !seen.insert(id) {
            continue;
        }
        let commit = store.commit(id)?;
        // What came before a session's own commits is another session's.
        if *session.get_or_insert(commit.message.session) != commit.message.session {
            continue;
        }
        // What is looked at next is pushed last.
        let (before, behind) = (commit.before(), commit.left_behind());
        let next = match commit.message.kind.is_replacement() {
            true => [behind.filter(|_| replaced), before],
            false => [before, behind],
        };
        left.extend(next.into_iter().flatten());
        visit(commit);
    }
    Ok(())
}

/// All of a session's own commits up to one, what it was before it was rewound or replaced included.
pub(super) fn own_commits(store: &Store, head: ObjectId) -> Result<HashSet<ObjectId>, Error> {
    let mut own = HashSet::new();
    each_own(store, &[head], true, |commit| {
        own.insert(commit.id);
    })?;
    Ok(own)
}

/// The last commit of each file that a session ever was in, the one that it is in now first.
pub(super) fn files(store: &Store, heads: &[ObjectId]) -> Result<Vec<Commit>, Error> {
    let (mut known, mut files) = (HashSet::new(), Vec::new());
    let visit = |commit| {
        if known.insert(segment(&commit)) {
            files.push(commit);
        }
    };
    each_own(store, heads, true, visit)?;
    Ok(files)
}

/// Whether a rollout continues what a commit holds: its first line and the last bytes before the commit's offset are the same.
pub(super) fn continues(store: &Store, rollout: &Rollout, commit: &Commit) -> Result<bool, Error> {
    let message = &commit.message;
    Ok(rollout.len()? >= message.offset
        && store.meta_blob(commit.tree)? == Store::blob_id(&rollout.meta().line)
        && Store::blob_id(&rollout.tail(message.offset)?) == message.tail)
}

/// The name of the file that a commit stands on. `None` if it is none that a rollout can have.
pub(super) fn name(commit: &Commit) -> Option<RolloutName> {
    RolloutName::parse(&commit.message.rollout).map(|(name, _)| name)
}

/// The id that other rollouts know the file by that a commit stands on.
pub(super) fn rollout_id(commit: &Commit) -> Option<SessionId> {
    name(commit).map(|name| name.rollout_id())
}

/// Which of its session's files a commit stands on: the one that a rewind began, or the first.
pub(super) fn segment(commit: &Commit) -> Option<Option<SessionId>> {
    name(commit).map(|name| name.segment)
}

/// The commit of a turn in the history of another.
pub(super) fn turn_in(store: &Store, last: ObjectId, turn: u32) -> Result<Option<Commit>, Error> {
    for commit in store.history(last) {
        let commit = commit?;
        if commit.message.turn == turn && !commit.message.kind.is_pending() {
            return Ok(Some(commit));
        }
    }
    Ok(None)
}

/// How far a commit reaches, in its rollout and what that borrows; then in turns.
fn reach(commit: &Commit) -> (u64, u32) {
    let message = &commit.message;
    let last = message.turn + u32::from(message.kind.is_pending());
    (message.offset + message.borrowed, last)
}

impl RolloutStates<'_> {
    fn find(&self, base: HistoryBase) -> Result<Option<Base>, Error> {
        let furthest = self.all.iter().max_by_key(|commit| reach(commit));
        let Some(last) = furthest.filter(|last| last.message.offset >= base.end) else { return Ok(None) };
        match self.ended_before(base.end)? {
            Some(commit) => {
                let end = base.end + last.message.borrowed;
                let bytes = bytes_after(self.store, last, &commit, end.saturating_sub(reach(&commit).0))?;
                Ok(bytes.map(|bytes| Base::new(commit, bytes)))
            }
            None => within(self.store, last, base.end),
        }
    }

    /// The commit of the last turn that had ended before a byte.
    fn ended_before(&self, end: u64) -> Result<Option<Commit>, Error> {
        let on_a_branch = |commit: &&Commit| {
            let kind = &commit.message.kind;
            commit.message.offset <= end && !kind.is_unfinished() && !kind.is_replacement()
        };
        let mut ended: Vec<&Commit> = self.all.iter().filter(on_a_branch).collect();
        ended.sort_by_key(|commit| reach(commit));
        while let Some(commit) = ended.pop() {
            if self.is_over(commit, end)? {
                return Ok(Some(commit.clone()));
            }
        }
        Ok(None)
    }

    /// Whether a turn's end is seen in the bytes before another: that of one that was cut off is told by the next turn's start alone.
    fn is_over(&self, commit: &Commit, end: u64) -> Result<bool, Error> {
        let cut_off = matches!(commit.message.kind, CommitKind::Turn { status: Status::Unterminated, .. });
        let last = self.all.iter().max_by_key(|commit| reach(commit));
        let (Some(last), Some(before), true) = (last, commit.before(), cut_off) else { return Ok(true) };
        let before = self.store.commit(before)?;
        let len = (end + last.message.borrowed).saturating_sub(reach(&before).0);
        let bytes = bytes_after(self.store, last, &before, len)?.unwrap_or_default();
        Ok(split(bytes.as_slice(), 0, false, None, &mut |_| false).is_ok_and(|split| !split.turns.is_empty()))
    }
}

/// So many bytes of a session after those that an earlier commit holds.
fn bytes_after(store: &Store, last: &Commit, commit: &Commit, len: u64) -> Result<Option<Vec<u8>>, Error> {
    let mut bytes = Vec::new();
    for chunk in store.read_tree(last.tree)?.chunks {
        if chunk.path.turn.get() > commit.message.turn && (bytes.len() as u64) < len {
            bytes.extend(store.read_blob(chunk.blob)?);
        }
    }
    bytes.truncate(usize::try_from(len).unwrap_or(usize::MAX));
    Ok((bytes.len() as u64 == len).then_some(bytes))
}

/// Whether what a commit adds to an earlier one stands after that in another, too; no more of this is read.
pub(super) fn begins_with(store: &Store, whole: &Commit, beginning: &Commit, earlier: &Commit) -> Result<bool, Error> {
    let len = reach(beginning).0.saturating_sub(reach(earlier).0);
    let begun = bytes_after(store, beginning, earlier, len)?;
    Ok(begun.is_some() && begun == bytes_after(store, whole, earlier, len)?)
}

/// A point among the turns that a fork's rollout has from another session: what they take is known from their chunks alone.
fn within(store: &Store, last: &Commit, end: u64) -> Result<Option<Base>, Error> {
    let tree = store.read_tree(last.tree)?;
    let mut at = store.read_blob(tree.meta)?.len() as u64;
    let mut ended = (0, at);
    let mut chunks = tree.chunks.iter().peekable();
    while let Some(chunk) = chunks.next().filter(|_| at < end) {
        at += store.read_blob(chunk.blob)?.len() as u64;
        let turn = chunk.path.turn;
        let whole = chunks.peek().is_none_or(|next| next.path.turn != turn);
        if whole && at <= end {
            ended = (turn.get(), at);
        }
    }
    let Some(commit) = turn_in(store, last.id, ended.0)? else { return Ok(None) };
    let bytes = bytes_after(store, last, &commit, end.saturating_sub(ended.1))?;
    Ok(bytes.map(|bytes| Base::new(commit, bytes)))
}

/// Whether a session's file comes before the one that a commit stands on.
pub(super) fn is_before(file: &RolloutFile, commit: &Commit) -> bool {
    segment(commit).is_some_and(|segment| file.name.segment < segment)
}

/// Whether the session went on in this file after the one that a commit stands on.
pub(super) fn is_after(file: &RolloutFile, commit: &Commit) -> bool {
    segment(commit).is_some_and(|segment| file.name.segment > segment)
}

/// Whether one of the turns up to a commit has this id.
pub(super) fn holds_turn(store: &Store, from: ObjectId, id: &str) -> Result<bool, StoreError> {
    for commit in store.history(from) {
        if matches!(commit?.message.kind, CommitKind::Turn { ids, .. } if ids.iter().any(|known| known == id)) {
            return Ok(true);
        }
    }
    Ok(false)
}
