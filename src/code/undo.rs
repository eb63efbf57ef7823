//! What somebody went back from: the folder as it was, and what it was to be, both as snapshots that are named before any file is changed.
//!
//! Going back is a turn like any other that way: it has a before and an after, and is taken back by the same rule. Where it was stopped half way,
//! the files that it did not reach are still as before.

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::Error;
use super::keeper;
use super::names;
use super::put_back::{Bytes, Closed, PuttingBack, Unrestored};
use super::root::Root;
use super::store::CodeStore;
use super::take::Taken;
use super::trees::Kept;
use crate::disk::lock::lock_within;
use crate::disk::private;
use crate::git::identity::{TOOL, render};
use crate::git::object::{Deflater, Kind, object_id};
use crate::git::pack::writer::{Compressed, Pack};
use crate::git::refs::transaction::Edit;
use crate::git::tree::{FOLDER_MODE, RawEntry, render_raw};
use crate::model::ObjectId;
use crate::model::code::{Step, Version};

/// What somebody went back from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WentBack {
    /// The ref of the folder as it was.
    pub name: String,
    /// The folder as it was.
    pub before: Kept,
    /// What it was to be.
    pub after: Kept,
}

/// Another file at a path, or none.
type Other<'a> = (&'a [u8], Option<Version>);

/// How long somebody else is waited for who may be done at once.
const MOMENT: Duration = Duration::from_millis(200);

/// That nobody else puts files of a root back.
#[derive(Debug)]
pub struct Alone {
    _file: File,
}

impl CodeStore {
    /// Keeps others from putting files of a root back meanwhile.
    ///
    /// # Errors
    /// [`Error::PuttingBack`] when somebody does.
    pub fn alone(&self, root: &Root) -> Result<Alone, Error> {
        let path = self.note_of(root, &[], "lock");
        let file = private::open_or_make(&path).map_err(Error::io("lock", &path))?;
        match lock_within(&file, MOMENT) {
            Ok(()) => Ok(Alone { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::PuttingBack(root.path().to_owned())),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
        }
    }

    /// What somebody went back from in a root, the last first.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn went_back(&self, root: &[u8]) -> Result<Vec<WentBack>, Error> {
        let refs = self.refs.below(names::UNDO)?;
        let mut befores: Vec<&String> = refs.keys().filter(|name| names::order(name).is_some()).collect();
        befores.sort_by_key(|name| std::cmp::Reverse(names::order(name)));
        let mut all = Vec::new();
        for name in befores {
            // Without the other, no file was changed.
            let after = names::after_undo(name).and_then(|after| refs.get(&after));
            let Some((before, after)) = refs.get(name).zip(after) else { continue };
            let before = self.snapshot(*before)?;
            if before.snapshot.root == root {
                all.push(WentBack { name: name.clone(), before, after: self.snapshot(*after)? });
            }
        }
        Ok(all)
    }

