//! A pack that is in place, open for reading (`gitformat-pack`).
//!
//! Of the index only what a look-up needs is read: for one object that is a few hundred bytes, however large the pack is. The
//! files stay open, so that a pack whose objects were moved into another can be read to the end. What an index or an entry says
//! of places and lengths is compared with the files before it is used: damage is an error, whatever it hit.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::index::is_hashed;
use super::writer::Compressed;
use crate::disk::regular::{self, broken, room};
use crate::git::object::{Inflater, Kind, MOST};
use crate::model::ObjectId;

/// Where the ids begin in an index.
const IDS: u64 = 8 + 256 * 4;

/// What follows the tables of an index: the hash of the pack, and its own.
const HASHES: u64 = 40;

/// What comes before a pack's first entry, and after its last.
const PACK_HEAD: u64 = 12;
const PACK_END: u64 = 20;

/// What is read of an entry at first: most are whole then.
const FIRST: usize = 4096;

/// A pack and its index.
pub(crate) struct PackFile {
    /// The pack; the index lies beside it.
    pub path: PathBuf,
    idx: File,
    pack: File,
    len: u64,
    /// How many ids begin with up to each byte.
    fanout: Vec<u32>,
    /// How often something was looked for, and all ids and offsets once that was often.
    finds: AtomicU32,
    whole: OnceLock<(Vec<u8>, Vec<u8>)>,
    /// All entries by where they begin, once somebody asked for them.
    entries: OnceLock<Vec<Entry>>,
}

/// After so many look-ups the index is read whole: twenty-four bytes an object.
const OFTEN: u32 = 200;

/// What an index says of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub id: ObjectId,
    /// Where its entry begins, and where the next one does.
    pub start: u64,
    pub end: u64,
    crc: u32,
}

/// An object as it stands in a pack.
pub(crate) enum Stored {
    Whole(Kind, Vec<u8>),
    /// A delta of the entry at this offset.
    DeltaAt(u64, Vec<u8>),
    /// A delta of an object anywhere.
    DeltaOf(ObjectId, Vec<u8>),
}

/// The head of an entry.
struct Head {
    kind: u8,
    size: usize,
    /// How long the head is.
    len: usize,
}

impl PackFile {
    /// Opens a pack by the path of its index.
    pub fn open(idx: &Path) -> io::Result<Self> {
        let path = idx.with_extension("pack");
        let (idx, pack) = (regular::open(idx)?, regular::open(&path)?);
        let fanout = fanout(&idx)?;
        let len = pack.metadata()?.len();
        let (finds, whole, entries) = (AtomicU32::new(0), OnceLock::new(), OnceLock::new());
        Ok(Self { path, idx, pack, len, fanout, finds, whole, entries })
    }

