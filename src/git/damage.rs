//! What is broken among a repository's objects, found by reading all of them.
//!
//! What a ref, a log, another object, a pack or a file of its own promises must be there, and be what its id says. This names
//! what is not; [`super::mend`] is for what to do about it.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::head::{Head, tagged};
use super::object::Kind;
use super::pack::merge;
use super::{Error, Odb, Refs, loose};
use crate::model::ObjectId;

/// What is broken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Objects that something leads to, or that a place claims to hold, and of which no good copy is there.
    pub lost: Vec<ObjectId>,
    /// Objects that are broken wherever they are, and that nothing leads to: what was begun and never kept.
    pub needless: Vec<ObjectId>,
    /// Objects whose own files are broken, or empty.
    pub(crate) loose: Vec<ObjectId>,
    /// Packs with an entry that is broken.
    pub(crate) packs: Vec<PathBuf>,
}

impl Damage {
    /// Whether nothing is broken.
    pub fn is_none(&self) -> bool {
        self.lost.is_empty() && self.needless.is_empty() && self.loose.is_empty() && self.packs.is_empty()
    }

    /// What is broken at another look, too.
    pub fn confirmed_by(mut self, other: &Self) -> Self {
        self.lost.retain(|id| other.lost.contains(id));
        self.needless.retain(|id| other.needless.contains(id));
        self.loose.retain(|id| other.loose.contains(id));
        self.packs.retain(|path| other.packs.contains(path));
        self
    }

    /// Reads all objects. `progress` is told how many were read of those that are known so far.
    pub(crate) fn of(odb: &Odb, refs: &Refs, progress: &mut dyn FnMut(usize, usize)) -> Result<Self, Error> {
        let mut damage = Self::default();
        let mut lost = lost(odb, refs, progress)?;
        // As long as something is lost, nobody knows what that leads to.
        let is_all_known = lost.is_empty();
        damage.broken_loose(odb, &mut lost)?;
        damage.broken_packs(odb, &mut lost)?;
        let mut lost: Vec<ObjectId> = lost.into_iter().collect();
        lost.sort_unstable();
        (damage.lost, damage.needless) = if is_all_known { (Vec::new(), lost) } else { (lost, Vec::new()) };
        Ok(damage)
    }

    fn broken_loose(&mut self, odb: &Odb, lost: &mut HashSet<ObjectId>) -> Result<(), Error> {
        for id in odb.loose_ids()? {
            if !loose::read(odb.folder(), id).is_ok_and(|there| there.is_some()) {
                self.loose.push(id);
                if odb.read_any(id).is_err() {
                    lost.insert(id);
                }
            }
        }
        Ok(())
    }

    fn broken_packs(&mut self, odb: &Odb, lost: &mut HashSet<ObjectId>) -> Result<(), Error> {
        let io = || Error::io("read the packs");
        let mut packs = odb.packs_now()?;
        for pack in packs.all().to_vec() {
            let (proven, hopeless) = merge::prove(odb.folder(), &mut packs, &pack).map_err(io())?;
            let whole = proven.good.len() as u64 == pack.count() && pack.is_sealed().map_err(io())?;
            if !whole {
                self.packs.push(pack.path.clone());
            }
            lost.extend(hopeless);
        }
        Ok(())
    }
}

/// The objects that refs and logs lead to, and that can't be read. What only those lead to is not known.
fn lost(odb: &Odb, refs: &Refs, progress: &mut dyn FnMut(usize, usize)) -> Result<HashSet<ObjectId>, Error> {
    let mut left: Vec<ObjectId> = refs.below("refs/")?.into_values().collect();
    left.extend(refs.logged_ids()?);
    let (mut seen, mut lost): (HashSet<ObjectId>, _) = (HashSet::new(), HashSet::new());
    while let Some(id) = left.pop() {
        if !seen.insert(id) {
            continue;
        }
        match leads_to(odb, id) {
            Ok(next) => left.extend(next.into_iter().filter(|id| !seen.contains(id))),
            Err(error) if error.is_damage() => drop(lost.insert(id)),
            Err(error) => return Err(error),
        }
        progress(seen.len(), seen.len() + left.len());
    }
    Ok(lost)
}

/// What an object names.
fn leads_to(odb: &Odb, id: ObjectId) -> Result<Vec<ObjectId>, Error> {
    let (kind, bytes) = odb.read_any(id)?;
    Ok(match kind {
        Kind::Blob => Vec::new(),
        Kind::Tag => tagged(&bytes).into_iter().collect(),
        Kind::Tree => odb.named_in_tree(id)?,
        Kind::Commit => {
            let text = String::from_utf8_lossy(&bytes);
            let head = Head::of(&text);
            head.ids("tree").chain(head.ids("parent")).collect()
        }
    })
}

/// All packs in a folder, whether they have an index or not.
pub(crate) fn pack_paths(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|is| is == "pack")).collect()
}
