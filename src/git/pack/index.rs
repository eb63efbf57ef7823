//! The index of a pack, version 2 (`gitformat-pack`): which object stands where.

use std::io::{self, ErrorKind, Read};
use std::path::Path;

use sha1::{Digest, Sha1};

use crate::disk::regular;
use crate::model::ObjectId;

/// An object of a pack.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub id: ObjectId,
    /// Where its entry begins.
    pub offset: u64,
    /// The checksum of its entry.
    pub crc: u32,
}

/// Offsets from here on stand in a table of their own.
const FAR: u64 = 1 << 31;

/// The bytes of the index of a pack with this hash. The entries are sorted by id.
pub(crate) fn index(entries: &[Entry], pack: ObjectId) -> Vec<u8> {
    let mut out = Vec::with_capacity(1100 + entries.len() * 32);
    out.extend(b"\xfftOc\0\0\0\x02");
    for first in 0..=255 {
        let up_to = entries.partition_point(|entry| entry.id.as_bytes()[0] <= first);
        out.extend((up_to as u32).to_be_bytes());
    }
    entries.iter().for_each(|entry| out.extend(entry.id.as_bytes()));
    entries.iter().for_each(|entry| out.extend(entry.crc.to_be_bytes()));
    let mut far = Vec::new();
    for entry in entries {
        let near = if entry.offset < FAR {
            entry.offset as u32
        } else {
            far.push(entry.offset);
            FAR as u32 | (far.len() - 1) as u32
        };
        out.extend(near.to_be_bytes());
    }
    far.iter().for_each(|offset| out.extend(offset.to_be_bytes()));
    out.extend(pack.as_bytes());
    let hash = Sha1::digest(&out);
    out.extend(hash);
    out
}

/// Whether a file ends with the hash of all that comes before, as packs and indexes do.
pub(crate) fn is_hashed(path: &Path) -> bool {
    let hashed = || -> io::Result<bool> {
        let file = regular::open(path)?;
        let len = file.metadata()?.len().checked_sub(20).ok_or(ErrorKind::UnexpectedEof)?;
        let (mut hash, mut bytes) = (Sha1::new(), vec![0; 1 << 16]);
        let mut left = (&file).take(len);
        loop {
            let read = left.read(&mut bytes)?;
            if read == 0 {
                break;
            }
            hash.update(&bytes[..read]);
        }
        let mut end = Vec::new();
        (&file).read_to_end(&mut end)?;
        Ok(end == hash.finalize()[..])
    };
    hashed().unwrap_or(false)
}