    /// How many objects it has.
    pub fn count(&self) -> u64 {
        u64::from(self.fanout.last().copied().unwrap_or(0))
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Where an object's entry begins, if it is in here.
    pub fn find(&self, id: ObjectId) -> io::Result<Option<u64>> {
        let (low, high) = self.range(id.as_bytes()[0]);
        let range = u64::from(low) * 20..u64::from(high) * 20;
        let whole = self.whole()?;
        let ids = match whole {
            Some((ids, _)) => {
                Cow::Borrowed(ids.get(range.start as usize..range.end as usize).ok_or(ErrorKind::InvalidData)?)
            }
            None => Cow::Owned(read_at(&self.idx, IDS + range.start, (range.end - range.start) as usize)?),
        };
        let Ok(at) = ids.as_chunks::<20>().0.binary_search(id.as_bytes()) else { return Ok(None) };
        let at = u64::from(low) + at as u64;
        let near = match whole {
            Some((_, offsets)) => {
                number(offsets.get(at as usize * 4..at as usize * 4 + 4).ok_or(ErrorKind::InvalidData)?)
            }
            None => number(&read_at(&self.idx, IDS + self.count() * 24 + at * 4, 4)?),
        };
        self.far(near).map(Some)
    }

    /// Whether an object is in here, as far as the index tells.
    pub fn holds(&self, id: ObjectId) -> bool {
        matches!(self.find(id), Ok(Some(_)))
    }

    /// The ids that begin with this byte.
    pub fn ids_with(&self, first: u8) -> io::Result<Vec<ObjectId>> {
        let (low, high) = self.range(first);
        let bytes = read_at(&self.idx, IDS + u64::from(low) * 20, (high - low) as usize * 20)?;
        Ok(bytes.as_chunks::<20>().0.iter().map(|id| ObjectId::from_bytes(*id)).collect())
    }

    /// Where the ids that begin with a byte begin and end among all.
    fn range(&self, first: u8) -> (u32, u32) {
        let first = usize::from(first);
        (first.checked_sub(1).map_or(0, |before| self.fanout[before]), self.fanout[first])
    }

    /// All ids and offsets, once it is worth to have them in memory.
    fn whole(&self) -> io::Result<Option<&(Vec<u8>, Vec<u8>)>> {
        let finds = self.finds.fetch_add(1, Ordering::Relaxed);
        if self.whole.get().is_none() && finds > OFTEN {
            let count = self.count();
            let ids = read_at(&self.idx, IDS, count as usize * 20)?;
            let offsets = read_at(&self.idx, IDS + count * 24, count as usize * 4)?;
            return Ok(Some(self.whole.get_or_init(|| (ids, offsets))));
        }
        Ok(self.whole.get())
    }

    /// The offset that an entry of the index means: those of large packs stand in a table of their own. It lies in the pack.
    fn far(&self, near: u64) -> io::Result<u64> {
        let offset = match near & 0x8000_0000 {
            0 => near,
            _ => number(&read_at(&self.idx, IDS + self.count() * 28 + (near & 0x7fff_ffff) * 8, 8)?),
        };
        let inside = (PACK_HEAD..self.end()).contains(&offset);
        inside.then_some(offset).ok_or_else(|| broken("an entry is said to begin where the pack has none"))
    }

    /// Where the last entry ends.
    fn end(&self) -> u64 {
        self.len.saturating_sub(PACK_END)
    }

    /// The ids of all objects, sorted.
    pub fn ids(&self) -> io::Result<Vec<ObjectId>> {
        let bytes = read_at(&self.idx, IDS, self.count() as usize * 20)?;
        Ok(bytes.as_chunks::<20>().0.iter().map(|id| ObjectId::from_bytes(*id)).collect())
    }

    /// All objects in the order of their entries. One whose place is none of this pack is said to have no bytes.
    pub fn entries(&self) -> io::Result<&[Entry]> {
        if let Some(entries) = self.entries.get() {
            return Ok(entries);
        }
        let count = self.count();
        let table = |at: u64| read_at(&self.idx, IDS + count * at, count as usize * 4);
        let (crcs, offsets) = (table(20)?, table(24)?);
        let tables = crcs.as_chunks::<4>().0.iter().zip(offsets.as_chunks::<4>().0);
        let mut entries = Vec::with_capacity(count as usize);
        for (id, (crc, near)) in self.ids()?.into_iter().zip(tables) {
            let start = self.far(number(near)).unwrap_or(self.len);
            entries.push(Entry { id, start, end: 0, crc: u32::from_be_bytes(*crc) });
        }
        entries.sort_unstable_by_key(|entry| entry.start);
        let mut end = self.end();
        for entry in entries.iter_mut().rev() {
            entry.end = end.max(entry.start);
            end = end.min(entry.start);
        }
        Ok(self.entries.get_or_init(|| entries))
    }

    /// Which object begins at an offset.
    pub fn id_at(&self, offset: u64) -> io::Result<Option<ObjectId>> {
        let entries = self.entries()?;
        Ok(entries.binary_search_by_key(&offset, |entry| entry.start).ok().map(|at| entries[at].id))
    }

    /// An entry, still compressed; `None` if its bytes have not the checksum that the index says.
    pub fn copy(&self, entry: &Entry) -> io::Result<Option<Compressed>> {
        let bytes = read_at(&self.pack, entry.start, (entry.end - entry.start) as usize)?;
        if libdeflater::crc32(&bytes) != entry.crc {
            return Ok(None);
        }
        let head = Head::parse(&bytes).ok_or(ErrorKind::InvalidData)?;
        let mut rest = &bytes[head.len..];
        let base = match head.base(entry.start, &mut rest)? {
            None => None,
            Some(Below::Object(id)) => Some(id),
            Some(Below::Entry(offset)) => Some(self.id_at(offset)?.ok_or(ErrorKind::InvalidData)?),
        };
        Ok(Some(Compressed::copied(Kind::of_number(head.kind), head.size, rest.to_vec(), base)))
    }

    /// Whether the pack and its index are the bytes that their hashes are of, and belong together.
    pub fn is_sealed(&self) -> io::Result<bool> {
        let idx = self.path.with_extension("idx");
        if !is_hashed(&self.path) || !is_hashed(&idx) {
            return Ok(false);
        }
        let ends = self.idx.metadata()?.len().saturating_sub(HASHES);
        Ok(read_at(&self.idx, ends, 20)? == read_at(&self.pack, self.end(), 20)?)
    }

    /// The entry at an offset.
    pub fn read(&self, offset: u64, inflater: &mut Inflater) -> io::Result<Stored> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = read_at(&self.pack, offset, left.min(FIRST))?;
        let head = Head::parse(&bytes).filter(|head| head.size <= MOST).ok_or(ErrorKind::InvalidData)?;
        // A zlib stream is never longer than that.
        let most = left.min(head.size + head.size / 512 + 128);
        if most > bytes.len() {
            bytes.extend(read_at(&self.pack, offset + bytes.len() as u64, most - bytes.len())?);
        }
        let mut rest = &bytes[head.len..];
        let base = head.base(offset, &mut rest)?;
        let content = inflater.inflate(rest, head.size).ok_or(ErrorKind::InvalidData)?;
        Ok(match base {
            Some(Below::Object(id)) => Stored::DeltaOf(id, content),
            Some(Below::Entry(offset)) => Stored::DeltaAt(offset, content),
            None => Stored::Whole(Kind::of_number(head.kind).ok_or(ErrorKind::InvalidData)?, content),
        })
    }
}

