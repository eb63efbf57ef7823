//! Mending objects: what is broken is put right from what is good, object by object, each proven by its hash.
//!
//! Nothing is removed before all that it held is proven elsewhere. What no good copy is found of stays as it is: broken bytes may
//! still tell a person something. Only a file without bytes goes, and what nothing leads to.

use std::path::Path;
use std::process::Stdio;

use tempfile::TempPath;

use super::damage::{Damage, pack_paths};
use super::pack::index::is_hashed;
use super::pack::{keep, merge};
use super::{Error, Odb, loose, program};
use crate::disk::durable::name;
use crate::model::ObjectId;

/// What was put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Objects that got a good file of their own again.
    pub objects: usize,
    /// Broken objects that nothing leads to, and that were removed.
    pub removed: usize,
    /// Packs that were written anew.
    pub packs: usize,
    /// Indexes that were made anew from their packs.
    pub indexes: usize,
}

impl std::ops::AddAssign for Mended {
    fn add_assign(&mut self, more: Self) {
        self.objects += more.objects;
        self.removed += more.removed;
        self.packs += more.packs;
        self.indexes += more.indexes;
    }
}

impl Odb {
    /// Makes the indexes anew of packs that are whole and have none, or one that is not. Tells how many.
    pub fn mend_indexes(&self) -> Result<usize, Error> {
        let mut mended = 0;
        for pack in pack_paths(&self.pack_folder()) {
            let idx = pack.with_extension("idx");
            if is_hashed(&idx) || !is_hashed(&pack) {
                continue;
            }
            mended += usize::from(self.index_anew(&pack, &idx)?);
        }
        if mended > 0 {
            self.reopen_packs()?;
        }
        Ok(mended)
    }

    fn index_anew(&self, pack: &Path, idx: &Path) -> Result<bool, Error> {
        let io = || Error::io("write an index");
        let aside = self.pack_folder().join(format!("tmp_idx_{}", std::process::id()));
        let aside = TempPath::try_from_path(std::path::absolute(aside).map_err(io())?).map_err(io())?;
        let pack = std::path::absolute(pack).map_err(io())?;
        // Outside of any repository: the objects of this one are not to be compared with, they may be broken.
        let output = program::git()
            .args(["index-pack", "--no-rev-index", "--index-version=2", "-o"])
            .args([&aside as &Path, &pack])
            .current_dir("/")
            .stdout(Stdio::null())
            .output()
            .map_err(Error::io("run git index-pack"))?;
        if !output.status.success() {
            tracing::info!(pack = %pack.display(), why = %String::from_utf8_lossy(&output.stderr), "not indexed");
            return Ok(false);
        }
        name(aside, idx).map_err(io())?;
        Ok(true)
    }

    /// Puts right what good copies are found of: files of objects are written again, packs without what is broken in them.
    pub fn mend(&self, damage: &Damage) -> Result<Mended, Error> {
        let mut mended = Mended::default();
        for id in &damage.loose {
            if damage.needless.contains(id) && loose::read(self.folder(), *id).is_err() {
                self.remove_loose(&[*id])?;
                mended.removed += 1;
            } else if loose::is_empty(self.folder(), *id) && self.read_any(*id).is_err() {
                self.remove_loose(&[*id])?;
            } else if self.take_from(self, *id)? {
                mended.objects += 1;
            }
        }
        self.publish(&[])?;
        for path in &damage.packs {
            if let Some(removed) = self.mend_pack(path, &damage.needless)? {
                mended.packs += 1;
                mended.removed += removed;
            }
        }
        Ok(mended)
    }

    /// Writes a pack anew, all objects from where they are good; the old one goes when the new one is proven. Tells how many are left out because
    /// they are needless; `None` if an object is good nowhere that is not, or somebody has the pack kept.
    fn mend_pack(&self, path: &Path, needless: &[ObjectId]) -> Result<Option<usize>, Error> {
        let io = || Error::io("write a pack");
        let (folder, objects) = (self.pack_folder(), self.folder());
        keep::remove_left_over(&folder).map_err(io())?;
        let mut packs = self.packs_now()?;
        let Some(pack) = packs.all().iter().find(|pack| pack.path == path).cloned() else { return Ok(None) };
        let (mut proven, lost) = merge::prove(objects, &mut packs, &pack).map_err(io())?;
        if !lost.iter().all(|id| needless.contains(id)) || path.with_extension("keep").exists() {
            return Ok(None);
        }
        let (gone, left) = (lost.len(), pack.count() - lost.len() as u64);
        proven.left_out = lost.into_iter().collect();
        let some = [proven];
        let Some(new) = merge::merge(&folder, objects, &mut packs, &some).map_err(io())? else {
            if left == 0 {
                merge::remove_packs(&folder, &some, None).map_err(io())?;
                packs.look_again(&folder).map_err(io())?;
            }
            return Ok((left == 0).then_some(gone));
        };
        packs.look_again(&folder).map_err(io())?;
        let made = packs.all().iter().find(|pack| pack.path == new).cloned();
        let Some(made) = made.filter(|made| made.count() == left) else { return Ok(None) };
        let (again, lost) = merge::prove(objects, &mut packs, &made).map_err(io())?;
        if !lost.is_empty() || again.good.len() as u64 != made.count() {
            return Ok(None);
        }
        merge::remove_packs(&folder, &some, Some(&new)).map_err(io())?;
        packs.look_again(&folder).map_err(io())?;
        Ok(Some(gone))
    }
}
