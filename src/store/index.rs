//! An index: what a machine tells at a remote of its sessions and saves, as a tree of files.
//!
//! `format`, `machine`, `sessions/<xx>` with the sessions whose ids end like that, a line each, and `saves/<tag>` with the bytes of tags.
//! Beside it a machine has a *keep*: commits that hold nothing and have what the index names among their parents, so that the remote has it for good.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::side::Side;
use crate::git::head::Head;
use crate::git::incoming::{Header, headers};
use crate::git::object::{Kind, object_id};
use crate::git::tree;
use crate::model::{IndexLine, ObjectId, SessionId, label, text};

/// What the file `format` says.
pub(super) const FORMAT: &str = "1\n";

/// What the message of an index says which keep goes with it.
pub(super) const KEEP: &str = "Codex-Keep: ";

/// No file of an index is larger.
const FILE: u64 = 8 << 20;
/// No tag in one is.
const TAG: u64 = 4 << 10;
/// No tree or commit of one is.
const TREE: u64 = 1 << 20;
/// No machine has more saves.
const SAVES: usize = 10_000;
/// No machine has more sessions.
const SESSIONS: usize = 1_000_000;

/// What a machine tells at a remote.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// What the machine is called.
    pub label: String,
    /// Its sessions.
    pub lines: BTreeMap<SessionId, IndexLine>,
    /// The tags of its saves, by their ids.
    pub saves: BTreeMap<ObjectId, Vec<u8>>,
    /// The last commit of its keep.
    pub keep: Option<ObjectId>,
}

