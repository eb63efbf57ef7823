//! Bases: what a session goes on from. Which sessions are to be recorded before it, and where in the store its files begin.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;

use super::commits::Start;
use super::publish::PendingSessions;
use crate::codex::Look;
use crate::model::{ObjectId, SessionId, Span};
use crate::ops::lineage::{self, Base, States, is_after};
use crate::ops::{Error, Workspace};
use crate::rollout::{HistoryBase, Rollout, RolloutFile, SessionMeta};
use crate::store::{Branch, Commit};

/// What sessions go on from is looked for in the store, in the home, and among the sessions that are written and not published yet.
pub(in crate::ops) struct Bases<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) pending: Option<&'a PendingSessions>,
    /// The home's rollouts: those that are known already, or looked for when they are needed.
    pub(super) known: Option<&'a Look>,
    looked: OnceCell<Arc<Look>>,
}

/// A session on the way to what it goes on from: it is looked at, and comes after that.
enum Visit {
    Look(SessionId),
    Done(SessionId),
}

impl<'a> Bases<'a> {
    pub(super) fn of(workspace: &'a Workspace) -> Self {
        Self { workspace, pending: None, known: None, looked: OnceCell::new() }
    }

    /// The home's rollouts.
    pub(super) fn look(&self) -> &Look {
        self.known.unwrap_or_else(|| self.looked.get_or_init(|| self.workspace.look()))
    }

    /// The sessions that one goes on from, and those that they go on from, the furthest first; without those that need not be recorded. Chains
    /// of any length take a list, not the stack.
    pub(super) fn before(&self, found: &RolloutFile, branch: Option<&Branch>) -> Vec<SessionId> {
        let mut seen = HashSet::from([found.name.id]);
        let (mut visits, mut ordered) = (Vec::new(), Vec::new());
        let mut add = |visits: &mut Vec<Visit>, files: Vec<&RolloutFile>| {
            let named = files.into_iter().flat_map(|file| self.named_by(file));
            visits.extend(named.filter(|session| seen.insert(*session)).map(Visit::Look));
        };
        add(&mut visits, unrecorded(found, branch));
        while let Some(visit) = visits.pop() {
            match visit {
                Visit::Look(session) if self.is_pending(session) => {}
                Visit::Look(session) => {
                    let Some(found) = self.look().session(session) else { continue };
                    visits.push(Visit::Done(session));
                    let branch = self.workspace.store.branch(session).ok().flatten();
                    add(&mut visits, unrecorded(&found, branch.as_ref()));
                }
                Visit::Done(session) => ordered.push(session),
            }
        }
        ordered
    }

    /// The other sessions that a file may go on from.
    pub(super) fn named_by(&self, file: &RolloutFile) -> Vec<SessionId> {
        let Ok(meta) = SessionMeta::of(file) else { return Vec::new() };
        let mut named: Vec<SessionId> = match (meta.base, meta.forked_at) {
            (Some(base), _) => {
                let owner = self.look().owner(base.rollout);
                meta.origin.forked_from.into_iter().chain([base.rollout]).chain(owner).collect()
            }
            (None, Some(_)) => meta.origin.forked_from.into_iter().collect(),
            (None, None) => Vec::new(),
        };
        named.retain(|session| *session != file.name.id);
        named
    }

    /// Where a file begins that its branch does not reach yet. What it borrows from its base is lent to it.
    pub(super) fn start(
        &self,
        rollout: &mut Rollout,
        before: Option<&Commit>,
        states: &mut States<'_>,
    ) -> Result<Start, Error> {
        let Some(base) = rollout.meta().base else {
            return match before {
                None => self.first(rollout),
                Some(before) => self.back_to_nothing(before),
            };
        };
        let Some(base) = self.base(rollout, base, states)? else { return Ok(Start::Nothing) };
        rollout.borrow(0, base.borrowed);
        let is_own = base.commit.message.session == rollout.session();
        let before = match before {
            None if is_own => Some(self.recorded_before(rollout, &base.commit)?),
            before => before.cloned(),
        };
        Ok(match before {
            Some(before) => Start::Revert(base.commit, Box::new(before)),
            None => Start::Fork(base.commit, rollout.meta().len()),
        })
    }

    /// What the store holds of the session before a file that it went back in: the file before that is gone, or lies elsewhere.
    fn recorded_before(&self, rollout: &Rollout, base: &Commit) -> Result<Commit, Error> {
        let own = lineage::files(&self.workspace.store, &self.heads(rollout.session())?)?;
        let earlier = own.into_iter().filter_map(|last| Some((lineage::segment(&last)?, last)));
        let before =
            earlier.filter(|(segment, _)| *segment < rollout.name().segment).max_by_key(|(segment, _)| *segment);
        Ok(before.map_or_else(|| base.clone(), |(_, last)| last))
    }

