//! Random edits of random files, told as Codex tells them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::support::unified::unified;

/// Files, by path.
pub type Tree = BTreeMap<String, String>;

/// Names as people and attackers give them.
const NAMES: [&str; 12] = [
    "a.txt",
    "src/b.rs",
    "with space",
    "two  spaces and ",
    "quo\"ted\\",
    "漢字.txt",
    "dir with space/é.md",
    "tab\there",
    "new\nline",
    "-dash",
    "src/deep/er/c",
    "b/a/d",
];

/// Lines that stand in many files more than once.
const LINES: [&str; 8] = ["a", "b", "", "}", "c\r", "漢", "-a", "\\ No newline"];

/// An edit that somebody could make.
#[derive(Clone, Debug)]
pub enum Edit {
    Add(usize, String),
    Update(Index, Vec<Splice>, bool),
    Rename(Index, usize, Vec<Splice>),
    Delete(Index),
}

/// Lines that give way to others, somewhere in a file.
#[derive(Clone, Debug)]
pub struct Splice {
    at: Index,
    gone: usize,
    new: Vec<String>,
}

fn lines(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(LINES.map(str::to_owned).to_vec()), 0..most)
}

fn content() -> impl Strategy<Value = String> {
    (lines(40), any::<bool>()).prop_map(|(lines, ended)| joined(&lines, ended))
}

fn joined(lines: &[String], ended: bool) -> String {
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    // A file that ends with an empty line that has no end is one that ends with a line end.
    if ended { text } else { text.trim_end_matches('\n').to_owned() }
}

fn splice() -> impl Strategy<Value = Splice> {
    (any::<Index>(), 0..4_usize, lines(4)).prop_map(|(at, gone, new)| Splice { at, gone, new })
}

/// Some files.
pub fn tree() -> impl Strategy<Value = Tree> {
    prop::collection::btree_map(prop::sample::select(NAMES.map(str::to_owned).to_vec()), content(), 0..6)
}

/// An edit; where no file exists, most are none.
pub fn edit() -> impl Strategy<Value = Edit> {
    let splices = || prop::collection::vec(splice(), 0..3);
    let name = || 0..NAMES.len();
    prop_oneof![
        2 => (name(), content()).prop_map(|(name, text)| Edit::Add(name, text)),
        6 => (any::<Index>(), splices(), any::<bool>()).prop_map(|(name, splices, ended)| Edit::Update(name, splices, ended)),
        2 => (any::<Index>(), name(), splices()).prop_map(|(from, to, splices)| Edit::Rename(from, to, splices)),
        1 => any::<Index>().prop_map(Edit::Delete),
    ]
}

impl Edit {
    /// Makes the edit, and tells it as Codex does.
    pub fn make(&self, tree: &mut Tree) -> Option<Value> {
        match self {
            Self::Add(name, text) => {
                let name = NAMES[*name];
                let is_new = !tree.contains_key(name);
                is_new.then(|| tree.insert(name.to_owned(), text.clone()));
                is_new.then(|| json!({ name: { "type": "add", "content": text } }))
            }
            Self::Update(name, splices, ended) => {
                let name = existing(tree, name)?;
                let diff = update(tree.get_mut(&name)?, splices, *ended);
                Some(json!({ name: { "type": "update", "unified_diff": diff, "move_path": null } }))
            }
            Self::Rename(from, to, splices) => {
                let (from, to) = (existing(tree, from)?, NAMES[*to]);
                if tree.contains_key(to) {
                    return None;
                }
                let mut text = tree.remove(&from)?;
                let diff = update(&mut text, splices, true);
                tree.insert(to.to_owned(), text);
                Some(json!({ from: { "type": "update", "unified_diff": diff, "move_path": to } }))
            }
            Self::Delete(name) => {
                let name = existing(tree, name)?;
                let text = tree.remove(&name)?;
                Some(json!({ name: { "type": "delete", "content": text } }))
            }
        }
    }
}

/// One of the files that exist.
fn existing(tree: &Tree, index: &Index) -> Option<String> {
    (!tree.is_empty()).then(|| index.get(&tree.keys().collect::<Vec<_>>()).to_string())
}

/// Changes a text, and gives the difference.
fn update(text: &mut String, splices: &[Splice], ended: bool) -> String {
    let mut lines: Vec<String> = text.lines_with_ends();
    for Splice { at, gone, new } in splices {
        let at = at.index(lines.len() + 1);
        let end = (at + gone).min(lines.len());
        lines.splice(at..end, new.iter().map(|line| format!("{line}\n")));
    }
    // Only the last line of a file can be without an end.
    let count = lines.len();
    lines
        .iter_mut()
        .take(count.saturating_sub(1))
        .for_each(|line| *line = line.trim_end_matches('\n').to_owned() + "\n");
    let joined = lines.concat();
    let new = if ended && !joined.is_empty() && !joined.ends_with('\n') { joined + "\n" } else { joined };
    let diff = unified(&text.lines_with_ends(), &new.lines_with_ends());
    *text = new;
    diff
}

trait LinesWithEnds {
    fn lines_with_ends(&self) -> Vec<String>;
}

impl LinesWithEnds for String {
    fn lines_with_ends(&self) -> Vec<String> {
        self.split_inclusive('\n').map(str::to_owned).collect()
    }
}
