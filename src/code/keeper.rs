//! Where the bytes of a file go: nowhere, if the project's HEAD has them at the same path; else into the pack of the look.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::Kept;
use super::head::HeadFiles;
use crate::disk::durable;
use crate::git::Odb;
use crate::git::object::{Deflater, Kind, object_id};
use crate::git::pack::reader::PackFile;
use crate::git::pack::writer::{Compressed, Pack};
use crate::git::project::Project;
use crate::model::ObjectId;

/// Keeps bytes for one look.
pub(super) struct Keeper<'p> {
    pub head: HeadFiles<'p>,
    folder: PathBuf,
    packs: Vec<Arc<PackFile>>,
    pack: Option<Pack>,
    deflater: Deflater,
    /// How many bytes of files are new.
    pub new: u64,
}

impl<'p> Keeper<'p> {
    pub fn new(project: &'p Project, odb: &Odb) -> Result<Self, crate::git::Error> {
        let packs = odb.packs_now()?.all().to_vec();
        let (folder, head) = (odb.pack_folder(), HeadFiles::of(project));
        Ok(Self { head, folder, packs, pack: None, deflater: Deflater::default(), new: 0 })
    }

    /// Keeps the bytes of a file at a path. Gives their id.
    pub fn keep(&mut self, folder: &[u8], name: &[u8], bytes: &[u8]) -> io::Result<(ObjectId, Kept)> {
        let id = object_id(Kind::Blob, bytes);
        if self.is_kept(folder, name, id) {
            return Ok((id, Kept::Yes));
        }
        if self.write(id, Kind::Blob, bytes)? {
            self.new += bytes.len() as u64;
        }
        Ok((id, Kept::Now))
    }

    /// Whether bytes with this id are kept without being written: by HEAD at that path, or by an earlier look.
    pub fn is_kept(&mut self, folder: &[u8], name: &[u8], id: ObjectId) -> bool {
        self.head.blob(folder, name) == Some(id) || self.is_stored(id)
    }

    /// Whether the code store has an object.
    pub fn is_stored(&self, id: ObjectId) -> bool {
        self.packs.iter().any(|pack| pack.holds(id))
    }

    /// Writes an object into the pack, unless it is there. Whether it was new to that.
    pub fn write(&mut self, id: ObjectId, kind: Kind, bytes: &[u8]) -> io::Result<bool> {
        let pack = match &mut self.pack {
            Some(pack) => pack,
            none => none.insert(Pack::create(&self.folder)?),
        };
        if pack.depth(id).is_some() {
            return Ok(false);
        }
        pack.add(id, &Compressed::whole(kind, bytes, &mut self.deflater))
    }

    /// Puts the pack in place, on disk, marked so that git expects others of its objects in the project.
    pub fn finish(&mut self) -> io::Result<()> {
        self.pack.take().map_or(Ok(()), finish)
    }

    /// Drops the pack with all that is in it.
    pub fn discard(&mut self) {
        self.pack = None;
    }
}

/// Puts a pack of a code store in place, with the mark beside it that has git expect missing objects elsewhere.
pub(super) fn finish(pack: Pack) -> io::Result<()> {
    pack.finish_with(mark).map(drop)
}

fn mark(pack: &Path) -> io::Result<()> {
    let folder = pack.parent().unwrap_or(Path::new("."));
    let aside = durable::temporary(folder, "tmp_promisor_")?;
    durable::name(aside.into_temp_path(), &pack.with_extension("promisor"))
}
