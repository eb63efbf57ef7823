//! Which sessions go to a remote: those that a rule names or that are there already, with the sessions that they started, without those that are
//! excluded.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::settings::Remote;
use crate::model::{IndexLine, SessionId, ShareRule};
use crate::ops::list::Rows;
use crate::ops::project::Below;
use crate::ops::{Error, Workspace};
use crate::store::Row;

/// A rule, ready to be asked.
enum Asked<'r> {
    All,
    Project(&'r str),
    Directory(Below),
    Session(SessionId),
}

impl Workspace {
    /// The sessions that go to a remote, of all that there are. `listed`: those that are there already.
    pub(super) fn selected(
        &self,
        remote: &Remote,
        rows: &[Row],
        listed: &BTreeMap<SessionId, IndexLine>,
    ) -> Result<HashSet<SessionId>, Error> {
        let (share, exclude) = (self.asked(&remote.share)?, self.asked(&remote.exclude)?);
        let needs_projects = share.iter().chain(&exclude).any(|rule| matches!(rule, Asked::Project(_)));
        let projects = if needs_projects { self.projects(rows)? } else { BTreeMap::new() };
        let parents = parents(rows);
        let named = |rules: &[Asked<'_>]| -> HashSet<SessionId> {
            let takes = |row: &&Row| rules.iter().any(|rule| rule.takes(row, &projects));
            rows.iter().filter(takes).map(|row| row.id).collect()
        };
        let (mut shared, excluded) = (named(&share), named(&exclude));
        shared.extend(listed.keys());
        let with_started = |named: &HashSet<SessionId>, id| {
            !named.is_empty() && started_by(&parents, id).any(|id| named.contains(&id))
        };
        // One that is masked and was made here goes where it was sent to, and nowhere by a rule for what it is of.
        let masked: HashSet<SessionId> = rows.iter().filter(|row| row.id.is_masked()).filter_map(parent).collect();
        let here: HashSet<SessionId> = rows.iter().map(|row| row.id).filter(|id| masked.contains(id)).collect();
        let is_made_here = |id: &SessionId| id.is_masked() && parents.get(id).is_some_and(|of| here.contains(of));
        let is_sent = |id: &SessionId| listed.contains_key(id) || remote.share.contains(&ShareRule::Session(*id));
        let is_shared = |id: &SessionId| if is_made_here(id) { is_sent(id) } else { with_started(&shared, *id) };
        let is_selected = |id: &SessionId| is_shared(id) && !with_started(&excluded, *id);
        Ok(rows.iter().map(|row| row.id).filter(is_selected).collect())
    }

    /// A session with those that it started, and the masked forks of all of them.
    pub(super) fn with_started(&self, session: SessionId) -> Result<HashSet<SessionId>, Error> {
        let Rows { rows, .. } = self.all_rows()?;
        let parents = parents(&rows);
        let is_it = |id: &SessionId| started_by(&parents, *id).any(|id| id == session);
        Ok(rows.iter().map(|row| row.id).filter(is_it).chain([session]).collect())
    }

    /// Which sessions started others, as the store has it and as lines tell it; nothing where no rule of what is taken asks for it.
    pub(super) fn parents_told<'l>(
        &self,
        remote: &Remote,
        lines: impl Iterator<Item = &'l IndexLine>,
    ) -> Result<Parents, Error> {
        if !remote.take.iter().any(|rule| matches!(rule, ShareRule::Session(_))) {
            return Ok(Parents::new());
        }
        let mut all: Parents = lines.filter_map(|line| Some((line.session, line.parent?))).collect();
        all.extend(parents(&self.all_rows()?.rows));
        Ok(all)
    }

    fn asked<'r>(&self, rules: &'r [ShareRule]) -> Result<Vec<Asked<'r>>, Error> {
        let ask = |rule: &'r ShareRule| {
            Ok(Some(match rule {
                ShareRule::All => Asked::All,
                ShareRule::Project(project) => Asked::Project(project),
                ShareRule::Directory(path) => Asked::Directory(Below::new(path.as_ref()).after(self.moves())),
                ShareRule::Session(session) => Asked::Session(*session),
                // One that is gone names nothing.
                ShareRule::Save(name) => {
                    return Ok(self.store.save(name)?.map(|(save, _)| Asked::Session(save.session)));
                }
            }))
        };
        rules.iter().filter_map(|rule| ask(rule).transpose()).collect()
    }
}

impl Remote {
    /// Whether a session is taken from it. `parents`: as far as it is known which sessions started others.
    pub(super) fn takes(&self, line: &IndexLine, parents: &Parents) -> bool {
        let is_it = |rule: &ShareRule| match rule {
            ShareRule::All => true,
            ShareRule::Project(project) => line.project.as_ref() == Some(project),
            ShareRule::Session(session) => started_by(parents, line.session).any(|id| id == *session),
            ShareRule::Directory(_) | ShareRule::Save(_) => false,
        };
        self.take.is_empty() || self.take.iter().any(is_it)
    }
}

/// By each session the one that started it.
pub(super) type Parents = HashMap<SessionId, SessionId>;

fn parents(rows: &[Row]) -> Parents {
    rows.iter().filter_map(|row| Some((row.id, parent(row)?))).collect()
}

/// A session, the one that started it, and so on. Nobody can be among those that started it, but what a file says can.
fn started_by(parents: &Parents, id: SessionId) -> impl Iterator<Item = SessionId> {
    std::iter::successors(Some(id), |id| parents.get(id).copied()).take(DEEP)
}

/// The session that started one; what a masked fork is of.
fn parent(row: &Row) -> Option<SessionId> {
    if row.id.is_masked() { row.origin.forked_from } else { row.origin.parent }
}

/// So far sessions start sessions that start sessions.
const DEEP: usize = 32;

impl Asked<'_> {
    fn takes(&self, row: &Row, projects: &BTreeMap<SessionId, String>) -> bool {
        match self {
            Self::All => true,
            Self::Project(project) => projects.get(&row.id).is_some_and(|of| of == project),
            Self::Directory(below) => row.cwd.as_deref().is_some_and(|cwd| below.holds(cwd)),
            Self::Session(session) => *session == row.id,
        }
    }
}
