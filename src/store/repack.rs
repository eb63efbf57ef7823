//! Repacking: loose objects, packs and refs are put together, so that they stay few.
//!
//! Nothing is ever dropped: every loose object goes into the new pack, whether something names it or not, and packs are merged
//! whole. What is repacked is removed only when it is on disk in its new place, so a reader that finds it gone looks again and
//! finds it there. What is broken is left where it is, and named: it disturbs nobody. `git gc` does the same work several times slower, and
//! gains nothing here: which objects are alike is known ([`super::delta_base`]), it need not be searched for.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::delta_base::{DeltaBases, Role};
use super::saves::TAGS;
use super::{Error, Store};
use crate::disk::lock::{lock_if_free, open_lock};
use crate::git::Error as GitError;
use crate::git::head::tagged;
use crate::git::object::{Deflater, Kind};
use crate::git::pack::{Like, Packing, keep};
use crate::model::{CommitKind, ObjectId, TurnNumber};

/// How many loose objects are worth a pack: those of 64 turns.
const MANY_OBJECTS: usize = 256;
/// With more refs in files of their own, listing them gets slow.
const MANY_REFS: usize = 256;

/// How many objects are read before they are packed: each can have 8 MiB.
const READ_AHEAD: usize = 8;

/// What was gathered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// Loose objects that are in a pack now.
    pub objects: usize,
    /// Packs that are one now.
    pub packs: usize,
    /// Refs that are among the packed ones now.
    pub refs: usize,
    /// Loose objects that are broken, and were left where they are.
    pub broken: Vec<ObjectId>,
    /// Packs that can't be read, or hold what is broken, and were left as they are.
    pub broken_packs: Vec<PathBuf>,
}

/// When there is something to gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Whatever there is.
    Now,
    /// Only what has become so much that it makes things slow.
    IfMany,
}

impl Due {
    fn is_due(self, count: usize, many: usize) -> bool {
        count > 0 && (self == Self::Now || count >= many)
    }
}

impl Store {
    /// Gathers what is due; `None` if another process does that just now. `progress` is told how many of how many loose objects are packed.
    ///
    /// # Errors
    /// When something can't be read or written; what is not gathered then stays as it was.
    pub fn gather(&self, due: Due, progress: &mut dyn FnMut(usize, usize)) -> Result<Option<Gathered>, Error> {
        let lock = open_lock(&self.path().join("codex-git.gc")).map_err(Error::io("lock the store"))?;
        if !lock_if_free(&lock).map_err(Error::io("lock the store"))? {
            return Ok(None);
        }
        keep::remove_left_over(&self.odb.pack_folder()).map_err(Error::io("look for leftovers"))?;
        let mut gathered = Gathered::default();
        let mut loose = self.odb.loose_ids()?;
        if due.is_due(loose.len(), MANY_OBJECTS) {
            gathered.broken = self.pack_loose(&loose, progress)?;
            loose.retain(|id| !gathered.broken.contains(id));
            gathered.objects = loose.len();
        }
        (gathered.packs, gathered.broken_packs) = self.odb.merge_packs()?;
        let refs = self.refs.loose("refs/")?;
        if due.is_due(refs.len(), MANY_REFS) {
            gathered.refs = unless_damaged(self.pack_refs())?.unwrap_or_default();
        }
        if gathered.objects > 0 {
            // Last: ext4 is slow to make new files for minutes after many were deleted.
            self.odb.remove_loose(&loose)?;
        }
        Ok(Some(gathered))
    }

    /// Packs loose objects: one thread reads them in their order, another one compresses them. Tells which could not be read.
    fn pack_loose(&self, loose: &[ObjectId], progress: &mut dyn FnMut(usize, usize)) -> Result<Vec<ObjectId>, Error> {
        let packing =
            Packing::begin(&self.odb.pack_folder(), &Default::default()).map_err(Error::io("begin a pack"))?;
        let broken = thread::scope(|scope| {
            let (give, objects) = sync_channel(READ_AHEAD);
            let packer = scope.spawn(|| pack(objects, &packing));
            let left = loose.iter().copied().collect();
            let mut reader = Reader { store: self, left, give, progress, total: loose.len(), broken: Vec::new() };
            let read = reader.read();
            let Reader { broken, give, .. } = reader;
            drop(give);
            // Who packs says what went wrong; who reads then only has nobody to give it to.
            packer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            read.map(|()| broken)
        })?;
        packing.finish().map_err(Error::io("finish a pack"))?;
        drop(self.odb.packs_now()?);
        Ok(broken)
    }

    /// Moves refs from files of their own to the packed ones. Tells how many.
    fn pack_refs(&self) -> Result<usize, Error> {
        let peel = |name: &str, id| if name.starts_with(TAGS) { self.peeled(id) } else { Ok(None) };
        Ok(self.refs.pack(peel)?)
    }

