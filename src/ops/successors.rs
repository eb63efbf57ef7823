//! Successors: the files that go on from others, as those of native forks and of rewinds do. Each names a rollout and a byte of it, so that the
//! rollout must stay what it is up to there.

use std::collections::HashMap;

use crate::codex::Look;
use crate::model::SessionId;
use crate::rollout::SessionMeta;

/// Whether a file goes on from a rollout after more than so many bytes of it.
pub(super) fn is_gone_on_after(look: &Look, rollout: SessionId, end: u64) -> bool {
    look.gone_on_from(rollout).is_some_and(|last| last > end)
}

/// Which sessions go on from a file of which.
pub(super) fn forks_of(look: &Look) -> HashMap<SessionId, Vec<SessionId>> {
    let mut forks: HashMap<SessionId, Vec<SessionId>> = HashMap::new();
    for found in look.all().all() {
        for file in found.files() {
            let owner = SessionMeta::base_of(file).and_then(|base| look.owner(base.rollout));
            if let Some(owner) = owner.filter(|owner| *owner != found.name.id) {
                forks.entry(owner).or_default().push(found.name.id);
            }
        }
    }
    forks
}
