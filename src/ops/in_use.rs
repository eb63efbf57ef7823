//! In use: the sessions that Codex has open just now.

use std::collections::HashSet;

use super::Workspace;
use crate::codex::in_use;
use crate::model::SessionId;

impl Workspace {
    /// The sessions that Codex has open just now, as far as the system says.
    pub fn in_use(&self) -> HashSet<SessionId> {
        in_use(&self.home, self.look_anew().all())
    }
}
