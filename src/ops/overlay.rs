//! Overlay: with which provider and in which directory a session goes on here, where it was elsewhere before. Nothing of it is written down: it is
//! what Codex is told when it resumes the session.

use std::path::{Path, PathBuf};

use super::project::repository_of;
use super::{Error, Point, Workspace};
use crate::codex::Settings;
use crate::model::repository_address::same_address;
use crate::model::{SessionId, TurnNumber};
use crate::rollout::{SessionMeta, last_settings, provider};
use crate::store::work_tree;

/// Where a session was when it was recorded last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Surroundings {
    /// The provider of its model.
    pub provider: Option<String>,
    /// The directory that it worked in.
    pub directory: Option<PathBuf>,
    /// The address of the repository that it began in.
    pub repository: Option<String>,
}

/// A session's provider, here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderHere {
    /// The one that new sessions have, or the session names none.
    Default,
    /// Another that Codex knows.
    Known(String),
    /// One that Codex does not know.
    Missing(String),
}

/// A session's directory, here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryHere {
    /// It is there, or the session names none.
    There,
    /// It was moved: somebody said so.
    Moved(PathBuf),
    /// It is gone, and this is the same place in a clone of its repository.
    Cloned(PathBuf),
    /// It is gone; this is where the person stands.
    Here(PathBuf),
}

/// With what a session goes on here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overlay {
    /// Its provider.
    pub provider: ProviderHere,
    /// Its directory.
    pub directory: DirectoryHere,
}

impl Workspace {
    /// Where a session was at a point.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn surroundings(&self, point: &Point) -> Result<Surroundings, Error> {
        let tree = self.store.read_tree(point.tree)?;
        let Some(meta) = SessionMeta::read(&self.store.read_blob(tree.meta)?) else {
            return Ok(Surroundings::default());
        };
        let mut last = self.waiting_settings(point)?.as_deref().and_then(provider);
        if meta.is_paginated && last.is_none() {
            let turns = (1..=tree.turns()).rev().filter_map(TurnNumber::new);
            for turn in turns {
                last = last_settings(&self.turn_bytes(point, turn)?).and_then(provider);
                if last.is_some() {
                    break;
                }
            }
        }
        let directory = point.message.cwd.clone().or(meta.cwd).map(PathBuf::from);
        Ok(Surroundings { provider: last.or(meta.model_provider), directory, repository: meta.repository })
    }

    /// The settings with which a fork goes on from its last turn, if they stand after that: it was given them when it was made.
    pub(super) fn waiting_settings(&self, point: &Point) -> Result<Option<Vec<u8>>, Error> {
        let branch = self.store.branch(point.message.session)?.filter(|branch| branch.tip.id == point.id);
        let open = branch.and_then(|branch| branch.open).filter(|open| open.message.kind.is_pending());
        let (Some(open), Some(turn)) = (open, TurnNumber::new(point.message.turn + 1)) else { return Ok(None) };
        let meta = SessionMeta::read(&self.store.read_blob(self.store.meta_blob(point.tree)?)?);
        if meta.is_none_or(|meta| meta.forked_at.is_none()) {
            return Ok(None);
        }
        Ok(last_settings(&self.turn_bytes(&open, turn)?).map(<[u8]>::to_vec))
    }

    /// Where a session was last; `None` if the store does not have it.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn surroundings_of(&self, session: SessionId) -> Result<Option<Surroundings>, Error> {
        // The last settings can stand after the last turn.
        self.store.branch(session)?.map(|branch| self.surroundings(branch.last())).transpose()
    }

    /// With what a session goes on here, where the person stands in `here`. Where Codex's settings can't be read, it is for Codex to say so.
    pub fn overlay(&self, was: &Surroundings, here: Option<&Path>) -> Overlay {
        let settings =
            Settings::read(self.home()).map_err(|error| tracing::info!(%error, "the settings can't be read"));
        let Ok(settings) = settings else {
            return Overlay { provider: ProviderHere::Default, directory: self.directory_here(was, here) };
        };
        let provider = match &was.provider {
            Some(name) if !settings.knows_provider(name) => ProviderHere::Missing(name.clone()),
            Some(name) if name != settings.provider() => ProviderHere::Known(name.clone()),
            _ => ProviderHere::Default,
        };
        Overlay { provider, directory: self.directory_here(was, here) }
    }

    /// The provider that Codex has for new sessions.
    ///
    /// # Errors
    /// When Codex's settings can't be read.
    pub fn default_provider(&self) -> Result<String, Error> {
        Ok(Settings::read(self.home())?.provider().to_owned())
    }

    /// Whether Codex knows a provider; else those that it knows.
    ///
    /// # Errors
    /// When Codex's settings can't be read.
    pub fn check_provider(&self, name: &str) -> Result<Result<(), Vec<String>>, Error> {
        let settings = Settings::read(self.home())?;
        let known = || settings.providers().into_iter().map(str::to_owned).collect();
        Ok(if settings.knows_provider(name) { Ok(()) } else { Err(known()) })
    }

    fn directory_here(&self, was: &Surroundings, here: Option<&Path>) -> DirectoryHere {
        let Some(was_in) = &was.directory else { return DirectoryHere::There };
        let now = was_in.to_str().map(|was_in| self.directory_now(was_in));
        if let Some(now) = now.filter(|now| now != was_in && now.is_dir()) {
            return DirectoryHere::Moved(now);
        }
        if was_in.is_dir() {
            return DirectoryHere::There;
        }
        let Some(here) = here else { return DirectoryHere::There };
        let root = repository_of(here);
        let is_clone = |root: &&Path| {
            let origin = work_tree::origin(root);
            origin
                .zip(was.repository.as_deref())
                .is_some_and(|(origin, url)| same_address(&origin) == same_address(url))
        };
        match root.filter(is_clone) {
            Some(root) => DirectoryHere::Cloned(same_place(root, was_in)),
            None => DirectoryHere::Here(here.to_owned()),
        }
    }
}

/// The directory in a clone that stands where another stood: the longest end of its path that is there.
fn same_place(root: &Path, was_in: &Path) -> PathBuf {
    let parts: Vec<_> = was_in.components().filter(|part| matches!(part, std::path::Component::Normal(_))).collect();
    let ends = (0..parts.len()).map(|first| parts[first..].iter().collect::<PathBuf>());
    ends.map(|end| root.join(end)).find(|place| place.is_dir()).unwrap_or_else(|| root.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_in_a_clone_is_the_longest_end_of_the_path_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("crates/core/src")).unwrap();
        std::fs::create_dir_all(folder.path().join("src")).unwrap();
        let place = |was: &str| same_place(folder.path(), Path::new(was));
        assert_eq!(place("/home/x/proj/crates/core/src"), folder.path().join("crates/core/src"));
        assert_eq!(place("/home/x/proj/src"), folder.path().join("src"));
        assert_eq!(place("/home/x/proj"), folder.path());
    }
}
