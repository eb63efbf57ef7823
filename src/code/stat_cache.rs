//! The stat cache: what the last look at a root found, so that the next one reads only files that changed.
//!
//! It is derived, and no part of the format. It carries a checksum; what is torn, cut off or of another version is as good as none, and the next
//! look reads every file again.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::files::{File, Folder, Kept, Name, Stamp};
use crate::disk::{durable, regular};
use crate::git::object::{Kind, object_id};
use crate::model::ObjectId;

/// What the file begins with. Another layout has another number.
const MAGIC: &[u8; 8] = b"cgstat\0\x01";
/// More than the cache of a project that is within its limits has.
const MOST: u64 = 512 << 20;
/// Deeper than any look goes.
const DEEPEST: usize = 600;

/// What the last look found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct StatCache {
    /// When it began, in nanoseconds since 1970.
    pub looked: i64,
    /// A hash of the ignore rules that stand outside of the root's folders.
    pub rules: [u8; 20],
    /// The snapshot that it made, and a hash of all that this says of itself.
    pub last: Option<(ObjectId, ObjectId)>,
    pub root: Folder,
}

impl StatCache {
    /// Reads the cache; an empty one, where there is none that is whole.
    pub fn read(path: &Path) -> Self {
        let read = regular::read(path, MOST).and_then(|bytes| parse(&bytes));
        read.inspect_err(|error| tracing::info!(%error, "every file is read again")).unwrap_or_default()
    }

    /// Puts it into the place of the one before.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut out = Vec::with_capacity(1 << 16);
        out.extend(MAGIC);
        out.extend(self.looked.to_le_bytes());
        out.extend(self.rules);
        out.push(u8::from(self.last.is_some()));
        for id in self.last.iter().flat_map(|(commit, said)| [commit, said]) {
            out.extend(id.as_bytes());
        }
        put_folder(&mut out, &self.root);
        let sum = object_id(Kind::Blob, &out);
        out.extend(sum.as_bytes());
        durable::replace(path, &out)
    }
}

fn parse(bytes: &[u8]) -> io::Result<StatCache> {
    let (content, sum) = bytes.split_last_chunk::<20>().ok_or(ErrorKind::InvalidData)?;
    if object_id(Kind::Blob, content).as_bytes() != sum {
        return Err(regular::broken("its checksum is another"));
    }
    let mut fields = Fields(content.strip_prefix(MAGIC).ok_or(ErrorKind::InvalidData)?);
    let looked = i64::from_le_bytes(fields.array()?);
    let rules = fields.array()?;
    let last = match fields.array()? {
        [0] => None,
        _ => Some((ObjectId::from_bytes(fields.array()?), ObjectId::from_bytes(fields.array()?))),
    };
    Ok(StatCache { looked, rules, last, root: fields.folder(0)? })
}

