//! What was scanned and holds no secret: blobs, and commits that are clean with all that stands before them. A note; without it all is read again.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::model::ObjectId;
use crate::store::{Note, Store};

/// What the note begins with; the rules' hash follows, and then an id a line, in their order.
const TITLE: &str = "codex-git scanned 1 ";

/// The bytes of a line.
const LINE: usize = ObjectId::LEN + 1;

/// What is known to be clean.
pub(super) struct Scanned {
    title: String,
    /// The lines of the note: few of the many are ever asked for, so they are looked up as they are written.
    lines: String,
    new: BTreeSet<ObjectId>,
}

impl Scanned {
    /// Reads the note. What was scanned with other rules says nothing of these.
    pub fn load(store: &Store, rules: &str) -> Self {
        let (note, title) = (store.read_note(Note::Scanned), format!("{TITLE}{rules}"));
        let known = note.split_once('\n').filter(|(first, lines)| *first == title && is_sorted(lines));
        let lines = known.map_or_else(String::new, |(_, lines)| lines.to_owned());
        Self { title, lines, new: BTreeSet::new() }
    }

    /// Whether a blob is clean, or a commit with all before it.
    pub fn has(&self, id: ObjectId) -> bool {
        self.new.contains(&id) || self.place(id).is_ok()
    }

    /// Adds what was found clean.
    pub fn add(&mut self, clean: impl IntoIterator<Item = ObjectId>) {
        for id in clean {
            if self.place(id).is_err() {
                self.new.insert(id);
            }
        }
    }

    /// Writes the note, if it says something new.
    pub fn save(&self, store: &Store) {
        if self.new.is_empty() {
            return;
        }
        let mut note = format!("{}\n", self.title);
        let mut rest = self.lines.as_str();
        for id in &self.new {
            let before = self.place(*id).unwrap_or_else(|place| place) * LINE - (self.lines.len() - rest.len());
            let (lines, after) = rest.split_at(before);
            note.push_str(lines);
            note.push_str(&format!("{id}\n"));
            rest = after;
        }
        note.push_str(rest);
        if let Err(error) = store.write_note(Note::Scanned, &note) {
            tracing::info!(%error, "what was scanned could not be noted");
        }
    }

    /// The number of the line that an id has, or would have.
    fn place(&self, id: ObjectId) -> Result<usize, usize> {
        let (mut from, mut to, mut place) = (0, self.lines.len() / LINE, [0; ObjectId::LEN]);
        let id = id.written(&mut place).as_bytes();
        while from < to {
            let middle = from + (to - from) / 2;
            match self.lines.as_bytes()[middle * LINE..middle * LINE + ObjectId::LEN].cmp(id) {
                Ordering::Equal => return Ok(middle),
                Ordering::Less => from = middle + 1,
                Ordering::Greater => to = middle,
            }
        }
        Err(from)
    }
}

/// Whether lines can be looked up by halves.
fn is_sorted(lines: &str) -> bool {
    let is_line = |line: &[u8]| line.len() == LINE && line.ends_with(b"\n");
    lines.is_ascii() && lines.as_bytes().chunks(LINE).all(is_line) && lines.as_bytes().chunks(LINE).is_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> ObjectId {
        format!("{number:040x}").parse().unwrap()
    }

    #[test]
    fn what_was_noted_is_known_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::init(&folder.path().join("sessions.git")).unwrap();
        let mut all = BTreeSet::new();
        // Before all, after all, and among them.
        for numbers in [vec![], vec![50, 10, 30], vec![5, 60, 20, 30], vec![40], vec![]] {
            let mut scanned = Scanned::load(&store, "rules");
            scanned.add(numbers.iter().map(|number| id(*number)));
            scanned.save(&store);
            all.extend(numbers);
            let read = Scanned::load(&store, "rules");
            assert!((0..99).all(|number| read.has(id(number)) == all.contains(&number)), "{all:?}");
            assert!(!Scanned::load(&store, "others").has(id(30)));
        }
    }
}
