//! Checking a code store: each object of its own against its id, and which files it borrows that the project no longer has.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Error;
use super::store::CodeStore;
use crate::git::object::Kind;
use crate::git::pack::reader::PackFile;
use crate::git::project::Project;
use crate::git::tree::{FOLDER_MODE, RawEntry};
use crate::model::ObjectId;

/// How closely a code store is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closely {
    /// Each of its files is read, and compared with its id.
    Bytes,
    /// Files need only be there.
    Presence,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckedStore {
    /// How many snapshots it has.
    pub snapshots: usize,
    /// How many files it borrows from the project, each version once.
    pub borrowed: usize,
    /// How many of these the project no longer has.
    pub lost: usize,
    /// How many snapshots lack a file for that.
    pub lacking: usize,
    /// Whether the project is not where it was: then all of these may be where it is now.
    pub is_away: bool,
    /// Its own objects that can't be read, or are not what their ids say.
    pub broken: Vec<ObjectId>,
}

impl CodeStore {
    /// Checks all that the refs reach. Nothing is written.
    ///
    /// # Errors
    /// When the refs or the packs can't be read.
    pub fn check(&self, closely: Closely) -> Result<CheckedStore, Error> {
        let packs = self.odb.packs_now()?.all().to_vec();
        let project = self.project();
        let is_away = project.as_ref().is_some_and(|path| !path.exists());
        let project = project.filter(|_| !is_away);
        let mut walk = Walk {
            store: self,
            packs,
            project: project.as_deref().map(Project::open),
            closely,
            trees: HashMap::new(),
            blobs: HashMap::new(),
            found: CheckedStore { is_away, ..CheckedStore::default() },
        };
        let commits: HashSet<ObjectId> = self.named()?.into_values().collect();
        walk.found.snapshots = commits.len();
        for commit in commits {
            match self.snapshot(commit) {
                Ok(kept) => walk.found.lacking += usize::from(walk.lacks(kept.tree)),
                Err(_) => walk.found.broken.push(commit),
            }
        }
        walk.found.broken.sort_unstable();
        Ok(walk.found)
    }
}

struct Walk<'s> {
    store: &'s CodeStore,
    packs: Vec<Arc<PackFile>>,
    project: Option<Project>,
    closely: Closely,
    /// Whether what is below a tree lacks a file.
    trees: HashMap<ObjectId, bool>,
    /// Whether a file's bytes are lost.
    blobs: HashMap<ObjectId, bool>,
    found: CheckedStore,
}

impl Walk<'_> {
    fn lacks(&mut self, tree: ObjectId) -> bool {
        if let Some(known) = self.trees.get(&tree) {
            return *known;
        }
        let Ok(entries) = self.store.entries(tree) else {
            self.found.broken.push(tree);
            self.trees.insert(tree, false);
            return false;
        };
        let mut lacks = false;
        for RawEntry { mode, id, .. } in entries {
            lacks |= if mode == FOLDER_MODE { self.lacks(id) } else { self.is_lost(id) };
        }
        self.trees.insert(tree, lacks);
        lacks
    }

    fn is_lost(&mut self, blob: ObjectId) -> bool {
        if let Some(known) = self.blobs.get(&blob) {
            return *known;
        }
        let is_own = self.packs.iter().any(|pack| pack.holds(blob));
        let is_lent = |project: &Project| project.size(blob).is_some();
        let is_lost = match () {
            () if is_own => {
                let is_read = || self.store.odb.read(Kind::Blob, blob).is_ok();
                if self.closely == Closely::Bytes && !is_read() {
                    self.found.broken.push(blob);
                }
                false
            }
            // Plain git keeps what it fetched from the project.
            () if self.project.as_ref().is_some_and(is_lent) || self.store.odb.knows(blob) => {
                self.found.borrowed += 1;
                false
            }
            () => {
                self.found.borrowed += 1;
                self.found.lost += 1;
                true
            }
        };
        self.blobs.insert(blob, is_lost);
        is_lost
    }
}
