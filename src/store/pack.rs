//! Many objects in one file: how sessions are stored when many are recorded at once.
//!
//! A pack is written aside, object after object. Until [`Pack::finish`] git doesn't see it, so what it holds is read back from
//! here. Finishing puts the count into its header, hashes it, syncs it, writes its index, and gives both their names, the
//! index last: git takes a pack for there when its index is.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use libdeflater::crc32;
use sha1::{Digest, Sha1};
use tempfile::NamedTempFile;

use super::loose::read_only;
use super::object::{Deflater, Kind, inflate, object_id};
use super::pack_index::{Entry, index};
use crate::model::ObjectId;

/// `PACK`, version 2, and room for the count.
const HEADER: [u8; 12] = *b"PACK\0\0\0\x02\0\0\0\0";

/// A pack in the making.
pub(super) struct Pack {
    folder: PathBuf,
    file: BufWriter<NamedTempFile>,
    len: u64,
    deflater: Deflater,
    objects: HashMap<ObjectId, Stored>,
}

/// Where an object stands in the pack.
struct Stored {
    entry: Entry,
    kind: Kind,
    /// Its size, and that of its zlib stream, which begins after the entry's own header.
    size: usize,
    stream: (u64, usize),
}

impl Pack {
    /// Begins a pack in the folder `objects`.
    pub fn create(objects: &Path) -> io::Result<Self> {
        let folder = objects.join("pack");
        std::fs::create_dir_all(&folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix("tmp_pack_");
        read_only(&mut builder);
        let mut file = BufWriter::with_capacity(1 << 20, builder.tempfile_in(&folder)?);
        file.write_all(&HEADER)?;
        Ok(Self { folder, file, len: HEADER.len() as u64, deflater: Deflater::new(), objects: HashMap::new() })
    }

    /// How many bytes it has so far.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Adds an object, unless it holds it.
    pub fn write(&mut self, kind: Kind, bytes: &[u8]) -> io::Result<ObjectId> {
        let id = object_id(kind, bytes);
        if self.objects.contains_key(&id) {
            return Ok(id);
        }
        let mut entry = entry_header(kind, bytes.len());
        let header = entry.len();
        self.deflater.append(bytes, &mut entry);
        self.file.write_all(&entry)?;
        let stored = Stored {
            entry: Entry { id, offset: self.len, crc: crc32(&entry) },
            kind,
            size: bytes.len(),
            stream: (self.len + header as u64, entry.len() - header),
        };
        self.len += entry.len() as u64;
        self.objects.insert(id, stored);
        Ok(id)
    }

    /// Reads an object back; `None` if it is not in here.
    pub fn read(&mut self, id: ObjectId) -> io::Result<Option<(Kind, Vec<u8>)>> {
        let Some(stored) = self.objects.get(&id) else { return Ok(None) };
        self.file.flush()?;
        let mut file = self.file.get_ref().as_file();
        file.seek(SeekFrom::Start(stored.stream.0))?;
        let mut stream = vec![0; stored.stream.1];
        file.read_exact(&mut stream)?;
        file.seek(SeekFrom::End(0))?;
        let bytes = inflate(&stream, stored.size).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Some((stored.kind, bytes)))
    }

    /// Puts the pack and its index in place, on disk. A pack without objects leaves nothing.
    pub fn finish(self) -> io::Result<()> {
        if self.objects.is_empty() {
            return Ok(());
        }
        let mut pack = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let count = u32::try_from(self.objects.len()).map_err(io::Error::other)?;
        let hash = seal(pack.as_file_mut(), count)?;
        let mut entries: Vec<Entry> = self.objects.into_values().map(|stored| stored.entry).collect();
        entries.sort_unstable_by_key(|entry| entry.id);
        let mut builder = tempfile::Builder::new();
        builder.prefix("tmp_idx_");
        read_only(&mut builder);
        let mut idx = builder.tempfile_in(&self.folder)?;
        idx.write_all(&index(&entries, hash))?;
        pack.as_file().sync_all()?;
        idx.as_file().sync_all()?;
        let name = format!("pack-{hash}");
        pack.persist(self.folder.join(format!("{name}.pack"))).map_err(|error| error.error)?;
        idx.persist(self.folder.join(format!("{name}.idx"))).map_err(|error| error.error)?;
        File::open(&self.folder)?.sync_all()
    }
}

/// An entry's header: its kind and size, seven bits a byte after the first four.
fn entry_header(kind: Kind, size: usize) -> Vec<u8> {
    let mut header = Vec::with_capacity(10);
    let mut rest = size >> 4;
    let mut byte = kind.number() << 4 | (size & 0x0f) as u8;
    while rest > 0 {
        header.push(byte | 0x80);
        byte = (rest & 0x7f) as u8;
        rest >>= 7;
    }
    header.push(byte);
    header
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
    use super::*;
    use std::process::Command;

    #[test]
    fn git_reads_a_finished_pack() {
        let folder = tempfile::tempdir().unwrap();
        let repo = git2::Repository::init_bare(folder.path()).unwrap();
        let objects = folder.path().join("objects");
        let mut pack = Pack::create(&objects).unwrap();
        let blobs: Vec<Vec<u8>> = (0..3000_usize).map(|n| vec![b'a' + (n % 7) as u8; n * 11]).collect();
        let ids: Vec<_> = blobs.iter().map(|blob| pack.write(Kind::Blob, blob).unwrap()).collect();
        assert_eq!(pack.write(Kind::Blob, &blobs[9]).unwrap(), ids[9], "twice is once");
        assert_eq!(pack.read(ids[2999]).unwrap().unwrap().1, blobs[2999]);
        assert_eq!(pack.write(Kind::Blob, b"after reading").map(|_| ()).ok(), Some(()));
        assert!(repo.find_blob(git2::Oid::from_bytes(ids[5].as_bytes()).unwrap()).is_err());
        pack.finish().unwrap();
        for (id, blob) in ids.iter().zip(&blobs) {
            assert_eq!(repo.find_blob(git2::Oid::from_bytes(id.as_bytes()).unwrap()).unwrap().content(), blob);
        }
        let fsck = Command::new("git")
            .arg("--git-dir")
            .arg(folder.path())
            .args(["fsck", "--strict", "--full", "--no-dangling"])
            .output()
            .unwrap();
        assert!(fsck.status.success(), "{fsck:?}");
        Pack::create(&objects).unwrap().finish().unwrap();
        assert_eq!(std::fs::read_dir(objects.join("pack")).unwrap().count(), 2);
    }
}
