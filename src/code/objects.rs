//! The objects of a snapshot: trees from below, only those that the code store doesn't have, and the commit.

use std::io;

use super::files::{Folder, Kept};
use super::keeper::Keeper;
use crate::git::identity::{TOOL, render};
use crate::git::object::{Kind, object_id};
use crate::git::tree::{FOLDER_MODE, RawEntry, render_raw};
use crate::model::ObjectId;
use crate::model::code::Snapshot;

/// Writes the trees that are new, from below. Gives the root's.
pub(super) fn write_trees(root: &mut Folder, keeper: &mut Keeper<'_>) -> io::Result<ObjectId> {
    match write_tree(root, keeper)? {
        Some(tree) => Ok(tree),
        None => store_tree(keeper, &[]),
    }
}

fn write_tree(folder: &mut Folder, keeper: &mut Keeper<'_>) -> io::Result<Option<ObjectId>> {
    if folder.tree.is_some() {
        return Ok(folder.tree);
    }
    let mut entries = Vec::with_capacity(folder.files.len() + folder.folders.len());
    for (name, file) in folder.files.iter().filter(|(_, file)| file.kept != Kept::Never) {
        entries.push(RawEntry { mode: file.mode(), name: name.to_vec(), id: file.id });
    }
    for (name, below) in &mut folder.folders {
        if let Some(id) = write_tree(below, keeper)? {
            entries.push(RawEntry { mode: FOLDER_MODE, name: name.to_vec(), id });
        }
    }
    if !entries.is_empty() {
        folder.tree = Some(store_tree(keeper, &render_raw(&mut entries))?);
    }
    Ok(folder.tree)
}

fn store_tree(keeper: &mut Keeper<'_>, bytes: &[u8]) -> io::Result<ObjectId> {
    let id = object_id(Kind::Tree, bytes);
    if !keeper.is_stored(id) {
        keeper.write(id, Kind::Tree, bytes)?;
    }
    Ok(id)
}

/// Writes the commit, unless the last one of the root says the same. Gives it, a hash of what it says, and whether it is that one.
pub(super) fn write_commit(
    keeper: &mut Keeper<'_>,
    tree: ObjectId,
    snapshot: &Snapshot,
    last: Option<(ObjectId, ObjectId)>,
    now: i64,
) -> io::Result<(ObjectId, ObjectId, bool)> {
    let Snapshot { head, branch, torn, light, .. } = snapshot;
    let said = format!("{tree} {head:?} {branch:?} {torn} {light}\n{}", snapshot.body());
    let said = object_id(Kind::Blob, said.as_bytes());
    if let Some((commit, before)) = last
        && before == said
        && !torn
        && keeper.is_stored(commit)
    {
        return Ok((commit, said, true));
    }
    let who = render(TOOL, now);
    let text = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\n{}", snapshot.render());
    let id = object_id(Kind::Commit, text.as_bytes());
    if !keeper.is_stored(id) {
        keeper.write(id, Kind::Commit, text.as_bytes())?;
    }
    Ok((id, said, false))
}
