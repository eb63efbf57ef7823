//! Save: a name on a turn.

use std::path::Path;

use super::retry::retry;
use super::{Effect, Error, Point, Workspace};
use crate::model::{ObjectId, Save, SaveName, SessionId, text};
use crate::rollout::SessionMeta;
use crate::store::{BrokenSave, Stray};

/// A save that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The save.
    pub save: Save,
    /// What the name stood on before.
    pub before: Option<Save>,
}

/// A save that was taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// The name.
    pub name: SaveName,
    /// The commit it stood on: saving that commit again brings it back.
    pub commit: ObjectId,
    /// The session of that commit; `None` if the save could not be read.
    pub session: Option<SessionId>,
    /// What the person noted with it.
    pub note: Option<String>,
}

/// A save that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undone {
    /// The name.
    pub name: SaveName,
    /// The commit it stood on.
    pub commit: ObjectId,
    /// What the person had noted with it.
    pub note: Option<String>,
    /// Where the name stands again; `None` if it named nothing before.
    pub back: Option<Save>,
}

impl Workspace {
    /// Makes what was typed into a save's name.
    ///
    /// # Errors
    /// When git could not take it as a tag's name.
    pub fn save_name(typed: &str) -> Result<SaveName, Error> {
        SaveName::parse(typed).map_err(|reason| Error::BadName { typed: typed.to_owned(), reason })
    }

    /// Names a point, now (in seconds since 1970). A save of the same name moves.
    ///
    /// # Errors
    /// When the save can't be written.
    pub fn save(&self, name: &SaveName, point: &Point, now: i64) -> Result<Saved, Error> {
        self.save_with_note(name, point, None, now)
    }

    /// As [`Workspace::save`], with a note of the person's.
    ///
    /// # Errors
    /// As [`Workspace::save`].
    pub fn save_with_note(&self, name: &SaveName, point: &Point, note: Option<&str>, now: i64) -> Result<Saved, Error> {
        let save = Save { note: note.map(|note| text::plain(note).into_owned()), ..self.describe(name, point, now)? };
        retry(|| {
            let from = self.store.save_ref(name)?;
            let before = self.store.save(name)?.map(|(save, _)| save);
            self.store.put_save(&save, from)?;
            Ok(Saved { save: save.clone(), before })
        })
    }

    /// All saves, newest first.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn saves(&self) -> Result<Vec<Save>, Error> {
        let mut saves = self.store.saves()?;
        // A tag tells whole seconds.
        saves.sort_by_cached_key(|save| std::cmp::Reverse((save.saved_at, self.store.save_written(&save.name))));
        Ok(saves)
    }

    /// The saves that can't be read, by name.
    ///
    /// # Errors
    /// When the tags can't be listed.
    pub fn broken_saves(&self) -> Result<Vec<BrokenSave>, Error> {
        Ok(self.store.all_saves()?.1)
    }

    /// The refs that are damaged: what they named is missing in every listing.
    ///
    /// # Errors
    /// When they can't be listed.
    pub fn stray_refs(&self) -> Result<Vec<Stray>, Error> {
        Ok(self.store.new_stray_refs()?)
    }

    /// What taking a save away would take away.
    ///
    /// # Errors
    /// When there is no save of that name.
    pub fn find_save(&self, name: &SaveName) -> Result<Dropped, Error> {
        let missing = || Error::NoSuchSave { name: name.to_string(), near: self.near_saves(name.as_str()) };
        let (commit, session) = match self.store.save_revision(name, "") {
            // One that can't be read can be taken away all the same.
            Err(error) if error.is_damage() => (self.store.save_ref(name)?.ok_or_else(missing)?, None),
            commit => commit?.map(|commit| (commit.id, Some(commit.message.session))).ok_or_else(missing)?,
        };
        let note = self.store.save(name).ok().flatten().and_then(|(save, _)| save.note);
        Ok(Dropped { name: name.clone(), commit, session, note })
    }

    /// Takes a save away. The turn that it named stays.
    ///
    /// # Errors
    /// When there is no save of that name.
    pub fn drop_save(&self, name: &SaveName) -> Result<Dropped, Error> {
        retry(|| {
            let dropped = self.find_save(name)?;
            if let Some(tag) = self.store.save_ref(name)? {
                self.store.drop_save(name, tag)?;
            }
            Ok(dropped)
        })
    }

    /// Takes back what the last save of this name did: the name stands where it stood before, or is gone. Done again, it takes back the save
    /// before that.
    ///
    /// # Errors
    /// When there is no save of that name.
    pub fn undo_save(&self, name: &SaveName, effect: Effect) -> Result<Undone, Error> {
        retry(|| {
            let Dropped { commit, note, .. } = self.find_save(name)?;
            let tag = self.store.save_ref(name)?;
            let before = tag.and_then(|tag| Some((tag, self.store.save_before(name, tag)?)));
            let back = before.and_then(|(_, before)| self.store.save_at(name, before));
            match before {
                _ if effect == Effect::Pretend => {}
                None => drop(self.drop_save(name)?),
                Some((tag, before)) => self.store.put_save_back(name, tag, before)?,
            }
            Ok(Undone { name: name.clone(), commit, note, back })
        })
    }

    /// The save that was made last in a session.
    ///
    /// # Errors
    /// When the saves can't be read.
    pub fn last_save(&self, session: SessionId) -> Result<Option<SaveName>, Error> {
        let mut saves: Vec<Save> = self.saves()?.into_iter().filter(|save| save.session == session).collect();
        let last = saves.iter().map(|save| save.saved_at).max();
        saves.retain(|save| Some(save.saved_at) == last);
        // Of several in one second, the one that was written last.
        let last = saves.into_iter().max_by_key(|save| self.store.save_written(&save.name));
        Ok(last.map(|save| save.name))
    }

    fn describe(&self, name: &SaveName, point: &Point, now: i64) -> Result<Save, Error> {
        let message = &point.message;
        let meta = SessionMeta::read(&self.store.read_blob(self.store.meta_blob(point.tree)?)?);
        let rollout_path = match self.look().session(message.session) {
            Some(found) => Some(found.path),
            None => self.store.branch(message.session)?.map(|branch| self.last_place(branch.last())).transpose()?,
        };
        Ok(Save {
            name: name.clone(),
            commit: point.id,
            session: message.session,
            turn: message.turn,
            subject: message.subject(),
            rollout_path: rollout_path.as_deref().map(Path::to_string_lossy).map(String::from),
            cwd: message.cwd.clone(),
            model: message.model.clone(),
            model_provider: meta.as_ref().and_then(|meta| meta.model_provider.clone()),
            note: None,
            saved_at: now,
            created_at: meta.map_or(0, |meta| meta.created),
        })
    }
}
