//! A rename that no commit tells yet: the file is new, and one that is gone was much like it.

use std::collections::HashMap;
use std::path::Path;

use super::super::Error;
use super::places::Key;
use crate::store::work_tree::{self, Version};

/// So many of the files that are gone are looked into.
const MOST: usize = 200;

/// The name under which the last commit has a file that it does not have under its own: that of the gone file that shares most lines with it,
/// and no less than half, as git has it.
pub(super) fn former_name(root: &Path, text: &str) -> Result<Option<Key>, Error> {
    let at_head = |path: String| Version { commit: "HEAD".to_owned(), path, ..Version::default() };
    let gone: Vec<Version> = work_tree::missing(root).into_iter().take(MOST).map(at_head).collect();
    if gone.is_empty() {
        return Ok(None);
    }
    let contents = work_tree::contents(root, &gone.iter().collect::<Vec<_>>()).map_err(crate::store::Error::from)?;
    let alike = gone.into_iter().zip(contents).filter_map(|(version, held)| {
        let held = held?;
        let (shared, most) = (shared(text, &held), text.lines().count().max(held.lines().count()));
        (shared > 0 && 2 * shared >= most).then_some((shared, version.path))
    });
    Ok(alike.max().map(|(_, path)| path))
}

/// How many lines two texts share.
fn shared(one: &str, other: &str) -> usize {
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    one.lines().for_each(|line| counts.entry(line).or_default().0 += 1);
    other.lines().for_each(|line| counts.entry(line).or_default().1 += 1);
    counts.values().map(|(one, other)| one.min(other)).sum()
}
