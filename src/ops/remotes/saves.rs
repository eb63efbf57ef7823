//! Saves at a remote: each machine tells its own, and others have them below its name.

use std::collections::BTreeMap;

use crate::model::{MachineId, ObjectId, SaveName};
use crate::ops::retry::retry;
use crate::ops::{Error, Workspace};
use crate::store::{Index, Store};

impl Workspace {
    /// Has the saves of another machine stand below its name, as far as what they stand on is here. Tells how many are new.
    pub(super) fn take_saves(&self, machine: &MachineId, index: &Index) -> Result<usize, Error> {
        let mut told: BTreeMap<SaveName, (ObjectId, &[u8])> = BTreeMap::new();
        for (tag, bytes) in &index.saves {
            let Some(save) = Store::read_tag(bytes) else { continue };
            if self.store.commit(save.commit).is_ok_and(|commit| commit.message.session == save.session) {
                told.insert(save.name, (*tag, bytes));
            }
        }
        retry(|| Ok(self.store.put_saves_of(machine, &told)?))
    }
}
