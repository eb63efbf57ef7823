//! Git objects as bytes: what their id is, and how they are compressed.
//!
//! Turns are recorded on every prompt, and years of them at once, so blobs, trees and commits are written here instead of by
//! libgit2: one hash with the processor's own instructions, one pass of libdeflate. The formats are git's
//! (`gitformat-loose`, `gitformat-pack`).

use libdeflater::{CompressionLvl, Compressor, DecompressionError, Decompressor};
use sha1::{Digest, Sha1};

use crate::disk::regular::room;
use crate::model::ObjectId;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
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

    /// The kind with this number.
    pub const fn of_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Commit,
            2 => Self::Tree,
            3 => Self::Blob,
            4 => Self::Tag,
            _ => return None,
        })
    }

    /// The kind of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        (1..=4).filter_map(Self::of_number).find(|kind| kind.word() == word)
    }
}

/// What stands before an object's bytes when it is hashed or stored loose.
pub(crate) fn header(kind: Kind, len: usize) -> String {
    format!("{} {len}\0", kind.word())
}

/// The id of an object.
pub(crate) fn object_id(kind: Kind, bytes: &[u8]) -> ObjectId {
    let mut hash = Sha1::new();
    hash.update(header(kind, bytes.len()));
    hash.update(bytes);
    ObjectId::from_bytes(hash.finalize().into())
}

/// The id of an object whose bytes come piece by piece; how many they are is known before.
pub(crate) struct IdOfPieces {
    hash: Sha1,
    left: u64,
}

impl IdOfPieces {
    /// Begins with an object of so many bytes.
    pub fn new(kind: Kind, len: u64) -> Self {
        let mut hash = Sha1::new();
        hash.update(format!("{} {len}\0", kind.word()));
        Self { hash, left: len }
    }

    /// Takes the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.left = self.left.wrapping_sub(bytes.len() as u64);
    }

    /// The id; `None` if there were more bytes, or fewer.
    pub fn finish(self) -> Option<ObjectId> {
        (self.left == 0).then(|| ObjectId::from_bytes(self.hash.finalize().into()))
    }
}

/// libdeflate's level 1 compresses turns to within 3 % of level 6, at one and a half times its speed.
const LEVEL: i32 = 1;

/// Compresses object after object.
pub(crate) struct Deflater(Compressor);

impl Default for Deflater {
    fn default() -> Self {
        Self(Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default()))
    }
}

impl Deflater {
    /// A zlib stream of bytes.
    pub fn compress(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![0; self.0.zlib_compress_bound(bytes.len())];
        // The buffer has the size that the compressor asked for, so there is room.
        let len = self.0.zlib_compress(bytes, &mut out).unwrap_or(0);
        out.truncate(len);
        out
    }
}

/// Uncompresses object after object.
pub(crate) struct Inflater(Decompressor);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompressor::new())
    }
}

impl Inflater {
    /// The bytes of a zlib stream that is known to hold `len` of them, whatever comes after it; `None` if it doesn't.
    pub fn inflate(&mut self, stream: &[u8], len: usize) -> Option<Vec<u8>> {
        // The length comes from a file that may be damaged: it is compared with what is there before it is memory.
        if len > MOST || len / MOST_RATIO > stream.len() {
            return None;
        }
        let mut out = zeros(len)?;
        let read = self.0.zlib_decompress(stream, &mut out).ok()?;
        (read == len).then_some(out)
    }

    /// What a loose object's file holds: a zlib stream of a header and as many bytes as that says.
    pub fn loose(&mut self, stream: &[u8]) -> Option<(Kind, Vec<u8>)> {
        // How long it is stands inside: most are no longer than this, the others are tried again.
        let mut room = stream.len().saturating_mul(8).clamp(4096, MOST);
        let mut out = loop {
            let mut out = zeros(room)?;
            match self.0.zlib_decompress(stream, &mut out) {
                Ok(len) => {
                    break {
                        out.truncate(len);
                        out
                    };
                }
                Err(DecompressionError::InsufficientSpace) if room < MOST => room = (room * 8).min(MOST),
                Err(_) => return None,
            }
        };
        let end = memchr::memchr(0, &out)?;
        let (word, len) = std::str::from_utf8(&out[..end]).ok()?.split_once(' ')?;
        let (kind, len): (_, usize) = (Kind::of_word(word)?, len.parse().ok()?);
        out.drain(..=end);
        (out.len() == len).then_some((kind, out))
    }
}

/// So many bytes of nothing, if there is room for them.
fn zeros(len: usize) -> Option<Vec<u8>> {
    let mut bytes = room(len).ok()?;
    bytes.resize(len, 0);
    Some(bytes)
}

/// Chunks are stored in parts of 8 MiB, so no object that codex-git wrote is nearly as long.
pub(crate) const MOST: usize = 256 << 20;

/// A byte of a zlib stream makes no more bytes than that.
const MOST_RATIO: usize = 1032;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_gits() {
        assert_eq!(object_id(Kind::Blob, b"").to_string(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(object_id(Kind::Tree, b"").to_string(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    }

    #[test]
    fn an_id_of_pieces_is_that_of_the_whole() {
        let of = |len, pieces: &[&[u8]]| {
            let mut id = IdOfPieces::new(Kind::Blob, len);
            pieces.iter().for_each(|piece| id.add(piece));
            id.finish()
        };
        assert_eq!(of(5, &[b"ab", b"", b"cde"]), Some(object_id(Kind::Blob, b"abcde")));
        assert_eq!((of(5, &[b"ab"]), of(1, &[b"ab"])), (None, None));
    }

    #[test]
    fn what_is_deflated_inflates() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(|n| n.to_le_bytes()).collect();
        let mut deflater = Deflater::default();
        let (stream, empty) = (deflater.compress(&bytes), deflater.compress(b""));
        let mut inflater = Inflater::default();
        assert_eq!(inflater.inflate(&[&stream[..], b"more"].concat(), bytes.len()).unwrap(), bytes);
        assert_eq!(inflater.inflate(&stream[..], bytes.len() - 1), None);
        assert_eq!(inflater.inflate(&empty, 0).unwrap(), b"");
    }

    #[test]
    fn a_loose_object_reads_back() {
        for len in [0, 1, 4000, 5000, 3_000_000] {
            let bytes = vec![b'x'; len];
            let stream = Deflater::default().compress(&[header(Kind::Blob, len).as_bytes(), &bytes].concat());
            assert_eq!(Inflater::default().loose(&stream).unwrap(), (Kind::Blob, bytes));
        }
        assert_eq!(Inflater::default().loose(b"nonsense"), None);
    }

    #[test]
    fn no_length_is_believed_that_the_stream_can_not_have() {
        let stream = Deflater::default().compress(b"short");
        for len in [6, 40_000, MOST + 1, 1 << 45, usize::MAX] {
            assert_eq!(Inflater::default().inflate(&stream, len), None, "{len}");
        }
    }
}
