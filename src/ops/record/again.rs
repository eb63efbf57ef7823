//! Again: commits that came from elsewhere, made anew from the bytes that they hold.
//!
//! The same bytes under the same file name give the same commits everywhere. So a history is some rollout's recording if recording what it holds
//! gives its commits, and whatever else its messages, its trees or its parents say, it is none.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::commits::{Commits, Start, replacement};
use crate::model::{CommitKind, ObjectId, Status};
use crate::ops::Error;
use crate::ops::blobs::OwnBytes;
use crate::ops::lineage::{self, StoredFile, name};
use crate::ops::threads::threads;
use crate::rollout::{IN_MEMORY, OpenLines, Rollout, Split, Turn};
use crate::store::{Commit, Error as StoreError, Incoming, Store};

/// Makes the commits of a history anew, from its last one back to those that are known to be recordings.
struct Again<'a> {
    store: &'a Store,
    /// Where the rollouts are written that it holds.
    folder: &'a Path,
    is_known: &'a dyn Fn(ObjectId) -> bool,
    proven: HashSet<ObjectId>,
    /// Those of the history that is looked at now.
    seen: HashSet<ObjectId>,
    left: Vec<ObjectId>,
    /// How many bytes of rollouts may yet be written, by all together: a small pack can unpack to a full disk.
    room: &'a AtomicU64,
}

/// What the rollouts of a history may come to: so much in any case, and at the most; in between, so many times its pack.
const ROOM: (u64, u64) = (1 << 30, 64 << 30);
const TIMES: u64 = 1000;

/// So many conversations are worth a thread.
const WORTH: usize = 32;

/// What a file's first turn takes of its base's last bytes is less.
const BORROWED: u64 = 256 << 20;

/// Commits of one file, each after the one before, and the one that they go on from.
struct Stretch {
    start: Commit,
    /// The last first.
    own: Vec<Commit>,
}

/// What is wrong with what came.
pub(in crate::ops) struct Unproven {
    /// The commits that are no recordings, of those that were asked for, and why.
    pub refused: Vec<(ObjectId, Error)>,
    /// Whether more came: what nobody asked about would count as known the next time.
    pub has_more: bool,
}

impl Unproven {
    /// Looks at all that came, of which these commits were asked for. What `store` has is proven.
    ///
    /// # Errors
    /// When a thread can't open the stores for itself.
    pub fn of(incoming: &Incoming, asked: &[ObjectId], store: &Store) -> Result<Self, Error> {
        let room = AtomicU64::new(incoming.bytes().saturating_mul(TIMES).clamp(ROOM.0, ROOM.1));
        let (refused, proven) = match threads().min(asked.len() / WORTH) {
            0 | 1 => prove_all(incoming.side(), (&incoming.folder(), &room), store, asked),
            threads => prove_by(threads, incoming, &room, store, asked)?,
        };
        let is_more = |commit: &ObjectId| !proven.contains(commit) && !store.has(*commit);
        let has_more = refused.is_empty() && incoming.commits().iter().any(is_more);
        Ok(Self { refused, has_more })
    }
}

/// The commits that are no recordings, and those that are.
type Proof = (Vec<(ObjectId, Error)>, HashSet<ObjectId>);

/// Proves commits that were asked for, one after the other.
fn prove_all(side: &Store, (folder, room): (&Path, &AtomicU64), store: &Store, asked: &[ObjectId]) -> Proof {
    let is_known = |id| store.has_so_far(id);
    let mut again = Again::new(side, (folder, room), &is_known);
    let refused = asked.iter().filter_map(|id| Some((*id, again.prove(*id).err()?))).collect();
    (refused, again.proven)
}

/// The same by several threads, each with the stores opened for itself. What two sessions share may be proven twice.
fn prove_by(
    threads: usize,
    incoming: &Incoming,
    room: &AtomicU64,
    store: &Store,
    asked: &[ObjectId],
) -> Result<Proof, Error> {
    let parts = asked.chunks(asked.len().div_ceil(threads)).map(|part| {
        let folder = tempfile::tempdir_in(incoming.folder()).map_err(StoreError::temporary)?;
        Ok((part, folder, incoming.reopen()?, Store::open(store.path())?))
    });
    let parts = parts.collect::<Result<Vec<_>, Error>>()?;
    let mut all = Proof::default();
    std::thread::scope(|scope| {
        let prove = |(part, folder, side, store): (&[ObjectId], TempDir, Store, Store)| {
            prove_all(&side, (folder.path(), room), &store, part)
        };
        let threads: Vec<_> = parts.into_iter().map(|part| scope.spawn(move || prove(part))).collect();
        for thread in threads {
            let (refused, proven) = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            all.0.extend(refused);
            all.1.extend(proven);
        }
    });
    Ok(all)
}