/// How many ids begin with up to each byte. They never get fewer, and the index is as long as their number makes it.
fn fanout(idx: &File) -> io::Result<Vec<u32>> {
    let head = read_at(idx, 0, IDS as usize)?;
    let (magic, fanout) = head.split_first_chunk::<8>().ok_or(ErrorKind::InvalidData)?;
    if magic != b"\xfftOc\0\0\0\x02" {
        return Err(broken("not an index of version 2"));
    }
    let fanout: Vec<u32> = fanout.as_chunks::<4>().0.iter().map(|bytes| u32::from_be_bytes(*bytes)).collect();
    let count = u64::from(fanout.last().copied().unwrap_or(0));
    let least = IDS + count * 28 + HASHES;
    let fits = (least..=least + count * 8).contains(&idx.metadata()?.len());
    if fits && fanout.is_sorted() { Ok(fanout) } else { Err(broken("its index does not fit its own numbers")) }
}

/// What a delta is applied to.
enum Below {
    /// The entry at this offset.
    Entry(u64),
    /// An object anywhere.
    Object(ObjectId),
}

impl Head {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let first = *bytes.first()?;
        let (mut size, mut len, mut more) = (usize::from(first & 0x0f), 1, first & 0x80 != 0);
        while more {
            let byte = *bytes.get(len)?;
            size |= usize::from(byte & 0x7f).checked_shl(4 + 7 * (len as u32 - 1))?;
            more = byte & 0x80 != 0;
            len += 1;
        }
        Some(Self { kind: (first >> 4) & 0x07, size, len })
    }

    /// What the entry at `start` is a delta of, if it is one; `rest` is what comes after the head, and then after that.
    fn base(&self, start: u64, rest: &mut &[u8]) -> io::Result<Option<Below>> {
        let broken = || io::Error::from(ErrorKind::InvalidData);
        match self.kind {
            6 => {
                let distance = take_distance(rest).filter(|distance| *distance > 0).ok_or_else(broken)?;
                let base = start.checked_sub(distance).filter(|base| *base >= PACK_HEAD);
                Ok(Some(Below::Entry(base.ok_or_else(broken)?)))
            }
            7 => {
                let (id, after) = rest.split_first_chunk::<20>().ok_or_else(broken)?;
                *rest = after;
                Ok(Some(Below::Object(ObjectId::from_bytes(*id))))
            }
            _ => Ok(None),
        }
    }
}

