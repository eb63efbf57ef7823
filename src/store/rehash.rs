//! Rehashing: objects are read whole and hashed again, which proves that the store gives back what was put into it.

use super::{Commit, Error, Store};
use crate::git::Error as GitError;
use crate::git::object::object_id;
use crate::model::ObjectId;

impl Store {
    /// Reads the commits up to one, back to its session's first, and all that the last of them holds but the blobs, and compares each object's
    /// bytes with its id.
    ///
    /// # Errors
    /// [`GitError::Damaged`] when an object has other bytes than its id says, and when one can't be read.
    pub fn prove(&self, last: &Commit) -> Result<(), Error> {
        for commit in self.history(last.id) {
            self.prove_object(commit?.id)?;
        }
        self.trees_of(last.tree)?.into_iter().try_for_each(|tree| self.prove_object(tree).map(drop))
    }

    /// Reads an object, and compares its bytes with its id.
    ///
    /// # Errors
    /// As [`Store::prove`].
    pub fn prove_object(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        let (kind, bytes) = self.read_any(id)?;
        if object_id(kind, &bytes) == id { Ok(bytes) } else { Err(GitError::Damaged(id).into()) }
    }
}
