//! Share: a conversation up to a point as one file, for another machine.
//!
//! The file is a git bundle with one ref. It holds the commits of the conversation and all that they reach, and nothing else of the store: of a
//! session that it is a fork of, the turns that it took over; of a session that was rewound, also what it was before.

use std::io::Write;

use super::{Error, Point, Workspace};
use crate::model::{ObjectId, SessionId};
use crate::store::Bundled;

/// Where the ref of a bundle stands, before the session's id.
pub(super) const SHARE: &str = "refs/codex/share/";

impl Workspace {
    /// Writes a conversation up to a point. Gives its last commit.
    ///
    /// # Errors
    /// When git can't be run, or `out` takes nothing more.
    pub fn share(&self, point: &Point, out: &mut dyn Write) -> Result<ObjectId, Error> {
        let session = point.message.session;
        // Lines after the last turn that are no turn go with it.
        let branch = self.store.branch(session)?.filter(|branch| branch.tip.id == point.id);
        let lines = branch.and_then(|branch| branch.open).filter(|open| open.message.kind.is_pending());
        let id = lines.map_or(point.id, |open| open.id);
        let bundled = Bundled { name: format!("{SHARE}{session}"), id };
        self.store.write_bundle(&bundled, out)?;
        Ok(id)
    }
}

/// The session of a bundle of ours.
pub(super) fn session_of(bundled: &Bundled) -> Option<SessionId> {
    SessionId::parse(bundled.name.strip_prefix(SHARE)?)
}
