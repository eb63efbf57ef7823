//! Where objects go and come from: a pack while many sessions are recorded, files of their own otherwise.

use git2::ObjectType;

use super::object::{Kind, object_id};
use super::pack::Pack;
use super::repository::to_oid;
use super::{Error, Store};
use crate::model::ObjectId;

/// The trees that were written last: the next turn's are made from them.
#[derive(Default)]
pub(super) struct RecentTrees([Option<(ObjectId, Vec<u8>)>; 4]);

impl RecentTrees {
    fn add(&mut self, id: ObjectId, bytes: &[u8]) {
        self.0.rotate_right(1);
        self.0[0] = Some((id, bytes.to_vec()));
    }

    fn get(&self, id: ObjectId) -> Option<&[u8]> {
        self.0.iter().flatten().find(|(known, _)| *known == id).map(|(_, bytes)| bytes.as_slice())
    }
}

impl Store {
    /// The blob id that bytes have, whether they are in the store or not.
    pub fn blob_id(bytes: &[u8]) -> ObjectId {
        object_id(Kind::Blob, bytes)
    }

    /// Writes a blob.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<ObjectId, Error> {
        self.write(Kind::Blob, bytes)
    }

    /// Reads a blob.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read_blob(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        self.read(Kind::Blob, id)
    }

    /// From here on, objects go into a pack, until [`Store::finish_pack`]. This store reads them; nobody else does yet, so no
    /// ref may name them before.
    ///
    /// # Errors
    /// When the pack can't be begun.
    pub fn begin_pack(&self) -> Result<(), Error> {
        let pack = Pack::create(&self.objects()).map_err(Error::io("begin a pack"))?;
        *self.pack.borrow_mut() = Some(pack);
        Ok(())
    }

    /// How many bytes the pack has that is being written.
    pub fn pack_len(&self) -> u64 {
        self.pack.borrow().as_ref().map_or(0, Pack::len)
    }

    /// Puts the pack that is being written in place, on disk.
    ///
    /// # Errors
    /// When that fails; what went into the pack is lost then.
    pub fn finish_pack(&self) -> Result<(), Error> {
        let pack = self.pack.borrow_mut().take();
        pack.map_or(Ok(()), Pack::finish).map_err(Error::io("finish a pack"))
    }

    /// Puts all objects that were written in place, on disk: before any ref names them.
    pub(super) fn publish(&self) -> Result<(), Error> {
        self.loose.borrow_mut().publish().map_err(Error::io("write an object"))
    }

    pub(super) fn write(&self, kind: Kind, bytes: &[u8]) -> Result<ObjectId, Error> {
        let written = match self.pack.borrow_mut().as_mut() {
            Some(pack) => pack.write(kind, bytes),
            None => self.loose.borrow_mut().write(&self.objects(), kind, bytes),
        };
        let id = written.map_err(Error::io("write an object"))?;
        if kind == Kind::Tree {
            self.recent.borrow_mut().add(id, bytes);
        }
        Ok(id)
    }

    pub(super) fn read(&self, kind: Kind, id: ObjectId) -> Result<Vec<u8>, Error> {
        if let Some(tree) = self.recent.borrow().get(id).filter(|_| kind == Kind::Tree) {
            return Ok(tree.to_vec());
        }
        if let Some(pack) = self.pack.borrow_mut().as_mut()
            && let Some((found, bytes)) = pack.read(id).map_err(Error::io("read an object"))?
        {
            return if found == kind { Ok(bytes) } else { Err(Error::WrongKind(id)) };
        }
        if self.loose.borrow().holds(id) {
            self.publish()?;
        }
        let odb = self.repo.odb().map_err(Error::git("open the objects"))?;
        let object = odb.read(to_oid(id)?).map_err(Error::git("read an object"))?;
        let right = match kind {
            Kind::Blob => ObjectType::Blob,
            Kind::Tree => ObjectType::Tree,
            Kind::Commit => ObjectType::Commit,
            Kind::Tag => ObjectType::Tag,
        };
        if object.kind() == right { Ok(object.data().to_vec()) } else { Err(Error::WrongKind(id)) }
    }

    fn objects(&self) -> std::path::PathBuf {
        self.path().join("objects")
    }
}
