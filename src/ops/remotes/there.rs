//! What stands at a remote, as a push must know it: this machine's part of it, and what the others tell of sessions that are here.

use std::collections::{BTreeMap, HashMap};

use super::Exchange;
use super::settings::Remote;
use crate::model::config_key::LABEL;
use crate::model::{IndexLine, MachineId, ObjectId, SessionId, label};
use crate::ops::{Effect, Error, Workspace};
use crate::store::{Heads, Index, Keeps, Namespace, Side, Transport};

/// What stands at a remote.
pub(super) struct There {
    pub side: Side,
    pub transport: Transport,
    /// Which machine this is there.
    pub machine: MachineId,
    pub namespace: Namespace,
    /// The last commits of this machine's index and keep.
    pub last: Option<ObjectId>,
    pub keep: Option<ObjectId>,
    /// What the index says.
    pub own: Index,
    /// What this machine told there, whatever anybody else wrote into its index.
    pub listed: BTreeMap<SessionId, IndexLine>,
    /// What the others say of sessions that are here.
    pub others: Vec<(MachineId, Index)>,
    /// What the others keep.
    pub keeps: Keeps,
    pub is_renamed: bool,
}

impl Workspace {
    /// Looks what a remote has.
    pub(super) fn look_there(&self, remote: &Remote, exchange: &Exchange) -> Result<There, Error> {
        let (side, transport) = (self.store.side(&remote.name)?, remote.transport(exchange.asks)?);
        // Before it is looked: what another process pushes meanwhile comes after it.
        let (pushed, next) = (side.pushed()?, side.about_to_push()?);
        let keeps = side.look(&transport, &mut |_, _| {})?;
        let here = self.store.all_heads()?;
        let (namespace, machine) = (remote.namespace, self.machine(&remote.name)?);
        let (own, others, listed) = (Index::default(), Vec::new(), BTreeMap::new());
        let mut there = There {
            side,
            transport,
            machine,
            namespace,
            last: None,
            keep: None,
            own,
            listed,
            others,
            keeps,
            is_renamed: false,
        };
        for (machine, read) in there.side.indexes()? {
            // What can't be read of others is for pull to tell.
            let mut index = read.unwrap_or_default();
            if machine.id == there.machine {
                (there.last, there.own) = (Some(machine.index), index);
            } else {
                index.lines.retain(|session, _| here.contains_key(session));
                there.others.push((machine.id, index));
            }
        }
        there.keep = there.keeps.remove(&there.machine);
        there.check_own(remote, (pushed, next), exchange)?;
        let is_own = |last: &ObjectId| Some(*last) == pushed || Some(*last) == next;
        match (there.last, pushed) {
            (Some(last), _) if is_own(&last) => there.listed = there.own.lines.clone(),
            (Some(_), _) if !self.is_ours(&there.own, &here) => self.become_another(remote, &mut there, exchange)?,
            // Somebody wrote into what only this machine writes: what it wrote itself counts.
            (Some(_), Some(pushed)) => {
                there.own = there.side.index(pushed)?.unwrap_or_default();
                there.listed = there.own.lines.clone();
            }
            _ => {}
        }
        if let Some(keep) = there.keep.filter(|keep| !there.side.has(*keep)) {
            let known: Vec<ObjectId> = there.own.lines.values().map(|line| line.tip).collect();
            there.side.fetch(&there.transport, &[keep], &known, &mut |_, _| {})?;
        }
        there.own.label = self.machine_label(exchange);
        Ok(there)
    }

    /// Whether all that an index tells is in this store.
    fn is_ours(&self, index: &Index, here: &HashMap<SessionId, Heads>) -> bool {
        index.lines.values().all(|line| here.contains_key(&line.session) && self.store.has(line.head()))
    }

    /// Goes on as another machine: a copy of this store pushed under its name, and what stands there is that one's.
    fn become_another(&self, remote: &Remote, there: &mut There, exchange: &Exchange) -> Result<(), Error> {
        let own = std::mem::take(&mut there.own);
        there.others.push((there.machine.clone(), own));
        (there.last, there.keep, there.is_renamed) = (None, None, true);
        if exchange.effect == Effect::Write {
            there.machine = self.new_machine(&remote.name)?;
            there.side.set_pushed(None)?;
        }
        Ok(())
    }

    /// What this machine is called.
    fn machine_label(&self, exchange: &Exchange) -> String {
        let set = self.configured(&LABEL).or_else(|| label(&exchange.host));
        set.unwrap_or_else(|| "machine".to_owned())
    }
}

impl There {
    /// What this machine pushed before must still be there.
    fn check_own(
        &self,
        remote: &Remote,
        (pushed, next): (Option<ObjectId>, Option<ObjectId>),
        exchange: &Exchange,
    ) -> Result<(), Error> {
        let Some(pushed) = pushed.filter(|_| !exchange.anew) else { return Ok(()) };
        let is_there = match self.last {
            None => false,
            Some(last) if last == pushed || Some(last) == next => true,
            Some(last) => self.side.comes_after(last, pushed)?,
        };
        if is_there { Ok(()) } else { Err(Error::Emptied(remote.name.clone())) }
    }
}
