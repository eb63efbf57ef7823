//! What a new folder does not have: names at the top of the project's folder that ignore rules or names of secrets keep out.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::ignored::{Rules, Verdict};
use super::store::CodeStore;
use crate::disk::regular;
use crate::git::project::Project;
use crate::model::code::looks_secret;

/// More than any file of rules has.
const MOST: u64 = 4 << 20;

impl CodeStore {
    /// The names at the top of a root that are kept out of its snapshots now, folders with a slash; sorted.
    pub fn kept_out(&self, root: &Path) -> Vec<Vec<u8>> {
        let outside = Rules::outside(&self.rules_of(&Project::open(root)), &[]);
        let own = regular::read(&root.join(".gitignore"), MOST).unwrap_or_default();
        let rules = outside.with(0, &own);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
            let name = entry.file_name().as_bytes().to_vec();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_out = rules.verdict(&name, is_folder) != Verdict::Kept || (!is_folder && looks_secret(&name));
            if is_out && name != b".git" {
                names.push(if is_folder { [&name[..], b"/"].concat() } else { name });
            }
        }
        names.sort();
        names
    }
}
