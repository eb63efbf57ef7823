//! What is different between two snapshots of a root. They can be in two code stores: a project gets a repository, or goes elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Changed, CodeStore, Kept};
use crate::model::code::Version;
use crate::ops::Error;

/// The paths at which two snapshots differ, where both looked. Of what only one of them looked at nothing can be told.
pub(super) fn between(old: (&CodeStore, &Kept), new: (&CodeStore, &Kept)) -> Result<Vec<Changed>, Error> {
    let mut changed = match old.0.path() == new.0.path() {
        true => old.0.difference(old.1.tree, new.1.tree)?,
        false => across(&old.0.files(old.1.tree)?, &new.0.files(new.1.tree)?),
    };
    let is_beside = |path: &[u8]| [old, new].iter().any(|(_, kept)| kept.snapshot.is_beside(path));
    changed.retain(|changed| !is_beside(&changed.path));
    Ok(changed)
}

fn across(old: &BTreeMap<Vec<u8>, Version>, new: &BTreeMap<Vec<u8>, Version>) -> Vec<Changed> {
    let paths: BTreeSet<&Vec<u8>> = old.keys().chain(new.keys()).collect();
    let of = |files: &BTreeMap<Vec<u8>, Version>, path: &Vec<u8>| files.get(path).copied();
    let changed = paths.into_iter().filter(|path| of(old, path) != of(new, path));
    changed.map(|path| Changed { path: path.clone(), old: of(old, path), new: of(new, path) }).collect()
}
