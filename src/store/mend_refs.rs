//! Mending refs: one whose file holds no id, or the id of what is not there, is put back on what its log says it held last.

use std::collections::BTreeSet;
use std::fs;

use super::branches::HEADS;
use super::refs::{Refs, remove_file, symbolic};
use super::{Error, Store, packed_refs, reflog};
use crate::model::SessionId;

impl Store {
    /// The refs that are not what they must be, by their full names. A branch that only its log knows of is among them: no session is ever
    /// dropped.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn broken_refs(&self) -> Result<Vec<String>, Error> {
        let Refs { good: refs, bad_files, .. } = self.look_at_refs()?;
        let mut broken: BTreeSet<String> = bad_files.into_iter().collect();
        let unread = |id| self.read_any(id).is_err_and(|error| error.is_damage());
        broken.extend(refs.iter().filter(|(_, id)| unread(**id)).map(|(name, _)| name.clone()));
        let logs = fs::read_dir(self.path().join("logs").join(HEADS)).into_iter().flatten().flatten();
        let logged = logs.filter_map(|entry| entry.file_name().into_string().ok());
        let sessions = logged.filter(|name| SessionId::parse(name).is_some()).map(|name| format!("{HEADS}{name}"));
        broken.extend(sessions.filter(|name| !refs.contains_key(name)));
        Ok(broken.into_iter().collect())
    }

    /// Puts a broken ref back on what its log says it held last. False if that is not there either.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn put_ref_back(&self, name: &str) -> Result<bool, Error> {
        let Some(to) = reflog::last(self.path(), name).filter(|to| self.read_any(*to).is_ok()) else {
            return Ok(false);
        };
        self.while_moving(|| {
            self.lock_ref(name)?.put(to)?;
            Ok(true)
        })
    }

    /// Forgets a broken ref, so that recording its session makes it anew. Its log stays.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn forget_ref(&self, name: &str) -> Result<(), Error> {
        self.while_moving(|| {
            let lock = self.lock_ref(name)?;
            if packed_refs::find(self.path(), name).map_err(Error::io("read the packed refs"))?.is_some() {
                self.change_packed_refs(|refs, _| {
                    refs.remove(name);
                    Ok(())
                })?;
            }
            remove_file(&lock.place).map_err(Error::io("remove a broken ref"))
        })
    }

    /// Whether HEAD names a branch; git takes the store for none if it doesn't.
    pub fn has_head(&self) -> bool {
        symbolic(self.path(), "HEAD").is_some_and(|name| name.starts_with(HEADS) && name.len() > HEADS.len())
    }
}
