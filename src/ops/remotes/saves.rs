//! Saves at a remote: each machine tells its own, and others have them below its name.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{IndexLine, MachineId, ObjectId, SaveName, SessionId};
use crate::ops::{Error, Workspace};
use crate::store::{Index, Store};

impl Workspace {
    /// The tags of the saves of these sessions; of those that are held back, the ones that were told before.
    pub(super) fn saves_of(
        &self,
        lines: &BTreeMap<SessionId, IndexLine>,
        held: &BTreeSet<SessionId>,
        before: &BTreeMap<ObjectId, Vec<u8>>,
    ) -> Result<BTreeMap<ObjectId, Vec<u8>>, Error> {
        let mut tags = BTreeMap::new();
        for save in self.store.saves()?.into_iter().filter(|save| lines.contains_key(&save.session)) {
            let Some((tag, bytes)) = self.store.save_tag(&save.name)? else { continue };
            if !held.contains(&save.session) || before.contains_key(&tag) {
                tags.insert(tag, bytes);
            }
        }
        Ok(tags)
    }

    /// Has the saves of another machine stand below its name, as far as what they stand on is here. Tells how many are new.
    pub(super) fn take_saves(&self, machine: &MachineId, index: &Index) -> Result<usize, Error> {
        let mut told: BTreeMap<SaveName, (ObjectId, &[u8])> = BTreeMap::new();
        for (tag, bytes) in &index.saves {
            let Some(save) = Store::read_tag(bytes) else { continue };
            if self.store.commit(save.commit).is_ok_and(|commit| commit.message.session == save.session) {
                told.insert(save.name, (*tag, bytes));
            }
        }
        Ok(self.store.put_saves_of(machine, &told)?)
    }
}
