//! What `share --to` put at a remote, for those who got its link: the settings name the commits, so that taking something back there leaves the links to
//! all else as they are. The remote is not asked which it has: anybody can write there.

use std::collections::HashSet;

use crate::model::{ObjectId, RemoteName, SessionId};
use crate::ops::{Error, Workspace};
use crate::store::Commit;

/// The key of a remote's settings.
const KEY: &str = "link";

impl Workspace {
    /// Notes that a link names a commit at a remote.
    pub(super) fn note_link(&self, remote: &RemoteName, commit: ObjectId) -> Result<(), Error> {
        if self.noted_links(remote).contains(&commit) {
            return Ok(());
        }
        self.write_settings(|store| store.add_of_remote(remote, KEY, &commit.to_string()))
    }

    /// The commits that links name at a remote.
    pub(super) fn linked(&self, remote: &RemoteName) -> Vec<Commit> {
        self.noted_links(remote).into_iter().filter_map(|id| self.store.commit(id).ok()).collect()
    }

    /// Forgets the links to sessions at a remote; without any, all links to it.
    pub(super) fn forget_links(&self, remote: &RemoteName, of: Option<&HashSet<SessionId>>) -> Result<(), Error> {
        let stays = |id| of.is_some_and(|of| self.store.commit(id).is_ok_and(|one| !of.contains(&one.message.session)));
        let gone = self.noted_links(remote).into_iter().filter(|id| !stays(*id));
        gone.into_iter()
            .try_for_each(|id| self.write_settings(|store| store.remove_of_remote(remote, KEY, &id.to_string())))
    }

    fn noted_links(&self, remote: &RemoteName) -> Vec<ObjectId> {
        let settings = self.store.remotes().remove(remote).unwrap_or_default();
        settings.values(KEY).filter_map(|id| id.parse().ok()).collect()
    }
}
