//! Fetching what is told at a remote: beside the store, and no part of it until every commit is proven to be a recording.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{MachineId, ObjectId};
use crate::ops::import::{damaged, to_blame};
use crate::ops::record::Unproven;
use crate::ops::{Error, Workspace};
use crate::store::{Error as StoreError, GitError, Incoming, Side, Transport};

/// Where commits are to be fetched from.
pub(super) struct Source<'s> {
    pub side: &'s Side,
    pub transport: &'s Transport,
    /// What the machines keep there that tell of them.
    pub keeps: Vec<ObjectId>,
}

/// What came of commits that were to be fetched.
#[derive(Default)]
pub(super) struct Fetched {
    /// What came, proven.
    pub incoming: Vec<Incoming>,
    /// The commits that are none of ours, and why.
    pub refused: BTreeMap<ObjectId, Error>,
}

impl Fetched {
    /// Whether a commit is among what came.
    fn has(&self, id: ObjectId) -> bool {
        self.incoming.iter().any(|one| one.side().has(id))
    }

    /// Refuses commits for what is wrong with them together, but for those that came all the same.
    fn refuse<'i>(&mut self, ids: impl IntoIterator<Item = &'i ObjectId>, error: &Error) {
        for id in ids {
            if !self.has(*id) {
                let (what, reason) = ("what the remote has".to_owned(), error.to_string());
                self.refused.entry(*id).or_insert(Error::NotShared { what, reason });
            }
        }
    }

    /// Takes back that commits were refused which came since.
    fn forgive(&mut self) {
        let Self { incoming, refused } = self;
        refused.retain(|id, _| !incoming.iter().any(|one| one.side().has(*id)));
    }
}

impl Workspace {
    /// Fetches the commits that machines tell of. `known`: commits of the store that they may go on from.
    ///
    /// # Errors
    /// When the remote can't be reached.
    pub(super) fn fetch_proven(
        &self,
        from: &Source<'_>,
        wanted: &BTreeMap<MachineId, BTreeSet<ObjectId>>,
        known: &[ObjectId],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Fetched, Error> {
        let all: BTreeSet<ObjectId> = wanted.values().flatten().copied().collect();
        let mut fetched = Fetched::default();
        if all.is_empty() {
            return Ok(fetched);
        }
        let Err(error) = self.fetch_some(from, all, known, &mut fetched, progress) else { return Ok(fetched) };
        if wanted.len() < 2 {
            // Nothing else was wanted.
            let of_all = wanted.values().flatten();
            if is_remote(&error) {
                return Err(error);
            }
            fetched.refuse(of_all, &error);
            return Ok(fetched);
        }
        // One machine's commits must not keep those of the others away.
        let mut failures = 0;
        for (machine, ids) in wanted {
            match self.fetch_some(from, ids.clone(), known, &mut fetched, progress) {
                // What another machine told along with what is wrong.
                Ok(()) => fetched.forgive(),
                Err(error) => {
                    tracing::info!(%machine, %error, "what a machine tells is left out");
                    failures += 1;
                    fetched.refuse(ids, &error);
                }
            }
        }
        if failures == wanted.len() && is_remote(&error) { Err(error) } else { Ok(fetched) }
    }

    /// Fetches commits until all that came are proven: without those that are not.
    fn fetch_some(
        &self,
        from: &Source<'_>,
        mut wanted: BTreeSet<ObjectId>,
        known: &[ObjectId],
        fetched: &mut Fetched,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), Error> {
        wanted.retain(|id| !fetched.has(*id));
        while !wanted.is_empty() {
            let ids: Vec<ObjectId> = wanted.iter().copied().collect();
            let incoming = match self.store.fetch_in(from.transport, &ids, known, progress) {
                Err(StoreError::Git(GitError::Program { said, .. })) if said.contains("unadvertised") => {
                    self.fetch_by_keeps(from, &ids, known, progress)?
                }
                Err(StoreError::Git(GitError::Program { doing, said })) => match lacking(&said, &wanted) {
                    // One that nobody has keeps no other away.
                    Some(id) => {
                        wanted.remove(&id);
                        let reason = "the remote does not have it".to_owned();
                        fetched.refused.insert(id, Error::NotShared { what: "what is told".to_owned(), reason });
                        continue;
                    }
                    None => return Err(GitError::Program { doing, said }.into()),
                },
                incoming => incoming.map_err(damaged_unless_remote)?,
            };
            let refused = self.prove(&incoming, &ids)?;
            if refused.is_empty() {
                fetched.incoming.push(incoming);
                return Ok(());
            }
            for (id, error) in refused {
                wanted.remove(&id);
                fetched.refused.insert(id, error);
            }
        }
        Ok(())
    }

    /// Fetches from a remote that gives no commit by its id: all that machines keep there, and out of that what is wanted.
    fn fetch_by_keeps(
        &self,
        from: &Source<'_>,
        ids: &[ObjectId],
        known: &[ObjectId],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Incoming, Error> {
        from.side.fetch(from.transport, &from.keeps, known, progress)?;
        let here = Transport::new(&from.side.path().to_string_lossy(), false, false);
        let here = here.map_err(|reason| Error::BadAddress { address: String::new(), reason })?;
        self.store.fetch_in(&here, ids, known, progress).map_err(damaged_unless_remote)
    }

    /// Proves commits that came; gives those that are no recordings.
    fn prove(&self, incoming: &Incoming, ids: &[ObjectId]) -> Result<Vec<(ObjectId, Error)>, Error> {
        let Unproven { refused, has_more } = Unproven::of(incoming, ids, &self.store)?;
        if has_more {
            let reason = "more came than was asked for".to_owned();
            return Err(Error::NotShared { what: "what the remote has".to_owned(), reason });
        }
        Ok(refused.into_iter().map(|(id, error)| (id, to_blame(error))).collect())
    }
}

/// Which of the commits that were asked for the remote does not have, if it says so.
fn lacking(said: &str, wanted: &BTreeSet<ObjectId>) -> Option<ObjectId> {
    let id = said.split_once("not our ref ")?.1.split(' ').next()?.parse().ok()?;
    wanted.contains(&id).then_some(id)
}

/// Whether an error says that the remote could not be had, and not what is wrong with what it has.
fn is_remote(error: &Error) -> bool {
    matches!(error, Error::Store(StoreError::Git(GitError::Program { .. } | GitError::Io { .. })))
}

/// What git says of a remote is said as it is: it can be that nobody answers.
fn damaged_unless_remote(error: StoreError) -> Error {
    match error {
        error @ StoreError::Git(GitError::Program { .. }) => error.into(),
        error => damaged(error),
    }
}
