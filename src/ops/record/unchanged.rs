//! Unchanged: which rollouts were recorded just as they lie there, so that recording all of them again needs no look inside.
//!
//! A rollout is taken as seen only if the system says the same of its files as before they were recorded (length, times of change
//! and of the last write, inode), and the session's refs hold what they held then. Everything else is looked at. What is noted is
//! a help, not a part of the store: without it all rollouts are looked at.

use std::collections::HashMap;

use super::outcome::{News, Recorded};
use crate::model::{ObjectId, SessionId};
use crate::ops::Workspace;
use crate::rollout::{RolloutFile, Stamps};
use crate::store::{Heads, SessionNotes};

/// From so many sessions on, all refs are read.
const MANY: usize = 64;

/// What was seen of sessions.
pub(super) struct Seen<'a> {
    notes: SessionNotes<'a>,
    sights: HashMap<SessionId, Sight>,
    heads: HashMap<SessionId, Heads>,
}

/// What was seen of a session.
pub(super) struct Sight {
    /// What the system said of its files when all that they held was recorded.
    pub stamps: Stamps,
    tip: ObjectId,
    open: Option<ObjectId>,
    /// The last turn.
    last: u32,
}

impl<'a> Seen<'a> {
    /// What was seen of all sessions, and what the refs hold now.
    pub fn load(workspace: &'a Workspace) -> Self {
        let notes = workspace.store.session_notes();
        let sights = notes.all(Sight::read);
        Self { notes, sights, heads: workspace.store.all_heads().unwrap_or_default() }
    }

    /// The same of some sessions only, whose refs hold this.
    pub fn load_some(workspace: &'a Workspace, heads: HashMap<SessionId, Heads>) -> Self {
        let notes = workspace.store.session_notes();
        let sights = heads.keys().filter_map(|id| Some((*id, Sight::read(&notes.of(*id)?)?))).collect();
        Self { notes, sights, heads }
    }

    /// The outcome of recording a rollout that is known not to have changed.
    pub fn unchanged(&self, found: &RolloutFile) -> Option<Recorded> {
        let session = found.name.id;
        self.sights.get(&session)?.unchanged(found, self.heads.get(&session)?)
    }

    /// What the system said of a session's files when all that they held was recorded.
    pub fn stamps(&self, session: SessionId) -> Option<Stamps> {
        self.sights.get(&session).map(|sight| sight.stamps.clone())
    }

    /// Whether a rollout that was seen before may have been written to in another way than by adding to it.
    pub fn is_suspect(&self, found: &RolloutFile) -> bool {
        self.sights.get(&found.name.id).is_some_and(|sight| found.is_suspect_since(&sight.stamps))
    }

    /// Whether a rollout's session is in the store.
    pub fn is_kept(&self, found: &RolloutFile) -> bool {
        self.heads.get(&found.name.id).is_some_and(|heads| heads.0.is_some())
    }

    /// Notes the rollouts that were recorded just now, as they lay there before. Tells of which sessions not all is recorded.
    pub fn note(self, workspace: &Workspace, fresh: &[RolloutFile], recorded: &[Recorded]) -> Vec<SessionId> {
        if fresh.is_empty() {
            return Vec::new();
        }
        // A session whose base is missing is looked at again and again: the base may be there. One that is behind is told as long as it is.
        let is_behind = |recorded: &&Recorded| matches!(recorded.news, Some(News::Behind(_)));
        let whole = recorded.iter().filter(|recorded| !recorded.orphan && !is_behind(recorded));
        let last: HashMap<SessionId, u32> = whole.map(|recorded| (recorded.session, recorded.last)).collect();
        // Of many sessions it is faster to read all refs at once.
        let all = if fresh.len() >= MANY { workspace.store.all_heads().unwrap_or_default() } else { HashMap::new() };
        let heads = |id| match all.get(&id) {
            Some(heads) => *heads,
            None => workspace.store.heads(id).unwrap_or_default(),
        };
        let sight = |found: &RolloutFile| {
            let (stamps, last) = (found.stamps()?, *last.get(&found.name.id)?);
            let (tip, open) = heads(found.name.id);
            Some(Sight { stamps, tip: tip?, open, last }.to_string())
        };
        let lines: Vec<_> = fresh.iter().map(|found| (found.name.id, sight(found))).collect();
        let left = lines.iter().filter(|(_, line)| line.is_none()).map(|(id, _)| *id).collect();
        self.notes.set(lines);
        left
    }
}

impl Sight {
    /// That of one session.
    pub fn load(workspace: &Workspace, session: SessionId) -> Option<Self> {
        Self::read(&workspace.store.session_notes().of(session)?)
    }

    /// The outcome of recording a rollout, if neither it nor what the session's refs hold changed since.
    pub fn unchanged(&self, found: &RolloutFile, heads: &Heads) -> Option<Recorded> {
        let same = found.is_as(&self.stamps) && *heads == (Some(self.tip), self.open);
        same.then(|| Recorded::same(found.name.id, self.last, false))
    }

    fn read(line: &str) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        let tip = words.next()?.parse().ok()?;
        let open = match words.next()? {
            "-" => None,
            open => Some(open.parse().ok()?),
        };
        Some(Self { tip, open, last: words.next()?.parse().ok()?, stamps: Stamps::parse(words.next()?)? })
    }
}

impl std::fmt::Display for Sight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let open = self.open.map_or_else(|| "-".to_owned(), |open| open.to_string());
        write!(f, "{} {open} {} {}", self.tip, self.last, self.stamps)
    }
}
