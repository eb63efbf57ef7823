//! Masked forks that need no longer be told of: their sessions go themselves, or another one goes in their place.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{IndexLine, SessionId};
use crate::ops::list::Rows;
use crate::ops::{Error, Workspace};

/// What is told of sessions.
type Lines = BTreeMap<SessionId, IndexLine>;

impl Workspace {
    /// Has nothing be told any more of the masked forks of sessions that go themselves.
    pub(super) fn withdraw_needless(&self, lines: &mut Lines, held: &BTreeSet<SessionId>) -> Result<(), Error> {
        let masked: Vec<SessionId> = lines.keys().copied().filter(|id| id.is_masked()).collect();
        let Rows { rows, .. } =
            self.rows(&|table| masked.iter().filter_map(|id| table.row(*id).transpose()).collect())?;
        for of in rows.into_iter().filter_map(|row| row.origin.forked_from) {
            if lines.contains_key(&of) && !held.contains(&of) {
                self.withdraw_masked(lines, of, None)?;
            }
        }
        Ok(())
    }

    /// Has nothing be told any more of the masked forks of a session, but for one. One with which somebody goes on here stays.
    pub(super) fn withdraw_masked(
        &self,
        lines: &mut Lines,
        session: SessionId,
        but: Option<SessionId>,
    ) -> Result<(), Error> {
        for fork in self.masked_forks(session)?.into_iter().filter(|fork| Some(*fork) != but) {
            if self.look().session(fork).is_none() {
                lines.remove(&fork);
            }
        }
        Ok(())
    }

    /// The masked forks of a session.
    pub(super) fn masked_forks(&self, session: SessionId) -> Result<Vec<SessionId>, Error> {
        let Rows { rows, .. } = self.rows(&|table| table.forks_of(session))?;
        Ok(rows.into_iter().map(|row| row.id).filter(|id| id.is_masked()).collect())
    }
}
