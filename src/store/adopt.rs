//! A repository that was cloned from a store: it has everything but the settings, which no clone takes along.
//!
//! `git clone --mirror` of a store is a backup of it; to be used again it needs what [`Store::init`] writes. That is written only
//! into what certainly came from a store: a bare repository whose branches are sessions, each with a commit of that session.

use std::path::Path;

use super::{Error, Store};

impl Store {
    /// Whether every branch is a session's, and there are some.
    fn holds_sessions(&self) -> Result<bool, Error> {
        let heads = self.all_heads()?;
        let branches = self.refs_below("refs/heads/")?;
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
    matches!(error, Error::Damaged(_) | Error::Lost(_) | Error::Io { .. })
}

/// Takes out where a repository was cloned from: a mirror's `git fetch` would move sessions back, and drop those that are not there.
pub(super) fn forget_origin(path: &Path) -> Result<(), Error> {
    let change = || Error::git("write the store's settings");
    let mut config = git2::Config::open(&path.join("config")).map_err(change())?;
    let mut names = Vec::new();
    let entries = config.entries(Some("^remote\\.")).map_err(change())?;
    entries.for_each(|entry| names.extend(entry.name().ok().map(str::to_owned))).map_err(change())?;
    names.sort();
    names.dedup();
    names.iter().try_for_each(|name| config.remove_multivar(name, ".*")).map_err(change())
}

/// Whether a repository came from a store, and lacks nothing but its settings.
pub(super) fn is_clone(path: &Path) -> Result<bool, Error> {
    let bare = path.join("config").is_file() && path.join("HEAD").is_file() && path.join("objects").is_dir();
    if !bare {
        return Ok(false);
    }
    let config = git2::Config::open(&path.join("config")).map_err(Error::git("read the store's settings"))?;
    if !config.get_bool("core.bare").unwrap_or(true) || config.get_i64(super::repository::FORMAT_KEY).is_ok() {
        return Ok(false);
    }
    let store = Store::at(path)?;
    store.check_owner()?;
    store.holds_sessions()
}
