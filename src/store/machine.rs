//! The machine that a store is, to others that share a remote with it.

use super::{Error, Store};
use crate::model::MachineId;

/// Where the settings say which it is.
const MACHINE: &str = "codexgit.machine";

impl Store {
    /// What this store is called where it is one of several machines: drawn when it is needed first.
    ///
    /// # Errors
    /// When the settings can't be read or written.
    pub fn machine(&self) -> Result<MachineId, Error> {
        match self.config().last(MACHINE).and_then(MachineId::parse) {
            Some(machine) => Ok(machine),
            None => self.new_machine(),
        }
    }

    /// Draws a new name: another store has this one's.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn new_machine(&self) -> Result<MachineId, Error> {
        let mut bytes = [0; MachineId::LEN / 2];
        let drawn = getrandom::fill(&mut bytes);
        drawn.map_err(|error| Error::io("draw a machine's id")(std::io::Error::other(error)))?;
        let machine = MachineId::of(bytes);
        self.set_config(MACHINE, machine.as_str())?;
        Ok(machine)
    }
}
