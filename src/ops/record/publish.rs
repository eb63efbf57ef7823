//! Publishing: commits that are written get the refs that name them, at once or together with those of other sessions.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::outcome::{News, Recorded};
use crate::model::{ObjectId, SessionId};
use crate::ops::Workspace;
use crate::store::{Error as StoreError, NewBranch, SessionMove};

/// A session's written commits, and the refs that are to name them: what each was, and what it is to be.
pub(super) struct Pending {
    pub session: SessionId,
    pub turns: u32,
    pub last: u32,
    pub news: Option<News>,
    pub orphan: bool,
    /// For the branch's log: what was recorded, and where the rollout lies.
    pub note: String,
    /// Whether the rollout lies where Codex puts it, so that its place need not be remembered.
    pub in_usual_place: bool,
    pub tip: (Option<ObjectId>, ObjectId),
    pub open: (Option<ObjectId>, Option<ObjectId>),
}

impl Pending {
    /// What was recorded, once the refs are moved.
    pub fn recorded(&self) -> Recorded {
        let changed = self.tip.0 != Some(self.tip.1) || self.open.0 != self.open.1;
        let Self { session, turns, last, news, orphan, .. } = *self;
        Recorded { session, turns, last, changed, news, orphan }
    }

    /// The session's last commits.
    fn heads(&self) -> Vec<ObjectId> {
        std::iter::once(self.tip.1).chain(self.open.1).collect()
    }

    fn moves(&self) -> SessionMove<'_> {
        SessionMove { session: self.session, tip: self.tip, open: self.open, note: &self.note }
    }

    /// The branch to be made, if the session has no ref yet.
    fn new_branch(&self) -> Option<NewBranch> {
        let note = (!self.in_usual_place).then(|| self.note.clone());
        let new = NewBranch { session: self.session, tip: self.tip.1, open: self.open.1, note };
        (self.tip.0.is_none() && self.open.0.is_none()).then_some(new)
    }
}

/// The sessions whose refs are to be moved later, filled by several threads.
#[derive(Default)]
pub(super) struct PendingSessions {
    waiting: Mutex<Waiting>,
    /// Whether the refs will never be moved: it is only told what recording would do.
    is_pretended: bool,
}

#[derive(Default)]
struct Waiting {
    all: Vec<Pending>,
    at: HashMap<SessionId, usize>,
    /// The last commits of those whose refs are being moved: until they are, nobody finds them in the store.
    moving: HashMap<SessionId, Vec<ObjectId>>,
}

impl PendingSessions {
    /// Those that are told, and never moved.
    pub fn pretended() -> Self {
        Self { is_pretended: true, ..Self::default() }
    }

    /// Adds a session that was written.
    pub fn push(&self, pending: Pending) {
        let mut waiting = self.waiting();
        let at = waiting.all.len();
        waiting.at.insert(pending.session, at);
        waiting.all.push(pending);
    }

    /// Whether nothing is to be moved.
    pub fn is_pretended(&self) -> bool {
        self.is_pretended
    }

    /// The last commits of a session that is among them.
    pub fn heads(&self, session: SessionId) -> Option<Vec<ObjectId>> {
        let waiting = self.waiting();
        match waiting.at.get(&session) {
            Some(at) => Some(waiting.all[*at].heads()),
            None => waiting.moving.get(&session).cloned(),
        }
    }

    /// What was recorded of a session that is among them.
    pub fn recorded(&self, session: SessionId) -> Option<Recorded> {
        let waiting = self.waiting();
        Some(waiting.all[*waiting.at.get(&session)?].recorded())
    }

    /// All of them, for their refs to be moved. Their last commits are known here until [`PendingSessions::moved`].
    pub fn take(&self) -> Vec<Pending> {
        let mut waiting = self.waiting();
        waiting.at.clear();
        let all = std::mem::take(&mut waiting.all);
        waiting.moving = all.iter().map(|pending| (pending.session, pending.heads())).collect();
        all
    }

    /// The refs of those that were taken are moved, or never will be.
    pub fn moved(&self) {
        self.waiting().moving.clear();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // A list that a thread died over is still a list of sessions that were written.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workspace {
    /// Moves a session's refs to the commits that were written, and HEAD to its branch if that `leads`, all at once.
    pub(super) fn publish(&self, pending: &Pending, leads: bool) -> Result<(), StoreError> {
        self.store.move_session(&pending.moves(), leads)
    }

    /// Moves the refs of many sessions, those of new ones at once; an outcome for each.
    pub(super) fn publish_all(&self, all: &[Pending]) -> Vec<Result<(), StoreError>> {
        let (at, new): (Vec<usize>, Vec<NewBranch>) =
            all.iter().enumerate().filter_map(|(at, pending)| Some((at, pending.new_branch()?))).unzip();
        let added = if new.is_empty() { Ok(Vec::new()) } else { self.store.add_branches(&new) };
        // Those that could not be added together are moved one by one: each then says what stands in its way.
        let added = added.unwrap_or_else(|error| {
            tracing::info!(%error, "new branches could not be added at once");
            vec![false; new.len()]
        });
        let done: Vec<usize> = at.into_iter().zip(added).filter(|(_, added)| *added).map(|(at, _)| at).collect();
        let publish = |(at, pending): (usize, &Pending)| match done.binary_search(&at) {
            Ok(_) => Ok(()),
            Err(_) => self.store.move_session(&pending.moves(), false),
        };
        all.iter().enumerate().map(publish).collect()
    }

    /// Makes a session that gained something the one that plain `git log` shows.
    pub(super) fn point_head(&self, recorded: &Recorded) {
        if !recorded.changed {
            return;
        }
        if let Err(error) = self.store.point_head(recorded.session) {
            // HEAD only decides what plain `git log` shows first; another process may be pointing it elsewhere.
            tracing::debug!(%error, "HEAD was left as it is");
        }
    }
}
