//! Which files a snapshot would not have had, if they were there then: those that the ignore rules of that day kept out, and those that it left
//! out by name. That such a file is in a later snapshot does not say that it is new.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use super::ignored::{Rules, Verdict};
use super::store::CodeStore;
use super::trees::{Kept, Lender};
use crate::git::project::Project;
use crate::model::code::above;

/// The rules of a snapshot.
pub struct Concealed<'s> {
    kept: &'s Kept,
    store: &'s CodeStore,
    lender: Lender<'s>,
    outside: Rules,
    /// The rules in each folder that somebody asked about.
    known: RefCell<HashMap<Vec<u8>, Rules>>,
}

impl CodeStore {
    /// The rules of a snapshot of a root. Where it did not note those outside of the root's folders, they are as now.
    pub fn concealed<'s>(&'s self, root: &Path, kept: &'s Kept) -> Concealed<'s> {
        let now = || self.rules_of(&Project::open(root));
        let outside = Rules::outside(&kept.snapshot.rules.clone().unwrap_or_else(now), &kept.snapshot.parts);
        Concealed { kept, store: self, lender: self.lender(), outside, known: RefCell::default() }
    }
}

impl Concealed<'_> {
    /// Whether the rules would have kept a file out.
    pub fn is_ignored(&self, path: &[u8]) -> bool {
        let mut folders = above(path);
        folders.any(|folder| self.rules_above(folder).verdict(folder, true) != Verdict::Kept)
            || self.rules_above(path).verdict(path, false) != Verdict::Kept
    }

    /// Whether a person had told codex-git to leave a file out.
    pub fn is_forbidden(&self, path: &[u8]) -> bool {
        above(path).any(|folder| self.outside.verdict(folder, true) == Verdict::Forbidden)
            || self.outside.verdict(path, false) == Verdict::Forbidden
    }

    /// Whether the snapshot left a file out, or may have. Of very many, only the first are named.
    pub fn is_left_out(&self, path: &[u8]) -> bool {
        self.kept.snapshot.may_leave_out(path)
    }

    /// The rules that count in the folder that a path is in.
    fn rules_above(&self, path: &[u8]) -> Rules {
        let end = path.iter().rposition(|byte| *byte == b'/');
        let folder = end.map_or(&b""[..], |end| &path[..end]);
        if let Some(rules) = self.known.borrow().get(folder) {
            return rules.clone();
        }
        let above = if folder.is_empty() { self.outside.clone() } else { self.rules_above(folder) };
        let depth = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let own = [path.get(..depth).unwrap_or_default(), b".gitignore"].concat();
        let text = self.text(&own);
        let rules = text.map_or_else(|| above.clone(), |text| above.with(depth, &text));
        self.known.borrow_mut().insert(folder.to_vec(), rules.clone());
        rules
    }

    fn text(&self, path: &[u8]) -> Option<Vec<u8>> {
        let (_, id) = self.store.file(self.kept.tree, path).ok()??;
        self.lender.bytes(path, id).ok()
    }
}
