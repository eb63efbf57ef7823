//! How far rollouts are gone on from: native forks and rewinds name a rollout and a byte of it, up to where it must stay what it is.

use std::collections::HashMap;

use super::Look;
use crate::model::SessionId;
use crate::rollout::{RolloutFile, SessionMeta};

impl Look {
    /// The last byte of a rollout after which a file goes on from it, as those of native forks and rewinds do; the first lines of all are read once.
    pub fn gone_on_from(&self, rollout: SessionId) -> Option<u64> {
        let read = || {
            let mut furthest: HashMap<SessionId, u64> = HashMap::new();
            for base in self.all().all().iter().flat_map(RolloutFile::files).filter_map(SessionMeta::base_of) {
                let end = furthest.entry(base.rollout).or_default();
                *end = base.end.max(*end);
            }
            furthest
        };
        self.gone_on.get_or_init(read).get(&rollout).copied()
    }
}
