//! An index: what a machine tells at a remote of its sessions and saves, as a tree of files.
//!
//! `format`, `machine`, `sessions/<xx>` with the sessions whose ids end like that, a line each, and `saves/<tag>` with the bytes of tags.
//! Beside it a machine has a *keep*: commits that hold nothing and have what the index names among their parents, so that the remote has it for good.

use std::collections::BTreeMap;

use super::Error;
use super::side::{Machine, Side};
use crate::git::head::Head;
use crate::git::headers::Header;
use crate::git::object::{Kind, object_id};
use crate::git::tree::{self, Entry as TreeFile};
use crate::model::{IndexLine, ObjectId, SessionId, label, text};

/// What the file `format` says.
pub(super) const FORMAT: &str = "1\n";

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
/// No machine tells more of them, in bytes.
const TOLD: u64 = 512 << 20;

/// What a machine tells at a remote.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// What the machine is called.
    pub label: String,
    /// Its sessions.
    pub lines: BTreeMap<SessionId, IndexLine>,
    /// The tags of its saves, by their ids.
    pub saves: BTreeMap<ObjectId, Vec<u8>>,
}

/// An index that was read, or what of it is none.
pub type ReadIndex = Result<Index, String>;

impl Index {
    /// Whether it tells nothing.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.saves.is_empty()
    }
}

