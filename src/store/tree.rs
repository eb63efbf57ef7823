//! The tree of a commit: the session's first line, and a file a turn, a hundred turns a folder.
//!
//! A tree is only ever made from the one before it, by adding one chunk or changing the first line, so a turn costs one folder
//! and the root, however long the session is.

use super::delta_base::Role;
use super::{Error, Store};
use crate::git::object::Kind;
use crate::git::tree::{self, Entry, FILE, FOLDER};
use crate::model::{ChunkPath, ObjectId, TurnNumber};

/// The file that holds the session's first line. It sorts before the folders.
const META: &str = "0000-meta.jsonl";

/// A commit's tree, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTree {
    /// The blob of the session's first line.
    pub meta: ObjectId,
    /// The chunks' blobs, in the order of their bytes.
    pub chunks: Vec<StoredChunk>,
}

/// One blob of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredChunk {
    /// Where it stands.
    pub path: ChunkPath,
    /// The blob.
    pub blob: ObjectId,
}

impl SessionTree {
    /// The number of the last turn.
    pub fn turns(&self) -> u32 {
        self.chunks.last().map_or(0, |chunk| chunk.path.turn.get())
    }
}

/// What a tree has of one turn.
pub(super) struct TurnParts {
    pub meta: Option<ObjectId>,
    pub folder: Option<ObjectId>,
    pub chunk: Vec<ObjectId>,
}

