//! Forgetting code: by turn, session, project, path or age, when a person asks, and by age as a store grows.

use std::collections::HashSet;
use std::path::Path;

use crate::code::{Bounds, CodeStore, Forgotten, Freed};
use crate::model::code::TurnKey;
use crate::model::{CommitKind, SessionId};
use crate::ops::{Error, Point, Workspace};

impl Workspace {
    /// Forgets the snapshots of a session, in whichever project; or of one turn of it.
    ///
    /// # Errors
    /// When something can't be read or written.
    pub fn forget_code_of(&self, session: SessionId, turn: Option<&Point>) -> Result<Freed, Error> {
        let ids: Option<Vec<String>> = turn.map(|point| match &point.message.kind {
            CommitKind::Turn { ids, .. } => ids.clone(),
            _ => Vec::new(),
        });
        let owner = turn.map_or(session, |point| point.message.session);
        let is_meant = |key: &TurnKey| {
            key.session == owner && ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == key.turn()))
        };
        self.forget_everywhere(&Forgotten::Turns(&is_meant))
    }

    /// Forgets what is older than so many seconds. The newest snapshot of each root stays, and those of turns that a save names.
    ///
    /// # Errors
    /// As [`Workspace::forget_code_of`].
    pub fn forget_code_before(&self, time: i64) -> Result<Freed, Error> {
        let saved = self.turns_with_saves()?;
        self.forget_everywhere(&Forgotten::Before { time, spared: &|key| saved.contains(key) })
    }

    /// Forgets all that is kept of a project, or a path in all its snapshots.
    ///
    /// # Errors
    /// As [`Workspace::forget_code_of`].
    pub fn forget_code_here(&self, directory: &Path, bounds: &Bounds, path: Option<&[u8]>) -> Result<Freed, Error> {
        let (own, root) = self.code_store(directory, bounds)?;
        let what = path.map_or(Forgotten::All, |path| Forgotten::Path(path.to_vec()));
        let mut all = own.forget(&what)?;
        // What was kept before somebody said that the project was moved is in a store of its own.
        for store in self.code_stores().iter().filter(|store| store.path() != own.path() && store.is_of(&root)) {
            all += store.forget(&what)?;
        }
        Ok(all)
    }

    /// Forgets what is older than the settings say, and packs the rest closely.
    ///
    /// # Errors
    /// As [`Workspace::forget_code_of`].
    pub fn prune_code(&self, now: i64) -> Result<Freed, Error> {
        self.each_code_store(|store| self.prune_one(store, now))
    }

    /// Forgets what is old in a store. What no ref reaches goes in any case: a run that was stopped can have left it.
    fn prune_one(&self, store: &CodeStore, now: i64) -> Result<Freed, Error> {
        let mut freed = self.forget_old(store, now)?;
        if freed.snapshots == 0 {
            freed.bytes += store.merge()?;
        }
        Ok(freed)
    }

    /// Forgets what is older than the settings say in one store.
    pub(super) fn forget_old(&self, store: &CodeStore, now: i64) -> Result<Freed, Error> {
        let (saved, time) = (self.turns_with_saves()?, now.saturating_sub(self.code_lifetime()));
        Ok(store.forget(&Forgotten::Before { time, spared: &|key| saved.contains(key) })?)
    }

    /// Prunes one project's, when its store has become scattered.
    pub(super) fn tidy_code(&self, directory: &Path, bounds: &Bounds, now: i64) -> Result<(), Error> {
        let (store, _) = self.code_store(directory, bounds)?;
        if store.is_scattered() {
            self.prune_one(&store, now)?;
        }
        Ok(())
    }

    fn forget_everywhere(&self, what: &Forgotten<'_>) -> Result<Freed, Error> {
        self.each_code_store(|store| Ok(store.forget(what)?))
    }

    fn turns_with_saves(&self) -> Result<HashSet<TurnKey>, Error> {
        let mut turns = HashSet::new();
        for save in self.saves()? {
            let Ok(point) = self.store.commit(save.commit) else { continue };
            if let CommitKind::Turn { ids, .. } = &point.message.kind {
                turns.extend(ids.iter().filter_map(|id| TurnKey::new(point.message.session, id)));
            }
        }
        Ok(turns)
    }
}
