//! Families: the sessions that share a turn with one, found in the table of sessions by who forked from whom.

use std::collections::{BTreeSet, HashSet};

use super::marks::Broken;
use super::{Error, Workspace};
use crate::model::SessionId;
use crate::store::Row;

/// Sessions, with those that they started.
pub(super) struct Family {
    /// The sessions, the one that was asked about first.
    pub rows: Vec<Row>,
    /// The sessions that these started.
    pub agents: Vec<Row>,
    pub broken: Broken,
}

impl Workspace {
    /// The family of a session.
    pub(super) fn family(&self, of: SessionId) -> Result<Family, Error> {
        let ((rows, agents), broken) = self.store.ask_table(|table| {
            let (mut rows, mut agents, mut left, mut seen) = (Vec::new(), Vec::new(), vec![of], HashSet::from([of]));
            while let Some(id) = left.pop() {
                let Some(row) = table.row(id)? else { continue };
                let base = row.origin.forked_from.filter(|_| self.has_of_base(&row));
                let forks = table.forks_of(id)?.into_iter().filter(|fork| self.has_of_base(fork)).map(|fork| fork.id);
                left.extend(base.into_iter().chain(forks).filter(|id| seen.insert(*id)));
                agents.extend(table.agents_of(id)?);
                rows.push(row);
            }
            Ok((rows, agents))
        })?;
        Ok(Family { rows, agents, broken: broken.into_iter().map(|(id, error)| (id, error.into())).collect() })
    }

    /// Whether a fork has turns of what it was forked from, or left them behind when it went back to before its first prompt.
    fn has_of_base(&self, fork: &Row) -> bool {
        if fork.inherited > 0 {
            return true;
        }
        let (Some(base), Some(tip)) = (fork.origin.forked_from, fork.heads.0) else { return false };
        self.store.beginning_of(tip).is_ok_and(|beginning| beginning.is_some_and(|one| one.message.session == base))
    }

    /// The sessions that took over something of a session, and what comes of them.
    pub(super) fn offspring(&self, of: SessionId) -> Result<BTreeSet<SessionId>, Error> {
        let (found, _) = self.store.ask_table(|table| {
            let (mut found, mut left) = (BTreeSet::new(), vec![of]);
            while let Some(id) = left.pop() {
                let forks = table.forks_of(id)?.into_iter().map(|fork| fork.id);
                left.extend(forks.filter(|fork| found.insert(*fork)));
            }
            Ok(found)
        })?;
        Ok(found)
    }

    /// All sessions, the newest first. Those that others started and that share no turn with any are among the agents alone.
    pub(super) fn all_families(&self) -> Result<Family, Error> {
        let (all, broken) = self.store.ask_table(|table| table.newest()?.collect::<Result<Vec<Row>, _>>())?;
        let agents = all.iter().filter(|row| row.origin.parent.is_some()).cloned().collect();
        let rows = all.into_iter().filter(|row| row.origin.parent.is_none() || row.inherited > 0).collect();
        Ok(Family { rows, agents, broken: broken.into_iter().map(|(id, error)| (id, error.into())).collect() })
    }
}