    /// A rewind to before the first prompt goes on from the first line alone.
    fn back_to_nothing(&self, before: &Commit) -> Result<Start, Error> {
        let beginning = self.workspace.store.beginning_of(before.id)?;
        Ok(beginning.map_or(Start::Nothing, |beginning| Start::Revert(beginning, Box::new(before.clone()))))
    }

    /// Lends a rollout what its branch has not recorded yet of the base's bytes: only while that stands before the file's own first turn.
    pub(super) fn lend(&self, rollout: &mut Rollout, tip: &Commit) -> Result<(), Error> {
        let mut borrowed = Vec::new();
        if let Some(base) = rollout.meta().base
            && tip.message.missing_base != Some(base.rollout)
            && tip.message.offset == rollout.meta().len()
            && let Some(base) = self.base(rollout, base, &mut States::of(&self.workspace.store, vec![tip.id]))?
        {
            borrowed = base.borrowed;
            borrowed.drain(..(tip.message.borrowed as usize).min(borrowed.len()));
        }
        rollout.borrow(tip.message.borrowed, borrowed);
        Ok(())
    }

    /// The point of another rollout that one goes on from; `None` if the store does not hold it. `states` are those of the session itself.
    fn base(&self, rollout: &Rollout, base: HistoryBase, states: &mut States<'_>) -> Result<Option<Base>, Error> {
        let store = &self.workspace.store;
        if let Some(found) = states.find(base)? {
            return Ok(Some(found));
        }
        let own = rollout.session();
        let named = rollout.meta().origin.forked_from.into_iter().chain([base.rollout]);
        let owner = std::iter::once_with(|| self.look().owner(base.rollout)).flatten();
        for session in named.chain(owner).filter(|session| *session != own) {
            if let Some(found) = lineage::find(store, &self.heads(session)?, base)? {
                return Ok(Some(found));
            }
        }
        // A rewind of which the file before is gone, but was recorded.
        lineage::find(store, &self.heads(own)?, base)
    }

    /// The last commits of a session, also those that no ref names yet.
    pub(super) fn heads(&self, session: SessionId) -> Result<Vec<ObjectId>, Error> {
        let pending = self.pending.and_then(|pending| pending.heads(session));
        if let Some(heads) = pending {
            return Ok(heads);
        }
        let branch = self.workspace.store.branch(session)?;
        Ok(branch.map_or_else(Vec::new, |branch| vec![branch.tip.id, branch.last().id]))
    }

    /// Where a session that is not in the store begins, if its file is whole.
    fn first(&self, rollout: &Rollout) -> Result<Start, Error> {
        let meta = rollout.meta();
        let (Some(at), Some(from)) = (meta.forked_at, meta.origin.forked_from) else { return Ok(Start::Nothing) };
        let Ok(base) = self.workspace.store.commit(at) else { return Ok(Start::Nothing) };
        let offset = if base.message.session == from { self.shared_end(rollout, &base)? } else { None };
        Ok(offset.map_or(Start::Nothing, |offset| Start::Fork(base, offset)))
    }

    /// Whether a session's commits are written and not published yet.
    pub(super) fn is_pending(&self, id: SessionId) -> bool {
        self.pending.is_some_and(|pending| pending.heads(id).is_some())
    }

    /// Where the bytes of the base's turns end in a fork's rollout; `None` if it doesn't hold them.
    fn shared_end(&self, rollout: &Rollout, base: &Commit) -> Result<Option<u64>, Error> {
        let store = &self.workspace.store;
        let mut at = rollout.meta().len();
        for chunk in store.read_tree(base.tree)?.chunks {
            let bytes = store.read_blob(chunk.blob)?;
            let span = Span { start: at, end: at + bytes.len() as u64 };
            if span.end > rollout.len()? || rollout.read(span)? != bytes {
                return Ok(None);
            }
            at = span.end;
        }
        Ok(Some(at))
    }
}

/// The files of a session whose bases the store need not know yet.
fn unrecorded<'f>(found: &'f RolloutFile, branch: Option<&Branch>) -> Vec<&'f RolloutFile> {
    let whole = branch.filter(|branch| branch.tip.message.missing_base.is_none());
    found.files().filter(|file| whole.is_none_or(|branch| is_after(file, &branch.tip))).collect()
}
