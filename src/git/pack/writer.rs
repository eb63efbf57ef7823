//! Writing a pack: many objects in one file.
//!
//! A pack is written aside, object after object. Until [`Pack::finish`] git doesn't see it, so what it holds is read back from
//! here. Finishing puts the count into its header, hashes it, syncs it, writes its index, and gives both their names, the
//! index last: git takes a pack for there when its index is.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};
use tempfile::NamedTempFile;

use super::index::{Entry, index};
use crate::disk::durable::{name, sync_folder, temporary};
use crate::git::delta::apply;
use crate::git::object::{Deflater, Inflater, Kind};
use crate::model::ObjectId;

/// `PACK`, version 2, and room for the count.
const HEADER: [u8; 12] = *b"PACK\0\0\0\x02\0\0\0\0";

/// The number of a delta whose base stands before it in the same pack.
const DELTA: u8 = 6;

/// A pack in the making.
pub(crate) struct Pack {
    folder: PathBuf,
    file: BufWriter<NamedTempFile>,
    len: u64,
    objects: HashMap<ObjectId, Place>,
}

/// An object, compressed for a pack.
pub(crate) struct Compressed {
    kind: Kind,
    /// The size of what the stream holds: the object, or its delta.
    size: usize,
    stream: Vec<u8>,
    /// What it is a delta of.
    base: Option<ObjectId>,
}

/// Where an object stands in the pack.
struct Place {
    entry: Entry,
    kind: Kind,
    size: usize,
    /// Its zlib stream.
    stream: (u64, usize),
    base: Option<ObjectId>,
    /// How many deltas are applied to read it.
    depth: u8,
}

impl Compressed {
    /// Compresses an object that stands for itself.
    pub fn whole(kind: Kind, bytes: &[u8], deflater: &mut Deflater) -> Self {
        Self { kind, size: bytes.len(), stream: deflater.compress(bytes), base: None }
    }

    /// Compresses an object that is made of another, of the same kind.
    pub fn delta(kind: Kind, base: ObjectId, delta: &[u8], deflater: &mut Deflater) -> Self {
        Self { kind, size: delta.len(), stream: deflater.compress(delta), base: Some(base) }
    }
}

impl Compressed {
    /// An object as it stands in another pack. Of a delta it doesn't matter what kind it makes: the entry doesn't say it.
    pub fn copied(kind: Option<Kind>, size: usize, stream: Vec<u8>, base: Option<ObjectId>) -> Self {
        Self { kind: kind.unwrap_or(Kind::Blob), size, stream, base }
    }
}

