//! Strands: where a session went on elsewhere, and this machine's rollout did not.
//!
//! A strand is `refs/strands/<session>/<the first 16 digits of its first commit that the branch lacks>`, and only ever moves forward.

use super::branches::STRANDS;
use super::{Error, Store};
use crate::model::{ObjectId, SessionId};

/// How much of a commit's id names a strand.
const DIGITS: usize = 16;

/// Another end of a session, as its ref says.
#[derive(Clone, Debug)]
pub struct StrandRef {
    /// The session.
    pub session: SessionId,
    /// How the id of its first commit begins.
    first: String,
    /// Its last commit.
    pub last: ObjectId,
}

impl Store {
    /// The strands of a session, or of all.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn strands(&self, session: Option<SessionId>) -> Result<Vec<StrandRef>, Error> {
        let folder = session.map_or_else(|| STRANDS.to_owned(), |session| format!("{STRANDS}{session}/"));
        let of = |(name, last): (String, ObjectId)| {
            let (session, first) = name.strip_prefix(STRANDS)?.split_once('/')?;
            Some(StrandRef { session: SessionId::parse(session)?, first: first.to_owned(), last })
        };
        Ok(self.refs.below(&folder)?.into_iter().filter_map(of).collect())
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

impl StrandRef {
    /// Whether it begins with a commit.
    pub fn begins_with(&self, commit: ObjectId) -> bool {
        commit.to_string().starts_with(&self.first)
    }
}

fn strand_name(session: SessionId, first: ObjectId) -> String {
    format!("{STRANDS}{session}/{}", &first.to_string()[..DIGITS])
}
