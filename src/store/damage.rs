//! What is broken in a store, found by reading all of it.
//!
//! What a ref, a log, another object, a pack or a file of its own promises must be there, and be what its id says. This names
//! what is not; `super::mend` is for what to do about it.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::object::Kind;
use super::revision::tagged;
use super::{Error, Store, loose, merge, reflog};
use crate::model::ObjectId;

/// What is broken among a store's objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Objects that something leads to, or that a place claims to hold, and of which no good copy is there.
    pub lost: Vec<ObjectId>,
    /// Objects whose own files are broken, or empty.
    pub(super) loose: Vec<ObjectId>,
    /// Packs with an entry that is broken.
    pub(super) packs: Vec<PathBuf>,
}

impl Store {
    /// Reads all objects. `progress` is told how many were read of those that are known so far.
    ///
    /// # Errors
    /// When the folders or the refs can't be read.
    pub fn damage(&self, progress: &mut dyn FnMut(usize, usize)) -> Result<Damage, Error> {
        let mut damage = Damage::default();
        let mut lost = self.lost(progress)?;
        self.broken_loose(&mut damage, &mut lost)?;
        self.broken_packs(&mut damage, &mut lost)?;
        damage.lost = lost.into_iter().collect();
        damage.lost.sort_unstable();
        Ok(damage)
    }

    /// The objects that refs and logs lead to, and that can't be read. What only those lead to is not known.
    fn lost(&self, progress: &mut dyn FnMut(usize, usize)) -> Result<HashSet<ObjectId>, Error> {
        let mut left: Vec<ObjectId> = self.refs_below("refs/")?.into_values().collect();
        left.extend(reflog::all_ids(self.path()).map_err(Error::io("read the logs of refs"))?);
        let (mut seen, mut lost): (HashSet<ObjectId>, _) = (HashSet::new(), HashSet::new());
        while let Some(id) = left.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.leads_to(id) {
                Ok(next) => left.extend(next.into_iter().filter(|id| !seen.contains(id))),
                Err(error) if error.is_damage() => drop(lost.insert(id)),
                Err(error) => return Err(error),
            }
            progress(seen.len(), seen.len() + left.len());
        }
        Ok(lost)
    }

    /// What an object names.
    fn leads_to(&self, id: ObjectId) -> Result<Vec<ObjectId>, Error> {
        let (kind, bytes) = self.read_any(id)?;
        Ok(match kind {
            Kind::Blob => Vec::new(),
            Kind::Tag => tagged(&bytes).into_iter().collect(),
            Kind::Tree => self.named_in_tree(id)?,
            Kind::Commit => {
                let text = String::from_utf8_lossy(&bytes);
                let head = text.split("\n\n").next().unwrap_or_default();
                let named =
                    |line: &str| line.strip_prefix("tree ").or_else(|| line.strip_prefix("parent "))?.parse().ok();
                head.lines().filter_map(named).collect()
            }
        })
    }

    fn broken_loose(&self, damage: &mut Damage, lost: &mut HashSet<ObjectId>) -> Result<(), Error> {
        for id in loose::all(&self.objects()).map_err(Error::io("list the objects"))? {
            if !loose::read(&self.objects(), id).is_ok_and(|there| there.is_some()) {
                damage.loose.push(id);
                if self.read_any(id).is_err() {
                    lost.insert(id);
                }
            }
        }
        Ok(())
    }

    fn broken_packs(&self, damage: &mut Damage, lost: &mut HashSet<ObjectId>) -> Result<(), Error> {
        let io = || Error::io("read the packs");
        let mut packs = self.packs.borrow_mut();
        packs.look_again(&self.pack_folder()).map_err(io())?;
        for pack in packs.all().to_vec() {
            let (proven, hopeless) = merge::prove(&self.objects(), &mut packs, &pack).map_err(io())?;
            let whole = proven.good.len() as u64 == pack.count() && pack.is_sealed().map_err(io())?;
            if !whole {
                damage.packs.push(pack.path.clone());
            }
            lost.extend(hopeless);
        }
        Ok(())
    }

    /// Whether an object's own file holds nothing.
    pub(super) fn is_empty_file(&self, id: ObjectId) -> bool {
        loose::read(&self.objects(), id).is_ok_and(|there| there.is_none()) && loose::is_there(&self.objects(), id)
    }
}

/// All packs in a folder, whether they have an index or not.
pub(super) fn pack_paths(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|is| is == "pack")).collect()
}
