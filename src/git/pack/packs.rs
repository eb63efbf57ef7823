//! All packs of a store, and the objects in them, with their deltas applied.
//!
//! An object can stand in several places: in two packs when two processes recorded at once, in a pack and in a file of its own
//! when one was killed while it tidied up. What is read is hashed again, and a copy that is broken is passed over for one that is
//! not; only when there is none it is an error. A pack whose index can't be read is left out, and named.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::reader::{PackFile, Stored};
use crate::disk::regular::{broken, is_damage};
use crate::git::delta::apply;
use crate::git::loose;
use crate::git::object::{Inflater, Kind, object_id};
use crate::model::ObjectId;

/// How many objects that others are deltas of are kept in memory, and how many bytes of them.
const KEPT: usize = 64;
const KEPT_BYTES: usize = 16 << 20;

/// Longer chains of deltas than any pack has are a circle.
const MOST_DELTAS: usize = 4096;

/// So long a chain of deltas is put together from whatever copies there are when one of them is broken. Nobody makes longer ones.
const MOST_MENDED: usize = 250;

/// An object: its kind, its bytes.
pub(crate) type Object = (Kind, Vec<u8>);

/// An object that was read: its pack, its offset there, its kind, its bytes.
type Known = (Arc<PackFile>, u64, Kind, Arc<[u8]>);

/// A pack that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its index.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// The packs in a store's folder `objects/pack`.
#[derive(Default)]
pub(crate) struct Packs {
    packs: Vec<Arc<PackFile>>,
    left_out: Vec<LeftOut>,
    bases: VecDeque<Known>,
    /// How many bytes these have.
    held: usize,
    inflater: Inflater,
}

impl Packs {
    /// Reads an object from the first place below the folder `objects` that holds it whole; `None` if no place holds it at all.
    /// Packs that came meanwhile are noticed.
    pub fn read(&mut self, objects: &Path, id: ObjectId) -> io::Result<Option<Object>> {
        let mut failed = None;
        // What is asked for is mostly old, and then packed; or it was written just now.
        if let Some(found) = self.packed(id, &mut failed) {
            return Ok(Some(found));
        }
        match loose::read(objects, id) {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => {}
            Err(error) => drop(failed.get_or_insert(error)),
        }
        self.look_again(&objects.join("pack"))?;
        if let Some(found) = self.packed(id, &mut failed) {
            return Ok(Some(found));
        }
        let Some(error) = failed else { return Ok(None) };
        match self.mended(objects, id) {
            Some(found) => Ok(Some(found)),
            None => Err(error),
        }
    }

    /// Whether a place below the folder `objects` claims to hold an object. Packs that came since it was looked last don't count.
    pub fn hold(&mut self, objects: &Path, id: ObjectId) -> bool {
        if self.packs.is_empty() && self.left_out.is_empty() {
            // Nobody looked yet. What can't be listed holds nothing that is known of.
            let _ = self.look_again(&objects.join("pack"));
        }
        self.packs.iter().any(|pack| !matches!(pack.find(id), Ok(None))) || loose::exists(objects, id)
    }

    /// Reads an object from a pack that holds it whole. What went wrong with the others is told.
    fn packed(&mut self, id: ObjectId, failed: &mut Option<io::Error>) -> Option<Object> {
        for at in 0..self.packs.len() {
            let found = match self.packs[at].find(id) {
                Ok(None) => continue,
                Ok(Some(offset)) => {
                    let pack = Arc::clone(&self.packs[at]);
                    self.whole(&pack, offset, id)
                }
                Err(error) => Err(error),
            };
            match found {
                Ok(found) => return Some(found),
                Err(error) => {
                    tracing::info!(%error, %id, pack = %self.packs[at].path.display(), "a copy was passed over");
                    failed.get_or_insert(error);
                }
            }
        }
        None
    }

    /// The object at an offset, if it is the one of this id.
    pub fn whole(&mut self, pack: &Arc<PackFile>, offset: u64, id: ObjectId) -> io::Result<Object> {
        let (kind, bytes) = self.object(pack, offset)?;
        if object_id(kind, &bytes) == id { Ok((kind, bytes)) } else { Err(broken("an object is not what its id says")) }
    }

    /// An object made of whatever good copies there are of it and of what it is a delta of.
    pub fn mended(&mut self, objects: &Path, id: ObjectId) -> Option<Object> {
        self.mend(objects, id, MOST_MENDED, &mut HashSet::new())
    }

    /// `hopeless` are objects that can't be read, and those that are being read: what is made of itself is broken.
    fn mend(&mut self, objects: &Path, id: ObjectId, deep: usize, hopeless: &mut HashSet<ObjectId>) -> Option<Object> {
        if deep == 0 || !hopeless.insert(id) {
            return None;
        }
        let mut found = loose::read(objects, id).ok().flatten();
        for at in 0..self.packs.len() {
            if found.is_some() {
                break;
            }
            let pack = Arc::clone(&self.packs[at]);
            let Ok(Some(offset)) = pack.find(id) else { continue };
            let (base, delta) = match pack.read(offset, &mut self.inflater) {
                Ok(Stored::Whole(kind, bytes)) => {
                    found = Some((kind, bytes)).filter(|(kind, bytes)| object_id(*kind, bytes) == id);
                    continue;
                }
                Ok(Stored::DeltaAt(base, delta)) => (pack.id_at(base).ok().flatten(), delta),
                Ok(Stored::DeltaOf(base, delta)) => (Some(base), delta),
                Err(_) => continue,
            };
            let base = base.and_then(|base| self.mend(objects, base, deep - 1, hopeless));
            let made = base.and_then(|(kind, base)| Some((kind, apply(&base, &delta)?)));
            found = made.filter(|(kind, bytes)| object_id(*kind, bytes) == id);
        }
        if found.is_some() {
            hopeless.remove(&id);
        }
        found
    }

