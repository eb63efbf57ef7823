//! Branches, open lines and HEAD: where a session stands.
//!
//! Every ref moves by compare-and-swap. A held lock counts as a lost race too: whoever holds it is moving the ref.

use std::collections::HashMap;

use git2::ErrorCode;

use super::repository::{from_oid, to_oid};
use super::{Commit, Error, Store};
use crate::model::{ObjectId, SessionId};

/// A session's branch, and the open lines after it.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The last commit on the branch.
    pub tip: Commit,
    /// The commit of the lines after it, if there are any.
    pub open: Option<Commit>,
    /// What `refs/open` holds, also when that no longer fits the tip.
    pub open_ref: Option<ObjectId>,
}

/// What a session's two refs hold: the branch, and the open lines.
pub type Heads = (Option<ObjectId>, Option<ObjectId>);

impl Branch {
    /// The last commit, open lines included.
    pub fn last(&self) -> &Commit {
        self.open.as_ref().unwrap_or(&self.tip)
    }
}

impl Store {
    /// A session's branch, if it is in the store.
    ///
    /// # Errors
    /// When a ref or its commit can't be read.
    pub fn branch(&self, id: SessionId) -> Result<Option<Branch>, Error> {
        // The open ref is read first: if the branch moves in between, the open commit doesn't fit the tip and is left out.
        let open_ref = self.read_ref(&open_name(id))?;
        let Some(tip) = self.read_ref(&branch_name(id))? else { return Ok(None) };
        let tip = self.commit(tip)?;
        let open = open_ref.map(|open| self.commit(open)).transpose()?;
        let open = open.filter(|open| open.parents == [tip.id]);
        Ok(Some(Branch { tip, open, open_ref }))
    }

    /// The ids of all sessions in the store, sorted.
    ///
    /// # Errors
    /// When the refs can't be read.
    pub fn session_ids(&self) -> Result<Vec<SessionId>, Error> {
        let kept = self.all_heads()?.into_iter().filter(|(_, (branch, _))| branch.is_some());
        let mut ids: Vec<_> = kept.map(|(id, _)| id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// What the refs of all sessions hold, read in one go.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn all_heads(&self) -> Result<HashMap<SessionId, Heads>, Error> {
        let mut all: HashMap<SessionId, Heads> = HashMap::new();
        for (glob, open) in [("refs/heads/*", false), ("refs/open/*", true)] {
            for reference in self.repo.references_glob(glob).map_err(Error::git("list the branches"))? {
                let reference = reference.map_err(Error::git("list the branches"))?;
                let name = reference.name().ok().and_then(|name| SessionId::parse(name.rsplit('/').next()?));
                if let (Some(id), Some(target)) = (name, reference.target()) {
                    let heads = all.entry(id).or_default();
                    *(if open { &mut heads.1 } else { &mut heads.0 }) = Some(from_oid(target));
                }
            }
        }
        Ok(all)
    }

    /// Moves a session's branch from what it was to a new commit. `note` goes into the reflog.
    ///
    /// # Errors
    /// [`Error::LostRace`] when it is no longer what it was.
    pub fn move_branch(&self, id: SessionId, from: Option<ObjectId>, to: ObjectId, note: &str) -> Result<(), Error> {
        self.move_ref(&branch_name(id), from, to, note)
    }

    /// Moves a session's open lines; `None` as the new value drops the ref.
    ///
    /// # Errors
    /// As [`Store::move_branch`].
    pub fn move_open(
        &self,
        id: SessionId,
        from: Option<ObjectId>,
        to: Option<ObjectId>,
        note: &str,
    ) -> Result<(), Error> {
        match (from, to) {
            (_, Some(to)) => self.move_ref(&open_name(id), from, to, note),
            (Some(from), None) => self.drop_ref(&open_name(id), from),
            (None, None) => Ok(()),
        }
    }

    /// Makes the session the one that plain `git log` shows.
    ///
    /// # Errors
    /// When HEAD can't be written.
    pub fn point_head(&self, id: SessionId) -> Result<(), Error> {
        let name = branch_name(id);
        let now = self.repo.find_reference("HEAD").map_err(Error::git("read HEAD"))?;
        if now.symbolic_target().is_ok_and(|target| target == Some(name.as_str())) {
            return Ok(());
        }
        let moving = self.moving()?;
        let moved = self.repo.set_head(&name);
        drop(moving);
        moved.map_err(|error| self.race("HEAD", error))
    }

    /// The note that the last move of a session's branch left.
    pub fn last_note(&self, id: SessionId) -> Option<String> {
        let log = self.repo.reflog(&branch_name(id)).ok()?;
        Some(log.get(0)?.message().ok()??.to_owned())
    }

    pub(super) fn read_ref(&self, name: &str) -> Result<Option<ObjectId>, Error> {
        match self.repo.find_reference(name) {
            Ok(reference) => Ok(reference.target().map(from_oid)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(Error::git("read a ref")(error)),
        }
    }

    pub(super) fn move_ref(&self, name: &str, from: Option<ObjectId>, to: ObjectId, note: &str) -> Result<(), Error> {
        self.publish()?;
        let to = to_oid(to)?;
        let moving = self.moving()?;
        let moved = match from {
            Some(from) => self.repo.reference_matching(name, to, true, to_oid(from)?, note),
            None => self.repo.reference(name, to, false, note),
        };
        drop(moving);
        moved.map(drop).map_err(|error| self.race(name, error))
    }

    pub(super) fn drop_ref(&self, name: &str, from: ObjectId) -> Result<(), Error> {
        let moving = self.moving()?;
        let mut reference = self.repo.find_reference(name).map_err(|error| self.race(name, error))?;
        if reference.target().map(from_oid) != Some(from) {
            return Err(Error::LostRace(name.to_owned()));
        }
        // Deleting compares with the value that was found, so a move in between fails.
        let dropped = reference.delete();
        drop(moving);
        dropped.map_err(|error| self.race(name, error))
    }

    /// What it means that a ref could not be moved. A lock that was left behind is cleared, for the next try.
    fn race(&self, name: &str, error: git2::Error) -> Error {
        match error.code() {
            ErrorCode::Locked => {
                self.clear_lock(name);
                Error::LostRace(name.to_owned())
            }
            ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound => Error::LostRace(name.to_owned()),
            ErrorCode::Directory => Error::NameInTheWay(name.to_owned()),
            _ => Error::git("move a ref")(error),
        }
    }
}

pub(super) fn branch_name(id: SessionId) -> String {
    format!("refs/heads/{id}")
}

pub(super) fn open_name(id: SessionId) -> String {
    format!("refs/open/{id}")
}
