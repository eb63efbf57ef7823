//! Where objects go and come from: a pack while many sessions are recorded, files of their own otherwise.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::lenders::Lenders;
use super::likeness::Role;
use super::object::{Kind, object_id};
use super::packing::{Like, Packing};
use super::packs::{LeftOut, Object};
use super::regular::is_damage;
use super::{Error, Store};
use crate::model::{ObjectId, TurnNumber};

/// A pack that several stores of one repository write into, each in a thread of its own.
#[derive(Clone)]
pub struct SharedPack(Arc<Packing>);

impl SharedPack {
    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Puts the pack in place, on disk, begins the next, and then does what may only be done then: moving refs to what was written.
    ///
    /// # Errors
    /// When the pack can't be finished; what went into it is lost then, and `then` is not done.
    pub fn finish<T, R>(&self, before: impl FnOnce() -> T, then: impl FnOnce(T) -> R) -> Result<R, (T, Error)> {
        let finishing = self.0.finishing();
        let all = before();
        if let Err(error) = self.0.finish() {
            return Err((all, Error::io("finish a pack")(error)));
        }
        let done = then(all);
        drop(finishing);
        Ok(done)
    }
}

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
        let mut packs = self.packs.borrow_mut();
        let folder = self.pack_folder();
        let begun = packs.look_again(&folder).and_then(|()| Packing::begin(&folder, &packs));
        Ok(SharedPack(Arc::new(begun.map_err(Error::io("begin a pack"))?)))
    }

    /// From here on, objects go into this pack.
    pub fn write_into(&mut self, pack: &SharedPack) {
        self.packing = Some(Arc::clone(&pack.0));
    }

    /// From here on, objects go into a temporary file that is never put in place.
    ///
    /// # Errors
    /// When the file can't be made.
    pub fn write_aside(&mut self) -> Result<(), Error> {
        let begun = Packing::begin(&tempfile::env::temp_dir(), &self.packs.borrow());
        self.packing = Some(Arc::new(begun.map_err(Error::io("make a temporary file"))?));
        Ok(())
    }

    /// Puts all objects that were written in place, on disk, before any ref names them; and what is written to `also` with them.
    pub(super) fn publish_with(&self, also: Option<&File>) -> Result<(), Error> {
        self.loose.borrow_mut().publish(also).map_err(Error::io("write an object"))
    }

    pub(super) fn write(&self, role: Role, bytes: &[u8]) -> Result<ObjectId, Error> {
        self.write_as(role, role.kind(), bytes)
    }

    pub(super) fn write_tag(&self, bytes: &[u8]) -> Result<ObjectId, Error> {
        self.write_as(Role::Other, Kind::Tag, bytes)
    }

    fn write_as(&self, role: Role, kind: Kind, bytes: &[u8]) -> Result<ObjectId, Error> {
        let id = object_id(kind, bytes);
        let written = match &self.packing {
            Some(packing) => self.pack(packing, role, id, kind, bytes),
            None => {
                let mut deflater = self.deflater.borrow_mut();
                self.loose.borrow_mut().write(&self.objects(), id, kind, bytes, &mut deflater)
            }
        };
        written.map_err(Error::io("write an object"))?;
        // Only a pack has use for what a turn is like; trees are made from the last.
        if self.packing.is_some() || kind == Kind::Tree {
            self.likeness.borrow_mut().add(role, id, bytes);
        }
        Ok(id)
    }

    fn pack(&self, packing: &Packing, role: Role, id: ObjectId, kind: Kind, bytes: &[u8]) -> io::Result<()> {
        let like = self.likeness.borrow().of(role);
        let like = like.as_ref().map(|(id, base, depth)| Like { id: *id, base, depth: *depth });
        packing.write(id, kind, bytes, like, &mut self.deflater.borrow_mut())
    }

    pub(super) fn read(&self, kind: Kind, id: ObjectId) -> Result<Vec<u8>, Error> {
        if let Some(tree) = self.likeness.borrow().tree_bytes(id).filter(|_| kind == Kind::Tree) {
            return Ok(tree);
        }
        let (found, bytes) = self.read_any(id)?;
        if found == kind { Ok(bytes) } else { Err(Error::WrongKind(id)) }
    }

    /// Reads an object of whatever kind. What is broken in one place is read from another.
    pub(super) fn read_any(&self, id: ObjectId) -> Result<Object, Error> {
        if self.loose.borrow().holds(id) {
            self.publish_with(None)?;
        }
        if let Some(packing) = &self.packing
            && let Some(found) = packing.read(id).map_err(unreadable(id))?
        {
            return Ok(found);
        }
        if let Some(found) = self.read_own(id)? {
            return Ok(found);
        }
        if let Some(packing) = &self.packing {
            // It may be in a pack that is being put in place.
            drop(packing.finishing());
            if let Some(found) = self.read_own(id)? {
                return Ok(found);
            }
        }
        self.read_elsewhere(id)
    }

    /// Reads an object from its own file or a pack.
    fn read_own(&self, id: ObjectId) -> Result<Option<Object>, Error> {
        let read = self.packs.borrow_mut().read(&self.objects(), id);
        match read {
            // Who lends may have it whole.
            Err(error) => self.read_elsewhere(id).map(Some).map_err(|_| unreadable(id)(error)),
            read => read.map_err(unreadable(id)),
        }
    }

    /// An object of a repository that this one borrows from.
    fn read_elsewhere(&self, id: ObjectId) -> Result<Object, Error> {
        self.lenders.get_or_init(|| Lenders::of(&self.objects())).read(id).ok_or(Error::Lost(id))
    }

    /// The packs that can't be read, and are left out.
    ///
    /// # Errors
    /// When the folder of the packs can't be read.
    pub fn left_out(&self) -> Result<Vec<LeftOut>, Error> {
        let mut packs = self.packs.borrow_mut();
        packs.look_again(&self.pack_folder()).map_err(Error::io("read the packs"))?;
        Ok(packs.left_out().to_vec())
    }

    pub(super) fn objects(&self) -> PathBuf {
        self.path().join("objects")
    }

    pub(super) fn pack_folder(&self) -> PathBuf {
        self.objects().join("pack")
    }
}

/// What it means that an object can't be read: that it is damaged, or that the system said no.
fn unreadable(id: ObjectId) -> impl FnOnce(io::Error) -> Error {
    move |error| if is_damage(&error) { Error::Damaged(id) } else { Error::io("read an object")(error) }
}