impl Store {
    /// Writes the tree of a session that has only its first line.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_start_tree(&self, meta: ObjectId) -> Result<ObjectId, Error> {
        self.write_entries(&[Entry::file(META.to_owned(), meta)], None)
    }

    /// Writes the tree with another first line.
    ///
    /// # Errors
    /// When it can't be written, or the tree has no first line.
    pub fn write_fork_tree(&self, tree: ObjectId, meta: ObjectId) -> Result<ObjectId, Error> {
        let mut root = self.entries(tree)?;
        match root.first_mut().filter(|entry| entry.name == META) {
            Some(entry) => entry.id = meta,
            None => return Err(layout(tree, format!("`{META}` is missing"))),
        }
        self.write_entries(&root, Some(tree))
    }

    /// Writes the tree with one more turn, the next, whose chunk is made of these blobs.
    ///
    /// # Errors
    /// As [`Store::write_start_tree`].
    pub fn write_turn_tree(&self, tree: ObjectId, turn: TurnNumber, blobs: &[ObjectId]) -> Result<ObjectId, Error> {
        let mut root = self.entries(tree)?;
        let name = turn.folder();
        let old = root.pop_if(|last| last.name == name);
        let mut folder = old.as_ref().map_or(Ok(Vec::new()), |old| self.entries(old.id))?;
        // The next turn's names sort after all that are there, so the order that git wants holds.
        folder.extend((0..).zip(blobs).map(|(part, blob)| Entry::file(turn.file(part), *blob)));
        let folder = self.write_entries(&folder, old.map(|old| old.id))?;
        root.push(Entry::folder(name, folder));
        self.write_entries(&root, Some(tree))
    }

    /// The blob of a tree's first line.
    ///
    /// # Errors
    /// When the tree has none.
    pub fn meta_blob(&self, tree: ObjectId) -> Result<ObjectId, Error> {
        let root = self.entries(tree)?;
        let meta = root.first().filter(|entry| entry.name == META && entry.mode == FILE);
        meta.map(|entry| entry.id).ok_or_else(|| layout(tree, format!("`{META}` is missing")))
    }

    /// Reads a tree.
    ///
    /// # Errors
    /// When it is not laid out as the format says: the first line, then the turns from 1 on without a gap.
    pub fn read_tree(&self, id: ObjectId) -> Result<SessionTree, Error> {
        let meta = self.meta_blob(id)?;
        let mut chunks = Vec::new();
        for folder in self.entries(id)?.iter().skip(1) {
            if folder.mode != FOLDER {
                return Err(layout(id, format!("`{}` doesn't belong there", folder.name)));
            }
            self.read_folder(id, folder, &mut chunks)?;
        }
        check_order(id, &chunks)?;
        Ok(SessionTree { meta, chunks })
    }

    /// A tree and the folders in it.
    pub(super) fn trees_of(&self, tree: ObjectId) -> Result<Vec<ObjectId>, Error> {
        let folders = self.entries(tree)?.into_iter().filter(|entry| entry.mode == FOLDER).map(|entry| entry.id);
        Ok(std::iter::once(tree).chain(folders).collect())
    }

    /// The blobs of one turn's chunk.
    ///
    /// # Errors
    /// As [`Store::read_tree`].
    pub fn chunk_of(&self, tree: ObjectId, turn: TurnNumber) -> Result<Vec<ObjectId>, Error> {
        let missing = || layout(tree, format!("turn {turn} is missing"));
        let name = turn.folder();
        let root = self.entries(tree)?;
        let folder = root.iter().find(|entry| entry.name == name).ok_or_else(missing)?;
        let mut chunks = Vec::new();
        self.read_folder(tree, folder, &mut chunks)?;
        let blobs: Vec<_> = chunks.iter().filter(|chunk| chunk.path.turn == turn).map(|chunk| chunk.blob).collect();
        if blobs.is_empty() { Err(missing()) } else { Ok(blobs) }
    }

    /// What a tree has of a turn: the first line's blob, the turn's folder, and the blobs of its chunk.
    pub(super) fn turn_of(&self, tree: ObjectId, turn: Option<TurnNumber>) -> Result<TurnParts, Error> {
        let root = self.entries(tree)?;
        let meta = root.first().filter(|entry| entry.name == META).map(|entry| entry.id);
        let mut parts = TurnParts { meta, folder: None, chunk: Vec::new() };
        if let Some(turn) = turn
            && let Some(folder) = root.iter().find(|entry| entry.name == turn.folder())
        {
            let mut chunks = Vec::new();
            self.read_folder(tree, folder, &mut chunks)?;
            parts.folder = Some(folder.id);
            parts.chunk = chunks.iter().filter(|chunk| chunk.path.turn == turn).map(|chunk| chunk.blob).collect();
        }
        Ok(parts)
    }

    fn read_folder(&self, root: ObjectId, folder: &Entry, chunks: &mut Vec<StoredChunk>) -> Result<(), Error> {
        for entry in self.entries(folder.id)? {
            let path = ChunkPath::parse(&folder.name, &entry.name).filter(|_| entry.mode == FILE);
            let path =
                path.ok_or_else(|| layout(root, format!("`{}/{}` doesn't belong there", folder.name, entry.name)))?;
            chunks.push(StoredChunk { path, blob: entry.id });
        }
        Ok(())
    }

    fn entries(&self, tree: ObjectId) -> Result<Vec<Entry>, Error> {
        tree::parse(&self.read(Kind::Tree, tree)?).ok_or_else(|| layout(tree, "it is not a tree".to_owned()))
    }

    fn write_entries(&self, entries: &[Entry], from: Option<ObjectId>) -> Result<ObjectId, Error> {
        let mut bytes = Vec::with_capacity(entries.len() * 40);
        entries.iter().for_each(|entry| entry.render(&mut bytes));
        self.write(Role::Tree { from }, &bytes)
    }
}

fn check_order(tree: ObjectId, chunks: &[StoredChunk]) -> Result<(), Error> {
    let (mut turn, mut part) = (0, 0);
    for chunk in chunks {
        let path = chunk.path;
        let follows =
            (path.turn.get() == turn && path.part == part + 1) || (path.turn.get() == turn + 1 && path.part == 0);
        if !follows {
            return Err(layout(tree, format!("`{path}` doesn't follow turn {turn}")));
        }
        (turn, part) = (path.turn.get(), path.part);
    }
    Ok(())
}

fn layout(tree: ObjectId, problem: String) -> Error {
    Error::Layout { tree, problem }
}
