//! Chunks: the exact bytes of whole lines that one turn added, and their place in a commit's tree.
//!
//! A hundred turns share a folder, so a turn costs the same however long the session is: turn 1234 is `0012/34.jsonl`.
//! A chunk above 8 MiB goes on in `0012/34.jsonl.001`, `.002` and so on, so that no reader ever holds a larger blob.
//! The paths sort in the order of the bytes: reading a tree's files in git's own order gives the rollout back.

use std::fmt;

/// The largest blob in a store, in bytes.
pub const CHUNK_LIMIT: u64 = 8 * 1024 * 1024;

/// How many turns a session can hold: four digits of folder, two of file.
pub const TURN_LIMIT: u32 = 999_999;

/// How many bytes before the recorded offset the `Codex-Tail` hash covers, at the most.
pub const TAIL_LEN: u64 = 4096;

/// How many blobs one chunk can take: `.jsonl`, then `.001` to `.999`.
const PART_LIMIT: u64 = 1000;

/// A range of bytes in a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

impl Span {
    /// How many bytes it spans.
    pub const fn len(self) -> u64 {
        self.end - self.start
    }

    /// Whether it spans nothing.
    pub const fn is_empty(self) -> bool {
        self.end == self.start
    }

    /// The pieces of at most [`CHUNK_LIMIT`] bytes that it is stored in.
    pub fn parts(self) -> impl Iterator<Item = Span> {
        (self.start..self.end)
            .step_by(CHUNK_LIMIT as usize)
            .map(move |start| Span { start, end: self.end.min(start + CHUNK_LIMIT) })
    }

    /// Whether it fits into the parts that a chunk can have.
    pub const fn fits(self) -> bool {
        self.len() <= CHUNK_LIMIT * PART_LIMIT
    }
}

/// A turn's number in its session: from 1 to [`TURN_LIMIT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TurnNumber(u32);

impl TurnNumber {
    /// The turn with this number; `None` for 0 and for numbers that have no place in a tree.
    pub fn new(number: u32) -> Option<Self> {
        (1..=TURN_LIMIT).contains(&number).then_some(Self(number))
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The folder that holds the turn's chunk.
    pub fn folder(self) -> String {
        format!("{:04}", self.0 / 100)
    }

    /// The name, in its folder, of a part of the turn's chunk (0 is the first).
    pub fn file(self, part: u64) -> String {
        let name = format!("{:02}.jsonl", self.0 % 100);
        if part == 0 { name } else { format!("{name}.{part:03}") }
    }
}

impl fmt::Display for TurnNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where one blob of a tree stands: which turn, which part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChunkPath {
    /// The turn.
    pub turn: TurnNumber,
    /// Which part of the turn's chunk, from 0.
    pub part: u64,
}

impl ChunkPath {
    /// Reads a folder's and a file's name; `None` if they are not exactly what [`TurnNumber`] would write.
    pub fn parse(folder: &str, file: &str) -> Option<Self> {
        let hundreds: u32 = folder.parse().ok()?;
        let ones: u32 = file.get(..2)?.parse().ok()?;
        let part = match file.get(2..)?.strip_prefix(".jsonl")? {
            "" => 0,
            rest => rest.strip_prefix('.')?.parse().ok()?,
        };
        let turn = TurnNumber::new(hundreds.checked_mul(100)?.checked_add(ones)?)?;
        (turn.folder() == folder && turn.file(part) == file && part < PART_LIMIT).then_some(Self { turn, part })
    }
}

impl fmt::Display for ChunkPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.turn.folder(), self.turn.file(self.part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_turns_share_a_folder() {
        let path = |n, part| ChunkPath { turn: TurnNumber::new(n).unwrap(), part }.to_string();
        assert_eq!(path(1, 0), "0000/01.jsonl");
        assert_eq!(path(100, 0), "0001/00.jsonl");
        assert_eq!(path(1234, 0), "0012/34.jsonl");
        assert_eq!(path(1234, 2), "0012/34.jsonl.002");
        assert_eq!(path(TURN_LIMIT, 999), "9999/99.jsonl.999");
    }

    #[test]
    fn a_path_reads_back_and_nothing_else_does() {
        let path = ChunkPath::parse("0012", "34.jsonl.002").unwrap();
        assert_eq!((path.turn.get(), path.part), (1234, 2));
        for (folder, file) in [
            ("0000", "00.jsonl"),
            ("12", "34.jsonl"),
            ("0012", "034.jsonl"),
            ("0012", "34.jsonl.000"),
            ("+012", "34.jsonl"),
        ] {
            assert_eq!(ChunkPath::parse(folder, file), None, "{folder}/{file}");
        }
    }

    #[test]
    fn a_large_chunk_is_stored_in_parts() {
        let parts: Vec<_> = Span { start: 5, end: 5 + CHUNK_LIMIT + 1 }.parts().map(Span::len).collect();
        assert_eq!(parts, [CHUNK_LIMIT, 1]);
        assert_eq!(Span { start: 5, end: 5 }.parts().count(), 0);
    }
}