impl<'a> Again<'a> {
    /// `store` has the history and takes the commits that are made; the folder takes files for a while, within the room.
    fn new(
        store: &'a Store,
        (folder, room): (&'a Path, &'a AtomicU64),
        is_known: &'a dyn Fn(ObjectId) -> bool,
    ) -> Self {
        Self { store, folder, is_known, proven: HashSet::new(), seen: HashSet::new(), left: Vec::new(), room }
    }

    /// Takes bytes of the room that there is.
    fn spend(&self, of: &Commit, bytes: usize) -> Result<(), Error> {
        let take = |room: u64| room.checked_sub(bytes as u64);
        match self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
            Ok(_) => Ok(()),
            Err(_) => Err(refused(of, "it holds more than a pack of that size can")),
        }
    }

    /// Proves that a commit and all that it comes from are recordings.
    ///
    /// # Errors
    /// [`Error::NotARecording`] when they are not.
    fn prove(&mut self, head: ObjectId) -> Result<(), Error> {
        // Of a history that is none, nothing counts, and nothing is left to do.
        self.seen.clear();
        self.left = vec![head];
        while let Some(id) = self.left.pop() {
            if !(self.is_known)(id) && !self.proven.contains(&id) && self.seen.insert(id) {
                self.prove_stretch(self.store.commit(id)?)?;
            }
        }
        self.proven.extend(self.seen.drain());
        Ok(())
    }

    fn prove_stretch(&mut self, last: Commit) -> Result<(), Error> {
        if last.message.kind.is_replacement() {
            return self.prove_replacement(&last);
        }
        let Stretch { start, own } = self.stretch(last)?;
        [&start].into_iter().chain(&own).try_for_each(has_sane_numbers)?;
        let last = own.first().unwrap_or(&start);
        let file = StoredFile::of(self.store, last)?;
        let mut rollout = self.written(&file)?;
        let begins = !(self.is_known)(start.id) && start.message.kind.begins_a_file();
        if begins {
            self.seen.insert(start.id);
        }
        let from = if begins { self.first(&rollout, &start)? } else { Start::Branch(start.clone()) };
        self.left.extend(if begins { &start.parents[..] } else { std::slice::from_ref(&start.id) });
        self.lend(&mut rollout, &file, &from)?;
        self.prove_commits(&Commits { store: self.store, rollout: &rollout }, (from, &start), &own)
    }

    /// The commits back to the one that begins the file, puts another state in its place, or is known.
    fn stretch(&mut self, last: Commit) -> Result<Stretch, Error> {
        let (mut start, mut own) = (last, Vec::new());
        loop {
            let kind = &start.message.kind;
            if kind.begins_a_file() || kind.is_replacement() || (self.is_known)(start.id) {
                return Ok(Stretch { start, own });
            }
            let before = start.before().ok_or_else(|| refused(&start, "it follows nothing"))?;
            self.seen.insert(start.id);
            own.push(std::mem::replace(&mut start, self.store.commit(before)?));
        }
    }

    fn prove_replacement(&mut self, commit: &Commit) -> Result<(), Error> {
        let [before, now] = commit.parents[..] else { return Err(refused(commit, "it has other parents")) };
        let (before, now) = (self.store.commit(before)?, self.store.commit(now)?);
        let is_own = [&before, &now].iter().all(|one| one.message.session == commit.message.session);
        is_own.then_some(()).ok_or_else(|| refused(commit, "it puts another session in place"))?;
        let made = replacement(self.store, commit.message.kind.clone(), &before, &now)?;
        same(&made, commit)?;
        self.left.extend([before.id, now.id]);
        Ok(())
    }

    /// Writes down the bytes of a file, under the name that it had.
    fn written(&self, file: &StoredFile) -> Result<Rollout, Error> {
        let strange = || refused(&file.last, "no rollout is called as it says");
        let name = name(&file.last).ok_or_else(strange)?;
        let mut out = tempfile::spooled_tempfile_in(IN_MEMORY, self.folder);
        let line = self.store.read_blob(file.blobs[0])?;
        out.write_all(&line).map_err(StoreError::temporary)?;
        let mut own = OwnBytes::of(file, &line);
        for blob in &file.blobs[1..] {
            let bytes = self.store.read_blob(*blob)?;
            self.spend(&file.last, bytes.len())?;
            out.write_all(own.among(&bytes)).map_err(StoreError::temporary)?;
        }
        Ok(Rollout::spooled(name, out)?)
    }

    /// Where a file begins, as its first commit says and its first line bears out.
    fn first(&self, rollout: &Rollout, first: &Commit) -> Result<Start, Error> {
        let other = || refused(first, "it goes on from another commit than its first line says");
        let parents: Vec<Commit> =
            first.parents.iter().map(|parent| self.store.commit(*parent)).collect::<Result<_, _>>()?;
        let meta = rollout.meta();
        match (&first.message.kind, &parents[..]) {
            (CommitKind::Start, []) => Ok(Start::Nothing),
            (CommitKind::Fork, [base]) => {
                let is_it = match meta.base {
                    Some(_) => self.goes_on_from(rollout, base)?,
                    None => meta.forked_at == Some(base.id) && meta.origin.forked_from == Some(base.message.session),
                };
                is_it.then_some(()).ok_or_else(other)?;
                let shared = if meta.base.is_some() { 0 } else { self.chunks(base)? };
                Ok(Start::Fork(base.clone(), meta.len() + shared))
            }
            (CommitKind::Revert, [base, before]) => {
                let is_own = before.message.session == first.message.session;
                let is_it = match meta.base {
                    Some(named) => match lineage::find(self.store, &[before.id], named)? {
                        Some(found) => found.commit.id == base.id,
                        None => self.goes_on_from(rollout, base)?,
                    },
                    None => self.store.beginning_of(before.id)?.is_some_and(|found| found.id == base.id),
                };
                (is_own && is_it).then_some(()).ok_or_else(other)?;
                Ok(Start::Revert(base.clone(), Box::new(before.clone())))
            }
            _ => Err(refused(first, "it has other parents")),
        }
    }

    /// Whether a file goes on from a commit. Where the commits before that do not tell it, it may.
    fn goes_on_from(&self, rollout: &Rollout, commit: &Commit) -> Result<bool, Error> {
        let Some(base) = rollout.meta().base else { return Ok(false) };
        let found = lineage::find(self.store, &[commit.id], base)?;
        let cut_off = matches!(commit.message.kind, CommitKind::Turn { status: Status::Unterminated, .. });
        Ok(found
            .map_or(lineage::rollout_id(commit) == Some(base.rollout), |base| base.commit.id == commit.id || cut_off))
    }

    /// How many bytes all turns have that a commit holds.
    fn chunks(&self, commit: &Commit) -> Result<u64, Error> {
        let chunks = self.store.read_tree(commit.tree)?.chunks;
        chunks.iter().try_fold(0, |bytes, chunk| {
            let read = self.store.read_blob(chunk.blob)?.len();
            self.spend(commit, read)?;
            Ok(bytes + read as u64)
        })
    }

    /// Lends a rollout what the file has of its base's bytes, as far as the commit that it goes on from does not have them.
    fn lend(&self, rollout: &mut Rollout, file: &StoredFile, start: &Start) -> Result<(), Error> {
        let (lent, is_first) = match start {
            Start::Branch(tip) => (tip.message.borrowed, tip.message.offset == rollout.meta().len()),
            _ => (0, true),
        };
        let mut bytes = Vec::new();
        let borrowed = if is_first { file.borrowed as usize } else { 0 };
        for blob in file.blobs.iter().skip(1) {
            if bytes.len() >= borrowed {
                break;
            }
            bytes.extend(self.store.read_blob(*blob)?);
        }
        bytes.truncate(borrowed);
        bytes.drain(..(lent as usize).min(bytes.len()));
        rollout.borrow(lent, bytes);
        Ok(())
    }

    fn prove_commits(
        &self,
        commits: &Commits<'_>,
        (from, start): (Start, &Commit),
        own: &[Commit],
    ) -> Result<(), Error> {
        let mut tip = commits.start(&from)?;
        same(&tip, start)?;
        let Split { turns, mut open } = commits.split(&from)?;
        let mut turns = turns.iter();
        for commit in own.iter().rev() {
            let made = match turns.next() {
                Some(turn) => commits.turn(&tip, turn)?,
                None => last(commits, &tip, commit, open.take())?,
            };
            same(&made, commit)?;
            tip = made;
        }
        turns.next().map_or(Ok(()), |_| Err(refused(&tip, "it holds more turns than it says")))
    }
}

