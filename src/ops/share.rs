//! Share: a conversation up to a point as one file, for another machine.
//!
//! The file is a git bundle with one ref. It holds the commits of the conversation and all that they reach, and nothing else of the store: of a
//! session that it is a fork of, the turns that it took over; of a session that was rewound, also what it was before.

use std::io::Write;

use super::{Error, Point, Workspace};
use crate::model::SessionId;
use crate::store::Bundled;

/// Where the ref of a bundle stands, before the session's id.
pub(super) const SHARE: &str = "refs/codex/share/";

impl Workspace {
    /// What a conversation is shared as: the point, or the lines after its last turn that are no turn, if there are some.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn shared_as(&self, point: Point) -> Result<Point, Error> {
        let branch = self.store.branch(point.message.session)?.filter(|branch| branch.tip.id == point.id);
        let lines = branch.and_then(|branch| branch.open).filter(|open| open.message.kind.is_pending());
        Ok(lines.unwrap_or(point))
    }

    /// Writes a conversation up to a point.
    ///
    /// # Errors
    /// When git can't be run, or `out` takes nothing more.
    pub fn share(&self, point: &Point, out: &mut dyn Write) -> Result<(), Error> {
        let bundled = Bundled { name: format!("{SHARE}{}", point.message.session), id: point.id };
        Ok(self.store.write_bundle(&bundled, out)?)
    }
}

/// The session of a bundle of ours.
pub(super) fn session_of(bundled: &Bundled) -> Option<SessionId> {
    SessionId::parse(bundled.name.strip_prefix(SHARE)?)
}
