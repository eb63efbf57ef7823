//! Saves: annotated tags.

use std::time::SystemTime;

use super::{Error, Store};
use crate::git::head::Head;
use crate::git::object::Kind;
use crate::git::{Error as GitError, identity};
use crate::model::{ObjectId, Save, SaveName};

/// What the log of a save says when the last save was taken back.
const UNDO: &str = "undo save";

/// Where git keeps tags.
pub(super) const TAGS: &str = "refs/tags/";

/// A save that can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenSave {
    /// Its name.
    pub name: SaveName,
    /// Its tag; `None` if not even that can be read.
    pub tag: Option<ObjectId>,
    /// What is wrong.
    pub reason: String,
}

impl Store {
    /// All saves, sorted by name. Tags that codex-git did not make are none.
    ///
    /// # Errors
    /// When the tags can't be read.
    pub fn saves(&self) -> Result<Vec<Save>, Error> {
        Ok(self.all_saves()?.0)
    }

    /// All saves, sorted by name, and the tags that may be saves, for all that can be read of them.
    ///
    /// # Errors
    /// When the folder of the tags can't be read.
    pub fn all_saves(&self) -> Result<(Vec<Save>, Vec<BrokenSave>), Error> {
        let (mut saves, mut broken) = (Vec::new(), Vec::new());
        let refs = self.refs.look(TAGS)?;
        for (full, tag) in refs.good {
            let Some(name) = name_of(&full) else { continue };
            match self.read_save(name.clone(), tag) {
                Ok(save) => saves.extend(save),
                Err(error) => broken.push(BrokenSave { name, tag: Some(tag), reason: error.to_string() }),
            }
        }
        for full in refs.bad_files {
            if let Some(name) = name_of(&full) {
                broken.push(BrokenSave { name, tag: None, reason: GitError::BadRef(full).to_string() });
            }
        }
        saves.sort_by(|a, b| a.name.cmp(&b.name));
        broken.sort_by(|a, b| a.name.cmp(&b.name));
        Ok((saves, broken))
    }

    /// The save of this name, with its tag's id.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn save(&self, name: &SaveName) -> Result<Option<(Save, ObjectId)>, Error> {
        let Some(tag) = self.save_ref(name)? else { return Ok(None) };
        // One that is broken is none: a new save of the name mends it.
        Ok(self.read_save(name.clone(), tag).ok().flatten().map(|save| (save, tag)))
    }

    /// What a save of this name was that its tag holds.
    pub fn save_at(&self, name: &SaveName, tag: ObjectId) -> Option<Save> {
        self.read_save(name.clone(), tag).ok().flatten()
    }

    /// What the tag of this name holds, whoever made it.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn save_ref(&self, name: &SaveName) -> Result<Option<ObjectId>, Error> {
        Ok(self.refs.read(&tag_name(name))?)
    }

    /// When a save's name was written last, as long as its ref has a file of its own.
    pub fn save_written(&self, name: &SaveName) -> Option<SystemTime> {
        self.refs.written(&tag_name(name))
    }

    /// Writes a save over what its name was.
    ///
    /// # Errors
    /// [`Error::LostRace`] when the name is no longer what it was, [`Error::NameInTheWay`] when `a` meets `a/b`.
    pub fn put_save(&self, save: &Save, from: Option<ObjectId>) -> Result<(), Error> {
        if let Some(other) = self.name_in_the_way(&save.name)? {
            return Err(GitError::NameInTheWay(other).into());
        }
        let head = format!("object {}\ntype commit\ntag {}\n", save.commit, save.name);
        let tagger = format!("tagger {}\n\n", identity::render(identity::TOOL, save.saved_at.max(0)));
        let tag = self.write_tag(format!("{head}{tagger}{}", save.render()).as_bytes())?;
        self.move_ref(tag_name(&save.name), from, Some(tag), &format!("save: turn {}", save.turn))
    }

    /// What a save's name held before it was saved as `tag`, if it held anything. What was undone since does not count.
    pub fn save_before(&self, name: &SaveName, tag: ObjectId) -> Option<ObjectId> {
        let mut moves = self.refs.standing_moves(&tag_name(name), UNDO);
        moves.pop().filter(|last| *last == tag)?;
        moves.pop()
    }

    /// Moves a save back to a tag that it held before.
    ///
    /// # Errors
    /// [`Error::LostRace`] when the name is no longer what it was.
    pub fn put_save_back(&self, name: &SaveName, from: ObjectId, to: ObjectId) -> Result<(), Error> {
        self.move_ref(tag_name(name), Some(from), Some(to), UNDO)
    }

    /// Drops a save.
    ///
    /// # Errors
    /// [`Error::LostRace`] when the name is no longer what it was.
    pub fn drop_save(&self, name: &SaveName, from: ObjectId) -> Result<(), Error> {
        self.move_ref(tag_name(name), Some(from), None, "")
    }

    /// Refs are files or folders of files: `a` and `a/b` can't both be there.
    fn name_in_the_way(&self, name: &SaveName) -> Result<Option<String>, Error> {
        let below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
        let names = self.refs.below(TAGS)?.into_keys().map(|name| name[TAGS.len()..].to_owned());
        let other = names.into_iter().find(|other| below(name.as_str(), other) || below(other, name.as_str()));
        Ok(other)
    }

    /// What a tag says; `None` if codex-git did not make it.
    fn read_save(&self, name: SaveName, tag: ObjectId) -> Result<Option<Save>, Error> {
        let (kind, bytes) = self.read_any(tag)?;
        let text = String::from_utf8_lossy(&bytes);
        let head = Head::of(&text);
        let Some(commit) = head.ids("object").next().filter(|_| kind == Kind::Tag) else { return Ok(None) };
        let save = Save::parse(name.clone(), commit, head.message);
        // Another ref on a save's tag is a copy that somebody made, unless the save's own ref is gone: then it is that one, damaged.
        match head.value("tag").filter(|own| *own != name.as_str()) {
            Some(own) if save.is_some() && self.refs.read(&format!("{TAGS}{own}"))?.is_none() => {
                Err(Error::OtherSave { name, own: own.to_owned() })
            }
            _ => Ok(save),
        }
    }
}

/// The save that a tag is, if it has a name that a save can have, to the letter: git takes some that we do not.
fn name_of(tag: &str) -> Option<SaveName> {
    let name = tag.strip_prefix(TAGS)?;
    SaveName::parse(name).ok().filter(|parsed| parsed.as_str() == name)
}

fn tag_name(name: &SaveName) -> String {
    format!("{TAGS}{name}")
}
