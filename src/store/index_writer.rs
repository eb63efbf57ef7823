//! Writing an index and the keep that goes with it.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::index::{FORMAT, Index};
use super::side::Side;
use crate::git::identity::{self, TOOL};
use crate::git::object::Kind;
use crate::git::tree::Entry;
use crate::model::{IndexLine, ObjectId};

/// How many parents a keep has at the most, besides the keep before it.
const PARENTS: usize = 500;

/// The lines of an index by the last byte of their sessions' ids: each is a file.
fn shards(index: &Index) -> BTreeMap<u8, Vec<&IndexLine>> {
    let mut shards: BTreeMap<u8, Vec<&IndexLine>> = BTreeMap::new();
    for (session, line) in &index.lines {
        let [.., last] = session.to_bytes();
        shards.entry(last).or_default().push(line);
    }
    shards
}

impl Side {
    /// Writes an index; no ref moves. `None` if it says what the one before it says. `told`: one that this machine wrote, with what that says.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write_index(
        &self,
        index: &Index,
        (before, told): (Option<ObjectId>, Option<(ObjectId, &Index)>),
        version: &str,
        now: i64,
    ) -> Result<Option<ObjectId>, Error> {
        let tree = self.write_files(index, told, version)?;
        if before.map(|before| self.tree_of(before)).transpose()?.flatten() == Some(tree) {
            return Ok(None);
        }
        let count = index.lines.len();
        let message = format!("{count} session{}\n", if count == 1 { "" } else { "s" });
        Ok(Some(self.write_commit(tree, before.as_slice(), now, &message)?))
    }

    fn write_files(&self, index: &Index, told: Option<(ObjectId, &Index)>, version: &str) -> Result<ObjectId, Error> {
        let sessions = self.write_shards(index, told)?;
        let saves = index.saves.iter().map(|(tag, bytes)| self.write_file(tag.to_string(), bytes));
        let saves = saves.collect::<Result<Vec<_>, _>>()?;
        let mut top = vec![
            self.write_file("format".to_owned(), FORMAT.as_bytes())?,
            self.write_file("machine".to_owned(), format!("{}\t{version}\n", index.label).as_bytes())?,
        ];
        for (name, entries) in [("saves", saves), ("sessions", sessions)] {
            if !entries.is_empty() {
                top.push(Entry::folder(name.to_owned(), self.write_tree(&entries)?));
            }
        }
        self.write_tree(&top)
    }

    /// Writes the files that tell of sessions. One that says what it said is the same file.
    fn write_shards(&self, index: &Index, told: Option<(ObjectId, &Index)>) -> Result<Vec<Entry>, Error> {
        let known = told.map_or_else(|| Ok(BTreeMap::new()), |(commit, _)| self.shards(commit))?;
        let mut before = told.map_or_else(BTreeMap::new, |(_, told)| shards(told));
        let shard = |(last, lines): (u8, Vec<&IndexLine>)| {
            let name = format!("{last:02x}");
            match (before.remove(&last), known.get(&name)) {
                (Some(before), Some(id)) if before == lines => Ok(Entry::file(name, *id)),
                _ => {
                    let text: String = lines.iter().map(|line| line.render() + "\n").collect();
                    self.write_file(name, text.as_bytes())
                }
            }
        };
        shards(index).into_iter().map(shard).collect()
    }

    fn write_file(&self, name: String, bytes: &[u8]) -> Result<Entry, Error> {
        Ok(Entry::file(name, self.odb.write(Kind::Blob, bytes, None)?))
    }

    /// Writes the commits that keep others, after the last keep; no ref moves.
    ///
    /// # Errors
    /// When one can't be written.
    pub fn write_keep(
        &self,
        last: Option<ObjectId>,
        kept: &BTreeSet<ObjectId>,
        when: impl Fn(ObjectId) -> i64,
    ) -> Result<Option<ObjectId>, Error> {
        let nothing = self.write_tree(&[])?;
        // Those that are newest together: a walk that goes by dates meets no keep before what it holds.
        let mut kept: Vec<(i64, ObjectId)> = kept.iter().map(|id| (when(*id), *id)).collect();
        kept.sort_unstable();
        let mut last = last;
        for parents in kept.chunks(PARENTS) {
            let newest = parents.last().map_or(0, |(time, _)| *time);
            let parents: Vec<ObjectId> = last.into_iter().chain(parents.iter().map(|(_, id)| *id)).collect();
            last = Some(self.write_commit(nothing, &parents, newest, "keep\n")?);
        }
        Ok(last)
    }

    /// Puts what was written in place.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn settle(&self) -> Result<(), Error> {
        Ok(self.odb.publish(&[])?)
    }

    fn write_tree(&self, entries: &[Entry]) -> Result<ObjectId, Error> {
        let mut bytes = Vec::new();
        entries.iter().for_each(|entry| entry.render(&mut bytes));
        Ok(self.odb.write(Kind::Tree, &bytes, None)?)
    }

    fn write_commit(&self, tree: ObjectId, parents: &[ObjectId], time: i64, message: &str) -> Result<ObjectId, Error> {
        let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
        let person = identity::render(TOOL, time);
        let text = format!("tree {tree}\n{parents}author {person}\ncommitter {person}\n\n{message}");
        Ok(self.odb.write(Kind::Commit, text.as_bytes(), None)?)
    }
}
