//! Saves of other machines: `refs/saves/<machine>/<name>`, as these tell them at a remote.

use std::collections::BTreeMap;

use super::{Error, Store};
use crate::git::Error as GitError;
use crate::git::head::Head;
use crate::git::object::Kind;
use crate::model::{MachineId, ObjectId, Save, SaveName};

/// Where they stand.
pub(super) const ELSEWHERE: &str = "refs/saves/";

/// What the log of one says.
const NOTE: &str = "pull";

impl Store {
    /// The tag of a save of this store.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn save_tag(&self, name: &SaveName) -> Result<Option<(ObjectId, Vec<u8>)>, Error> {
        let Some(tag) = self.save_ref(name)? else { return Ok(None) };
        let (kind, bytes) = self.read_any(tag)?;
        Ok((kind == Kind::Tag).then_some((tag, bytes)))
    }

    /// The save that the bytes of a tag are; `None` if they are none that codex-git writes.
    pub fn read_tag(bytes: &[u8]) -> Option<Save> {
        let text = std::str::from_utf8(bytes).ok()?;
        let head = Head::of(text);
        let name = head.value("tag")?;
        let parsed = SaveName::parse(name).ok().filter(|parsed| parsed.as_str() == name)?;
        let commit = head.ids("object").next().filter(|_| head.value("type") == Some("commit"))?;
        Save::parse(parsed, commit, head.message)
    }

    /// Has the saves of a machine be these. Tells how many are new.
    ///
    /// # Errors
    /// When one can't be written.
    pub fn put_saves_of(
        &self,
        machine: &MachineId,
        saves: &BTreeMap<SaveName, (ObjectId, &[u8])>,
    ) -> Result<usize, Error> {
        let folder = format!("{ELSEWHERE}{machine}/");
        let mut before = self.refs.below(&folder)?;
        let is_told = |full: &str| saves.keys().any(|name| full.strip_prefix(&folder) == Some(name.as_str()));
        let gone: Vec<String> = before.keys().filter(|full| !is_told(full)).cloned().collect();
        // First: one of them can stand in the way, as `a` does of `a/b`.
        for full in gone {
            let from = before.remove(&full);
            self.move_ref(full, from, None, NOTE)?;
        }
        let mut new = 0;
        for (name, (tag, bytes)) in saves {
            let full = format!("{folder}{name}");
            let from = before.remove(&full);
            if from != Some(*tag) {
                let written = self.write_tag(bytes)?;
                match self.move_ref(full, from, Some(written), NOTE) {
                    // Whoever tells both `a` and `a/b` has one of them here.
                    Err(Error::Git(GitError::NameInTheWay(_))) => {}
                    moved => {
                        moved?;
                        new += 1;
                    }
                }
            }
        }
        Ok(new)
    }

    /// The saves of other machines.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn saves_elsewhere(&self) -> Result<Vec<(MachineId, Save)>, Error> {
        let mut saves = Vec::new();
        for (name, tag) in self.refs.below(ELSEWHERE)? {
            let machine = name[ELSEWHERE.len()..].split_once('/').and_then(|(machine, _)| MachineId::parse(machine));
            let save = self.read_any(tag).ok().and_then(|(_, bytes)| Self::read_tag(&bytes));
            saves.extend(machine.zip(save));
        }
        Ok(saves)
    }
}
