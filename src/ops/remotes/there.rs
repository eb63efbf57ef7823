//! What stands at a remote, as a push must know it: this machine's part of it, and what the others tell of sessions that are here.

use std::collections::{BTreeMap, HashMap};

use super::Exchange;
use super::lines::Others;
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
    /// The commit that says it, if this machine wrote it.
    pub told: Option<ObjectId>,
    /// Whether this machine knows itself that it told that: anybody can write at a remote.
    is_known: bool,
    /// What the others say of sessions that are here.
    pub others: Others,
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
        let (own, others) = (Index::default(), Others::new());
        let mut there = There {
            side,
            transport,
            machine,
            namespace,
            last: None,
            keep: None,
            own,
            told: None,
            is_known: false,
            others,
            keeps,
            is_renamed: false,
        };
        let known: Vec<ObjectId> = pushed.into_iter().chain(next).collect();
        for (machine, read) in there.side.indexes(&known)? {
            // What can't be read of others is for pull to tell.
            let index = read.unwrap_or_default();
            if machine.id == there.machine {
                (there.last, there.own) = (Some(machine.index), index);
            } else {
                there.hear(index, &here);
            }
        }
        there.keep = there.keeps.remove(&there.machine);
        there.check_own(remote, (pushed, next), exchange)?;
        let is_own = |last: &ObjectId| known.contains(last);
        match (there.last, pushed) {
            (Some(last), _) if is_own(&last) => (there.is_known, there.told) = (true, Some(last)),
            (Some(_), _) if !self.is_ours(&there.own, &here) => {
                self.become_another(remote, &mut there, &here, exchange)?
            }
            // Somebody wrote into what only this machine writes: what it wrote itself counts.
            (Some(_), Some(pushed)) => {
                (there.own, there.is_known) = (there.side.own_index(pushed)?.unwrap_or_default(), true);
                there.told = Some(pushed);
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
    fn become_another(
        &self,
        remote: &Remote,
        there: &mut There,
        here: &HashMap<SessionId, Heads>,
        exchange: &Exchange,
    ) -> Result<(), Error> {
        let own = std::mem::take(&mut there.own);
        there.hear(own, here);
        (there.last, there.keep, there.is_renamed) = (None, None, true);
        if exchange.effect == Effect::Write {
            there.machine = self.new_machine(&remote.name)?;
            there.side.set_pushed(None)?;
            // What that one put there, it keeps.
            self.forget_links(&remote.name, None)?;
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
    /// What this machine told there, as far as it knows that itself.
    pub(super) fn listed(&self) -> &BTreeMap<SessionId, IndexLine> {
        static NONE: BTreeMap<SessionId, IndexLine> = BTreeMap::new();
        if self.is_known { &self.own.lines } else { &NONE }
    }

    /// Takes in what another machine says of sessions that are here.
    fn hear(&mut self, index: Index, here: &HashMap<SessionId, Heads>) {
        for line in index.lines.into_values().filter(|line| here.contains_key(&line.session)) {
            self.others.entry(line.session).or_default().push(line);
        }
    }

    /// Whether nothing keeps what an index tells.
    pub(super) fn lacks_keep(&self, index: &Index) -> bool {
        self.keep.is_none() && !index.is_empty()
    }

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
        if is_there && !self.lacks_keep(&self.own) { Ok(()) } else { Err(Error::Emptied(remote.name.clone())) }
    }
}
