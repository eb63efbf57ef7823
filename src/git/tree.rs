//! A tree's entries, as git stores them.

use super::object::Kind;
use super::{Error, Odb};
use crate::model::ObjectId;

/// The mode of a file.
pub(crate) const FILE: &str = "100644";
/// The mode of a folder.
pub(crate) const FOLDER: &str = "40000";

/// One line of a tree.
pub(crate) struct Entry {
    pub mode: String,
    pub name: String,
    pub id: ObjectId,
}

impl Entry {
    /// A file.
    pub fn file(name: String, id: ObjectId) -> Self {
        Self { mode: FILE.to_owned(), name, id }
    }

    /// A folder.
    pub fn folder(name: String, id: ObjectId) -> Self {
        Self { mode: FOLDER.to_owned(), name, id }
    }

    /// Adds the entry to a tree's bytes.
    pub fn render(&self, out: &mut Vec<u8>) {
        out.extend(self.mode.as_bytes());
        out.push(b' ');
        out.extend(self.name.as_bytes());
        out.push(0);
        out.extend(self.id.as_bytes());
    }

    fn parse(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let end = memchr::memchr(0, bytes)?;
        let (mode, name) = std::str::from_utf8(&bytes[..end]).ok()?.split_once(' ')?;
        let (id, after) = bytes[end + 1..].split_first_chunk::<20>()?;
        Some((Self { mode: mode.to_owned(), name: name.to_owned(), id: ObjectId::from_bytes(*id) }, after))
    }
}

/// The entries that a tree's bytes are; `None` if they are none.
pub(crate) fn parse(bytes: &[u8]) -> Option<Vec<Entry>> {
    let (mut rest, mut entries) = (bytes, Vec::new());
    while !rest.is_empty() {
        let (entry, after) = Entry::parse(rest)?;
        entries.push(entry);
        rest = after;
    }
    Some(entries)
}

/// A line of a tree whose name may be any bytes, as those of a person's files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawEntry {
    pub mode: u32,
    pub name: Vec<u8>,
    pub id: ObjectId,
}

/// The mode of a folder, as a number.
pub(crate) const FOLDER_MODE: u32 = 0o40_000;
/// The mode of another repository's commit.
pub(crate) const GITLINK_MODE: u32 = 0o160_000;

impl RawEntry {
    fn parse(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let end = memchr::memchr(0, bytes)?;
        let blank = memchr::memchr(b' ', &bytes[..end])?;
        let mode = u32::from_str_radix(std::str::from_utf8(&bytes[..blank]).ok()?, 8).ok()?;
        let (id, after) = bytes[end + 1..].split_first_chunk::<20>()?;
        Some((Self { mode, name: bytes[blank + 1..end].to_vec(), id: ObjectId::from_bytes(*id) }, after))
    }

    /// What git sorts a tree's lines by: a folder's name counts as if a slash followed it.
    fn key(&self) -> (&[u8], &[u8]) {
        (&self.name, if self.mode == FOLDER_MODE { b"/" } else { b"" })
    }
}

/// The lines that a tree's bytes are, whatever bytes their names have; `None` if they are none.
pub(crate) fn parse_raw(bytes: &[u8]) -> Option<Vec<RawEntry>> {
    let (mut rest, mut entries) = (bytes, Vec::new());
    while !rest.is_empty() {
        let (entry, after) = RawEntry::parse(rest)?;
        entries.push(entry);
        rest = after;
    }
    Some(entries)
}

/// A tree's bytes, its lines in git's order.
pub(crate) fn render_raw(entries: &mut [RawEntry]) -> Vec<u8> {
    entries.sort_unstable_by(|one, other| {
        let ((one, one_end), (other, other_end)) = (one.key(), other.key());
        one.iter().chain(one_end).cmp(other.iter().chain(other_end))
    });
    let mut out = Vec::with_capacity(entries.len() * 40);
    for entry in entries {
        out.extend(format!("{:o} ", entry.mode).as_bytes());
        out.extend(&entry.name);
        out.push(0);
        out.extend(entry.id.as_bytes());
    }
    out
}

impl Odb {
    /// All that a tree names.
    pub fn named_in_tree(&self, tree: ObjectId) -> Result<Vec<ObjectId>, Error> {
        let entries = parse(&self.read(Kind::Tree, tree)?).ok_or(Error::WrongKind(tree))?;
        Ok(entries.into_iter().map(|entry| entry.id).collect())
    }
}
