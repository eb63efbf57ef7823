//! Remotes: what the settings say of each. They stand in a section of their own, so that no plain `git push` in the store finds one.

use std::collections::BTreeMap;

use super::{Error, Store};
use crate::model::RemoteName;

/// The section of the settings.
const SECTION: &str = "codexgit-remote";

/// What is set for a remote, key by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteSettings(Vec<(String, String)>);

impl RemoteSettings {
    /// All keys, with their values.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The values of a key.
    pub fn values<'k>(&'k self, key: &'k str) -> impl DoubleEndedIterator<Item = &'k str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The value of a key that counts: the last.
    pub fn last<'k>(&'k self, key: &'k str) -> Option<&'k str> {
        self.values(key).next_back()
    }

    /// Whether a key says yes.
    pub fn flag(&self, key: &str) -> bool {
        self.last(key).is_some_and(|value| ["true", "yes", "on", "1"].contains(&value))
    }
}

impl Store {
    /// What is set for each remote, by its name.
    pub fn remotes(&self) -> BTreeMap<RemoteName, RemoteSettings> {
        let mut remotes: BTreeMap<RemoteName, RemoteSettings> = BTreeMap::new();
        for (key, value) in self.config().below(SECTION) {
            let Some((name, key)) = key[SECTION.len() + 1..].rsplit_once('.') else { continue };
            if let Some(name) = RemoteName::parse(name) {
                remotes.entry(name).or_default().0.push((key.to_owned(), value.to_owned()));
            }
        }
        remotes
    }

    /// Gives a key of a remote this value alone.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn set_of_remote(&self, remote: &RemoteName, key: &str, value: &str) -> Result<(), Error> {
        self.set_config(&full(remote, key), value)
    }

    /// Gives a key of a remote one more value.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn add_of_remote(&self, remote: &RemoteName, key: &str, value: &str) -> Result<(), Error> {
        self.add_config(&full(remote, key), value)
    }

    /// Takes a value of a key of a remote out.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn remove_of_remote(&self, remote: &RemoteName, key: &str, value: &str) -> Result<(), Error> {
        self.remove_config(&full(remote, key), value)
    }
}

fn full(remote: &RemoteName, key: &str) -> String {
    format!("{SECTION}.{remote}.{key}")
}
