//! Elsewhere: what other machines tell at remotes, and where a session ends with them.

use std::collections::{BTreeMap, BTreeSet};

use super::Exchange;
use super::settings::Remote;
use crate::model::{IndexLine, MachineId, ObjectId, RemoteName, Save, SaveName, SessionId};
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
        side.look(&remote.transport(exchange.asks)?, &mut |_, _| {})?;
        let mut all: BTreeMap<SessionId, SessionElsewhere> = BTreeMap::new();
        for (_, index) in side.indexes(&[])? {
            let Ok(index) = index else { continue };
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
        all.sort_by(|a, b| a.line.newest_first(&b.line));
        Ok(all)
    }

    /// The sessions whose ids begin like that, of those that machines have at a remote, as it was looked at last.
    ///
    /// # Errors
    /// When what is known of it can't be read.
    pub fn known_at(&self, remote: &RemoteName, beginning: &str) -> Result<BTreeSet<SessionId>, Error> {
        let indexes = self.store.side(remote)?.indexes(&[])?;
        let told = indexes.into_iter().flat_map(|(_, index)| index.unwrap_or_default().lines.into_keys());
        Ok(told.filter(|session| session.to_string().starts_with(beginning)).collect())
    }

    /// Where a session ends on another machine, as that told last.
    ///
    /// # Errors
    /// When what is known of a remote can't be read.
    pub(in crate::ops) fn head_at(&self, session: SessionId, machine: &str) -> Result<Option<Point>, Error> {
        let found = self.heads_at(session, machine)?;
        let mut heads = found.iter();
        match (heads.next(), heads.next()) {
            (Some((head, _)), None) => Ok(Some(self.store.commit(*head)?)),
            (Some((_, first)), Some((_, second))) => {
                let full = [first, second].map(|id| format!("{session}@{{{id}}}")).to_vec();
                Err(Error::SeveralMachines { label: machine.to_owned(), full })
            }
            _ => Ok(None),
        }
    }

    /// What means the machine on which a session ends there: its label, or its id where several machines have the label.
    ///
    /// # Errors
    /// When what is known of a remote can't be read.
    pub fn machine_with(&self, session: SessionId, head: ObjectId, label: &str) -> Result<String, Error> {
        let heads = self.heads_at(session, label)?;
        let id = heads.get(&head).filter(|_| heads.len() > 1);
        Ok(id.map_or_else(|| label.to_owned(), ToString::to_string))
    }

    /// Where a session ends on the machines of a label or an id.
    fn heads_at(&self, session: SessionId, machine: &str) -> Result<BTreeMap<ObjectId, MachineId>, Error> {
        let mut found: BTreeMap<ObjectId, MachineId> = BTreeMap::new();
        for remote in self.store.remotes().into_keys() {
            let own = self.machine(&remote)?;
            // Another machine can be called as this one is.
            for (of, index) in self.store.side(&remote)?.indexes(&[])?.into_iter().filter(|(of, _)| of.id != own) {
                let index = index.ok().filter(|index| index.label == machine || of.id.as_str() == machine);
                let line = index.and_then(|mut index| index.lines.remove(&session));
                found.extend(line.map(|line| (line.head(), of.id)));
            }
        }
        found.retain(|head, _| self.store.commit(*head).is_ok_and(|head| head.message.session == session));
        Ok(found)
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
        let is_named = |(id, save): &&(MachineId, Save)| {
            named.as_ref().is_some_and(|(machine, name)| save.name == *name && is_of(id, machine))
        };
        let mut matches: Vec<&(MachineId, Save)> = all.iter().filter(is_named).collect();
        let by_label = !matches.is_empty();
        if !by_label {
            matches = all.iter().filter(|(_, save)| save.name.as_str() == text).collect();
        }
        match matches[..] {
            [] => Ok(None),
            [(_, save)] => Ok(Some(save.clone())),
            _ => {
                // Two machines can be called the same.
                let label = |id: &MachineId| labels.get(id).filter(|_| !by_label).map_or(id.to_string(), Clone::clone);
                let full = matches.iter().map(|(id, save)| format!("{}/{}", label(id), save.name)).collect();
                Err(Error::SeveralSaves { name: text.to_owned(), full })
            }
        }
    }

    /// The saves of other machines, the newest first, each with the name that it is known by here: `MACHINE/NAME`.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn saves_of_others(&self) -> Result<Vec<(String, Save)>, Error> {
        let (labels, mut saves) = (self.labels()?, self.store.saves_elsewhere()?);
        saves.sort_by(|(_, a), (_, b)| (b.saved_at, &a.name).cmp(&(a.saved_at, &b.name)));
        let label = |machine: MachineId| labels.get(&machine).cloned().unwrap_or_else(|| machine.to_string());
        Ok(saves.into_iter().map(|(machine, save)| (format!("{}/{}", label(machine), save.name), save)).collect())
    }

    /// What machines are called, as they told last.
    fn labels(&self) -> Result<BTreeMap<MachineId, String>, Error> {
        let mut labels = BTreeMap::new();
        for remote in self.store.remotes().into_keys() {
            let side = self.store.side(&remote)?;
            for machine in side.machines()? {
                if let Ok(index) = side.index_since(machine.index, Some(machine.index))? {
                    labels.insert(machine.id, index.label);
                }
            }
        }
        Ok(labels)
    }
}