/// How far before an entry its base begins.
fn take_distance(rest: &mut &[u8]) -> Option<u64> {
    let mut distance = 0_u64;
    for n in 0..10 {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        distance = distance.checked_add(u64::from(n > 0))?.checked_shl(7)? | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(distance);
        }
    }
    None
}

fn read_at(file: &File, offset: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = room(len)?;
    bytes.resize(len, 0);
    regular::read_at(file, &mut bytes, offset)?;
    Ok(bytes)
}

/// Bytes as a number, the highest first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::super::writer::Pack;
    use super::*;
    use crate::git::object::{Deflater, object_id};

    fn packed(folder: &Path, blobs: &[&[u8]]) -> PathBuf {
        let mut pack = Pack::create(folder).unwrap();
        for blob in blobs {
            let whole = Compressed::whole(Kind::Blob, blob, &mut Deflater::default());
            pack.add(object_id(Kind::Blob, blob), &whole).unwrap();
        }
        pack.finish().unwrap().unwrap()
    }

    fn spoil(path: &Path, at: usize, with: &[u8]) {
        let mut bytes = std::fs::read(path).unwrap();
        bytes[at..at + with.len()].copy_from_slice(with);
        std::fs::remove_file(path).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    #[test]
    fn no_size_of_an_entry_is_believed() {
        for head in [
            &b"\xbf\xff\xff\xff\xff\xff\x7f"[..],
            b"\xbf\xff\xff\xff\x7f",
            b"\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = packed(folder.path(), &[b"a blob that is long enough"]);
            spoil(&path, 12, head);
            let file = PackFile::open(&path.with_extension("idx")).unwrap();
            assert!(file.read(12, &mut Inflater::default()).is_err());
        }
    }

    #[test]
    fn no_number_of_an_index_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = packed(folder.path(), &[b"one", b"two", b"three"]);
        let idx = path.with_extension("idx");
        let good = std::fs::read(&idx).unwrap();
        for at in (8..IDS as usize).chain([0, 7]) {
            let mut bad = good.clone();
            bad[at] ^= 0x40;
            std::fs::remove_file(&idx).unwrap();
            std::fs::write(&idx, bad).unwrap();
            assert!(PackFile::open(&idx).is_err(), "byte {at}");
        }
        // An entry that begins where the pack has none.
        let offsets = IDS as usize + 3 * 24;
        for far in [[0x7f, 0, 0, 0], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 3]] {
            std::fs::write(&idx, &good).unwrap();
            spoil(&idx, offsets, &far);
            let file = PackFile::open(&idx).unwrap();
            let first = file.ids().unwrap()[0];
            assert!(file.find(first).is_err(), "{far:?}");
            assert_eq!(file.entries().unwrap().len(), 3);
        }
    }
}