impl Pack {
    /// Begins a pack in a folder.
    pub fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut file = BufWriter::with_capacity(1 << 20, temporary(folder, "tmp_pack_")?);
        file.write_all(&HEADER)?;
        Ok(Self { folder: folder.to_owned(), file, len: HEADER.len() as u64, objects: HashMap::new() })
    }

    /// How many bytes it has so far.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// How many deltas are applied to read an object; `None` if it is not in here.
    pub fn depth(&self, id: ObjectId) -> Option<u8> {
        self.objects.get(&id).map(|place| place.depth)
    }

    /// Adds an object that it doesn't hold yet. False if that is a delta of one that it doesn't hold either.
    pub fn add(&mut self, id: ObjectId, object: &Compressed) -> io::Result<bool> {
        let (head, depth) = match object.base {
            None => (entry_header(object.kind.number(), object.size), 0),
            Some(base) => {
                let Some(base) = self.objects.get(&base) else { return Ok(false) };
                let mut head = entry_header(DELTA, object.size);
                push_distance(self.len - base.entry.offset, &mut head);
                (head, base.depth.saturating_add(1))
            }
        };
        let Compressed { kind, size, ref stream, base } = *object;
        let crc = crc_of(&head, stream);
        self.file.write_all(&head)?;
        self.file.write_all(stream)?;
        let begins = self.len + head.len() as u64;
        let entry = Entry { id, offset: self.len, crc };
        self.len = begins + stream.len() as u64;
        self.objects.insert(id, Place { entry, kind, size, stream: (begins, stream.len()), base, depth });
        Ok(true)
    }

    /// Reads an object back; `None` if it is not in here.
    pub fn read(&mut self, id: ObjectId) -> io::Result<Option<(Kind, Vec<u8>)>> {
        let (mut deltas, mut next) = (Vec::new(), id);
        // A delta's base was written before it, so there are no circles.
        let (kind, mut bytes) = loop {
            let Some(place) = self.objects.get(&next) else {
                return if deltas.is_empty() { Ok(None) } else { Err(io::ErrorKind::InvalidData.into()) };
            };
            let (kind, size, stream, base) = (place.kind, place.size, place.stream, place.base);
            let content = self.content(stream, size)?;
            let Some(base) = base else { break (kind, content) };
            deltas.push((kind, content));
            next = base;
        };
        let kind = deltas.first().map_or(kind, |(kind, _)| *kind);
        while let Some((_, delta)) = deltas.pop() {
            bytes = apply(&bytes, &delta).ok_or(io::ErrorKind::InvalidData)?;
        }
        Ok(Some((kind, bytes)))
    }

    /// What a stream of the pack holds.
    fn content(&mut self, stream: (u64, usize), size: usize) -> io::Result<Vec<u8>> {
        self.file.flush()?;
        let mut file = self.file.get_ref().as_file();
        file.seek(SeekFrom::Start(stream.0))?;
        let mut bytes = vec![0; stream.1];
        file.read_exact(&mut bytes)?;
        file.seek(SeekFrom::End(0))?;
        Inflater::default().inflate(&bytes, size).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Puts the pack and its index in place, on disk. A pack without objects leaves nothing. The path is that of the pack.
    pub fn finish(self) -> io::Result<Option<PathBuf>> {
        Ok(self.finish_with(|_| Ok(()))?.map(|(place, ())| place))
    }

    /// The same; `before` is done with the pack's path before git can see it.
    pub fn finish_with<T>(self, before: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<Option<(PathBuf, T)>> {
        if self.objects.is_empty() {
            return Ok(None);
        }
        let mut pack = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let count = u32::try_from(self.objects.len()).map_err(io::Error::other)?;
        let hash = seal(pack.as_file_mut(), count)?;
        let mut entries: Vec<Entry> = self.objects.into_values().map(|place| place.entry).collect();
        entries.sort_unstable_by_key(|entry| entry.id);
        let mut idx = temporary(&self.folder, "tmp_idx_")?;
        idx.write_all(&index(&entries, hash))?;
        pack.as_file().sync_data()?;
        idx.as_file().sync_data()?;
        let place = self.folder.join(format!("pack-{hash}.pack"));
        let done = before(&place)?;
        name(pack.into_temp_path(), &place)?;
        name(idx.into_temp_path(), &place.with_extension("idx"))?;
        sync_folder(&self.folder);
        Ok(Some((place, done)))
    }
}

fn crc_of(head: &[u8], stream: &[u8]) -> u32 {
    let mut crc = libdeflater::Crc::new();
    crc.update(head);
    crc.update(stream);
    crc.sum()
}

/// An entry's header: its kind and size, seven bits a byte after the first four.
fn entry_header(number: u8, size: usize) -> Vec<u8> {
    let mut header = Vec::with_capacity(16);
    let mut rest = size >> 4;
    let mut byte = number << 4 | (size & 0x0f) as u8;
    while rest > 0 {
        header.push(byte | 0x80);
        byte = (rest & 0x7f) as u8;
        rest >>= 7;
    }
    header.push(byte);
    header
}

/// How far back a delta's base begins: seven bits a byte, the highest first, each but the last one too large by one.
fn push_distance(mut distance: u64, out: &mut Vec<u8>) {
    let mut bytes = vec![(distance & 0x7f) as u8];
    while distance > 0x7f {
        distance = (distance >> 7) - 1;
        bytes.push((distance & 0x7f) as u8 | 0x80);
    }
    out.extend(bytes.iter().rev());
}

/// Writes the count into the header and the hash of all bytes to the end.
fn seal(mut file: &mut File, count: u32) -> io::Result<ObjectId> {
    file.seek(SeekFrom::Start(8))?;
    file.write_all(&count.to_be_bytes())?;
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Sha1::new();
    io::copy(&mut BufReader::with_capacity(1 << 20, &mut file), &mut Hashing(&mut hash))?;
    let hash = ObjectId::from_bytes(hash.finalize().into());
    file.seek(SeekFrom::End(0))?;
    file.write_all(hash.as_bytes())?;
    Ok(hash)
}

struct Hashing<'a>(&'a mut Sha1);

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::packs::Packs;
    use super::*;
    use crate::git::delta::Base;
    use crate::git::object::object_id;

    fn blobs() -> Vec<Vec<u8>> {
        (0..3000_usize).map(|n| format!("{n} {}", "a line of text\n".repeat(n % 97)).into_bytes()).collect()
    }

    /// A pack in which every second blob is a delta of the one before, and that a delta of none.
    fn filled(folder: &Path) -> Pack {
        let (mut pack, mut deflater) = (Pack::create(folder).unwrap(), Deflater::default());
        for pair in blobs().chunks(2) {
            let ids: Vec<ObjectId> = pair.iter().map(|blob| object_id(Kind::Blob, blob)).collect();
            assert!(pack.add(ids[0], &Compressed::whole(Kind::Blob, &pair[0], &mut deflater)).unwrap());
            let second = match Base::new(pair[0].clone()).delta(&pair[1]) {
                Some(delta) => Compressed::delta(Kind::Blob, ids[0], &delta, &mut deflater),
                None => Compressed::whole(Kind::Blob, &pair[1], &mut deflater),
            };
            assert!(pack.add(ids[1], &second).unwrap());
        }
        pack
    }

    #[test]
    fn what_is_written_is_read_back_before_and_after_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let repo = git2::Repository::init_bare(folder.path()).unwrap();
        let packs = folder.path().join("objects/pack");
        let mut pack = filled(&packs);
        for blob in blobs() {
            let id = object_id(Kind::Blob, &blob);
            assert_eq!(pack.read(id).unwrap(), Some((Kind::Blob, blob)));
        }
        let first = git2::Oid::from_bytes(object_id(Kind::Blob, &blobs()[5]).as_bytes()).unwrap();
        assert!(repo.find_blob(first).is_err(), "git doesn't see it yet");
        pack.finish().unwrap().unwrap();
        let mut own = Packs::default();
        for blob in blobs() {
            let id = object_id(Kind::Blob, &blob);
            assert_eq!(repo.find_blob(git2::Oid::from_bytes(id.as_bytes()).unwrap()).unwrap().content(), blob);
            assert_eq!(own.read(&folder.path().join("objects"), id).unwrap(), Some((Kind::Blob, blob)));
        }
        let git =
            |words: &[&str]| Command::new("git").arg("--git-dir").arg(folder.path()).args(words).output().unwrap();
        assert!(git(&["fsck", "--strict", "--full", "--no-dangling"]).status.success());
    }

    #[test]
    fn what_git_packs_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let repo = git2::Repository::init_bare(folder.path()).unwrap();
        let ids: Vec<_> = blobs().iter().map(|blob| repo.blob(blob).unwrap()).collect();
        let mut tree = repo.treebuilder(None).unwrap();
        ids.iter().zip(0..).for_each(|(id, n)| drop(tree.insert(format!("{n}"), *id, 0o100_644)));
        let tree = repo.find_tree(tree.write().unwrap()).unwrap();
        let person = git2::Signature::new("a", "b", &git2::Time::new(0, 0)).unwrap();
        repo.commit(Some("refs/heads/main"), &person, &person, "m", &tree, &[]).unwrap();
        for words in [["repack", "-adfq", "--depth=50"], ["-c", "repack.usedeltabaseoffset=false", "repack"]] {
            let mut git = Command::new("git");
            git.arg("--git-dir").arg(folder.path()).args(words);
            if words[0] == "-c" {
                git.arg("-adfq");
            }
            assert!(git.output().unwrap().status.success());
            assert!(
                Command::new("git")
                    .arg("--git-dir")
                    .arg(folder.path())
                    .arg("prune-packed")
                    .output()
                    .unwrap()
                    .status
                    .success()
            );
            let mut own = Packs::default();
            for blob in blobs() {
                let id = object_id(Kind::Blob, &blob);
                assert_eq!(own.read(&folder.path().join("objects"), id).unwrap(), Some((Kind::Blob, blob)));
            }
        }
    }

    #[test]
    fn a_pack_without_objects_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Pack::create(folder.path()).unwrap().finish().unwrap(), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_delta_of_what_is_elsewhere_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let base = object_id(Kind::Blob, b"elsewhere");
        let delta = Compressed::delta(Kind::Blob, base, b"x", &mut Deflater::default());
        assert!(!Pack::create(folder.path()).unwrap().add(object_id(Kind::Blob, b"y"), &delta).unwrap());
    }
}
