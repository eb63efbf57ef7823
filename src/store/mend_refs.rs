//! Mending refs: one whose file holds no id, or the id of what is not there, is put back on what its log says it held last.

use std::collections::BTreeSet;

use super::branches::HEADS;
use super::{Error, Store};
use crate::git::refs::Found;
use crate::model::SessionId;

impl Store {
    /// The refs that are not what they must be, by their full names. A branch that only its log knows of is among them: no session is ever
    /// dropped.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn broken_refs(&self) -> Result<Vec<String>, Error> {
        let Found { good: refs, bad_files, .. } = self.refs.look("refs/")?;
        let mut broken: BTreeSet<String> = bad_files.into_iter().collect();
        let unread = |id| self.read_any(id).is_err_and(|error| error.is_damage());
        broken.extend(refs.iter().filter(|(_, id)| unread(**id)).map(|(name, _)| name.clone()));
        let sessions =
            self.refs.logged(HEADS).into_iter().filter(|name| SessionId::parse(&name[HEADS.len()..]).is_some());
        broken.extend(sessions.filter(|name| !refs.contains_key(name)));
        Ok(broken.into_iter().collect())
    }

    /// Puts a broken ref back on what its log says it held last. False if that is not there either.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn put_ref_back(&self, name: &str) -> Result<bool, Error> {
        let Some(to) = self.refs.last_value(name).filter(|to| self.read_any(*to).is_ok()) else { return Ok(false) };
        self.refs.put(name, to)?;
        Ok(true)
    }

    /// Forgets a broken ref, so that recording its session makes it anew. Its log stays.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn forget_ref(&self, name: &str) -> Result<(), Error> {
        Ok(self.refs.forget(name)?)
    }

    /// Whether HEAD names a branch; git takes the store for none if it doesn't.
    pub fn has_head(&self) -> bool {
        self.refs.symbolic("HEAD").is_some_and(|name| name.starts_with(HEADS) && name.len() > HEADS.len())
    }
}
