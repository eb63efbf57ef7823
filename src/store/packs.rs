//! All packs of a store: an object of any of them, with its deltas applied.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::delta::apply;
use super::object::{Inflater, Kind};
use super::pack_file::{PackFile, Stored};
use crate::model::ObjectId;

/// How many objects that others are deltas of are kept in memory, and how many bytes of them.
const KEPT: usize = 64;
const KEPT_BYTES: usize = 16 << 20;

/// Longer chains of deltas than any pack has are a circle.
const MOST_DELTAS: usize = 4096;

/// An object that was read: its pack, its offset there, its kind, its bytes.
type Known = (Arc<PackFile>, u64, Kind, Arc<[u8]>);

/// The packs in a store's folder `objects/pack`.
#[derive(Default)]
pub(super) struct Packs {
    packs: Vec<Arc<PackFile>>,
    bases: VecDeque<Known>,
    inflater: Inflater,
}

impl Packs {
    /// Reads an object; `None` if no pack has it. Packs that came meanwhile are noticed.
    pub fn read(&mut self, folder: &Path, id: ObjectId) -> io::Result<Option<(Kind, Vec<u8>)>> {
        self.look_again(folder)?;
        self.read_known(id)
    }

    /// Reads an object from the packs that were there when it was last looked.
    pub fn read_known(&mut self, id: ObjectId) -> io::Result<Option<(Kind, Vec<u8>)>> {
        let Some((pack, offset)) = self.find(id)? else { return Ok(None) };
        self.object(&pack, offset).map(Some)
    }

    /// Opens the packs that are there now.
    pub fn look_again(&mut self, folder: &Path) -> io::Result<()> {
        let known = std::mem::take(&mut self.packs);
        for idx in indexes(folder)? {
            match known.iter().find(|pack| pack.path == idx.with_extension("pack")) {
                Some(pack) => self.packs.push(Arc::clone(pack)),
                None => match PackFile::open(&idx) {
                    Ok(pack) => self.packs.push(Arc::new(pack)),
                    // Its objects were moved into another pack just now.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                },
            }
        }
        // The newest have the newest objects, which are asked for most; and their names say nothing.
        self.packs.sort_by_key(|pack| std::cmp::Reverse(pack.len()));
        Ok(())
    }

    /// The packs that were there when it was last looked.
    pub fn all(&self) -> &[Arc<PackFile>] {
        &self.packs
    }

    fn find(&self, id: ObjectId) -> io::Result<Option<(Arc<PackFile>, u64)>> {
        for pack in &self.packs {
            if let Some(offset) = pack.find(id)? {
                return Ok(Some((Arc::clone(pack), offset)));
            }
        }
        Ok(None)
    }

    /// The object at an offset: the deltas down to one that is whole, then applied back up.
    fn object(&mut self, pack: &Arc<PackFile>, offset: u64) -> io::Result<(Kind, Vec<u8>)> {
        let mut deltas: Vec<(Arc<PackFile>, u64, Vec<u8>)> = Vec::new();
        let (mut pack, mut offset) = (Arc::clone(pack), offset);
        let (kind, mut bytes) = loop {
            if let Some((_, _, kind, bytes)) =
                self.bases.iter().find(|base| base.1 == offset && Arc::ptr_eq(&base.0, &pack))
            {
                break (*kind, Arc::clone(bytes));
            }
            let (next, delta) = match pack.read(offset, &mut self.inflater)? {
                Stored::Whole(kind, bytes) if deltas.is_empty() => return Ok((kind, bytes)),
                Stored::Whole(kind, bytes) => {
                    let bytes = bytes.into();
                    self.keep(&pack, offset, kind, &bytes);
                    break (kind, bytes);
                }
                Stored::DeltaAt(base, delta) => ((Arc::clone(&pack), base), delta),
                Stored::DeltaOf(base, delta) => (self.find(base)?.ok_or(ErrorKind::NotFound)?, delta),
            };
            if deltas.len() >= MOST_DELTAS {
                return Err(ErrorKind::InvalidData.into());
            }
            deltas.push((std::mem::replace(&mut pack, next.0), std::mem::replace(&mut offset, next.1), delta));
        };
        while let Some((pack, offset, delta)) = deltas.pop() {
            bytes = apply(&bytes, &delta).ok_or(ErrorKind::InvalidData)?.into();
            if !deltas.is_empty() || kind != Kind::Blob {
                self.keep(&pack, offset, kind, &bytes);
            }
        }
        Ok((kind, bytes.to_vec()))
    }

    fn keep(&mut self, pack: &Arc<PackFile>, offset: u64, kind: Kind, bytes: &Arc<[u8]>) {
        self.bases.push_front((Arc::clone(pack), offset, kind, Arc::clone(bytes)));
        let mut total: usize = self.bases.iter().map(|base| base.3.len()).sum();
        while self.bases.len() > KEPT || (total > KEPT_BYTES && self.bases.len() > 1) {
            total -= self.bases.pop_back().map_or(0, |base| base.3.len());
        }
    }
}

/// The indexes in a folder: a pack is there when its index is.
fn indexes(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.filter(|path| path.as_ref().map_or(true, |path| path.extension().is_some_and(|is| is == "idx"))).collect()
}