fn put_folder(out: &mut Vec<u8>, folder: &Folder) {
    put_maybe(out, folder.tree.map(|tree| *tree.as_bytes()));
    out.push(u8::from(folder.rules.is_some()));
    folder.rules.iter().for_each(|rules| put_stamp(out, rules));
    put_count(out, folder.files.len());
    for (name, file) in &folder.files {
        put_name(out, name);
        put_stamp(out, &file.stamp);
        out.extend(file.id.as_bytes());
        let kept = match file.kept {
            Kept::Yes => 0,
            // What was being written when this was noted is not known to be there.
            Kept::Now | Kept::No => 1,
            Kept::Never => 2,
        };
        out.push(kept | u8::from(file.is_link) << 2 | u8::from(file.is_excused) << 3);
    }
    put_count(out, folder.folders.len());
    for (name, folder) in &folder.folders {
        put_name(out, name);
        put_folder(out, folder);
    }
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_name(out: &mut Vec<u8>, name: &[u8]) {
    // No system has names of more than 255 bytes.
    out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    out.extend(name);
}

fn put_stamp(out: &mut Vec<u8>, stamp: &Stamp) {
    out.extend(stamp.size.to_le_bytes());
    out.extend(stamp.written.to_le_bytes());
    // Most files are never changed after they were written.
    out.extend(stamp.changed.wrapping_sub(stamp.written).to_le_bytes());
    out.extend(stamp.inode.to_le_bytes());
    out.extend(stamp.mode.to_le_bytes());
}

fn put_maybe(out: &mut Vec<u8>, bytes: Option<[u8; 20]>) {
    out.push(u8::from(bytes.is_some()));
    out.extend(bytes.into_iter().flatten());
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (array, left) = self.0.split_first_chunk().ok_or(ErrorKind::InvalidData)?;
        self.0 = left;
        Ok(*array)
    }

    fn count(&mut self) -> io::Result<usize> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    fn name(&mut self) -> io::Result<Name> {
        let [len] = self.array()?;
        let (name, left) = self.0.split_at_checked(len as usize).ok_or(ErrorKind::InvalidData)?;
        self.0 = left;
        Ok(name.into())
    }

    fn stamp(&mut self) -> io::Result<Stamp> {
        let (size, written) = (u64::from_le_bytes(self.array()?), i64::from_le_bytes(self.array()?));
        let changed = written.wrapping_add(i64::from_le_bytes(self.array()?));
        let (inode, mode) = (u64::from_le_bytes(self.array()?), u32::from_le_bytes(self.array()?));
        Ok(Stamp { size, written, changed, inode, mode })
    }

    fn file(&mut self) -> io::Result<File> {
        let (stamp, id) = (self.stamp()?, ObjectId::from_bytes(self.array()?));
        let [flags] = self.array()?;
        let kept = match flags & 3 {
            0 => Kept::Yes,
            1 => Kept::No,
            _ => Kept::Never,
        };
        Ok(File { stamp, id, kept, is_link: flags & 4 != 0, is_excused: flags & 8 != 0 })
    }

    fn folder(&mut self, depth: usize) -> io::Result<Folder> {
        if depth > DEEPEST {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut folder = Folder::default();
        if self.array()? != [0] {
            folder.tree = Some(ObjectId::from_bytes(self.array()?));
        }
        if self.array()? != [0] {
            folder.rules = Some(self.stamp()?);
        }
        for _ in 0..self.count()? {
            let name = self.name()?;
            folder.files.push((name, self.file()?));
        }
        for _ in 0..self.count()? {
            let name = self.name()?;
            folder.folders.push((name, self.folder(depth + 1)?));
        }
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_and_what_is_damaged_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        let id = |byte| ObjectId::from_bytes([byte; 20]);
        let stamp = Stamp { size: 7, written: -5, changed: i64::MAX, inode: 3, mode: 0o100_755 };
        let file = |kept| File { stamp, id: id(1), kept, is_link: true, is_excused: false };
        let mut root = Folder { tree: Some(id(2)), rules: Some(stamp), ..Folder::default() };
        root.files.push(((*b"a\xff").into(), file(Kept::Yes)));
        root.folders.push(((*b"b").into(), Folder::default()));
        let mut cache = StatCache { looked: 9, rules: [4; 20], last: Some((id(5), id(6))), root };
        cache.write(&path).unwrap();
        assert_eq!(StatCache::read(&path), cache);
        cache.root.each_file(&mut |file| file.kept = Kept::Now);
        cache.write(&path).unwrap();
        cache.root.each_file(&mut |file| file.kept = Kept::No);
        assert_eq!(StatCache::read(&path), cache, "what was being written is not known to be there");
        let whole = std::fs::read(&path).unwrap();
        for at in [0, 9, whole.len() / 2, whole.len() - 1] {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, &damaged).unwrap();
            assert_eq!(StatCache::read(&path), StatCache::default(), "byte {at}");
        }
        std::fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        assert_eq!(StatCache::read(&path), StatCache::default());
    }
}
