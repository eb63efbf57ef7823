//! Repositories that a store borrows objects from (`git help repository-layout`, `objects/info/alternates`), read as its own are.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::pack::{Object, Packs};
use crate::disk::regular;
use crate::model::ObjectId;

/// Where a repository says whom it borrows from.
pub(crate) const ALTERNATES: &str = "info/alternates";

/// More than such a file has.
const MOST: u64 = 1 << 20;

/// So far those who lend may borrow themselves, as in git.
const DEEP: usize = 5;

/// The folders `objects` that are borrowed from, with their packs.
pub(crate) struct Lenders(Vec<(PathBuf, RefCell<Packs>)>);

impl Lenders {
    /// Those of a store whose objects are in this folder.
    pub fn of(objects: &Path) -> Self {
        let mut folders = Vec::new();
        find(objects, DEEP, &mut folders);
        Self(folders.into_iter().map(|folder| (folder, RefCell::default())).collect())
    }

    /// Reads an object; `None` if nobody holds it whole.
    pub fn read(&self, id: ObjectId) -> Option<Object> {
        let read = |(objects, packs): &(PathBuf, RefCell<Packs>)| packs.borrow_mut().read(objects, id).ok().flatten();
        self.0.iter().find_map(read)
    }
}

fn find(objects: &Path, deep: usize, folders: &mut Vec<PathBuf>) {
    let Ok(text) = regular::read(&objects.join(ALTERNATES), MOST) else { return };
    for line in String::from_utf8_lossy(&text).lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        // A path that is not absolute begins at the folder.
        let folder = objects.join(line);
        if deep > 0 && folder.is_dir() && !folders.contains(&folder) {
            folders.push(folder.clone());
            find(&folder, deep - 1, folders);
        }
    }
}
