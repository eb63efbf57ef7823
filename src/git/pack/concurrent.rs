//! The pack that many sessions are recorded into, by several threads at once.
//!
//! Each object is stored once, whichever thread comes first. A session's refs may move when all packs that its objects can be in
//! are in place: [`Packing::finish`] does that for all that was written before it was called.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::keep::Kept;
use super::packs::Packs;
use super::writer::{Compressed, Pack};
use crate::git::delta::Base;
use crate::git::object::{Deflater, Kind};
use crate::model::ObjectId;

/// Up to how many objects of older packs are known, so that they are not written twice.
const KNOWN: u64 = 1_000_000;

/// A pack in the making, and the ones before it.
pub(crate) struct Packing {
    folder: PathBuf,
    /// The objects of older packs, sorted.
    older: Vec<ObjectId>,
    /// `None` once something could not be written: what is written is lost then, and so is all that relies on it.
    now: Mutex<Option<Now>>,
    finishing: Mutex<()>,
    /// No ref names what is in the packs at first, and a pack holds parts of sessions whose refs move with the next: all are kept to
    /// the end.
    kept: Mutex<Vec<Kept>>,
}

struct Now {
    pack: Pack,
    written: HashSet<ObjectId>,
}

/// A candidate delta base: used if it is in the same pack and its chain is shorter than this.
pub(crate) struct Like<'a> {
    pub id: ObjectId,
    pub base: &'a Base,
    pub depth: u8,
}

impl Packing {
    /// Begins a pack in a folder; `packs` are those that are there.
    pub fn begin(folder: &Path, packs: &Packs) -> io::Result<Self> {
        let mut older = Vec::new();
        for pack in packs.all() {
            if older.len() as u64 + pack.count() <= KNOWN {
                older.extend(pack.ids()?);
            }
        }
        older.sort_unstable();
        let now = Mutex::new(Some(Now { pack: Pack::create(folder)?, written: HashSet::new() }));
        Ok(Self { folder: folder.to_owned(), older, now, finishing: Mutex::new(()), kept: Mutex::default() })
    }

    /// How many bytes the pack has.
    pub fn len(&self) -> u64 {
        self.now().as_ref().map_or(0, |now| now.pack.len())
    }

    /// How many deltas an object in the pack is away from one that is whole; `None` if it is not in there.
    pub fn depth(&self, id: ObjectId) -> Option<u8> {
        self.now().as_ref()?.pack.depth(id)
    }

    /// Writes an object, as a delta if it is like another.
    pub fn write(
        &self,
        id: ObjectId,
        kind: Kind,
        bytes: &[u8],
        like: Option<Like<'_>>,
        deflater: &mut Deflater,
    ) -> io::Result<()> {
        let Some(depth) = self.missing(id, like.as_ref())? else { return Ok(()) };
        // Compressed while others write.
        let like = like.filter(|like| depth.is_some_and(|depth| depth < like.depth));
        if let Some((base, delta)) = like.and_then(|like| Some((like.id, like.base.delta(bytes)?))) {
            let delta = Compressed::delta(kind, base, &delta, deflater);
            if self.add(id, &delta)? {
                return Ok(());
            }
        }
        // Or the base's pack was finished just now.
        self.add(id, &Compressed::whole(kind, bytes, deflater)).map(drop)
    }

    /// Reads back what was written.
    pub fn read(&self, id: ObjectId) -> io::Result<Option<(Kind, Vec<u8>)>> {
        self.now().as_mut().ok_or_else(lost)?.pack.read(id)
    }

    /// Held by who finishes a pack and moves the refs of what is in it, so that packs get into place in their order.
    pub fn finishing(&self) -> MutexGuard<'_, ()> {
        self.finishing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the pack in place, on disk, and begins the next. Git leaves the pack alone for as long as this is there.
    pub fn finish(&self) -> io::Result<()> {
        let next = Pack::create(&self.folder);
        let done = {
            let mut now = self.now();
            match (now.as_mut(), next) {
                (Some(now), Ok(next)) => Ok(std::mem::replace(&mut now.pack, next)),
                (Some(_), Err(error)) => Err(error),
                (None, _) => Err(lost()),
            }
        };
        let finished = done.and_then(|pack| pack.finish_with(Kept::new));
        if finished.is_err() {
            *self.now() = None;
        }
        let kept = finished?.and_then(|(_, kept)| kept);
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).extend(kept);
        Ok(())
    }

    /// Whether an object is still to be written (`None`: it is there), and how deep the one that it is like stands in the pack.
    fn missing(&self, id: ObjectId, like: Option<&Like<'_>>) -> io::Result<Option<Option<u8>>> {
        if self.older.binary_search(&id).is_ok() {
            return Ok(None);
        }
        let now = self.now();
        let now = now.as_ref().ok_or_else(lost)?;
        Ok((!now.written.contains(&id)).then(|| like.and_then(|like| now.pack.depth(like.id))))
    }

    /// Adds an object, unless somebody else did. False if what it is a delta of is not in the pack.
    fn add(&self, id: ObjectId, object: &Compressed) -> io::Result<bool> {
        let mut guard = self.now();
        let now = guard.as_mut().ok_or_else(lost)?;
        if now.written.contains(&id) {
            return Ok(true);
        }
        let added = now.pack.add(id, object);
        match added {
            Ok(true) => drop(now.written.insert(id)),
            Ok(false) => {}
            Err(_) => *guard = None,
        }
        added
    }

    fn now(&self) -> MutexGuard<'_, Option<Now>> {
        self.now.lock().unwrap_or_else(|poisoned| {
            // A thread died while it wrote: nobody knows what is in the pack.
            let mut now = PoisonError::into_inner(poisoned);
            *now = None;
            now
        })
    }
}

fn lost() -> io::Error {
    io::Error::other("an earlier write failed")
}
