//! A root as it is: what its newest snapshot has, and what stands beside that.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::Error;
use super::below::Below;
use super::put_back::ASIDE;
use super::store::CodeStore;
use super::take::Taken;
use crate::model::code::{Standing, Step, Version};

/// A root as it is.
pub struct AsItIs {
    below: Below,
    /// The files that its snapshot has, by path.
    pub files: BTreeMap<Vec<u8>, Version>,
    known: RefCell<HashMap<Vec<u8>, Standing>>,
}

impl CodeStore {
    /// A root of which a snapshot was taken just now.
    ///
    /// # Errors
    /// When the snapshot can't be read, or the root can't be opened.
    pub fn as_it_is(&self, root: &Path, taken: &Taken) -> Result<AsItIs, Error> {
        let below = Below::open(root).map_err(Error::io("look into", root))?;
        let files = self.files(self.snapshot(taken.commit)?.tree)?;
        Ok(AsItIs { below, files, known: RefCell::default() })
    }
}

impl AsItIs {
    /// What stands at a path, seen through no link.
    pub fn standing(&self, path: &[u8]) -> Standing {
        if let Some(known) = self.known.borrow().get(path) {
            return *known;
        }
        let standing = match self.below.standing(path, self.files.get(path).copied()) {
            Standing::Folder { .. } => {
                let unkept = !self.below.holds_only(path, &|path| self.files.contains_key(path));
                Standing::Folder { unkept }
            }
            standing => standing,
        };
        self.known.borrow_mut().insert(path.to_vec(), standing);
        standing
    }

    /// What removes the files that were left beside others as somebody was stopped while going back. Its snapshot has them.
    pub fn leftovers(&self) -> BTreeMap<Vec<u8>, Step> {
        let is_one = |path: &[u8]| path.rsplit(|byte| *byte == b'/').next().is_some_and(|name| name.starts_with(ASIDE));
        let left = self.files.iter().filter(|(path, _)| is_one(path));
        left.map(|(path, version)| (path.clone(), Step { from: Some(*version), to: None })).collect()
    }
}
