//! Mending a store: what is broken is put right from what is good, object by object, each proven by its hash.
//!
//! Nothing is removed before all that it held is proven elsewhere. What no good copy is found of stays as it is: broken bytes may
//! still tell a person something. Only a file without bytes goes.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::{TempDir, TempPath};

use super::damage::pack_paths;
use super::fsck::git;
use super::lenders::ALTERNATES;
use super::pack::name;
use super::pack_index::is_hashed;
use super::repository::set_up_at;
use super::{Damage, Error, Heads, NewBranch, Store, keep, loose, merge};
use crate::model::{ObjectId, SessionId};

/// What was put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Objects that got a good file of their own again.
    pub objects: usize,
    /// Packs that were written anew.
    pub packs: usize,
    /// Indexes that were made anew from their packs.
    pub indexes: usize,
}

/// A store beside another, for a while: it reads what the other holds, and writes nothing there.
pub struct Scratch(TempDir);

impl Scratch {
    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("sessions.git")
    }
}

impl Store {
    /// Makes the indexes anew of packs that are whole and have none, or one that is not. Tells how many.
    ///
    /// # Errors
    /// When git can't be run, or an index can't be written.
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
            let mut packs = self.packs.borrow_mut();
            *packs = Default::default();
            packs.look_again(&self.pack_folder()).map_err(Error::io("read the packs"))?;
        }
        Ok(mended)
    }

    fn index_anew(&self, pack: &Path, idx: &Path) -> Result<bool, Error> {
        let io = || Error::io("write an index");
        let aside = self.pack_folder().join(format!("tmp_idx_{}", std::process::id()));
        let aside = TempPath::try_from_path(std::path::absolute(aside).map_err(io())?).map_err(io())?;
        let pack = std::path::absolute(pack).map_err(io())?;
        // Outside of any repository: the objects of this one are not to be compared with, they may be broken.
        let output = git()
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

    /// Takes an object from another store, if that has it whole.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn take_from(&self, other: &Self, id: ObjectId) -> Result<bool, Error> {
        let Ok((kind, bytes)) = other.read_any(id) else { return Ok(false) };
        let mut deflater = self.deflater.borrow_mut();
        let written = self.loose.borrow_mut().write(&self.objects(), id, kind, &bytes, &mut deflater);
        written.map_err(Error::io("write an object"))?;
        Ok(true)
    }

    /// Puts all objects that were taken in place.
    ///
    /// # Errors
    /// When they can't be written.
    pub fn settle_taken(&self) -> Result<(), Error> {
        self.publish_with(None)
    }

    /// Puts right what good copies are found of: files of objects are written again, packs without what is broken in them.
    ///
    /// # Errors
    /// When something can't be written; what was not mended then is as it was.
    pub fn mend(&self, damage: &Damage) -> Result<Mended, Error> {
        let mut mended = Mended::default();
        for id in &damage.loose {
            if self.is_empty_file(*id) && self.read_any(*id).is_err() {
                loose::remove(&self.objects(), *id).map_err(Error::io("remove an empty file"))?;
            } else if self.take_from(self, *id)? {
                mended.objects += 1;
            }
        }
        self.publish_with(None)?;
        for path in &damage.packs {
            mended.packs += usize::from(self.mend_pack(path)?);
        }
        Ok(mended)
    }

    /// Writes a pack anew, all objects from where they are good; the old one goes when the new one is proven. False if an object
    /// is good nowhere, or somebody has the pack kept.
    fn mend_pack(&self, path: &Path) -> Result<bool, Error> {
        let io = || Error::io("write a pack");
        let (folder, objects) = (self.pack_folder(), self.objects());
        keep::remove_left_over(&folder).map_err(io())?;
        let mut packs = self.packs.borrow_mut();
        packs.look_again(&folder).map_err(io())?;
        let Some(pack) = packs.all().iter().find(|pack| pack.path == path).cloned() else { return Ok(false) };
        let (proven, lost) = merge::prove(&objects, &mut packs, &pack).map_err(io())?;
        if !lost.is_empty() || path.with_extension("keep").exists() {
            return Ok(false);
        }
        let some = [proven];
        let Some(new) = merge::merge(&folder, &objects, &mut packs, &some).map_err(io())? else { return Ok(false) };
        packs.look_again(&folder).map_err(io())?;
        let made = packs.all().iter().find(|pack| pack.path == new).cloned();
        let Some(made) = made.filter(|made| made.count() == pack.count()) else { return Ok(false) };
        let (again, lost) = merge::prove(&objects, &mut packs, &made).map_err(io())?;
        if !lost.is_empty() || again.good.len() as u64 != made.count() {
            return Ok(false);
        }
        merge::remove_packs(&folder, &some, Some(&new)).map_err(io())?;
        packs.look_again(&folder).map_err(io())?;
        Ok(true)
    }

    /// Makes a store in which sessions can be recorded anew: it knows the branches of all other sessions, and reads what this store holds.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn scratch(&self, anew: impl Fn(SessionId) -> bool) -> Result<Scratch, Error> {
        let io = || Error::io("make a store for a while");
        let folder = tempfile::Builder::new().prefix(".tmp-repair-").tempdir_in(self.path()).map_err(io())?;
        let scratch = Scratch(folder);
        set_up_at(&scratch.path())?;
        let lender = std::path::absolute(self.objects()).map_err(io())?;
        let alternates = scratch.path().join("objects").join(ALTERNATES);
        std::fs::create_dir_all(alternates.parent().unwrap_or(&alternates)).map_err(io())?;
        std::fs::write(&alternates, format!("{}\n", lender.display())).map_err(io())?;
        let others = self.all_heads()?.into_iter().filter(|(session, _)| !anew(*session));
        let branch =
            |(session, (tip, open)): (SessionId, Heads)| Some(NewBranch { session, tip: tip?, open, note: None });
        Self::open(&scratch.path())?.add_branches(&others.filter_map(branch).collect::<Vec<_>>())?;
        Ok(scratch)
    }
}
