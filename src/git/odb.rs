//! A repository's objects: in files of their own, in packs, and in repositories that it borrows from.
//!
//! What is written goes into a pack while many sessions are recorded, into files of its own otherwise. What is broken in one place
//! is read from another.

use std::cell::{OnceCell, RefCell, RefMut};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Error;
use super::alternates::Lenders;
use super::loose::{self, Loose};
use super::object::{Deflater, Kind, object_id};
use super::pack::merge;
use super::pack::{LeftOut, Like, Object, Packing, Packs};
use crate::disk::each::of_each;
use crate::disk::regular::is_damage;
use crate::model::ObjectId;

/// So many objects are worth a thread that removes their files.
const MANY: usize = 200;

/// The objects of a repository.
pub(crate) struct Odb {
    /// The folder `objects`.
    folder: PathBuf,
    /// The pack that objects go into while many sessions are recorded.
    packing: Option<Arc<Packing>>,
    /// Objects on their way into files of their own.
    loose: RefCell<Loose>,
    packs: RefCell<Packs>,
    deflater: RefCell<Deflater>,
    /// Whom the repository borrows objects from.
    lenders: OnceCell<Lenders>,
}

/// A pack that several threads write into, each through an [`Odb`] of its own.
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

/// How many objects there are, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub loose: usize,
    pub packed: u64,
    pub packs: usize,
}

impl Odb {
    /// The objects of the repository at a path.
    pub fn at(repository: &Path) -> Self {
        Self {
            folder: repository.join("objects"),
            packing: None,
            loose: RefCell::default(),
            packs: RefCell::default(),
            deflater: RefCell::default(),
            lenders: OnceCell::new(),
        }
    }

    /// The folder `objects`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the packs.
    pub fn pack_folder(&self) -> PathBuf {
        self.folder.join("pack")
    }

    /// Begins a pack. Until it is finished, only those who write into it read it, so no ref may name what is in it.
    pub fn begin_pack(&self) -> Result<SharedPack, Error> {
        let folder = self.pack_folder();
        let begun = Packing::begin(&folder, &*self.packs_now()?);
        Ok(SharedPack(Arc::new(begun.map_err(Error::io("begin a pack"))?)))
    }

    /// From here on, objects go into this pack.
    pub fn write_into(&mut self, pack: &SharedPack) {
        self.packing = Some(Arc::clone(&pack.0));
    }

    /// From here on, objects go into a temporary file that is never put in place.
    pub fn write_aside(&mut self) -> Result<(), Error> {
        // What is in the packs that are there is not even compressed.
        let begun = Packing::begin(&tempfile::env::temp_dir(), &*self.packs_now()?);
        self.packing = Some(Arc::new(begun.map_err(Error::io("make a temporary file"))?));
        Ok(())
    }

    /// Whether objects go into a pack, where it counts what they are like.
    pub fn packs_what_it_writes(&self) -> bool {
        self.packing.is_some()
    }

    /// How many deltas an object in the pack that is being written is away from one that is whole; `None` if it is not in there.
    pub fn depth(&self, id: ObjectId) -> Option<u8> {
        self.packing.as_ref()?.depth(id)
    }

    /// Writes an object.
    pub fn write(&self, kind: Kind, bytes: &[u8], like: Option<Like<'_>>) -> Result<ObjectId, Error> {
        let id = object_id(kind, bytes);
        match &self.packing {
            Some(packing) => {
                let written = packing.write(id, kind, bytes, like, &mut self.deflater.borrow_mut());
                written.map_err(Error::io("write an object"))?;
            }
            None => self.write_file(id, kind, bytes)?,
        }
        Ok(id)
    }

    /// Writes an object into a file of its own.
    fn write_file(&self, id: ObjectId, kind: Kind, bytes: &[u8]) -> Result<(), Error> {
        let mut deflater = self.deflater.borrow_mut();
        let written = self.loose.borrow_mut().write(&self.folder, id, kind, bytes, &mut deflater);
        written.map_err(Error::io("write an object"))
    }

    /// Writes a file of an object that another repository has whole. False if it has not.
    pub fn take_from(&self, other: &Self, id: ObjectId) -> Result<bool, Error> {
        let Ok((kind, bytes)) = other.read_any(id) else { return Ok(false) };
        self.write_file(id, kind, &bytes)?;
        Ok(true)
    }

