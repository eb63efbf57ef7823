//! Unchanged: which rollouts were recorded just as they lie there, so that recording all of them again needs no look inside.
//!
//! A rollout is taken as seen only if the system says the same of its files as before they were recorded (length, times of change
//! and of the last write, inode), and the session's refs hold what they held then. Everything else is looked at. What is noted is
//! a help, not a part of the store: without it all rollouts are looked at.

use std::collections::{HashMap, HashSet};

use super::outcome::{News, Recorded};
use crate::model::SessionId;
use crate::ops::Workspace;
use crate::rollout::{RolloutFile, Stamps};
use crate::store::{Heads, Store};

/// From so many sessions on, all refs are read.
const MANY: usize = 64;

/// What was seen of sessions.
pub(super) struct Seen<'a> {
    workspace: &'a Workspace,
    sights: Sights,
}

/// What was seen of each session, and still counts.
type Sights = HashMap<SessionId, Sight>;

/// What was seen of a session.
pub(super) struct Sight {
    /// What the system said of its files when all that they held was recorded.
    pub stamps: Stamps,
    /// The last turn.
    last: u32,
    /// Whether its refs hold what they held then.
    is_as_recorded: bool,
}

impl<'a> Seen<'a> {
    /// What was seen of all sessions; and what `meanwhile` gives, which takes its time as well.
    pub fn load<T: Send>(workspace: &'a Workspace, meanwhile: impl FnOnce() -> T + Send) -> (Self, T) {
        std::thread::scope(|scope| {
            let done = scope.spawn(meanwhile);
            let sights = all(&workspace.store);
            (Self { workspace, sights }, done.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    /// What was seen of some sessions only, whose refs hold this.
    pub fn load_some(workspace: &'a Workspace, heads: &HashMap<SessionId, Heads>) -> Self {
        let notes = workspace.store.session_notes();
        let sight = |(id, heads): (&SessionId, &Heads)| Some((*id, Sight::read(&notes.of(*id)?, heads)?));
        Self { workspace, sights: heads.iter().filter_map(sight).collect() }
    }

    /// The outcome of recording a rollout that is known not to have changed.
    pub fn unchanged(&self, found: &RolloutFile) -> Option<Recorded> {
        self.sights.get(&found.name.id)?.unchanged(found)
    }

    /// What the system said of a session's files then.
    pub fn stamps(&self, session: SessionId) -> Option<Stamps> {
        self.sights.get(&session).map(|sight| sight.stamps.clone())
    }

    /// Whether a rollout that was seen before may have been written to in another way than by adding to it.
    pub fn is_suspect(&self, found: &RolloutFile) -> bool {
        self.sights.get(&found.name.id).is_some_and(|sight| found.is_suspect_since(&sight.stamps))
    }

    /// The rollouts whose sessions are not in the store, of some that changed.
    pub fn unknown<'f>(&self, fresh: &'f [RolloutFile]) -> Vec<&'f RolloutFile> {
        let heads = self.heads_of(fresh);
        let is_kept = |found: &&RolloutFile| heads.get(&found.name.id).is_some_and(|heads| heads.0.is_some());
        fresh.iter().filter(|found| !is_kept(found)).collect()
    }

    /// What the refs of these rollouts' sessions hold now.
    fn heads_of(&self, files: &[RolloutFile]) -> HashMap<SessionId, Heads> {
        let store = &self.workspace.store;
        // Of many sessions it is faster to read all refs at once.
        if files.len() >= MANY {
            return store.all_heads().unwrap_or_default();
        }
        files.iter().map(|found| (found.name.id, store.heads(found.name.id).unwrap_or_default())).collect()
    }

    /// Notes the rollouts that were recorded just now, as they lay there before. Tells of which sessions not all is recorded.
    pub fn note(self, fresh: &[RolloutFile], recorded: &[Recorded]) -> Vec<SessionId> {
        if fresh.is_empty() {
            return Vec::new();
        }
        // A session whose base is missing is looked at again and again: the base may be there. One that is behind is told as long as it is; what was
        // noted of it stays, so that what becomes of its file is known to be another one.
        let is_behind = |recorded: &&Recorded| matches!(recorded.news, Some(News::Behind(_)));
        let behind: HashSet<SessionId> = recorded.iter().filter(is_behind).map(|recorded| recorded.session).collect();
        let whole = recorded.iter().filter(|recorded| !recorded.orphan);
        let last: HashMap<SessionId, u32> = whole.map(|recorded| (recorded.session, recorded.last)).collect();
        let heads = self.heads_of(fresh);
        let sight = |found: &RolloutFile| {
            let (stamps, last) = (found.stamps()?, *last.get(&found.name.id)?);
            let (tip, open) = heads.get(&found.name.id).copied().unwrap_or_default();
            let (tip, open) = (tip?, open.map_or_else(|| "-".to_owned(), |open| open.to_string()));
            Some(format!("{tip} {open} {last} {stamps}"))
        };
        let noted = fresh.iter().filter(|found| !behind.contains(&found.name.id));
        let lines: Vec<_> = noted.map(|found| (found.name.id, sight(found))).collect();
        let left = lines.iter().filter(|(_, line)| line.is_none()).map(|(id, _)| *id).chain(behind).collect();
        self.workspace.store.session_notes().set(lines);
        left
    }
}

/// What was seen of all sessions of a store.
fn all(store: &Store) -> Sights {
    let heads = store.all_heads().unwrap_or_default();
    let none = (None, None);
    store.session_notes().all(|id, line| Sight::read(line, heads.get(&id).unwrap_or(&none)))
}

impl Sight {
    /// What was seen of one session.
    pub fn of(workspace: &Workspace, session: SessionId) -> Option<Self> {
        let line = workspace.store.session_notes().of(session)?;
        Self::read(&line, &workspace.store.heads(session).ok()?)
    }

    /// The outcome of recording a rollout, if neither it nor what the session's refs hold changed since.
    pub fn unchanged(&self, found: &RolloutFile) -> Option<Recorded> {
        let same = self.is_as_recorded && found.is_as(&self.stamps);
        same.then(|| Recorded::same(found.name.id, self.last, false))
    }

    /// Reads a line: what the session's branch and the ref of its open lines held, its last turn, the stamps of its files.
    fn read(line: &str, heads: &Heads) -> Option<Self> {
        let mut words = line.splitn(4, ' ');
        let tip = words.next()?.parse().ok()?;
        let open = match words.next()? {
            "-" => None,
            open => Some(open.parse().ok()?),
        };
        let last = words.next()?.parse().ok()?;
        let stamps = Stamps::parse(words.next()?)?;
        Some(Self { stamps, last, is_as_recorded: *heads == (Some(tip), open) })
    }
}