    /// What a tag stands on in the end; `None` for what is no tag.
    fn peeled(&self, id: ObjectId) -> Result<Option<ObjectId>, GitError> {
        let (mut id, mut peeled) = (id, None);
        loop {
            let (kind, bytes) = self.odb.read_any(id)?;
            if kind != Kind::Tag {
                return Ok(peeled);
            }
            id = tagged(&bytes).ok_or(GitError::WrongKind(id))?;
            peeled = Some(id);
        }
    }
}

/// An object on its way into a pack.
type Read = (Role, ObjectId, Kind, Vec<u8>);

/// Packs what it is given, in that order.
fn pack(objects: Receiver<Read>, packing: &Packing) -> Result<(), Error> {
    let (mut bases, mut deflater) = (DeltaBases::default(), Deflater::default());
    for (role, id, kind, bytes) in objects {
        let like = bases.of(role, &bytes, |id| packing.depth(id));
        let like = like.as_ref().map(|(id, base, depth)| Like { id: *id, base, depth: *depth });
        packing.write(id, kind, &bytes, like, &mut deflater).map_err(Error::io("write a pack"))?;
        bases.add(role, id, &bytes);
    }
    Ok(())
}

/// Reads loose objects: first the turns of each session, in their order, then the rest.
struct Reader<'a> {
    store: &'a Store,
    left: HashSet<ObjectId>,
    give: SyncSender<Read>,
    progress: &'a mut dyn FnMut(usize, usize),
    total: usize,
    /// What can't be read.
    broken: Vec<ObjectId>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Error> {
        for heads in self.store.all_heads()?.into_values() {
            for head in [heads.0, heads.1].into_iter().flatten() {
                // Past what is broken the order is not known; what comes there is packed with the rest.
                unless_damaged(self.history(head))?;
            }
        }
        self.rest()
    }

    /// The loose commits up to a head, oldest first, each with what it added.
    fn history(&mut self, head: ObjectId) -> Result<(), Error> {
        let (mut commits, mut next) = (Vec::new(), Some(head));
        while let Some(id) = next.filter(|id| self.left.contains(id)) {
            let Some(commit) = unless_damaged(self.store.commit(id))? else { break };
            next = commit.parents.first().copied();
            commits.push(commit);
        }
        let mut from = None;
        while let Some(commit) = commits.pop() {
            let parent = commit.parents.first().copied();
            let folder = unless_damaged(self.contents(&commit, from))?.flatten();
            from = Some((commit.tree, folder));
            self.give(Role::Commit { parent }, commit.id)?;
        }
        Ok(())
    }

    /// A commit's first line, chunk and trees, the trees made from those of the commit before. Tells its last folder.
    fn contents(
        &mut self,
        commit: &super::Commit,
        from: Option<(ObjectId, Option<ObjectId>)>,
    ) -> Result<Option<ObjectId>, Error> {
        let tree = commit.tree;
        let pending = matches!(commit.message.kind, CommitKind::Pending { .. });
        let turn = TurnNumber::new(commit.message.turn + u32::from(pending));
        let parts = self.store.turn_of(tree, turn)?;
        parts.meta.map_or(Ok(()), |meta| self.give(Role::Meta, meta))?;
        for (part, blob) in (0..).zip(parts.chunk) {
            self.give(Role::Chunk { turn: turn.map_or(0, TurnNumber::get), part }, blob)?;
        }
        let folder = parts.folder;
        folder.map_or(Ok(()), |folder| self.give(Role::Tree { from: from.and_then(|from| from.1) }, folder))?;
        self.give(Role::Tree { from: from.map(|from| from.0) }, tree)?;
        Ok(folder)
    }

    /// What no branch led to: tags, and what was replaced.
    fn rest(&mut self) -> Result<(), Error> {
        let rest: Vec<ObjectId> = self.left.iter().copied().collect();
        rest.into_iter().try_for_each(|id| self.give(Role::Other, id))
    }

    fn give(&mut self, role: Role, id: ObjectId) -> Result<(), Error> {
        if !self.left.remove(&id) {
            return Ok(());
        }
        let Some((kind, bytes)) = unless_damaged(self.store.read_any(id))? else {
            self.broken.push(id);
            return Ok(());
        };
        let stopped = |_| Error::io("write a pack")(io::ErrorKind::BrokenPipe.into());
        self.give.send((role, id, kind, bytes)).map_err(stopped)?;
        (self.progress)(self.total - self.left.len(), self.total);
        Ok(())
    }
}

/// What came out, if nothing damaged stood in the way: that is left alone.
fn unless_damaged<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.is_damage() => {
            tracing::warn!(%error, "left as it is");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