impl Side {
    /// Reads an index. The error says what of it is none.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn index(&self, commit: ObjectId) -> Result<Result<Index, String>, Error> {
        self.index_since(commit, None)
    }

    /// Reads an index, of its sessions only those of which an earlier one tells something else.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn index_since(&self, commit: ObjectId, earlier: Option<ObjectId>) -> Result<Result<Index, String>, Error> {
        let names = ["", "^{tree}", ":sessions", ":saves", ":format", ":machine"];
        let names = names.iter().map(|name| format!("{commit}{name}")).collect();
        let found = headers(self.path(), names)?;
        let [Some(top), Some(_), sessions, saves, Some(format), Some(machine)] = &found[..] else {
            return Ok(Err("it is not laid out as an index".to_owned()));
        };
        let is_small = found.iter().flatten().all(|header| header.size <= TREE);
        if !is_small || top.kind != "commit" || format.kind != "blob" || machine.kind != "blob" {
            return Ok(Err("it is not laid out as an index".to_owned()));
        }
        let format = self.text(format.id)?;
        if format != FORMAT {
            return Ok(Err(format!("its format is `{}`, which a later codex-git reads", text::subject(&format))));
        }
        let mut index = Index { label: self.label(machine.id)?, keep: self.keep_of(commit)?, ..Index::default() };
        let mut shards = Vec::new();
        for (folder, most) in [(sessions, FILE), (saves, TAG)] {
            let files = folder.as_ref().map_or(Ok(Ok(Vec::new())), |folder| self.files(folder.id, most))?;
            match files {
                Ok(files) => shards.push(files),
                Err(strange) => return Ok(Err(strange)),
            }
        }
        if shards[1].len() > SAVES {
            return Ok(Err("it has more saves than anybody".to_owned()));
        }
        let known = earlier.map_or(Ok(BTreeSet::new()), |earlier| self.shards(earlier))?;
        let told_before = self.lines_in(known.iter().filter(|shard| !shards[0].contains(shard)))?.unwrap_or_default();
        match self.lines_in(shards[0].iter().filter(|shard| !known.contains(shard)))? {
            Ok(lines) => index.lines = lines,
            Err(strange) => return Ok(Err(strange)),
        }
        index.lines.retain(|session, line| told_before.get(session) != Some(line));
        for tag in &shards[1] {
            let bytes = self.odb.read(Kind::Blob, *tag)?;
            index.saves.insert(object_id(Kind::Tag, &bytes), bytes);
        }
        Ok(Ok(index))
    }

    /// The sessions that files of an index tell of.
    fn lines_in<'s>(
        &self,
        shards: impl Iterator<Item = &'s ObjectId>,
    ) -> Result<Result<BTreeMap<SessionId, IndexLine>, String>, Error> {
        let mut lines = BTreeMap::new();
        for shard in shards {
            for line in self.text(*shard)?.lines() {
                let Some(line) = IndexLine::parse(line) else {
                    return Ok(Err("it has a line that tells of no session".to_owned()));
                };
                lines.insert(line.session, line);
            }
            if lines.len() > SESSIONS {
                return Ok(Err("it has more sessions than anybody".to_owned()));
            }
        }
        Ok(Ok(lines))
    }

    /// The files that tell of sessions in an index that was read before.
    fn shards(&self, index: ObjectId) -> Result<BTreeSet<ObjectId>, Error> {
        let Some(tree) = self.tree_of(index)? else { return Ok(BTreeSet::new()) };
        let top = tree::parse(&self.odb.read(Kind::Tree, tree)?).unwrap_or_default();
        let Some(folder) = top.into_iter().find(|entry| entry.name == "sessions") else { return Ok(BTreeSet::new()) };
        let entries = tree::parse(&self.odb.read(Kind::Tree, folder.id)?).unwrap_or_default();
        Ok(entries.into_iter().map(|entry| entry.id).collect())
    }

    /// The files in a folder of an index.
    fn files(&self, folder: ObjectId, most: u64) -> Result<Result<Vec<ObjectId>, String>, Error> {
        let Ok((Kind::Tree, bytes)) = self.odb.read_any(folder) else { return Ok(Err("it lacks a folder".to_owned())) };
        let entries = tree::parse(&bytes).unwrap_or_default();
        let found = headers(self.path(), entries.iter().map(|entry| entry.id.to_string()).collect())?;
        let is_file =
            |found: &Option<Header>| found.as_ref().is_some_and(|header| header.kind == "blob" && header.size <= most);
        if !found.iter().all(is_file) || entries.iter().any(|entry| entry.mode != tree::FILE) {
            return Ok(Err("a file in it is none that an index has".to_owned()));
        }
        Ok(Ok(entries.into_iter().map(|entry| entry.id).collect()))
    }

    fn text(&self, blob: ObjectId) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(&self.odb.read(Kind::Blob, blob)?).into_owned())
    }

    fn label(&self, machine: ObjectId) -> Result<String, Error> {
        let text = self.text(machine)?;
        let word = text.split(['\t', '\n']).next().unwrap_or_default();
        Ok(label(word).unwrap_or_else(|| "machine".to_owned()))
    }

    /// The keep that goes with an index.
    fn keep_of(&self, index: ObjectId) -> Result<Option<ObjectId>, Error> {
        let bytes = self.odb.read(Kind::Commit, index)?;
        let text = String::from_utf8_lossy(&bytes);
        let keep = Head::of(&text).message.lines().find_map(|line| line.strip_prefix(KEEP)?.parse().ok());
        Ok(keep)
    }

    /// Whether an index comes after another.
    ///
    /// # Errors
    /// When a commit can't be read.
    pub fn comes_after(&self, later: ObjectId, earlier: ObjectId) -> Result<bool, Error> {
        let mut next = Some(later);
        while let Some(commit) = next {
            if commit == earlier {
                return Ok(true);
            }
            let bytes = self.odb.read(Kind::Commit, commit)?;
            next = Head::of(&String::from_utf8_lossy(&bytes)).ids("parent").next();
        }
        Ok(false)
    }

    pub(super) fn tree_of(&self, commit: ObjectId) -> Result<Option<ObjectId>, Error> {
        let bytes = self.odb.read(Kind::Commit, commit)?;
        Ok(Head::of(&String::from_utf8_lossy(&bytes)).ids("tree").next())
    }
}
