//! Saves: annotated tags.

use super::object::Kind;
use super::repository::{TOOL, from_oid, to_oid};
use super::{Error, Store};
use crate::model::{ObjectId, Save, SaveName};

impl Store {
    /// All saves, sorted by name. Tags that codex-git did not make are none.
    ///
    /// # Errors
    /// When the tags can't be read.
    pub fn saves(&self) -> Result<Vec<Save>, Error> {
        let tags = self.repo.references_glob("refs/tags/*").map_err(Error::git("list the saves"))?;
        let mut saves = Vec::new();
        for tag in tags {
            let tag = tag.map_err(Error::git("list the saves"))?;
            let name = tag.name().ok().and_then(|name| SaveName::parse(name.strip_prefix("refs/tags/")?).ok());
            if let (Some(name), Some(target)) = (name, tag.target()) {
                saves.extend(self.read_save(name, from_oid(target))?);
            }
        }
        saves.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(saves)
    }

    /// The save of this name, with its tag's id.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn save(&self, name: &SaveName) -> Result<Option<(Save, ObjectId)>, Error> {
        let Some(tag) = self.save_ref(name)? else { return Ok(None) };
        Ok(self.read_save(name.clone(), tag)?.map(|save| (save, tag)))
    }

    /// What the tag of this name holds, whoever made it.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn save_ref(&self, name: &SaveName) -> Result<Option<ObjectId>, Error> {
        self.read_ref(&tag_name(name))
    }

    /// Writes a save over what its name was.
    ///
    /// # Errors
    /// [`Error::LostRace`] when the name is no longer what it was, [`Error::NameInTheWay`] when `a` meets `a/b`.
    pub fn put_save(&self, save: &Save, from: Option<ObjectId>) -> Result<(), Error> {
        if let Some(other) = self.name_in_the_way(&save.name)? {
            return Err(Error::NameInTheWay(other));
        }
        let (name, address) = TOOL;
        let head = format!("object {}\ntype commit\ntag {}\n", save.commit, save.name);
        let tagger = format!("tagger {name} <{address}> {} +0000\n\n", save.saved_at.max(0));
        let tag = self.write(Kind::Tag, format!("{head}{tagger}{}", save.render()).as_bytes())?;
        self.move_ref(&tag_name(&save.name), from, tag, &format!("save: turn {}", save.turn))
    }

    /// Drops a save.
    ///
    /// # Errors
    /// [`Error::LostRace`] when the name is no longer what it was.
    pub fn drop_save(&self, name: &SaveName, from: ObjectId) -> Result<(), Error> {
        self.drop_ref(&tag_name(name), from)
    }

    /// Refs are files or folders of files: `a` and `a/b` can't both be there.
    fn name_in_the_way(&self, name: &SaveName) -> Result<Option<String>, Error> {
        let name = name.as_str();
        let names = self.repo.tag_names(None).map_err(Error::git("list the saves"))?;
        let other = names.iter().filter_map(|other| other.ok().flatten()).find(|other| {
            let below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
            below(name, other) || below(other, name)
        });
        Ok(other.map(str::to_owned))
    }

    fn read_save(&self, name: SaveName, tag: ObjectId) -> Result<Option<Save>, Error> {
        let Ok(tag) = self.repo.find_tag(to_oid(tag)?) else { return Ok(None) };
        let message = String::from_utf8_lossy(tag.message_bytes().unwrap_or_default()).into_owned();
        Ok(Save::parse(name, from_oid(tag.target_id()), &message))
    }
}

fn tag_name(name: &SaveName) -> String {
    format!("refs/tags/{name}")
}
