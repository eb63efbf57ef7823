//! A file that is different in two snapshots: what it held, and the difference as git writes it.

use crate::code::{Changed, Lender};
use crate::model::code::{LINK, Version, line_changes, unified};
use crate::model::patch::head;

/// Larger files are not compared line by line.
const MOST: usize = 4 << 20;

/// A file's bytes, for one who looks at them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// There is no such file.
    None,
    /// Lines.
    Text(String),
    /// Bytes that are no text, or too many: how many they are.
    Binary(u64),
    /// They are gone.
    Gone,
    /// The snapshot left the file out, or the ignore rules kept it out, so that nothing is known of it.
    LeftOut,
}

/// A file that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileChange {
    /// Its path below the root.
    pub path: Vec<u8>,
    /// Its mode and its bytes' id before and after.
    pub versions: [Option<Version>; 2],
    /// What it held before and holds after.
    pub contents: [Content; 2],
    /// How many lines came.
    pub added: usize,
    /// How many lines went.
    pub removed: usize,
    /// Whether another session that worked in the same folder at the same time may have changed it, and not the turn.
    pub unsure: bool,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// It is another.
    Updated,
}

impl FileChange {
    /// What is different between two snapshots at a path, with who lends the bytes of each. `hides` says whether one of them may not have the file
    /// although it was there.
    pub(super) fn of(lenders: [&Lender<'_>; 2], changed: Changed, hides: &dyn Fn(usize, &[u8]) -> bool) -> Self {
        let Changed { path, old, new } = changed;
        let content = |(side, version): (usize, Option<Version>)| match version {
            Some(version) => content(lenders[side], &path, version),
            None if hides(side, &path) => Content::LeftOut,
            None => Content::None,
        };
        let contents = [(0, old), (1, new)].map(content);
        let (added, removed) = match contents.each_ref().map(text) {
            _ if contents.iter().any(is_unknown) => (0, 0),
            [before, after] => line_changes(before.unwrap_or_default(), after.unwrap_or_default()),
        };
        Self { versions: [old, new], contents, added, removed, unsure: false, path }
    }

    /// What happened to it. What a snapshot left out was there.
    pub fn happened(&self) -> Happened {
        match &self.contents {
            [Content::None, _] => Happened::Added,
            [_, Content::None] => Happened::Deleted,
            _ => Happened::Updated,
        }
    }

    /// Its modes before and after, where only these are different.
    pub fn new_mode(&self) -> Option<(u32, u32)> {
        let [Some((old, before)), Some((new, after))] = self.versions else { return None };
        (before == after && old != new).then_some((old, new))
    }

    /// Whether nothing is known of what it held, or holds.
    pub fn is_unknown(&self) -> bool {
        self.contents.iter().any(is_unknown)
    }

    /// The hunks that make what it holds of what it held; `None` where its bytes are no text, or not known.
    pub fn hunks(&self) -> Option<String> {
        let [old, new] = self.contents.each_ref().map(text);
        Some(unified(old?, new?))
    }

    /// The change as git writes it, for `git apply`; none where bytes that are no text differ, or are not known.
    pub fn patch(&self) -> Option<String> {
        let [old, new] = [0, 1].map(|side| self.versions[side].map(|(mode, _)| (mode, &self.contents[side])));
        let is_link = |(mode, _): (u32, &Content)| mode == LINK;
        match (old, new) {
            // A file that becomes a link is deleted first, and made after that.
            (Some(before), Some(after)) if is_link(before) != is_link(after) => {
                Some(self.part(old, None)? + &self.part(None, new)?)
            }
            _ => self.part(old, new),
        }
    }

    fn part(&self, old: Option<(u32, &Content)>, new: Option<(u32, &Content)>) -> Option<String> {
        let named = |side: Option<(u32, &Content)>| side.map(|(mode, _)| (self.path.as_slice(), mode));
        let is_same = matches!(self.versions, [Some((_, one)), Some((_, other))] if one == other);
        if is_same {
            return Some(head(named(old), named(new), false));
        }
        let [before, after] = self.contents.each_ref().map(text);
        let of = |side: Option<(u32, &Content)>, text| if side.is_some() { text } else { "" };
        let hunks = unified(of(old, before?), of(new, after?));
        Some(head(named(old), named(new), !hunks.is_empty()) + &hunks)
    }
}

const fn is_unknown(content: &Content) -> bool {
    matches!(content, Content::Gone | Content::LeftOut)
}

/// The lines; none where the bytes are no text, or not known.
fn text(content: &Content) -> Option<&str> {
    match content {
        Content::Text(text) => Some(text),
        Content::None => Some(""),
        Content::Binary(_) | Content::Gone | Content::LeftOut => None,
    }
}

fn content(lender: &Lender<'_>, path: &[u8], (mode, id): Version) -> Content {
    match lender.bytes(path, id) {
        Err(_) => Content::Gone,
        Ok(bytes) if mode != LINK && (bytes.len() > MOST || bytes.contains(&0)) => Content::Binary(bytes.len() as u64),
        Ok(bytes) => {
            let len = bytes.len() as u64;
            String::from_utf8(bytes).map_or(Content::Binary(len), Content::Text)
        }
    }
}
