//! A repository that was cloned from a store: it has everything but the settings, which no clone takes along.
//!
//! `git clone --mirror` of a store is a backup of it; to be used again it needs what [`Store::init`] writes. That is written only
//! into what certainly came from a store: a bare repository whose branches are sessions, each with a commit of that session.

use std::fs;
use std::path::Path;

use super::repository::FORMAT_KEY;
use super::{Error, Store};
use crate::disk::private;
use crate::git::Error as GitError;
use crate::git::refs::guard::LOCK;
use crate::git::repository::Settings;

/// What every store says of itself.
const BARE: (&str, &str) = ("core.bare", "true");

impl Store {
    /// Whether every branch is a session's, and there are some.
    fn holds_sessions(&self) -> Result<bool, Error> {
        let heads = self.all_heads()?;
        let branches = self.refs.below("refs/heads/")?;
        let tips = heads.iter().filter_map(|(session, (tip, _))| Some((session, (*tip)?)));
        // One that is damaged is no reason to refuse the others.
        let ours = |(session, tip): (&_, _)| self.commit(tip).is_ok_and(|commit| commit.message.session == *session);
        let ours = tips.filter(|tip| ours(*tip)).count();
        let damaged = branches.values().filter(|tip| self.commit(**tip).is_err_and(|error| is_unreadable(&error)));
        Ok(ours > 0 && ours + damaged.count() == branches.len())
    }
}

/// Whether an object could not be read; one that is read and says something else is not ours.
fn is_unreadable(error: &Error) -> bool {
    matches!(error, Error::Git(GitError::Damaged(_) | GitError::Lost(_) | GitError::Io { .. }))
}

/// Takes out where a repository was cloned from: a mirror's `git fetch` would move sessions back, and drop those that are not there.
pub(super) fn forget_origin(path: &Path) -> Result<(), Error> {
    let mut settings = Settings::of(path)?;
    let mut keys: Vec<String> = settings.below("remote")?.into_iter().map(|(key, _)| key).collect();
    keys.sort();
    keys.dedup();
    Ok(keys.iter().try_for_each(|key| settings.remove(key))?)
}

/// Gives a repository that certainly was a store, and lost its file of settings, an empty one; one that git can't read is set aside. Tells
/// whether there is one then.
fn ensure_settings(path: &Path) -> Result<bool, Error> {
    let config = path.join("config");
    let was_store = path.join(LOCK).is_file();
    if !was_store || (config.exists() && !config.is_file()) {
        return Ok(config.is_file());
    }
    // Only who writes is told of all that is wrong with them.
    let is_sound = |mut settings: Settings| settings.set(BARE.0, BARE.1).is_ok();
    if config.exists() && !Settings::of(path).is_ok_and(is_sound) {
        fs::rename(&config, path.join("config.broken")).map_err(Error::io("set the store's settings aside"))?;
    }
    if !config.exists() {
        private::create(&config, b"").map_err(Error::io("write the store's settings"))?;
    }
    Ok(true)
}

/// Whether a repository came from a store, and lacks nothing but its settings.
pub(super) fn is_clone(path: &Path) -> Result<bool, Error> {
    if !path.join("HEAD").is_file() || !path.join("objects").is_dir() || !ensure_settings(path)? {
        return Ok(false);
    }
    let settings = Settings::of(path)?;
    if !settings.flag("core.bare").unwrap_or(true) || settings.number(FORMAT_KEY).is_some() {
        return Ok(false);
    }
    let store = Store::at(path)?;
    store.check_owner()?;
    store.holds_sessions()
}