    /// Names what a folder is to be: as `taken` has it, but for these steps. Bytes that are new are given with their ids.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn name_what_is_to_be(
        &self,
        taken: &Taken,
        steps: &BTreeMap<Vec<u8>, Step>,
        new: &BTreeMap<ObjectId, Vec<u8>>,
    ) -> Result<(), Error> {
        let _held = self.hold()?;
        let Some(name) = names::after_undo(&taken.name) else { return Ok(()) };
        let kept = self.snapshot(taken.commit)?;
        let mut pack = Pack::create(&self.odb.pack_folder()).map_err(Error::io("write into", self.path()))?;
        new.values().try_for_each(|bytes| self.add(&mut pack, Kind::Blob, bytes).map(drop))?;
        // What a restore wrote can be something that no look takes up: then it is named here.
        let mut from: Vec<Other<'_>> = steps.iter().map(|(path, step)| (&path[..], step.from)).collect();
        from.retain(|(path, from)| from.is_some() && self.file(kept.tree, path).is_ok_and(|known| known != *from));
        let to: Vec<Other<'_>> = steps.iter().map(|(path, step)| (&path[..], step.to)).collect();
        let mut edits = Vec::new();
        if !from.is_empty() {
            let before = self.snapshot_with(&kept, &from, &mut pack)?;
            edits.push(Edit { name: taken.name.clone(), from: Some(kept.commit), to: Some(before), note: None });
        }
        let after = self.snapshot_with(&kept, &to, &mut pack)?;
        keeper::finish(pack).map_err(Error::io("write into", self.path()))?;
        edits.push(Edit { name, from: None, to: Some(after), note: None });
        self.move_refs(&edits)
    }

    /// The commit of a snapshot with other files at some paths.
    fn snapshot_with(&self, kept: &Kept, changes: &[Other<'_>], pack: &mut Pack) -> Result<ObjectId, Error> {
        let tree = match self.tree_with(Some(kept.tree), changes, pack)? {
            Some(tree) => tree,
            None => self.add(pack, Kind::Tree, b"")?,
        };
        let who = render(TOOL, kept.at);
        let text = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\n{}", kept.snapshot.render());
        self.add(pack, Kind::Commit, text.as_bytes())
    }

    /// Puts files back below a root. `bytes` gives what a file is to hold. Folders that become empty go, but for those that are to stay.
    ///
    /// # Errors
    /// When the root can't be opened.
    pub fn put_back(
        (root, stays): (&Path, &[Vec<u8>]),
        steps: &BTreeMap<Vec<u8>, Step>,
        bytes: &Bytes<'_>,
        closed: &Closed<'_>,
    ) -> Result<Vec<Unrestored>, Error> {
        Ok(PuttingBack::new((root, stays), bytes, closed)?.all(steps))
    }

    /// A tree with other files at some paths; none, if nothing is left.
    fn tree_with(
        &self,
        tree: Option<ObjectId>,
        changes: &[Other<'_>],
        pack: &mut Pack,
    ) -> Result<Option<ObjectId>, Error> {
        let mut entries = tree.map_or(Ok(Vec::new()), |tree| self.entries(tree))?;
        let gone: HashSet<&[u8]> = changes.iter().map(|(path, _)| *path).collect();
        let mut below: BTreeMap<&[u8], Vec<Other<'_>>> = BTreeMap::new();
        let mut here = Vec::new();
        for (path, to) in changes {
            match path.iter().position(|byte| *byte == b'/') {
                Some(at) => below.entry(&path[..at]).or_default().push((&path[at + 1..], *to)),
                None => here.push((*path, *to)),
            }
        }
        // What is to go goes first: a folder can come into a file's place, and a file into a folder's.
        entries.retain(|entry| entry.mode == FOLDER_MODE || !gone.contains(&*entry.name));
        for (name, changes) in below {
            let at = entries.iter().position(|entry| entry.name == name && entry.mode == FOLDER_MODE);
            let tree = at.map(|at| entries.remove(at).id);
            let new = self.tree_with(tree, &changes, pack)?;
            entries.extend(new.map(|id| RawEntry { mode: FOLDER_MODE, name: name.to_vec(), id }));
        }
        let written: Vec<(&[u8], Version)> =
            here.into_iter().filter_map(|(name, to)| to.map(|to| (name, to))).collect();
        let names: HashSet<&[u8]> = written.iter().map(|(name, _)| *name).collect();
        entries.retain(|entry| !names.contains(&*entry.name));
        entries.extend(written.into_iter().map(|(name, (mode, id))| RawEntry { mode, name: name.to_vec(), id }));
        if entries.is_empty() { Ok(None) } else { self.add(pack, Kind::Tree, &render_raw(&mut entries)).map(Some) }
    }

    fn add(&self, pack: &mut Pack, kind: Kind, bytes: &[u8]) -> Result<ObjectId, Error> {
        let id = object_id(kind, bytes);
        if pack.depth(id).is_none() && !self.odb.knows(id) {
            let object = Compressed::whole(kind, bytes, &mut Deflater::default());
            pack.add(id, &object).map_err(Error::io("write into", self.path()))?;
        }
        Ok(id)
    }
}
