//! Strands: where a session went on elsewhere, and this machine's rollout did not.
//!
//! A strand is `refs/strands/<session>/<the first 16 digits of its first commit that the branch lacks>`, and only ever moves forward.

use super::branches::STRANDS;
use super::{Error, Store};
use crate::model::{ObjectId, SessionId};

/// How much of a commit's id names a strand.
const DIGITS: usize = 16;

impl Store {
    /// The last commits of a session's strands.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn strands(&self, session: SessionId) -> Result<Vec<ObjectId>, Error> {
        Ok(self.refs.below(&format!("{STRANDS}{session}/"))?.into_values().collect())
    }

    /// The last commit of the strand that begins with a commit.
    ///
    /// # Errors
    /// When the ref can't be read.
    pub fn strand(&self, session: SessionId, first: ObjectId) -> Result<Option<ObjectId>, Error> {
        Ok(self.refs.read(&strand_name(session, first))?)
    }

    /// Moves the strand that begins with a commit, or makes it.
    ///
    /// # Errors
    /// When it is no longer what it was.
    pub fn move_strand(
        &self,
        session: SessionId,
        first: ObjectId,
        (from, to): (Option<ObjectId>, ObjectId),
    ) -> Result<(), Error> {
        self.move_ref(strand_name(session, first), from, Some(to), "import")
    }
}

fn strand_name(session: SessionId, first: ObjectId) -> String {
    format!("{STRANDS}{session}/{}", &first.to_string()[..DIGITS])
}
