//! The machine that a store is, to others that share a remote with it.
//!
//! It is drawn once, when it is needed first. At a remote where a copy of the store has the same, another is drawn for that remote alone.

use super::{Error, Store};
use crate::model::{MachineId, RemoteName};

/// Where the settings say which it is.
const MACHINE: &str = "codexgit.machine";

/// Where they say which it is at one remote.
const OF_REMOTE: &str = "machine";

impl Store {
    /// What this store is called at a remote.
    ///
    /// # Errors
    /// When the settings can't be read or written.
    pub fn machine(&self, remote: &RemoteName) -> Result<MachineId, Error> {
        let own = self.remotes().remove(remote).and_then(|settings| MachineId::parse(settings.last(OF_REMOTE)?));
        let known = own.or_else(|| self.config().last(MACHINE).and_then(MachineId::parse));
        match known {
            Some(machine) => Ok(machine),
            None => {
                // Another process may draw one, too: the first counts.
                self.set_config_if_unset(MACHINE, drawn()?.as_str())?;
                let set = self.config().last(MACHINE).and_then(MachineId::parse);
                set.map_or_else(|| self.new_machine(remote), Ok)
            }
        }
    }

    /// Draws another name for a remote.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn new_machine(&self, remote: &RemoteName) -> Result<MachineId, Error> {
        let machine = drawn()?;
        self.set_of_remote(remote, OF_REMOTE, machine.as_str())?;
        Ok(machine)
    }
}

fn drawn() -> Result<MachineId, Error> {
    let mut bytes = [0; MachineId::LEN / 2];
    let filled = getrandom::fill(&mut bytes);
    filled.map_err(|error| Error::io("draw a machine's id")(std::io::Error::other(error)))?;
    Ok(MachineId::of(bytes))
}
