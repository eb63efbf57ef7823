//! Git objects as bytes: what their id is, and how they are compressed.
//!
//! Turns are recorded on every prompt, and years of them at once, so blobs, trees and commits are written here instead of by
//! libgit2: one hash with the processor's own instructions, one pass of libdeflate. The formats are git's
//! (`gitformat-loose`, `gitformat-pack`).

use libdeflater::{CompressionLvl, Compressor, Decompressor};
use sha1::{Digest, Sha1};

use crate::model::ObjectId;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    /// The word in an object's header.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    /// The number in a pack entry's header.
    pub const fn number(self) -> u8 {
        match self {
            Self::Commit => 1,
            Self::Tree => 2,
            Self::Blob => 3,
            Self::Tag => 4,
        }
    }
}

/// What stands before an object's bytes when it is hashed or stored loose.
pub(super) fn header(kind: Kind, len: usize) -> String {
    format!("{} {len}\0", kind.word())
}

/// The id of an object.
pub(super) fn object_id(kind: Kind, bytes: &[u8]) -> ObjectId {
    let mut hash = Sha1::new();
    hash.update(header(kind, bytes.len()));
    hash.update(bytes);
    ObjectId::from_bytes(hash.finalize().into())
}

/// libdeflate's level 1 compresses turns to within 3 % of level 6, at one and a half times its speed.
const LEVEL: i32 = 1;

/// Compresses object after object.
pub(super) struct Deflater(Compressor);

impl Deflater {
    /// A compressor, ready to be used again and again.
    pub fn new() -> Self {
        Self(Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default()))
    }

    /// A zlib stream of bytes, after what `out` holds.
    pub fn append(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + self.0.zlib_compress_bound(bytes.len()), 0);
        // The buffer has the size that the compressor asked for, so there is room.
        let len = self.0.zlib_compress(bytes, &mut out[start..]).unwrap_or(0);
        out.truncate(start + len);
    }
}

/// The bytes of a zlib stream that is known to hold `len` of them; `None` if it doesn't.
pub(super) fn inflate(stream: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; len];
    let read = Decompressor::new().zlib_decompress(stream, &mut out).ok()?;
    (read == len).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_gits() {
        assert_eq!(object_id(Kind::Blob, b"").to_string(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(object_id(Kind::Tree, b"").to_string(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    }

    #[test]
    fn what_is_deflated_inflates() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(|n| n.to_le_bytes()).collect();
        let mut deflater = Deflater::new();
        let (mut stream, mut empty) = (vec![1, 2, 3], Vec::new());
        deflater.append(&bytes, &mut stream);
        deflater.append(b"", &mut empty);
        assert_eq!(inflate(&stream[3..], bytes.len()).unwrap(), bytes);
        assert_eq!(inflate(&stream[3..], bytes.len() - 1), None);
        assert_eq!(inflate(&empty, 0).unwrap(), b"");
    }
}