/// Makes the commit of the lines after the last turn that is seen to have ended. If it is that of an ended turn, the line that told so comes after
/// what the history holds.
fn last(commits: &Commits<'_>, tip: &Commit, commit: &Commit, open: Option<OpenLines>) -> Result<Commit, Error> {
    let open = open.ok_or_else(|| refused(commit, "it adds nothing"))?;
    match (&commit.message.kind, open.turn.clone()) {
        (CommitKind::Turn { status: status @ (Status::Unterminated | Status::Complete), .. }, Some(mut facts)) => {
            facts.status = status.clone();
            commits.turn(tip, &Turn { span: open.span, facts })
        }
        _ => commits.open(tip, &open),
    }
}

/// Numbers that no recording has would not even add up.
fn has_sane_numbers(commit: &Commit) -> Result<(), Error> {
    let message = &commit.message;
    let is_sane = message.offset <= i64::MAX as u64 / 4 && message.borrowed <= BORROWED && message.turn < 1_000_000;
    if is_sane { Ok(()) } else { Err(refused(commit, "its numbers are none that a recording has")) }
}

fn same(made: &Commit, commit: &Commit) -> Result<(), Error> {
    if made.id == commit.id { Ok(()) } else { Err(refused(commit, "recording what it holds gives another commit")) }
}

fn refused(commit: &Commit, why: &'static str) -> Error {
    Error::NotARecording { commit: commit.id, session: commit.message.session, why }
}
