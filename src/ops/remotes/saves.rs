//! Saves at remotes: each machine tells its own, and others have them below its name.
//!
//! What a remote told of them last stands in its side repository. So what one remote tells takes nothing away that another one tells, and a save is
//! gone when no remote tells of it any more. Where two tell of a name, what the machine told later counts.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{MachineId, ObjectId, RemoteName, SaveName};
use crate::ops::retry::retry;
use crate::ops::{Error, Workspace};
use crate::store::{Index, Store};

/// The saves of a machine that stand on something here: when each was told and made, and its tag.
type Told = BTreeMap<SaveName, ((i64, i64), ObjectId, Vec<u8>)>;

impl Workspace {
    /// Has the saves of another machine stand below its name as the remotes told of them last. Tells how many are new.
    pub(super) fn take_saves(&self, machine: &MachineId) -> Result<usize, Error> {
        let mut told = Told::new();
        for remote in self.store.remotes().into_keys() {
            let side = self.store.side(&remote)?;
            let Some(there) = side.machines()?.into_iter().find(|there| there.id == *machine) else { continue };
            // What this store pushed itself is its own saves.
            if self.store.machine(&remote)? != *machine
                && let Ok(index) = side.index_since(there.index, Some(there.index))?
            {
                self.hear_saves(&index, side.written_at(there.index)?, &mut told);
            }
        }
        let saves = told.iter().map(|(name, (_, tag, bytes))| (name.clone(), (*tag, bytes.as_slice()))).collect();
        retry(|| Ok(self.store.put_saves_of(machine, &saves)?))
    }

    /// The machines that tell something at a remote, as it was looked at last.
    pub(super) fn tellers(&self, remote: &RemoteName) -> Result<BTreeSet<MachineId>, Error> {
        Ok(self.store.side(remote)?.machines()?.into_iter().map(|machine| machine.id).collect())
    }

    /// Adds what an index tells of saves, as far as what they stand on is here.
    fn hear_saves(&self, index: &Index, at: i64, told: &mut Told) {
        for (tag, bytes) in &index.saves {
            let Some(save) = Store::read_tag(bytes) else { continue };
            if !self.store.commit(save.commit).is_ok_and(|commit| commit.message.session == save.session) {
                continue;
            }
            let heard = ((at, save.saved_at), *tag, bytes.clone());
            match told.entry(save.name) {
                Entry::Occupied(mut known) if heard > *known.get() => drop(known.insert(heard)),
                Entry::Occupied(_) => {}
                Entry::Vacant(new) => drop(new.insert(heard)),
            }
        }
    }
}
