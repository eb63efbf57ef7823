//! The stat cache: what the last look at a root found, so that the next one reads only files that changed.
//!
//! It is derived, and no part of the format. It carries a checksum; what is torn, cut off or of another version is as good as none, and the next
//! look reads every file again.
//!
//! Numbers take as many bytes as they need, seven bits in each, and a name or a stamp says only what is other than in the one before: names begin
//! alike, and files that were made together are alike in all but their sizes. Most of what remains are the files' ids.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::files::{File, Folder, Kept, Name, Stamp};
use crate::disk::{durable, regular};
use crate::git::object::{Kind, object_id};
use crate::model::ObjectId;

/// What the file begins with. Another layout has another number.
const MAGIC: &[u8; 8] = b"cgstat\0\x02";
/// More than the cache of a project that is within its limits has.
const MOST: u64 = 512 << 20;
/// Deeper than any look goes.
const DEEPEST: usize = 600;

/// No number in the file is memory that is asked for at once, beyond so many things.
const MANY: usize = 1 << 10;

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
        Writing { out: &mut out, before: Stamp::default() }.folder(&self.root);
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
    let content = content.strip_prefix(MAGIC).ok_or(ErrorKind::InvalidData)?;
    let mut fields = Fields { left: content, before: Stamp::default() };
    let looked = i64::from_le_bytes(fields.array()?);
    let rules = fields.array()?;
    let last = match fields.array()? {
        [0] => None,
        _ => Some((ObjectId::from_bytes(fields.array()?), ObjectId::from_bytes(fields.array()?))),
    };
    Ok(StatCache { looked, rules, last, root: fields.folder(0)? })
}

struct Writing<'a> {
    out: &'a mut Vec<u8>,
    /// The stamp that was written last.
    before: Stamp,
}

impl Writing<'_> {
    fn folder(&mut self, folder: &Folder) {
        self.maybe(folder.tree.map(|tree| *tree.as_bytes()));
        self.out.push(u8::from(folder.rules.is_some()));
        folder.rules.iter().for_each(|rules| self.stamp(rules));
        self.each(&folder.files, Self::file);
        self.each(&folder.folders, Self::folder);
    }

    /// How many things there are, and each with its name.
    fn each<T>(&mut self, all: &[(Name, T)], write: impl Fn(&mut Self, &T)) {
        self.number(all.len() as u64);
        let mut before: &[u8] = b"";
        for (name, one) in all {
            self.name(before, name);
            write(self, one);
            before = name;
        }
    }

    fn file(&mut self, file: &File) {
        self.stamp(&file.stamp);
        self.out.extend(file.id.as_bytes());
        let kept = match file.kept {
            Kept::Yes => 0,
            // What was being written when this was noted is not known to be there.
            Kept::Now | Kept::No => 1,
            Kept::Never => 2,
        };
        self.out.push(kept | u8::from(file.is_link) << 2 | u8::from(file.is_excused) << 3);
    }

    fn name(&mut self, before: &[u8], name: &[u8]) {
        let same = before.iter().zip(name).take_while(|(one, other)| one == other).count();
        self.number(same as u64);
        self.number((name.len() - same) as u64);
        self.out.extend(name.iter().skip(same));
    }

    fn stamp(&mut self, stamp: &Stamp) {
        let before = std::mem::replace(&mut self.before, *stamp);
        self.number(stamp.size);
        self.step(stamp.written.wrapping_sub(before.written));
        // Most files are never changed after they were written.
        self.step(stamp.changed.wrapping_sub(stamp.written));
        self.step(stamp.inode.wrapping_sub(before.inode).cast_signed());
        self.number(u64::from(stamp.mode ^ before.mode));
    }

    fn maybe(&mut self, bytes: Option<[u8; 20]>) {
        self.out.push(u8::from(bytes.is_some()));
        self.out.extend(bytes.into_iter().flatten());
    }

    /// A number that is small whether it is below zero or above.
    fn step(&mut self, step: i64) {
        self.number((step << 1 ^ step >> 63).cast_unsigned());
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.out.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.out.push(number as u8);
    }
}

struct Fields<'a> {
    left: &'a [u8],
    /// The stamp that was read last.
    before: Stamp,
}

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (array, left) = self.left.split_first_chunk().ok_or(ErrorKind::InvalidData)?;
        self.left = left;
        Ok(*array)
    }

    fn number(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(ErrorKind::InvalidData.into())
    }

    fn step(&mut self) -> io::Result<i64> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn name(&mut self, before: &[u8]) -> io::Result<Name> {
        let (same, len) = (self.number()? as usize, self.number()? as usize);
        let same = before.get(..same).ok_or(ErrorKind::InvalidData)?;
        let (rest, left) = self.left.split_at_checked(len).ok_or(ErrorKind::InvalidData)?;
        self.left = left;
        Ok([same, rest].concat().into())
    }

    fn stamp(&mut self) -> io::Result<Stamp> {
        let size = self.number()?;
        let written = self.before.written.wrapping_add(self.step()?);
        let changed = written.wrapping_add(self.step()?);
        let inode = self.before.inode.wrapping_add_signed(self.step()?);
        let mode = self.before.mode ^ self.number()? as u32;
        self.before = Stamp { size, written, changed, inode, mode };
        Ok(self.before)
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
        folder.files = self.each(Self::file)?;
        folder.folders = self.each(|fields| fields.folder(depth + 1))?;
        Ok(folder)
    }

    /// So many things as it says, each with its name.
    fn each<T>(&mut self, read: impl Fn(&mut Self) -> io::Result<T>) -> io::Result<Vec<(Name, T)>> {
        let count = self.number()? as usize;
        let mut all: Vec<(Name, T)> = Vec::with_capacity(count.min(MANY));
        for _ in 0..count {
            let name = self.name(all.last().map_or(b"", |(name, _)| name))?;
            all.push((name, read(self)?));
        }
        Ok(all)
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
        root.files.push(((*b"a\xfe").into(), file(Kept::Yes)));
        let other = Stamp { size: u64::MAX, written: i64::MIN, changed: 0, inode: u64::MAX, mode: u32::MAX };
        root.files.push(((*b"a\xff").into(), File { stamp: other, ..file(Kept::Yes) }));
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