impl Side {
    /// Reads an index. The error says what of it is none.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn index(&self, commit: ObjectId) -> Result<ReadIndex, Error> {
        self.index_since(commit, None)
    }

    /// Reads an index that this machine wrote itself. What others wrote is looked at before it is read.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn own_index(&self, commit: ObjectId) -> Result<ReadIndex, Error> {
        let mut index = Index::default();
        for entry in self.entries(self.tree_of(commit)?)? {
            match entry.name.as_str() {
                "machine" => index.label = self.label(entry.id)?,
                "sessions" => {
                    let shards = self.entries(Some(entry.id))?;
                    match self.lines_in(shards.iter().map(|shard| (shard.name.as_str(), shard.id)))? {
                        Ok(lines) => index.lines = lines,
                        Err(strange) => return Ok(Err(strange)),
                    }
                }
                "saves" => index.saves = self.saves_in(&self.entries(Some(entry.id))?)?,
                _ => {}
            }
        }
        Ok(Ok(index))
    }

    /// Reads an index, of its sessions only those of which an earlier one tells something else.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn index_since(&self, commit: ObjectId, earlier: Option<ObjectId>) -> Result<ReadIndex, Error> {
        let names = ["", "^{tree}", ":sessions", ":saves", ":format", ":machine"];
        let names: Vec<String> = names.iter().map(|name| format!("{commit}{name}")).collect();
        let found = self.headers.of_all(&names)?;
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
        let mut index = Index { label: self.label(machine.id)?, ..Index::default() };
        let files = |folder: &Option<Header>, most| match folder {
            Some(folder) => self.files(folder.id, most),
            None => Ok(Ok(Vec::new())),
        };
        let (shards, saves) = match (files(sessions, FILE)?, files(saves, TAG)?) {
            (Ok(shards), Ok(saves)) if saves.len() <= SAVES && shards.iter().all(is_shard) => (shards, saves),
            (Err(strange), _) | (_, Err(strange)) => return Ok(Err(strange)),
            _ => return Ok(Err("it has more files than an index".to_owned())),
        };
        let known = earlier.map_or(Ok(BTreeMap::new()), |earlier| self.shards(earlier))?;
        let is_new = |shard: &&TreeFile| known.get(&shard.name) != Some(&shard.id);
        match self.lines_in(shards.iter().filter(is_new).map(|shard| (shard.name.as_str(), shard.id)))? {
            Ok(lines) => index.lines = lines,
            Err(strange) => return Ok(Err(strange)),
        }
        let is_gone = |name: &str, id: ObjectId| !shards.iter().any(|shard| shard.name == name && shard.id == id);
        let before = known.iter().map(|(name, id)| (name.as_str(), *id)).filter(|(name, id)| is_gone(name, *id));
        let told_before = self.lines_in(before)?.unwrap_or_default();
        index.lines.retain(|session, line| told_before.get(session) != Some(line));
        index.saves = self.saves_in(&saves)?;
        Ok(Ok(index))
    }

    fn saves_in(&self, files: &[TreeFile]) -> Result<BTreeMap<ObjectId, Vec<u8>>, Error> {
        let tag = |file: &TreeFile| {
            let bytes = self.odb.read(Kind::Blob, file.id)?;
            Ok((object_id(Kind::Tag, &bytes), bytes))
        };
        files.iter().map(tag).collect()
    }

    /// The sessions that files of an index tell of: each in the one that the end of its id names.
    fn lines_in<'s>(
        &self,
        shards: impl Iterator<Item = (&'s str, ObjectId)>,
    ) -> Result<Result<BTreeMap<SessionId, IndexLine>, String>, Error> {
        let (mut lines, mut bytes) = (BTreeMap::new(), 0);
        for (name, shard) in shards {
            let text = self.text(shard)?;
            bytes += text.len() as u64;
            for line in text.lines() {
                let line = IndexLine::parse(line).filter(|line| line.session.to_string().ends_with(name));
                let Some(line) = line else {
                    return Ok(Err("it has a line that tells of no session".to_owned()));
                };
                lines.insert(line.session, line);
            }
            if lines.len() > SESSIONS || bytes > TOLD {
                return Ok(Err("it has more sessions than anybody".to_owned()));
            }
        }
        Ok(Ok(lines))
    }

    /// The files that tell of sessions in an index that was read before, by their names.
    pub(super) fn shards(&self, index: ObjectId) -> Result<BTreeMap<String, ObjectId>, Error> {
        let folder = self.entries(self.tree_of(index)?)?.into_iter().find(|entry| entry.name == "sessions");
        let shards = self.entries(folder.map(|folder| folder.id))?;
        Ok(shards.into_iter().map(|entry| (entry.name, entry.id)).collect())
    }

    /// What is in a tree; nothing in none.
    fn entries(&self, tree: Option<ObjectId>) -> Result<Vec<TreeFile>, Error> {
        let Some(tree) = tree else { return Ok(Vec::new()) };
        Ok(tree::parse(&self.odb.read(Kind::Tree, tree)?).unwrap_or_default())
    }

    /// The files in a folder of an index.
    fn files(&self, folder: ObjectId, most: u64) -> Result<Result<Vec<TreeFile>, String>, Error> {
        let Ok((Kind::Tree, bytes)) = self.odb.read_any(folder) else { return Ok(Err("it lacks a folder".to_owned())) };
        let entries = tree::parse(&bytes).unwrap_or_default();
        let found = self.headers.of_all(&entries.iter().map(|entry| entry.id.to_string()).collect::<Vec<_>>())?;
        let is_file =
            |found: &Option<Header>| found.as_ref().is_some_and(|header| header.kind == "blob" && header.size <= most);
        if !found.iter().all(is_file) || entries.iter().any(|entry| entry.mode != tree::FILE) {
            return Ok(Err("a file in it is none that an index has".to_owned()));
        }
        Ok(Ok(entries))
    }

    fn text(&self, blob: ObjectId) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(&self.odb.read(Kind::Blob, blob)?).into_owned())
    }

    fn label(&self, machine: ObjectId) -> Result<String, Error> {
        let text = self.text(machine)?;
        let word = text.split(['\t', '\n']).next().unwrap_or_default();
        Ok(label(word).unwrap_or_else(|| "machine".to_owned()))
    }

    /// The machines with what their indexes say, or what is wrong with these. `own`: those that this machine wrote itself.
    ///
    /// # Errors
    /// When one can't be read.
    pub fn indexes(&self, own: &[ObjectId]) -> Result<Vec<(Machine, ReadIndex)>, Error> {
        let read = |machine: Machine| {
            let is_own = own.contains(&machine.index);
            let index = if is_own { self.own_index(machine.index)? } else { self.index(machine.index)? };
            Ok((machine, index))
        };
        self.machines()?.into_iter().map(read).collect()
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

    /// When an index was written, as it says itself, in seconds since 1970.
    ///
    /// # Errors
    /// When the commit can't be read.
    pub fn written_at(&self, index: ObjectId) -> Result<i64, Error> {
        let bytes = self.odb.read(Kind::Commit, index)?;
        Ok(Head::of(&String::from_utf8_lossy(&bytes)).person("committer").map_or(0, |(_, time)| time))
    }

    pub(super) fn tree_of(&self, commit: ObjectId) -> Result<Option<ObjectId>, Error> {
        let bytes = self.odb.read(Kind::Commit, commit)?;
        Ok(Head::of(&String::from_utf8_lossy(&bytes)).ids("tree").next())
    }
}

/// Whether a file is called as those are that tell of sessions.
fn is_shard(file: &TreeFile) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    file.name.len() == 2 && file.name.bytes().all(is_digit)
}
