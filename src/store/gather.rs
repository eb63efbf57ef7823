//! Gathering loose objects, packs and refs, so that they stay few.
//!
//! Nothing is ever dropped: every loose object goes into the new pack, whether something names it or not, and packs are merged
//! whole. What is gathered is removed only when it is on disk in its new place, so a reader that finds it gone looks again and
//! finds it there. `git gc` does the same work several times slower, and gains nothing here: which objects are alike is
//! known (`super::likeness`), it need not be searched for.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::likeness::{Likeness, Role};
use super::object::{Deflater, Kind};
use super::pack::Pack;
use super::pack_file::PackFile;
use super::packing::{Like, Packing};
use super::refs::{RefLock, remove_file};
use super::saves::TAGS;
use super::{Error, Store, loose, packed_refs};
use crate::model::{ObjectId, Step, TurnNumber};

/// How many loose objects are worth a pack: those of 64 turns.
const MANY_OBJECTS: usize = 256;
/// With more packs than that, looking an object up gets slow; and how many stay when they are merged.
const MANY_PACKS: usize = 16;
const FEW_PACKS: usize = 8;
/// With more refs in files of their own, listing them gets slow.
const MANY_REFS: usize = 256;

/// What was gathered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// Loose objects that are in a pack now.
    pub objects: usize,
    /// Packs that are one now.
    pub packs: usize,
    /// Refs that are among the packed ones now.
    pub refs: usize,
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
        let path = self.path().join("codex-git.gc");
        let lock = File::open(&path).or_else(|_| File::create(&path)).map_err(Error::io("lock the store"))?;
        if lock.try_lock().is_err() {
            return Ok(None);
        }
        let mut gathered = Gathered::default();
        let loose = loose::all(&self.objects()).map_err(Error::io("list the objects"))?;
        if due.is_due(loose.len(), MANY_OBJECTS) {
            self.pack_loose(&loose, progress)?;
            gathered.objects = loose.len();
        }
        gathered.packs = self.merge_packs()?;
        let refs = self.loose_refs("refs/")?;
        if due.is_due(refs.len(), MANY_REFS) {
            gathered.refs = self.pack_refs()?;
        }
        if gathered.objects > 0 {
            // Last: ext4 is slow to make new files for minutes after many were deleted.
            let removed = loose.iter().try_for_each(|id| loose::remove(&self.objects(), *id));
            removed.map_err(Error::io("remove loose objects"))?;
        }
        Ok(Some(gathered))
    }

    fn pack_loose(&self, loose: &[ObjectId], progress: &mut dyn FnMut(usize, usize)) -> Result<(), Error> {
        let folder = self.pack_folder();
        let packing = Packing::begin(&folder, &Default::default()).map_err(Error::io("begin a pack"))?;
        let mut writer = Writer {
            store: self,
            packing,
            left: loose.iter().copied().collect(),
            likeness: Likeness::default(),
            deflater: Deflater::default(),
            progress,
            total: loose.len(),
        };
        for heads in self.all_heads()?.into_values() {
            for head in [heads.0, heads.1].into_iter().flatten() {
                writer.history(head)?;
            }
        }
        writer.rest()?;
        writer.packing.finish().map_err(Error::io("finish a pack"))?;
        self.packs.borrow_mut().look_again(&folder).map_err(Error::io("read the packs"))
    }

    /// Merges the smallest packs into one, if there are many. Tells how many.
    fn merge_packs(&self) -> Result<usize, Error> {
        let io = || Error::io("merge packs");
        let folder = self.pack_folder();
        let mut packs = self.packs.borrow_mut();
        packs.look_again(&folder).map_err(io())?;
        let mut some: Vec<Arc<PackFile>> = packs.all().to_vec();
        some.retain(|pack| !pack.path.with_extension("keep").exists());
        if some.len() <= MANY_PACKS {
            return Ok(0);
        }
        some.sort_by_key(|pack| pack.len());
        some.truncate(some.len() - FEW_PACKS + 1);
        let merged = merge(&folder, &some).map_err(io())?;
        packs.look_again(&folder).map_err(io())?;
        // It names the packs that go; git does without.
        remove_file(&folder.join("multi-pack-index")).map_err(io())?;
        for pack in some.iter().filter(|pack| merged.as_ref() != Some(&pack.path)) {
            remove_pack(&pack.path).map_err(io())?;
        }
        packs.look_again(&folder).map_err(io())?;
        Ok(some.len())
    }

    /// Moves refs from files of their own to the packed ones. Tells how many.
    fn pack_refs(&self) -> Result<usize, Error> {
        let mut packed = Vec::new();
        self.alone(|| {
            for (name, id) in self.loose_refs("refs/")? {
                let peeled = if name.starts_with(TAGS) { self.peeled(id) } else { Ok(None) };
                match peeled {
                    Ok(peeled) => packed.push((name, packed_refs::Packed { id, peeled })),
                    // A tag of what is not there stays as it is.
                    Err(error) => tracing::info!(%error, name, "a tag was not packed"),
                }
            }
            self.change_packed_refs(|refs, _| {
                refs.extend(packed.iter().cloned());
                Ok(())
            })?;
            for (name, ref_) in &packed {
                // Git knows nothing of our lock, so each is removed under its own, and only if it is still the same.
                match self.lock_ref(name) {
                    Ok(lock) => self.remove_if_same(&lock, ref_.id)?,
                    Err(Error::LostRace(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })?;
        Ok(packed.len())
    }

    fn remove_if_same(&self, lock: &RefLock, id: ObjectId) -> Result<(), Error> {
        match fs::read_to_string(&lock.place) {
            Ok(text) if text.trim_end() == id.to_string() => {
                fs::remove_file(&lock.place).map_err(Error::io("remove a packed ref's file"))
            }
            _ => Ok(()),
        }
    }

    /// What a tag stands on in the end; `None` for what is no tag.
    fn peeled(&self, id: ObjectId) -> Result<Option<ObjectId>, Error> {
        let (mut id, mut peeled) = (id, None);
        loop {
            let (kind, bytes) = self.read_any(id)?;
            if kind != Kind::Tag {
                return Ok(peeled);
            }
            let text = String::from_utf8_lossy(&bytes);
            let target = text.lines().next().and_then(|line| line.strip_prefix("object ")?.parse().ok());
            id = target.ok_or(Error::WrongKind(id))?;
            peeled = Some(id);
        }
    }
}

/// Packs loose objects: first the turns of each session, in their order, then the rest.
struct Writer<'a> {
    store: &'a Store,
    packing: Packing,
    left: HashSet<ObjectId>,
    likeness: Likeness,
    deflater: Deflater,
    progress: &'a mut dyn FnMut(usize, usize),
    total: usize,
}

impl Writer<'_> {
    /// The loose commits up to a head, oldest first, each with what it added.
    fn history(&mut self, head: ObjectId) -> Result<(), Error> {
        let (mut commits, mut next) = (Vec::new(), Some(head));
        while let Some(id) = next.filter(|id| self.left.contains(id)) {
            let commit = self.store.commit(id)?;
            next = commit.parents.first().copied();
            commits.push(commit);
        }
        let mut from = None;
        while let Some(commit) = commits.pop() {
            let parent = commit.parents.first().copied();
            let folder = self.contents(&commit, from)?;
            from = Some((commit.tree, folder));
            self.write(Role::Commit { parent }, commit.id)?;
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
        let pending = matches!(commit.message.step, Step::Pending { .. });
        let turn = TurnNumber::new(commit.message.turn + u32::from(pending));
        let parts = self.store.turn_of(tree, turn)?;
        parts.meta.map_or(Ok(()), |meta| self.write(Role::Meta, meta))?;
        for (part, blob) in (0..).zip(parts.chunk) {
            self.write(Role::Chunk { turn: turn.map_or(0, TurnNumber::get), part }, blob)?;
        }
        let folder = parts.folder;
        folder.map_or(Ok(()), |folder| self.write(Role::Tree { from: from.and_then(|from| from.1) }, folder))?;
        self.write(Role::Tree { from: from.map(|from| from.0) }, tree)?;
        Ok(folder)
    }

    /// What no branch led to: tags, and what was replaced.
    fn rest(&mut self) -> Result<(), Error> {
        let rest: Vec<ObjectId> = self.left.iter().copied().collect();
        rest.into_iter().try_for_each(|id| self.write(Role::Other, id))
    }

    fn write(&mut self, role: Role, id: ObjectId) -> Result<(), Error> {
        if !self.left.remove(&id) {
            return Ok(());
        }
        let (kind, bytes) = self.store.read_any(id)?;
        let like = self.likeness.of(role);
        let like = like.as_ref().map(|(id, base, depth)| Like { id: *id, base, depth: *depth });
        let written = self.packing.write(id, kind, &bytes, like, &mut self.deflater);
        written.map_err(Error::io("write a pack"))?;
        self.likeness.add(role, id, &bytes);
        (self.progress)(self.total - self.left.len(), self.total);
        Ok(())
    }
}

/// Writes all objects of packs into one, as they are, each once. The path is that of the new pack.
fn merge(folder: &Path, packs: &[Arc<PackFile>]) -> io::Result<Option<PathBuf>> {
    let mut merged = Pack::create(folder)?;
    for pack in packs {
        let entries = pack.entries()?;
        let at: HashMap<u64, ObjectId> = entries.iter().map(|(id, start, _)| (*start, *id)).collect();
        let mut left = entries;
        // Transfers put what a delta is made of after it, so some come later than they stand there.
        while !left.is_empty() {
            let before = left.len();
            let mut later = Vec::new();
            for (id, start, end) in left {
                let known = merged.depth(id).is_some();
                if !known && !merged.add(id, &pack.copy(start, end, |offset| at.get(&offset).copied())?)? {
                    later.push((id, start, end));
                }
            }
            if later.len() == before {
                return Err(io::Error::new(ErrorKind::InvalidData, "a delta is made of what is not in its pack"));
            }
            left = later;
        }
    }
    merged.finish()
}

/// Removes a pack and all that lies beside it, the index first: without it the pack is not looked at.
fn remove_pack(pack: &Path) -> io::Result<()> {
    ["idx", "rev", "bitmap", "mtimes", "pack"]
        .iter()
        .try_for_each(|extension| remove_file(&pack.with_extension(extension)))
}
