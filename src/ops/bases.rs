//! Bases: what a session goes on from, found and recorded before it.

use super::lineage::{self, Base};
use super::record::Extent;
use super::recorder::{Recorder, Start};
use super::{Effect, Error};
use crate::model::{ObjectId, SessionId, Span};
use crate::rollout::{Found, HistoryBase, Rollout};
use crate::store::Commit;

impl Recorder<'_> {
    /// Where a file begins that its branch does not reach yet. What it borrows from its base is lent to it.
    pub(super) fn start(
        &self,
        rollout: &mut Rollout,
        before: Option<&Commit>,
        forks: &mut Vec<SessionId>,
    ) -> Result<Start, Error> {
        let Some(base) = rollout.meta().base else {
            return if before.is_none() { self.first(rollout, forks) } else { Ok(Start::Nothing) };
        };
        let Some(base) = self.base(rollout, base, before, forks)? else { return Ok(Start::Nothing) };
        rollout.borrow(0, base.borrowed);
        Ok(match before {
            Some(before) => Start::Revert(base.commit, Box::new(before.clone())),
            None => Start::Fork(base.commit, rollout.meta().len()),
        })
    }

    /// Lends a rollout what its branch has not recorded yet of the base's bytes: only while that stands before the file's own first turn.
    pub(super) fn lend(&self, rollout: &mut Rollout, tip: &Commit, forks: &mut Vec<SessionId>) -> Result<(), Error> {
        let mut borrowed = Vec::new();
        if let Some(base) = rollout.meta().base
            && tip.message.missing_base != Some(base.rollout)
            && tip.message.offset == rollout.meta().len()
            && let Some(base) = self.base(rollout, base, Some(tip), forks)?
        {
            borrowed = base.borrowed;
            borrowed.drain(..(tip.message.borrowed as usize).min(borrowed.len()));
        }
        rollout.borrow(tip.message.borrowed, borrowed);
        Ok(())
    }

    /// The point of another rollout that one goes on from, after recording what that lies in; `None` if it is not to be found.
    /// `before` is what the session itself was before.
    fn base(
        &self,
        rollout: &Rollout,
        base: HistoryBase,
        before: Option<&Commit>,
        forks: &mut Vec<SessionId>,
    ) -> Result<Option<Base>, Error> {
        let store = &self.workspace.store;
        if let Some(before) = before
            && let Some(found) = lineage::find(store, &[before.id], base)?
        {
            return Ok(Some(found));
        }
        let own = rollout.session();
        let named = rollout.meta().origin.forked_from.into_iter().chain([base.rollout]);
        let owner = std::iter::once_with(|| self.owner(base.rollout)).flatten();
        for session in named.chain(owner).filter(|session| *session != own) {
            self.before_fork(own, session, forks);
            if let Some(found) = lineage::find(store, &self.heads(session)?, base)? {
                return Ok(Some(found));
            }
        }
        // A rewind of which the file before is gone, but was recorded.
        lineage::find(store, &self.heads(own)?, base)
    }

    /// Whether the base of a session that was recorded without it is there now.
    pub(super) fn base_appeared(&self, rollout: &Rollout, forks: &mut Vec<SessionId>) -> Result<bool, Error> {
        let Some(base) = rollout.meta().base else { return Ok(false) };
        let found = self.base(rollout, base, None, forks)?;
        Ok(found.is_some_and(|base| base.commit.message.missing_base.is_none()))
    }

    /// The session that a rollout of this id belongs to, among those that are there.
    fn owner(&self, rollout: SessionId) -> Option<SessionId> {
        let owns = |found: &Found| found.files().any(|file| file.name.segment == Some(rollout));
        self.look(owns).ok()?.map(|found| found.name.id)
    }

    /// A session in the home that fits.
    fn look(&self, fits: impl Fn(&Found) -> bool) -> Result<Option<Found>, Error> {
        match self.found {
            Some(found) => Ok(found.iter().find(|found| fits(found)).cloned()),
            None => Ok(self.workspace.home.rollouts()?.0.into_iter().find(fits)),
        }
    }

    /// The last commits of a session, also those that no ref names yet.
    fn heads(&self, session: SessionId) -> Result<Vec<ObjectId>, Error> {
        let ahead = self.later.and_then(|later| later.heads(session));
        if let Some(heads) = ahead {
            return Ok(heads);
        }
        let branch = self.workspace.store.branch(session)?;
        Ok(branch.map_or_else(Vec::new, |branch| vec![branch.tip.id, branch.last().id]))
    }

    /// Where a session that is not in the store begins, if its file is whole.
    fn first(&self, rollout: &Rollout, forks: &mut Vec<SessionId>) -> Result<Start, Error> {
        let meta = rollout.meta();
        let (Some(at), Some(from)) = (meta.forked_at, meta.origin.forked_from) else { return Ok(Start::Nothing) };
        self.before_fork(rollout.session(), from, forks);
        let Ok(base) = self.workspace.store.commit(at) else { return Ok(Start::Nothing) };
        let offset = if base.message.session == from { self.shared_end(rollout, &base)? } else { None };
        Ok(offset.map_or(Start::Nothing, |offset| Start::Fork(base, offset)))
    }

    /// Records the session that another is forked from, unless that is being done.
    fn before_fork(&self, fork: SessionId, base: SessionId, forks: &mut Vec<SessionId>) {
        if forks.contains(&base) || self.effect == Effect::Pretend {
            return;
        }
        forks.extend([fork, base]);
        if let Err(error) = self.record_base(base, forks) {
            tracing::info!(%error, %base, "the base of a fork could not be recorded");
        }
    }

    fn record_base(&self, id: SessionId, forks: &mut Vec<SessionId>) -> Result<(), Error> {
        if self.is_ahead(id) {
            return Ok(());
        }
        let Some(found) = self.look(|found| found.name.id == id)? else { return Ok(()) };
        self.all().session(&found, forks).map(drop)
    }

    /// The same recorder, for all that there is.
    fn all(&self) -> Self {
        Self { extent: Extent::All, thorough: false, ..*self }
    }

    /// Whether a session's commits are written already, for its refs to be moved later.
    pub fn is_ahead(&self, id: SessionId) -> bool {
        self.later.is_some_and(|later| later.heads(id).is_some())
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
