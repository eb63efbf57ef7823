//! Elsewhere: what other machines tell at remotes, and where a session ends with them.

use std::collections::BTreeMap;

use super::Exchange;
use super::settings::Remote;
use crate::model::{IndexLine, MachineId, Save, SaveName, SessionId};
use crate::ops::{Error, Point, Workspace};

/// A session at a remote.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionElsewhere {
    /// What is told of it; where several machines tell of it, by the one where it ended last.
    pub line: IndexLine,
    /// What the machines are called that tell of it.
    pub machines: Vec<String>,
    /// Whether all of that is in the store.
    pub is_here: bool,
}

impl Workspace {
    /// The sessions that machines have at a remote, the newest first. Only what is told of them is fetched.
    ///
    /// # Errors
    /// When the remote can't be reached.
    pub fn sessions_at(&self, remote: &Remote, exchange: &Exchange) -> Result<Vec<SessionElsewhere>, Error> {
        let side = self.store.side(&remote.name)?;
        side.fetch_indexes(&remote.transport(exchange.asks)?, &mut |_, _| {})?;
        let mut all: BTreeMap<SessionId, SessionElsewhere> = BTreeMap::new();
        for (_, _, commit) in side.machines()? {
            let Ok(index) = side.index(commit)? else { continue };
            for line in index.lines.into_values() {
                let is_here = self.store.has(line.head());
                let entry = all.entry(line.session);
                let known = entry.or_insert_with(|| SessionElsewhere {
                    line: line.clone(),
                    machines: Vec::new(),
                    is_here: true,
                });
                known.machines.push(index.label.clone());
                known.is_here &= is_here;
                if line.changed > known.line.changed {
                    known.line = line;
                }
            }
        }
        let mut all: Vec<SessionElsewhere> = all.into_values().collect();
        all.sort_by(|a, b| b.line.changed.cmp(&a.line.changed).then(a.line.session.cmp(&b.line.session)));
        Ok(all)
    }

    /// Where a session ends on another machine, as that told last.
    ///
    /// # Errors
    /// When what is known of a remote can't be read.
    pub(in crate::ops) fn head_at(&self, session: SessionId, machine: &str) -> Result<Option<Point>, Error> {
        for remote in self.store.remotes().into_keys() {
            let side = self.store.side(&remote)?;
            for (id, _, commit) in side.machines()? {
                let Ok(index) = side.index(commit)? else { continue };
                if index.label != machine && id.as_str() != machine {
                    continue;
                }
                let head = index.lines.get(&session).map(|line| line.head());
                if let Some(head) = head.filter(|head| self.store.has(*head)) {
                    return Ok(Some(self.store.commit(head)?));
                }
            }
        }
        Ok(None)
    }

    /// The save of another machine that a text means: `MACHINE/NAME`, or a name that only one of them has.
    ///
    /// # Errors
    /// When several have it.
    pub(in crate::ops) fn save_elsewhere(&self, text: &str) -> Result<Option<Save>, Error> {
        let all = self.store.saves_elsewhere()?;
        if all.is_empty() {
            return Ok(None);
        }
        let labels = self.labels()?;
        let is_of = |machine: &MachineId, name: &str| {
            machine.as_str() == name || labels.get(machine).is_some_and(|label| label == name)
        };
        let named = text.split_once('/').and_then(|(machine, name)| Some((machine, SaveName::parse(name).ok()?)));
        if let Some((machine, name)) = named
            && let Some((_, save)) = all.iter().find(|(id, save)| save.name == name && is_of(id, machine))
        {
            return Ok(Some(save.clone()));
        }
        let mut matches = all.into_iter().filter(|(_, save)| save.name.as_str() == text);
        match (matches.next(), matches.next()) {
            (Some((_, save)), None) => Ok(Some(save)),
            (Some((first, _)), Some((second, _))) => {
                let full = |id: &MachineId| format!("{}/{text}", labels.get(id).map_or(id.as_str(), String::as_str));
                Err(Error::SeveralSaves { name: text.to_owned(), full: vec![full(&first), full(&second)] })
            }
            _ => Ok(None),
        }
    }

    /// What machines are called, as they told last.
    fn labels(&self) -> Result<BTreeMap<MachineId, String>, Error> {
        let mut labels = BTreeMap::new();
        for remote in self.store.remotes().into_keys() {
            let side = self.store.side(&remote)?;
            for (id, _, commit) in side.machines()? {
                if let Ok(index) = side.index_since(commit, Some(commit))? {
                    labels.insert(id, index.label);
                }
            }
        }
        Ok(labels)
    }
}
