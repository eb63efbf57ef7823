//! A store beside another, for a while: sessions are recorded anew into it, to win back what the other lost.

use std::path::PathBuf;

use tempfile::TempDir;

use super::init::set_up_at;
use super::{Error, Heads, NewBranch, Store};
use crate::git::alternates::ALTERNATES;
use crate::model::{ObjectId, SessionId};

/// A store beside another, for a while: it reads what the other holds, and writes nothing there.
pub struct Scratch(TempDir);

impl Scratch {
    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder().join("sessions.git")
    }

    /// The folder that it is in, which goes with it.
    pub(super) fn folder(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

impl Store {
    /// Takes an object from another store, if that has it whole.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn take_from(&self, other: &Self, id: ObjectId) -> Result<bool, Error> {
        Ok(self.odb.take_from(&other.odb, id)?)
    }

    /// Puts all objects that were taken in place.
    ///
    /// # Errors
    /// When they can't be written.
    pub fn settle_taken(&self) -> Result<(), Error> {
        Ok(self.odb.publish(&[])?)
    }

    /// Makes an empty store that reads what this store holds. `prefix`: what the name of its folder begins with.
    pub(super) fn borrower(&self, prefix: &str) -> Result<Scratch, Error> {
        let io = || Error::io("make a temporary store");
        let scratch = Scratch(tempfile::Builder::new().prefix(prefix).tempdir_in(self.path()).map_err(io())?);
        set_up_at(&scratch.path())?;
        let lender = std::path::absolute(self.odb.folder()).map_err(io())?;
        let alternates = scratch.path().join("objects").join(ALTERNATES);
        std::fs::create_dir_all(alternates.parent().unwrap_or(&alternates)).map_err(io())?;
        std::fs::write(&alternates, format!("{}\n", lender.display())).map_err(io())?;
        Ok(scratch)
    }

    /// Makes a store in which sessions can be recorded anew: it knows the branches of all other sessions, and reads what this store holds.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn scratch(&self, anew: impl Fn(SessionId) -> bool) -> Result<Scratch, Error> {
        let scratch = self.borrower(".tmp-repair-")?;
        let others = self.all_heads()?.into_iter().filter(|(session, _)| !anew(*session));
        let branch =
            |(session, (tip, open)): (SessionId, Heads)| Some(NewBranch { session, tip: tip?, open, note: None });
        Self::open(&scratch.path())?.add_branches(&others.filter_map(branch).collect::<Vec<_>>())?;
        Ok(scratch)
    }
}
