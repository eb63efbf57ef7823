//! The tree of a commit: the session's first line, and a file a turn, a hundred turns a folder.
//!
//! A tree is only ever made from the one before it, by adding one chunk or changing the first line, so a turn costs one folder
//! and the root, however long the session is.

use git2::{ObjectType, Tree, TreeBuilder};

use super::repository::{from_oid, to_oid};
use super::{Error, Store};
use crate::model::{ChunkPath, ObjectId, TurnNumber};

/// The file that holds the session's first line. It sorts before the folders.
const META: &str = "0000-meta.jsonl";

const BLOB: i32 = 0o100_644;
const FOLDER: i32 = 0o040_000;

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

    /// All blobs, in the order of their bytes.
    pub fn blobs(&self) -> impl Iterator<Item = ObjectId> {
        std::iter::once(self.meta).chain(self.chunks.iter().map(|chunk| chunk.blob))
    }
}

impl Store {
    /// Writes the tree of a session that has only its first line.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_start_tree(&self, meta: ObjectId) -> Result<ObjectId, Error> {
        let mut root = self.builder(None)?;
        insert(&mut root, META, meta, BLOB)?;
        write(&root)
    }

    /// Writes the tree with another first line.
    ///
    /// # Errors
    /// As [`Store::write_start_tree`].
    pub fn write_fork_tree(&self, tree: ObjectId, meta: ObjectId) -> Result<ObjectId, Error> {
        let tree = self.tree(tree)?;
        let mut root = self.builder(Some(&tree))?;
        insert(&mut root, META, meta, BLOB)?;
        write(&root)
    }

    /// Writes the tree with one more turn, whose chunk is made of these blobs.
    ///
    /// # Errors
    /// As [`Store::write_start_tree`].
    pub fn write_turn_tree(&self, tree: ObjectId, turn: TurnNumber, blobs: &[ObjectId]) -> Result<ObjectId, Error> {
        let tree = self.tree(tree)?;
        let name = turn.folder();
        let old = match tree.get_name(&name) {
            Some(entry) => Some(self.tree(from_oid(entry.id()))?),
            None => None,
        };
        let mut folder = self.builder(old.as_ref())?;
        for (part, blob) in (0..).zip(blobs) {
            insert(&mut folder, &turn.file(part), *blob, BLOB)?;
        }
        let mut root = self.builder(Some(&tree))?;
        insert(&mut root, &name, write(&folder)?, FOLDER)?;
        write(&root)
    }

    /// The blob of a tree's first line.
    ///
    /// # Errors
    /// When the tree has none.
    pub fn meta_blob(&self, tree: ObjectId) -> Result<ObjectId, Error> {
        let root = self.tree(tree)?;
        let entry = root.get_name(META).ok_or_else(|| layout(tree, format!("`{META}` is missing")))?;
        Ok(from_oid(entry.id()))
    }

    /// Reads a tree.
    ///
    /// # Errors
    /// When it is not laid out as the format says: the first line, then the turns from 1 on without a gap.
    pub fn read_tree(&self, id: ObjectId) -> Result<SessionTree, Error> {
        let root = self.tree(id)?;
        let mut chunks = Vec::new();
        for entry in root.iter() {
            let name = entry.name().unwrap_or_default().to_owned();
            match entry.kind() {
                Some(ObjectType::Blob) if name == META => {}
                Some(ObjectType::Tree) => self.read_folder(id, &name, from_oid(entry.id()), &mut chunks)?,
                _ => return Err(layout(id, format!("`{name}` doesn't belong there"))),
            }
        }
        check_order(id, &chunks)?;
        Ok(SessionTree { meta: self.meta_blob(id)?, chunks })
    }

    /// The blobs of one turn's chunk.
    ///
    /// # Errors
    /// As [`Store::read_tree`].
    pub fn chunk_of(&self, tree: ObjectId, turn: TurnNumber) -> Result<Vec<ObjectId>, Error> {
        let root = self.tree(tree)?;
        let missing = || layout(tree, format!("turn {turn} is missing"));
        let folder = self.tree(from_oid(root.get_name(&turn.folder()).ok_or_else(missing)?.id()))?;
        let blobs: Vec<_> =
            (0..).map_while(|part| folder.get_name(&turn.file(part))).map(|entry| from_oid(entry.id())).collect();
        if blobs.is_empty() { Err(missing()) } else { Ok(blobs) }
    }

    fn read_folder(
        &self,
        root: ObjectId,
        name: &str,
        id: ObjectId,
        chunks: &mut Vec<StoredChunk>,
    ) -> Result<(), Error> {
        for entry in self.tree(id)?.iter() {
            let file = entry.name().unwrap_or_default();
            let path = ChunkPath::parse(name, file).filter(|_| entry.kind() == Some(ObjectType::Blob));
            let path = path.ok_or_else(|| layout(root, format!("`{name}/{file}` doesn't belong there")))?;
            chunks.push(StoredChunk { path, blob: from_oid(entry.id()) });
        }
        Ok(())
    }

    fn tree(&self, id: ObjectId) -> Result<Tree<'_>, Error> {
        self.repo.find_tree(to_oid(id)?).map_err(Error::git("read a tree"))
    }

    fn builder(&self, tree: Option<&Tree<'_>>) -> Result<TreeBuilder<'_>, Error> {
        self.repo.treebuilder(tree).map_err(Error::git("write a tree"))
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

fn insert(builder: &mut TreeBuilder<'_>, name: &str, id: ObjectId, mode: i32) -> Result<(), Error> {
    builder.insert(name, to_oid(id)?, mode).map(drop).map_err(Error::git("write a tree"))
}

fn write(builder: &TreeBuilder<'_>) -> Result<ObjectId, Error> {
    builder.write().map(from_oid).map_err(Error::git("write a tree"))
}

fn layout(tree: ObjectId, problem: String) -> Error {
    Error::Layout { tree, problem }
}
