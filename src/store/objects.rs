//! Blobs of sessions, and the rest of what a session writes: each as a delta of what it is like, where it goes into a pack.

use super::delta_base::Role;
use super::{Error, Store};
use crate::git::damage::Damage;
use crate::git::object::{Kind, object_id};
use crate::git::pack::{LeftOut, Like, Object};
use crate::git::{Mended, SharedPack};
use crate::model::{ObjectId, TurnNumber};

impl Store {
    /// The blob id that bytes have, whether they are in the store or not.
    pub fn blob_id(bytes: &[u8]) -> ObjectId {
        object_id(Kind::Blob, bytes)
    }

    /// Writes a session's first line.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_meta(&self, line: &[u8]) -> Result<ObjectId, Error> {
        self.write(Role::Meta, line)
    }

    /// Writes a part of a turn's chunk.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_chunk(&self, turn: TurnNumber, part: u64, bytes: &[u8]) -> Result<ObjectId, Error> {
        self.write(Role::Chunk { turn: turn.get(), part }, bytes)
    }

    /// Reads a blob.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read_blob(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        self.read(Kind::Blob, id)
    }

    /// Begins a pack for many sessions. Until it is finished, only the stores that write into it read it, so no ref may name
    /// what is in it.
    ///
    /// # Errors
    /// When it can't be begun.
    pub fn begin_pack(&self) -> Result<SharedPack, Error> {
        Ok(self.odb.begin_pack()?)
    }

    /// From here on, objects go into this pack.
    pub fn write_into(&mut self, pack: &SharedPack) {
        self.odb.write_into(pack);
    }

    /// From here on, objects go into a temporary file that is never put in place.
    ///
    /// # Errors
    /// When the file can't be made.
    pub fn write_aside(&mut self) -> Result<(), Error> {
        Ok(self.odb.write_aside()?)
    }

    pub(super) fn write(&self, role: Role, bytes: &[u8]) -> Result<ObjectId, Error> {
        self.write_as(role, role.kind(), bytes)
    }

    pub(super) fn write_tag(&self, bytes: &[u8]) -> Result<ObjectId, Error> {
        self.write_as(Role::Other, Kind::Tag, bytes)
    }

    fn write_as(&self, role: Role, kind: Kind, bytes: &[u8]) -> Result<ObjectId, Error> {
        let packs = self.odb.packs_what_it_writes();
        let like = if packs { self.bases.borrow_mut().of(role, bytes, |id| self.odb.depth(id)) } else { None };
        let like = like.as_ref().map(|(id, base, depth)| Like { id: *id, base, depth: *depth });
        let id = self.odb.write(kind, bytes, like)?;
        // Only a pack has use for what a turn is like; trees are made from the last.
        if packs || kind == Kind::Tree {
            self.bases.borrow_mut().add(role, id, bytes);
        }
        Ok(id)
    }

    pub(super) fn read(&self, kind: Kind, id: ObjectId) -> Result<Vec<u8>, Error> {
        match self.bases.borrow().tree_bytes(id).filter(|_| kind == Kind::Tree) {
            Some(tree) => Ok(tree),
            None => Ok(self.odb.read(kind, id)?),
        }
    }

    /// Reads an object of whatever kind.
    pub(super) fn read_any(&self, id: ObjectId) -> Result<Object, Error> {
        Ok(self.odb.read_any(id)?)
    }

    /// The packs that can't be read, and are left out.
    ///
    /// # Errors
    /// When the folder of the packs can't be read.
    pub fn left_out(&self) -> Result<Vec<LeftOut>, Error> {
        Ok(self.odb.left_out()?)
    }

    /// Reads all objects. `progress` is told how many were read of those that are known so far.
    ///
    /// # Errors
    /// When the folders or the refs can't be read.
    pub fn damage(&self, progress: &mut dyn FnMut(usize, usize)) -> Result<Damage, Error> {
        Ok(Damage::of(&self.odb, &self.refs, progress)?)
    }

    /// Makes the indexes anew of packs that are whole and have none, or one that is not. Tells how many.
    ///
    /// # Errors
    /// When git can't be run, or an index can't be written.
    pub fn mend_indexes(&self) -> Result<usize, Error> {
        Ok(self.odb.mend_indexes()?)
    }

    /// Puts right what good copies are found of: files of objects are written again, packs without what is broken in them.
    ///
    /// # Errors
    /// When something can't be written; what was not mended then is as it was.
    pub fn mend(&self, damage: &Damage) -> Result<Mended, Error> {
        Ok(self.odb.mend(damage)?)
    }
}
