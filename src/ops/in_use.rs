//! In use: the sessions that Codex has open just now.

use std::collections::HashSet;

use super::Workspace;
use crate::codex::{has_open, in_use};
use crate::model::SessionId;

impl Workspace {
    /// The sessions that Codex has open just now, as far as the system says.
    pub fn in_use(&self) -> HashSet<SessionId> {
        in_use(&self.home, self.look_anew().all())
    }

    /// Whether Codex has a session open just now that has a rollout here.
    pub(super) fn has_open(&self, session: SessionId) -> bool {
        self.look().session(session).is_some_and(|found| has_open(&self.home, &found))
    }
}
