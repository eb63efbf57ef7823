//! Merging packs, so that they stay few.
//!
//! The packs that are merged go, so what is taken into the new one may become the only copy of an object: each is read and hashed
//! before, its entry compared with its checksum. A copy that is broken is replaced by one that is not, from wherever there is
//! one; a pack that holds what nothing can replace stays.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::packs::Packs;
use super::reader::{Entry, PackFile};
use super::writer::{Compressed, Pack};
use crate::disk::durable::remove_file;
use crate::git::object::Deflater;
use crate::model::ObjectId;

/// With more packs than that, looking an object up gets slow; and how many stay when they are merged.
const MANY_PACKS: usize = 16;
const FEW_PACKS: usize = 8;

/// A pack whose objects can all be had, and which of its entries are good as they stand.
pub(crate) struct Proven {
    pub pack: Arc<PackFile>,
    pub good: HashSet<ObjectId>,
    /// Entries that go no further.
    pub left_out: HashSet<ObjectId>,
}

/// Merges the smallest packs into one, if there are many. Tells how many, and which were left alone because they are broken.
pub(crate) fn merge_some(folder: &Path, objects: &Path, packs: &mut Packs) -> io::Result<(usize, Vec<PathBuf>)> {
    packs.look_again(folder)?;
    let mut broken: Vec<PathBuf> = packs.left_out().iter().map(|out| out.path.with_extension("pack")).collect();
    let mut some: Vec<Arc<PackFile>> = packs.all().to_vec();
    some.retain(|pack| !pack.path.with_extension("keep").exists());
    if some.len() <= MANY_PACKS {
        return Ok((0, broken));
    }
    some.sort_by_key(|pack| pack.len());
    some.truncate(some.len() - FEW_PACKS + 1);
    let mut proven = Vec::new();
    for pack in some {
        match prove(objects, packs, &pack)? {
            (proof, lost) if lost.is_empty() => proven.push(proof),
            _ => broken.push(pack.path.clone()),
        }
    }
    if proven.len() < 2 {
        return Ok((0, broken));
    }
    let merged = merge(folder, objects, packs, &proven)?;
    packs.look_again(folder)?;
    remove_packs(folder, &proven, merged.as_deref())?;
    packs.look_again(folder)?;
    Ok((proven.len(), broken))
}

/// Removes packs whose objects are in another now.
pub(crate) fn remove_packs(folder: &Path, packs: &[Proven], merged: Option<&Path>) -> io::Result<()> {
    // It names the packs that go; git does without.
    remove_file(&folder.join("multi-pack-index"))?;
    let gone = packs.iter().map(|proven| &proven.pack.path).filter(|path| merged != Some(path));
    gone.into_iter().try_for_each(|path| remove_pack(path))
}

/// Reads every object of a pack. Tells which entries are good as they stand, and which objects can be had nowhere.
pub(crate) fn prove(objects: &Path, packs: &mut Packs, pack: &Arc<PackFile>) -> io::Result<(Proven, Vec<ObjectId>)> {
    let (mut good, mut lost) = (HashSet::new(), Vec::new());
    for Entry { id, start, .. } in pack.entries()? {
        if packs.whole(pack, *start, *id).is_ok() {
            good.insert(*id);
        } else if packs.mended(objects, *id).is_none() {
            lost.push(*id);
        }
    }
    Ok((Proven { pack: Arc::clone(pack), good, left_out: HashSet::new() }, lost))
}

/// Writes all objects of packs into one, each once: good entries as they are. The path is that of the new pack.
pub(crate) fn merge(
    folder: &Path,
    objects: &Path,
    packs: &mut Packs,
    proven: &[Proven],
) -> io::Result<Option<PathBuf>> {
    let mut merged = Pack::create(folder)?;
    for Proven { pack, good, left_out } in proven {
        let mut left: Vec<Entry> = pack.entries()?.to_vec();
        left.retain(|entry| !left_out.contains(&entry.id));
        // Transfers put what a delta is made of after it, so some come later than they stand there.
        while !left.is_empty() {
            let (before, mut later) = (left.len(), Vec::new());
            for entry in left {
                if merged.depth(entry.id).is_some() {
                    continue;
                }
                let copied = if good.contains(&entry.id) { pack.copy(&entry)? } else { None };
                match copied {
                    Some(copied) if merged.add(entry.id, &copied)? => {}
                    Some(_) => later.push(entry),
                    None => add_whole(&mut merged, objects, packs, entry.id)?,
                }
            }
            if later.len() == before {
                // What they are made of is not in this pack.
                later.drain(..).try_for_each(|entry| add_whole(&mut merged, objects, packs, entry.id))?;
            }
            left = later;
        }
    }
    merged.finish()
}

/// Adds an object as it is read from wherever it is good.
fn add_whole(merged: &mut Pack, objects: &Path, packs: &mut Packs, id: ObjectId) -> io::Result<()> {
    let (kind, bytes) = packs.read(objects, id)?.ok_or(io::ErrorKind::InvalidData)?;
    merged.add(id, &Compressed::whole(kind, &bytes, &mut Deflater::default())).map(drop)
}

/// Removes a pack and all that lies beside it, the index first: without it the pack is not looked at.
fn remove_pack(pack: &Path) -> io::Result<()> {
    ["idx", "rev", "bitmap", "mtimes", "pack"]
        .iter()
        .try_for_each(|extension| remove_file(&pack.with_extension(extension)))
}
