//! What this machine tells at a remote of its sessions: a line each, of those that it told before and those whose
//! end no other machine has there.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::{IndexLine, ObjectId, SessionId};
use crate::ops::lineage::own_commits;
use crate::ops::{Error, Workspace};
use crate::store::Row;

/// What other machines tell, by session.
pub(super) type Others = HashMap<SessionId, Vec<IndexLine>>;

impl Workspace {
    /// The lines of these sessions. What was told of a session that is what it was is told again.
    pub(super) fn lines(
        &self,
        (rows, selected): (&[Row], &HashSet<SessionId>),
        before: &BTreeMap<SessionId, IndexLine>,
        others: &Others,
    ) -> Result<BTreeMap<SessionId, IndexLine>, Error> {
        let (mut lines, names) = (BTreeMap::new(), self.names());
        for row in rows.iter().filter(|row| selected.contains(&row.id)) {
            let Some(tip) = row.heads.0 else { continue };
            let told = others.get(&row.id).map_or(&[][..], Vec::as_slice);
            // What this machine told once it tells on, so that others know where it ends here.
            if !before.contains_key(&row.id) && self.is_told((tip, row.heads.1), told) {
                continue;
            }
            let known = before.get(&row.id).filter(|line| line.heads() == (tip, row.heads.1));
            let mut line = match known {
                Some(line) => line.clone(),
                None => self.line(row, tip)?,
            };
            line.name = names.get(&row.id).cloned();
            line.parent = row.origin.parent.filter(|_| line.is_subagent);
            lines.insert(row.id, line);
        }
        Ok(lines)
    }

    /// Whether another machine has a session as it is here, or what came of it.
    fn is_told(&self, (tip, open): (ObjectId, Option<ObjectId>), told: &[IndexLine]) -> bool {
        let head = open.unwrap_or(tip);
        // What a line names can be anything, or not be here.
        let holds = |line: &IndexLine| own_commits(&self.store, line.head()).is_ok_and(|own| own.contains(&head));
        told.iter().any(|line| line.heads() == (tip, open) || self.store.has(line.head()) && holds(line))
    }

    fn line(&self, row: &Row, tip: ObjectId) -> Result<IndexLine, Error> {
        let last = self.store.commit(row.heads.1.unwrap_or(tip))?;
        // Lines that no longer follow the last turn are of no use to anybody.
        let open = row.heads.1.filter(|_| last.parents == [tip]);
        let mut line = IndexLine::new(row.id, tip, open);
        line.turns = row.turns;
        line.bytes = last.message.offset;
        line.changed = row.changed;
        line.project = self.project_in(row.tree)?;
        line.is_subagent = row.origin.is_subagent();
        line.title.clone_from(&row.title);
        Ok(line)
    }
}
