//! Refs that are damaged: given a value again, or forgotten. Nobody knows what they held, so nothing is compared, and their logs stay as
//! they are.

use super::{Refs, packed};
use crate::disk::durable::remove_file;
use crate::git::Error;
use crate::model::ObjectId;

impl Refs {
    /// Makes an id a ref's value, whatever it held.
    pub fn put(&self, name: &str, id: ObjectId) -> Result<(), Error> {
        self.guard.while_moving(|| self.lock(name)?.put(id))
    }

    /// Forgets a ref, whatever it held.
    pub fn forget(&self, name: &str) -> Result<(), Error> {
        self.guard.while_moving(|| {
            let lock = self.lock(name)?;
            self.drop_packed(name)?;
            remove_file(&lock.place).map_err(Error::io("remove a broken ref"))
        })
    }

    /// Writes the packed refs anew without the lines that are none.
    pub fn drop_bad_lines(&self) -> Result<(), Error> {
        self.guard.alone(|| {
            let lock = self.lock(packed::NAME)?;
            lock.put_packed(&packed::all(&self.path).map_err(Error::io("read the packed refs"))?)
        })
    }
}