    /// Opens the packs that are there now. Those that can't be read are left out.
    pub fn look_again(&mut self, folder: &Path) -> io::Result<()> {
        let known = std::mem::take(&mut self.packs);
        let before = std::mem::take(&mut self.left_out);
        for idx in indexes(folder)? {
            match known.iter().find(|pack| pack.path == idx.with_extension("pack")) {
                Some(pack) => self.packs.push(Arc::clone(pack)),
                None => match PackFile::open(&idx) {
                    Ok(pack) => self.packs.push(Arc::new(pack)),
                    // Its objects were moved into another pack just now.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) if is_damage(&error) || error.kind() == ErrorKind::PermissionDenied => {
                        self.left_out.push(LeftOut { path: idx, reason: error.to_string() });
                    }
                    Err(error) => return Err(error),
                },
            }
        }
        for LeftOut { path, reason } in self.left_out.iter().filter(|out| !before.contains(out)) {
            tracing::warn!(path = %path.display(), reason, "a pack is left out");
        }
        // The newest have the newest objects, which are asked for most; and their names say nothing.
        self.packs.sort_by_key(|pack| std::cmp::Reverse(pack.len()));
        Ok(())
    }

    /// The packs that were there when it was last looked.
    pub fn all(&self) -> &[Arc<PackFile>] {
        &self.packs
    }

    /// The packs that could not be read then.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Where an object stands, in the pack that asks for it if it is there.
    fn find(&self, id: ObjectId, first: &Arc<PackFile>) -> io::Result<Option<(Arc<PackFile>, u64)>> {
        for pack in std::iter::once(first).chain(&self.packs) {
            if let Some(offset) = pack.find(id)? {
                return Ok(Some((Arc::clone(pack), offset)));
            }
        }
        Ok(None)
    }

    /// The object at an offset: the deltas down to one that is whole, then applied back up.
    fn object(&mut self, pack: &Arc<PackFile>, offset: u64) -> io::Result<Object> {
        let mut deltas: Vec<(Arc<PackFile>, u64, Vec<u8>)> = Vec::new();
        let (mut pack, mut offset) = (Arc::clone(pack), offset);
        let (kind, mut bytes) = loop {
            if let Some((_, _, kind, bytes)) =
                self.bases.iter().find(|base| base.1 == offset && Arc::ptr_eq(&base.0, &pack))
            {
                break (*kind, Arc::clone(bytes));
            }
            let (next, delta) = match pack.read(offset, &mut self.inflater)? {
                Stored::Whole(kind, bytes) if deltas.is_empty() => return Ok((kind, bytes)),
                Stored::Whole(kind, bytes) => {
                    let bytes = bytes.into();
                    self.keep(&pack, offset, kind, &bytes);
                    break (kind, bytes);
                }
                Stored::DeltaAt(base, delta) => ((Arc::clone(&pack), base), delta),
                Stored::DeltaOf(base, delta) => (self.find(base, &pack)?.ok_or(ErrorKind::InvalidData)?, delta),
            };
            if deltas.len() >= MOST_DELTAS {
                return Err(ErrorKind::InvalidData.into());
            }
            deltas.push((std::mem::replace(&mut pack, next.0), std::mem::replace(&mut offset, next.1), delta));
        };
        let last = (kind == Kind::Blob && !deltas.is_empty()).then(|| deltas.remove(0));
        while let Some((pack, offset, delta)) = deltas.pop() {
            bytes = apply(&bytes, &delta).ok_or(ErrorKind::InvalidData)?.into();
            self.keep(&pack, offset, kind, &bytes);
        }
        // A file is seldom one that another is asked for as a delta of.
        match last {
            Some((_, _, delta)) => Ok((kind, apply(&bytes, &delta).ok_or(ErrorKind::InvalidData)?)),
            None => Ok((kind, bytes.to_vec())),
        }
    }

    fn keep(&mut self, pack: &Arc<PackFile>, offset: u64, kind: Kind, bytes: &Arc<[u8]>) {
        self.bases.push_front((Arc::clone(pack), offset, kind, Arc::clone(bytes)));
        self.held += bytes.len();
        while self.bases.len() > KEPT || (self.held > KEPT_BYTES && self.bases.len() > 1) {
            self.held -= self.bases.pop_back().map_or(0, |base| base.3.len());
        }
    }
}

/// The indexes in a folder: a pack is there when its index is.
fn indexes(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.filter(|path| path.as_ref().map_or(true, |path| path.extension().is_some_and(|is| is == "idx"))).collect()
}
