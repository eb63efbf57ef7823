//! Git's own revisions, for what is neither a save nor a session.

use super::branches::branch_name;
use super::repository::from_oid;
use super::{Commit, Error, Store};
use crate::model::{SaveName, SessionId};

impl Store {
    /// The commit that a git revision names; `None` if it names nothing, or something that is no commit.
    ///
    /// # Errors
    /// When it names a commit that is not a session's.
    pub fn revision(&self, text: &str) -> Result<Option<Commit>, Error> {
        let Ok(object) = self.repo()?.revparse_single(text) else { return Ok(None) };
        match object.peel_to_commit() {
            Ok(commit) => self.commit(from_oid(commit.id())).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// A session's branch with a suffix such as `@{1}`.
    ///
    /// # Errors
    /// As [`Store::revision`].
    pub fn branch_revision(&self, id: SessionId, suffix: &str) -> Result<Option<Commit>, Error> {
        self.revision(&format!("{}{suffix}", branch_name(id)))
    }

    /// A save with a suffix such as `~2` or `@{1}`.
    ///
    /// # Errors
    /// As [`Store::revision`].
    pub fn save_revision(&self, name: &SaveName, suffix: &str) -> Result<Option<Commit>, Error> {
        self.revision(&format!("refs/tags/{name}{suffix}"))
    }
}