    /// Puts all objects that were written in place, on disk, before any ref names them; and what is written to `also` with them.
    pub fn publish(&self, also: &[&File]) -> Result<(), Error> {
        self.loose.borrow_mut().publish(also).map_err(Error::io("write an object"))
    }

    /// Reads an object of a kind.
    pub fn read(&self, kind: Kind, id: ObjectId) -> Result<Vec<u8>, Error> {
        let (found, bytes) = self.read_any(id)?;
        if found == kind { Ok(bytes) } else { Err(Error::WrongKind(id)) }
    }

    /// Reads an object of whatever kind.
    pub fn read_any(&self, id: ObjectId) -> Result<Object, Error> {
        if self.loose.borrow().holds(id) {
            self.publish(&[])?;
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
        let read = self.packs.borrow_mut().read(&self.folder, id);
        match read {
            // Who lends may have it whole.
            Err(error) => self.read_elsewhere(id).map(Some).map_err(|_| unreadable(id)(error)),
            read => read.map_err(unreadable(id)),
        }
    }

    /// An object of a repository that this one borrows from.
    fn read_elsewhere(&self, id: ObjectId) -> Result<Object, Error> {
        self.lenders.get_or_init(|| Lenders::of(&self.folder)).read(id).ok_or(Error::Lost(id))
    }

    /// Whether any place claims to hold an object.
    pub fn knows(&self, id: ObjectId) -> bool {
        !matches!(self.read_any(id), Err(Error::Lost(_)))
    }

    /// The same, without a look for packs that came since: whoever asks about many that are not there would list the packs for each.
    pub fn knows_so_far(&self, id: ObjectId) -> bool {
        self.loose.borrow().holds(id)
            || self.packs.borrow_mut().hold(&self.folder, id)
            || self.read_elsewhere(id).is_ok()
    }

    /// The ids of all objects that begin with a byte.
    pub fn ids_with(&self, first: u8) -> Result<Vec<ObjectId>, Error> {
        let packs = self.packs_now()?;
        let mut ids = loose::all_with(&self.folder, first).map_err(Error::io("list the objects"))?;
        for pack in packs.all() {
            ids.extend(pack.ids_with(first).map_err(Error::io("list the objects"))?);
        }
        Ok(ids)
    }

    /// The packs that can't be read, and are left out.
    pub fn left_out(&self) -> Result<Vec<LeftOut>, Error> {
        Ok(self.packs_now()?.left_out().to_vec())
    }

    /// How many objects there are, and where.
    pub fn counts(&self) -> Result<Counts, Error> {
        let packs = self.packs_now()?;
        let packed = packs.all().iter().map(|pack| pack.count()).sum();
        Ok(Counts { loose: self.loose_ids()?.len(), packed, packs: packs.all().len() })
    }

    /// The ids of all objects in files of their own.
    pub fn loose_ids(&self) -> Result<Vec<ObjectId>, Error> {
        loose::all(&self.folder).map_err(Error::io("list the objects"))
    }

    /// Removes objects' own files: they are in a pack.
    pub fn remove_loose(&self, ids: &[ObjectId]) -> Result<(), Error> {
        // A file system can take its time for each, and for several at once.
        let folder = &self.folder;
        let removed = of_each(ids, MANY, |id| loose::remove(folder, *id));
        removed.into_iter().collect::<io::Result<()>>().map_err(Error::io("remove loose objects"))
    }

    /// Merges the smallest packs into one, if there are many. Tells how many, and which were left alone because they are broken.
    pub fn merge_packs(&self) -> Result<(usize, Vec<PathBuf>), Error> {
        let merged = merge::merge_some(&self.pack_folder(), &self.folder, &mut self.packs.borrow_mut());
        merged.map_err(Error::io("merge packs"))
    }

    /// The packs that are there now.
    pub fn packs_now(&self) -> Result<RefMut<'_, Packs>, Error> {
        let mut packs = self.packs.borrow_mut();
        packs.look_again(&self.pack_folder()).map_err(Error::io("read the packs"))?;
        Ok(packs)
    }

    /// Opens all packs anew: an index is another one now.
    pub fn reopen_packs(&self) -> Result<(), Error> {
        *self.packs.borrow_mut() = Packs::default();
        self.packs_now().map(drop)
    }
}

/// What it means that an object can't be read: that it is damaged, or that the system said no.
fn unreadable(id: ObjectId) -> impl FnOnce(io::Error) -> Error {
    move |error| if is_damage(&error) { Error::Damaged(id) } else { Error::io("read an object")(error) }
}
